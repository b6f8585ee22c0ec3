//! Group keys: which alerts of a service share an incident.

use nightbell_plugin::EventRef;
use serde::Deserialize;

use crate::matcher::value;

/// The key of a list of labels: `alertname=DiskFull,cluster=eu`. A label that is missing is empty; when all are
/// missing there is no key, since alerts that have nothing in common belong to no common incident.
pub(crate) fn key(names: &[String], event: &EventRef<'_>) -> Option<String> {
    let values: Vec<&str> = names.iter().map(|name| value(event, name)).collect();
    if values.iter().all(|value| value.is_empty()) {
        return None;
    }
    let pairs = names
        .iter()
        .zip(values)
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    Some(pairs.collect::<Vec<_>>().join(","))
}

/// Keeps `a=b,c` and `a=b` + `c` apart.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace('=', "\\=")
}

/// Text with labels in it: `{team}/{alertname}`. `{{` and `}}` are the braces themselves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Label(String),
}

impl Template {
    /// The text for this event; a label that is missing is empty.
    #[must_use]
    pub fn fill(&self, event: &EventRef<'_>) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text,
            Part::Label(name) => value(event, name),
        });
        parts.collect()
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(template: String) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("group key `{template}`: {why}; write it like `{{team}}/{{alertname}}`")
        };
        let (mut parts, mut text) = (vec![], String::new());
        let mut rest = template.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                text.push_str(brace);
                rest = after;
            } else if brace == "}" {
                return Err(wrong("a `}` closes nothing"));
            } else {
                let end = rest.find('}').ok_or_else(|| wrong("a `{` is not closed"))?;
                let name = rest[..end].trim();
                if name.is_empty() || name.contains('{') {
                    return Err(wrong("expected a label's name between the braces"));
                }
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Label(name.to_owned()));
                rest = &rest[end + 1..];
            }
        }
        text.push_str(rest);
        parts.push(Part::Text(text));
        parts.retain(|part| *part != Part::Text(String::new()));
        if parts.is_empty() {
            return Err(wrong("it is empty"));
        }
        Ok(Self(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::{Template, key};
    use nightbell_plugin::testing;

    fn keyed(names: &[&str], labels: &[(&str, &str)]) -> Option<String> {
        let event = labels.iter().fold(testing::event("x"), |event, (n, v)| event.label(n, v));
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        testing::with_event(&event, |event| key(&names, event))
    }

    #[test]
    fn different_labels_never_share_a_key() {
        let one = keyed(&["a", "b"], &[("a", "x,b=y"), ("b", "")]);
        let other = keyed(&["a", "b"], &[("a", "x"), ("b", "y,b=")]);
        assert_ne!(one, other);
        assert_eq!(one.as_deref(), Some(r"a=x\,b\=y,b="));
    }

    #[test]
    fn alerts_without_any_of_the_labels_are_not_grouped() {
        assert_eq!(keyed(&["a", "b"], &[("c", "x")]), None);
        assert_eq!(keyed(&[], &[("c", "x")]), None);
    }

    #[test]
    fn templates_are_filled_with_labels() {
        let fill = |text: &str| {
            let template =
                Template::try_from(text.to_owned()).expect("the test's template is right");
            let event = testing::event("x").label("team", "shop");
            testing::with_event(&event, |event| template.fill(event))
        };
        assert_eq!(fill("{team}/{zone}/{title}"), "shop//x");
        assert_eq!(fill("{{{team}}}"), "{shop}");
        assert_eq!(fill("all"), "all");
    }

    #[test]
    fn wrong_templates_are_refused_with_the_reason() {
        for wrong in ["", "{", "{team", "}", "{}", "{a{b}"] {
            let error = Template::try_from(wrong.to_owned()).expect_err(wrong);
            assert!(error.starts_with(&format!("group key `{wrong}`: ")), "{error}");
        }
    }
}
