//! The one way to ask who is on call.

use super::claim::{Claim, Source};
use super::exception::holding;
use super::piece::{LayerView, Piece, Span, Who};
use super::wall::Wall;
use crate::model::{Duty, Schedule, ScheduleFacts, ScheduleId, Shift, Temporary, View};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How far ahead the next shift is looked for.
const NEXT_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 92);

/// Everything about one schedule: its definitions, overrides, temporary schedules and absences. Copies nothing.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    id: &'a ScheduleId,
    configured: Option<&'a Schedule>,
    pub(super) facts: Option<&'a ScheduleFacts>,
    pub(super) duty: &'a Duty,
}

/// The calendar of a schedule that is, or was, configured. `None` when there never was one of this name.
pub fn calendar<'a>(view: View<'a>, id: &'a ScheduleId) -> Option<Calendar<'a>> {
    let configured = view.directory.schedules.get(id).map(Arc::as_ref);
    known(id, configured, view.state.duty())
}

fn known<'a>(
    id: &'a ScheduleId,
    configured: Option<&'a Schedule>,
    duty: &'a Duty,
) -> Option<Calendar<'a>> {
    let facts = duty.of(id);
    let is_known = configured.is_some() || facts.is_some_and(|facts| !facts.revisions().is_empty());
    is_known.then_some(Calendar { id, configured, facts, duty })
}

/// A calendar as it was at one moment, for whoever must not hold the state while it computes.
#[derive(Clone, Debug)]
pub struct Snapshot {
    id: ScheduleId,
    configured: Option<Arc<Schedule>>,
    duty: Arc<Duty>,
}

/// Keeps a calendar; cheap. `None` as [`calendar`].
pub fn snapshot(view: View<'_>, id: &ScheduleId) -> Option<Snapshot> {
    calendar(view, id)?;
    let configured = view.directory.schedules.get(id).cloned();
    Some(Snapshot { id: id.clone(), configured, duty: view.state.duty().clone() })
}

impl Snapshot {
    /// The calendar.
    pub fn calendar(&self) -> Calendar<'_> {
        let configured = self.configured.as_deref();
        let facts = self.duty.of(&self.id);
        Calendar { id: &self.id, configured, facts, duty: &self.duty }
    }
}

impl<'a> Calendar<'a> {
    /// Of which schedule.
    pub fn id(&self) -> &'a ScheduleId {
        self.id
    }

    /// Answers who is on call at `at`, since when and until when: one turn, cut by what lies over it. `None` in a gap.
    pub fn on_call(&self, at: Timestamp) -> Option<Shift> {
        self.look(at).ok().map(Claim::to_shift)
    }

    /// The first shift that is on call at `at` or later, within 92 days of it: at the end of a shift, who takes over.
    pub fn next_after(&self, at: Timestamp) -> Option<Shift> {
        let until = at.checked_add(NEXT_WITHIN).ok()?;
        let mut at = at;
        while at < until {
            match self.look(at) {
                Ok(claim) => return Some(claim.to_shift()),
                Err((_, ends_at)) => at = ends_at,
            }
        }
        None
    }

    /// The definition in force at `at`, and since when until when it is. `None` in it: there is no such schedule then.
    pub fn definition_at(&self, at: Timestamp) -> (Option<&'a Schedule>, Timestamp, Timestamp) {
        let revisions = self.facts.map_or(&[][..], ScheduleFacts::revisions);
        if revisions.is_empty() {
            return (self.configured, Timestamp::MIN, Timestamp::MAX);
        }
        let effective = |place: usize| revisions.get(place).map(|one| one.effective_from);
        let next =
            revisions.partition_point(|one| one.effective_from.is_none_or(|from| from <= at));
        let to = effective(next).flatten().unwrap_or(Timestamp::MAX);
        match next.checked_sub(1) {
            None => (None, Timestamp::MIN, to),
            Some(place) => {
                let from = effective(place).flatten().unwrap_or(Timestamp::MIN);
                (revisions[place].definition.as_deref(), from, to)
            }
        }
    }

    /// Who is on call at `at`, over the span in which that is so; nobody over the span of the error.
    fn look(&self, at: Timestamp) -> Result<Claim<'a>, Span> {
        let mut span = (Timestamp::MIN, Timestamp::MAX);
        if let Some(facts) = self.facts {
            if let Some(over) = holding(facts.overrides(), at, &mut span) {
                return Ok(Claim::new(span, &over.person, Source::Override(&over.id)));
            }
            if let Some(temporary) = holding(facts.temporaries(), at, &mut span) {
                return fixed_at(temporary, at, span);
            }
        }
        let (definition, from, to) = self.definition_at(at);
        narrow(&mut span, (from, to));
        let schedule = definition.ok_or(span)?;
        self.look_at_layers(schedule, at, span)
    }

    fn look_at_layers(
        &self,
        schedule: &'a Schedule,
        at: Timestamp,
        mut span: Span,
    ) -> Result<Claim<'a>, Span> {
        let shared = Wall::new(&schedule.time_zone);
        for layer in schedule.layers.iter().rev() {
            let own = layer.time_zone.as_ref().map(Wall::new);
            let wall = own.as_ref().unwrap_or(&shared);
            let view = LayerView::new(layer, wall, self.duty, schedule.on_absence);
            let Some(view) = view else { continue };
            let piece = view.piece_at(wall, at);
            if piece.may_go_on {
                let run = free_run(&view, wall, &piece, span);
                narrow(&mut span, run);
                continue;
            }
            narrow(&mut span, (piece.from, piece.to));
            match piece.who {
                Who::Free => {}
                Who::Nobody => return Err(span),
                Who::Person { person, instead_of } => {
                    let source = Source::Layer(&layer.name);
                    return Ok(Claim { span, person, instead_of, source });
                }
            }
        }
        Err(span)
    }
}

fn narrow(span: &mut Span, to: Span) {
    *span = (span.0.max(to.0), span.1.min(to.1));
}

/// How far the layer is free around a free piece, as far as `within`.
fn free_run(view: &LayerView<'_>, wall: &Wall<'_>, piece: &Piece<'_>, within: Span) -> Span {
    let (mut from, mut to) = (piece.from, piece.to);
    let is_free = |piece: &Piece<'_>| piece.who == Who::Free;
    while within.0 < from
        && let Ok(before) = from.checked_sub(SignedDuration::from_nanos(1))
        && let piece = view.piece_at(wall, before)
        && is_free(&piece)
    {
        from = piece.from;
    }
    while to < within.1
        && let piece = view.piece_at(wall, to)
        && is_free(&piece)
    {
        to = piece.to;
    }
    (from, to)
}

/// The fixed shift at `at`, or the gap between two.
fn fixed_at(temporary: &Temporary, at: Timestamp, mut span: Span) -> Result<Claim<'_>, Span> {
    let shifts = &temporary.shifts;
    let next = shifts.partition_point(|shift| shift.ends_at <= at);
    if let Some(before) = next.checked_sub(1).map(|place| &shifts[place]) {
        span.0 = span.0.max(before.ends_at);
    }
    let shift = shifts.get(next).ok_or(span)?;
    if at < shift.starts_at {
        span.1 = span.1.min(shift.starts_at);
        return Err(span);
    }
    narrow(&mut span, (shift.starts_at, shift.ends_at));
    Ok(Claim::new(span, &shift.person, Source::Temporary(&temporary.id)))
}
