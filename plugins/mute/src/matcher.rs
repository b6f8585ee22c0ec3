//! Which events a rule is about: matchers as Alertmanager writes them.
//! A regular expression must match the whole value. A label that is not there has the empty value, so `team=""` finds events
//! without a team and `team!="x"` finds them too.

use nightbell_plugin::EventRef;
use regex_lite::Regex;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// At least one matcher; all must match.
#[derive(Debug)]
pub(crate) struct Matchers(Vec<Matcher>);

#[derive(Debug)]
struct Matcher {
    name: String,
    test: Test,
    /// True for `!=` and `!~`.
    negative: bool,
}

#[derive(Debug)]
enum Test {
    Equal(String),
    Regex(Regex),
}

impl Matchers {
    pub(crate) fn all_match(&self, event: &EventRef<'_>) -> bool {
        self.0.iter().all(|matcher| matcher.matches(event))
    }

    fn of(matchers: Vec<Matcher>) -> Result<Self, String> {
        if matchers.is_empty() {
            return Err("expected at least one matcher: none at all would mute everything".into());
        }
        Ok(Self(matchers))
    }
}

impl Matcher {
    fn new(name: String, operator: &str, value: String) -> Result<Self, String> {
        if name.is_empty() {
            return Err("expected a name before the operator".into());
        }
        let (negative, is_regex) = match operator {
            "=" => (false, false),
            "!=" => (true, false),
            "=~" => (false, true),
            "!~" => (true, true),
            other => return Err(format!("expected one of =, !=, =~, !~, got `{other}`")),
        };
        let test = if is_regex {
            // Anchored, or `prod` would mute `preprod-db` too.
            let regex = Regex::new(&format!("^(?:{value})$"));
            Test::Regex(regex.map_err(|error| format!("regular expression `{value}`: {error}"))?)
        } else {
            Test::Equal(value)
        };
        Ok(Self { name, test, negative })
    }

    fn matches(&self, event: &EventRef<'_>) -> bool {
        let value = value_of(event, &self.name);
        let matches = match &self.test {
            Test::Equal(wanted) => value == wanted,
            Test::Regex(regex) => regex.is_match(value),
        };
        matches != self.negative
    }
}

/// The label of this name, else the event's own field. `event.title` and so on always mean the field.
fn value_of<'a>(event: &EventRef<'a>, name: &str) -> &'a str {
    if let Some(name) = name.strip_prefix("event.") {
        return field(event, name);
    }
    event.label(name).unwrap_or_else(|| field(event, name))
}

fn field<'a>(event: &EventRef<'a>, name: &str) -> &'a str {
    match name {
        "title" => event.title(),
        "source" => event.source(),
        "severity" => event.severity().name(),
        "kind" => event.kind().name(),
        "integration" => event.integration(),
        "service" => event.service(),
        "dedup_key" => event.dedup_key(),
        _ => "",
    }
}

/// Reads `team="x"`, `{team="x", env=~"a|b"}` or `team=x`.
fn parse(text: &str) -> Result<Vec<Matcher>, String> {
    let inner = text.trim();
    let inner = inner.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(inner);
    let mut matchers = vec![];
    let mut rest = inner.trim_start();
    while !rest.is_empty() {
        let (name, after) = name(rest)?;
        let (operator, after) = operator(after.trim_start())?;
        let (value, after) = value(after.trim_start())?;
        matchers.push(Matcher::new(name, operator, value)?);
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return Err(format!("expected a comma before `{after}`")),
        };
    }
    Ok(matchers)
}

fn name(text: &str) -> Result<(String, &str), String> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let end = text.find(['=', '!', ',', '"']).unwrap_or(text.len());
    Ok((text[..end].trim_end().to_owned(), &text[end..]))
}

fn operator(text: &str) -> Result<(&str, &str), String> {
    for operator in ["=~", "!~", "!=", "="] {
        if let Some(rest) = text.strip_prefix(operator) {
            return Ok((operator, rest));
        }
    }
    Err(format!("expected an operator (=, !=, =~, !~) before `{text}`, as in `team=\"storage\"`"))
}

fn value(text: &str) -> Result<(String, &str), String> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let end = text.find(',').unwrap_or(text.len());
    let value = text[..end].trim_end();
    if value.contains('"') {
        return Err(format!("expected quotes around the whole value, got `{value}`"));
    }
    Ok((value.to_owned(), &text[end..]))
}

