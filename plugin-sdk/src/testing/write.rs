//! Writes what came out of a plugin as the `expect` of a case file. Fields with default values are left out.

use serde::de::IgnoredAny;
use toml::{Table, Value};

use super::host::{Host, StateValue};
use super::time;
use crate::log::Level;
use crate::{
    Answer, AnswerAction, Decision, Event, Failure, FailureKind, Header, Label, Link, ParseError,
    Parsed, Patch, Receipt, ReceiptState, Reply, Severity, Urgency, Verdict, http, mail,
};

/// A table under construction.
#[derive(Default)]
struct Out(Table);

impl Out {
    fn put(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    fn text(self, key: &str, text: &str) -> Self {
        if text.is_empty() { self } else { self.put(key, text) }
    }

    fn maybe(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    fn list(self, key: &str, list: Vec<Value>) -> Self {
        if list.is_empty() { self } else { self.put(key, list) }
    }

    fn table(self, key: &str, table: Table) -> Self {
        if table.is_empty() { self } else { self.put(key, table) }
    }

    fn bytes(self, key: &str, bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(key, text),
            Err(_) => {
                let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
                self.put(&format!("{key}_hex"), hex)
            }
        }
    }
}

/// What is wrong with a plugin's answer in itself, whatever the case expects.
pub(super) type Wrong = String;

pub(super) fn parsed(result: &Result<Parsed, ParseError>) -> Result<Table, Wrong> {
    Ok(match result {
        Ok(parsed) => {
            let events: Result<_, Wrong> =
                parsed.events.iter().map(|e| event(e).map(Value::Table)).collect();
            Out::default()
                .list("rejected", parsed.rejected.iter().map(|l| l.as_str().into()).collect())
                .list("events", events?)
                .table("reply", reply(parsed.reply.as_ref()))
                .0
        }
        Err(error) => {
            let error = Out::default()
                .put("message", error.message.as_str())
                .table("reply", reply(error.reply.as_ref()));
            Out::default().put("error", error.0).0
        }
    })
}

fn reply(reply: Option<&Reply>) -> Table {
    let Some(reply) = reply else { return Table::new() };
    Out::default()
        .put("status", i64::from(reply.status))
        .text("content_type", &reply.content_type)
        .bytes("body", &reply.body)
        .0
}

fn event(event: &Event) -> Result<Table, Wrong> {
    Ok(Out::default()
        .put("kind", event.kind.name())
        .put("title", event.title.as_str())
        .maybe("severity", severity(Some(event.severity)).filter(|name| *name != "unknown"))
        .maybe("dedup_key", event.dedup_key.as_deref())
        .maybe("starts_at", instant(event.starts_at)?)
        .maybe("expires_at", instant(event.expires_at)?)
        .text("source", &event.source)
        .text("details", &json(&event.details, "details")?)
        .list("links", links(&event.links))
        .list(
            "images",
            event
                .images
                .iter()
                .map(|image| {
                    let image = Out::default()
                        .put("src", image.src.as_str())
                        .text("href", &image.href)
                        .text("alt", &image.alt);
                    Value::Table(image.0)
                })
                .collect(),
        )
        .table("labels", labels(&event.labels, "label")?)
        .table("attributes", labels(&event.attributes, "attribute")?)
        .0)
}

fn severity(severity: Option<Severity>) -> Option<&'static str> {
    severity.map(Severity::name)
}

fn links(links: &[Link]) -> Vec<Value> {
    let link = |link: &Link| {
        Value::Table(Out::default().put("href", link.href.as_str()).text("text", &link.text).0)
    };
    links.iter().map(link).collect()
}

fn labels(labels: &[Label], what: &str) -> Result<Table, Wrong> {
    let mut table = Table::new();
    for label in labels {
        if table.insert(label.name.clone(), label.value.as_str().into()).is_some() {
            return Err(format!("the {what} `{}` is there twice", label.name));
        }
    }
    Ok(table)
}

