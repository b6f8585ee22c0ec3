//! What is said, in the languages it is said in: English and Japanese. Whoever reads another one gets English.

/// A language we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

/// The fixed texts of one language.
pub(crate) struct Words {
    /// As Twilio names it.
    pub tag: &'static str,
    pub high: &'static str,
    pub test: &'static str,
    /// How to answer by text message.
    pub sms_keys: &'static str,
    /// How to answer a call.
    pub call_keys: &'static str,
    /// Where a call can be answered when it takes no keys.
    pub call_elsewhere: &'static str,
    pub not_a_key: &'static str,
    pub acknowledged: &'static str,
    pub escalated: &'static str,
    pub resolved: &'static str,
}

const ENGLISH: Words = Words {
    tag: "en-US",
    high: "HIGH",
    test: "Test of Nightbell for",
    sms_keys: "Reply 4 to acknowledge, 5 to escalate, 6 to resolve.",
    call_keys: "Press 4 to acknowledge, 5 to escalate, 6 to resolve.",
    call_elsewhere: "Answer in Nightbell.",
    not_a_key: "That key has no meaning.",
    acknowledged: "Acknowledged.",
    escalated: "Escalated.",
    resolved: "Resolved.",
};

const JAPANESE: Words = Words {
    tag: "ja-JP",
    high: "緊急",
    test: "Nightbell のテスト:",
    sms_keys: "返信: 4 確認、5 エスカレーション、6 解決",
    call_keys: "確認は4、エスカレーションは5、解決は6を押してください。",
    call_elsewhere: "Nightbell で回答してください。",
    not_a_key: "その番号は使えません。",
    acknowledged: "確認しました。",
    escalated: "エスカレーションしました。",
    resolved: "解決しました。",
};

impl Language {
    /// Of a BCP 47 tag, or of our own short name.
    pub(crate) fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("ja") { Self::Japanese } else { Self::English }
    }

    /// The short name, by which it comes back with a callback.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Japanese => &JAPANESE,
        }
    }

    /// What a call begins with.
    pub(crate) fn spoken(self, number: u64, is_high: bool, service: &str, title: &str) -> String {
        match self {
            Self::English => {
                let urgency = if is_high { "high" } else { "low" };
                format!(
                    "This is Nightbell. Incident {number}, {urgency} urgency, service {service}. {title}."
                )
            }
            Self::Japanese => {
                let urgency = if is_high { "緊急です。" } else { "" };
                format!(
                    "Nightbell です。{urgency}インシデント {number}、サービス {service}。{title}。"
                )
            }
        }
    }

    /// What a call about no incident says.
    pub(crate) fn notice(self, text: &str) -> String {
        match self {
            Self::English => format!("This is Nightbell. {text}"),
            Self::Japanese => format!("Nightbell です。{text}"),
        }
    }

    /// The answer to a reply that is none.
    pub(crate) fn no_such_page(self, number: Option<u64>) -> String {
        match (self, number) {
            (Self::English, Some(number)) => format!("There is no page about #{number} to answer."),
            (Self::English, None) => "There is no page to answer.".to_owned(),
            (Self::Japanese, Some(number)) => {
                format!("#{number} の呼び出しは見つかりません。")
            }
            (Self::Japanese, None) => "回答する呼び出しはありません。".to_owned(),
        }
    }
}
