//! What a message says of itself, in the languages it is said in: English and Japanese. Whoever reads another one gets
//! English.

use nightbell_plugin::Urgency;

/// A language we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

/// The fixed texts of one language.
pub(crate) struct Words {
    pub high: &'static str,
    pub service: &'static str,
    pub severity: &'static str,
    pub urgency: &'static str,
    pub since: &'static str,
    pub status: &'static str,
    pub answered_by: &'static str,
    pub over: &'static str,
    pub acknowledge: &'static str,
    pub resolve: &'static str,
    pub view: &'static str,
}

const ENGLISH: Words = Words {
    high: "HIGH",
    service: "Service",
    severity: "Severity",
    urgency: "Urgency",
    since: "Since",
    status: "Status",
    answered_by: "Answered by",
    over: "over",
    acknowledge: "Acknowledge",
    resolve: "Resolve",
    view: "View",
};

const JAPANESE: Words = Words {
    high: "緊急",
    service: "サービス",
    severity: "重大度",
    urgency: "緊急度",
    since: "発生",
    status: "状態",
    answered_by: "対応者",
    over: "解決済み",
    acknowledge: "確認する",
    resolve: "解決する",
    view: "表示する",
};

impl Language {
    /// Of a BCP 47 tag.
    pub(crate) fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("ja") { Self::Japanese } else { Self::English }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Japanese => &JAPANESE,
        }
    }

    /// An incident's status, as read.
    pub(crate) fn status(self, status: &str) -> &str {
        match (self, status) {
            (Self::Japanese, "triggered") => "未対応",
            (Self::Japanese, "acknowledged") => "対応中",
            (Self::Japanese, "resolved") => "解決済み",
            (_, status) => status,
        }
    }

    pub(crate) fn urgency(self, urgency: Urgency) -> &'static str {
        match (self, urgency) {
            (Self::English, Urgency::High) => "high",
            (Self::English, Urgency::Low) => "low",
            (Self::Japanese, Urgency::High) => "高",
            (Self::Japanese, Urgency::Low) => "低",
        }
    }

    /// Whom a page rings, and why.
    pub(crate) fn why(self, name: &str, reason: &str) -> String {
        match self {
            Self::English => format!("Paging {name}: {reason}"),
            Self::Japanese => format!("{name} さんを呼び出しています: {reason}"),
        }
    }

    pub(crate) fn test(self, name: &str) -> String {
        match self {
            Self::English => format!("A test of Nightbell for {name}: pages will come here."),
            Self::Japanese => {
                format!("{name} さん、Nightbell のテストです。呼び出しはここに届きます。")
            }
        }
    }

    /// How many more there are than are listed.
    pub(crate) fn more(self, count: usize) -> String {
        match self {
            Self::English => format!("… and {count} more"),
            Self::Japanese => format!("… ほか {count} 件"),
        }
    }
}
