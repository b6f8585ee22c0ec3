//! Reading tables key by key: every wrong type, missing key and unknown key is reported, and reading goes on.
//!
//! It knows TOML and places, not what keys mean.

use super::mistake::{At, Mark, Mistake, Report, quoted};
use super::value::nearest;
use std::cell::RefCell;
use std::fmt::Write;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys of a file's top that are no tables, which TOML takes for a table's own when they stand below its header.
const TOP: &[&str] = &["listen", "public_url", "data", "plugins", "fallback"];

/// A table that is being read.
pub(super) struct Table<'d> {
    /// As it is written: `[mail]`, `[[person]]`; empty for a file's top.
    header: String,
    table: &'d DeTable<'d>,
    /// The header.
    pub(super) at: Mark,
    report: &'d Report,
    /// What was asked for.
    known: RefCell<Vec<&'static str>>,
}

/// A value that is being read.
pub(super) struct Value<'d> {
    key: String,
    value: &'d DeValue<'d>,
    pub(super) at: Mark,
    report: &'d Report,
}

/// Parses a file; what is not TOML is reported, and what could be read all the same is returned.
pub(super) fn parse<'t>(file: usize, text: &'t str, report: &Report) -> Spanned<DeTable<'t>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut lines = Vec::new();
    for error in &errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        // One broken line often breaks several rules.
        let line =
            text.as_bytes()[..span.start.min(text.len())].iter().filter(|b| **b == b'\n').count();
        if lines.contains(&line) {
            continue;
        }
        lines.push(line);
        report.broken(file);
        let mark = Mark { file, start: span.start, end: span.end };
        report.add(
            Mistake::error(
                mark,
                format!(
                    "this is not TOML: {}",
                    error.message().trim_end_matches(", expected literal string")
                ),
            )
            .hint(syntax_hint(error.message())),
        );
    }
    table
}

fn syntax_hint(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "a key stands once in its table; remove one of them"
    } else if message.contains("string") || message.contains("quote") {
        "texts stand in double quotes: `id = \"bob\"`"
    } else {
        "a line is `key = value`, `[table]` or `[[table]]`; texts stand in double quotes"
    }
}

impl<'d> Table<'d> {
    /// The top of a file.
    pub(super) fn top(file: usize, table: &'d DeTable<'d>, report: &'d Report) -> Self {
        let at = Mark { file, start: 0, end: 0 };
        Self { header: String::new(), table, at, report, known: RefCell::default() }
    }

    /// A key's value, when it is there.
    pub(super) fn optional(&self, key: &'static str) -> Option<Value<'d>> {
        self.known.borrow_mut().push(key);
        let value = self.table.get(key)?;
        Some(self.value(key, value))
    }

    /// A key's value; it is a mistake when it is not there.
    pub(super) fn required(&self, key: &'static str, example: &str) -> Option<Value<'d>> {
        let value = self.optional(key);
        if value.is_none() {
            let place = if self.header.is_empty() {
                "the configuration".to_owned()
            } else {
                format!("`{}`", self.header)
            };
            self.report.add(
                Mistake::error(self.at, format!("{place} has no `{key}`"))
                    .hint(format!("add `{key} = {example}`")),
            );
        }
        value
    }

    /// Whether a key is there, whatever its value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// All keys and values, for tables whose keys are the user's own.
    pub(super) fn entries(&self) -> Vec<(At<String>, Value<'d>)> {
        let name = |key: &Spanned<std::borrow::Cow<'d, str>>| At {
            value: key.get_ref().to_string(),
            at: mark(self.at.file, key.span()),
        };
        self.table
            .iter()
            .map(|(key, value)| (name(key), self.value(key.get_ref(), value)))
            .collect()
    }

    fn value(&self, key: &str, value: &'d Spanned<DeValue<'d>>) -> Value<'d> {
        let at = mark(self.at.file, value.span());
        Value { key: key.to_owned(), value: value.get_ref(), at, report: self.report }
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        let known = self.known.into_inner();
        for key in self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref().as_ref();
            let message = if self.header.is_empty() {
                format!("there is no key {} at the top of a file", quoted(name))
            } else {
                format!("`{}` has no key {}", self.header, quoted(name))
            };
            let hint = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.header.is_empty() && name == "step" => {
                    "write `[[escalation_policy.step]]`".to_owned()
                }
                None if self.header.is_empty() && name == "layer" => {
                    "write `[[schedule.layer]]`".to_owned()
                }
                None if !self.header.is_empty() && TOP.contains(&name) => {
                    format!("`{name}` belongs at the top of the file, before the first `[table]`")
                }
                None => format!("known are {}", list(&known)),
            };
            self.report.add(
                Mistake::error(mark(self.at.file, key.span()), message)
                    .label("unknown key")
                    .hint(hint),
            );
        }
    }
}

impl<'d> Value<'d> {
    /// How it is named in messages.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// A text.
    pub(super) fn string(&self) -> Option<At<String>> {
        self.string_such_as("\"…\"")
    }

    /// A text; the example is for whoever wrote something else.
    pub(super) fn string_such_as(&self, example: &str) -> Option<At<String>> {
        match self.value {
            DeValue::String(text) => Some(At { value: text.to_string(), at: self.at }),
            _ => self.refuse("a text", &format!("write it in quotes, as {example}")),
        }
    }

