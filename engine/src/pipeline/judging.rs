//! Filters and routers over batches of events, ahead of the decisions.
//!
//! A task of its own reads events in journal order, has them judged and hands the batches on in that order, so
//! that a person's acknowledgement never waits for a plugin.

use crate::limits::BATCH_MAX;
use crate::plugin::JudgedBatch;
use crate::store::Store;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use nightbell_core::model::{Directory, Event, EventId, JudgedEvent, RouteDecision, Verdict};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Filters and routers, as the pipeline sees them. Never fails: a failing plugin lets its events pass (I7).
pub trait Judge: Send + Sync + 'static {
    /// Judges a batch; one judged event per event, in order.
    fn judge(&self, events: Vec<Arc<Event>>) -> BoxFuture<'_, JudgedBatch>;
}

/// Batches judged ahead of the decisions.
const AHEAD: usize = 4;

/// Starts the judging task. It ends when `stop` is cancelled or nobody takes its batches.
pub(super) fn start(
    store: Arc<dyn Store>,
    judge: Arc<dyn Judge>,
    from: EventId,
    stop: CancellationToken,
) -> (mpsc::Receiver<JudgedBatch>, tokio::task::JoinHandle<()>) {
    let (batches, judged) = mpsc::channel(AHEAD);
    let task = tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = run(store, judge, from, batches) => {}
        }
    });
    (judged, task)
}

async fn run(
    store: Arc<dyn Store>,
    judge: Arc<dyn Judge>,
    mut after: EventId,
    batches: mpsc::Sender<JudgedBatch>,
) {
    let mut appended = store.appended();
    loop {
        appended.mark_unchanged();
        let events = match store.pending(after, BATCH_MAX).await {
            Ok(events) => events,
            Err(error) => {
                tracing::error!(%error, "cannot read the journal, trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let Some(last) = events.last().map(|event| event.id) else {
            if appended.changed().await.is_err() {
                return;
            }
            continue;
        };
        let judged = judge_all(&*judge, &events).await;
        after = last;
        if batches.send(judged).await.is_err() {
            return;
        }
    }
}

/// One judged event per event, in order, whatever becomes of the host: what it does not answer for passes. Without
/// that one panic would leave every later event accepted and never decided.
async fn judge_all(judge: &dyn Judge, events: &[Arc<Event>]) -> JudgedBatch {
    let judged = AssertUnwindSafe(judge_others(judge, events.to_vec())).catch_unwind().await;
    let (first, last) = (events.first().map(|e| e.id.0), events.last().map(|e| e.id.0));
    let failures = match judged {
        Ok(batch) if answers(&batch, events) => return batch,
        Ok(batch) => {
            tracing::error!(first, last, "the plugin host left events out; all of the batch pass");
            batch.failures
        }
        Err(_) => {
            tracing::error!(first, last, "the plugin host panicked; all of the batch pass");
            Vec::new()
        }
    };
    let events = events.iter().map(passed).collect();
    JudgedBatch { events, changes: Vec::new(), failures }
}

fn answers(batch: &JudgedBatch, events: &[Arc<Event>]) -> bool {
    let judged = batch.events.iter().map(|judged| judged.event.id);
    judged.eq(events.iter().map(|event| event.id))
}

/// The engine's own events are not for plugins to drop.
async fn judge_others(judge: &dyn Judge, events: Vec<Arc<Event>>) -> JudgedBatch {
    let is_own = |event: &Event| event.integration.as_str() == Directory::BUILT_IN;
    if !events.iter().any(|event| is_own(event)) {
        return judge.judge(events).await;
    }
    let (own, others): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| is_own(event));
    let mut batch = match others.is_empty() {
        true => JudgedBatch::default(),
        false => judge.judge(others).await,
    };
    batch.events.extend(own.iter().map(passed));
    batch.events.sort_by_key(|judged| judged.event.id);
    batch
}

fn passed(event: &Arc<Event>) -> JudgedEvent {
    JudgedEvent {
        event: event.clone(),
        verdict: Verdict::Pass,
        decision: RouteDecision::default(),
        stages: Vec::new(),
    }
}