/// Text in quotes, and what follows. `\"`, `\\` and `\n` are escapes; other backslashes stand for themselves, so that
/// regular expressions need no doubling.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match chars.peek().map(|(_, next)| *next) {
                Some(escaped @ ('"' | '\\')) => {
                    value.push(escaped);
                    chars.next();
                }
                Some('n') => {
                    value.push('\n');
                    chars.next();
                }
                _ => value.push('\\'),
            },
            other => value.push(other),
        }
    }
    Err(format!("expected a closing quote after `{text}`"))
}

/// A matcher as a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    name: String,
    op: String,
    value: String,
}

/// What stands in `match`, or in a list there: text or a table.
struct One(Vec<Matcher>);

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Shape).map(Self)
    }
}

impl<'de> Deserialize<'de> for Matchers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(deserializer.deserialize_any(Shape)?).map_err(D::Error::custom)
    }
}

/// Written out instead of an untagged enum, whose errors would not say what is wrong.
struct Shape;

impl<'de> Visitor<'de> for Shape {
    type Value = Vec<Matcher>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "a matcher like `team=\"storage\"`, a table of name, op and value, or a list of those",
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let parts = Parts::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        let matcher = Matcher::new(parts.name, &parts.op, parts.value);
        Ok(vec![matcher.map_err(A::Error::custom)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut matchers = vec![];
        while let Some(One(more)) = list.next_element()? {
            matchers.extend(more);
        }
        Ok(matchers)
    }
}

#[cfg(test)]
mod tests {
    use nightbell_plugin::testing::{event, with_event};

    use super::*;

    fn check(text: &str, expected: bool) {
        let matchers = Matchers(parse(text).unwrap_or_else(|error| panic!("{text}: {error}")));
        let shown =
            event("disk full").label("team", "storage").label("say", "\"hi\"").label("a b", "1");
        assert_eq!(with_event(&shown, |e| matchers.all_match(e)), expected, "{text}");
    }

    fn refused(text: &str, why: &str) {
        let error = parse(text).expect_err(text);
        assert!(error.contains(why), "{text}: {error}");
    }

    #[test]
    fn the_four_operators() {
        check(r#"team="storage""#, true);
        check(r#"team="stor""#, false);
        check(r#"team!="storage""#, false);
        check(r#"team!="shop""#, true);
        check(r#"team=~"stor.*""#, true);
        check(r#"team=~"stor""#, false);
        check(r#"team=~"shop|storage""#, true);
        check(r#"team!~"s.*""#, false);
        check(r#"team!~"s""#, true);
    }

    #[test]
    fn absent_labels_are_empty() {
        check(r#"env="""#, true);
        check(r#"env!="prod""#, true);
        check(r#"env=~".+""#, false);
    }

    #[test]
    fn fields_are_addressed_and_labels_come_first() {
        check(r#"title=~"disk.*", severity="unknown""#, true);
        check("event.title=disk full", true);
        let labelled = event("disk full").label("title", "other");
        let matches = |text: &str| {
            let matchers = Matchers(parse(text).unwrap_or_else(|error| panic!("{text}: {error}")));
            with_event(&labelled, |e| matchers.all_match(e))
        };
        assert!(matches("title=other") && !matches("title=disk full"));
        assert!(matches("event.title=disk full"));
    }

    #[test]
    fn all_ways_of_writing() {
        check(r#"{team="storage",title="disk full"}"#, true);
        check(r#" { team = "storage" , title = "shop" } "#, false);
        check("team=storage", true);
        check(r#"say="\"hi\"""#, true);
        check(r#"team=~"\w+""#, true);
        check(r#""a b"="1""#, true);
        check(r#"{team="storage",}"#, true);
    }

    #[test]
    fn mistakes_are_named() {
        refused("team", "operator");
        refused("=x", "name");
        refused(r#"team="x"#, "closing quote");
        refused(r#"team="x" env="y""#, "comma");
        refused(r#"team=x"y""#, "quotes");
        refused(r#"team=~"(""#, "regular expression `(`");
        refused("team>3", "operator");
        assert!(Matchers::of(parse("{}").unwrap_or_default()).is_err());
    }
}
