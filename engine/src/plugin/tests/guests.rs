//! Makes plugins of the texts in `tests/fixtures/plugins`.

use nightbell_pack::{Imports, SECTION, componentize, pack};
use wit_parser::Resolve;

const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugin-sdk/wit");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/plugins");

fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{FIXTURES}/{name}.wat")).expect("a fixture")
}

pub(super) fn manifest(name: &str, kind: &str, more: &str) -> String {
    format!(
        "name = '{name}'\nversion = '1.0.0'\nkind = '{kind}'\ndescription = 'A bad guest.'\n{more}\n"
    )
}

/// A core module of the fixtures as a plugin of this name and kind.
pub(super) fn guest(fixture: &str, name: &str, kind: &str, more: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text(fixture)).expect("valid text");
    let mut resolve = Resolve::new();
    let (package, _) = resolve.push_dir(WIT).expect("the contract");
    let world = resolve.select_world(&[package], Some(kind)).expect("a world per kind");
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world, encoding)
        .expect("embedded");
    let component = componentize(&module).expect("a component");
    pack(&component, &manifest(name, kind, more), Imports::WholeWorld).expect("packed")
}

/// The filter that does what titles say; `version` makes files differ.
pub(super) fn judge(name: &str, version: u32) -> Vec<u8> {
    guest("judge", name, "filter", &format!("[settings.v{version}]\ntype = 'string'"))
}

/// A component of the fixtures with a manifest that nobody has checked.
pub(super) fn unchecked(fixture: &str, name: &str, kind: &str) -> Vec<u8> {
    with_manifest(wat::parse_str(text(fixture)).expect("valid text"), &manifest(name, kind, ""))
}

pub(super) fn with_manifest(mut component: Vec<u8>, manifest: &str) -> Vec<u8> {
    let mut section = Vec::new();
    leb128(&mut section, SECTION.len());
    section.extend_from_slice(SECTION.as_bytes());
    section.extend_from_slice(manifest.as_bytes());
    component.push(0);
    leb128(&mut component, section.len());
    component.extend(section);
    component
}

fn leb128(out: &mut Vec<u8>, mut value: usize) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}
