//! A page as a text message: which incident, what, where, how to answer, in at most 320 characters.

use nightbell_plugin::{Failure, Notification, Purpose, Receipt, Urgency};

use crate::settings::{Sender, Settings};
use crate::words::Language;
use crate::{api, reply};

/// Two messages of plain text, five of Japanese; each is paid for.
const BODY_MAX_CHARS: usize = 320;
/// A title shorter than this says nothing: rather no link than less of the title.
const TITLE_MIN_CHARS: usize = 60;
const SERVICE_MAX_CHARS: usize = 40;

/// Sends it and remembers what a reply will answer.
pub(crate) fn send(
    settings: &Settings,
    number: &str,
    notification: &Notification,
) -> Result<Receipt, Failure> {
    let language = Language::of(&notification.language);
    let text = text(settings, notification, language);
    let mut form = vec![("To", number), ("Body", text.as_str())];
    form.push(match &settings.sms_from {
        Sender::From(from) => ("From", from.as_str()),
        Sender::Service(sid) => ("MessagingServiceSid", sid.as_str()),
    });
    if let Some(url) = &notification.callback_url {
        form.push(("StatusCallback", url));
    }
    let sid = api::post(settings, "Messages.json", &form)?;
    let receipt = Receipt::accepted().id(sid);
    if !settings.sms_replies || notification.purpose != Purpose::Page {
        return Ok(receipt);
    }
    match reply::remember(number, language, notification) {
        Ok(()) => Ok(receipt),
        // The page is out: failing now would send it once more.
        Err(why) => Ok(receipt.problem(format!("a reply by text message will not count: {why}"))),
    }
}

fn text(settings: &Settings, notification: &Notification, language: Language) -> String {
    if notification.purpose == Purpose::Notice {
        return notice(notification);
    }
    let (words, incident) = (language.words(), &notification.incident);
    let mut head = match notification.purpose {
        Purpose::Test => format!("{} {}: ", words.test, one_line(&notification.person_name, 40)),
        _ if incident.urgency == Urgency::High => format!("{} ", words.high),
        _ => String::new(),
    };
    if incident.number > 0 {
        head.push_str(&format!("#{} ", incident.number));
    }
    let service = one_line(&incident.service_name, SERVICE_MAX_CHARS);
    let mut tail = format!(" ({service})");
    match notification.purpose {
        Purpose::StatusUpdate => {
            tail.push_str(&format!("\n{}", one_line(&notification.update, 80)))
        }
        Purpose::Page if settings.sms_replies => {
            tail.push('\n');
            tail.push_str(words.sms_keys);
        }
        Purpose::Page | Purpose::Test | Purpose::Notice => {}
    }
    let room =
        |tail: &str| BODY_MAX_CHARS.saturating_sub(head.chars().count() + tail.chars().count());
    if let Some(link) = notification.answers.view.as_deref() {
        let longer = format!("{tail}\n{link}");
        if room(&longer) >= TITLE_MIN_CHARS {
            tail = longer;
        }
    }
    format!("{head}{}{tail}", one_line(&incident.title, room(&tail)))
}

/// The headline and what fits of the text.
fn notice(notification: &Notification) -> String {
    let headline = one_line(&notification.incident.title, BODY_MAX_CHARS);
    let room = BODY_MAX_CHARS.saturating_sub(headline.chars().count() + 1);
    let text = one_line(&notification.update, room);
    [headline, text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// One line without control characters, cut with an ellipsis.
pub(crate) fn one_line(text: &str, max_chars: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max_chars {
        return line;
    }
    let cut: String = line.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}
