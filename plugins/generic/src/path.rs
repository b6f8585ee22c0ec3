//! Paths into JSON: `$.alert.labels["app.kubernetes.io/name"]`, `checks[0].name`, `[-1]` for the last.

use serde::Deserialize;
use serde_json::Value;

/// Where a value is. `$.` at the start may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    /// From the front, or with a negative number from the back.
    Item(i64),
}

impl Path {
    /// The value there, `null` included.
    #[must_use]
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(value, |value, step| match step {
            Step::Key(key) => value.as_object()?.get(key),
            Step::Item(at) => {
                let items = value.as_array()?;
                let from_back = items.len().checked_sub(usize::try_from(at.unsigned_abs()).ok()?);
                let at = if *at < 0 { from_back? } else { usize::try_from(*at).ok()? };
                items.get(at)
            }
        })
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |why: &str| format!("path `{text}`: {why}; write it like `alert.tags[0].name`");
        let mut rest = text.strip_prefix('$').unwrap_or(&text);
        let mut steps = vec![];
        // A leading `$` is followed by `.` or `[`; without it the first key stands alone.
        let mut bare = rest.len() == text.len();
        while !rest.is_empty() {
            let (step, after) = if rest.starts_with('[') {
                bracket(rest).map_err(wrong)?
            } else {
                let key = match rest.strip_prefix('.') {
                    Some(key) if !bare => key,
                    None if bare => rest,
                    _ => return Err(wrong("expected `.` or `[` between two steps")),
                };
                let end = key.find(['.', '[']).unwrap_or(key.len());
                if end == 0 {
                    return Err(wrong("a step is empty"));
                }
                (Step::Key(key[..end].to_owned()), &key[end..])
            };
            steps.push(step);
            rest = after;
            bare = false;
        }
        if steps.is_empty() && text != "$" {
            return Err(wrong("it is empty"));
        }
        Ok(Self { text, steps })
    }
}

/// Reads `[3]`, `[-1]` or `["any key"]`; answers the step and what follows it.
fn bracket(text: &str) -> Result<(Step, &str), &'static str> {
    let inner = text.strip_prefix('[').ok_or("expected `[`")?;
    if let Some(quote) = inner.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let key = &inner[1..];
        let end = key.find(quote).ok_or("a quote is not closed")?;
        let after = key[end + 1..].strip_prefix(']').ok_or("expected `]` after the quote")?;
        return Ok((Step::Key(key[..end].to_owned()), after));
    }
    let end = inner.find(']').ok_or("a `[` is not closed")?;
    let at =
        inner[..end].trim().parse().map_err(|_| "expected a number or a quoted key in `[ ]`")?;
    Ok((Step::Item(at), &inner[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::Path;
    use serde_json::{Value, json};

    fn find(path: &str) -> Option<Value> {
        let value = json!({ "a": { "b.c": [10, { "d": 20 }], "e": null }, "f": "text" });
        let path = Path::try_from(path.to_owned()).expect("the test's path is right");
        path.find(&value).cloned()
    }

    #[test]
    fn a_path_walks_keys_and_positions() {
        assert_eq!(find("f"), Some(json!("text")));
        assert_eq!(find("$.f"), Some(json!("text")));
        assert_eq!(find("$['a'].e"), Some(Value::Null));
        assert_eq!(find("a[\"b.c\"][1].d"), Some(json!(20)));
        assert_eq!(find("a['b.c'][-2]"), Some(json!(10)));
        assert_eq!(find("$").map(|v| v.is_object()), Some(true));
    }

    #[test]
    fn a_path_that_leads_nowhere_finds_nothing() {
        for path in [
            "g",
            "f.x",
            "f[0]",
            "a.e.x",
            "a['b.c'][2]",
            "a['b.c'][-3]",
            "a['b.c'][-9223372036854775808]",
        ] {
            assert_eq!(find(path), None, "{path}");
        }
    }

    #[test]
    fn wrong_paths_are_refused_with_the_reason() {
        for path in
            ["", ".", "$.", "$f", ".a", "a.", "a..b", "a[", "a[x]", "a['b", "a['b'", "a[0]b"]
        {
            let error = Path::try_from(path.to_owned()).expect_err(path);
            assert!(error.starts_with(&format!("path `{path}`: ")), "{error}");
        }
    }
}
