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

/// Without the marks that XML escapes: nobody hears them, and escaped they would make the document too long for Twilio,
/// which would then call nobody.
fn spoken(text: &str, max_chars: usize) -> String {
    one_line(&text.replace(['<', '>', '&', '"'], " "), max_chars)
}
