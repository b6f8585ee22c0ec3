//! What settings a plugin takes, by its manifest, and whether some settings fit. Pure: the host asks before it loads a
//! plugin, `nightbell check` before the configuration is used, and a console makes a form of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::Manifest;

/// Settings of one plugin, by name.
pub type Settings = BTreeMap<String, Setting>;

/// Longest description, in characters.
const DESCRIPTION_MAX_CHARS: usize = 500;
/// Most mistakes that one check tells.
const MISTAKES_MAX: usize = 32;
/// Most names that a hint lists.
const LISTED_MAX: usize = 12;
/// Longest part of a value or name of the user that a message repeats, in characters.
const QUOTED_MAX_CHARS: usize = 60;

/// One setting, as `[settings.<name>]` describes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What it may be: one type or several.
    #[serde(rename = "type", deserialize_with = "one_or_many")]
    pub types: Vec<SettingType>,
    /// For whoever sets it.
    #[serde(default)]
    pub description: String,
    /// Without it the plugin does not load. A parser's may also stand with its integration.
    #[serde(default)]
    pub required: bool,
    /// What the plugin takes when it is not set: for the reader, the plugin itself has it.
    #[serde(default)]
    pub default: Option<Value>,
    /// The only texts it may be, or may hold when it is an array; empty: any.
    #[serde(default)]
    pub values: Vec<String>,
}

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SettingType {
    /// Text. TOML's dates and times arrive as text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// Names and values.
    Table,
}

impl SettingType {
    /// The word in manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Table => "table",
        }
    }

    const fn with_article(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Array => "an array",
            Self::Table => "a table",
        }
    }

    fn takes(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Table => value.is_object(),
        }
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<SettingType>, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "expected one of string, integer, number, boolean, array and table, or a list of these"
    )]
    enum OneOrMany {
        One(SettingType),
        Many(Vec<SettingType>),
    }
    Ok(match OneOrMany::deserialize(from)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// What is wrong with one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingMistake {
    /// Which; empty when the settings as a whole are no table.
    pub setting: String,
    /// Not set, although it is required.
    pub is_missing: bool,
    /// What was expected and what came, without the name.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl fmt::Display for SettingMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.setting.is_empty() {
            write!(f, "{}: ", quoted(&self.setting))?;
        }
        f.write_str(&self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, "; {}", self.hint) }
    }
}

/// Whether settings fit a manifest: one line per mistake, in the order of the names. None at all are an empty table.
#[must_use]
pub fn check_settings(manifest: &Manifest, settings: &Value) -> Vec<String> {
    setting_mistakes(manifest, settings).iter().map(ToString::to_string).collect()
}

/// The same as [`check_settings`], with the parts apart.
#[must_use]
pub fn setting_mistakes(manifest: &Manifest, settings: &Value) -> Vec<SettingMistake> {
    let empty = serde_json::Map::new();
    let given = match settings {
        Value::Object(given) => given,
        Value::Null => &empty,
        other => return vec![mistake("", format!("expected a table, got {}", what(other)), "")],
    };
    let known = &manifest.settings;
    let wrong = given.iter().filter_map(|(name, value)| match known.get(name) {
        None => Some(unknown(name, known)),
        Some(setting) => setting.check(value).err().map(|why| mistake(name, why, "")),
    });
    let missing = known.iter().filter(|(name, setting)| {
        setting.required && given.get(name.as_str()).is_none_or(Value::is_null)
    });
    let missing = missing.map(|(name, setting)| SettingMistake {
        is_missing: true,
        ..mistake(name, format!("is required, expected {}", setting.expected()), "")
    });
    let mut mistakes: Vec<_> = wrong.chain(missing).collect();
    mistakes.sort_by(|a, b| a.setting.cmp(&b.setting));
    mistakes.truncate(MISTAKES_MAX);
    mistakes
}

fn mistake(setting: &str, message: String, hint: &str) -> SettingMistake {
    let (setting, hint) = (setting.to_owned(), hint.to_owned());
    SettingMistake { setting, is_missing: false, message, hint }
}

