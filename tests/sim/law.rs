//! What must hold after every step, and when the night is over.

use crate::world;
use jiff::{SignedDuration, Timestamp};
use nightbell::store::{Commit, InputRecord};
use nightbell_core::escalate::FALLBACK_INTERVAL;
use nightbell_core::model::{
    AlertStatus, Change, Delivery, DeliveryId, DeliveryStatus, Directory, DutySpan, Incident,
    IncidentId, IncidentStatus, Input, PersonId, State, SuppressedBy, SwapStatus, TimelineKind,
    Timer, TimerKey, Urgency, View,
};
use nightbell_core::{decide, filter, invariant, schedule};
use std::collections::{BTreeMap, BTreeSet};

/// Longest time without a page that arrives, for an incident that rings while every channel works: what the company's policies
/// come to, and what bundling, a person's rules and a retry may add.
const SILENCE_MAX: SignedDuration = SignedDuration::from_mins(world::SILENCE_MAX + 15);

/// After a batch is decided, before it is durable.
pub(crate) fn after_decision(directory: &Directory, state: &State, commit: &Commit) {
    let now = commit.now;
    let broken = invariant::violations(state);
    assert!(
        broken.is_empty(),
        "at {now}: {broken:#?}\nafter {:?}\n{}",
        commit.inputs,
        told(commit)
    );
    let view = View { directory, state };
    for change in &commit.changes {
        let Change::Swap(swap) = change else { continue };
        let SwapStatus::Accepted { by, at } = &swap.status else { continue };
        assert_eq!(*at, now, "a swap is accepted once");
        assert_on_call(view, by, &swap.gives);
        if let Some(span) = &swap.in_return {
            assert_on_call(view, &swap.from, span);
        }
    }
}

/// What a commit that broke a law would have told.
fn told(commit: &Commit) -> String {
    let lines = commit.timeline.iter().map(|line| format!("#{} {:?}\n", line.incident, line.kind));
    lines.collect()
}

/// What was swapped is theirs, over the whole of it.
fn assert_on_call(view: View<'_>, person: &PersonId, span: &DutySpan) {
    let calendar = schedule::calendar(view, &span.schedule).unwrap();
    let mut covered = span.starts_at;
    for shift in calendar.shifts(span.starts_at, span.ends_at) {
        assert_eq!(shift.person, *person, "a swap gave {span:?} to somebody else: {shift:?}");
        assert_eq!(shift.starts_at, covered, "a swap left a gap in {span:?}");
        covered = shift.ends_at;
    }
    assert_eq!(covered, span.ends_at, "a swap left a gap in {span:?}");
}

/// What is due is taken earliest first: nothing that is left waits longer than what is taken.
pub(crate) fn due_in_order(state: &State, now: Timestamp, max: usize) -> Vec<Timer> {
    let taken = state.due(now, max);
    assert!(taken.is_sorted_by_key(|timer| timer.due), "not in order: {taken:?}");
    if let Some(last) = taken.last() {
        let earlier = |timer: &Timer| timer.due < last.due && !taken.contains(timer);
        let left = state.timers().find(earlier);
        assert_eq!(left, None, "is due before {last:?}, which is taken");
    }
    taken
}

/// A batch that took only what is due took it in this order.
pub(crate) fn taken_in_order(due: &[Timer], commit: &Commit) {
    let keys = commit.inputs.iter().filter_map(|input| match input {
        InputRecord::Due(key) => Some(key),
        _ => None,
    });
    let place = |key: &TimerKey| due.iter().position(|timer| timer.key == *key);
    let places: Vec<usize> = keys.map(|key| place(key).unwrap()).collect();
    assert!(places.is_sorted(), "out of order: {:?}\n{due:?}", commit.inputs);
}

/// Whether all that is due has been done.
fn is_settled(state: &State, now: Timestamp) -> bool {
    state.next_due().is_none_or(|due| due > now)
}

