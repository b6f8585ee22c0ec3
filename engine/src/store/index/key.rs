//! Under which key the index keeps what.
//!
//! A key is one letter for its kind and the identity. Numbers are big-endian, so that they sort; a text
//! has its length before it. [`Write`] says whether a change puts a key or takes it away.

use crate::store::disk;
use nightbell_core::model::{
    AlertId, AlertStatus, Change, DeliveryId, EventId, IncidentId, Lane, LaneKind, TimerKey,
};

/// The index's own format; another one is rebuilt from the journal.
pub(super) const FORMAT: &[u8] = b"m/format";
/// What [`FORMAT`] must hold.
pub(super) const FORMAT_VALUE: &[u8] = b"nightbell index 1";
/// Lsn of the last commit in the index.
pub(super) const APPLIED: &[u8] = b"m/applied";
/// All events up to this one are decided.
pub(super) const CURSOR: &[u8] = b"m/cursor";
/// The highest incident number given.
pub(super) const LAST_INCIDENT: &[u8] = b"m/last_incident";

/// Kinds whose values are changes that make up the open state, in the order in which they are loaded. Timers and incidents
/// come before, because threads belong to open incidents and to those whose `Leave` timer is set; deliveries come before
/// what is only prepared.
pub(super) const OPEN: [u8; 20] = *b"adpsvfkhguwxVRMSWHBb";
/// Incidents, open and resolved.
pub(super) const INCIDENT: u8 = b'i';
/// Marks of open incidents; no value.
pub(super) const OPEN_INCIDENT: u8 = b'o';
const ALERT: u8 = b'a';
const DELIVERY: u8 = b'd';
const PREPARED: u8 = b'p';
/// Timers; loaded first.
pub(super) const TIMER: u8 = b't';
const SILENCE: u8 = b's';
const MAINTENANCE_WINDOW: u8 = b'M';
const OVERRIDE: u8 = b'v';
const PROFILE: u8 = b'f';
const TOKEN: u8 = b'k';
/// Threads, by incident.
const THREAD: u8 = b'h';
const PLUGIN_STATE: u8 = b'g';
const REVISION: u8 = b'u';
const TEMPORARY: u8 = b'w';
const ABSENCE: u8 = b'x';
/// What is known of a person's methods.
const CHECKS: u8 = b'V';
/// Where round robins stand.
const ROUND_ROBIN: u8 = b'R';
const SWAP: u8 = b'S';
const WATCH: u8 = b'W';
const HANDOFF_WISH: u8 = b'H';
/// Lanes with an open window.
const PACE: u8 = b'B';
/// Messages of several pages whose end these are still to learn.
const ENDED_BUNDLE: u8 = b'b';
/// Commits that concern an incident; no value.
const MENTION: u8 = b'l';
/// The commit that holds an event's outcome.
const EVENT: u8 = b'e';

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// It holds the change.
    Put,
    /// It goes.
    Remove,
}

/// The key that a change is kept under, as [`nightbell_core::model::State`] would keep it.
pub(super) fn of_change(change: &Change) -> (Vec<u8>, Write) {
    let write = match change {
        Change::ForgetAlert(_)
        | Change::CancelTimer(_)
        | Change::RemoveSilence(_)
        | Change::RemoveOverride(_)
        | Change::RemoveProfile(_)
        | Change::RevokeToken(_)
        | Change::RemoveTemporary(_)
        | Change::RemoveAbsence(_)
        | Change::RemoveRevision { .. }
        | Change::ForgetPace(_)
        | Change::ForgetBundle(_)
        | Change::PluginState { value: None, .. }
        | Change::RemoveMaintenanceWindow(_)
        | Change::ForgetSwap(_)
        | Change::RemoveWatch(_) => Write::Remove,
        Change::Alert(alert)
            if alert.status == AlertStatus::Resolved && !alert.closed_by_person =>
        {
            Write::Remove
        }
        Change::Delivery(delivery) if !delivery.is_open() => Write::Remove,
        Change::Alert(_)
        | Change::Incident(_)
        | Change::Delivery(_)
        | Change::PreparedDelivery(_)
        | Change::SetTimer(..)
        | Change::Silence(_)
        | Change::Override(_)
        | Change::Profile(_)
        | Change::Token(_)
        | Change::Thread(_)
        | Change::Temporary(_)
        | Change::Absence(_)
        | Change::Revision(_)
        | Change::Pace(_)
        | Change::BundleEnded(_)
        | Change::PluginState { value: Some(_), .. }
        | Change::Checks(_)
        | Change::RoundRobin(_)
        | Change::MaintenanceWindow(_)
        | Change::Swap(_)
        | Change::Watch(_)
        | Change::HandoffWish(_) => Write::Put,
    };
    (identity(change), write)
}

