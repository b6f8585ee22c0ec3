//! The door of the pipeline: how everybody else asks for a decision and looks at what is open.
//!
//! What comes in: inputs for `decide`, from the API, the console, answer links and channels. What goes out: the
//! reply, once what was decided is durable. It never decides and never writes to the store.

use crate::config::Plan;
use crate::limits;
use crate::store::Store;
use arc_swap::ArcSwap;
use nightbell_core::model::{Change, EventId, Input, Reply, State, View};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// One question to the pipeline.
#[derive(Debug)]
pub struct Asked {
    /// What happened or is wanted.
    pub input: Input,
    /// Changes that join the same commit: what a plugin wrote on the way.
    pub extra: Vec<Change>,
    /// Told after the commit is durable and published.
    pub answer: oneshot::Sender<Reply>,
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoorClosed {
    /// Too many inputs wait.
    #[error("the engine has too much to decide; try again in a few seconds")]
    Busy,
    /// The pipeline has ended: the engine is stopping.
    #[error("the engine is stopping")]
    Stopping,
}

/// Cheap to clone; every clone is the same door.
#[derive(Clone)]
pub struct Door {
    asks: mpsc::Sender<Asked>,
    /// Std, not async: it is never held across an await, only for the reading itself.
    state: Arc<RwLock<State>>,
    plan: Arc<ArcSwap<Plan>>,
    store: Arc<dyn Store>,
    cursor: Arc<AtomicU64>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("cursor", &self.cursor()).finish_non_exhaustive()
    }
}

impl Door {
    /// A door onto what a store held when it was opened, and the end the pipeline reads from.
    pub fn new(
        state: State,
        cursor: EventId,
        plan: Arc<ArcSwap<Plan>>,
        store: Arc<dyn Store>,
    ) -> (Self, mpsc::Receiver<Asked>) {
        let (asks, asked) = mpsc::channel(limits::DOOR_QUEUE_MAX);
        let state = Arc::new(RwLock::new(state));
        let cursor = Arc::new(AtomicU64::new(cursor.0));
        (Self { asks, state, plan, store, cursor }, asked)
    }

    /// Asks for a decision. Answers once it is durable.
    ///
    /// # Errors
    /// `Busy` when the queue stays full for `limits::INGEST_WAIT`; nothing was asked then. `Stopping` when the
    /// pipeline ended; whether the input was decided is not known then.
    pub async fn submit(&self, input: Input) -> Result<Reply, DoorClosed> {
        self.submit_with(input, Vec::new()).await
    }

    /// As [`Door::submit`], with changes that join the same commit.
    ///
    /// # Errors
    /// As [`Door::submit`].
    pub async fn submit_with(&self, input: Input, extra: Vec<Change>) -> Result<Reply, DoorClosed> {
        let (answer, reply) = oneshot::channel();
        let place = timeout(limits::INGEST_WAIT, self.asks.reserve()).await;
        let place = place.map_err(|_| DoorClosed::Busy)?.map_err(|_| DoorClosed::Stopping)?;
        place.send(Asked { input, extra, answer });
        reply.await.map_err(|_| DoorClosed::Stopping)
    }

    /// Looks at what is open, as published after the last commit. `read` must be quick: decisions wait for it.
    pub fn view<R>(&self, read: impl FnOnce(View<'_>) -> R) -> R {
        let plan = self.plan.load();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        read(View { directory: &plan.directory, state: &state })
    }

    /// The configuration in force.
    pub fn plan(&self) -> Arc<Plan> {
        self.plan.load_full()
    }

    /// Puts another configuration in force.
    pub fn set_plan(&self, plan: Arc<Plan>) {
        self.plan.store(plan);
    }

    /// Where facts are read from.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Shows durable changes to all readers; called by the pipeline only.
    pub fn publish(&self, changes: &[Change]) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).apply(changes);
    }

    /// All events up to this one are decided.
    pub fn cursor(&self) -> EventId {
        EventId(self.cursor.load(Ordering::Acquire))
    }

    /// Moves the cursor; called by the pipeline only.
    pub fn set_cursor(&self, cursor: EventId) {
        self.cursor.store(cursor.0, Ordering::Release);
    }
}