/// Once nothing is due, whatever waits because of a silence, a maintenance window or a filter's word is still to wait.
pub(crate) fn nothing_waits_in_vain(state: &State, now: Timestamp) {
    if !is_settled(state, now) {
        return;
    }
    let may_be_heard = |incident: &Incident| {
        let alerts = incident.alerts.iter().filter_map(|id| state.alert(id));
        let mut firing = alerts
            .filter(|one| one.status == AlertStatus::Firing && one.incident == Some(incident.id));
        firing.any(|alert| filter::quiet(state, alert, now).is_none())
    };
    for incident in state.incidents() {
        let paused = incident.escalation.paused_with.is_some();
        assert!(
            !paused || !may_be_heard(incident),
            "at {now} nothing keeps incident {} quiet, and it waits: {incident:#?}",
            incident.id
        );
    }
    for alert in state.alerts().filter(|alert| alert.status == AlertStatus::Firing) {
        let Some(held) = alert.suppression.as_ref().filter(|_| alert.incident.is_none()) else {
            continue;
        };
        let waits = match held.by {
            SuppressedBy::Filter(_) => held.until.is_none_or(|until| until > now),
            SuppressedBy::Quiet(_) => filter::quiet(state, alert, now).is_some(),
        };
        assert!(waits, "at {now} nothing keeps {} quiet, and it waits: {held:?}", alert.id);
    }
}

/// Once nothing is due, every open incident is somebody's, snoozed, quiet, or will go on in a time that is known. That it pages
/// somebody then is for [`Memory::the_bell_keeps_ringing`].
pub(crate) fn whatever_is_open_goes_on(state: &State, now: Timestamp) {
    if !is_settled(state, now) {
        return;
    }
    for incident in state.incidents() {
        let (id, policy) = (incident.id, &incident.policy);
        let within = |key: TimerKey, most: SignedDuration| {
            state.timer(&key).is_some_and(|due| now < due && due <= now + most)
        };
        let goes_on = match incident.status {
            IncidentStatus::Resolved => false,
            IncidentStatus::Acknowledged => match incident.snoozed_until {
                Some(until) => state.timer(&TimerKey::Snooze(id)) == Some(until),
                None => policy
                    .acknowledge_timeout
                    .is_none_or(|after| within(TimerKey::AcknowledgeTimeout(id), after)),
            },
            IncidentStatus::Triggered if incident.escalation.paused_with.is_some() => {
                state.timer(&TimerKey::Settle(id)).is_some()
            }
            IncidentStatus::Triggered => {
                let longest = policy.steps.iter().map(|step| step.delay).max();
                let longest = longest.unwrap_or_default().max(FALLBACK_INTERVAL);
                within(TimerKey::Escalate(id), longest)
            }
        };
        assert!(goes_on, "at {now} nothing will become of incident {id}: {incident:#?}");
    }
}

/// I12: no attempt starts unless its incident rings, as everybody can read in the store.
pub(crate) fn attempt_may_start(state: &State, delivery: &Delivery) {
    let incident = state.incident(delivery.incident);
    let rings = incident.is_some_and(|incident| incident.may_page(&delivery.person));
    let is_page = delivery.is_page() || delivery.is_post();
    assert!(!is_page || rings, "I12: {delivery:?} starts although nothing rings");
    let answered = incident
        .is_some_and(|incident| incident.is_ringing() && incident.has_answered(&delivery.person));
    assert!(
        !(delivery.is_page() && answered),
        "I12: {delivery:?} starts although they have answered"
    );
    if delivery.is_bundle() {
        let mut members = state.paces().members(&delivery.id);
        let rings =
            |id| state.incident(id).is_some_and(|incident| incident.may_page(&delivery.person));
        let wanted = members.any(|(incident, _)| rings(*incident));
        assert!(wanted, "I12: {delivery:?} starts with nothing in it that rings");
    }
}

/// I9: what was done is done; and what is not due changes nothing.
pub(crate) fn due_again(directory: &Directory, state: &State, now: Timestamp, key: &TimerKey) {
    let view = View { directory, state };
    let transition = decide(view, &Input::Due(key.clone()), now);
    let due = state.timer(key).is_some_and(|due| due <= now);
    assert!(due || transition.is_empty(), "I9: {key:?} is not due and changes {transition:?}");
}