fn unknown(name: &str, known: &Settings) -> SettingMistake {
    let short: String = name.chars().take(64).collect::<String>().to_lowercase();
    let allowed = (short.chars().count() / 3).max(1);
    let near = known.keys().map(|known| (strsim::damerau_levenshtein(&short, known), known));
    let hint = match near.filter(|(distance, _)| *distance <= allowed).min() {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "the plugin has no settings".to_owned(),
        None => {
            let more = if known.len() > LISTED_MAX { " and more" } else { "" };
            let names: Vec<_> = known.keys().take(LISTED_MAX).map(|n| format!("`{n}`")).collect();
            format!("there are {}{more}", names.join(", "))
        }
    };
    mistake(name, "there is no such setting".to_owned(), &hint)
}

impl Setting {
    /// Whether a value fits.
    ///
    /// # Errors
    /// What was expected and what came.
    fn check(&self, value: &Value) -> Result<(), String> {
        // JSON's null is what is not set.
        if value.is_null() {
            return Ok(());
        }
        if !self.types.iter().any(|one| one.takes(value)) {
            return Err(format!("expected {}, got {}", self.expected(), what(value)));
        }
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let mut texts = items.iter().filter_map(Value::as_str);
        match texts.find(|text| !self.values.is_empty() && !self.values.iter().any(|v| v == text)) {
            Some(text) => Err(format!("expected {}, got {}", self.expected(), quoted(text))),
            None => Ok(()),
        }
    }

    fn expected(&self) -> String {
        let types: Vec<_> = self.types.iter().map(|one| one.with_article()).collect();
        let types = types.join(" or ");
        if self.values.is_empty() {
            return types;
        }
        let values: Vec<_> = self.values.iter().map(|value| quoted(value)).collect();
        let values = values.join(", ");
        match self.types.as_slice() {
            [SettingType::String] => format!("one of {values}"),
            _ => format!("{types} of {values}"),
        }
    }

    /// Whether the manifest itself says something that can be.
    ///
    /// # Errors
    /// In words, when it does not.
    pub(crate) fn check_itself(&self, name: &str) -> Result<(), String> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !(1..=63).contains(&name.len()) || !name.bytes().all(plain) {
            return Err("expected a name of 1 to 63 letters, digits, `_` and `-`".to_owned());
        }
        let mut types = self.types.clone();
        types.sort_unstable();
        types.dedup();
        if types.is_empty() || types.len() != self.types.len() {
            return Err("type: expected one type or a list of different types".to_owned());
        }
        let length = self.description.chars().count();
        if length > DESCRIPTION_MAX_CHARS || self.description.contains(['\n', '\r']) {
            return Err(format!(
                "description: expected one line of at most {DESCRIPTION_MAX_CHARS} characters"
            ));
        }
        let holds_text =
            |one: &SettingType| matches!(one, SettingType::String | SettingType::Array);
        if !self.values.is_empty() && !self.types.iter().any(holds_text) {
            return Err("values: only a string or an array can have them".to_owned());
        }
        match &self.default {
            Some(_) if self.required => {
                Err("default: what is required has none, since it is always set".to_owned())
            }
            Some(default) => self.check(default).map_err(|why| format!("default: {why}")),
            None => Ok(()),
        }
    }
}

fn what(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a whole number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "a table",
    }
}

