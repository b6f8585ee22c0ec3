//! What notices about a person's methods, and news of incidents, say, in the language that the person reads: headline and text.

use crate::model::{Language, MethodId};

/// Stands for the code in the text of a verification; whoever sends it puts the code there. So no code is written down.
pub const CODE: &str = "{code}";

/// The code that proves an address, and how long it holds, in minutes.
pub fn code(language: Language, minutes: i64) -> (String, String) {
    match language {
        Language::English => (
            format!("Your Nightbell code: {CODE}"),
            format!(
                "Enter {CODE} to confirm that Nightbell may page you here. The code holds for {minutes} minutes. \
                 If you did not ask for it, there is nothing to do."
            ),
        ),
        Language::Japanese => (
            format!("Nightbell 確認コード: {CODE}"),
            format!(
                "Nightbell からここに呼び出しを受けるには、確認コード {CODE} を入力してください。\
                 コードは{minutes}分間有効です。お心当たりがない場合は、何もする必要はありません。"
            ),
        ),
    }
}

/// A test page.
pub fn test(language: Language, name: &str) -> (String, String) {
    match language {
        Language::English => (
            "This is a test page".to_owned(),
            format!("It works: pages for {name} come here. There is nothing to acknowledge."),
        ),
        Language::Japanese => (
            "テストの呼び出しです".to_owned(),
            format!("{name} さんへの呼び出しはここに届きます。確認の必要はありません。"),
        ),
    }
}

/// Another method of theirs does not work.
pub fn undeliverable(
    language: Language,
    channel: &str,
    method: &MethodId,
    reason: &str,
) -> (String, String) {
    match language {
        Language::English => (
            format!("You cannot be reached through {channel}"),
            format!(
                "Your contact method `{method}` on {channel} does not work: {reason}\n\n\
                 Nightbell no longer uses it. Confirm it again, send yourself a test page, or remove it."
            ),
        ),
        Language::Japanese => (
            format!("{channel} では連絡できません"),
            format!(
                "{channel} の連絡先 `{method}` に届きませんでした: {reason}\n\n\
                 この連絡先は使われなくなりました。もう一度確認するか、テストを送るか、削除してください。"
            ),
        ),
    }
}

/// News of so many incidents, of which `lines` are named and `more` are not.
pub fn news(language: Language, count: u32, lines: &[String], more: usize) -> (String, String) {
    let mut text = lines.join("\n");
    let (subject, rest) = match (language, count) {
        (Language::English, 1) => ("News of an incident".to_owned(), format!("and {more} more")),
        (Language::English, _) => {
            (format!("News of {count} incidents"), format!("and {more} more"))
        }
        (Language::Japanese, _) => {
            (format!("インシデント {count} 件のお知らせ"), format!("ほか {more} 件"))
        }
    };
    if more > 0 {
        text.push('\n');
        text.push_str(&rest);
    }
    (subject, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_written_in_the_readers_language() {
        let lines = ["#1 a".to_owned(), "#2 b".to_owned()];
        let of =
            |language, count, more| news(language, count, &lines[..2.min(count as usize)], more);
        let told = |subject: &str, text: &str| (subject.to_owned(), text.to_owned());
        assert_eq!(of(Language::English, 1, 0), told("News of an incident", "#1 a"));
        assert_eq!(
            of(Language::English, 5, 3),
            told("News of 5 incidents", "#1 a\n#2 b\nand 3 more")
        );
        assert_eq!(
            of(Language::Japanese, 5, 3),
            told("インシデント 5 件のお知らせ", "#1 a\n#2 b\nほか 3 件")
        );
    }
}
