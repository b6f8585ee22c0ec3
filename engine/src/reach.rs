//! The reachability proof, away from everything it could hold up; and once a day, if the operator wants it, an incident about
//! its holes.

use crate::api::words;
use crate::clock;
use crate::pipeline::door::Door;
use crate::store::Store;
use crate::trouble::{own_event, raise};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{Directory, EventKind, Urgency, View};
use nightbell_core::reach::{Ask, Hole, Reach, reach};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// The part of the engine whose trouble holes are.
pub const PART: &str = "reachability";
/// How often it is looked whether the day is over.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Holes that the incident names; all are in `nightbell doctor reach`.
const HOLES_SHOWN: usize = 20;

/// It takes a core for as long as it takes: one at a time.
static PLACE: Semaphore = Semaphore::const_new(1);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReachError {
    /// Another one is under way.
    #[error("another proof is under way; try again in a few seconds")]
    Busy,
    /// It panicked.
    #[error("the proof ended without an answer")]
    Failed,
}

/// What is asked: from now on, so many days.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// From when.
    pub from: Timestamp,
    /// How many.
    pub days: u32,
    /// How soon the first page must go out.
    pub within: SignedDuration,
    /// How loud; `None`: as a critical event of each service would be.
    pub urgency: Option<Urgency>,
}

/// Asks the core, on a thread of its own, of what is so now. Readers and the pipeline are held up only while the state is copied.
///
/// # Errors
/// `Busy` while another is under way.
pub async fn prove(door: &Door, asked: Days) -> Result<Reach, ReachError> {
    let place = PLACE.try_acquire().map_err(|_| ReachError::Busy)?;
    let (plan, state) = (door.plan(), door.view(|view| view.state.without_incidents()));
    let length = SignedDuration::from_hours(24 * i64::from(asked.days));
    let to = asked.from.saturating_add(length).unwrap_or(Timestamp::MAX);
    let ask = Ask { from: asked.from, to, within: asked.within, urgency: asked.urgency };
    let work = move || reach(View { directory: &plan.directory, state: &state }, ask);
    let answer = tokio::task::spawn_blocking(work).await;
    drop(place);
    answer.map_err(|_| ReachError::Failed)
}

/// A hole's reasons as sentences.
pub fn reasons(hole: &Hole, directory: &Directory) -> Vec<String> {
    hole.reasons.iter().map(|entry| words::sentence(entry, directory)).collect()
}

/// Once a day while the configuration says so, until `stop`; the first time soon after the start. `told`: an incident about
/// holes is open.
pub fn watch(door: Door, store: Arc<dyn Store>, mut told: bool, stop: CancellationToken) {
    tokio::spawn(async move {
        let mut last: Option<Timestamp> = None;
        loop {
            let (now, wanted) = (clock::now(), door.plan().reach.page);
            let day = SignedDuration::from_hours(24);
            let is_due = last.is_none_or(|last| now.duration_since(last) >= day);
            if wanted && is_due {
                last = look(&door, &*store, &mut told, now).await.then_some(now);
            } else if !wanted && told {
                told = !tell_over(&*store, now).await;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    });
}

/// Looks and tells. Answers whether that is done for today.
async fn look(door: &Door, store: &dyn Store, told: &mut bool, now: Timestamp) -> bool {
    let plan = door.plan();
    let asked = Days { from: now, days: plan.reach.days, within: plan.reach.within, urgency: None };
    let found = match prove(door, asked).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "reachability could not be proved, trying again");
            return false;
        }
    };
    if found.holes.is_empty() {
        if *told {
            *told = !tell_over(store, now).await;
        }
        return !*told;
    }
    let what = format!("has {} in the next {} days", holes(found.holes.len()), asked.days);
    let event = own_event(EventKind::Trigger, PART, &what, &list(&found, &plan.directory), now);
    match raise(store, event).await {
        Ok(()) => {
            *told = true;
            true
        }
        Err(error) => {
            tracing::error!(%error, "holes in reachability could not be recorded, trying again");
            false
        }
    }
}

fn holes(count: usize) -> String {
    match count {
        1 => "a hole".to_owned(),
        count => format!("{count} holes"),
    }
}

fn list(found: &Reach, directory: &Directory) -> String {
    let line = |hole: &Hole| {
        let why = reasons(hole, directory).into_iter().next().unwrap_or_default();
        format!("{}: {} to {}. {why}", hole.service, hole.from, hole.to)
    };
    let mut lines: Vec<String> = found.holes.iter().take(HOLES_SHOWN).map(line).collect();
    if found.holes.len() > lines.len() {
        lines.push(format!(
            "and {} more: `nightbell doctor reach`",
            found.holes.len() - lines.len()
        ));
    }
    lines.join("\n")
}

/// Answers whether it is recorded.
async fn tell_over(store: &dyn Store, now: Timestamp) -> bool {
    let event = own_event(EventKind::Resolve, PART, "has no holes", "", now);
    match raise(store, event).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, "the end of holes could not be recorded, trying again");
            false
        }
    }
}
