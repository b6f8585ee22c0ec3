//! What `plugin new` writes: it fits together, without compiling it. That it builds is shown by tests/e2e/author.rs.

use super::super::super::out::{Format, kept};
use super::*;
use nightbell_pack::Manifest;
use nightbell_plugin::testing::Case;
use toml::Value;

fn args(kind: KindArg, lang: Language) -> NewArgs {
    NewArgs { name: "my-plugin".to_owned(), kind, lang, dir: None, sdk: None }
}

const KINDS: [KindArg; 4] = [KindArg::Parser, KindArg::Filter, KindArg::Router, KindArg::Channel];

#[test]
fn every_kind_has_a_manifest_of_its_kind_and_readable_cases() {
    for kind in KINDS {
        let files = files(&args(kind, Language::Rust), None).expect("a template");
        let text = |path: &str| {
            let found = files.iter().find(|(name, _)| name == path);
            found.map(|(_, text)| text.as_str()).unwrap_or_else(|| panic!("{kind:?}: no {path}"))
        };
        let manifest = Manifest::parse(text("plugin.toml")).expect("a manifest");
        assert_eq!((manifest.kind.name(), manifest.name.as_str()), (kind.word(), "my-plugin"));
        let cases: Vec<_> =
            files.iter().filter(|(path, _)| path.starts_with("tests/cases/")).collect();
        assert!(cases.len() >= 2 || kind == KindArg::Router, "{kind:?}: {}", cases.len());
        for (path, text) in cases {
            let case = Case::read(Path::new(path), text.clone())
                .unwrap_or_else(|why| panic!("{path}: {why}"));
            assert!(!case.about().is_empty(), "{path} says what it promises");
        }
        assert!(
            text("tests/cases.rs")
                .contains(&format!("{}_cases::<plugin_my_plugin::Plugin>", kind.word()))
        );
        assert!(text("README.md").contains("my-plugin.wasm"));
        assert_eq!(text(".gitignore"), "/target\n*.wasm\n");
        for (path, text) in files.iter().filter(|(path, _)| !path.starts_with("sdk/")) {
            assert!(
                !text.contains('@') || path == "Cargo.lock",
                "{path} has a word that is not filled in"
            );
        }
    }
}

/// The SDK's manifest in a project says the same versions as the workspace: it is made of it, and this is the proof.
#[test]
fn the_sdk_on_its_own_has_the_workspace_s_versions() {
    let workspace: toml::Table = bundle::workspace_manifest().parse().expect("TOML");
    let workspace = &workspace["workspace"];
    let files = rust::sdk().expect("an SDK");
    let (_, text) = files.iter().find(|(path, _)| path == "sdk/Cargo.toml").expect("a manifest");
    assert!(!text.contains("workspace"), "{text}");
    let sdk: toml::Table = text.parse().expect("TOML");
    assert_eq!(sdk["package"]["version"], workspace["package"]["version"]);
    assert_eq!(sdk["package"]["edition"], workspace["package"]["edition"]);
    let version = |value: &Value| value.get("version").unwrap_or(value).clone();
    let mut seen = 0;
    let native = sdk["target"].as_table().expect("tables").values().next().expect("one");
    for list in [&sdk["dependencies"], &native["dependencies"]] {
        for (name, own) in list.as_table().expect("a table") {
            match own.get("path") {
                // A part of the SDK's own, copied along.
                Some(path) => {
                    let manifest = format!("sdk/{}/Cargo.toml", path.as_str().expect("text"));
                    let copied = files.iter().find(|(path, _)| *path == manifest);
                    let (_, text) = copied.unwrap_or_else(|| panic!("no {manifest}"));
                    assert!(!text.contains("workspace"), "{text}");
                }
                None => {
                    assert_eq!(version(own), version(&workspace["dependencies"][name]), "{name}");
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
    assert!(files.iter().any(|(path, _)| path == "sdk/wit/nightbell.wit"));
    assert!(!text.contains("nightbell-pack"), "a project needs the SDK alone: {text}");
}

#[test]
fn the_lock_has_what_the_project_needs_and_nothing_of_the_engine() {
    let lock: toml::Table = rust::lock("x").expect("a lock").parse().expect("TOML");
    let packages = lock["package"].as_array().expect("packages");
    let names: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    for name in
        ["plugin-x", "nightbell-plugin", "serde", "serde_json", "wit-bindgen", "hmac", "toml"]
    {
        assert!(names.contains(&name), "{name}");
    }
    for name in ["nightbell", "wasmtime", "tokio"] {
        assert!(!names.contains(&name), "{name}");
    }
}

#[test]
fn nothing_that_is_there_is_written_over() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("mine"), "x").expect("written");
    let (out, ..) = kept::out(Format::Table, jiff::Timestamp::UNIX_EPOCH);
    let args =
        NewArgs { dir: Some(dir.path().to_owned()), ..args(KindArg::Filter, Language::Rust) };
    let failure = run(&args, &out).expect_err("refused");
    assert!(failure.message.ends_with("is there already, and not empty."), "{failure}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("there").count(), 1);
}

#[test]
fn a_name_is_a_crate_s_and_a_manifest_s() {
    for text in ["", "1st", "-a", "a-", "A", "a_b", "a/b", &"a".repeat(64)] {
        assert!(name(text).is_err(), "{text}");
    }
    assert!(name("quiet-hours2").is_ok());
}
