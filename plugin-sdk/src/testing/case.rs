//! What does a case file say, and does what a plugin did agree with it? Shared by the native runner and by
//! `nightbell plugin test`: neither knows the other, both know this.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::host::Host;
use super::read::{self, Texts};
use super::read_channel::{Answers, ChannelInput};
use super::{diff, write};
use crate::packed::Packer;
use crate::{
    Answer, Decision, Failure, Notification, ParseError, Parsed, Payload, Receipt, Request, Verdict,
};

/// Largest case file, in bytes.
const FILE_MAX_BYTES: u64 = 8 << 20;

/// One case file.
#[derive(Clone, Debug)]
pub struct Case {
    path: PathBuf,
    text: String,
    written: Written,
}

/// A case file's keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    about: String,
    #[serde(default)]
    settings: Table,
    #[serde(default)]
    input: Table,
    #[serde(default)]
    state: Texts,
    #[serde(default)]
    secrets: Texts,
    #[serde(default)]
    answers: Answers,
    #[serde(default)]
    expect: Table,
}

/// What a channel is asked.
#[derive(Clone, Debug)]
pub enum ChannelAsk {
    /// To deliver. Boxed: notifications are large.
    Deliver(Box<Notification>),
    /// To read an answer.
    Callback(Request),
    /// Whether this can be an address.
    Validate(String),
}

/// What a plugin did.
#[derive(Clone, Debug)]
pub enum Output {
    /// A parser's word.
    Parsed(Result<Parsed, ParseError>),
    /// A filter's, one per event.
    Verdicts(Vec<Verdict>),
    /// A router's, one per event.
    Decisions(Vec<Option<Decision>>),
    /// A channel's, on a notification.
    Receipt(Result<Receipt, Failure>),
    /// A channel's, on an answer.
    Answer(Result<Answer, Failure>),
    /// A channel's, on an address.
    Validated(Result<String, String>),
    /// It broke off, with these words.
    Trap(String),
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// As expected.
    Same,
    /// Something else.
    Different {
        /// Line by line: `-` what was expected, `+` what came.
        diff: String,
        /// The file's text when what came is accepted.
        accepted: String,
    },
}

