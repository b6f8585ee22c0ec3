//! What changed in the definitions of schedules: the configuration says what is meant from now on, the state keeps what was
//! meant before.
//!
//! What is in force stays in force for the time it was in force: a new definition holds from its `effective_from`, or from
//! when it is first seen, never before. A definition that is not in force yet is replaced by the next one. The first
//! definition ever seen of a schedule holds from ever.

use super::boundary;
use crate::model::{Change, Draft, Revision, Schedule, ScheduleFacts, ScheduleId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Definitions kept of one schedule. Beyond it the oldest is forgotten, and the one after it holds from ever.
pub(super) const REVISIONS_MAX: usize = 64;

/// Records every schedule whose definition in the view's directory is not the one recorded last. Once recorded, nothing
/// happens.
pub fn revise(draft: &mut Draft<'_>) {
    let (directory, duty) = (draft.view.directory, draft.view.state.duty());
    let recorded = duty.schedules().filter(|(_, facts)| !facts.revisions().is_empty());
    let ids: BTreeSet<&ScheduleId> =
        directory.schedules.keys().chain(recorded.map(|(id, _)| id)).collect();
    for id in ids {
        let known = duty.of(id).map_or(&[][..], ScheduleFacts::revisions);
        let seen = directory.schedules.get(id);
        let last = known.last().and_then(|last| last.definition.as_ref());
        if known.is_empty() || last != seen {
            record(draft, id, known, seen.cloned());
        }
    }
}

fn record(
    draft: &mut Draft<'_>,
    id: &ScheduleId,
    known: &[Arc<Revision>],
    definition: Option<Arc<Schedule>>,
) {
    let now = draft.now;
    let wish = definition.as_ref().and_then(|schedule| wished(schedule));
    let effective_from = wish.map_or(now, |wish| wish.max(now));
    let (kept, pending): (Vec<_>, Vec<_>) =
        known.iter().partition(|one| one.effective_from.is_none_or(|from| from <= now));
    for one in pending {
        draft.change(Change::RemoveRevision { schedule: id.clone(), number: one.number });
    }
    let number = known.last().map_or(1, |last| last.number + 1);
    draft.change(Change::Revision(Arc::new(Revision {
        schedule: id.clone(),
        number,
        effective_from: (!kept.is_empty()).then_some(effective_from),
        recorded_at: now,
        definition,
    })));
    let Some(excess) = (kept.len() + 1).checked_sub(REVISIONS_MAX).filter(|excess| *excess > 0)
    else {
        return;
    };
    for one in &kept[..excess] {
        draft.change(Change::RemoveRevision { schedule: id.clone(), number: one.number });
    }
    let oldest = Revision { effective_from: None, ..(**kept[excess]).clone() };
    draft.change(Change::Revision(Arc::new(oldest)));
}

/// From when the definition wants to hold.
fn wished(schedule: &Schedule) -> Option<jiff::Timestamp> {
    boundary(&schedule.time_zone, schedule.effective_from?)
}
