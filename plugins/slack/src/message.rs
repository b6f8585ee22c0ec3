//! What a notification looks like in Slack: a headline with the state, the facts, the alerts, and the buttons.

use nightbell_plugin::{Alert, Incident, Notification, Purpose, Urgency};
use serde_json::{Map, Value, json};

use crate::mrkdwn;
use crate::thread::Thread;
use crate::words::Language;

/// As many alerts as are listed; the rest is a number.
const ALERTS_MAX: usize = 10;
/// All alerts together stay below Slack's 3,000 characters of a section.
const ALERT_MAX_CHARS: usize = 250;
const TITLE_MAX_CHARS: usize = 1_000;
const FACT_MAX_CHARS: usize = 300;
/// A notice's text: with its headline below Slack's 3,000 characters of a section.
const NOTICE_MAX_CHARS: usize = 1_900;

/// What the buttons are called in what comes back.
pub(crate) const ACKNOWLEDGE: &str = "nightbell-acknowledge";
pub(crate) const RESOLVE: &str = "nightbell-resolve";
const VIEW: &str = "nightbell-view";

/// The fields of `chat.postMessage` that say something.
pub(crate) struct Message {
    fields: Map<String, Value>,
    is_loud: bool,
}

impl Message {
    /// The incident's message in its present state. `delivery` is what its buttons answer.
    pub(crate) fn page(notification: &Notification, delivery: &str, is_private: bool) -> Self {
        let incident = &notification.incident;
        let language = Language::of(&notification.language);
        let mut blocks = vec![section(&headline(incident)), facts(notification, language)];
        blocks.extend(alerts(incident, language));
        if notification.purpose == Purpose::Page {
            blocks.push(context(&why(notification, language)));
        }
        blocks.extend(buttons(notification, delivery, is_private));
        Self::new(notification, summary(incident, language), blocks)
    }

    /// That the incident pages once more, to be read below its message.
    pub(crate) fn page_again(notification: &Notification, is_private: bool) -> Self {
        let incident = &notification.incident;
        let language = Language::of(&notification.language);
        let mut blocks = vec![section(&format!(":bell: {}", why(notification, language)))];
        blocks.extend(buttons(notification, &notification.id, is_private));
        Self::new(notification, summary(incident, language), blocks)
    }

    /// What has happened, that this is a test, or what a notice says.
    pub(crate) fn line(notification: &Notification) -> Self {
        let incident = &notification.incident;
        let text = match notification.purpose {
            Purpose::Test => {
                let name = mrkdwn::line(&notification.person_name, FACT_MAX_CHARS);
                format!(":wave: {}", Language::of(&notification.language).test(&name))
            }
            Purpose::Notice => notice(notification),
            Purpose::Page | Purpose::StatusUpdate => {
                let update = mrkdwn::line(&notification.update, TITLE_MAX_CHARS);
                format!("{} #{} {update}", emoji(&incident.status), incident.number)
            }
        };
        Self::new(notification, text.clone(), vec![section(&text)])
    }

    fn new(notification: &Notification, text: String, blocks: Vec<Value>) -> Self {
        let fields = [
            ("text", Value::from(text)),
            ("blocks", Value::from(blocks)),
            // Alerts are full of things that look like names and addresses.
            ("parse", Value::from("none")),
            ("unfurl_links", Value::from(false)),
            ("unfurl_media", Value::from(false)),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
        let is_loud = notification.incident.urgency == Urgency::High;
        Self { fields: fields.collect(), is_loud }
    }

    /// Makes it a reply, shown in the channel too when it is loud and may be.
    pub(crate) fn reply_to(mut self, thread: &Thread, broadcast: bool) -> Self {
        self.fields.insert("thread_ts".to_owned(), Value::from(thread.ts.as_str()));
        if broadcast && self.is_loud {
            self.fields.insert("reply_broadcast".to_owned(), Value::from(true));
        }
        self
    }

    /// The body of a request about a conversation.
    pub(crate) fn to(&self, channel: &str) -> Map<String, Value> {
        let mut body = self.fields.clone();
        body.insert("channel".to_owned(), Value::from(channel));
        body
    }
}

/// `verbatim`: Slack makes no links of what looks like one.
fn text(mrkdwn: &str) -> Value {
    json!({"type": "mrkdwn", "text": mrkdwn, "verbatim": true})
}

fn section(mrkdwn: &str) -> Value {
    json!({"type": "section", "text": text(mrkdwn)})
}

fn context(mrkdwn: &str) -> Value {
    json!({"type": "context", "elements": [text(mrkdwn)]})
}

fn emoji(status: &str) -> &'static str {
    match status {
        "acknowledged" => ":eyes:",
        "resolved" => ":white_check_mark:",
        _ => ":rotating_light:",
    }
}

