//! The operator's settings, checked when they are read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::address;

/// The operator's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    /// The account's SID; letters and digits.
    pub account_sid: String,
    /// Who calls: E.164.
    pub from: String,
    /// Who sends text messages.
    pub sms_from: Sender,
    /// Whether people may answer by text message.
    pub sms_replies: bool,
    /// Voice per language; `en`, `ja`.
    pub voices: BTreeMap<String, String>,
    /// Without a slash at the end.
    pub api: String,
}

/// Who sends text messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A number or a sender name.
    From(String),
    /// A messaging service, which chooses the number itself.
    Service(String),
}

/// Sending needs an account: without settings this is what is missing.
impl Default for Settings {
    fn default() -> Self {
        panic!("settings: `account_sid` and `from` are missing")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    account_sid: String,
    from: String,
    sms_from: Option<String>,
    #[serde(default = "yes")]
    sms_replies: bool,
    #[serde(default)]
    voices: BTreeMap<String, String>,
    api: Option<String>,
}

fn yes() -> bool {
    true
}

impl TryFrom<Written> for Settings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        // It becomes part of a path and of a header.
        if !is_sid(&written.account_sid, "AC") {
            return Err("`account_sid`: expected `AC` and 32 letters or digits".to_owned());
        }
        let from = address::number(&written.from).map_err(|why| format!("`from`: {why}"))?;
        let sms_from = match written.sms_from {
            None => Sender::From(from.clone()),
            Some(sender) => self::sender(&sender)?,
        };
        for (language, voice) in &written.voices {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            if voice.is_empty() || !voice.chars().all(fits) {
                return Err(format!(
                    "`voices`: expected a voice's name such as `Polly.Takumi` for `{language}`"
                ));
            }
        }
        let api = written.api.unwrap_or_else(|| "https://api.twilio.com".to_owned());
        if !api.starts_with("https://") && !api.starts_with("http://") {
            return Err("`api`: expected an address that begins with https://".to_owned());
        }
        Ok(Self {
            account_sid: written.account_sid,
            from,
            sms_from,
            sms_replies: written.sms_replies,
            voices: written.voices,
            api: api.trim_end_matches('/').to_owned(),
        })
    }
}

fn sender(written: &str) -> Result<Sender, String> {
    if is_sid(written, "MG") {
        return Ok(Sender::Service(written.to_owned()));
    }
    if let Ok(number) = address::number(written) {
        return Ok(Sender::From(number));
    }
    // A short code, or a name of at most eleven letters and digits.
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    if (1..=11).contains(&written.len()) && written.chars().all(is_name) {
        return Ok(Sender::From(written.to_owned()));
    }
    Err(format!(
        "`sms_from`: expected a number, a name of at most 11 letters and digits, or a messaging service `MG…`, got `{written}`"
    ))
}

fn is_sid(text: &str, prefix: &str) -> bool {
    text.len() == 34 && text.starts_with(prefix) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
