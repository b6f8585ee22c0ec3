//! What ingest needs of a parser: one call, payload in, outcome out. The plugin host is behind it; a test puts
//! values there.

pub use crate::plugin::{ParseOutcome, ParsedEvent, Payload, Reply};

use futures_util::future::BoxFuture;

/// All parsers by name.
pub trait Parsers: Send + Sync + 'static {
    /// Runs one parser on one payload while the sender waits; called many at once, at most
    /// `limits::PARSING_MAX`. `settings` are the integration's, laid over the parser's own; null for none.
    /// Never fails: a trap, a stall or a missing parser is `ParseOutcome::Failed`.
    fn parse<'a>(
        &'a self,
        parser: &'a str,
        payload: &'a Payload,
        settings: &'a serde_json::Value,
    ) -> BoxFuture<'a, ParseOutcome>;
}
