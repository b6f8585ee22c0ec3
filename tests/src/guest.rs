//! Guests as plugins: the texts of `tests/fixtures/plugins`, as the engine's own tests make them.

use nightbell_pack::{Imports, componentize_by_hand, pack};

/// The filter that does what the first character of a title says (`!` traps, `d` drops …), under a name and version.
pub fn judge(name: &str, version: &str, more: &str) -> Vec<u8> {
    guest("judge", "filter", name, version, more)
}

/// A core module of the fixtures as a plugin.
pub fn guest(fixture: &str, kind: &str, name: &str, version: &str, more: &str) -> Vec<u8> {
    let text = crate::root().join(format!("tests/fixtures/plugins/{fixture}.wat"));
    let component = componentize_by_hand(&wat::parse_file(text).unwrap()).unwrap();
    let manifest = format!(
        "name = \"{name}\"\nversion = \"{version}\"\nkind = \"{kind}\"\ndescription = \"A guest of the tests.\"\n{more}\n"
    );
    pack(&component, &manifest, Imports::WholeWorld).unwrap()
}