fn instant(at_ms: Option<i64>) -> Result<Option<Value>, Wrong> {
    let Some(at_ms) = at_ms else { return Ok(None) };
    let at = time::to_toml(at_ms).ok_or(format!("the instant {at_ms} ms is no date people use"))?;
    Ok(Some(Value::Datetime(at)))
}

/// JSON text in its one readable form: keys in order, indented.
pub(super) fn json(text: &str, what: &str) -> Result<String, Wrong> {
    if text.is_empty() {
        return Ok(String::new());
    }
    serde_json::from_str::<IgnoredAny>(text)
        .and_then(|_| serde_json::from_str(text))
        .and_then(|value| serde_json::to_string_pretty(&sorted(value)))
        .map_err(|error| format!("{what}: expected JSON, got `{text}`: {error}"))
}

/// Keys in order, whatever the map type of `serde_json` in this build.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Json::Object(map) => {
            let ordered: std::collections::BTreeMap<_, _> = map.into_iter().collect();
            Json::Object(ordered.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Json::Array(list) => list.into_iter().map(sorted).collect(),
        other => other,
    }
}

pub(super) fn verdicts(verdicts: &[Verdict]) -> Result<Table, Wrong> {
    let all: Result<_, Wrong> =
        verdicts.iter().map(|v| verdict(v).map(|out| Value::Table(out.0))).collect();
    Ok(Out::default().list("verdicts", all?).0)
}

fn verdict(verdict: &Verdict) -> Result<Out, Wrong> {
    let said = |word: &str| Out::default().put("verdict", word);
    Ok(match verdict {
        Verdict::Keep => said("keep"),
        Verdict::Drop(reason) => said("drop").put("reason", reason.as_str()),
        Verdict::Suppress(suppression) => said("suppress")
            .put("reason", suppression.reason.as_str())
            .maybe("until", instant(suppression.until)?),
        Verdict::Modify(change) => patch(said("modify"), change)?,
    })
}

fn patch(out: Out, patch: &Patch) -> Result<Out, Wrong> {
    let names = |names: &[String]| names.iter().map(|name| name.as_str().into()).collect();
    let details = patch.details.as_deref().map(|text| json(text, "details")).transpose()?;
    Ok(out
        .maybe("title", patch.title.as_deref())
        .maybe("severity", severity(patch.severity))
        .maybe("source", patch.source.as_deref())
        .maybe("details", details)
        .maybe("expires_at", instant(patch.expires_at)?)
        .list("remove_labels", names(&patch.remove_labels))
        .list("remove_attributes", names(&patch.remove_attributes))
        .list("add_links", links(&patch.add_links))
        .table("set_labels", labels(&patch.set_labels, "label")?)
        .table("set_attributes", labels(&patch.set_attributes, "attribute")?))
}

pub(super) fn decisions(decisions: &[Option<Decision>]) -> Table {
    let one = |decision: &Option<Decision>| {
        let out = match decision {
            None => Out::default().put("none", true),
            Some(decision) => Out::default()
                .maybe("service", decision.service.as_deref())
                .maybe("escalation_policy", decision.escalation_policy.as_deref())
                .maybe(
                    "urgency",
                    decision.urgency.map(|u| match u {
                        Urgency::High => "high",
                        Urgency::Low => "low",
                    }),
                )
                .maybe("priority", decision.priority.as_deref())
                .maybe("group_key", decision.group_key.as_deref()),
        };
        Value::Table(out.0)
    };
    Out::default().list("decisions", decisions.iter().map(one).collect()).0
}

pub(super) fn receipt(result: &Result<Receipt, Failure>) -> Table {
    match result {
        Ok(receipt) => {
            let state = match receipt.state {
                ReceiptState::Accepted => "accepted",
                ReceiptState::Delivered => "delivered",
            };
            let receipt = Out::default()
                .put("state", state)
                .maybe("id", receipt.id.as_deref())
                .maybe("thread", receipt.thread.as_deref())
                .list(
                    "problems",
                    receipt.problems.iter().map(|line| line.as_str().into()).collect(),
                );
            Out::default().put("receipt", receipt.0).0
        }
        Err(error) => failure(error),
    }
}

