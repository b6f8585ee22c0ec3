//! Who is on call: layers, turns and overrides resolved to shifts.
//!
//! An override beats every layer; of two overrides the one made later holds; a later layer covers the earlier
//! ones, and an explicit nobody in it covers too. Intervals are half-open. Turns count on the schedule's wall
//! clock, so that a hand-off keeps its local hour; see [`boundary`].

mod turn;

pub use turn::{boundary, turn_at};

use crate::model::{Layer, Override, PersonId, Schedule, Shift};
use jiff::{SignedDuration, Timestamp};

/// The layer name of a shift that comes from an override.
pub const OVERRIDE: &str = "override";

/// Answers who is on call at `at`, since when and until when. `None` in a gap.
pub fn on_call<'a>(
    schedule: &Schedule,
    overrides: impl IntoIterator<Item = &'a Override>,
    at: Timestamp,
) -> Option<Shift> {
    let overrides: Vec<&Override> = newest_first(schedule, overrides);
    let (from, to) = source_at(schedule, &overrides, at)?;
    let shifts = shifts(schedule, overrides, from, to);
    shifts.into_iter().find(|shift| shift.starts_at <= at && at < shift.ends_at)
}

/// Returns the shifts that meet `[from, to)`, earliest first, cut to it. Neighbours of one person in one layer
/// are one shift. What no shift covers is a gap.
pub fn shifts<'a>(
    schedule: &Schedule,
    overrides: impl IntoIterator<Item = &'a Override>,
    from: Timestamp,
    to: Timestamp,
) -> Vec<Shift> {
    if from >= to {
        return Vec::new();
    }
    let mut open = vec![(from, to)];
    let mut found = Vec::new();
    for over in newest_first(schedule, overrides) {
        let span = (over.starts_at, over.ends_at, Some(&over.person));
        open = cover(&open, std::iter::once(span), OVERRIDE, &mut found);
    }
    for layer in schedule.layers.iter().rev() {
        // Only what is still open is worth looking at: an override for years covers all turns in it.
        let (Some((from, _)), Some((_, to))) = (open.first(), open.last()) else { break };
        let turns = turn::turns(layer, &schedule.time_zone, *from, *to);
        open = cover(&open, turns.into_iter(), &layer.name, &mut found);
    }
    found.sort_by_key(|shift| shift.starts_at);
    merge(found)
}

/// Returns the spans of `[from, to)` in which nobody is on call, earliest first.
pub fn gaps<'a>(
    schedule: &Schedule,
    overrides: impl IntoIterator<Item = &'a Override>,
    from: Timestamp,
    to: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    let mut gaps = Vec::new();
    let mut at = from;
    for shift in shifts(schedule, overrides, from, to) {
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

/// Who takes over at the end of a shift, within the next 92 days. `None` when nobody does.
pub fn next_after<'a>(
    schedule: &Schedule,
    overrides: impl IntoIterator<Item = &'a Override>,
    ends_at: Timestamp,
) -> Option<PersonId> {
    let to = ends_at.checked_add(SignedDuration::from_hours(24 * 92)).ok()?;
    shifts(schedule, overrides, ends_at, to).into_iter().next().map(|shift| shift.person)
}

fn newest_first<'a>(
    schedule: &Schedule,
    overrides: impl IntoIterator<Item = &'a Override>,
) -> Vec<&'a Override> {
    let mut own: Vec<&Override> =
        overrides.into_iter().filter(|over| over.schedule == schedule.id).collect();
    own.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    own
}

/// The span of the override or turn that holds at `at`, before anything above it is cut out.
fn source_at(
    schedule: &Schedule,
    newest_first: &[&Override],
    at: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let over = newest_first.iter().find(|over| over.starts_at <= at && at < over.ends_at);
    if let Some(over) = over {
        return Some((over.starts_at, over.ends_at));
    }
    let layers = schedule.layers.iter().rev();
    layers
        .filter_map(|layer: &Layer| turn_at(layer, &schedule.time_zone, at))
        .next()
        .map(|(from, to, _)| (from, to))
}

type Span = (Timestamp, Timestamp);

/// Gives `spans` what is still open of them; answers what stays open. Both are sorted and do not overlap.
fn cover<'a>(
    open: &[Span],
    spans: impl Iterator<Item = (Timestamp, Timestamp, Option<&'a PersonId>)>,
    layer: &str,
    found: &mut Vec<Shift>,
) -> Vec<Span> {
    let mut left = Vec::with_capacity(open.len());
    let mut open = open.iter().copied();
    let mut current = open.next();
    for (starts_at, ends_at, person) in spans {
        while let Some((from, to)) = current {
            if to <= starts_at {
                left.push((from, to));
                current = open.next();
                continue;
            }
            if ends_at <= from {
                break;
            }
            if from < starts_at {
                left.push((from, starts_at));
            }
            let (a, b) = (from.max(starts_at), to.min(ends_at));
            if let Some(person) = person {
                let layer = layer.to_owned();
                found.push(Shift { person: person.clone(), starts_at: a, ends_at: b, layer });
            }
            current = if b < to { Some((b, to)) } else { open.next() };
        }
    }
    left.extend(current);
    left.extend(open);
    left
}

fn merge(sorted: Vec<Shift>) -> Vec<Shift> {
    let mut merged: Vec<Shift> = Vec::with_capacity(sorted.len());
    for shift in sorted {
        match merged.last_mut() {
            Some(last)
                if last.ends_at == shift.starts_at
                    && last.person == shift.person
                    && last.layer == shift.layer =>
            {
                last.ends_at = shift.ends_at;
            }
            _ => merged.push(shift),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
