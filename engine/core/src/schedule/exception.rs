//! What lies over the layers: overrides and temporary schedules. The newest that holds at an instant wins.

use super::piece::Span;
use crate::model::{Override, Temporary};
use jiff::Timestamp;
use std::sync::Arc;

/// An override or a temporary schedule.
pub(super) trait Exception {
    /// From when until when it holds: not before it was made.
    fn span(&self) -> Span;
    /// The greater of two wins.
    fn rank(&self) -> (Timestamp, &str);

    /// Whether it holds at all.
    fn has_length(&self) -> bool {
        self.span().0 < self.span().1
    }
}

impl Exception for Override {
    fn span(&self) -> Span {
        (self.starts_at.max(self.created_at), self.ends_at)
    }

    fn rank(&self) -> (Timestamp, &str) {
        (self.created_at, self.id.as_str())
    }
}

impl Exception for Temporary {
    fn span(&self) -> Span {
        (self.starts_at.max(self.created_at), self.ends_at)
    }

    fn rank(&self) -> (Timestamp, &str) {
        (self.created_at, self.id.as_str())
    }
}

/// The one of `by_end` that holds at `at`. Narrows `bounds` to where the answer is the same.
pub(super) fn holding<'a, E: Exception>(
    by_end: &'a [Arc<E>],
    at: Timestamp,
    bounds: &mut Span,
) -> Option<&'a E> {
    let (ended, others) = by_end.split_at(by_end.partition_point(|one| one.span().1 <= at));
    let holds = |one: &&Arc<E>| one.has_length() && one.span().0 <= at;
    let top = others.iter().filter(holds).max_by(|a, b| a.rank().cmp(&b.rank()));
    let floor = match top {
        Some(top) => {
            bounds.0 = bounds.0.max(top.span().0);
            bounds.1 = bounds.1.min(top.span().1);
            Some(top.rank())
        }
        None => None,
    };
    let is_above = |one: &&Arc<E>| one.has_length() && floor.is_none_or(|floor| floor < one.rank());
    let last = ended.iter().rev().take_while(|one| bounds.0 < one.span().1).find(is_above);
    if let Some(last) = last {
        bounds.0 = last.span().1;
    }
    for one in others.iter().filter(is_above).filter(|one| at < one.span().0) {
        bounds.1 = bounds.1.min(one.span().0);
    }
    top.map(|top| &**top)
}

/// Those that meet `[from, to)`, newest first.
pub(super) fn newest_first<E: Exception>(
    by_end: &[Arc<E>],
    from: Timestamp,
    to: Timestamp,
) -> Vec<&E> {
    let others = &by_end[by_end.partition_point(|one| one.span().1 <= from)..];
    let meets = |one: &&Arc<E>| one.has_length() && one.span().0 < to;
    let mut found: Vec<&E> = others.iter().filter(meets).map(|one| &**one).collect();
    found.sort_by(|a, b| b.rank().cmp(&a.rank()));
    found
}
