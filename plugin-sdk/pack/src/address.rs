//! How a channel asks a person for an address: label, hint, example and the kind of input, for forms and help texts.
//! Whether an address is right is not said here: that is the plugin's `validate`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Kind;

/// Longest label and example, longest hint, in characters.
const LABEL_MAX_CHARS: usize = 80;
const HINT_MAX_CHARS: usize = 300;
/// Most languages beside the first.
const LANGUAGES_MAX: usize = 32;

/// A channel's `[address]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Table")]
pub struct AddressForm {
    /// What an address is called, in English: `Mail address`.
    pub label: String,
    /// A sentence more; may be empty.
    pub hint: String,
    /// An address, to show how one looks; may be empty.
    pub example: String,
    /// What kind of text it is.
    pub input: AddressInput,
    /// The words in other languages, by language tag: `[address.ja]`.
    pub translations: BTreeMap<String, AddressWords>,
}

/// Label and hint in one language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressWords {
    /// As [`AddressForm::label`].
    pub label: String,
    /// As [`AddressForm::hint`].
    #[serde(default)]
    pub hint: String,
}

/// The kinds of text that browsers and telephones have a keyboard for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AddressInput {
    /// Any text.
    #[default]
    Text,
    /// A mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A web address.
    Url,
}

impl AddressInput {
    /// The word in manifests, and HTML's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Tel => "tel",
            Self::Url => "url",
        }
    }
}

impl AddressForm {
    /// Label and hint in a language (`ja`, `pt-BR`), or in English.
    #[must_use]
    pub fn words(&self, language: &str) -> (&str, &str) {
        let main = language.split('-').next().unwrap_or_default();
        let found = self.translations.get(language).or_else(|| self.translations.get(main));
        found.map_or((&self.label, &self.hint), |words| (&words.label, &words.hint))
    }

    /// Whether it can be shown, and belongs to this kind of plugin.
    ///
    /// # Errors
    /// In words, when not.
    pub(crate) fn check(&self, kind: Kind) -> Result<(), String> {
        if kind != Kind::Channel {
            return Err(format!("only a channel has addresses, this is a {}", kind.name()));
        }
        if self.translations.len() > LANGUAGES_MAX {
            return Err(format!("expected at most {LANGUAGES_MAX} languages"));
        }
        line("label", &self.label, 1, LABEL_MAX_CHARS)?;
        line("hint", &self.hint, 0, HINT_MAX_CHARS)?;
        line("example", &self.example, 0, LABEL_MAX_CHARS)?;
        for (language, words) in &self.translations {
            line(&format!("{language}.label"), &words.label, 1, LABEL_MAX_CHARS)?;
            line(&format!("{language}.hint"), &words.hint, 0, HINT_MAX_CHARS)?;
        }
        Ok(())
    }
}

fn line(name: &str, text: &str, min: usize, max: usize) -> Result<(), String> {
    if (min..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(format!("{name}: expected one line of {min} to {max} characters"))
}

/// Keys of its own first; every other key is a language's table.
impl TryFrom<toml::Table> for AddressForm {
    type Error = String;

    fn try_from(mut table: toml::Table) -> Result<Self, String> {
        let mut text = |name: &str| match table.remove(name) {
            None => Ok(String::new()),
            Some(toml::Value::String(text)) => Ok(text),
            Some(other) => Err(format!("{name}: expected a text, got {}", other.type_str())),
        };
        let (label, hint, example, input) =
            (text("label")?, text("hint")?, text("example")?, text("input")?);
        let input = match input.as_str() {
            "" => AddressInput::Text,
            written => AddressInput::deserialize(toml::Value::String(written.to_owned()))
                .map_err(|_| format!("input: expected text, email, tel or url, got `{written}`"))?,
        };
        let mut translations = BTreeMap::new();
        for (name, value) in table {
            if !value.is_table() || !is_language(&name) {
                return Err(format!(
                    "`{name}`: expected label, hint, example, input, or a language's table such as `[address.ja]`"
                ));
            }
            let words = AddressWords::deserialize(value).map_err(|error| {
                format!("{name}: {}", error.to_string().trim_end().replace('\n', " "))
            })?;
            translations.insert(name, words);
        }
        Ok(Self { label, hint, example, input, translations })
    }
}

/// `ja`, `gsw`, `pt-BR`: two or three letters, then parts of letters and digits.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Manifest;

    const ADDRESS: &str = "[address]
        label = 'Mail address'
        hint = 'Read at night too'
        example = 'alice@example.org'
        input = 'email'
        [address.ja]
        label = 'メールアドレス'
        [address.pt-BR]
        label = 'Endereço'
        hint = 'x'";

    fn manifest(kind: &str, address: &str) -> Result<Manifest, String> {
        let text = format!("name='x'\nversion='1.0.0'\nkind='{kind}'\ndescription='d'\n{address}");
        Manifest::parse(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_form_is_read_in_every_language() {
        let form = manifest("channel", ADDRESS).expect("valid").address.expect("a form");
        assert_eq!((form.input, &*form.example), (AddressInput::Email, "alice@example.org"));
        for (language, words) in [
            ("en", ("Mail address", "Read at night too")),
            ("ja", ("メールアドレス", "")),
            ("ja-JP", ("メールアドレス", "")),
            ("pt-BR", ("Endereço", "x")),
            ("pt", ("Mail address", "Read at night too")),
        ] {
            assert_eq!(form.words(language), words, "{language}");
        }
        let short = manifest("channel", "address.label = 'Room'").expect("valid");
        assert_eq!(short.address.expect("a form").input, AddressInput::Text);
        assert_eq!(manifest("channel", "").expect("valid").address, None);
    }

    #[test]
    fn mistakes_are_named() {
        let long = format!("address.label = '{}'", "x".repeat(LABEL_MAX_CHARS + 1));
        for (kind, address, expected) in [
            (
                "filter",
                "address.label = 'x'",
                "address: only a channel has addresses, this is a filter",
            ),
            ("channel", "address.hint = 'x'", "address: label: expected one line of 1 to 80"),
            ("channel", &long, "address: label: expected one line of 1 to 80"),
            ("channel", "address.label = \"a\\nb\"", "address: label: expected one line"),
            ("channel", "address.label = 7", "label: expected a text, got integer"),
            (
                "channel",
                "[address]\nlabel='x'\ninput='phone'",
                "input: expected text, email, tel or url, got `phone`",
            ),
            (
                "channel",
                "[address]\nlabel='x'\nlable='y'",
                "`lable`: expected label, hint, example, input",
            ),
            (
                "channel",
                "[address]\nlabel='x'\n[address.Japanese]\nlabel='y'",
                "`Japanese`: expected label",
            ),
            (
                "channel",
                "[address]\nlabel='x'\n[address.ja]\nhint='y'",
                "ja: missing field `label`",
            ),
            (
                "channel",
                "[address]\nlabel='x'\n[address.ja]\nlabel=''",
                "address: ja.label: expected one line",
            ),
            (
                "channel",
                "[address]\nlabel='x'\n[address.ja]\nlabel='y'\nexample='z'",
                "ja: unknown field `example`",
            ),
            ("channel", "address = 'x'", "address"),
        ] {
            let refused = manifest(kind, address).expect_err(address);
            assert!(refused.contains(expected), "{address}: {refused}");
        }
    }
}
