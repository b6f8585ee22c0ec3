//! The one task that takes all inputs, in order, through the core's `decide`: one batch, one commit.
//!
//! Inputs are judged events, human actions, channel answers, due timers. A batch is decided against the state
//! in memory, withdrawn from the outbox where it cancels pages, made durable, and only then answered, published
//! to readers and offered for delivery (I2, I3, I12).

mod batch;
pub mod door;
mod judging;

pub use batch::Batch;
pub use judging::Judge;

use crate::clock;
use crate::deliver::Outbox;
use crate::limits::DUE_BATCH_MAX;
use crate::plugin::JudgedBatch;
use crate::store::{InputRecord, Store};
use door::{Asked, Door};
use jiff::Timestamp;
use nightbell_core::model::{
    Actor, AttemptResult, Change, Delivery, EventId, Input, ReceiptOutcome, Reply, State,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Judged batches and questions taken into one commit.
const GATHER_MAX: usize = 256;

/// What the pipeline is made of.
pub struct Pipeline {
    /// Where inputs come in and readers look.
    pub door: Door,
    /// Human actions and channel answers.
    pub asked: mpsc::Receiver<Asked>,
    /// Filters and routers.
    pub judge: Arc<dyn Judge>,
    /// Where pages go.
    pub outbox: Arc<Outbox>,
    /// What is open, ahead of what is published by the batch under way.
    pub state: State,
    /// All events up to this one are decided.
    pub cursor: EventId,
}

/// Why the pipeline ended other than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// Decisions are in memory that could not be made durable; only a restart tells them apart.
    #[error("cannot make decisions durable: {0}")]
    Commit(#[from] crate::store::StoreError),
    /// Events would be accepted and never decided.
    #[error("the task that has events judged ended unexpectedly; the log says why")]
    Judging,
}

impl Pipeline {
    /// Runs until `stop`. What was answered before is durable.
    ///
    /// # Errors
    /// [`PipelineError`]: the caller must end the process; it replays at the next start.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), PipelineError> {
        let store = self.door.store().clone();
        let judge = self.judge.clone();
        let (mut judged, judging) = judging::start(store.clone(), judge, self.cursor, stop.clone());
        let mut now = clock::now();
        // None before the first commit: the configuration may have changed while nothing ran.
        let mut config = None;
        self.commit(&*store, Gathered::default(), &mut config, now).await?;
        loop {
            let mut gathered = Gathered::default();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(asked) = self.asked.recv() => gathered.asked.push(asked),
                () = until_due(self.state.next_due()) => {}
                batch = judged.recv() => gathered.judged.push(batch.ok_or(PipelineError::Judging)?),
            }
            self.gather(&mut gathered, &mut judged);
            // Time never runs backwards here, whatever the machine's clock does.
            now = clock::now().max(now);
            self.commit(&*store, gathered, &mut config, now).await?;
        }
        judging.abort();
        Ok(())
    }

    /// Takes what else is there already, without waiting.
    fn gather(&mut self, gathered: &mut Gathered, judged: &mut mpsc::Receiver<JudgedBatch>) {
        while gathered.asked.len() < GATHER_MAX
            && let Ok(asked) = self.asked.try_recv()
        {
            gathered.asked.push(asked);
        }
        while gathered.judged.len() < 4
            && let Ok(batch) = judged.try_recv()
        {
            gathered.judged.push(batch);
        }
    }

    async fn commit(
        &mut self,
        store: &dyn Store,
        gathered: Gathered,
        config: &mut Option<String>,
        now: Timestamp,
    ) -> Result<(), PipelineError> {
        let plan = self.door.plan();
        let mut batch = Batch::new(&plan.directory, &mut self.state, self.cursor, now);
        if config.as_ref() != Some(&plan.sha256) {
            let is_reload = config.replace(plan.sha256.clone()).is_some();
            if batch.configure() || is_reload {
                batch.record(InputRecord::Config { sha256: plan.sha256.clone() });
            }
        }
        let mut answers = Vec::with_capacity(gathered.asked.len());
        for asked in gathered.asked {
            let reply = batch.ask(&asked.input, &asked.extra);
            answers.push((asked.answer, reply));
        }
        batch.due(DUE_BATCH_MAX);
        for judged in gathered.judged {
            batch.judged(judged);
        }
        let Some(commit) = batch.finish() else {
            answer(answers);
            return Ok(());
        };
        self.outbox.withdraw(&commit.changes);
        let (changes, cursor) = (commit.changes.clone(), commit.cursor);
        store.commit(commit).await?;
        self.cursor = cursor;
        self.door.publish(&changes);
        self.door.set_cursor(cursor);
        self.outbox.offer(pending(&changes, &self.state));
        answer(answers);
        Ok(())
    }
}

/// What one turn of the loop works on.
#[derive(Default)]
struct Gathered {
    asked: Vec<Asked>,
    judged: Vec<JudgedBatch>,
}

type Answer = (oneshot::Sender<Reply>, Reply);

fn answer(answers: Vec<Answer>) {
    for (whom, reply) in answers {
        // Whoever asked may have gone: what they asked for is done all the same.
        drop(whom.send(reply));
    }
}

/// Deliveries of a batch that are still wanted at its end.
fn pending<'a>(
    changes: &'a [Change],
    state: &'a State,
) -> impl Iterator<Item = Arc<Delivery>> + 'a {
    changes.iter().filter_map(|change| match change {
        Change::Delivery(delivery) => state.delivery(&delivery.id).cloned(),
        _ => None,
    })
}

/// Resolves when the next timer is due; never when there is none. A clock that jumps is noticed within a second.
async fn until_due(next: Option<Timestamp>) {
    let Some(next) = next else { return std::future::pending().await };
    loop {
        let left = next.duration_since(clock::now());
        match Duration::try_from(left) {
            Ok(left) if !left.is_zero() => {
                tokio::time::sleep(left.min(Duration::from_secs(1))).await;
            }
            _ => return,
        }
    }
}

/// What an input is called in the journal.
fn describe(input: &Input) -> Option<InputRecord> {
    match input {
        Input::Event(_) => None,
        Input::Action { by, action, .. } => {
            Some(InputRecord::Action { by: by.clone(), what: batch::words(action) })
        }
        Input::Attempt(attempt) => Some(InputRecord::Attempt {
            delivery: attempt.delivery.id.to_string(),
            result: match &attempt.result {
                AttemptResult::Delivered { .. } => "delivered".to_owned(),
                AttemptResult::Failed { message, .. } => {
                    format!("failed: {message}")
                }
            },
        }),
        Input::Receipt(receipt) => Some(InputRecord::Attempt {
            delivery: receipt.delivery.id.to_string(),
            result: match &receipt.outcome {
                ReceiptOutcome::Arrived => "arrived, it was told later".to_owned(),
                ReceiptOutcome::CameBack { reason } => format!("came back later: {reason}"),
            },
        }),
        Input::RefusedAnswer(answer) => Some(InputRecord::Action {
            by: Actor::Engine,
            what: format!("refused to {} incident {}", answer.wanted, answer.incident),
        }),
        Input::Due(key) => Some(InputRecord::Due(key.clone())),
        // Recorded as the change of the configuration.
        Input::Config => None,
    }
}

#[cfg(test)]
mod tests;
