//! Answers as Alertmanager gives them: an empty 200, or a 400 whose body is one JSON string.

use nightbell_plugin::{Event, ParseError, Parsed, Reply};

/// As many lines as a sender is told at once; all of them are kept with the payload.
const LINES_MAX: usize = 10;

/// The answer to a batch: good alerts are stored even when others make it a 400.
pub(crate) fn answer(events: Vec<Event>, rejected: Vec<String>) -> Result<Parsed, ParseError> {
    if rejected.is_empty() {
        return Ok(Parsed::of(events).reply(Reply::empty(200)));
    }
    let message = message(&rejected);
    if events.is_empty() {
        return Err(refuse(ParseError::new(message)));
    }
    let mut parsed = Parsed::of(events).reply(Reply::json(400, &message));
    parsed.rejected = rejected;
    Ok(parsed)
}

/// The error with Alertmanager's reply.
pub(crate) fn refuse(error: ParseError) -> ParseError {
    let reply = Reply::json(400, &error.message);
    error.reply(reply)
}

fn message(rejected: &[String]) -> String {
    let mut lines = rejected.iter().take(LINES_MAX).cloned().collect::<Vec<_>>().join("; ");
    if rejected.len() > LINES_MAX {
        lines.push_str(&format!("; and {} more", rejected.len() - LINES_MAX));
    }
    lines
}
