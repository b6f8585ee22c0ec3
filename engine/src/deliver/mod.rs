//! The outbox on its way to people: bounded attempts through channel plugins, results back through the door.
//!
//! Nothing is decided here. Which page, to whom, how often and what then is the core's; this module starts
//! what may start, at most so many at once and so many per channel, and reports how it ended.

mod bundle;
mod notice;
mod notification;
mod outbox;
mod reason;
mod trouble;

pub use outbox::Outbox;
pub use trouble::ChannelTrouble;

use crate::clock;
use crate::limits::{DELIVERIES_MAX, DELIVERIES_PER_CHANNEL_MAX, OPENING_EVENT_WAIT};
use crate::pipeline::door::{Door, DoorClosed};
use crate::plugin::{AnswerLinks, Delivered, Failure, Notification, Receipt};
use crate::store::StoreError;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use nightbell_core::model::{
    Alert, Attempt, AttemptResult, Delivery, Event, EventId, FailureKind, IncidentId, Input,
    Notice, NoticeKind, Purpose, View,
};
use notification::Facts;
use outbox::Going;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Channel plugins, as the dispatcher sees them.
pub trait Channels: Send + Sync + 'static {
    /// Brings one notification to its address. Bounded in time by the implementation.
    fn deliver<'a>(
        &'a self,
        channel: &'a str,
        notification: Notification,
    ) -> BoxFuture<'a, Delivered>;
}

/// Makes the addresses where the person of one delivery can answer.
pub trait Answers: Send + Sync + 'static {
    /// Fresh links of one delivery, for its person.
    fn links(&self, delivery: &Delivery, now: Timestamp) -> AnswerLinks;

    /// Where the other side of the channel may answer.
    fn callback_url(&self, delivery: &Delivery, now: Timestamp) -> Option<String>;

    /// The code that proves the address of a delivery, made of this salt.
    fn code(&self, delivery: &Delivery, salt: &[u8; 32]) -> String;
}

/// What the dispatcher works with.
#[derive(Clone)]
pub struct Dispatcher {
    /// Where results go.
    pub door: Door,
    /// What may start.
    pub outbox: Arc<Outbox>,
    /// Through what.
    pub channels: Arc<dyn Channels>,
    /// Where people answer.
    pub answers: Arc<dyn Answers>,
    /// Tells the built-in service when a channel no longer works.
    pub trouble: Arc<ChannelTrouble>,
}

