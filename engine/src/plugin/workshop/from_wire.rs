//! What a plugin said, in the SDK's words, after the server's own checks: what the server would refuse is refused here, in
//! the same words.

use super::super::fault::Fault;
use super::super::from_guest::{self, Ruling};
use super::super::guest::Said;
use super::super::json;
use super::super::wire::{ex, im};
use jiff::Timestamp;
use nightbell_core::model;
use nightbell_pack::Kind;
use nightbell_plugin as sdk;
use nightbell_plugin::testing::Output;

/// The output of a call; `events` is how many there were in the batch.
///
/// # Errors
/// [`Fault`]: what the server would not take.
pub(super) fn output(kind: Kind, said: Said, events: usize) -> Result<Output, Fault> {
    Ok(match (kind, said) {
        (_, Said::Parsed(Ok(wire))) => {
            from_guest::parsed(wire.clone())?;
            Output::Parsed(Ok(parsed(wire)))
        }
        (_, Said::Parsed(Err(wire))) => {
            from_guest::parse_error(wire.clone())?;
            let reply = wire.reply.map(reply);
            Output::Parsed(Err(sdk::ParseError { message: wire.message, reply }))
        }
        (_, Said::Verdicts(wire)) => {
            one_each(wire.len(), events)?;
            for verdict in &wire {
                from_guest::ruling(verdict.clone())?;
            }
            Output::Verdicts(wire.into_iter().map(verdict).collect())
        }
        (_, Said::Decisions(wire)) => {
            one_each(wire.len(), events)?;
            Output::Decisions(wire.into_iter().map(|wire| wire.map(decision)).collect())
        }
        (Kind::Filter, Said::Json(text)) => {
            let rulings = json::rulings(&text)?;
            one_each(rulings.len(), events)?;
            Output::Verdicts(rulings.into_iter().map(ruling).collect())
        }
        (Kind::Router, Said::Json(text)) => {
            let decisions = json::decisions(&text)?;
            one_each(decisions.len(), events)?;
            Output::Decisions(decisions.into_iter().map(|one| one.map(routed)).collect())
        }
        (_, Said::Receipt(Ok(wire))) => {
            from_guest::receipt(wire.clone())?;
            Output::Receipt(Ok(receipt(wire)))
        }
        (_, Said::Receipt(Err(wire))) => Output::Receipt(Err(failure(wire))),
        (_, Said::Answer(Ok(wire))) => {
            from_guest::answer(wire.clone())?;
            Output::Answer(Ok(answer(wire)))
        }
        (_, Said::Answer(Err(wire))) => Output::Answer(Err(failure(wire))),
        (_, Said::Validated(said)) => Output::Validated(said),
        _ => return Err(Fault::nonsense("an answer to something that was not asked")),
    })
}

fn one_each(answers: usize, events: usize) -> Result<(), Fault> {
    if answers == events {
        return Ok(());
    }
    Err(Fault::nonsense(format!("{answers} answers to {events} events")))
}

fn reply(reply: ex::parsing::Reply) -> sdk::Reply {
    sdk::Reply { status: reply.status, content_type: reply.content_type, body: reply.body }
}

fn parsed(wire: ex::parsing::Parsed) -> sdk::Parsed {
    sdk::Parsed {
        events: wire.events.into_iter().map(event).collect(),
        reply: wire.reply.map(reply),
        rejected: wire.rejected,
    }
}

fn label(label: im::types::Label) -> sdk::Label {
    sdk::Label { name: label.name, value: label.value }
}

fn link(link: im::types::Link) -> sdk::Link {
    sdk::Link { href: link.href, text: link.text }
}

fn severity(severity: im::types::Severity) -> sdk::Severity {
    match severity {
        im::types::Severity::Critical => sdk::Severity::Critical,
        im::types::Severity::Error => sdk::Severity::Error,
        im::types::Severity::Warning => sdk::Severity::Warning,
        im::types::Severity::Info => sdk::Severity::Info,
        im::types::Severity::Unknown => sdk::Severity::Unknown,
    }
}

fn event(event: im::types::Event) -> sdk::Event {
    let image =
        |image: im::types::Image| sdk::Image { src: image.src, href: image.href, alt: image.alt };
    sdk::Event {
        kind: match event.kind {
            im::types::EventKind::Trigger => sdk::EventKind::Trigger,
            im::types::EventKind::Acknowledge => sdk::EventKind::Acknowledge,
            im::types::EventKind::Resolve => sdk::EventKind::Resolve,
            im::types::EventKind::Change => sdk::EventKind::Change,
        },
        dedup_key: event.dedup_key,
        title: event.title,
        severity: severity(event.severity),
        starts_at: event.starts_at,
        expires_at: event.expires_at,
        source: event.source,
        links: event.links.into_iter().map(link).collect(),
        images: event.images.into_iter().map(image).collect(),
        labels: event.labels.into_iter().map(label).collect(),
        details: event.details,
        attributes: event.attributes.into_iter().map(label).collect(),
    }
}

