//! What a mail says, before it is text or HTML: cleaned, bounded and in order.

use nightbell_plugin::{Label, Link, Notification, Purpose, Timestamp, Urgency};

use crate::words::Language;

/// As many alerts as are listed; the rest is a number.
const ALERTS_MAX: usize = 10;
/// As many labels, attributes and links each.
const LIST_MAX: usize = 30;
/// As many lines as a notice has.
const LINES_MAX: usize = 200;
/// As long as one value is shown.
const VALUE_MAX_CHARS: usize = 1000;

/// The content of one mail.
#[derive(Debug)]
pub(crate) struct View {
    /// What it is written in.
    pub language: Language,
    /// The first line: what this mail is.
    pub headline: String,
    /// The incident's title.
    pub title: String,
    /// True when somebody must act.
    pub page: bool,
    pub urgent: bool,
    /// What a notice says, line by line; empty lines part paragraphs.
    pub body: Vec<String>,
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
        let language = Language::of(&notification.language);
        if notification.purpose == Purpose::Notice {
            return Self::notice(notification, language);
        }
        let (incident, event) = (&notification.incident, &notification.event);
        let shown = incident.alerts.iter().take(ALERTS_MAX);
        let alerts: Vec<String> = shown.map(|one| alert(one, language)).collect();
        let count = incident.alerts.len().max(incident.alert_count as usize);
        Self {
            language,
            headline: headline(notification, language),
            title: clean(&incident.title),
            page: notification.purpose == Purpose::Page && incident.status == "triggered",
            urgent: incident.urgency == Urgency::High,
            body: match notification.purpose {
                Purpose::Test | Purpose::StatusUpdate => lines(&notification.update),
                Purpose::Page | Purpose::Notice => Vec::new(),
            },
            buttons: buttons(notification, language),
            facts: facts(notification, language),
            alerts_left: count - alerts.len(),
            alerts,
            attributes: pairs(&event.attributes),
            labels: pairs(&event.labels),
            links: links(&event.links),
            reason: reason(notification, language),
        }
    }

    /// What is about no incident: a headline and its text.
    fn notice(notification: &Notification, language: Language) -> Self {
        Self {
            language,
            headline: language.words().notice.to_owned(),
            title: clean(&notification.incident.title),
            page: false,
            urgent: false,
            body: lines(&notification.update),
            buttons: Vec::new(),
            facts: Vec::new(),
            alerts: Vec::new(),
            alerts_left: 0,
            attributes: Vec::new(),
            labels: Vec::new(),
            links: Vec::new(),
            reason: String::new(),
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.trim().lines().take(LINES_MAX).map(bounded).collect()
}

fn headline(notification: &Notification, language: Language) -> String {
    let (incident, words) = (&notification.incident, language.words());
    let status = clean(&incident.status);
    match (notification.purpose, incident.urgency) {
        (Purpose::Notice, _) => words.notice.to_owned(),
        (Purpose::Test, _) => words.test.to_owned(),
        (Purpose::StatusUpdate, _) => language.update(incident.number, &status),
        (Purpose::Page, Urgency::High) => {
            language.page(incident.number, &status, words.high_urgency)
        }
        (Purpose::Page, Urgency::Low) => language.page(incident.number, &status, words.low_urgency),
    }
}

fn buttons(notification: &Notification, language: Language) -> Vec<(&'static str, String)> {
    let (answers, words) = (&notification.answers, language.words());
    let all = [
        (words.acknowledge, &answers.acknowledge),
        (words.resolve, &answers.resolve),
        (words.view, &answers.view),
    ];
    let shown = all.into_iter().filter_map(|(text, href)| Some((text, href.clone()?)));
    shown.filter(|(_, href)| is_web(href)).collect()
}

fn facts(notification: &Notification, language: Language) -> Vec<(&'static str, String)> {
    let (incident, event) = (&notification.incident, &notification.event);
    let service = match incident.service_name.as_str() {
        "" => &incident.service,
        name => name,
    };
    let ago = ago(incident.created_at, notification.now, language);
    let since = format!("{}{ago}", instant(incident.created_at));
    let words = language.words();
    let all = [
        (words.service, service.to_owned()),
        (words.severity, event.severity.name().to_owned()),
        (words.priority, incident.priority.clone().unwrap_or_default()),
        (words.source, event.source.clone()),
        (words.since, since),
    ];
    let shown = all.into_iter().map(|(name, value)| (name, bounded(&value)));
    shown.filter(|(_, value)| !value.is_empty()).collect()
}

fn alert(alert: &nightbell_plugin::Alert, language: Language) -> String {
    let (title, severity) = (bounded(&alert.title), clean(&alert.severity));
    language.alert(&title, alert.firing, &severity, &instant(alert.starts_at))
}

fn reason(notification: &Notification, language: Language) -> String {
    let (reason, words) = (clean(&notification.reason), language.words());
    match notification.purpose {
        Purpose::Test => words.test_reason.to_owned(),
        _ if reason.is_empty() => String::new(),
        Purpose::Page => format!("{}{reason}", words.paged_because),
        Purpose::StatusUpdate | Purpose::Notice => format!("{}{reason}", words.mailed_because),
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
fn ago(then: Timestamp, now: Timestamp, language: Language) -> String {
    match now.saturating_sub(then).max(0) / 60_000 {
        0 => String::new(),
        minutes => format!(" ({})", language.ago(minutes)),
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