fn headline(incident: &Incident) -> String {
    let title = mrkdwn::line(&incident.title, TITLE_MAX_CHARS);
    format!("{} *#{} {title}*", emoji(&incident.status), incident.number)
}

/// A headline and its text, which keeps its lines.
fn notice(notification: &Notification) -> String {
    let headline = mrkdwn::line(&notification.incident.title, TITLE_MAX_CHARS);
    let mut room = NOTICE_MAX_CHARS;
    let mut text = format!("*{headline}*");
    for line in notification.update.trim().lines() {
        let line = mrkdwn::line(line, room);
        room = room.saturating_sub(line.chars().count() + 1);
        text.push('\n');
        text.push_str(&line);
        if room == 0 {
            break;
        }
    }
    text
}

/// What a phone's lock screen shows.
fn summary(incident: &Incident, language: Language) -> String {
    let high = language.words().high;
    let high = if incident.urgency == Urgency::High { format!("{high} ") } else { String::new() };
    let title = mrkdwn::line(&incident.title, TITLE_MAX_CHARS);
    let service = mrkdwn::line(&incident.service_name, FACT_MAX_CHARS);
    format!("{high}#{} {title} ({service})", incident.number)
}

fn why(notification: &Notification, language: Language) -> String {
    let name = mrkdwn::line(&notification.person_name, FACT_MAX_CHARS);
    language.why(&name, &mrkdwn::line(&notification.reason, FACT_MAX_CHARS))
}

fn facts(notification: &Notification, language: Language) -> Value {
    let (incident, words) = (&notification.incident, language.words());
    let urgency = language.urgency(incident.urgency);
    let urgency = match &incident.priority {
        Some(priority) => format!("{urgency}, {}", mrkdwn::line(priority, FACT_MAX_CHARS)),
        None => urgency.to_owned(),
    };
    let mut facts = vec![
        (words.service, mrkdwn::line(&incident.service_name, FACT_MAX_CHARS)),
        (words.severity, notification.event.severity.name().to_owned()),
        (words.urgency, urgency),
        (words.since, mrkdwn::instant(incident.created_at)),
        (words.status, mrkdwn::line(language.status(&incident.status), FACT_MAX_CHARS)),
    ];
    if !incident.answered_by.is_empty() {
        let names = incident.answered_by.join(", ");
        facts.push((words.answered_by, mrkdwn::line(&names, FACT_MAX_CHARS)));
    }
    let fact = |(name, value): (&str, String)| text(&format!("*{name}*\n{value}"));
    json!({"type": "section", "fields": facts.into_iter().map(fact).collect::<Vec<_>>()})
}

/// One alert is the incident itself; from two on they are listed.
fn alerts(incident: &Incident, language: Language) -> Option<Value> {
    let count = incident.alerts.len().max(incident.alert_count as usize);
    if count < 2 {
        return None;
    }
    let shown = incident.alerts.iter().take(ALERTS_MAX);
    let mut lines: Vec<String> = shown.map(|one| alert(one, language)).collect();
    if count > lines.len() {
        lines.push(language.more(count - lines.len()));
    }
    Some(section(&lines.join("\n")))
}

fn alert(alert: &Alert, language: Language) -> String {
    let title = mrkdwn::line(&alert.title, ALERT_MAX_CHARS - 60);
    let severity = mrkdwn::line(&alert.severity, 20);
    match alert.firing {
        true => format!("• {title} ({severity})"),
        false => format!("• ~{title}~ ({})", language.words().over),
    }
}

/// What can still be answered. The links of a notification act in the name of its person, so that they are shown
/// where only that person reads.
fn buttons(notification: &Notification, delivery: &str, is_private: bool) -> Option<Value> {
    let words = Language::of(&notification.language).words();
    let mut elements = vec![];
    let status = notification.incident.status.as_str();
    if status == "triggered" {
        elements.push(button(words.acknowledge, ACKNOWLEDGE, "primary", delivery));
    }
    if status != "resolved" {
        elements.push(button(words.resolve, RESOLVE, "", delivery));
    }
    if let Some(url) = notification.answers.view.as_deref().filter(|_| is_private) {
        let label = json!({"type": "plain_text", "text": words.view});
        elements.push(json!({"type": "button", "text": label, "action_id": VIEW, "url": url}));
    }
    (!elements.is_empty()).then(|| json!({"type": "actions", "elements": elements}))
}

fn button(label: &str, action: &str, style: &str, delivery: &str) -> Value {
    let text = json!({"type": "plain_text", "text": label});
    let mut button =
        json!({"type": "button", "text": text, "action_id": action, "value": delivery});
    if !style.is_empty() {
        button["style"] = Value::from(style);
    }
    button
}