fn verdict(wire: ex::judging::Verdict) -> sdk::Verdict {
    match wire {
        ex::judging::Verdict::Keep => sdk::Verdict::Keep,
        ex::judging::Verdict::Drop(reason) => sdk::Verdict::Drop(reason),
        ex::judging::Verdict::Suppress(suppression) => sdk::Verdict::Suppress(sdk::Suppression {
            reason: suppression.reason,
            until: suppression.until,
        }),
        ex::judging::Verdict::Modify(patch) => sdk::Verdict::Modify(sdk::Patch {
            title: patch.title,
            severity: patch.severity.map(severity),
            source: patch.source,
            details: patch.details,
            expires_at: patch.expires_at,
            set_labels: patch.set_labels.into_iter().map(label).collect(),
            remove_labels: patch.remove_labels,
            set_attributes: patch.set_attributes.into_iter().map(label).collect(),
            remove_attributes: patch.remove_attributes,
            add_links: patch.add_links.into_iter().map(link).collect(),
        }),
    }
}

/// The same of a plugin that speaks JSON.
fn ruling(ruling: Ruling) -> sdk::Verdict {
    let until = |until: Option<Timestamp>| until.map(Timestamp::as_millisecond);
    match ruling {
        Ruling::Keep => sdk::Verdict::Keep,
        Ruling::Drop { reason } => sdk::Verdict::Drop(reason),
        Ruling::Suppress { reason, until: at } => {
            sdk::Verdict::Suppress(sdk::Suppression { reason, until: until(at) })
        }
        Ruling::Modify(patch) => sdk::Verdict::Modify(patched(*patch)),
    }
}

fn patched(patch: model::Patch) -> sdk::Patch {
    let label = |label: model::Label| sdk::Label { name: label.name, value: label.value };
    let link = |link: model::Link| sdk::Link { href: link.href, text: link.text };
    sdk::Patch {
        title: patch.title,
        severity: patch.severity.map(super::super::to_guest::packed_severity),
        source: patch.source,
        details: patch.details,
        expires_at: patch.expires_at.map(Timestamp::as_millisecond),
        set_labels: patch.set_labels.into_iter().map(label).collect(),
        remove_labels: patch.remove_labels,
        set_attributes: patch.set_attributes.into_iter().map(label).collect(),
        remove_attributes: patch.remove_attributes,
        add_links: patch.add_links.into_iter().map(link).collect(),
    }
}

fn decision(wire: ex::routing::Decision) -> sdk::Decision {
    sdk::Decision {
        service: wire.service,
        escalation_policy: wire.escalation_policy,
        urgency: wire.urgency.map(|urgency| match urgency {
            im::types::Urgency::High => sdk::Urgency::High,
            im::types::Urgency::Low => sdk::Urgency::Low,
        }),
        priority: wire.priority,
        group_key: wire.group_key,
    }
}

fn routed(decision: model::RouteDecision) -> sdk::Decision {
    sdk::Decision {
        service: decision.service,
        escalation_policy: decision.escalation_policy,
        urgency: decision.urgency.map(|urgency| match urgency {
            model::Urgency::High => sdk::Urgency::High,
            model::Urgency::Low => sdk::Urgency::Low,
        }),
        priority: decision.priority,
        group_key: decision.group_key,
    }
}

fn receipt(wire: ex::delivery::Receipt) -> sdk::Receipt {
    sdk::Receipt {
        state: match wire.state {
            ex::delivery::ReceiptState::Accepted => sdk::ReceiptState::Accepted,
            ex::delivery::ReceiptState::Delivered => sdk::ReceiptState::Delivered,
        },
        id: wire.id,
        thread: wire.thread,
        problems: wire.problems,
    }
}

fn failure(wire: ex::delivery::Failure) -> sdk::Failure {
    sdk::Failure {
        kind: match wire.kind {
            ex::delivery::FailureKind::Transient => sdk::FailureKind::Transient,
            ex::delivery::FailureKind::Permanent => sdk::FailureKind::Permanent,
            ex::delivery::FailureKind::BadAddress => sdk::FailureKind::BadAddress,
        },
        message: wire.message,
        retry_after_s: wire.retry_after_s,
    }
}

fn answer(wire: ex::delivery::Answer) -> sdk::Answer {
    sdk::Answer {
        action: match wire.action {
            ex::delivery::AnswerAction::Acknowledge => sdk::AnswerAction::Acknowledge,
            ex::delivery::AnswerAction::Resolve => sdk::AnswerAction::Resolve,
            ex::delivery::AnswerAction::Escalate => sdk::AnswerAction::Escalate,
            ex::delivery::AnswerAction::Delivered => sdk::AnswerAction::Delivered,
            ex::delivery::AnswerAction::Failed(why) => sdk::AnswerAction::Failed(why),
            ex::delivery::AnswerAction::Snooze(seconds) => sdk::AnswerAction::Snooze(seconds),
            ex::delivery::AnswerAction::Nothing => sdk::AnswerAction::Nothing,
        },
        delivery: wire.delivery,
        account: wire.account,
        status: wire.status,
        content_type: wire.content_type,
        body: wire.body,
    }
}
