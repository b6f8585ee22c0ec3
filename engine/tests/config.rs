//! What the configuration says to its writer: each file of `tests/golden/config` beside its text.
//!
//! `<case>.toml`, or `<case>/nightbell.toml` with a `conf.d`, must say exactly `<case>.err`. `UPDATE_GOLDEN=1` writes what
//! is said now. The environment of the cases is [`variable`]'s alone.

use nightbell::config::{self, KnownPlugin, KnownPlugins, KnownSidecar, Loaded};
use nightbell::plugin::SHIPPED_NAMES;
use nightbell_core::model::{Target, Turn, TurnUnit};
use nightbell_pack::Manifest;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// A text that must never be printed.
const CANARY: &str = "canary7canary7canary7canary7cana";

fn cases_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/config")
}

fn variable(name: &str) -> Option<String> {
    match name {
        "CANARY" => Some(CANARY.to_owned()),
        "SHORT_KEY" => Some("canary7".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

/// Cases named `check_…` are checked as `nightbell check` does it, against [`plugins`].
fn load(path: &Path) -> Result<Loaded, config::Mistakes> {
    let is_checked = path
        .components()
        .any(|part| part.as_os_str().to_str().is_some_and(|part| part.starts_with("check_")));
    if is_checked {
        return config::check_with(path, &variable, &plugins);
    }
    config::load_with(path, &variable)
}

/// The shipped plugins as their manifests describe them, a plugin `house` in the directory, and the sidecars that lie there.
fn plugins(plugins_dir: &Path) -> KnownPlugins {
    let mut known = KnownPlugins::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    for name in SHIPPED_NAMES {
        let text = fs::read_to_string(folder.join(name).join("plugin.toml")).expect("a manifest");
        let manifest = Some(Manifest::parse(&text).expect("a good one"));
        known.plugins.push(KnownPlugin { is_shipped: true, manifest, name: name.to_owned() });
    }
    let manifest = Some(Manifest::parse(HOUSE).expect("a good one"));
    known.plugins.push(KnownPlugin { is_shipped: false, manifest, name: "house".to_owned() });
    for entry in fs::read_dir(plugins_dir).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let plugin = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        known.sidecars.push(KnownSidecar { plugin, path, text });
    }
    known.sidecars.sort_by(|a, b| a.plugin.cmp(&b.plugin));
    known
}

/// A plugin of the operator's own.
const HOUSE: &str = "name = 'house'
version = '0.1.0'
kind = 'filter'
description = 'Knows the house.'
[settings.floor]
type = 'integer'
required = true
description = 'Counted from the ground'
[settings.door]
type = 'string'
values = ['front', 'back']
";

/// What `nightbell check` would say, with paths below the directory of the cases.
fn said(path: &Path) -> String {
    let text = match load(path) {
        Ok(loaded) if loaded.warnings.is_empty() => "ok\n".to_owned(),
        Ok(loaded) => loaded.warnings.to_string(),
        Err(mistakes) => mistakes.to_string(),
    };
    let root = path.parent().expect("a case lies in a directory");
    text.replace(&format!("{}/", root.display()), "")
}

/// Every case's name and main file, sorted.
fn cases() -> Vec<(String, PathBuf)> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(cases_dir()).expect("the directory of the cases") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            cases.push((name, path.join("nightbell.toml")));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            cases.push((name, path));
        }
    }
    cases.sort();
    cases
}

#[test]
fn every_mistake_reads_as_its_golden_file() {
    let cases = cases();
    assert!(cases.len() >= 50, "only {} cases were found", cases.len());
    let mut differences = String::new();
    for (name, path) in cases {
        let golden = cases_dir().join(format!("{name}.err"));
        let said = said(&path);
        assert!(!said.contains("canary7"), "{name} prints a secret:\n{said}");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &said).expect("the golden file is written");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if said != expected {
            let _ = writeln!(differences, "== {name}\n{}", difference(&expected, &said));
        }
    }
    assert!(differences.is_empty(), "UPDATE_GOLDEN=1 accepts what is said now:\n{differences}");
}