/// What is remembered over a whole night.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Pages that were decided and durable, and whose end is not known.
    open: BTreeSet<DeliveryId>,
    /// Those whose end is.
    ended: BTreeSet<DeliveryId>,
    /// When an incident was last heard, or had no reason to be.
    heard: BTreeMap<IncidentId, Timestamp>,
    /// Incidents that somebody has, or that are over, as the timeline says; with those who were asked to help since.
    held: BTreeMap<IncidentId, BTreeSet<PersonId>>,
}

impl Memory {
    /// A commit is durable.
    pub(crate) fn note(&mut self, commit: &Commit) {
        for change in &commit.changes {
            match change {
                Change::Delivery(delivery) if delivery.is_page() => {
                    match delivery.is_open() {
                        true => self.note_open(&delivery.id),
                        false => self.note_end(&delivery.id),
                    }
                    if let DeliveryStatus::Delivered { .. } = delivery.status {
                        self.heard.insert(delivery.incident, commit.now);
                    }
                }
                Change::PreparedDelivery(delivery) => self.note_open(&delivery.id),
                Change::CancelTimer(TimerKey::Notify { delivery, .. }) => self.note_end(delivery),
                _ => {}
            }
        }
        for entry in &commit.timeline {
            self.note_line(entry.incident, &entry.kind);
        }
    }

    fn note_open(&mut self, page: &DeliveryId) {
        if !self.ended.contains(page) {
            self.open.insert(page.clone());
        }
    }

    fn note_end(&mut self, page: &DeliveryId) {
        self.open.remove(page);
        self.ended.insert(page.clone());
    }

    fn note_line(&mut self, incident: IncidentId, kind: &TimelineKind) {
        match kind {
            TimelineKind::Acknowledged
            | TimelineKind::Snoozed { .. }
            | TimelineKind::NobodyElse { .. } => {
                self.held.entry(incident).or_default();
            }
            TimelineKind::Resolved
            | TimelineKind::AutoResolved { .. }
            | TimelineKind::MergedInto { .. } => {
                self.held.insert(incident, BTreeSet::new());
            }
            TimelineKind::Retriggered { .. } | TimelineKind::Reopened { .. } => {
                self.held.remove(&incident);
            }
            TimelineKind::RespondersAdded { people } => {
                if let Some(asked) = self.held.get_mut(&incident) {
                    asked.extend(people.iter().cloned());
                }
            }
            _ => {}
        }
    }

    /// I12, as anybody can read it in the timeline: no attempt starts after the commit of the answer that ended the ringing.
    pub(crate) fn attempt_may_start(&self, delivery: &Delivery) {
        let Some(asked) = self.held.get(&delivery.incident) else { return };
        let is_asked = delivery.is_page() && asked.contains(&delivery.person);
        let rings = delivery.is_page() || delivery.is_post();
        assert!(!rings || is_asked, "I12: {delivery:?} starts after it was answered");
    }

    /// I4: nothing that was decided is forgotten: it waits, or its end is on record.
    pub(crate) fn nothing_is_forgotten(&self, state: &State) {
        for id in &self.open {
            let waits = state.delivery(id).is_some() || state.prepared(id).is_some();
            assert!(waits, "I4: page {id} was decided, does not wait, and has no end");
        }
    }

    /// I11: when every channel works and nobody answers, whatever rings is heard.
    pub(crate) fn the_bell_keeps_ringing(
        &mut self,
        directory: &Directory,
        state: &State,
        since: Timestamp,
        now: Timestamp,
    ) {
        if nightbell_core::notify::reachable(View { directory, state }).next().is_none() {
            return;
        }
        for incident in state.incidents() {
            let heard = self.heard.entry(incident.id).or_insert(incident.created_at);
            // What can wait for waking hours waits for the end of somebody's quiet hours, and no longer.
            let waits =
                incident.urgency == Urgency::Low && state.prepared_of(incident.id).next().is_some();
            if !incident.is_ringing() || waits {
                *heard = now;
            }
            let silent_for = now.duration_since((*heard).max(since));
            assert!(
                silent_for <= SILENCE_MAX,
                "I11: incident {} rings and nobody has heard it for {silent_for:#}: {incident:#?}",
                incident.id
            );
        }
    }
}
