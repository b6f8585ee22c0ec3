//! What is open, in memory, with the indexes that decisions need. Changed only by applying transitions.

mod alerts;
mod digest;
mod duty;
mod journeys;
mod ladder;
mod pace;
mod people;
mod plugin_state;
mod quiet;
mod recent;
mod swap;
mod thread;
mod timers;
mod watch;

pub use duty::{Duty, ScheduleFacts};
pub use ladder::{Ladder, RoundRobin};
pub use pace::Paces;
pub use people::People;
pub use quiet::QuietState;
pub use swap::Swaps;
pub use watch::Watches;

use super::{
    Alert, AlertId, AlertStatus, Change, Delivery, DeliveryId, Incident, IncidentId, PersonId,
    Profile, ServiceId, Thread, Timer, TimerKey, Token, TokenId,
};
use alerts::Alerts;
use jiff::Timestamp;
use journeys::Journeys;
use recent::Recent;
use std::collections::BTreeMap;
use std::sync::Arc;
use timers::Timers;

/// A value of a plugin's state and when it ends.
pub(super) type PluginValue = (Arc<[u8]>, Option<Timestamp>);

/// Everything that is open, and the run-time facts. Resolved incidents, ended alerts and finished deliveries
/// leave it; the store keeps them for reading. A resolved incident stays while its [`TimerKey::Leave`] is set, so that
/// messages about it can be brought up to date.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    alerts: Alerts,
    incidents: BTreeMap<IncidentId, Arc<Incident>>,
    leaving: BTreeMap<IncidentId, Arc<Incident>>,
    by_group: BTreeMap<(ServiceId, String), IncidentId>,
    /// Of those in `leaving`.
    recent: Recent,
    deliveries: Journeys,
    prepared: Journeys,
    timers: Timers,
    quiet: QuietState,
    duty: Arc<Duty>,
    profiles: BTreeMap<PersonId, Arc<Profile>>,
    tokens: BTreeMap<TokenId, Arc<Token>>,
    threads: BTreeMap<IncidentId, BTreeMap<(String, String), Arc<Thread>>>,
    plugin_state: BTreeMap<Arc<str>, BTreeMap<String, PluginValue>>,
    ladder: Ladder,
    paces: Paces,
    last_incident: u64,
    people: People,
    swaps: Swaps,
    watches: Watches,
}

