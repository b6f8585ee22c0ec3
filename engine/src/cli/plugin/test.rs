//! `nightbell plugin test`: does the compiled plugin keep what its cases promise? In the engine's own host, with fuel
//! counted and the lines of the source at hand.

use super::super::failure::{Exit, Failure};
use super::super::look::{Look, Tone, paint, safe};
use super::super::out::Out;
use super::subject::Subject;
use crate::plugin::{Count, Piece, Tried};
use clap::Args;
use nightbell_plugin::testing::{Case, Compared, Output};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What to test.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct TestArgs {
    /// The project's folder, which is built first, or a `.wasm` file [default: this folder]
    #[arg(value_name = "DIR|FILE")]
    path: Option<PathBuf>,
    /// Only cases whose name contains this
    filter: Option<String>,
    /// The folder of the case files [default: tests/cases of the project]
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Accept what came: rewrite `expect` in the cases that differ
    #[arg(long)]
    update: bool,
}

/// How a case went.
struct Verdict {
    name: String,
    about: String,
    end: End,
    tried: Option<Tried>,
}

enum End {
    Passed,
    Updated,
    Differs(String),
    /// No comparison was possible.
    Broken(String),
}

/// Does it.
///
/// # Errors
/// When the plugin cannot be tried; with nothing more to say when a case fails.
pub(super) async fn run(args: &TestArgs, out: &Out) -> Result<(), Failure> {
    let (path, filter) = targets(args);
    let subject = Subject::open(&path, out)?;
    let folder = cases_folder(args, &subject)?;
    let files = Case::files(&folder).map_err(|why| {
        Failure::new(format!("There are no cases: {why}."))
            .hint("`--cases DIR` names the folder with the case files")
    })?;
    let fits =
        |file: &PathBuf| filter.as_ref().is_none_or(|word| stem(file).contains(word.as_str()));
    let files: Vec<PathBuf> = files.into_iter().filter(fits).collect();
    if files.is_empty() {
        return Err(Failure::new(format!(
            "No case's name contains `{}`.",
            filter.unwrap_or_default()
        )));
    }
    let piece = subject.load(Count::Fuel)?;
    let mut verdicts = Vec::with_capacity(files.len());
    for file in &files {
        let verdict = judge(&piece, file, args.update).await;
        if !out.is_json() {
            out.text(&shown(&verdict, out.look()))?;
        }
        verdicts.push(verdict);
    }
    finish(&piece, &verdicts, out)
}

/// The one word that may stand alone is a path when there is such a path, else a filter.
fn targets(args: &TestArgs) -> (PathBuf, Option<String>) {
    match (&args.path, &args.filter) {
        (Some(path), filter) if path.exists() || filter.is_some() => (path.clone(), filter.clone()),
        (Some(word), _) if !word.to_string_lossy().contains(['/', '.']) => {
            (PathBuf::from("."), Some(word.to_string_lossy().into_owned()))
        }
        (Some(path), _) => (path.clone(), None),
        (None, filter) => (PathBuf::from("."), filter.clone()),
    }
}

