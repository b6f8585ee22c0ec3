//! Matchers, and what they keep quiet.

use super::{Alert, Edit, QuietTime, SilenceId};
use jiff::Timestamp;
use std::fmt;

/// How a matcher compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, anchored at both ends
    Regex,
    /// `!~`, anchored at both ends
    NotRegex,
}

impl MatchOp {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }
}

/// Why a matcher cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// No operator, or no name before it.
    #[error("expected `name=value`, `!=`, `=~` or `!~`, got `{0}`")]
    Shape(String),
    /// The regular expression does not compile, or is too large.
    #[error("`{0}` is no regular expression: {1}")]
    Regex(String, String),
}

/// One condition on a field or label; an absent one is the empty text (as Alertmanager has it).
#[derive(Clone)]
pub struct Matcher {
    /// Label or field.
    pub name: String,
    /// How.
    pub op: MatchOp,
    /// With what.
    pub value: String,
    regex: Option<regex_lite::Regex>,
}

impl Matcher {
    /// Builds a matcher.
    ///
    /// # Errors
    /// `Shape` for an empty name, `Regex` when the value is no regular expression.
    pub fn new(name: &str, op: MatchOp, value: &str) -> Result<Self, MatcherError> {
        if name.is_empty() {
            return Err(MatcherError::Shape(format!("{}{value}", op.as_str())));
        }
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => Some(compile(value)?),
        };
        Ok(Self { name: name.to_owned(), op, value: value.to_owned(), regex })
    }

    /// Reads `name=value`, `name!="value"`, `name=~value`, `name!~value`; quotes are optional.
    ///
    /// # Errors
    /// See [`MatcherError`].
    pub fn parse(text: &str) -> Result<Self, MatcherError> {
        let at = text.find(['=', '!']).ok_or_else(|| MatcherError::Shape(text.to_owned()))?;
        let (name, rest) = text.split_at(at);
        let (op, value) = [
            ("=~", MatchOp::Regex),
            ("!~", MatchOp::NotRegex),
            ("!=", MatchOp::NotEqual),
            ("=", MatchOp::Equal),
        ]
        .into_iter()
        .find_map(|(sign, op)| rest.strip_prefix(sign).map(|value| (op, value)))
        .ok_or_else(|| MatcherError::Shape(text.to_owned()))?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        Self::new(name.trim(), op, value)
    }

    /// Whether a value passes.
    pub fn matches(&self, value: &str) -> bool {
        let hit = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => self.value == value,
        };
        match self.op {
            MatchOp::Equal | MatchOp::Regex => hit,
            MatchOp::NotEqual | MatchOp::NotRegex => !hit,
        }
    }
}

fn compile(value: &str) -> Result<regex_lite::Regex, MatcherError> {
    regex_lite::RegexBuilder::new(&format!("^(?:{value})$"))
        .size_limit(1 << 16)
        .build()
        .map_err(|error| MatcherError::Regex(value.to_owned(), error.to_string()))
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.op, &self.value) == (&other.name, other.op, &other.value)
    }
}
impl Eq for Matcher {}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}\"{}\"", self.name, self.op.as_str(), self.value)
    }
}
impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Mutes what matches while its time holds. All matchers must pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    /// Identity.
    pub id: SilenceId,
    /// Not empty.
    pub matchers: Vec<Matcher>,
    /// When it holds.
    pub time: QuietTime,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it since, oldest first; the latest ones when there were many.
    pub history: Vec<Edit>,
}

impl Silence {
    /// Whether it is about this alert, at whatever time.
    pub fn is_about(&self, alert: &Alert) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches(alert.field(&matcher.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matcher_reads_as_it_prints() {
        for (text, value, hit) in [
            ("team=shop", "shop", true),
            ("team=\"shop\"", "web", false),
            ("team!=shop", "", true),
            ("name=~Disk.*", "DiskFull", true),
            ("name=~Disk", "DiskFull", false),
            ("name!~Disk.*", "DiskFull", false),
            ("empty=", "", true),
        ] {
            let matcher = Matcher::parse(text).expect(text);
            assert_eq!(matcher.matches(value), hit, "{text} on `{value}`");
            assert_eq!(Matcher::parse(&matcher.to_string()), Ok(matcher), "{text}");
        }
    }

    #[test]
    fn a_bad_matcher_says_what_is_wrong() {
        for text in ["", "team", "=shop", "name=~("] {
            assert!(Matcher::parse(text).is_err(), "{text}");
        }
    }
}
