//! Matchers as Alertmanager writes them: `team="shop"`, `env!=dev`, `alertname=~"Disk.*"`, `cluster!~"eu|us"`.

use nightbell_plugin::EventRef;
use regex_lite::Regex;
use serde::Deserialize;

/// One condition on an event. A label that is missing is an empty text, as in Alertmanager.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Matcher {
    name: String,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Is(String),
    IsNot(String),
    Like(Regex),
    Unlike(Regex),
}

impl Matcher {
    /// Whether the event meets it.
    #[must_use]
    pub fn matches(&self, event: &EventRef<'_>) -> bool {
        let value = value(event, &self.name);
        match &self.test {
            Test::Is(text) => value == text,
            Test::IsNot(text) => value != text,
            Test::Like(regex) => regex.is_match(value),
            Test::Unlike(regex) => !regex.is_match(value),
        }
    }
}

/// The label of this name, else the event's own field of this name, else empty. `event.title` always means the
/// event's own.
pub(crate) fn value<'a>(event: &EventRef<'a>, name: &str) -> &'a str {
    let own = name.strip_prefix("event.");
    let label = if own.is_some() { None } else { event.label(name) };
    label.unwrap_or_else(|| match own.unwrap_or(name) {
        "title" => event.title(),
        "source" => event.source(),
        "severity" => event.severity().name(),
        "kind" => event.kind().name(),
        "integration" => event.integration(),
        "service" => event.service(),
        "dedup_key" => event.dedup_key(),
        _ => "",
    })
}

impl TryFrom<String> for Matcher {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |why: &str| format!("matcher `{text}`: {why}; write it like `team=\"shop\"`");
        let at = text.find(['=', '!']).ok_or_else(|| wrong("expected one of =, !=, =~, !~"))?;
        let name = text[..at].trim().to_owned();
        if name.is_empty() {
            return Err(wrong("expected a label's name before the operator"));
        }
        let operators = ["=~", "!~", "!=", "="];
        let operator = operators.into_iter().find(|operator| text[at..].starts_with(operator));
        let operator = operator.ok_or_else(|| wrong("expected one of =, !=, =~, !~"))?;
        let value = unquote(text[at + operator.len()..].trim()).map_err(wrong)?;
        let regex = |value: &str| {
            // Anchored on both ends, as in Alertmanager; checked alone first, so that a stray `)` cannot undo that.
            let anchored = |_| Regex::new(&format!("^(?:{value})$"));
            Regex::new(value).and_then(anchored).map_err(|error| wrong(&error.to_string()))
        };
        let test = match operator {
            "=" => Test::Is(value),
            "!=" => Test::IsNot(value),
            "=~" => Test::Like(regex(&value)?),
            _ => Test::Unlike(regex(&value)?),
        };
        Ok(Self { name, test })
    }
}

/// A value without its quotes. Inside them `\"` and `\\` stand for themselves without the backslash; every other
/// backslash stays, so that a regular expression need not double its own.
fn unquote(text: &str) -> Result<String, &'static str> {
    let Some(inner) = text.strip_prefix('"') else {
        return if text.contains('"') {
            Err("a quote stands in the middle")
        } else {
            Ok(text.to_owned())
        };
    };
    let (mut value, mut chars) = (String::with_capacity(inner.len()), inner.chars());
    loop {
        match chars.next() {
            None => return Err("the quote is not closed"),
            Some('"') if chars.as_str().is_empty() => return Ok(value),
            Some('"') => return Err("something follows the closing quote"),
            Some('\\') => match chars.clone().next() {
                Some(c @ ('"' | '\\')) => {
                    value.push(c);
                    chars.next();
                }
                _ => value.push('\\'),
            },
            Some(c) => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Matcher;
    use nightbell_plugin::testing;

    fn check(matcher: &str, expected: bool) {
        let event = testing::event("Disk full").label("team", "shop").label("path", "C:\\");
        let matcher = Matcher::try_from(matcher.to_owned()).expect("the test's matcher is right");
        testing::with_event(&event, |event| {
            assert_eq!(matcher.matches(event), expected, "{matcher:?}");
        });
    }

    #[test]
    fn operators_compare_as_in_alertmanager() {
        check("team=shop", true);
        check("team = \"shop\"", true);
        check("team!=shop", false);
        check("team=~sh", false);
        check("team=~sh.*", true);
        check("team!~\"a|b\"", true);
        check("title=\"Disk full\"", true);
        check("event.team=", true);
        check(r#"path="C:\\""#, true);
    }

    #[test]
    fn a_missing_label_is_empty() {
        check("cluster=", true);
        check("cluster=\"\"", true);
        check("cluster!=eu", true);
        check("cluster=~.+", false);
    }

    #[test]
    fn wrong_matchers_are_refused_with_the_reason() {
        for wrong in [
            "",
            "team",
            "=shop",
            "team!shop",
            "team=~(",
            "team=~a)|(b",
            "team=\"shop",
            "team=\"a\"b",
            "team=a\"b",
        ] {
            let error = Matcher::try_from(wrong.to_owned()).expect_err(wrong);
            assert!(error.starts_with(&format!("matcher `{wrong}`: ")), "{error}");
        }
    }
}
