//! What a guest's store holds during a call: its meter, its pen, its settings, its state and its way outside.
//! Made anew for every call, so that nothing leaks from one into the next.

use super::bounds;
use super::grant::Grants;
use super::logbook::Pen;
use super::outside::http::{HttpDoor, HttpGrant};
use super::outside::mail::{Envelope, MailDoor};
use super::state::Overlay;
use super::workshop::stage::Stage;
use crate::config::MailPlan;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use wasmtime::{ResourceLimiter, StoreContextMut, UpdateDeadline};

/// A store's data.
pub(super) struct Context {
    pub(super) meter: Meter,
    pub(super) pen: Pen,
    /// One JSON object.
    pub(super) settings: Arc<str>,
    /// Why there is none, or what the call sees and writes.
    pub(super) state: Result<Overlay, String>,
    pub(super) grants: Arc<Grants>,
    /// Only for channels.
    pub(super) outside: Option<Outside>,
    /// Only in the workshop: what answers in the place of the outside.
    pub(super) stage: Option<Stage>,
}

/// What is counted during a call.
pub(super) struct Meter {
    pub(super) ticks_max: u32,
    ticks_used: u32,
    pub(super) memory_max: usize,
    /// Set when memory was refused: how much it wanted.
    pub(super) memory_refused: Option<usize>,
    /// The largest size a memory grew to during the call.
    pub(super) memory_peak: usize,
    calls_left: u32,
}

/// The doors to the outside, shared by all channels.
pub(super) struct Doors {
    pub(super) http: HttpDoor,
    pub(super) mail: MailDoor,
}

/// A channel's way outside during one call.
pub(super) struct Outside {
    pub(super) doors: Arc<Doors>,
    /// Why there is none, or where to.
    pub(super) http: Result<HttpGrant, String>,
    /// Why there is none, or to whom.
    pub(super) mail: Result<(Option<MailPlan>, Envelope), String>,
    pub(super) sends_left: u32,
    /// When sending must be over: a little before the call's own end, so that the guest can still say what happened.
    pub(super) deadline: Instant,
}

impl Meter {
    pub(super) fn new(ticks_max: u32, memory_max: usize) -> Self {
        Self {
            ticks_max,
            ticks_used: 0,
            memory_max,
            memory_refused: None,
            memory_peak: 0,
            calls_left: bounds::HOST_CALLS_MAX,
        }
    }
}

impl Context {
    /// Counts a call from the guest.
    ///
    /// # Errors
    /// A trap beyond the bound: a guest that calls without end would never meet an epoch check it minds.
    pub(super) fn count_call(&mut self) -> wasmtime::Result<()> {
        match self.meter.calls_left.checked_sub(1) {
            Some(left) => {
                self.meter.calls_left = left;
                Ok(())
            }
            None => Err(wasmtime::format_err!(
                "more than {} calls to the host in one call",
                bounds::HOST_CALLS_MAX
            )),
        }
    }
}

impl Outside {
    /// Counts a request or a mail; `None` beyond the bound. Otherwise the time that is left.
    pub(super) fn count_send(&mut self) -> Option<Duration> {
        self.sends_left = self.sends_left.checked_sub(1)?;
        Some(self.deadline.saturating_duration_since(Instant::now()))
    }
}

/// One tick has passed while the guest was on a thread: let others run, or end it. Waiting for an answer from outside
/// costs one tick at most.
pub(super) fn on_tick(mut store: StoreContextMut<'_, Context>) -> wasmtime::Result<UpdateDeadline> {
    let meter = &mut store.data_mut().meter;
    meter.ticks_used += 1;
    if meter.ticks_used > meter.ticks_max {
        Ok(UpdateDeadline::Interrupt)
    } else {
        Ok(UpdateDeadline::Yield(1))
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired <= self.memory_max {
            self.memory_peak = self.memory_peak.max(desired);
            return Ok(true);
        }
        self.memory_refused = Some(desired);
        Ok(false)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= bounds::TABLE_ELEMENTS_MAX)
    }
}