fn identity(change: &Change) -> Vec<u8> {
    match change {
        Change::Alert(alert) => of_alert(&alert.id),
        Change::ForgetAlert(id) => of_alert(id),
        Change::Incident(incident) => of_number(INCIDENT, incident.id.0),
        Change::Delivery(delivery) => text(DELIVERY, &[delivery.id.as_str()]),
        Change::PreparedDelivery(delivery) => prepared(&delivery.id),
        Change::SetTimer(key, _) | Change::CancelTimer(key) => of_timer(key),
        Change::Silence(silence) => text(SILENCE, &[silence.id.as_str()]),
        Change::RemoveSilence(id) => text(SILENCE, &[id.as_str()]),
        Change::Override(over) => text(OVERRIDE, &[over.id.as_str()]),
        Change::RemoveOverride(id) => text(OVERRIDE, &[id.as_str()]),
        Change::Profile(profile) => text(PROFILE, &[profile.person.as_str()]),
        Change::RemoveProfile(person) => text(PROFILE, &[person.as_str()]),
        Change::Token(token) => text(TOKEN, &[token.id.as_str()]),
        Change::RevokeToken(id) => text(TOKEN, &[id.as_str()]),
        Change::Thread(thread) => {
            let mut key = threads_of(thread.incident);
            key.extend(text(THREAD, &[&thread.channel, &thread.address]).split_off(1));
            key
        }
        Change::PluginState { plugin, key, .. } => text(PLUGIN_STATE, &[plugin, key]),
        Change::Temporary(temporary) => text(TEMPORARY, &[temporary.id.as_str()]),
        Change::RemoveTemporary(id) => text(TEMPORARY, &[id.as_str()]),
        Change::Absence(absence) => text(ABSENCE, &[absence.id.as_str()]),
        Change::RemoveAbsence(id) => text(ABSENCE, &[id.as_str()]),
        Change::Revision(one) => revision(one.schedule.as_str(), one.number),
        Change::RemoveRevision { schedule, number } => revision(schedule.as_str(), *number),
        Change::Checks(checks) => text(CHECKS, &[checks.person.as_str()]),
        Change::RoundRobin(at) => {
            text(ROUND_ROBIN, &[at.policy.as_str(), at.step.to_string().as_str()])
        }
        Change::MaintenanceWindow(window) => text(MAINTENANCE_WINDOW, &[window.id.as_str()]),
        Change::RemoveMaintenanceWindow(id) => text(MAINTENANCE_WINDOW, &[id.as_str()]),
        Change::Swap(swap) => text(SWAP, &[swap.id.as_str()]),
        Change::ForgetSwap(id) => text(SWAP, &[id.as_str()]),
        Change::Watch(watch) => text(WATCH, &[watch.schedule.as_str()]),
        Change::RemoveWatch(id) => text(WATCH, &[id.as_str()]),
        Change::HandoffWish(wish) => text(HANDOFF_WISH, &[wish.person.as_str()]),
        Change::Pace(pace) => of_lane(&pace.lane),
        Change::ForgetPace(lane) => of_lane(lane),
        Change::BundleEnded(bundle) => text(ENDED_BUNDLE, &[bundle.id.as_str()]),
        Change::ForgetBundle(bundle) => text(ENDED_BUNDLE, &[bundle.as_str()]),
    }
}

fn revision(schedule: &str, number: u64) -> Vec<u8> {
    let mut key = text(REVISION, &[schedule]);
    key.extend(number.to_be_bytes());
    key
}

/// Where the timer is that keeps a resolved incident and its threads.
pub(super) fn leave(incident: IncidentId) -> Vec<u8> {
    of_timer(&TimerKey::Leave(incident))
}

/// The page that goes when its timer is cancelled.
pub(super) fn prepared(delivery: &DeliveryId) -> Vec<u8> {
    text(PREPARED, &[delivery.as_str()])
}

/// All threads of an incident begin with this.
pub(super) fn threads_of(incident: IncidentId) -> Vec<u8> {
    of_number(THREAD, incident.0)
}

/// A key of kind and number.
pub(super) fn of_number(kind: u8, number: u64) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend(number.to_be_bytes());
    key
}

/// Where an event's outcome is.
pub(super) fn of_event(event: EventId) -> Vec<u8> {
    of_number(EVENT, event.0)
}

/// All mentions of an incident begin with this.
pub(super) fn mentions_of(incident: IncidentId) -> Vec<u8> {
    of_number(MENTION, incident.0)
}

/// The commit `lsn` concerns the incident.
pub(super) fn mention(incident: IncidentId, lsn: u64) -> Vec<u8> {
    let mut key = mentions_of(incident);
    key.extend(lsn.to_be_bytes());
    key
}

/// The number at the end of a key.
pub(super) fn last_number(key: &[u8]) -> Option<u64> {
    key.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
}

fn of_alert(id: &AlertId) -> Vec<u8> {
    text(ALERT, &[id.integration.as_str(), id.dedup_key.as_str()])
}

/// The kind's letter comes last: it has no length of its own.
fn of_lane(lane: &Lane) -> Vec<u8> {
    let mut key = text(PACE, &[lane.person.as_str(), lane.method.as_str()]);
    key.push(match lane.kind {
        LaneKind::High => b'h',
        LaneKind::Low => b'l',
        LaneKind::News => b'n',
    });
    key
}

fn of_timer(timer: &TimerKey) -> Vec<u8> {
    let mut key = vec![TIMER];
    key.extend(disk::to_json(timer));
    key
}

/// Texts may hold any byte; their length before them keeps keys apart.
fn text(kind: u8, parts: &[&str]) -> Vec<u8> {
    let mut key = vec![kind];
    for part in parts {
        key.extend((part.len() as u32).to_be_bytes());
        key.extend(part.as_bytes());
    }
    key
}