/// What came of an address: `address = "…"`, or `refused = "why"`.
pub(super) fn validated(result: Result<String, String>) -> Table {
    match result {
        Ok(address) => Out::default().put("address", address).0,
        Err(why) => Out::default().put("refused", why).0,
    }
}

fn failure(failure: &Failure) -> Table {
    let kind = match failure.kind {
        FailureKind::Transient => "transient",
        FailureKind::Permanent => "permanent",
        FailureKind::BadAddress => "bad-address",
    };
    let failure = Out::default()
        .put("kind", kind)
        .put("message", failure.message.as_str())
        .maybe("retry_after_s", failure.retry_after_s.map(i64::from));
    Out::default().put("failure", failure.0).0
}

pub(super) fn answer(result: &Result<Answer, Failure>) -> Table {
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => return failure(error),
    };
    let (action, reason) = match &answer.action {
        AnswerAction::Acknowledge => ("acknowledge", None),
        AnswerAction::Resolve => ("resolve", None),
        AnswerAction::Escalate => ("escalate", None),
        AnswerAction::Delivered => ("delivered", None),
        AnswerAction::Failed(reason) => ("failed", Some(reason.as_str())),
        AnswerAction::Snooze(_) => ("snooze", None),
        AnswerAction::Nothing => ("nothing", None),
    };
    let snooze_s = match answer.action {
        AnswerAction::Snooze(seconds) => Some(i64::from(seconds)),
        _ => None,
    };
    let answer = Out::default()
        .put("action", action)
        .maybe("failed", reason)
        .maybe("snooze_s", snooze_s)
        .maybe("account", answer.account.as_deref())
        .maybe("delivery", answer.delivery.as_deref())
        .put("status", i64::from(answer.status))
        .text("content_type", &answer.content_type)
        .bytes("body", &answer.body);
    Out::default().put("answer", answer.0).0
}

/// Adds what the plugin asked of the host.
pub(super) fn host_calls(out: Table, host: &Host) -> Table {
    let logs = host.logs();
    let logs = logs.iter().filter(|(level, _)| *level != Level::Debug).map(|(level, message)| {
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        Value::Table(Out::default().put("level", level).put("message", message.as_str()).0)
    });
    Out(out)
        .list("log", logs.collect())
        .list("http", host.requests().iter().map(request).collect())
        .list("mail", host.mails().iter().map(message).collect())
        .table(
            "state",
            host.state().iter().map(|(key, entry)| (key.clone(), state(entry))).collect(),
        )
        .0
}

fn request(request: &http::Request) -> Value {
    let is_json = request.headers.iter().any(|header| {
        header.name.eq_ignore_ascii_case("content-type")
            && header.value.starts_with("application/json")
    });
    let text = std::str::from_utf8(&request.body).ok().filter(|_| is_json);
    let body = text.and_then(|text| json(text, "body").ok());
    let out = Out::default()
        .put("method", request.method.as_str())
        .put("url", request.url.as_str())
        .maybe("timeout_ms", request.timeout_ms.map(i64::from));
    let out = match body {
        Some(body) => out.text("json", &body),
        None => out.bytes("body", &request.body),
    };
    Value::Table(out.list("headers", headers(&request.headers)).0)
}

/// As a list: a request may have one header twice.
fn headers(headers: &[Header]) -> Vec<Value> {
    headers.iter().map(|h| format!("{}: {}", h.name, h.value).into()).collect()
}

fn message(message: &mail::Message) -> Value {
    let out = Out::default()
        .put("subject", message.subject.as_str())
        .maybe("thread", message.thread.as_deref())
        .put("text", message.text.as_str())
        .maybe("html", message.html.as_deref());
    Value::Table(out.0)
}

fn state(entry: &StateValue) -> Value {
    let text = String::from_utf8_lossy(&entry.value).into_owned();
    match entry.ttl_s {
        None => text.into(),
        Some(ttl_s) => {
            let ttl_s = i64::try_from(ttl_s).unwrap_or(i64::MAX);
            Value::Table(Out::default().put("value", text).put("ttl_s", ttl_s).0)
        }
    }
}