/// Lines of both sides that the other does not have at that place.
fn difference(expected: &str, said: &str) -> String {
    let same_start = expected.lines().zip(said.lines()).take_while(|(a, b)| a == b).count();
    let mut out = String::new();
    for (sign, text) in [('-', expected), ('+', said)] {
        for line in text.lines().skip(same_start) {
            let _ = writeln!(out, "{sign} {line}");
        }
    }
    out
}

#[test]
fn only_golden_files_of_cases_lie_there() {
    let names: Vec<String> = cases().into_iter().map(|(name, _)| name).collect();
    for entry in fs::read_dir(cases_dir()).expect("the directory of the cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "err") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert!(names.contains(&name), "{name}.err belongs to no case");
        }
    }
}

/// A case named after a mistake must not say `ok`: a golden file written by mistake would keep a hole open.
#[test]
fn only_the_good_cases_are_ok() {
    for (name, path) in cases() {
        let is_good =
            name.starts_with("good_") || name.starts_with("check_good_") || name == "example";
        assert_eq!(said(&path) == "ok\n", is_good, "{name}");
        let can_be_used =
            is_good || name.starts_with("warning_") || name.starts_with("check_warning_");
        assert_eq!(load(&path).is_ok(), can_be_used, "{name}");
    }
}

#[test]
fn the_example_means_what_the_design_says() {
    let path = cases_dir().join("example.toml");
    let plan = load(&path).expect("the example is fine").plan;
    assert_eq!(plan.listen.to_string(), "127.0.0.1:7171");
    assert_eq!(plan.public_url, "http://127.0.0.1:7171");
    assert_eq!(plan.data, cases_dir().join("data"));
    let directory = &plan.directory;
    assert_eq!(directory.fallback, vec![Target::Person("bob".into())]);
    assert_eq!(directory.people["alice"].time_zone.iana_name(), Some("Asia/Tokyo"));
    assert_eq!(directory.people["bob"].time_zone, jiff::tz::TimeZone::UTC);
    let layer = &directory.schedules["primary"].layers[0];
    assert_eq!(layer.start, jiff::civil::date(2026, 1, 5).at(9, 0, 0, 0));
    assert_eq!(layer.turn, Turn { count: 1, unit: TurnUnit::Weeks });
    assert_eq!(layer.people, vec![Some("alice".into()), Some("bob".into())]);
    let policy = &directory.policies["shop"];
    assert_eq!((policy.repeat, policy.steps.len()), (2, 2));
    assert_eq!(policy.steps[0].delay, jiff::SignedDuration::from_mins(5));
    assert!(directory.services.contains_key("nightbell"), "the built-in service is there");
    assert_eq!(plan.integrations[0].keys_sha256.len(), 1);
    assert_eq!(plan.mail.expect("mail is there").port, 2_525);
    assert_eq!(plan.sha256.len(), 64);
}

/// The reference is read by people who have no other: its example is the one that is tested, and no key is missing.
#[test]
fn the_reference_has_the_example_and_every_key() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page =
        fs::read_to_string(root.join("docs/reference/configuration.md")).expect("the reference");
    let example = fs::read_to_string(cases_dir().join("example.toml")).expect("the example");
    assert!(
        page.contains(&format!("```toml\n{example}```")),
        "the reference prints another example"
    );
    let everything =
        fs::read_to_string(cases_dir().join("good_everything.toml")).expect("the case");
    let own_words = "settings = {";
    let keys = everything
        .lines()
        .filter(|line| !line.starts_with(own_words))
        .filter_map(|line| line.split_once('='));
    for (key, _) in keys {
        assert!(
            page.contains(&format!("`{}`", key.trim())),
            "the reference has no `{}`",
            key.trim()
        );
    }
}

#[test]
fn secrets_come_from_outside_and_are_never_printed() {
    let plan = load(&cases_dir().join("good_secrets/nightbell.toml")).expect("it is fine").plan;
    let secret = &plan.plugins["webhook"].secrets["signing"];
    assert_eq!(secret.value.expose_secret(), CANARY);
    assert_eq!(secret.hosts, vec!["hooks.example.org"]);
    let from_file = &plan.plugins["webhook"].secrets["token"];
    assert_eq!(from_file.value.expose_secret(), CANARY, "the line's end is no part of it");
    let (name, password) = plan.mail.clone().expect("mail").login.expect("a login");
    assert_eq!((name.as_str(), password.expose_secret()), ("bell", CANARY));
    assert!(!format!("{plan:?}").contains("canary7"));
}

