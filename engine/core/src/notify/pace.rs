//! The gate of every page, of every post to a room and of every piece of news: now, or together with others at the end of the lane's window.
//!
//! The first message of a quiet lane is never held. What follows within a window waits for its end and leaves as one
//! message. Windows grow, level by level, while each has something to hold, and shrink again when one has not (decision 7).
//! Nothing is ever dropped here: what is held has a line in its incident's timeline (I6), and leaves or is taken back.

use super::bundle;
use super::profile;
use crate::model::{
    Bounds, Change, Delivery, DeliveryStatus, Draft, Incident, Lane, Pace, TimelineKind, TimerKey,
    Waiting,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Pages in one message. The window of a full one ends early.
pub const BUNDLE_MAX: u32 = 10_000;

/// Sends a page now if its lane allows it; else holds it for the end of the window, and says so in the timeline.
pub fn send(draft: &mut Draft<'_>, incident: &mut Incident, mut page: Delivery) {
    let lane = Lane::of_page(&page);
    let bounds = draft.view.directory.pacing.of(&page.channel, &page.address);
    match admit(draft, &lane, &bounds) {
        None => page.status = DeliveryStatus::Pending { not_before: draft.now },
        Some(pace) => hold(draft, incident, &mut page, pace),
    }
    draft.change(Change::Delivery(Arc::new(page)));
}

/// Counts a message that leaves now. `Some` when it may not: the window that it has to wait for.
pub(super) fn admit(draft: &mut Draft<'_>, lane: &Lane, bounds: &Bounds) -> Option<Pace> {
    let Some(mut pace) = draft.pace(lane) else {
        open(draft, lane, bounds, 0, 1);
        return None;
    };
    if pace.waiting != Waiting::Nothing || pace.sent >= bounds.at_once(pace.level) {
        return Some(pace);
    }
    pace.sent += 1;
    draft.put_pace(pace);
    None
}

/// Begins a window in which `sent` messages have left.
fn open(draft: &mut Draft<'_>, lane: &Lane, bounds: &Bounds, level: u32, sent: u32) {
    let until = later(draft.now, bounds.window(lane.kind, level));
    let (lane, since) = (lane.clone(), draft.now);
    draft.set_timer(TimerKey::Window(lane.clone()), until);
    draft.put_pace(Pace { lane, since, until, level, sent, waiting: Waiting::Nothing });
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

fn hold(draft: &mut Draft<'_>, incident: &mut Incident, page: &mut Delivery, mut pace: Pace) {
    let (bundle, count) = match pace.waiting {
        Waiting::Pages { bundle, count } => (bundle, count + 1),
        Waiting::Nothing | Waiting::News { .. } => (bundle::bundle_id(page), 1),
    };
    if count >= BUNDLE_MAX {
        pace.until = draft.now;
        draft.set_timer(TimerKey::Window(pace.lane.clone()), draft.now);
    }
    let until = pace.until.max(draft.now);
    draft.log_engine(
        incident,
        TimelineKind::HeldForBundle {
            delivery: page.id.clone(),
            person: page.person.clone(),
            channel: page.channel.clone(),
            until,
            sent: pace.sent,
            since: pace.since,
        },
    );
    page.status = DeliveryStatus::Bundled { until };
    page.bundle = Some(bundle.clone());
    pace.waiting = Waiting::Pages { bundle, count };
    draft.put_pace(pace);
}

/// A lane's window is over: what waits leaves, and the next window begins; a quiet lane is forgotten in the end.
pub fn window_over(draft: &mut Draft<'_>, lane: &Lane) {
    let key = TimerKey::Window(lane.clone());
    let Some(pace) = draft.view.state.paces().pace(lane).cloned() else {
        return draft.cancel_timer(key);
    };
    let bounds = bounds_of(draft, lane);
    let left = match &pace.waiting {
        Waiting::Nothing => false,
        Waiting::Pages { bundle, .. } => bundle::leave(draft, bundle),
        Waiting::News { count, lines } => {
            super::subscribers::leave(draft, lane, *count, lines);
            true
        }
    };
    let was_full = pace.sent > 1 && pace.sent >= bounds.at_once(pace.level);
    let louder = (pace.level + 1).min(Bounds::LEVEL_MAX);
    match (left, was_full, pace.level) {
        (true, _, _) => open(draft, lane, &bounds, louder, 1),
        (false, true, _) => open(draft, lane, &bounds, louder, 0),
        (false, false, 0) => {
            draft.change(Change::ForgetPace(lane.clone()));
            draft.cancel_timer(key);
        }
        (false, false, level) => open(draft, lane, &bounds, level - 1, 0),
    }
}

fn bounds_of(draft: &Draft<'_>, lane: &Lane) -> Bounds {
    let directory = draft.view.directory;
    let pacing = &directory.pacing;
    if let Some(id) = lane.person.room() {
        let room = directory.rooms.get(&id);
        return room.map_or(pacing.usual, |room| pacing.of(&room.channel, &room.address));
    }
    let profile = profile(draft.view, &lane.person);
    let method = profile.methods.iter().find(|method| method.id == lane.method);
    method.map_or(pacing.usual, |method| pacing.of(&method.channel, &method.address))
}