impl Case {
    /// The case files of a folder, in the order of their names.
    ///
    /// # Errors
    /// When the folder cannot be read, or holds none.
    pub fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
        let shown = folder.display();
        let entries = std::fs::read_dir(folder).map_err(|error| format!("{shown}: {error}"))?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        files.sort();
        if files.is_empty() {
            return Err(format!("{shown}: expected case files (*.toml), found none"));
        }
        Ok(files)
    }

    /// Reads a case file.
    ///
    /// # Errors
    /// When it cannot be read or is no case; the text has line and column.
    pub fn open(path: &Path) -> Result<Self, String> {
        let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if size > FILE_MAX_BYTES {
            return Err(format!("{size} bytes, expected at most {FILE_MAX_BYTES}"));
        }
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        Self::read(path, text)
    }

    /// Reads a case from its text; `path` is where files that it names lie beside.
    ///
    /// # Errors
    /// When it is no case; the text has line and column.
    pub fn read(path: &Path, text: String) -> Result<Self, String> {
        let written = toml::from_str(&text).map_err(|error| error.to_string())?;
        Ok(Self { path: path.to_owned(), text, written })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it promises; may be empty.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.written.about
    }

    /// The operator's settings as one JSON object.
    #[must_use]
    pub fn settings(&self) -> String {
        read::settings_json(&self.written.settings)
    }

    /// A host as the case wants it: settings, state, secrets and the script of answers.
    ///
    /// # Errors
    /// When an answer is none.
    pub fn host(&self) -> Result<Host, String> {
        let host = Host::default();
        host.settings(self.settings());
        for (key, value) in &self.written.state {
            host.set_state(key.clone(), value.clone());
        }
        for (name, value) in &self.written.secrets {
            host.secret(name.clone(), value.clone());
        }
        for answer in &self.written.answers.http {
            host.answer_http(answer.clone().answer()?);
        }
        for answer in &self.written.answers.mail {
            host.answer_mail(answer.clone().answer()?);
        }
        Ok(host)
    }

    /// A parser's input.
    ///
    /// # Errors
    /// When it is none, or a file it names cannot be read.
    pub fn payload(&self) -> Result<Payload, String> {
        self.input::<read::ParserInput>()?.payload(self.folder())
    }

    /// A filter's or router's input: its events, packed.
    ///
    /// # Errors
    /// When it is none.
    pub fn batch(&self) -> Result<Packer, String> {
        let input: read::BatchInput = self.input()?;
        let mut packer = Packer::new();
        packer.begin(input.events.len() as u32);
        for (position, event) in input.events.iter().enumerate() {
            packer.push(&event.packed(position)).map_err(|error| error.to_string())?;
        }
        Ok(packer)
    }

    /// A channel's input.
    ///
    /// # Errors
    /// When it is none, or a file it names cannot be read.
    pub fn channel(&self) -> Result<ChannelAsk, String> {
        let input: ChannelInput = self.input()?;
        match (input.notification, input.callback, input.address) {
            (Some(notification), None, None) => {
                Ok(ChannelAsk::Deliver(Box::new(notification.notification()?)))
            }
            (None, Some(request), None) => {
                Ok(ChannelAsk::Callback(request.request(self.folder())?))
            }
            (None, None, Some(address)) => Ok(ChannelAsk::Validate(address)),
            _ => Err("input: expected one of notification, callback and address".to_owned()),
        }
    }

    /// Compares what came with what is expected: the output, and what the plugin asked of its host.
    ///
    /// # Errors
    /// When the output is wrong in itself, the script of answers does not fit the calls, or `expect` is not readable.
    pub fn compare(&self, output: &Output, host: &Host) -> Result<Compared, String> {
        let actual = shape(output, host)?;
        let expected = canonical(self.written.expect.clone())?;
        if same(&expected, &actual) {
            return Ok(Compared::Same);
        }
        let diff = diff::lines(&shown(&expected), &shown(&actual));
        Ok(Compared::Different { diff, accepted: with_expect(&self.text, &actual) })
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn input<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        self.written.input.clone().try_into().map_err(|error| format!("input: {error}"))
    }
}

/// What a plugin did, as TOML text: the `expect` that a case would have.
///
/// # Errors
/// When the output is wrong in itself, or the script of answers does not fit the calls.
pub fn outcome_text(output: &Output, host: &Host) -> Result<String, String> {
    Ok(shown(&shape(output, host)?))
}

/// The output and the host calls, as an `expect` should be.
fn shape(output: &Output, host: &Host) -> Result<Table, String> {
    let out = match output {
        Output::Parsed(parsed) => write::parsed(parsed)?,
        Output::Verdicts(verdicts) => write::verdicts(verdicts)?,
        Output::Decisions(decisions) => write::decisions(decisions),
        Output::Receipt(receipt) => write::receipt(receipt),
        Output::Answer(answer) => write::answer(answer),
        Output::Validated(validated) => write::validated(validated.clone()),
        Output::Trap(message) => trap(message),
    };
    match host.unscripted().as_slice() {
        [] => Ok(write::host_calls(out, host)),
        lines => Err(lines.join("; ")),
    }
}

fn trap(message: &str) -> Table {
    let message = Value::String(message.to_owned());
    let trap = Table::from_iter([("message".to_owned(), message)]);
    Table::from_iter([("trap".to_owned(), Value::Table(trap))])
}

/// Equal, except that a trap's message need only contain what is expected of it.
fn same(expected: &Table, actual: &Table) -> bool {
    match (trap_message(expected), trap_message(actual)) {
        (Some(wanted), Some(came)) => came.contains(wanted),
        _ => expected == actual,
    }
}

