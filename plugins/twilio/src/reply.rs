//! Replies by text message: `4` answers the last page sent to that number, `4 #42` the one about incident 42.
//!
//! A reply says who sent it and nothing else, so that the page it answers is remembered with the number, in `state`.
//! Every page has keys of its own and nothing is read to be written again: two pages at once cannot lose one another.

use nightbell_plugin::{Answer, AnswerAction, Failure, Notification, state};

use crate::callback::{quiet, xml};
use crate::settings::Settings;
use crate::twiml::Twiml;
use crate::words::Language;
use crate::{Address, address};

/// As long as a page can be answered by text message: three days, longer than any weekend.
const TTL_S: u64 = 3 * 24 * 3600;

/// Remembers that this page went to this number.
///
/// # Errors
/// In words, when the plugin's share of state is used up.
pub(crate) fn remember(
    number: &str,
    language: Language,
    notification: &Notification,
) -> Result<(), String> {
    let (incident, delivery) = (notification.incident.number, &notification.id);
    let page = format!("{incident} {} {delivery}", language.name());
    let set = |key: String| state::set(&key, page.as_bytes(), Some(TTL_S));
    set(key(number, Some(incident)))
        .and_then(|()| set(key(number, None)))
        .map_err(|error| error.to_string())
}

/// The last page sent to the number, or the one about an incident.
fn key(number: &str, incident: Option<u64>) -> String {
    match incident {
        Some(incident) => format!("page/{number}/{incident}"),
        None => format!("last/{number}"),
    }
}

/// Reads a reply.
pub(crate) fn read(settings: &Settings, from: &str, body: &str) -> Result<Answer, Failure> {
    if !settings.sms_replies {
        return Err(Failure::permanent("answers by text message are turned off (`sms_replies`)"));
    }
    let number =
        address::number(from).map_err(|why| Failure::permanent(format!("`From`: {why}")))?;
    let Some(wish) = Wish::of(body) else { return unclear(settings, &number, body) };
    let page = Page::find(&number, wish.incident)?;
    let Some(page) = page else {
        let language = last_language(&number)?;
        return Ok(said(settings, language, &language.no_such_page(wish.incident)));
    };
    let words = page.language.words();
    let text = match wish.action {
        AnswerAction::Acknowledge => words.acknowledged,
        AnswerAction::Resolve => words.resolved,
        _ => words.escalated,
    };
    let text = format!("#{}: {text}", page.incident);
    let account = Address { way: crate::Way::Sms, number };
    let answer = said(settings, page.language, &text);
    Ok(Answer { action: wish.action, ..answer }
        .delivery(page.delivery)
        .account(account.to_string()))
}

/// Says how to answer. Twilio itself answers STOP and its kind, and a number that sent STOP wants no more of us.
fn unclear(settings: &Settings, number: &str, body: &str) -> Result<Answer, Failure> {
    const TWILIOS: [&str; 11] = [
        "stop",
        "stopall",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "start",
        "yes",
        "unstop",
        "help",
        "info",
    ];
    let word = body.trim().to_lowercase();
    if TWILIOS.contains(&word.as_str()) {
        return Ok(quiet(settings));
    }
    let language = last_language(number)?;
    Ok(said(settings, language, language.words().sms_keys))
}

fn said(settings: &Settings, language: Language, text: &str) -> Answer {
    Answer::nothing().reply(xml(Twiml::new(settings, language).message(text).end()))
}

fn last_language(number: &str) -> Result<Language, Failure> {
    Ok(Page::find(number, None)?.map_or(Language::English, |page| page.language))
}

/// A page as it was remembered.
struct Page {
    incident: u64,
    language: Language,
    delivery: String,
}

impl Page {
    fn find(number: &str, incident: Option<u64>) -> Result<Option<Self>, Failure> {
        let value = state::get(&key(number, incident))
            .map_err(|error| Failure::permanent(error.to_string()))?;
        Ok(value.and_then(|value| Self::read(std::str::from_utf8(&value).ok()?)))
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let incident = parts.next()?.parse().ok()?;
        let language = Language::of(parts.next()?);
        Some(Self { incident, language, delivery: parts.next()?.to_owned() })
    }
}

/// What a reply wants.
#[derive(Debug, PartialEq)]
struct Wish {
    action: AnswerAction,
    incident: Option<u64>,
}

impl Wish {
    /// A key or a word, and perhaps a number; anything more is a sentence, and sentences are not guessed at.
    fn of(body: &str) -> Option<Self> {
        let body: String = body.chars().map(address::narrowed).collect::<String>().to_lowercase();
        let mut words = body.split_whitespace();
        let action = match words.next()?.trim_end_matches(['.', '!']) {
            "4" | "ack" | "acknowledge" | "確認" => AnswerAction::Acknowledge,
            "5" | "escalate" | "エスカレーション" => AnswerAction::Escalate,
            "6" | "resolve" | "close" | "解決" => AnswerAction::Resolve,
            _ => return None,
        };
        let incident = match words.next() {
            Some(word) => Some(word.strip_prefix('#').unwrap_or(word).parse().ok()?),
            None => None,
        };
        words.next().is_none().then_some(Self { action, incident })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_a_key_or_a_word_and_perhaps_a_number() {
        let check = |body: &str, action: AnswerAction, incident: Option<u64>| {
            assert_eq!(Wish::of(body), Some(Wish { action, incident }), "{body}");
        };
        check("4", AnswerAction::Acknowledge, None);
        check(" ACK! \n", AnswerAction::Acknowledge, None);
        check("４　＃４２", AnswerAction::Acknowledge, Some(42));
        check("確認", AnswerAction::Acknowledge, None);
        check("5 7", AnswerAction::Escalate, Some(7));
        check("Resolve #42", AnswerAction::Resolve, Some(42));
        for unclear in ["", "1", "44", "ok", "4 it is", "4 #", "4 42 43", "#42", "no ack", "4 -1"] {
            assert_eq!(Wish::of(unclear), None, "{unclear}");
        }
    }
}
