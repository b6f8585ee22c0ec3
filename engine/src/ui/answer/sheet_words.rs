//! What the page behind a message of several incidents says, in the language of its reader.

use nightbell_core::model::Language;

/// How many there are, in all and of each kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) all: usize,
    /// Nobody has them.
    pub(super) ringing: usize,
    /// Not over.
    pub(super) open: usize,
}

/// The texts of one page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// As HTML names the language.
    pub(super) tag: &'static str,
    pub(super) heading: String,
    pub(super) standing: String,
    pub(super) acknowledge: String,
    pub(super) resolve: String,
    /// Before the reader's name, and after it.
    pub(super) you_are: &'static str,
    pub(super) for_all: &'static str,
    /// What the buttons do; empty when nothing rings.
    pub(super) what_buttons_do: String,
    /// Before the reader's name, and after it: when all are over.
    pub(super) over: &'static str,
    pub(super) over_end: &'static str,
}

/// The texts of a page about so many.
pub(super) fn of(language: Language, counts: Counts) -> Words {
    let Counts { all, ringing, open } = counts;
    let (held, over) = (open - ringing, all - open);
    match language {
        Language::English => Words {
            tag: "en",
            heading: format!("{all} incidents"),
            standing: format!(
                "Nobody has {ringing} of them, {held} are acknowledged, {over} are over"
            ),
            acknowledge: format!("Acknowledge {ringing}"),
            resolve: format!("Resolve {open}"),
            you_are: "You answer as ",
            for_all: ", for all of them at once.",
            what_buttons_do: match ringing {
                0 => String::new(),
                _ => format!(
                    " Acknowledging stops the ringing of {ringing}; resolving closes {open}."
                ),
            },
            over: "These incidents are over. There is nothing left to do, ",
            over_end: ".",
        },
        Language::Japanese => Words {
            tag: "ja",
            heading: format!("インシデント {all} 件"),
            standing: format!("未対応 {ringing} 件、対応中 {held} 件、解決済み {over} 件"),
            acknowledge: format!("{ringing} 件を確認する"),
            resolve: format!("{open} 件を解決する"),
            you_are: "回答者: ",
            for_all: "。すべてにまとめて回答します。",
            what_buttons_do: match ringing {
                0 => String::new(),
                _ => format!(
                    "確認すると {ringing} 件の呼び出しが止まり、解決すると {open} 件を終了します。"
                ),
            },
            over: "これらのインシデントは終了しました。対応は不要です: ",
            over_end: "",
        },
    }
}

/// How many more there are than are named.
pub(super) fn more(language: Language, count: usize) -> String {
    match language {
        Language::English => format!("and {count} more"),
        Language::Japanese => format!("ほか {count} 件"),
    }
}

/// That so many were just acknowledged, or resolved.
pub(super) fn done(language: Language, resolved: bool, count: usize) -> String {
    match language {
        Language::English => {
            let past = if resolved { "resolved" } else { "acknowledged" };
            let incidents = if count == 1 { "incident" } else { "incidents" };
            format!("You have {past} {count} {incidents}.")
        }
        Language::Japanese if resolved => format!("インシデント {count} 件を解決しました。"),
        Language::Japanese => format!("インシデント {count} 件を確認しました。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_about_several_is_read_in_the_readers_language() {
        let counts = Counts { all: 12, ringing: 7, open: 10 };
        let english = of(Language::English, counts);
        assert_eq!(english.standing, "Nobody has 7 of them, 3 are acknowledged, 2 are over");
        assert_eq!(
            (english.acknowledge.as_str(), english.heading.as_str()),
            ("Acknowledge 7", "12 incidents")
        );
        let japanese = of(Language::Japanese, counts);
        assert_eq!(japanese.standing, "未対応 7 件、対応中 3 件、解決済み 2 件");
        assert_eq!(
            (japanese.acknowledge.as_str(), japanese.heading.as_str()),
            ("7 件を確認する", "インシデント 12 件")
        );
        assert_eq!(done(Language::English, false, 1), "You have acknowledged 1 incident.");
        assert_eq!(done(Language::Japanese, true, 7), "インシデント 7 件を解決しました。");
        assert_eq!(more(Language::Japanese, 3), "ほか 3 件");
    }
}
