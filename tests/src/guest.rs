//! Bad guests as plugins: the texts of `tests/fixtures/plugins`, as the engine's own tests make them.

use nightbell_pack::{Imports, componentize, pack};
use wit_parser::Resolve;

/// The filter that does what the first character of a title says (`!` traps, `d` drops …), under a name and version.
pub fn judge(name: &str, version: &str, more: &str) -> Vec<u8> {
    guest("judge", "filter", name, version, more)
}

/// A core module of the fixtures as a plugin.
pub fn guest(fixture: &str, kind: &str, name: &str, version: &str, more: &str) -> Vec<u8> {
    let root = crate::root();
    let text = root.join(format!("tests/fixtures/plugins/{fixture}.wat"));
    let mut module = wat::parse_file(text).unwrap();
    let mut resolve = Resolve::new();
    let (package, _) = resolve.push_dir(root.join("plugin-sdk/wit")).unwrap();
    let world = resolve.select_world(&[package], Some(kind)).unwrap();
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world, encoding).unwrap();
    let component = componentize(&module).unwrap();
    let manifest = format!(
        "name = \"{name}\"\nversion = \"{version}\"\nkind = \"{kind}\"\ndescription = \"A bad guest.\"\n{more}\n"
    );
    pack(&component, &manifest, Imports::WholeWorld).unwrap()
}
