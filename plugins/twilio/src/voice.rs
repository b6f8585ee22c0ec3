//! A page as a phone call: says what is wrong, three times, and waits for a key.

use nightbell_plugin::{Failure, Notification, Purpose, Receipt, Urgency};

use crate::api;
use crate::settings::Settings;
use crate::sms::one_line;
use crate::twiml::Twiml;
use crate::words::Language;

/// Longer texts nobody keeps in mind on the phone; and Twilio takes 4,000 characters in all.
const TITLE_MAX_CHARS: usize = 250;
const SERVICE_MAX_CHARS: usize = 60;
/// Of a notice, headline and text together; it is said three times.
const NOTICE_MAX_CHARS: usize = 600;
/// So many digits in a row are a code: a year or a time of day has fewer.
const CODE_MIN_DIGITS: usize = 5;
/// As long as the phone rings: under the half minute after which most mailboxes answer.
const RING_S: &str = "25";

/// Places the call.
pub(crate) fn call(
    settings: &Settings,
    number: &str,
    notification: &Notification,
) -> Result<Receipt, Failure> {
    let language = Language::of(&notification.language);
    let twiml = twiml(settings, notification, language);
    let mut form = vec![
        ("To", number),
        ("From", settings.from.as_str()),
        ("Twiml", twiml.as_str()),
        ("Timeout", RING_S),
    ];
    if let Some(url) = &notification.callback_url {
        form.extend([("StatusCallback", url.as_str()), ("StatusCallbackEvent", "completed")]);
    }
    api::post(settings, "Calls.json", &form).map(|sid| Receipt::accepted().id(sid))
}

fn twiml(settings: &Settings, notification: &Notification, language: Language) -> String {
    let (words, incident) = (language.words(), &notification.incident);
    if notification.purpose == Purpose::Test {
        let name = spoken(&notification.person_name, 40);
        return Twiml::new(settings, language).say(&format!("{} {name}.", words.test)).end();
    }
    if notification.purpose == Purpose::Notice {
        let said = language.notice(&slowly(&spoken(&notice(notification), NOTICE_MAX_CHARS)));
        let twiml = Twiml::new(settings, language).say(&said).pause().say(&said).pause().say(&said);
        return twiml.end();
    }
    let message = language.spoken(
        incident.number,
        incident.urgency == Urgency::High,
        &spoken(&incident.service_name, SERVICE_MAX_CHARS),
        &spoken(&incident.title, TITLE_MAX_CHARS),
    );
    match &notification.callback_url {
        Some(url) => {
            // The callback knows only its address, so the language goes with it.
            let mark = if url.contains('?') { '&' } else { '?' };
            let action = format!("{url}{mark}language={}", language.name());
            let prompt = format!("{message} {}", words.call_keys);
            Twiml::new(settings, language).gather(&action, &prompt).end()
        }
        None => {
            let message = format!("{message} {}", words.call_elsewhere);
            Twiml::new(settings, language).say(&message).pause().say(&message).end()
        }
    }
}

/// Headline and text, each a sentence.
fn notice(notification: &Notification) -> String {
    let ended = |text: &str| match text.trim() {
        text if text.is_empty() || text.ends_with(['.', '!', '?', '。', ':']) => text.to_owned(),
        text => format!("{text}."),
    };
    format!("{} {}", ended(&notification.incident.title), ended(&notification.update))
}

/// A code is heard digit by digit, and not as a number of hundred thousands.
fn slowly(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(length);
        out.push_str(before);
        match length {
            CODE_MIN_DIGITS.. => {
                let apart: Vec<String> = digits.chars().map(String::from).collect();
                out.push_str(&apart.join(", "));
            }
            _ => out.push_str(digits),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Without the marks that XML escapes: nobody hears them, and escaped they would make the document too long for Twilio,
/// which would then call nobody.
fn spoken(text: &str, max_chars: usize) -> String {
    one_line(&text.replace(['<', '>', '&', '"'], " "), max_chars)
}

#[cfg(test)]
mod tests {
    use super::slowly;

    #[test]
    fn a_code_is_read_digit_by_digit_and_a_time_is_not() {
        assert_eq!(slowly("Your code is 012345."), "Your code is 0, 1, 2, 3, 4, 5.");
        assert_eq!(slowly("123456"), "1, 2, 3, 4, 5, 6");
        assert_eq!(slowly("2026-11-24 09:00 #1234"), "2026-11-24 09:00 #1234");
        assert_eq!(slowly("コードは654321です"), "コードは6, 5, 4, 3, 2, 1です");
        assert_eq!(slowly(""), "");
    }
}
