//! What a case asks, as the wire has it; and a plugin asked that.

use super::super::guest::Ask;
use super::super::to_guest::Packed;
use super::super::wire::ex;
use super::piece::{Asked, Piece, Tried};
use super::{events, from_wire, to_wire};
use jiff::Timestamp;
use nightbell_pack::Kind;
use nightbell_plugin::packed::{Batch, Packer};
use nightbell_plugin::testing::{Case, ChannelAsk, Host};

/// A question that holds what it asks about.
pub(super) struct Question {
    kind: Kind,
    words: Words,
    now: Timestamp,
    /// How many events it is about; for a parser or a channel one.
    pub(super) events: usize,
}

enum Words {
    Parse(ex::parsing::Payload),
    Packed(Packer),
    Json(String),
    Deliver(Box<ex::delivery::Notification>),
    Callback(ex::delivery::Request),
    Validate(String),
}

impl Question {
    /// What a case asks of a plugin. `batch`: its events, again and again, until there are so many.
    ///
    /// # Errors
    /// When the case does not say what this kind needs.
    pub(super) fn of(piece: &Piece, case: &Case, batch: Option<usize>) -> Result<Self, String> {
        let kind = piece.outline().kind;
        let question = |words, now, events| Self { kind, words, now, events };
        Ok(match kind {
            Kind::Parser => {
                let payload = case.payload()?;
                let now = instant(payload.received_at)?;
                question(Words::Parse(to_wire::payload(payload)), now, 1)
            }
            Kind::Filter | Kind::Router => {
                let mut packer = case.batch()?;
                if let Some(size) = batch {
                    packer = repeated(&packer.batch(), size)?;
                }
                let now = packer.batch().iter().map(|event| event.received_at_ms()).max();
                let now = instant(now.ok_or("input: expected at least one event")?)?;
                let events = packer.len();
                let words = if piece.speaks_json() {
                    Words::Json(events::json_text(&packer.batch()))
                } else {
                    Words::Packed(packer)
                };
                question(words, now, events)
            }
            Kind::Channel => match case.channel()? {
                ChannelAsk::Deliver(notification) => {
                    let now = instant(notification.now)?;
                    let wire = to_wire::notification(*notification);
                    question(Words::Deliver(Box::new(wire)), now, 1)
                }
                ChannelAsk::Callback(request) => {
                    let now = instant(request.now)?;
                    question(Words::Callback(to_wire::callback(request)), now, 1)
                }
                ChannelAsk::Validate(address) => {
                    question(Words::Validate(address), Timestamp::UNIX_EPOCH, 1)
                }
            },
        })
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        let ask = match &self.words {
            Words::Parse(payload) => Ask::Parse(payload),
            Words::Packed(packer) => Ask::Packed { arena: packer.arena(), index: packer.index() },
            Words::Json(text) => Ask::Json(text),
            Words::Deliver(notification) => Ask::Deliver(notification),
            Words::Callback(request) => Ask::Callback(request),
            Words::Validate(address) => Ask::Validate(address),
        };
        // As in the server: an address is judged without asking anybody outside.
        let outside = matches!(self.words, Words::Deliver(_) | Words::Callback(_));
        Asked { ask, now: self.now, outside }
    }
}

impl Piece {
    /// Asks what a case asks, on this host.
    ///
    /// # Errors
    /// When the case does not say what this kind needs. A plugin that breaks off is an output, no error.
    pub async fn run_case(&self, case: &Case, host: &Host) -> Result<Tried, String> {
        let question = Question::of(self, case, None)?;
        let read = |said| from_wire::output(question.kind, said, question.events);
        Ok(self.ask(question.asked(), host, read).await)
    }
}

fn instant(ms: i64) -> Result<Timestamp, String> {
    Timestamp::from_millisecond(ms).map_err(|_| format!("{ms} ms is outside the calendar"))
}

/// A batch of this size, of the events of another, in order and again.
fn repeated(batch: &Batch<'_>, size: usize) -> Result<Packer, String> {
    let owned: Vec<_> =
        batch.iter().map(|event| (events::owned(&event), event.service().to_owned())).collect();
    let mut packer = Packer::new();
    packer.begin(u32::try_from(size).map_err(|_| "a batch is not that large")?);
    for (event, service) in owned.iter().cycle().take(size) {
        packer.push(&Packed { event, service }).map_err(|error| error.to_string())?;
    }
    Ok(packer)
}
