//! What a mail says, before it is text or HTML: cleaned, bounded and in order.

use nightbell_plugin::{Label, Link, Notification, Purpose, Timestamp, Urgency};

/// As many alerts as are listed; the rest is a number.
const ALERTS_MAX: usize = 10;
/// As many labels, attributes and links each.
const LIST_MAX: usize = 30;
/// As long as one value is shown.
const VALUE_MAX_CHARS: usize = 1000;

/// The content of one mail.
#[derive(Debug)]
pub(crate) struct View {
    /// The first line: what this mail is.
    pub headline: String,
    /// The incident's title.
    pub title: String,
    /// True when somebody must act.
    pub page: bool,
    pub urgent: bool,
    /// Text and address of the buttons, the first one is the big one.
    pub buttons: Vec<(&'static str, String)>,
    /// Name and value, in the order of reading.
    pub facts: Vec<(&'static str, String)>,
    pub alerts: Vec<String>,
    /// How many alerts are not listed.
    pub alerts_left: usize,
    pub attributes: Vec<(String, String)>,
    pub labels: Vec<(String, String)>,
    /// Text and address, only of the web.
    pub links: Vec<(String, String)>,
    /// Why this person has this mail.
    pub reason: String,
}

impl View {
    /// What a notification's mail says.
    pub(crate) fn of(notification: &Notification) -> Self {
        let (incident, event) = (&notification.incident, &notification.event);
        let alerts: Vec<String> = incident.alerts.iter().take(ALERTS_MAX).map(alert).collect();
        let count = incident.alerts.len().max(incident.alert_count as usize);
        Self {
            headline: headline(notification),
            title: clean(&incident.title),
            page: notification.purpose == Purpose::Page && incident.status == "triggered",
            urgent: incident.urgency == Urgency::High,
            buttons: buttons(notification),
            facts: facts(notification),
            alerts_left: count - alerts.len(),
            alerts,
            attributes: pairs(&event.attributes),
            labels: pairs(&event.labels),
            links: links(&event.links),
            reason: reason(notification),
        }
    }
}

fn headline(notification: &Notification) -> String {
    let incident = &notification.incident;
    let status = clean(&incident.status);
    match (notification.purpose, incident.urgency) {
        (Purpose::Test, _) => "Test: this is how a page looks".to_owned(),
        (Purpose::StatusUpdate, _) => format!("Incident #{} is {status}", incident.number),
        (Purpose::Page, Urgency::High) => {
            format!("Incident #{} · {status} · high urgency", incident.number)
        }
        (Purpose::Page, Urgency::Low) => {
            format!("Incident #{} · {status} · low urgency", incident.number)
        }
    }
}

fn buttons(notification: &Notification) -> Vec<(&'static str, String)> {
    let answers = &notification.answers;
    let all = [
        ("Acknowledge", &answers.acknowledge),
        ("Resolve", &answers.resolve),
        ("View", &answers.view),
    ];
    let shown = all.into_iter().filter_map(|(text, href)| Some((text, href.clone()?)));
    shown.filter(|(_, href)| is_web(href)).collect()
}

fn facts(notification: &Notification) -> Vec<(&'static str, String)> {
    let (incident, event) = (&notification.incident, &notification.event);
    let service = match incident.service_name.as_str() {
        "" => &incident.service,
        name => name,
    };
    let since =
        format!("{}{}", instant(incident.created_at), ago(incident.created_at, notification.now));
    let all = [
        ("Service", service.to_owned()),
        ("Severity", event.severity.name().to_owned()),
        ("Priority", incident.priority.clone().unwrap_or_default()),
        ("Source", event.source.clone()),
        ("Since", since),
    ];
    let shown = all.into_iter().map(|(name, value)| (name, bounded(&value)));
    shown.filter(|(_, value)| !value.is_empty()).collect()
}

fn alert(alert: &nightbell_plugin::Alert) -> String {
    let state = if alert.firing { "firing" } else { "resolved" };
    let (title, severity) = (bounded(&alert.title), clean(&alert.severity));
    format!("{title} ({state}, {severity}, since {})", instant(alert.starts_at))
}

fn reason(notification: &Notification) -> String {
    let reason = clean(&notification.reason);
    match notification.purpose {
        Purpose::Test => "You get this mail because somebody asked for a test.".to_owned(),
        _ if reason.is_empty() => String::new(),
        Purpose::Page => format!("You are paged because: {reason}"),
        Purpose::StatusUpdate => format!("You get this mail because: {reason}"),
    }
}

fn pairs(labels: &[Label]) -> Vec<(String, String)> {
    let cleaned = labels.iter().map(|label| (clean(&label.name), bounded(&label.value)));
    cleaned.filter(|(name, _)| !name.is_empty()).take(LIST_MAX).collect()
}

fn links(links: &[Link]) -> Vec<(String, String)> {
    let web = links.iter().filter(|link| is_web(&link.href)).take(LIST_MAX);
    let named = web.map(|link| match bounded(&link.text) {
        text if text.is_empty() => (link.href.clone(), link.href.clone()),
        text => (text, link.href.clone()),
    });
    named.collect()
}

fn bounded(text: &str) -> String {
    let text = clean(text);
    match text.char_indices().nth(VALUE_MAX_CHARS) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// One line: control characters and line breaks become single spaces, marks that turn the direction of text go.
pub(crate) fn clean(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept: String = text.chars().filter(|c| !turns(*c)).collect();
    let words = kept.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// UTC, to the second; what no calendar has is its number.
fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.div_euclid(1000))
        .map_or_else(|_| at.to_string(), |at| at.to_string())
}

/// ` (5 min ago)`, in the largest unit that is not zero; empty within the first minute.
fn ago(then: Timestamp, now: Timestamp) -> String {
    let minutes = now.saturating_sub(then).max(0) / 60_000;
    match minutes {
        0 => String::new(),
        1..60 => format!(" ({minutes} min ago)"),
        60..2880 => format!(" ({} h ago)", minutes / 60),
        _ => format!(" ({} days ago)", minutes / 1440),
    }
}

/// Only the web's own schemes are links: never `javascript:`, `data:` or a path.
fn is_web(url: &str) -> bool {
    let scheme = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url.len() > scheme.len()
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    (scheme("https://") || scheme("http://")) && url.chars().all(plain)
}