    /// A wall-clock time: a text, or TOML's own date and time.
    pub(super) fn time(&self) -> Option<At<String>> {
        match self.value {
            DeValue::Datetime(time) => Some(At { value: time.to_string(), at: self.at }),
            DeValue::String(text) => Some(At { value: text.to_string(), at: self.at }),
            _ => self.refuse("a local date and time", "write it as \"2026-01-05T09:00\""),
        }
    }

    /// A whole number within bounds.
    pub(super) fn integer(&self, bounds: RangeInclusive<i64>) -> Option<i64> {
        let DeValue::Integer(digits) = self.value else {
            return self.refuse("a whole number", "write it without quotes and without a fraction");
        };
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let number = number.filter(|number| bounds.contains(number));
        if number.is_none() {
            let (least, most) = (bounds.start(), bounds.end());
            self.report.add(
                Mistake::error(
                    self.at,
                    format!(
                        "expected {least} to {most} for `{}`, got {}",
                        self.key,
                        quoted(digits.as_str())
                    ),
                )
                .hint("choose a number within these bounds"),
            );
        }
        number
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(value) => Some(*value),
            _ => self.refuse("true or false", "write `true` or `false`, without quotes"),
        }
    }

    /// A list.
    pub(super) fn list(&self) -> Option<Vec<Value<'d>>> {
        let DeValue::Array(items) = self.value else {
            return self.refuse("a list", "put it in brackets: `[…]`");
        };
        let item = |item: &'d Spanned<DeValue<'d>>| Value {
            key: self.key.clone(),
            value: item.get_ref(),
            at: mark(self.at.file, item.span()),
            report: self.report,
        };
        Some(items.iter().map(item).collect())
    }

    /// A list of texts; items of another type are reported and left out.
    pub(super) fn strings(&self) -> Option<Vec<At<String>>> {
        Some(self.list()?.iter().filter_map(Value::string).collect())
    }

    /// A table; `header` is how it is written.
    pub(super) fn table(&self, header: &str) -> Option<Table<'d>> {
        let DeValue::Table(table) = self.value else {
            return self.refuse("a table", &format!("write `{header}`"));
        };
        Some(self.as_table(table, header))
    }

    /// A list of tables; `header` is how one is written.
    pub(super) fn tables(&self, header: &str) -> Vec<Table<'d>> {
        let hint = format!("write `{header}` with two brackets, once for each");
        let DeValue::Array(items) = self.value else {
            self.report.lost_names();
            self.refuse::<()>("a list of tables", &hint);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            let item = Value {
                key: self.key.clone(),
                value: item.get_ref(),
                at: mark(self.at.file, item.span()),
                report: self.report,
            };
            match item.value {
                DeValue::Table(table) => tables.push(item.as_table(table, header)),
                _ => {
                    self.report.lost_names();
                    item.refuse::<()>("a table", &hint);
                }
            }
        }
        tables
    }

    fn as_table(&self, table: &'d DeTable<'d>, header: &str) -> Table<'d> {
        Table {
            header: header.to_owned(),
            table,
            at: self.at,
            report: self.report,
            known: RefCell::default(),
        }
    }

    /// Whether it is a table, for values of two forms.
    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// The value as JSON. Dates become texts; a number that JSON cannot have is reported.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        json(self.value).or_else(|| {
            self.refuse(
                "numbers that JSON can have",
                "avoid `inf`, `nan` and numbers beyond 64 bits",
            )
        })
    }

    /// Reports the wrong type. The value itself is never quoted: it may be a secret.
    pub(super) fn refuse<T>(&self, expected: &str, hint: &str) -> Option<T> {
        let got = match self.value {
            DeValue::String(text) if text.is_empty() => "an empty text",
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.report.add(
            Mistake::error(self.at, format!("expected {expected} for `{}`, got {got}", self.key))
                .hint(hint),
        );
        None
    }
}

fn json(value: &DeValue<'_>) -> Option<serde_json::Value> {
    Some(match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(digits) => {
            i64::from_str_radix(digits.as_str(), digits.radix()).ok()?.into()
        }
        DeValue::Float(digits) => {
            serde_json::Number::from_f64(digits.as_str().parse().ok()?)?.into()
        }
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(items) => {
            items.iter().map(|item| json(item.get_ref())).collect::<Option<Vec<_>>>()?.into()
        }
        DeValue::Table(table) => {
            let entry =
                |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
                    Some((key.get_ref().to_string(), json(value.get_ref())?))
                };
            table.iter().map(entry).collect::<Option<serde_json::Map<_, _>>>()?.into()
        }
    })
}

fn mark(file: usize, span: std::ops::Range<usize>) -> Mark {
    Mark { file, start: span.start, end: span.end }
}

/// `a`, `b` and `c`.
pub(super) fn list(names: &[&str]) -> String {
    let mut out = String::new();
    for (at, name) in names.iter().enumerate() {
        let between = match at {
            0 => "",
            at if at + 1 == names.len() => " and ",
            _ => ", ",
        };
        let _ = write!(out, "{between}`{name}`");
    }
    out
}
