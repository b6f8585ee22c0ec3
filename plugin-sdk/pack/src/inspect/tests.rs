//! Every way in which a file is no usable plugin has its own answer.

use super::*;
use crate::{Imports, pack};

const FILTER: &str = "name='m'\nversion='0.1.0'\nkind='filter'\ndescription='d'\n";

/// A component with these imports and exports, all empty instances.
pub(crate) fn component(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let imports: String = imports.iter().map(|i| format!("(import \"{i}\" (instance))")).collect();
    let exports: String = exports
        .iter()
        .enumerate()
        .map(|(n, e)| format!("(instance $i{n}) (export \"{e}\" (instance $i{n}))"))
        .collect();
    wat::parse_str(format!("(component {imports} {exports})")).expect("a well-formed component")
}

/// The component with a manifest section appended, unchecked.
pub(crate) fn with_section(mut file: Vec<u8>, manifest: &[u8]) -> Vec<u8> {
    use wasm_encoder::{CustomSection, Encode};
    file.push(0);
    CustomSection { name: SECTION.into(), data: manifest.into() }.encode(&mut file);
    file
}

const JUDGING: &str = "nightbell:plugin/judging@1.0.0";

fn filter(imports: &[&str]) -> Vec<u8> {
    with_section(component(imports, &[JUDGING]), FILTER.as_bytes())
}

fn refusal(file: &[u8]) -> InspectError {
    inspect(file).expect_err("must be refused")
}

#[test]
fn a_packed_file_tells_everything() {
    let imports = ["nightbell:plugin/types@1.0.0", "nightbell:plugin/log@1.3.0"];
    let bare = component(&imports, &[JUDGING, "tool-chain:own/thing"]);
    let file = pack(&bare, FILTER, Imports::Used).expect("a fine filter");
    let outline = inspect(&file).expect("a fine filter");
    assert_eq!((outline.kind, outline.interface), (Kind::Filter, Interface::Judging));
    assert_eq!(outline.manifest.name, "m");
    assert_eq!(outline.imports, imports);
    assert_eq!(outline.exports, [JUDGING, "tool-chain:own/thing"]);
    assert_eq!(outline.size, file.len());
    assert_eq!(outline.sha256.len(), 64);
    let other = pack(&bare, &FILTER.replace("'d'", "'e'"), Imports::Used).expect("a fine filter");
    assert_ne!(inspect(&other).expect("a fine filter").sha256, outline.sha256);
}

#[test]
fn sha256_is_the_usual_one() {
    let file = filter(&[]);
    let expected: String = Sha256::digest(&file).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(inspect(&file).expect("a fine filter").sha256, expected);
}

#[test]
fn files_that_are_no_components_are_told_apart() {
    assert_eq!(refusal(b""), InspectError::Empty);
    assert_eq!(refusal(b"#!/bin/sh\n"), InspectError::NotWasm);
    assert_eq!(refusal(b"\0as"), InspectError::Truncated { size: 3 });
    assert_eq!(refusal(b"\0as!"), InspectError::NotWasm);
    let module = wat::parse_str("(module)").expect("a module");
    assert_eq!(refusal(&module), InspectError::CoreModule);
    assert!(matches!(refusal(b"\0asm\x99\0\x01\0"), InspectError::Malformed(_)));
}

#[test]
fn a_file_cut_anywhere_is_never_taken() {
    let file = filter(&["nightbell:plugin/log@1.0.0"]);
    inspect(&file).expect("whole, it is fine");
    for size in 0..file.len() {
        let refused = refusal(&file[..size]);
        let told = match refused {
            InspectError::Empty => size == 0,
            InspectError::Truncated { size: there } => there == size,
            // Cut exactly between two sections: what is left is a component, but not a packed one.
            InspectError::NoManifest => size >= 8,
            _ => false,
        };
        assert!(told, "cut at {size}: {refused:?}");
    }
}

#[test]
fn there_is_exactly_one_manifest_at_the_top() {
    let bare = component(&[], &[JUDGING]);
    assert_eq!(refusal(&bare), InspectError::NoManifest);
    let twice = with_section(filter(&[]), FILTER.as_bytes());
    assert_eq!(refusal(&twice), InspectError::ManyManifests(2));
    assert_eq!(refusal(&with_section(bare.clone(), b"\xff")), InspectError::ManifestNotText);
    let huge = with_section(bare.clone(), &vec![b'#'; MANIFEST_MAX_BYTES + 1]);
    assert!(matches!(refusal(&huge), InspectError::Manifest(ManifestError::TooLarge { .. })));
    let wrong = with_section(bare, b"name = 'm'");
    assert!(matches!(refusal(&wrong), InspectError::Manifest(ManifestError::Toml(_))));
    // A section of the same name inside the guest's core module is not the file's manifest.
    let text = format!("(component (core module (@custom \"{SECTION}\" \"name='inner'\")))");
    let nested = wat::parse_str(text).expect("a component");
    assert_eq!(refusal(&nested), InspectError::NoManifest);
}

#[test]
fn the_export_decides_the_kind() {
    let with = |exports: &[&str]| with_section(component(&[], exports), FILTER.as_bytes());
    assert_eq!(refusal(&with(&[])), InspectError::NoExport);
    assert_eq!(refusal(&with(&["wasi:cli/run@0.2.0"])), InspectError::NoExport);
    assert_eq!(refusal(&with(&["nightbell:plugin/log@1.0.0"])), InspectError::NoExport);
    assert_eq!(
        refusal(&with(&[JUDGING, "nightbell:plugin/routing@1.0.0"])),
        InspectError::ManyExports(vec!["judging".into(), "routing".into()])
    );
    assert_eq!(
        refusal(&with(&["nightbell:plugin/routing@1.0.0"])).to_string(),
        "the manifest says filter, the component is a router"
    );
    for other in ["nightbell:plugin/judging@2.0.0", "nightbell:plugin/judging"] {
        assert_eq!(refusal(&with(&[other])), InspectError::OtherContract(other.into()));
    }
    let json = with(&["nightbell:plugin/judging-json@1.4.2"]);
    assert_eq!(inspect(&json).expect("fine").interface, Interface::JudgingJson);
}

#[test]
fn imports_stay_inside_the_kinds_world() {
    inspect(&filter(&["nightbell:plugin/state@1.0.0", "nightbell:plugin/config@1.0.0"]))
        .expect("inside a filter's world");
    assert_eq!(
        refusal(&filter(&["nightbell:plugin/http@1.0.0", "nightbell:plugin/teleport@1.0.0"]))
            .to_string(),
        "imports nightbell:plugin/http@1.0.0, nightbell:plugin/teleport@1.0.0, which a filter does not have"
    );
    assert!(matches!(refusal(&filter(&["other:thing/x"])), InspectError::OutsideWorld { .. }));
    assert_eq!(
        refusal(&filter(&["nightbell:plugin/log@2.0.0"])),
        InspectError::OtherContract("nightbell:plugin/log@2.0.0".into())
    );
    let message =
        refusal(&filter(&["nightbell:plugin/log@1.0.0", "wasi:io/poll@0.2.12"])).to_string();
    assert!(message.starts_with("imports wasi:io/poll@0.2.12, but no WASI"), "{message}");
    assert!(message.contains("--stub-wasi"), "{message}");
}
