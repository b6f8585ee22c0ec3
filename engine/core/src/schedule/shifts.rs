//! Shifts and gaps over a span of time.

use super::Calendar;
use super::claim::{Claim, Source, merged};
use super::exception::{Exception, newest_first};
use super::piece::{LayerView, Span, Who};
use super::wall::Wall;
use crate::model::{Absence, Duty, Schedule, ScheduleFacts, Shift, Temporary};
use jiff::Timestamp;
use std::sync::Arc;

/// A shift, or a part of one, whose person is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// The part that falls into the absence.
    pub shift: Shift,
    /// The absence.
    pub absence: Arc<Absence>,
}

impl<'a> Calendar<'a> {
    /// Returns the shifts that meet `[from, to)`, earliest first, cut to it. Neighbours of one person from one source are
    /// one shift. What no shift covers is a gap.
    pub fn shifts(&self, from: Timestamp, to: Timestamp) -> Vec<Shift> {
        if from >= to {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut open = vec![(from, to)];
        if let Some(facts) = self.facts {
            open = exceptions(facts, (from, to), open, &mut found);
        }
        for (from, to) in open {
            let mut at = from;
            while at < to {
                let (definition, _, until) = self.definition_at(at);
                let until = until.min(to);
                if let Some(schedule) = definition {
                    layers(schedule, self.duty, vec![(at, until)], &mut found);
                }
                at = until;
            }
        }
        merged(&found)
    }

    /// Returns the spans of `[from, to)` in which nobody is on call, earliest first.
    pub fn gaps(&self, from: Timestamp, to: Timestamp) -> Vec<Span> {
        let mut gaps = Vec::new();
        let mut at = from;
        for shift in self.shifts(from, to) {
            if at < shift.starts_at {
                gaps.push((at, shift.starts_at));
            }
            at = shift.ends_at;
        }
        if at < to {
            gaps.push((at, to));
        }
        gaps
    }

    /// Returns the parts of shifts in `[from, to)` whose person is absent, by shift and end of the absence.
    pub fn uncovered(&self, from: Timestamp, to: Timestamp) -> Vec<Uncovered> {
        let mut found = Vec::new();
        for shift in self.shifts(from, to) {
            for absence in self.duty.absences_of(&shift.person) {
                let starts_at = shift.starts_at.max(absence.starts_at);
                let ends_at = shift.ends_at.min(absence.ends_at);
                if starts_at < ends_at {
                    let shift = Shift { starts_at, ends_at, ..shift.clone() };
                    found.push(Uncovered { shift, absence: absence.clone() });
                }
            }
        }
        found
    }
}

/// Overrides, then temporary schedules; answers what they leave open.
fn exceptions<'a>(
    facts: &'a ScheduleFacts,
    (from, to): Span,
    mut open: Vec<Span>,
    found: &mut Vec<Claim<'a>>,
) -> Vec<Span> {
    for over in newest_first(facts.overrides(), from, to) {
        open = take(&open, over.span(), |span| {
            found.push(Claim::new(span, &over.person, Source::Override(&over.id)));
        });
    }
    for temporary in newest_first(facts.temporaries(), from, to) {
        open = take(&open, temporary.span(), |span| fixed(temporary, span, found));
    }
    open
}

/// Gives `span` what is still open of it; answers what stays open.
fn take(open: &[Span], span: Span, mut give: impl FnMut(Span)) -> Vec<Span> {
    let mut left = Vec::with_capacity(open.len() + 1);
    for (from, to) in open.iter().copied() {
        let (a, b) = (from.max(span.0), to.min(span.1));
        if a >= b {
            left.push((from, to));
            continue;
        }
        if from < a {
            left.push((from, a));
        }
        give((a, b));
        if b < to {
            left.push((b, to));
        }
    }
    left
}

fn fixed<'a>(temporary: &'a Temporary, (from, to): Span, found: &mut Vec<Claim<'a>>) {
    let first = temporary.shifts.partition_point(|shift| shift.ends_at <= from);
    for shift in temporary.shifts[first..].iter().take_while(|shift| shift.starts_at < to) {
        let span = (shift.starts_at.max(from), shift.ends_at.min(to));
        found.push(Claim::new(span, &shift.person, Source::Temporary(&temporary.id)));
    }
}

fn layers<'a>(
    schedule: &'a Schedule,
    duty: &'a Duty,
    mut open: Vec<Span>,
    found: &mut Vec<Claim<'a>>,
) {
    let shared = Wall::new(&schedule.time_zone);
    for layer in schedule.layers.iter().rev() {
        if open.is_empty() {
            break;
        }
        let own = layer.time_zone.as_ref().map(Wall::new);
        let wall = own.as_ref().unwrap_or(&shared);
        let view = LayerView::new(layer, wall, duty, schedule.on_absence);
        if let Some(view) = view {
            open = cover(&view, wall, &open, found);
        }
    }
}

/// Lets a layer have what is still open of its pieces; answers what stays open. Both are sorted and apart.
fn cover<'a>(
    view: &LayerView<'a>,
    wall: &Wall<'_>,
    open: &[Span],
    found: &mut Vec<Claim<'a>>,
) -> Vec<Span> {
    let Some((first, _)) = open.first() else { return Vec::new() };
    let mut left: Vec<Span> = Vec::with_capacity(open.len());
    let mut piece = view.piece_at(wall, *first);
    for (from, to) in open.iter().copied() {
        // Only what is open is looked at: an override for years lies over all turns in it.
        let mut at = from;
        while at < to {
            if piece.to <= at {
                piece = view.piece_at(wall, at);
            }
            let end = piece.to.min(to);
            match piece.who {
                Who::Nobody => {}
                Who::Free => match left.last_mut() {
                    Some(before) if before.1 == at && from < at => before.1 = end,
                    _ => left.push((at, end)),
                },
                Who::Person { person, instead_of } => {
                    let source = Source::Layer(&view.layer.name);
                    found.push(Claim { span: (at, end), person, instead_of, source });
                }
            }
            at = end;
        }
    }
    left
}
