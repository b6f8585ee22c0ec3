//! How fast is a plugin? The same question again and again, for a bounded time: in a fresh instance each, as the server
//! asks by default, and in one that is kept, as it asks a plugin with `reuse`.

use super::super::context::{Context, Meter};
use super::super::guest::Instance;
use super::case::Question;
use super::piece::Piece;
use nightbell_plugin::testing::{Case, Host};
use std::time::{Duration, Instant};
use wasmtime::Store;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct PaceOrder {
    /// How long each way is measured.
    pub duration: Duration,
    /// Events of a batch, for filters and routers.
    pub batch: usize,
}

/// What was measured of one way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// Calls made.
    pub calls: u64,
    /// Events in them: payloads or deliveries for parsers and channels.
    pub events: u64,
    /// By the clock, all together.
    pub took: Duration,
    /// The largest memory, in bytes.
    pub memory_bytes: usize,
}

impl Pace {
    /// Nanoseconds of one event.
    pub fn event_ns(&self) -> f64 {
        self.took.as_nanos() as f64 / self.events.max(1) as f64
    }

    /// Events in one second.
    pub fn events_per_s(&self) -> f64 {
        self.events as f64 / self.took.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

impl Piece {
    /// Fuel of one event: one call, its instance's start included, shared out.
    ///
    /// # Errors
    /// When the plugin breaks off, or this piece counts no fuel.
    pub async fn event_fuel(&self, case: &Case, order: PaceOrder) -> Result<f64, String> {
        let question = Question::of(self, case, Some(order.batch))?;
        let (mut store, instance) = self.ready(case, &question).await?;
        self.once(&mut store, &instance, &question).await?;
        let fuel = self.fuel_used(&store).ok_or("this engine counts no fuel")?;
        Ok(fuel as f64 / question.events.max(1) as f64)
    }

    /// A fresh instance for each call.
    ///
    /// # Errors
    /// When the plugin breaks off.
    pub async fn pace_fresh(&self, case: &Case, order: PaceOrder) -> Result<Pace, String> {
        let question = Question::of(self, case, Some(order.batch))?;
        let mut pace = Pace::default();
        let start = Instant::now();
        while start.elapsed() < order.duration {
            let (mut store, instance) = self.ready(case, &question).await?;
            self.once(&mut store, &instance, &question).await?;
            pace.count(&question, &store);
        }
        Ok(Pace { took: start.elapsed(), ..pace })
    }

    /// One instance for all calls.
    ///
    /// # Errors
    /// When the plugin breaks off.
    pub async fn pace_kept(&self, case: &Case, order: PaceOrder) -> Result<Pace, String> {
        let question = Question::of(self, case, Some(order.batch))?;
        let (mut store, instance) = self.ready(case, &question).await?;
        let mut pace = Pace::default();
        let start = Instant::now();
        while start.elapsed() < order.duration {
            let fresh = self.ready_context(case, &question)?;
            // The peak of an instance is that of all its calls.
            let memory_peak = store.data().meter.memory_peak;
            *store.data_mut() = fresh;
            let meter: &mut Meter = &mut store.data_mut().meter;
            meter.memory_peak = memory_peak;
            store.set_epoch_deadline(1);
            self.once(&mut store, &instance, &question).await?;
            pace.count(&question, &store);
        }
        Ok(Pace { took: start.elapsed(), ..pace })
    }

    async fn ready(
        &self,
        case: &Case,
        question: &Question,
    ) -> Result<(Store<Context>, Instance), String> {
        self.instance(self.ready_context(case, question)?).await
    }

    /// The outside answers everything: a channel is measured, not the network.
    fn ready_context(&self, case: &Case, question: &Question) -> Result<Context, String> {
        let host: Host = case.host()?;
        host.answer_the_rest();
        Ok(self.context_with_state(&question.asked(), &host, std::sync::Arc::default()))
    }

    async fn once(
        &self,
        store: &mut Store<Context>,
        instance: &Instance,
        question: &Question,
    ) -> Result<(), String> {
        let said = instance.ask(&mut *store, &question.asked().ask).await;
        said.map(drop).map_err(|error| self.fault(&error, store.data()))
    }
}

impl Pace {
    fn count(&mut self, question: &Question, store: &Store<Context>) {
        self.calls += 1;
        self.events += question.events as u64;
        self.memory_bytes = self.memory_bytes.max(store.data().meter.memory_peak);
    }
}