impl Dispatcher {
    /// Starts attempts until `stop`; then waits for those under way, so that their results are kept.
    pub async fn run(self, stop: CancellationToken) {
        let mut under_way = JoinSet::new();
        let mut per_channel: BTreeMap<String, usize> = BTreeMap::new();
        loop {
            self.start_ready(&mut under_way, &mut per_channel);
            let pause = self.pause(under_way.len());
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.outbox.changed() => {}
                Some(ended) = under_way.join_next() => release(&mut per_channel, ended),
                () = tokio::time::sleep(pause) => {}
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    fn start_ready(
        &self,
        under_way: &mut JoinSet<String>,
        per_channel: &mut BTreeMap<String, usize>,
    ) {
        while under_way.len() < DELIVERIES_MAX {
            let has_room = |channel: &str| {
                per_channel.get(channel).copied().unwrap_or(0) < DELIVERIES_PER_CHANNEL_MAX
            };
            let Some(delivery) = self.outbox.start(clock::now(), has_room) else { return };
            *per_channel.entry(delivery.channel.clone()).or_default() += 1;
            let this = self.clone();
            under_way.spawn(async move {
                let channel = delivery.channel.clone();
                this.attempt(delivery).await;
                channel
            });
        }
    }

    /// Until the next delivery may start.
    fn pause(&self, under_way: usize) -> Duration {
        const LONGEST: Duration = Duration::from_secs(60);
        // The earliest waits for room on its channel; one behind it may be due on another one before that.
        const NO_ROOM: Duration = Duration::from_millis(250);
        let Some(at) = self.outbox.next_at() else { return LONGEST };
        let wait = at.duration_since(clock::now());
        match Duration::try_from(wait) {
            Ok(wait) => wait.clamp(Duration::from_millis(1), LONGEST),
            Err(_) if under_way > 0 => NO_ROOM,
            Err(_) => Duration::from_millis(1),
        }
    }

    async fn attempt(&self, delivery: Arc<Delivery>) {
        let started_at = clock::now();
        if let Some(delivered) = self.deliver(&delivery, started_at).await {
            metrics::counter!("nightbell_attempts_total", "channel" => delivery.channel.clone(),
                "result" => if delivered.result.is_ok() { "delivered" } else { "failed" })
            .increment(1);
            tracing::info!(delivery = %delivery.id, incident = delivery.incident.0,
                channel = %delivery.channel, person = %delivery.person, page = delivery.is_page(),
                error = delivered.result.as_ref().err().map(|f| f.message.as_str()), "attempt ended");
            self.trouble.note(&delivery, &delivered.result).await;
            self.report(&delivery, started_at, delivered).await;
        }
        self.outbox.finish(&delivery.id);
    }

    async fn deliver(&self, delivery: &Arc<Delivery>, now: Timestamp) -> Option<Delivered> {
        let notification = loop {
            let gone = self.outbox.gone(&delivery.id);
            let notification = match &delivery.purpose {
                Purpose::Notice(notice) => match self.notice(delivery, notice, now) {
                    Some(notification) => Some(notification),
                    None => return Some(void()),
                },
                Purpose::Bundle { .. } => self.about_several(delivery, &gone, now).await,
                Purpose::Page | Purpose::Post { .. } | Purpose::StatusUpdate { .. } => {
                    self.about_incident(delivery, now).await
                }
            }?;
            // Reading the event took its time, and somebody may have answered since. Each turn of the loop leaves out what
            // was answered, so it ends.
            match self.outbox.may_go(&delivery.id, gone.len()) {
                Going::Yes => break notification,
                Going::No => return None,
                Going::Changed => {}
            }
        };
        let delivered = AssertUnwindSafe(self.channels.deliver(&delivery.channel, notification));
        Some(delivered.catch_unwind().await.unwrap_or_else(|_| panicked()))
    }

    /// What a notice says. `None` for a code that no longer holds.
    fn notice(
        &self,
        delivery: &Arc<Delivery>,
        notice: &Notice,
        now: Timestamp,
    ) -> Option<Notification> {
        if notice.kind != NoticeKind::Verification {
            return self.door.view(|view| Some(notice::compose(view, delivery, notice, now)));
        }
        self.door.view(|view| {
            let salt = notice::salt(view, delivery, now)?;
            let code = self.answers.code(delivery, &salt);
            Some(notice::with_code(notice::compose(view, delivery, notice, now), &code))
        })
    }

    /// What one message of several pages says. `None` when nothing in it is wanted any more.
    async fn about_several(
        &self,
        delivery: &Arc<Delivery>,
        gone: &BTreeSet<IncidentId>,
        now: Timestamp,
    ) -> Option<Notification> {
        let first = |view: View<'_>| {
            let incidents = bundle::wanted(view, delivery, gone);
            incidents.first().map(|incident| incident.opened_by)
        };
        let event = self.opening_event(self.door.view(first)?).await;
        let answers = self.answers.links(delivery, now);
        let callback_url = self.answers.callback_url(delivery, now);
        let facts = Facts { event, alerts: Vec::new(), answers, callback_url, now };
        self.door.view(|view| bundle::compose(view, delivery, gone, facts))
    }

    /// What a page or an update says. `None` when nothing is to be told about the incident any more.
    async fn about_incident(
        &self,
        delivery: &Arc<Delivery>,
        now: Timestamp,
    ) -> Option<Notification> {
        let opened_by = self.door.view(|view| {
            view.state.known_incident(delivery.incident).map(|incident| incident.opened_by)
        })?;
        let event = self.opening_event(opened_by).await;
        let alerts = match delivery.is_page() || delivery.is_post() {
            true => Vec::new(),
            false => self.alerts(delivery.incident).await,
        };
        let answers = self.answers.links(delivery, now);
        let callback_url = self.answers.callback_url(delivery, now);
        let facts = Facts { event, alerts, answers, callback_url, now };
        self.door.view(|view| notification::compose(view, delivery, facts))
    }

    /// The incident's alerts, ended ones too: an update names what is over. Pages do without, so that nothing but the
    /// opening event keeps them waiting.
    async fn alerts(&self, id: IncidentId) -> Vec<Arc<Alert>> {
        let read = tokio::time::timeout(OPENING_EVENT_WAIT, self.door.store().alerts(id)).await;
        match read {
            Ok(Ok(alerts)) => alerts,
            Ok(Err(error)) => {
                tracing::warn!(incident = id.0, %error, "cannot read the alerts, updating without their titles");
                Vec::new()
            }
            Err(_) => {
                tracing::warn!(
                    incident = id.0,
                    "the store takes too long, updating without the alerts' titles"
                );
                Vec::new()
            }
        }
    }

    /// The event that opened the incident. A store that cannot read it, or is slow, must not keep the page from
    /// going out.
    async fn opening_event(&self, id: EventId) -> Arc<Event> {
        let read = tokio::time::timeout(OPENING_EVENT_WAIT, self.door.store().event(id)).await;
        let slow = |_| Err(StoreError::Failed("the store takes too long".to_owned()));
        match read.unwrap_or_else(slow) {
            Ok(Some(stored)) => {
                if let Some(event) = stored.event {
                    return Arc::new(event);
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(event = id.0, %error, "cannot read the opening event, paging without its details");
            }
        }
        Arc::new(crate::trouble::placeholder(id, clock::now()))
    }

    async fn report(&self, delivery: &Arc<Delivery>, started_at: Timestamp, delivered: Delivered) {
        let result = match delivered.result {
            Ok(Receipt { delivered, id, thread, problems }) => {
                AttemptResult::Delivered { receipt: id, thread, arrived: delivered, problems }
            }
            Err(Failure { kind, message }) => AttemptResult::Failed { kind, message },
        };
        let attempt = Attempt { delivery: delivery.clone(), started_at, result };
        loop {
            let input = Input::Attempt(attempt.clone());
            match self.door.submit_with(input, delivered.changes.clone()).await {
                Ok(_) => return,
                // Forgetting a result would leave the delivery pending for ever.
                Err(DoorClosed::Busy) => {}
                Err(DoorClosed::Stopping) => {
                    // Still pending on disk: it goes out again after the restart (I4).
                    tracing::warn!(delivery = %delivery.id, "stopped before an attempt was recorded");
                    return;
                }
            }
        }
    }
}

fn release(
    per_channel: &mut BTreeMap<String, usize>,
    ended: Result<String, tokio::task::JoinError>,
) {
    match ended {
        Ok(channel) => {
            if let Some(count) = per_channel.get_mut(&channel) {
                *count = count.saturating_sub(1);
            }
        }
        Err(error) => {
            // A panic does not tell its channel; forgetting the counts is safer than never sending again.
            tracing::error!(%error, "an attempt panicked");
            per_channel.clear();
        }
    }
}

/// A code that was replaced, confirmed or has expired before it could be sent.
fn void() -> Delivered {
    let message = "the code no longer holds".to_owned();
    let failure = Failure { kind: FailureKind::Permanent, message };
    Delivered { result: Err(failure), changes: Vec::new(), plugin: None }
}

/// A panic in the host is our fault and must not lose the page.
fn panicked() -> Delivered {
    let message = "the channel's host failed; see the log".to_owned();
    let kind = FailureKind::Transient { retry_after_s: None };
    Delivered { result: Err(Failure { kind, message }), changes: Vec::new(), plugin: None }
}

/// Whether a failure says that the channel, and not the address, is in trouble.
fn is_channels_fault(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Transient { .. })
}
