//! What the answer page says, in the language of its reader: English and Japanese.

use nightbell_core::model::Language;

/// The fixed texts of one language.
#[derive(Debug)]
pub(super) struct Words {
    /// As HTML names the language.
    pub(super) tag: &'static str,
    pub(super) incident: &'static str,
    pub(super) service: &'static str,
    pub(super) urgency: &'static str,
    pub(super) opened: &'static str,
    pub(super) acknowledge: &'static str,
    pub(super) resolve: &'static str,
    /// Before the reader's name.
    pub(super) you_are: &'static str,
    /// After it.
    pub(super) you_are_end: &'static str,
    pub(super) what_buttons_do: &'static str,
    pub(super) over: &'static str,
    pub(super) acknowledged: &'static str,
    pub(super) resolved: &'static str,
}

const ENGLISH: Words = Words {
    tag: "en",
    incident: "Incident",
    service: "Service",
    urgency: "Urgency",
    opened: "Opened",
    acknowledge: "Acknowledge",
    resolve: "Resolve",
    you_are: "You answer as ",
    you_are_end: ".",
    what_buttons_do: "Acknowledging stops the ringing; resolving closes the incident.",
    over: "This incident is over. There is nothing left to do, ",
    acknowledged: "You have acknowledged this incident.",
    resolved: "You have resolved this incident.",
};

const JAPANESE: Words = Words {
    tag: "ja",
    incident: "インシデント",
    service: "サービス",
    urgency: "緊急度",
    opened: "発生",
    acknowledge: "確認する",
    resolve: "解決する",
    you_are: "回答者: ",
    you_are_end: "",
    what_buttons_do: "「確認する」で呼び出しが止まり、「解決する」でインシデントを終了します。",
    over: "このインシデントは終了しました。対応は不要です: ",
    acknowledged: "このインシデントを確認しました。",
    resolved: "このインシデントを解決しました。",
};

/// The texts for a reader of this language.
pub(super) fn of(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Japanese => &JAPANESE,
    }
}

/// A status, as the badge shows it.
pub(super) fn status(language: Language, status: &'static str) -> &'static str {
    match (language, status) {
        (Language::Japanese, "triggered") => "未対応",
        (Language::Japanese, "acknowledged") => "対応中",
        (Language::Japanese, "resolved") => "解決済み",
        (_, status) => status,
    }
}

/// An urgency, as shown.
pub(super) fn urgency(language: Language, urgency: &'static str) -> &'static str {
    match (language, urgency) {
        (Language::Japanese, "high") => "高",
        (Language::Japanese, "low") => "低",
        (_, urgency) => urgency,
    }
}

/// How an incident stands: times in the reader's zone already.
#[derive(Debug)]
pub(super) enum Standing<'a> {
    Nobody,
    /// By whom and since when.
    Acknowledged(&'a str, Option<String>),
    /// By whom, since when and until when.
    Snoozed(&'a str, Option<String>, String),
    /// When.
    Resolved(Option<String>),
}

/// In a sentence.
pub(super) fn standing(language: Language, standing: &Standing<'_>) -> String {
    use Standing::{Acknowledged, Nobody, Resolved, Snoozed};
    match (language, standing) {
        (Language::English, Nobody) => "Nobody has it yet".to_owned(),
        (Language::English, Acknowledged(by, None)) => format!("Acknowledged by {by}"),
        (Language::English, Acknowledged(by, Some(since))) => {
            format!("Acknowledged by {by} at {since}")
        }
        (Language::English, Snoozed(by, since, until)) => {
            let since = since.as_ref().map(|since| format!(" at {since}")).unwrap_or_default();
            format!("Snoozed by {by} until {until}{since}")
        }
        (Language::English, Resolved(None)) => "Resolved".to_owned(),
        (Language::English, Resolved(Some(at))) => format!("Resolved at {at}"),
        (Language::Japanese, Nobody) => "まだ誰も対応していません".to_owned(),
        (Language::Japanese, Acknowledged(by, None)) => format!("{by} さんが対応中"),
        (Language::Japanese, Acknowledged(by, Some(since))) => {
            format!("{by} さんが対応中 ({since} から)")
        }
        (Language::Japanese, Snoozed(by, since, until)) => {
            let since = since.as_ref().map(|since| format!(" ({since} から)")).unwrap_or_default();
            format!("{by} さんが {until} まで保留{since}")
        }
        (Language::Japanese, Resolved(None)) => "解決済み".to_owned(),
        (Language::Japanese, Resolved(Some(at))) => format!("{at} に解決済み"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_it_and_since_when_is_said_in_the_readers_language() {
        let at = || Some("2026-03-02 12:04 JST".to_owned());
        let acknowledged = Standing::Acknowledged("Bob", at());
        assert_eq!(
            standing(Language::English, &acknowledged),
            "Acknowledged by Bob at 2026-03-02 12:04 JST"
        );
        assert_eq!(
            standing(Language::Japanese, &acknowledged),
            "Bob さんが対応中 (2026-03-02 12:04 JST から)"
        );
        let snoozed = Standing::Snoozed("Bob", None, "13:00 JST".to_owned());
        assert_eq!(standing(Language::English, &snoozed), "Snoozed by Bob until 13:00 JST");
    }
}
