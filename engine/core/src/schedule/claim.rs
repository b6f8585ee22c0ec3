//! Somebody's duty, still borrowed: made into a [`Shift`] when it is known to be one.

use super::piece::Span;
use crate::model::{OverrideId, PersonId, Shift, ShiftSource, TemporaryId};
use std::sync::Arc;

/// Where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source<'a> {
    Layer(&'a Arc<str>),
    Override(&'a OverrideId),
    Temporary(&'a TemporaryId),
}

/// Who, when and why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    pub(super) span: Span,
    pub(super) person: &'a PersonId,
    pub(super) instead_of: Option<&'a PersonId>,
    pub(super) source: Source<'a>,
}

impl<'a> Claim<'a> {
    /// A claim in one's own name.
    pub(super) fn new(span: Span, person: &'a PersonId, source: Source<'a>) -> Self {
        Self { span, person, instead_of: None, source }
    }

    fn goes_on_as(&self, next: &Self) -> bool {
        self.span.1 == next.span.0
            && self.source == next.source
            && self.person == next.person
            && self.instead_of == next.instead_of
    }

    pub(super) fn to_shift(self) -> Shift {
        Shift {
            person: self.person.clone(),
            starts_at: self.span.0,
            ends_at: self.span.1,
            source: match self.source {
                Source::Layer(name) => ShiftSource::Layer(name.clone()),
                Source::Override(id) => ShiftSource::Override(id.clone()),
                Source::Temporary(id) => ShiftSource::Temporary(id.clone()),
            },
            instead_of: self.instead_of.cloned(),
        }
    }
}

/// Shifts, earliest first, of claims that are apart from each other. Neighbours that are the same duty are one.
pub(super) fn merged(claims: &[Claim<'_>]) -> Vec<Shift> {
    // What is sorted is small: a year of many layers has tens of thousands of claims.
    let mut order: Vec<_> = (0u32..).zip(claims).map(|(place, c)| (c.span.0, place)).collect();
    order.sort_unstable();
    let mut shifts = Vec::new();
    let mut current: Option<Claim<'_>> = None;
    for claim in order.into_iter().filter_map(|(_, place)| claims.get(place as usize)) {
        match &mut current {
            Some(last) if last.goes_on_as(claim) => last.span.1 = claim.span.1,
            _ => shifts.extend(current.replace(*claim).map(Claim::to_shift)),
        }
    }
    shifts.extend(current.map(Claim::to_shift));
    shifts
}