impl State {
    /// Applies changes in order.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            self.apply_one(change);
        }
    }

    fn apply_one(&mut self, change: &Change) {
        match change {
            Change::Alert(alert) => self.put_alert(alert),
            Change::ForgetAlert(id) => self.alerts.remove(id),
            Change::Incident(incident) => self.put_incident(incident),
            Change::Delivery(delivery) => self.put_delivery(delivery),
            Change::PreparedDelivery(delivery) => self.prepared.put(delivery),
            Change::SetTimer(key, due) => self.timers.set(key, *due),
            Change::CancelTimer(key) => self.cancel_timer(key),
            Change::Silence(silence) => self.quiet.put_silence(silence),
            Change::RemoveSilence(id) => self.quiet.remove_silence(id),
            Change::Profile(profile) => {
                self.profiles.insert(profile.person.clone(), profile.clone());
            }
            Change::RemoveProfile(id) => drop(self.profiles.remove(id)),
            Change::Token(token) => {
                self.tokens.insert(token.id.clone(), token.clone());
            }
            Change::RevokeToken(id) => drop(self.tokens.remove(id)),
            Change::Thread(thread) => {
                if self.known_incident(thread.incident).is_some() {
                    let key = (thread.channel.clone(), thread.address.clone());
                    self.threads.entry(thread.incident).or_default().insert(key, thread.clone());
                }
            }
            Change::PluginState { plugin, key, value } => self.put_plugin_state(plugin, key, value),
            Change::Override(_)
            | Change::RemoveOverride(_)
            | Change::Temporary(_)
            | Change::RemoveTemporary(_)
            | Change::Absence(_)
            | Change::RemoveAbsence(_)
            | Change::Revision(_)
            | Change::RemoveRevision { .. } => Arc::make_mut(&mut self.duty).apply(change),
            Change::Checks(checks) => self.people.put_checks(checks),
            Change::RoundRobin(_) => self.ladder.apply(change),
            Change::MaintenanceWindow(window) => self.quiet.put_window(window),
            Change::RemoveMaintenanceWindow(id) => self.quiet.remove_window(id),
            Change::Swap(_) | Change::ForgetSwap(_) => self.swaps.apply(change),
            Change::Watch(_) | Change::RemoveWatch(_) | Change::HandoffWish(_) => {
                self.watches.apply(change);
            }
            Change::Pace(_)
            | Change::ForgetPace(_)
            | Change::BundleEnded(_)
            | Change::ForgetBundle(_) => self.paces.apply(change),
        }
    }

    fn put_alert(&mut self, alert: &Arc<Alert>) {
        if alert.status == AlertStatus::Firing || alert.closed_by_person {
            self.alerts.put(alert);
        } else {
            self.alerts.remove(&alert.id);
        }
    }

    fn put_incident(&mut self, incident: &Arc<Incident>) {
        self.last_incident = self.last_incident.max(incident.id.0);
        self.leaves_no_more(incident.id);
        if incident.is_open() {
            for group in incident.groups() {
                self.by_group.insert(group, incident.id);
            }
            self.incidents.insert(incident.id, incident.clone());
            return;
        }
        for group in incident.groups() {
            if self.by_group.get(&group) == Some(&incident.id) {
                self.by_group.remove(&group);
            }
        }
        self.incidents.remove(&incident.id);
        if self.timers.get(&TimerKey::Leave(incident.id)).is_some() {
            self.recent.put(incident);
            self.leaving.insert(incident.id, incident.clone());
        } else {
            self.forget_incident(incident.id);
        }
    }

    fn leaves_no_more(&mut self, id: IncidentId) {
        if let Some(incident) = self.leaving.remove(&id) {
            self.recent.remove(&incident);
        }
    }

    fn forget_incident(&mut self, id: IncidentId) {
        self.leaves_no_more(id);
        self.threads.remove(&id);
    }

    fn put_delivery(&mut self, delivery: &Arc<Delivery>) {
        self.prepared.remove(&delivery.id);
        self.paces.moved(self.deliveries.get(&delivery.id).map(Arc::as_ref), delivery);
        if delivery.is_open() {
            self.deliveries.put(delivery);
        } else {
            self.deliveries.remove(&delivery.id);
        }
    }

    fn cancel_timer(&mut self, key: &TimerKey) {
        self.timers.cancel(key);
        match key {
            TimerKey::Notify { delivery, .. } => self.prepared.remove(delivery),
            TimerKey::Leave(id) if !self.incidents.contains_key(id) => self.forget_incident(*id),
            _ => {}
        }
    }

    /// A firing alert, or one that a person closed while its monitor still claims it.
    pub fn alert(&self, id: &AlertId) -> Option<&Arc<Alert>> {
        self.alerts.get(id)
    }

    /// All of them, by id.
    pub fn alerts(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.alerts.all()
    }

    /// Those behind `after`, by id; all of them without it.
    pub fn alerts_after(&self, after: Option<&AlertId>) -> impl Iterator<Item = &Arc<Alert>> {
        let all = after.is_none().then(|| self.alerts.all());
        let behind = after.map(|after| self.alerts.after(after));
        all.into_iter().flatten().chain(behind.into_iter().flatten())
    }

    /// An open incident.
    pub fn incident(&self, id: IncidentId) -> Option<&Arc<Incident>> {
        self.incidents.get(&id)
    }

    /// The open incidents, oldest first.
    pub fn incidents(&self) -> impl DoubleEndedIterator<Item = &Arc<Incident>> {
        self.incidents.values()
    }

    /// An open incident, or a resolved one whose messages are still being brought up to date.
    pub fn known_incident(&self, id: IncidentId) -> Option<&Arc<Incident>> {
        self.incidents.get(&id).or_else(|| self.leaving.get(&id))
    }

    /// The resolved incidents whose messages are still being brought up to date, oldest first.
    pub fn leaving(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.leaving.values()
    }

    /// How many of those there are.
    pub fn leaving_len(&self) -> usize {
        self.leaving.len()
    }

    /// The resolved incidents that a trigger of this alert may reopen, those of the alert itself first. Whether their time
    /// has passed is not looked at.
    pub fn recent(
        &self,
        alert: &AlertId,
        group: Option<(ServiceId, String)>,
    ) -> impl Iterator<Item = &Arc<Incident>> {
        self.recent.of(alert, group).into_iter().filter_map(|id| self.leaving.get(&id))
    }

    /// The open incident that alerts of this service and group key join.
    pub fn incident_of_group(
        &self,
        service: &ServiceId,
        group_key: &str,
    ) -> Option<&Arc<Incident>> {
        let id = self.by_group.get(&(service.clone(), group_key.to_owned()))?;
        self.incidents.get(id)
    }

    /// The number the next incident gets.
    pub fn next_incident(&self) -> IncidentId {
        IncidentId(self.last_incident + 1)
    }

    /// Never give a number up to `id` again; used when a store is opened.
    pub fn note_last_incident(&mut self, id: u64) {
        self.last_incident = self.last_incident.max(id);
    }

    /// The highest number given.
    pub fn last_incident(&self) -> u64 {
        self.last_incident
    }

    /// A delivery whose end is not known: it may still be sent, alone or with others.
    pub fn delivery(&self, id: &DeliveryId) -> Option<&Arc<Delivery>> {
        self.deliveries.get(id)
    }

    /// All such deliveries.
    pub fn deliveries(&self) -> impl Iterator<Item = &Arc<Delivery>> {
        self.deliveries.all()
    }

    /// The pages of one incident that may still be sent, alone or with others.
    pub fn pages_of(&self, incident: IncidentId) -> impl Iterator<Item = &Arc<Delivery>> {
        self.deliveries.of(incident).filter(|delivery| delivery.is_page())
    }

    /// The status updates of one incident that may still be sent.
    pub fn updates_of(&self, incident: IncidentId) -> impl Iterator<Item = &Arc<Delivery>> {
        self.deliveries.of(incident).filter(|delivery| delivery.is_update())
    }

    /// A page that waits for its rule's delay.
    pub fn prepared(&self, id: &DeliveryId) -> Option<&Arc<Delivery>> {
        self.prepared.get(id)
    }

    /// All pages that wait for their rules' delays.
    pub fn all_prepared(&self) -> impl Iterator<Item = &Arc<Delivery>> {
        self.prepared.all()
    }

    /// The pages of one incident that wait for their rules' delays.
    pub fn prepared_of(&self, incident: IncidentId) -> impl Iterator<Item = &Arc<Delivery>> {
        self.prepared.of(incident)
    }

    /// When a timer is due.
    pub fn timer(&self, key: &TimerKey) -> Option<Timestamp> {
        self.timers.get(key)
    }

    /// All timers, by key.
    pub fn timers(&self) -> impl Iterator<Item = Timer> + use<> {
        self.timers.sorted().into_iter()
    }

    /// What is due at `now`, earliest first, at most `max`.
    pub fn due(&self, now: Timestamp, max: usize) -> Vec<Timer> {
        self.timers.due(now, max)
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.timers.next_due()
    }

    /// Silences and maintenance windows, active, future or just ended.
    pub fn quiet(&self) -> &QuietState {
        &self.quiet
    }

    /// What was decided about schedules. To keep it beyond the state, clone the `Arc`.
    pub fn duty(&self) -> &Arc<Duty> {
        &self.duty
    }

    /// What a person decided, if they did.
    pub fn profile(&self, person: &PersonId) -> Option<&Arc<Profile>> {
        self.profiles.get(person)
    }

    /// All of them.
    pub fn profiles(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.profiles.values()
    }

    /// A token by its public part.
    pub fn token(&self, id: &TokenId) -> Option<&Arc<Token>> {
        self.tokens.get(id)
    }

    /// All tokens.
    pub fn tokens(&self) -> impl Iterator<Item = &Arc<Token>> {
        self.tokens.values()
    }
}