fn cases_folder(args: &TestArgs, subject: &Subject) -> Result<PathBuf, Failure> {
    match (&args.cases, &subject.project) {
        (Some(cases), _) => Ok(cases.clone()),
        (None, Some(project)) => Ok(project.join("tests/cases")),
        (None, None) => Err(Failure::usage("A plugin file comes without cases.")
            .hint("name their folder with `--cases DIR`, or test the project's folder")),
    }
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

async fn judge(piece: &Piece, file: &Path, update: bool) -> Verdict {
    let name = stem(file);
    let case = match Case::open(file) {
        Ok(case) => case,
        Err(why) => {
            return Verdict { name, about: String::new(), end: End::Broken(why), tried: None };
        }
    };
    let about = case.about().to_owned();
    let (end, tried) = match attempt(piece, &case).await {
        Err(why) => (End::Broken(why), None),
        Ok((tried, Err(why))) => (End::Broken(why), Some(tried)),
        Ok((tried, Ok(Compared::Same))) => (End::Passed, Some(tried)),
        Ok((tried, Ok(Compared::Different { accepted, .. }))) if update => {
            let end = match std::fs::write(file, accepted) {
                Ok(()) => End::Updated,
                Err(error) => End::Broken(format!("it cannot be written: {error}")),
            };
            (end, Some(tried))
        }
        Ok((tried, Ok(Compared::Different { diff, .. }))) => (End::Differs(diff), Some(tried)),
    };
    Verdict { name, about, end, tried }
}

type Attempt = (Tried, Result<Compared, String>);

async fn attempt(piece: &Piece, case: &Case) -> Result<Attempt, String> {
    let host = case.host()?;
    let tried = piece.run_case(case, &host).await?;
    let compared = case.compare(&tried.output, &host);
    Ok((tried, compared))
}

/// One line, and below it what is wrong.
fn shown(verdict: &Verdict, look: &Look) -> String {
    let (word, tone) = match verdict.end {
        End::Passed => ("ok", Tone::Good),
        End::Updated => ("new", Tone::Note),
        End::Differs(_) | End::Broken(_) => ("FAIL", Tone::Bad),
    };
    // Painted after it is padded: colours have no width.
    let word = paint(&format!("{word:<4}"), tone, look.color);
    let cost = verdict.tried.as_ref().map(cost).unwrap_or_default();
    let mut text = format!("{word}  {:<24} {cost:>28}  {}", verdict.name, safe(&verdict.about));
    let mut below = match (&verdict.end, broke_off(verdict)) {
        (End::Passed | End::Updated, _) => return text.trim_end().to_owned(),
        // What did not come is no news when it broke off.
        (_, Some(tried)) => broken_lines(tried),
        (End::Differs(diff), None) => {
            let mut lines = vec!["- expected, + came; --update accepts it".to_owned()];
            lines.extend(diff.lines().map(|line| colored(line, look)));
            lines
        }
        (End::Broken(why), None) => why.trim_end().lines().map(safe).collect(),
    };
    below.iter_mut().for_each(|line| line.insert_str(0, "\n      "));
    text.extend(below);
    text
}

/// The try, when the plugin broke off in it.
fn broke_off(verdict: &Verdict) -> Option<&Tried> {
    verdict.tried.as_ref().filter(|tried| matches!(tried.output, Output::Trap(_)))
}

/// Why, and the author's own frames: those of the SDK lead to them and say nothing.
pub(super) fn broken_lines(tried: &Tried) -> Vec<String> {
    let of_the_sdk = |frame: &&String| {
        ["(sdk/", "(nightbell-plugin/", "!nightbell_plugin::"]
            .iter()
            .any(|part| frame.contains(part))
    };
    let frames = tried.frames.iter().filter(|frame| !of_the_sdk(frame));
    let mut lines = vec![format!("broke off: {}", safe(&tried.broke_off))];
    lines.extend(frames.map(|frame| format!("  at {}", safe(frame))));
    lines
}

fn cost(tried: &Tried) -> String {
    let fuel = tried.fuel.map(|fuel| format!("{} fuel", grouped(fuel))).unwrap_or_default();
    format!("{fuel}  {:>6.1} ms", tried.took.as_secs_f64() * 1_000.0)
}

fn colored(line: &str, look: &Look) -> String {
    let tone = match line.as_bytes().first() {
        Some(b'-') => Tone::Bad,
        Some(b'+') => Tone::Good,
        _ => Tone::Quiet,
    };
    paint(&safe(line), tone, look.color)
}

/// `1234567` → `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn finish(piece: &Piece, verdicts: &[Verdict], out: &Out) -> Result<(), Failure> {
    let failed =
        verdicts.iter().filter(|v| matches!(v.end, End::Differs(_) | End::Broken(_))).count();
    let updated = verdicts.iter().filter(|v| matches!(v.end, End::Updated)).count();
    let manifest = &piece.outline().manifest;
    if out.is_json() {
        let json = json!({
            "plugin": manifest.name,
            "version": manifest.version,
            "sha256": piece.outline().sha256,
            "failed": failed,
            "cases": verdicts.iter().map(verdict_json).collect::<Vec<_>>(),
        });
        out.text(&format!("{json:#}"))?;
    } else {
        let passed = verdicts.len() - failed - updated;
        let new = if updated > 0 {
            format!(", {updated} rewritten: read the difference")
        } else {
            String::new()
        };
        let cases = if verdicts.len() == 1 { "case" } else { "cases" };
        out.text(&format!(
            "\n{} {}: {} {cases}, {passed} passed, {failed} failed{new}",
            manifest.name,
            manifest.version,
            verdicts.len()
        ))?;
    }
    if failed == 0 { Ok(()) } else { Err(Failure::said(Exit::Failed)) }
}

fn verdict_json(verdict: &Verdict) -> Value {
    let (end, detail) = match &verdict.end {
        End::Passed => ("passed", None),
        End::Updated => ("updated", None),
        End::Differs(diff) => ("failed", Some(diff)),
        End::Broken(why) => ("failed", Some(why)),
    };
    let tried = verdict.tried.as_ref();
    json!({
        "case": verdict.name,
        "about": verdict.about,
        "result": end,
        "difference": detail,
        "fuel": tried.and_then(|tried| tried.fuel),
        "took_us": tried.map(|tried| u64::try_from(tried.took.as_micros()).unwrap_or(u64::MAX)),
        "broke_off": broke_off(verdict).map(|tried| &tried.broke_off),
        "frames": tried.map(|tried| &tried.frames),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(path: Option<&str>, filter: Option<&str>) -> TestArgs {
        TestArgs {
            path: path.map(PathBuf::from),
            filter: filter.map(str::to_owned),
            cases: None,
            update: false,
        }
    }

    #[test]
    fn a_word_that_is_no_path_is_a_filter() {
        assert_eq!(targets(&args(None, None)), (PathBuf::from("."), None));
        let here = PathBuf::from(".");
        assert_eq!(targets(&args(Some("quiet"), None)), (here.clone(), Some("quiet".to_owned())));
        assert_eq!(targets(&args(Some("src"), None)), (PathBuf::from("src"), None));
        assert_eq!(targets(&args(Some("no/such"), None)), (PathBuf::from("no/such"), None));
        let both = targets(&args(Some("src"), Some("quiet")));
        assert_eq!(both, (PathBuf::from("src"), Some("quiet".to_owned())));
    }

    #[test]
    fn numbers_are_read_in_groups() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
