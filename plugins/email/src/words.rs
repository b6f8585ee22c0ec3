//! What a mail says of itself, in the languages it is said in: English and Japanese. Whoever reads another one gets English.
//!
//! Texts of events, and what the engine says in a person's language already, pass as they are.

/// A language we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

/// The fixed texts of one language.
#[derive(Debug)]
pub(crate) struct Words {
    /// As HTML names the language.
    pub tag: &'static str,
    pub acknowledge: &'static str,
    pub resolve: &'static str,
    pub view: &'static str,
    pub service: &'static str,
    pub severity: &'static str,
    pub priority: &'static str,
    pub source: &'static str,
    pub since: &'static str,
    pub alerts: &'static str,
    pub notes: &'static str,
    pub labels: &'static str,
    pub links: &'static str,
    pub sent_by: &'static str,
    pub notice: &'static str,
    pub test: &'static str,
    pub test_mark: &'static str,
    pub test_reason: &'static str,
    pub high: &'static str,
    pub high_urgency: &'static str,
    pub low_urgency: &'static str,
    pub firing: &'static str,
    pub over: &'static str,
    pub paged_because: &'static str,
    pub mailed_because: &'static str,
}

const ENGLISH: Words = Words {
    tag: "en",
    acknowledge: "Acknowledge",
    resolve: "Resolve",
    view: "View",
    service: "Service",
    severity: "Severity",
    priority: "Priority",
    source: "Source",
    since: "Since",
    alerts: "Alerts",
    notes: "Notes",
    labels: "Labels",
    links: "Links",
    sent_by: "Sent by Nightbell",
    notice: "A word from Nightbell",
    test: "Test: this is how a page looks",
    test_mark: "[test]",
    test_reason: "You get this mail because somebody asked for a test.",
    high: "HIGH",
    high_urgency: "high urgency",
    low_urgency: "low urgency",
    firing: "firing",
    over: "resolved",
    paged_because: "You are paged because: ",
    mailed_because: "You get this mail because: ",
};

const JAPANESE: Words = Words {
    tag: "ja",
    acknowledge: "確認する",
    resolve: "解決する",
    view: "表示する",
    service: "サービス",
    severity: "重大度",
    priority: "優先度",
    source: "送信元",
    since: "発生",
    alerts: "アラート",
    notes: "備考",
    labels: "ラベル",
    links: "リンク",
    sent_by: "Nightbell より",
    notice: "Nightbell からのお知らせ",
    test: "テスト: 呼び出しはこのように届きます",
    test_mark: "[テスト]",
    test_reason: "テストが依頼されたため、このメールをお送りしています。",
    high: "緊急",
    high_urgency: "緊急度: 高",
    low_urgency: "緊急度: 低",
    firing: "発生中",
    over: "解決済み",
    paged_because: "呼び出しの理由: ",
    mailed_because: "このメールの理由: ",
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

    /// The first line of a page.
    pub(crate) fn page(self, number: u64, status: &str, urgency: &str) -> String {
        let status = self.status(status);
        match self {
            Self::English => format!("Incident #{number} · {status} · {urgency}"),
            Self::Japanese => format!("インシデント #{number} · {status} · {urgency}"),
        }
    }

    /// The first line of an update.
    pub(crate) fn update(self, number: u64, status: &str) -> String {
        let status = self.status(status);
        match self {
            Self::English => format!("Incident #{number} is {status}"),
            Self::Japanese => format!("インシデント #{number}: {status}"),
        }
    }

    /// One alert of the list.
    pub(crate) fn alert(self, title: &str, firing: bool, severity: &str, since: &str) -> String {
        let state = if firing { self.words().firing } else { self.words().over };
        match self {
            Self::English => format!("{title} ({state}, {severity}, since {since})"),
            Self::Japanese => format!("{title} ({state}、{severity}、{since} から)"),
        }
    }

    /// How many more there are than are listed.
    pub(crate) fn more(self, count: usize) -> String {
        match self {
            Self::English => format!("and {count} more"),
            Self::Japanese => format!("ほか {count} 件"),
        }
    }

    /// How long ago, in the largest unit that is not zero.
    pub(crate) fn ago(self, minutes: i64) -> String {
        match (self, minutes) {
            (Self::English, ..60) => format!("{minutes} min ago"),
            (Self::English, 60..2880) => format!("{} h ago", minutes / 60),
            (Self::English, _) => format!("{} days ago", minutes / 1440),
            (Self::Japanese, ..60) => format!("{minutes} 分前"),
            (Self::Japanese, 60..2880) => format!("{} 時間前", minutes / 60),
            (Self::Japanese, _) => format!("{} 日前", minutes / 1440),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, English, Japanese};

    #[test]
    fn whoever_reads_another_language_gets_english() {
        for (tag, language) in
            [("ja", Japanese), ("JA-jp", Japanese), ("en", English), ("de", English), ("", English)]
        {
            assert_eq!(Language::of(tag), language, "{tag}");
        }
    }
}
