//! Runs the case files of a folder: reads, calls the plugin, compares, shows the difference or rewrites `expect`.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::host::Host;
use super::read::{self, Texts};
use super::read_channel::Answers;
use super::{diff, write};

/// One case file, as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// What the case promises.
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

/// Calls a plugin with a case's `input`; the path is the folder of the case.
pub(super) type Call<'a> = &'a dyn Fn(Table, &Path) -> Result<Table, String>;

/// Runs every case of the folder and panics with all that failed.
pub(super) fn run_all(folder: &Path, call: Call<'_>) {
    let update = std::env::var_os("UPDATE_CASES").is_some_and(|value| value == "1");
    let files = files(folder);
    assert!(!files.is_empty(), "{}: expected case files (*.toml), found none", folder.display());
    let failed: Vec<String> =
        files.iter().filter_map(|file| run(file, call, update).err()).collect();
    assert!(
        failed.is_empty(),
        "{} of {} cases failed\n\n{}",
        failed.len(),
        files.len(),
        failed.join("\n")
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => panic!("{}: {error}", folder.display()),
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

fn run(file: &Path, call: Call<'_>, update: bool) -> Result<(), String> {
    let fail = |why: String| format!("case {}: {why}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| fail(error.to_string()))?;
    let case: Case = toml::from_str(&text).map_err(|error| fail(error.to_string()))?;
    let (about, expected) = (case.about.clone(), case.expect.clone());
    let folder = file.parent().unwrap_or(Path::new("."));
    let actual = outcome(case, folder, call).map_err(fail)?;
    let expected = canonical(expected).map_err(fail)?;
    if same(&expected, &actual) {
        return Ok(());
    }
    if update {
        let text = with_expect(&text, &actual);
        return std::fs::write(file, text).map_err(|error| fail(error.to_string()));
    }
    let shown = diff::lines(&shown(&expected), &shown(&actual));
    Err(fail(format!("{about}\n(- expected, + came; UPDATE_CASES=1 rewrites)\n{shown}")))
}

/// What the plugin did with the case, as its `expect` should be.
fn outcome(case: Case, folder: &Path, call: Call<'_>) -> Result<Table, String> {
    let host = Host::install();
    host.settings(read::settings_json(&case.settings));
    for (key, value) in case.state {
        host.set_state(key, value);
    }
    for (name, value) in case.secrets {
        host.secret(name, value);
    }
    for answer in case.answers.http {
        host.answer_http(answer.answer()?);
    }
    for answer in case.answers.mail {
        host.answer_mail(answer.answer()?);
    }
    let input = case.input;
    let called = std::panic::catch_unwind(AssertUnwindSafe(|| call(input, folder)));
    let out = match called {
        Ok(out) => out?,
        Err(panic) => trap(panic.as_ref()),
    };
    match host.unscripted().as_slice() {
        [] => Ok(write::host_calls(out, &host)),
        lines => Err(lines.join("; ")),
    }
}

fn trap(panic: &(dyn std::any::Any + Send)) -> Table {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without text");
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
