//! Requests to Slack's Web API, and what a refusal means for the delivery.

use std::fmt;

use nightbell_plugin::http::{Request, Response};
use nightbell_plugin::{Failure, FailureKind};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::message::Message;
use crate::settings::Settings;
use crate::thread::Thread;

/// As long as one exchange may take; the host's limit for the whole call is above two of them.
const TIMEOUT_MS: u32 = 9_000;

/// A message that Slack took.
#[derive(Debug)]
pub(crate) struct Posted {
    pub channel: String,
    pub ts: String,
}

/// Why Slack did not take it.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Slack's word for it; empty when it said none.
    code: String,
    failure: Failure,
}

#[derive(Debug, Deserialize)]
struct Said {
    ok: bool,
    #[serde(default)]
    error: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    ts: String,
    /// The scope that is missing.
    #[serde(default)]
    needed: String,
}

impl Settings {
    /// Posts a message to a conversation or a member.
    pub(crate) fn post(&self, channel: &str, message: &Message) -> Result<Posted, Refused> {
        let said = self.call("chat.postMessage", &message.to(channel))?;
        // Without a name for the conversation the address itself is the best there is.
        let channel = if said.channel.is_empty() { channel.to_owned() } else { said.channel };
        Ok(Posted { channel, ts: said.ts })
    }

    /// Rewrites the thread's first message.
    pub(crate) fn update(&self, thread: &Thread, message: &Message) -> Result<(), Refused> {
        let mut body = message.to(&thread.channel);
        body.insert("ts".to_owned(), Value::from(thread.ts.as_str()));
        self.call("chat.update", &body).map(drop)
    }

    fn call(&self, method: &str, body: &Map<String, Value>) -> Result<Said, Refused> {
        let response = Request::post(format!("{}/{method}", self.api.0))
            .header("authorization", "Bearer {{secret:bot_token}}")
            .json(body)
            .timeout_ms(TIMEOUT_MS)
            .send()
            .map_err(|error| Refused { code: String::new(), failure: error.into() })?;
        outcome(&response)
    }
}

impl Refused {
    /// What it means for the delivery.
    pub(crate) fn failure(self) -> Failure {
        self.failure
    }

    /// Whether the message that was to be answered is no longer there.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(
            self.code.as_str(),
            "thread_not_found"
                | "message_not_found"
                | "cannot_reply_to_message"
                | "restricted_action_thread_locked"
                | "channel_not_found"
        )
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.failure.message)
    }
}

fn outcome(response: &Response) -> Result<Said, Refused> {
    let refused = |kind: FailureKind, code: &str, message: String| {
        let retry_after_s = response.retry_after_s().filter(|_| kind == FailureKind::Transient);
        let failure = Failure { kind, message, retry_after_s };
        Err(Refused { code: code.to_owned(), failure })
    };
    match response.json::<Said>() {
        Ok(said) if said.ok => Ok(said),
        Ok(said) if !said.error.is_empty() => {
            let code: String = said.error.chars().filter(|c| !c.is_control()).take(80).collect();
            let (kind, hint) = meaning(&code, response.status);
            let scope: String = said.needed.chars().filter(|c| !c.is_control()).take(80).collect();
            let needed = if scope.is_empty() { scope } else { format!(" (needed: {scope})") };
            refused(kind, &code, format!("Slack: {code}{needed}{hint}"))
        }
        // An answer that nobody can read may come from something in between.
        _ => {
            let status = response.status;
            let helps = matches!(status, 200 | 408 | 425 | 429 | 500..=599);
            let kind = if helps { FailureKind::Transient } else { FailureKind::Permanent };
            let excerpt = response.excerpt();
            refused(kind, "", format!("expected an answer of Slack's API, got {status}: {excerpt}"))
        }
    }
}

/// Whether trying again helps, and what to do.
fn meaning(code: &str, status: u16) -> (FailureKind, &'static str) {
    match code {
        "ratelimited"
        | "rate_limited"
        | "message_limit_exceeded"
        | "internal_error"
        | "fatal_error"
        | "service_unavailable"
        | "request_timeout"
        | "team_added_to_org" => (FailureKind::Transient, ""),
        "channel_not_found" | "user_not_found" | "users_not_found" => {
            (FailureKind::BadAddress, ": no such id here, or a private channel without the app")
        }
        "not_in_channel" => {
            (FailureKind::BadAddress, ": invite the app to the channel with `/invite`")
        }
        "is_archived" => (FailureKind::BadAddress, ": the channel is archived"),
        "cannot_dm_bot" | "user_disabled" => {
            (FailureKind::BadAddress, ": that member takes no messages")
        }
        "invalid_auth"
        | "not_authed"
        | "token_revoked"
        | "token_expired"
        | "account_inactive"
        | "not_allowed_token_type" => {
            (FailureKind::Permanent, ": check the secret `bot_token` (`xoxb-…`)")
        }
        "missing_scope" => {
            (FailureKind::Permanent, ": give the app this scope and install it again")
        }
        _ if status == 429 || status >= 500 => (FailureKind::Transient, ""),
        _ => (FailureKind::Permanent, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::outcome;
    use nightbell_plugin::FailureKind::{self, BadAddress, Permanent, Transient};
    use nightbell_plugin::http::{Header, Response};

    fn response(status: u16, body: &str) -> Response {
        let header = Header { name: "Retry-After".to_owned(), value: "30".to_owned() };
        Response { status, headers: vec![header], body: body.as_bytes().to_vec() }
    }

    #[test]
    fn slacks_word_says_whose_fault_it_is() {
        let check = |code: &str, kind: FailureKind| {
            let body = format!(r#"{{"ok": false, "error": "{code}"}}"#);
            let failure = outcome(&response(200, &body)).expect_err("refused").failure();
            let wait = (kind == Transient).then_some(30);
            assert_eq!((failure.kind, failure.retry_after_s), (kind, wait), "{code}");
            assert!(failure.message.contains(code), "{}", failure.message);
        };
        for code in ["ratelimited", "internal_error", "service_unavailable"] {
            check(code, Transient);
        }
        for code in ["channel_not_found", "is_archived", "not_in_channel", "user_not_found"] {
            check(code, BadAddress);
        }
        for code in ["invalid_auth", "missing_scope", "invalid_blocks", "no_text", "new_word"] {
            check(code, Permanent);
        }
    }

    #[test]
    fn without_slacks_word_the_status_speaks() {
        for status in [200, 429, 500, 503] {
            let refused = outcome(&response(status, "<h1>Oops</h1>")).expect_err("refused");
            assert_eq!(refused.failure().kind, Transient, "{status}");
        }
        for status in [301, 400, 404] {
            let refused = outcome(&response(status, r#"{"ok": false}"#)).expect_err("refused");
            assert_eq!(refused.failure().kind, Permanent, "{status}");
        }
        let busy = outcome(&response(429, r#"{"ok": false, "error": "odd"}"#)).expect_err("busy");
        assert_eq!(busy.failure().kind, Transient);
    }
}
