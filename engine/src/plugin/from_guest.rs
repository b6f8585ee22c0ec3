//! The wire's words into ours, checked: a guest's answer is judged before anybody believes it. What is merely long is cut;
//! what makes no sense is a failure of the call.

use super::bounds;
use super::fault::Fault;
use super::logbook::clean;
use super::types::{Answer, AnswerAction, Failure, ParsedEvent, Receipt, Reply};
use super::wire::{ex, im};
use crate::limits;
use bytes::Bytes;
use jiff::Timestamp;
use nightbell_core::model::{
    EventKind, FailureKind, Image, Label, Link, Patch, RouteDecision, Severity, Urgency,
};
use sha2::{Digest, Sha256};

/// What a filter says about one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    Keep,
    /// Boxed: patches are large and rare.
    Modify(Box<Patch>),
    Suppress {
        reason: String,
        until: Option<Timestamp>,
    },
    Drop {
        reason: String,
    },
}

/// A parser's result, before it is anybody's outcome.
pub(super) struct Parsed {
    pub(super) events: Vec<ParsedEvent>,
    pub(super) reply: Option<Reply>,
    pub(super) rejected: Vec<String>,
}

/// Short text for people: one line, cut to size.
pub(super) fn short(text: &str) -> String {
    clean(bounds::cut(text, bounds::TEXT_MAX_BYTES))
}

pub(super) fn timestamp(ms: i64, what: &str) -> Result<Timestamp, Fault> {
    Timestamp::from_millisecond(ms)
        .map_err(|_| Fault::nonsense(format!("{what} {ms} ms is outside the calendar")))
}

fn at(ms: Option<i64>, what: &str) -> Result<Option<Timestamp>, Fault> {
    ms.map(|ms| timestamp(ms, what)).transpose()
}

pub(super) fn severity(severity: im::types::Severity) -> Severity {
    match severity {
        im::types::Severity::Critical => Severity::Critical,
        im::types::Severity::Error => Severity::Error,
        im::types::Severity::Warning => Severity::Warning,
        im::types::Severity::Info => Severity::Info,
        im::types::Severity::Unknown => Severity::Unknown,
    }
}

fn kind(kind: im::types::EventKind) -> EventKind {
    match kind {
        im::types::EventKind::Trigger => EventKind::Trigger,
        im::types::EventKind::Acknowledge => EventKind::Acknowledge,
        im::types::EventKind::Resolve => EventKind::Resolve,
        im::types::EventKind::Change => EventKind::Change,
    }
}

fn label(label: im::types::Label) -> Label {
    Label { name: label.name, value: label.value }
}

/// Only http and https; `javascript:` and friends are left out without a word, they come from the monitor's data.
fn is_web(href: &str) -> bool {
    let scheme = href.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https")) && !href.chars().any(char::is_control)
}

pub(super) fn link(link: im::types::Link) -> Option<Link> {
    is_web(&link.href).then_some(Link { href: link.href, text: link.text })
}

fn image(image: im::types::Image) -> Option<Image> {
    let href = if is_web(&image.href) { image.href } else { String::new() };
    is_web(&image.src).then_some(Image { src: image.src, href, alt: image.alt })
}

/// Refuses lists beyond a bound.
pub(super) fn bounded<T>(list: &[T], max: usize, what: &str) -> Result<(), Fault> {
    if list.len() <= max {
        return Ok(());
    }
    Err(Fault::nonsense(format!("{} {what}, expected at most {max}", list.len())))
}

/// Refuses lists whose texts are too long together: they are journalled and held in memory with the event.
fn bounded_text<'a>(texts: impl Iterator<Item = &'a String>) -> Result<(), Fault> {
    let bytes: usize = texts.map(String::len).sum();
    if bytes <= bounds::LISTS_MAX_BYTES {
        return Ok(());
    }
    let max = bounds::LISTS_MAX_BYTES;
    Err(Fault::nonsense(format!(
        "labels, attributes, links and images of {bytes} bytes, expected at most {max}"
    )))
}

pub(super) fn title(text: &str) -> String {
    bounds::cut(text, limits::TITLE_MAX_BYTES).to_owned()
}