/// A text of somebody in a message: in backticks, without control characters, cut.
fn quoted(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = text.chars().take(QUOTED_MAX_CHARS).map(clean).collect();
    if text.chars().count() > QUOTED_MAX_CHARS {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(settings: &str) -> Result<Manifest, String> {
        let text = format!("name='x'\nversion='1.0.0'\nkind='filter'\ndescription='d'\n{settings}");
        Manifest::parse(&text).map_err(|error| error.to_string())
    }

    const SETTINGS: &str = "
        [settings]
        color = { type = 'string', values = ['red', 'green'] }
        count = { type = 'integer', description = 'How many', default = 3 }
        ratio = { type = 'number' }
        loud = { type = 'boolean', required = true }
        rules = { type = ['string', 'array'] }
        tags = { type = 'array', values = ['a', 'b'] }
        headers = { type = 'table' }";

    #[test]
    fn settings_that_fit_have_no_mistakes() {
        let manifest = manifest(SETTINGS).expect("valid");
        for settings in [
            json!({"loud": true}),
            json!({"loud": false, "color": "red", "count": -1, "ratio": 1, "rules": "x",
                   "tags": ["a", "b", 7], "headers": {"a": 1}}),
            json!({"loud": true, "ratio": 0.5, "rules": [1], "tags": [], "count": 1u64 << 63, "color": null}),
        ] {
            assert_eq!(check_settings(&manifest, &settings), [""; 0], "{settings}");
        }
        let none = self::manifest("").expect("valid");
        assert_eq!(check_settings(&none, &Value::Null), [""; 0]);
    }

    #[test]
    fn every_mistake_names_the_setting_what_was_expected_and_what_came() {
        let manifest = manifest(SETTINGS).expect("valid");
        for (settings, expected) in [
            (json!({}), "`loud`: is required, expected true or false"),
            (json!({"loud": null}), "`loud`: is required, expected true or false"),
            (json!({"loud": "yes"}), "`loud`: expected true or false, got a string"),
            (
                json!({"loud": true, "colour": "red"}),
                "`colour`: there is no such setting; did you mean `color`?",
            ),
            (
                json!({"loud": true, "zzzzzzzzz": 1}),
                "`zzzzzzzzz`: there is no such setting; there are `color`, `count`, `headers`, `loud`, `ratio`, `rules`, `tags`",
            ),
            (
                json!({"loud": true, "color": "bl\nue"}),
                "`color`: expected one of `red`, `green`, got `bl\u{fffd}ue`",
            ),
            (
                json!({"loud": true, "count": 1.5}),
                "`count`: expected a whole number, got a number with a fraction",
            ),
            (
                json!({"loud": true, "rules": {}}),
                "`rules`: expected a string or an array, got a table",
            ),
            (
                json!({"loud": true, "tags": ["c"]}),
                "`tags`: expected an array of `a`, `b`, got `c`",
            ),
            (json!([1]), "expected a table, got an array"),
        ] {
            assert_eq!(check_settings(&manifest, &settings), [expected], "{settings}");
        }
        let all = check_settings(&manifest, &json!({"count": "1", "ratio": []}));
        assert_eq!(
            all,
            [
                "`count`: expected a whole number, got a string",
                "`loud`: is required, expected true or false",
                "`ratio`: expected a number, got an array"
            ]
        );
        let none = self::manifest("").expect("valid");
        assert_eq!(
            check_settings(&none, &json!({"a": 1})),
            ["`a`: there is no such setting; the plugin has no settings"]
        );
        let flood: serde_json::Map<_, _> =
            (0..10_000).map(|i| (format!("s{i}"), Value::Null)).collect();
        assert_eq!(check_settings(&manifest, &Value::Object(flood)).len(), MISTAKES_MAX);
    }

    #[test]
    fn a_manifest_that_describes_what_cannot_be_is_refused() {
        for (setting, expected) in [
            ("a = { type = 'text' }", "expected one of string, integer"),
            ("a = { type = 7 }", "expected one of string, integer"),
            ("a = { description = 'd' }", "type"),
            ("a = 'string'", "line 6"),
            ("a = { type = [] }", "settings.a: type: expected one type or a list"),
            ("a = { type = ['array', 'array'] }", "settings.a: type: expected one type or a list"),
            ("a = { type = 'string', secret = true }", "secret"),
            ("a = { type = 'integer', values = ['1'] }", "settings.a: values: only a string"),
            (
                "a = { type = 'integer', default = '1' }",
                "settings.a: default: expected a whole number, got a string",
            ),
            (
                "a = { type = 'string', values = ['b'], default = 'c' }",
                "settings.a: default: expected one of `b`, got `c`",
            ),
            (
                "a = { type = 'string', required = true, default = 'c' }",
                "settings.a: default: what is required has none",
            ),
            (
                "a = { type = 'string', description = \"b\\nc\" }",
                "settings.a: description: expected one line",
            ),
            ("'a b' = { type = 'string' }", "settings.a b: expected a name"),
        ] {
            let refused = manifest(&format!("[settings]\n{setting}")).expect_err(setting);
            assert!(refused.contains(expected), "{setting}: {refused}");
        }
    }
}
