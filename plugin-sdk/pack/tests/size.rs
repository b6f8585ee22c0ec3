//! How small a Rust plugin of a few lines is: what the SDK costs everybody who writes one. A size is no timing, so it can be
//! a promise that a test keeps. The plugin is `tests/fixtures/plugins/tiny-filter`.

use wasmparser::{Parser, Payload};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/fixtures/tiny-filter.wasm");

#[test]
fn a_plugin_of_a_few_lines_is_small() {
    let file = std::fs::read(FILE).expect(
        "`cargo xtask plugins --fixtures` builds it, and `cargo xtask test` does that first",
    );
    let names = bytes_of_names(&file);
    assert!(names > 0, "function names stay for backtraces");
    let (whole, bare) = (file.len(), file.len() - names);
    assert!(whole <= 50 << 10, "{whole} bytes with function names, expected at most 50 KiB");
    assert!(bare <= 40 << 10, "{bare} bytes without function names, expected at most 40 KiB");
}

#[test]
fn its_settings_come_from_its_code() {
    let file = std::fs::read(FILE).expect("as above");
    let outline = nightbell_pack::inspect(&file).expect("a plugin");
    let team = &outline.manifest.settings["team"];
    assert_eq!(team.description, "The team whose alerts wake nobody");
    assert!(!team.required);
}

/// What stripping takes away.
fn bytes_of_names(file: &[u8]) -> usize {
    let sections = Parser::new(0).parse_all(file).filter_map(|payload| match payload {
        Ok(Payload::CustomSection(section)) if section.name() == "name" => Some(section),
        Ok(_) => None,
        Err(error) => panic!("{error}"),
    });
    sections.map(|section| section.data().len()).sum()
}