/// One JSON value, or nothing. Space around it is taken away and `null` is nothing, so that all forms of a batch show the same.
pub(super) fn details(text: String) -> Result<String, Fault> {
    if text.len() > limits::DETAILS_MAX_BYTES {
        let max = limits::DETAILS_MAX_BYTES;
        return Err(Fault::nonsense(format!(
            "details of {} bytes, expected at most {max}",
            text.len()
        )));
    }
    if !text.is_empty()
        && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&text)
    {
        return Err(Fault::nonsense(format!("details are not JSON: {error}")));
    }
    let plain = text.trim_matches([' ', '\t', '\n', '\r']);
    if plain == "null" {
        return Ok(String::new());
    }
    Ok(if plain.len() == text.len() { text } else { plain.to_owned() })
}

/// A key that is too long keeps its identity as its hash.
fn dedup_key(key: String) -> String {
    if key.len() <= limits::DEDUP_KEY_MAX_BYTES {
        return key;
    }
    let hash = Sha256::digest(key.as_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn event(event: im::types::Event) -> Result<ParsedEvent, Fault> {
    bounded(&event.labels, limits::LABELS_MAX, "labels")?;
    bounded(&event.attributes, limits::LABELS_MAX, "attributes")?;
    bounded(&event.links, bounds::LINKS_MAX, "links")?;
    bounded(&event.images, bounds::LINKS_MAX, "images")?;
    let labels = event.labels.iter().chain(&event.attributes).flat_map(|l| [&l.name, &l.value]);
    let links = event.links.iter().flat_map(|link| [&link.href, &link.text]);
    let images = event.images.iter().flat_map(|image| [&image.src, &image.href, &image.alt]);
    bounded_text(labels.chain(links).chain(images))?;
    Ok(ParsedEvent {
        kind: kind(event.kind),
        dedup_key: event.dedup_key.map(dedup_key),
        title: title(&event.title),
        severity: severity(event.severity),
        starts_at: at(event.starts_at, "starts-at")?,
        expires_at: at(event.expires_at, "expires-at")?,
        source: bounds::cut(&event.source, bounds::TEXT_MAX_BYTES).to_owned(),
        links: event.links.into_iter().filter_map(link).collect(),
        images: event.images.into_iter().filter_map(image).collect(),
        labels: event.labels.into_iter().map(|label| (label.name, label.value)).collect(),
        details: details(event.details)?,
        attributes: event.attributes.into_iter().map(label).collect(),
    })
}

fn reply(status: u16, content_type: String, body: Vec<u8>) -> Result<Reply, Fault> {
    if !(200..=599).contains(&status) {
        return Err(Fault::nonsense(format!("reply with status {status}, expected 200 to 599")));
    }
    if content_type.len() > 256 || !content_type.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return Err(Fault::nonsense("reply with a content type that is no media type"));
    }
    if body.len() > bounds::REPLY_MAX_BYTES {
        let max = bounds::REPLY_MAX_BYTES;
        return Err(Fault::nonsense(format!(
            "reply of {} bytes, expected at most {max}",
            body.len()
        )));
    }
    Ok(Reply { status, content_type, body: Bytes::from(body) })
}

fn parser_reply(wire: Option<ex::parsing::Reply>) -> Result<Option<Reply>, Fault> {
    wire.map(|wire| reply(wire.status, wire.content_type, wire.body)).transpose()
}

pub(super) fn parsed(wire: ex::parsing::Parsed) -> Result<Parsed, Fault> {
    bounded(&wire.events, limits::EVENTS_PER_PAYLOAD_MAX, "events")?;
    bounded(&wire.rejected, bounds::REJECTED_MAX, "rejected parts")?;
    Ok(Parsed {
        events: wire.events.into_iter().map(event).collect::<Result<_, _>>()?,
        reply: parser_reply(wire.reply)?,
        rejected: wire.rejected.iter().map(|line| short(line)).collect(),
    })
}

pub(super) fn parse_error(wire: ex::parsing::ParseError) -> Result<(String, Option<Reply>), Fault> {
    Ok((short(&wire.message), parser_reply(wire.reply)?))
}

pub(super) fn ruling(wire: ex::judging::Verdict) -> Result<Ruling, Fault> {
    Ok(match wire {
        ex::judging::Verdict::Keep => Ruling::Keep,
        ex::judging::Verdict::Drop(reason) => Ruling::Drop { reason: short(&reason) },
        ex::judging::Verdict::Suppress(suppression) => Ruling::Suppress {
            reason: short(&suppression.reason),
            until: at(suppression.until, "until")?,
        },
        ex::judging::Verdict::Modify(wire) => Ruling::Modify(Box::new(patch(wire)?)),
    })
}

fn patch(wire: ex::judging::Patch) -> Result<Patch, Fault> {
    checked(Patch {
        title: wire.title,
        severity: wire.severity.map(severity),
        source: wire.source,
        details: wire.details,
        expires_at: at(wire.expires_at, "expires-at")?,
        set_labels: wire.set_labels.into_iter().map(label).collect(),
        remove_labels: wire.remove_labels,
        set_attributes: wire.set_attributes.into_iter().map(label).collect(),
        remove_attributes: wire.remove_attributes,
        add_links: wire.add_links.into_iter().filter_map(link).collect(),
    })
}

/// The same checks for patches from either form of batch.
pub(super) fn checked(patch: Patch) -> Result<Patch, Fault> {
    bounded(&patch.set_labels, limits::LABELS_MAX, "labels set")?;
    bounded(&patch.remove_labels, limits::LABELS_MAX, "labels removed")?;
    bounded(&patch.set_attributes, limits::LABELS_MAX, "attributes set")?;
    bounded(&patch.remove_attributes, limits::LABELS_MAX, "attributes removed")?;
    bounded(&patch.add_links, bounds::LINKS_MAX, "links added")?;
    let set = patch.set_labels.iter().chain(&patch.set_attributes);
    let links = patch.add_links.iter().flat_map(|link| [&link.href, &link.text]);
    bounded_text(set.flat_map(|label| [&label.name, &label.value]).chain(links))?;
    Ok(Patch {
        title: patch.title.map(|text| title(&text)),
        source: patch.source.map(|text| bounds::cut(&text, bounds::TEXT_MAX_BYTES).to_owned()),
        details: patch.details.map(details).transpose()?,
        ..patch
    })
}

pub(super) fn decision(wire: ex::routing::Decision) -> RouteDecision {
    let urgency = wire.urgency.map(|urgency| match urgency {
        im::types::Urgency::High => Urgency::High,
        im::types::Urgency::Low => Urgency::Low,
    });
    RouteDecision {
        service: wire.service.map(|text| short(&text)),
        escalation_policy: wire.escalation_policy.map(|text| short(&text)),
        urgency,
        priority: wire.priority.map(|text| short(&text)),
        group_key: wire.group_key.map(|text| short(&text)),
    }
}

pub(super) fn receipt(wire: ex::delivery::Receipt) -> Result<Receipt, Fault> {
    let thread_bytes = wire.thread.as_ref().map_or(0, String::len);
    if thread_bytes > bounds::THREAD_MAX_BYTES {
        let max = bounds::THREAD_MAX_BYTES;
        return Err(Fault::nonsense(format!(
            "thread of {thread_bytes} bytes, expected at most {max}"
        )));
    }
    bounded(&wire.problems, bounds::REJECTED_MAX, "problems")?;
    Ok(Receipt {
        problems: wire.problems.iter().map(|line| short(line)).collect(),
        delivered: wire.state == ex::delivery::ReceiptState::Delivered,
        id: wire.id.map(|id| short(&id)),
        thread: wire.thread,
    })
}

pub(super) fn failure(wire: ex::delivery::Failure) -> Failure {
    let retry_after_s = wire.retry_after_s.map(|seconds| seconds.min(bounds::RETRY_AFTER_MAX_S));
    let kind = match wire.kind {
        ex::delivery::FailureKind::Transient => FailureKind::Transient { retry_after_s },
        ex::delivery::FailureKind::Permanent => FailureKind::Permanent,
        ex::delivery::FailureKind::BadAddress => FailureKind::BadAddress,
    };
    Failure { kind, message: short(&wire.message) }
}

pub(super) fn answer(wire: ex::delivery::Answer) -> Result<Answer, Fault> {
    let action = match wire.action {
        ex::delivery::AnswerAction::Acknowledge => AnswerAction::Acknowledge,
        ex::delivery::AnswerAction::Resolve => AnswerAction::Resolve,
        ex::delivery::AnswerAction::Escalate => AnswerAction::Escalate,
        ex::delivery::AnswerAction::Delivered => AnswerAction::Delivered,
        ex::delivery::AnswerAction::Failed(why) => AnswerAction::Failed(short(&why)),
        ex::delivery::AnswerAction::Snooze(seconds) => AnswerAction::Snooze(seconds),
        ex::delivery::AnswerAction::Nothing => AnswerAction::Nothing,
    };
    Ok(Answer {
        action,
        delivery: wire.delivery.map(|id| short(&id).as_str().into()),
        account: wire.account.map(|address| short(&address)),
        reply: reply(wire.status, wire.content_type, wire.body)?,
        changes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger() -> im::types::Event {
        im::types::Event {
            kind: im::types::EventKind::Trigger,
            dedup_key: None,
            title: "t".to_owned(),
            severity: im::types::Severity::Unknown,
            starts_at: None,
            expires_at: None,
            source: String::new(),
            links: Vec::new(),
            images: Vec::new(),
            labels: Vec::new(),
            details: String::new(),
            attributes: Vec::new(),
        }
    }

    #[test]
    fn nonsense_events_are_refused() {
        let label = im::types::Label { name: "a".to_owned(), value: "b".to_owned() };
        for (what, wrong) in [
            ("starts-at", im::types::Event { starts_at: Some(i64::MAX), ..trigger() }),
            ("expires-at", im::types::Event { expires_at: Some(i64::MIN), ..trigger() }),
            ("not JSON", im::types::Event { details: "{".to_owned(), ..trigger() }),
            ("not JSON", im::types::Event { details: "NaN".to_owned(), ..trigger() }),
            (
                "details of",
                im::types::Event {
                    details: "1".repeat(limits::DETAILS_MAX_BYTES + 1),
                    ..trigger()
                },
            ),
            (
                "labels, attributes, links and images of",
                im::types::Event {
                    attributes: vec![im::types::Label {
                        name: String::new(),
                        value: "x".repeat(bounds::LISTS_MAX_BYTES + 1),
                    }],
                    ..trigger()
                },
            ),
            (
                "257 labels",
                im::types::Event { labels: vec![label; limits::LABELS_MAX + 1], ..trigger() },
            ),
        ] {
            let fault = event(wrong).expect_err(what);
            assert!(fault.message.contains(what), "{what}: {fault}");
        }
        let many = ex::parsing::Parsed {
            events: vec![trigger(); limits::EVENTS_PER_PAYLOAD_MAX + 1],
            reply: None,
            rejected: Vec::new(),
        };
        assert!(parsed(many).is_err());
    }

    #[test]
    fn details_have_one_form_whatever_space_is_around_them() {
        for (text, shown) in [
            ("", ""),
            ("null", ""),
            (" null\n", ""),
            (" {\"a\" : 1.0}\t", "{\"a\" : 1.0}"),
            ("\"\"", "\"\""),
        ] {
            assert_eq!(details(text.to_owned()).as_deref(), Ok(shown), "{text}");
        }
    }

    #[test]
    fn what_is_merely_long_is_cut_and_links_are_web_links() {
        let mut long = trigger();
        long.title = "é".repeat(limits::TITLE_MAX_BYTES);
        long.dedup_key = Some("k".repeat(limits::DEDUP_KEY_MAX_BYTES + 1));
        let hrefs = [
            "https://a.example",
            "HTTP://b.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/x",
            "http://a\nb",
        ];
        long.links = hrefs
            .iter()
            .map(|href| im::types::Link { href: (*href).to_owned(), text: String::new() })
            .collect();
        let event = event(long).expect("fine");
        assert_eq!(event.title.len(), limits::TITLE_MAX_BYTES);
        assert_eq!(event.dedup_key.map(|key| key.len()), Some("sha256:".len() + 64));
        let hrefs: Vec<_> = event.links.iter().map(|link| link.href.as_str()).collect();
        assert_eq!(hrefs, ["https://a.example", "HTTP://b.example"]);
    }

    #[test]
    fn replies_cannot_split_or_flood() {
        let ok = |status, content_type: &str, len| {
            reply(status, content_type.to_owned(), vec![0; len]).is_ok()
        };
        assert!(ok(202, "application/json", 10) && ok(599, "", 0));
        for (status, content_type, len) in [
            (100, "", 0),
            (600, "", 0),
            (200, "a\r\nset-cookie: b", 0),
            (200, "", bounds::REPLY_MAX_BYTES + 1),
        ] {
            assert!(!ok(status, content_type, len), "{status} {content_type} {len}");
        }
    }
}
