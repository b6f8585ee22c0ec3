//! One engine's process: state in memory, outbox, attempts under way, over a store that outlives it. It does what the
//! pipeline does, in its order, and can be killed between any two of its steps.

use crate::law;
use crate::random::Random;
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use nightbell::deliver::Outbox;
use nightbell::pipeline::Batch;
use nightbell::plugin::JudgedBatch;
use nightbell::store::{Arrival, Commit, MemoryStore, Store};
use nightbell_core::model::{
    Change, Delivery, Directory, EventId, Input, JudgedEvent, Reply, State,
};
use std::sync::Arc;

/// Where a process may be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Killed {
    /// Decided, nothing durable.
    BeforeCommit,
    /// Durable, nobody knows.
    AfterCommit,
}

/// An attempt that started and has not ended.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) delivery: Arc<Delivery>,
    pub(crate) started_at: Timestamp,
    pub(crate) ends_at: Timestamp,
}

pub(crate) struct Process {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) state: State,
    pub(crate) outbox: Outbox,
    pub(crate) cursor: EventId,
    pub(crate) flights: Vec<Flight>,
    /// Timers taken into one commit at most.
    due_max: usize,
}

/// What came of one turn of the loop.
pub(crate) struct Turn {
    pub(crate) commit: Option<Commit>,
    pub(crate) reply: Reply,
    pub(crate) killed: Option<Killed>,
}

impl Process {
    /// Starts on what a store holds, as after a crash.
    pub(crate) fn start(store: Arc<MemoryStore>, random: &mut Random) -> Self {
        let opened = store.opened();
        let outbox = Outbox::new(opened.state.deliveries().cloned());
        Self {
            state: opened.state,
            cursor: opened.cursor,
            outbox,
            flights: Vec::new(),
            store,
            due_max: usize::try_from(random.between(1, 64)).unwrap(),
        }
    }

    /// What a monitor sent is durable before it is answered.
    pub(crate) fn append(&self, arrival: Arrival) {
        self.store.append(vec![arrival]).now_or_never().unwrap().unwrap();
    }

    /// One turn: an input if there is one, what is due, and the events that wait; then the commit, unless killed before.
    pub(crate) fn turn(
        &mut self,
        directory: &Directory,
        input: Option<&Input>,
        judge: impl Fn(&nightbell_core::model::Event) -> JudgedEvent,
        now: Timestamp,
        kill: Option<Killed>,
    ) -> Turn {
        let waiting = self.store.pending(self.cursor, 50).now_or_never().unwrap().unwrap();
        let due = law::due_in_order(&self.state, now, self.due_max);
        let mut batch = Batch::new(directory, &mut self.state, self.cursor, now);
        let reply = input.map_or(Reply::Done, |input| batch.ask(input, &[]));
        batch.due(self.due_max);
        let events = waiting.iter().map(|event| judge(event)).collect();
        batch.judged(JudgedBatch { events, ..JudgedBatch::default() });
        let Some(commit) = batch.finish() else {
            return Turn { commit: None, reply, killed: None };
        };
        law::after_decision(directory, &self.state, &commit);
        if input.is_none() {
            law::taken_in_order(&due, &commit);
        }
        if kill == Some(Killed::BeforeCommit) {
            return Turn { commit: Some(commit), reply, killed: kill };
        }
        self.outbox.withdraw(&commit.changes);
        self.store.commit(commit.clone()).now_or_never().unwrap().unwrap();
        self.cursor = commit.cursor;
        if kill == Some(Killed::AfterCommit) {
            return Turn { commit: Some(commit), reply, killed: kill };
        }
        let state = &self.state;
        let pending = commit.changes.iter().filter_map(|change| match change {
            Change::Delivery(delivery) => state.delivery(&delivery.id).cloned(),
            _ => None,
        });
        self.outbox.offer(pending);
        Turn { commit: Some(commit), reply, killed: None }
    }

    /// Starts an attempt if one may start, asking last whether it is still wanted, as the dispatcher does. `seconds` says
    /// how long it takes.
    pub(crate) fn start_attempt(
        &mut self,
        now: Timestamp,
        seconds: impl FnOnce(&Delivery) -> i64,
    ) -> Option<Arc<Delivery>> {
        let delivery = self.outbox.start(now, |_| true)?;
        if !self.outbox.is_wanted(&delivery.id) {
            self.outbox.finish(&delivery.id);
            return None;
        }
        law::attempt_may_start(&self.state, &delivery);
        let ends_at = now + SignedDuration::from_secs(seconds(&delivery));
        self.flights.push(Flight { delivery: delivery.clone(), started_at: now, ends_at });
        Some(delivery)
    }

    /// An attempt whose time has come.
    pub(crate) fn landed(&mut self, now: Timestamp) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.ends_at <= now)?;
        Some(self.flights.remove(at))
    }

    /// When the next attempt ends or may start. What might have started at `now` and did not waits for one under way.
    pub(crate) fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        let flights = self.flights.iter().map(|flight| flight.ends_at);
        let ready = self.outbox.next_at().filter(|at| *at > now || self.flights.is_empty());
        flights.chain(ready).chain(self.state.next_due()).min()
    }
}
