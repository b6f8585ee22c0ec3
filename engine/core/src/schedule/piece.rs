//! What one layer says about an instant, and since when until when it says the same.

use super::turn::Turns;
use super::wall::Wall;
use super::window::{Hours, hours_at};
use crate::model::{Absence, Duty, Layer, OnAbsence, PersonId};
use jiff::Timestamp;

/// A span of time.
pub(super) type Span = (Timestamp, Timestamp);

/// Whom a layer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who<'a> {
    /// It covers nothing: the layers below show.
    Free,
    /// An explicit nobody.
    Nobody,
    /// Somebody.
    Person { person: &'a PersonId, instead_of: Option<&'a PersonId> },
}

/// The same answer over `[from, to)`. Neighbours may say the same, but those of a free piece only where it says so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) who: Who<'a>,
    /// It is free, and what is beside it may be so too.
    pub(super) may_go_on: bool,
}

impl<'a> Piece<'a> {
    fn new(from: i64, to: i64, who: Who<'a>) -> Self {
        Self { from: instant(from), to: instant(to), who, may_go_on: false }
    }

    fn cut(mut self, span: Span) -> Self {
        self.from = self.from.max(span.0);
        self.to = self.to.min(span.1);
        self
    }
}

fn instant(seconds: i64) -> Timestamp {
    let edge = || if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(seconds).unwrap_or_else(|_| edge())
}

/// One layer, ready to be asked.
#[derive(Debug)]
pub(super) struct LayerView<'a> {
    pub(super) layer: &'a Layer,
    turns: Turns<'a>,
    start: i64,
    end: i64,
    /// Absences that pass turns on; `None`: they are only shown.
    absences: Option<&'a Duty>,
}

impl<'a> LayerView<'a> {
    /// `None` when the layer covers nothing at all.
    pub(super) fn new(
        layer: &'a Layer,
        wall: &Wall<'_>,
        duty: &'a Duty,
        on_absence: OnAbsence,
    ) -> Option<Self> {
        if layer.people.is_empty() {
            return None;
        }
        let turns = Turns::of(layer)?;
        let start = turns.start(wall)?;
        let end = match layer.end {
            Some(end) => wall.instant(super::wall::seconds(end)?)?,
            None => i64::MAX,
        };
        let absences = (on_absence == OnAbsence::Next).then_some(duty);
        (start < end).then_some(Self { layer, turns, start, end, absences })
    }

    /// What the layer says at `at`.
    pub(super) fn piece_at(&self, wall: &Wall<'_>, at: Timestamp) -> Piece<'a> {
        let second = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
        if second < self.start {
            let before = Piece::new(i64::MIN, self.start, Who::Free);
            return Piece { may_go_on: true, ..before };
        }
        if second >= self.end {
            let after = Piece::new(self.end, i64::MAX, Who::Free);
            return Piece { may_go_on: true, ..after };
        }
        let beyond = || Piece { from: at, to: Timestamp::MAX, who: Who::Free, may_go_on: false };
        let windows = self.layer.restrictions.windows();
        let (mut from, mut to) = (self.start, self.end);
        if !windows.is_empty() {
            match hours_at(windows, wall, second) {
                Some(Hours::Inside { from: a, to: b }) => (from, to) = (from.max(a), to.min(b)),
                Some(Hours::Between { from: a, to: b }) => {
                    // The first window may begin after the layer does, and end before it.
                    return Piece::new(
                        if a < self.start { i64::MIN } else { a },
                        if b > self.end { i64::MAX } else { b },
                        Who::Free,
                    );
                }
                None => return beyond(),
            }
        }
        let Some(turn) = self.turns.at(wall, second) else { return beyond() };
        let place = self.turns.place(turn.index);
        let (from, to) = (from.max(turn.from), to.min(turn.to));
        match &self.layer.people[place] {
            None => Piece::new(from, to, Who::Nobody),
            Some(person) => {
                let who = Who::Person { person, instead_of: None };
                let piece = Piece::new(from, to, who);
                match self.absences {
                    None => piece,
                    Some(duty) => self.who_is_there(piece, place, duty, at),
                }
            }
        }
    }

    /// Passes the piece on to the next person of the rotation who is there.
    fn who_is_there(
        &self,
        piece: Piece<'a>,
        place: usize,
        duty: &Duty,
        at: Timestamp,
    ) -> Piece<'a> {
        let mut piece = piece;
        let people = &self.layer.people;
        let rotation = (0..people.len()).map(|step| people[(place + step) % people.len()].as_ref());
        let mut first = None;
        for person in rotation.flatten() {
            let (is_absent, span) = presence(duty.absences_of(person), at);
            piece = piece.cut(span);
            let instead_of = *first.get_or_insert(person);
            if !is_absent {
                let instead_of = (instead_of != person).then_some(instead_of);
                return Piece { who: Who::Person { person, instead_of }, ..piece };
            }
        }
        Piece { who: Who::Free, may_go_on: true, ..piece }
    }
}

/// Whether somebody is absent at `at`, and since when until when that is so. `own` is sorted by end.
fn presence(own: &[std::sync::Arc<Absence>], at: Timestamp) -> (bool, Span) {
    let spans =
        own.iter().map(|absence| (absence.starts_at.max(absence.created_at), absence.ends_at));
    let spans = spans.filter(|(from, to)| from < to);
    let mut around: Span = (Timestamp::MIN, Timestamp::MAX);
    let mut absent: Option<Span> = None;
    for (from, to) in spans.clone() {
        if to <= at {
            around.0 = around.0.max(to);
        } else if at < from {
            around.1 = around.1.min(from);
        } else {
            let known = absent.get_or_insert((from, to));
            *known = (known.0.min(from), known.1.max(to));
        }
    }
    let Some(mut absent) = absent else { return (false, around) };
    // Absences that touch are one.
    loop {
        let before = absent;
        for (from, to) in spans.clone() {
            if from <= absent.1 && absent.0 <= to {
                absent = (absent.0.min(from), absent.1.max(to));
            }
        }
        if before == absent {
            return (true, absent);
        }
    }
}
