//! Settings that the code says itself: an SDK leaves them, as TOML, in a custom section of the guest's core module, and
//! packing puts them into the manifest. What the author wrote there stays as it was written, and must not say otherwise.

use serde::Deserialize;
use wasmparser::{Parser, Payload};

use crate::setting::Settings;
use crate::{InspectError, Manifest, SETTINGS_SECTION};

/// What the code says about its settings; `None` when it says nothing.
///
/// # Errors
/// In words, when the section cannot be read.
pub(crate) fn read(component: &[u8]) -> Result<Option<Generated>, GeneratedError> {
    let mut text = String::new();
    let mut is_there = false;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.map_err(|error| InspectError::Malformed(error.to_string()))?;
        if let Payload::CustomSection(section) = payload
            && section.name() == SETTINGS_SECTION
        {
            is_there = true;
            let part = std::str::from_utf8(section.data()).map_err(|_| GeneratedError::NotText)?;
            text.push_str(part);
        }
    }
    if !is_there {
        return Ok(None);
    }
    let Sections { settings } =
        toml::from_str(&text).map_err(|error| GeneratedError::Toml(error.to_string()))?;
    Ok(Some(Generated { settings }))
}

/// See [`read`].
#[derive(Debug)]
pub(crate) struct Generated {
    settings: Settings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    #[serde(default)]
    settings: Settings,
}

/// Why code and manifest do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeneratedError {
    /// The component cannot be read.
    #[error(transparent)]
    Component(#[from] InspectError),
    /// The section is no text.
    #[error("the settings inside the code (section `{SETTINGS_SECTION}`) are not UTF-8 text")]
    NotText,
    /// The section is no TOML, or other TOML. Two types with `derive(Settings)` in one plugin look like this too.
    #[error(
        "the settings inside the code (section `{SETTINGS_SECTION}`): {0}; derive `Settings` for one type of a plugin alone"
    )]
    Toml(String),
    /// The manifest says otherwise.
    #[error("manifest: settings.{setting}: {what} is {written}, but the code says {code}")]
    Contradiction {
        /// Which setting.
        setting: String,
        /// Which of its words.
        what: &'static str,
        /// In the manifest.
        written: String,
        /// In the code.
        code: String,
    },
    /// The manifest has one that the code does not read.
    #[error("manifest: settings.{0}: the code has no such setting")]
    Unread(String),
}

impl Generated {
    /// The manifest's text with the settings that are not written there, at its end.
    ///
    /// # Errors
    /// Where the manifest contradicts the code.
    pub(crate) fn merge(&self, text: &str, written: &Manifest) -> Result<String, GeneratedError> {
        for (name, setting) in &written.settings {
            let Some(code) = self.settings.get(name) else {
                return Err(GeneratedError::Unread(name.clone()));
            };
            let types = |setting: &crate::Setting| {
                let mut types: Vec<_> = setting.types.iter().map(|one| one.name()).collect();
                types.sort_unstable();
                types.join(" or ")
            };
            let contradiction = |what, written: String, code: String| {
                let setting = name.clone();
                Err(GeneratedError::Contradiction { setting, what, written, code })
            };
            if types(setting) != types(code) {
                return contradiction("type", types(setting), types(code));
            }
            if setting.required != code.required {
                let (written, code) = (setting.required.to_string(), code.required.to_string());
                return contradiction("required", written, code);
            }
        }
        let mut merged = text.to_owned();
        let missing =
            self.settings.iter().filter(|(name, _)| !written.settings.contains_key(*name));
        for (name, setting) in missing {
            let types: Vec<_> = setting.types.iter().map(|one| one.name().to_owned()).collect();
            merged.push_str(&format!("\n[settings.{}]\ntype = {}\n", key(name), list(&types)));
            if !setting.description.is_empty() {
                merged.push_str(&format!("description = {}\n", key(&setting.description)));
            }
            if setting.required {
                merged.push_str("required = true\n");
            }
            if let Some(default) = &setting.default {
                let default = toml::Value::try_from(default);
                let default = default.map_err(|error| GeneratedError::Toml(error.to_string()))?;
                merged.push_str(&format!("default = {default}\n"));
            }
            if !setting.values.is_empty() {
                merged.push_str(&format!("values = {}\n", list(&setting.values)));
            }
        }
        Ok(merged)
    }
}

/// A quoted key or string.
fn key(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    match texts {
        [one] => key(one),
        several => toml::Value::from(several.to_vec()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str =
        "name='m'\nversion='0.1.0'\nkind='filter'\ndescription='d' # as written\n";

    fn component(sections: &[&str]) -> Vec<u8> {
        let sections: Vec<_> = sections
            .iter()
            .map(|text| format!("(@custom \"{SETTINGS_SECTION}\" {text:?})"))
            .collect();
        wat::parse_str(format!("(component (core module {}))", sections.join(" "))).expect("valid")
    }

    fn merged(section: &str, manifest: &str) -> Result<String, String> {
        let generated = read(&component(&[section])).map_err(|error| error.to_string())?;
        let written = Manifest::parse(manifest).expect("valid");
        generated.expect("a section").merge(manifest, &written).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_of_the_code_are_put_into_the_manifest() {
        let code = "[settings.\"a b\"]\ntype = \"string\"\n[settings.c]\ntype = [\"string\", \"array\"]\n\
                    description = \"say \\\"c\\\"\"\nrequired = true\n[settings.d]\ntype='integer'\ndefault=3\n";
        let code = code.replace("\"a b\"", "a_b");
        let text = merged(&code, MANIFEST).expect("fits");
        assert!(text.starts_with(MANIFEST), "what was written stays: {text}");
        let manifest = Manifest::parse(&text).expect("valid");
        let names: Vec<_> = manifest.settings.keys().map(String::as_str).collect();
        assert_eq!(names, ["a_b", "c", "d"]);
        assert_eq!(manifest.settings["c"].description, "say \"c\"");
        assert!(manifest.settings["c"].required && !manifest.settings["d"].required);
        assert_eq!(manifest.settings["d"].default, Some(3.into()));
        assert_eq!(merged(&code, &text).as_deref(), Ok(&*text), "a second time changes nothing");
    }

    #[test]
    fn what_is_written_wins_where_it_does_not_contradict() {
        let code = "[settings.a]\ntype = 'string'\ndescription = 'from the code'\n";
        let written = format!("{MANIFEST}[settings.a]\ntype = 'string'\ndescription = 'better'\n");
        assert_eq!(merged(code, &written).as_deref(), Ok(&*written));
        for (change, message) in [
            ("type = 'integer'", "manifest: settings.a: type is integer, but the code says string"),
            (
                "type = 'string'\nrequired = true",
                "manifest: settings.a: required is true, but the code says false",
            ),
        ] {
            let written = format!("{MANIFEST}[settings.a]\n{change}\n");
            assert_eq!(merged(code, &written), Err(message.to_owned()));
        }
        let written = format!("{MANIFEST}[settings.b]\ntype = 'string'\n");
        assert_eq!(
            merged(code, &written),
            Err("manifest: settings.b: the code has no such setting".to_owned())
        );
    }

    #[test]
    fn no_section_is_no_word_and_a_wrong_one_is_refused() {
        assert!(read(&component(&[])).expect("readable").is_none());
        let same = "[settings.a]\ntype = 'string'\n";
        let twice = read(&component(&[same, same])).expect_err("twice").to_string();
        assert!(twice.contains("one type of a plugin alone"), "{twice}");
        assert!(read(&component(&["x = 1"])).is_err());
    }
}