fn trap_message(out: &Table) -> Option<&str> {
    out.get("trap")?.get("message")?.as_str()
}

/// Names whose tables hold names from the outside: nothing in them has a meaning here.
const FREE: [&str; 5] = ["labels", "attributes", "set_labels", "set_attributes", "state"];

/// The same with every JSON text in its one readable form.
fn canonical(table: Table) -> Result<Table, String> {
    table
        .into_iter()
        .map(|(key, value)| {
            let value = match value {
                Value::String(text) if key == "details" || key == "json" => {
                    Value::String(write::json(&text, &key)?)
                }
                Value::Table(table) if !FREE.contains(&key.as_str()) => {
                    Value::Table(canonical(table)?)
                }
                Value::Array(list) => Value::Array(canonical_list(list)?),
                other => other,
            };
            Ok((key, value))
        })
        .collect()
}

fn canonical_list(list: Vec<Value>) -> Result<Vec<Value>, String> {
    list.into_iter()
        .map(|value| match value {
            Value::Table(table) => canonical(table).map(Value::Table),
            other => Ok(other),
        })
        .collect()
}

/// As TOML, keys in order, so that a diff shows differences of content only.
fn shown(expect: &Table) -> String {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Table(table) => {
                let mut entries: Vec<_> = table.into_iter().map(|(k, v)| (k, sorted(v))).collect();
                entries.sort_by(|a, b| (a.1.is_table(), &a.0).cmp(&(b.1.is_table(), &b.0)));
                Value::Table(entries.into_iter().collect())
            }
            Value::Array(list) => list.into_iter().map(sorted).collect::<Vec<_>>().into(),
            other => other,
        }
    }
    match sorted(Value::Table(expect.clone())) {
        Value::Table(table) => to_text(table),
        _ => String::new(),
    }
}

fn to_text(expect: Table) -> String {
    let file = Table::from_iter([("expect".to_owned(), Value::Table(expect))]);
    toml::to_string_pretty(&file).unwrap_or_else(|error| panic!("expect as TOML: {error}"))
}

/// The file with everything from its first `expect` on written anew.
fn with_expect(text: &str, actual: &Table) -> String {
    let is_expect =
        |line: &str| ["[expect", "[[expect", "expect."].iter().any(|s| line.starts_with(s));
    let kept: Vec<&str> = text.lines().take_while(|line| !is_expect(line.trim_start())).collect();
    format!("{}\n\n{}", kept.join("\n").trim_end(), to_text(actual.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().expect("TOML")
    }

    #[test]
    fn json_is_compared_by_value_and_labels_by_text() {
        let a = canonical(table("details = '{\"b\":1,\"a\":[ ]}'\nlabels.details = '{ }'"))
            .expect("JSON");
        let b = canonical(table("details = '{\"a\": [], \"b\": 1}'\nlabels.details = '{ }'"))
            .expect("JSON");
        assert!(same(&a, &b));
        assert_eq!(a["labels"]["details"].as_str(), Some("{ }"));
        assert!(canonical(table("details = '{'")).is_err());
    }

    #[test]
    fn a_trap_may_say_more_than_expected() {
        let came = table("trap.message = 'settings: `rules`: wrong'");
        assert!(same(&table("trap.message = '`rules`'"), &came));
        assert!(!same(&table("trap.message = 'other'"), &came));
        assert!(!same(&table("events = []"), &came));
    }

    #[test]
    fn update_keeps_what_stands_before_expect() {
        let text = "# why\n[settings]\na = 1 # kept\n\n[[expect.events]]\ntitle = 'old'\n";
        let new = with_expect(text, &table("error.message = 'no'"));
        assert_eq!(new, "# why\n[settings]\na = 1 # kept\n\n[expect.error]\nmessage = \"no\"\n");
        assert_eq!(with_expect("a = 1", &table("")), "a = 1\n\n[expect]\n");
    }
}