#[test]
fn several_files_are_one_configuration() {
    let path = cases_dir().join("good_conf_d/nightbell.toml");
    let loaded = load(&path).expect("it is fine");
    assert_eq!(loaded.plan.files, config::files(&path));
    assert_eq!(loaded.plan.files.len(), 3);
    assert!(loaded.plan.directory.people.contains_key("carol"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let mistakes = load(Path::new("/nowhere/nightbell.toml")).expect_err("there is none");
    assert_eq!(mistakes.errors(), 1, "what follows from it is not told:\n{mistakes}");
    assert!(
        mistakes
            .to_string()
            .starts_with("error: cannot read `/nowhere/nightbell.toml`: there is no such file\n")
    );
    let directory = load(&cases_dir()).expect_err("a directory is no file");
    assert!(directory.to_string().contains("it is a directory"), "{directory}");
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_in_conf_d_is_reported_and_hides_no_other_mistake() {
    let dir = tempfile::tempdir().expect("a directory");
    let main = dir.path().join("nightbell.toml");
    fs::write(&main, "lisen = 1\nfallback = [\"person:a\"]\n").expect("a file");
    fs::create_dir(dir.path().join("conf.d")).expect("a directory");
    std::os::unix::fs::symlink("nowhere", dir.path().join("conf.d/team.toml")).expect("a link");
    let said = load(&main).expect_err("one file is missing").to_string();
    assert!(said.contains("conf.d/team.toml`: there is no such file"), "{said}");
    assert!(said.contains("no key `lisen`"), "{said}");
    assert!(!said.contains("no person"), "the person may be in the file that is missing:\n{said}");
}

#[test]
fn findings_are_the_same_as_data() {
    let mistakes = load(&cases_dir().join("many.toml")).expect_err("it has mistakes");
    let findings = mistakes.findings();
    assert_eq!(findings.len(), mistakes.errors() + mistakes.warnings());
    let text = mistakes.to_string();
    for finding in findings {
        assert!(text.contains(&finding.message));
        if let (Some(line), Some(column)) = (finding.line, finding.column) {
            assert!(text.contains(&format!("many.toml:{line}:{column}\n")), "{finding:?}");
        }
    }
}

#[test]
fn the_digest_changes_with_the_text() {
    let dir = tempfile::tempdir().expect("a directory");
    let main = dir.path().join("nightbell.toml");
    let text = fs::read_to_string(cases_dir().join("example.toml")).expect("the example");
    let digest = |text: &str| {
        fs::write(&main, text).expect("a file");
        load(&main).expect("it is fine").plan.sha256
    };
    let first = digest(&text);
    assert_eq!(first, digest(&text));
    assert_ne!(first, digest(&format!("{text}\n# more\n")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Cut, doubled, overwritten: whatever an editor leaves behind is answered with words, and never with the key.
    #[test]
    fn a_damaged_file_never_panics(
        case in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, "[\\[\\]{}=\"'#.,\\n\\t a-z0-9:é鐘\u{1b}\u{0}-]{0,6}"), 1..5),
    ) {
        let cases = cases();
        let (_, path) = &cases[case.index(cases.len())];
        let mut text: Vec<char> = String::from_utf8_lossy(&fs::read(path).expect("a case")).chars().collect();
        for (at, removed, added) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + removed).min(text.len());
            text.splice(at..end, added.chars());
        }
        let dir = tempfile::tempdir().expect("a directory");
        let main = dir.path().join("nightbell.toml");
        fs::write(&main, text.iter().collect::<String>()).expect("a file");
        match load(&main) {
            Ok(loaded) => prop_assert_eq!(loaded.warnings.errors(), 0),
            Err(mistakes) => {
                prop_assert!(mistakes.errors() > 0);
                let said = mistakes.to_string();
                prop_assert!(said.contains("found "));
                prop_assert!(!said.contains('\u{1b}'), "it passes on control characters");
                prop_assert_eq!(mistakes.findings().len(), mistakes.errors() + mistakes.warnings());
                prop_assert!(!mistakes.render(true, 20).is_empty());
            }
        }
    }
}
