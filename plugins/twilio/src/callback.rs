//! What Twilio says about a message or a call: the key that was pressed, what became of it, or a reply by text.

use nightbell_plugin::{Answer, AnswerAction, Failure, Reply, Request};

use crate::settings::Settings;
use crate::twiml::Twiml;
use crate::words::Language;
use crate::{reply, signature, sms};

/// Reads one request.
pub(crate) fn read(settings: &Settings, request: &Request) -> Result<Answer, Failure> {
    if request.method != "POST" {
        return Err(Failure::permanent(format!(
            "expected a POST, got {}",
            sms::one_line(&request.method, 10)
        )));
    }
    let pairs = request.form_pairs();
    signature::check(request, &pairs)?;
    let fields = Fields(&pairs);
    if request.delivery.is_none() {
        return match fields.get("Body") {
            Some(body) => reply::read(settings, fields.get("From").unwrap_or_default(), body),
            None => Ok(quiet(settings)),
        };
    }
    if let Some(digits) = fields.get("Digits") {
        return Ok(key(settings, request, digits));
    }
    let action = match (fields.get("MessageStatus"), fields.get("CallStatus")) {
        (Some("delivered" | "read"), _) => AnswerAction::Delivered,
        (Some(status @ ("undelivered" | "failed" | "canceled")), _) => {
            AnswerAction::Failed(failed("message", status, fields.get("ErrorCode")))
        }
        // Somebody, or a mailbox, picked it up. Only a key is an answer.
        (None, Some("completed")) => AnswerAction::Delivered,
        (None, Some(status @ ("busy" | "no-answer" | "failed" | "canceled"))) => {
            AnswerAction::Failed(failed("call", status, fields.get("ErrorCode")))
        }
        _ => AnswerAction::Nothing,
    };
    Ok(Answer::new(action))
}

fn failed(what: &str, status: &str, code: Option<&str>) -> String {
    match code.filter(|code| !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit())) {
        Some(code) => format!("{what} {status}, Twilio's error {}", sms::one_line(code, 10)),
        None => format!("{what} {status}"),
    }
}

fn key(settings: &Settings, request: &Request, digits: &str) -> Answer {
    let query = request.query_pairs();
    let language = Language::of(Fields(&query).get("language").unwrap_or_default());
    let (words, twiml) = (language.words(), Twiml::new(settings, language));
    let (action, text) = match digits {
        "4" => (AnswerAction::Acknowledge, words.acknowledged),
        "5" => (AnswerAction::Escalate, words.escalated),
        "6" => (AnswerAction::Resolve, words.resolved),
        _ => {
            let prompt = format!("{} {}", words.not_a_key, words.call_keys);
            return Answer::nothing().reply(xml(twiml.gather(&request.url, &prompt).end()));
        }
    };
    Answer::new(action).reply(xml(twiml.say(text).end()))
}

/// Understood; nothing is sent back.
pub(crate) fn quiet(settings: &Settings) -> Answer {
    Answer::nothing().reply(xml(Twiml::new(settings, Language::English).end()))
}

pub(crate) fn xml(document: String) -> Reply {
    Reply::new(200, "text/xml; charset=utf-8", document)
}

/// Form fields by name.
struct Fields<'a>(&'a [(String, String)]);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}
