//! Makes plugins of the texts in `tests/fixtures/plugins`.

use nightbell_pack::{Imports, SECTION, componentize_by_hand, pack};

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
    plugin_of(&text(fixture), &manifest(name, kind, more))
}

/// An animal of the zoo: what it does when it misbehaves, in the frame of its kind.
pub(super) fn animal(file: &str, name: &str, kind: &str, more: &str) -> Vec<u8> {
    misbehaving(&text(&format!("zoo/{file}")), name, kind, more)
}

/// A module of its own words, which has the animals' memory and nothing else.
pub(super) fn bare(text_of: &str, name: &str, kind: &str, more: &str) -> Vec<u8> {
    let module = format!("(module\n{text_of}\n{})", text("zoo/prelude"));
    plugin_of(&module, &manifest(name, kind, more))
}

/// The same of a text.
pub(super) fn misbehaving(text_of: &str, name: &str, kind: &str, more: &str) -> Vec<u8> {
    let (frame, prelude) = (text(&format!("zoo/{kind}")), text("zoo/prelude"));
    let module = format!("(module\n{text_of}\n{frame}\n{prelude})");
    plugin_of(&module, &manifest(name, kind, more))
}

/// A filter or router of the JSON world that answers an empty batch as it should and any other with this text.
pub(super) fn answering(name: &str, kind: &str, answer: &[u8]) -> Vec<u8> {
    let escaped: String = answer.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let (interface, function) =
        if kind == "router" { ("routing", "route") } else { ("judging", "judge") };
    let module = format!(
        r#"(module
          (memory (export "memory") 64)
          (data (i32.const 64) "{escaped}")
          (data (i32.const 32) "[]")
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 2000000))
          (func (export "nightbell:plugin/{interface}-json@1.0.0#{function}") (param $text i32) (param $len i32) (result i32)
            (i32.store (i32.const 16) (select (i32.const 32) (i32.const 64) (i32.eq (local.get $len) (i32.const 2))))
            (i32.store (i32.const 20) (select (i32.const 2) (i32.const {len}) (i32.eq (local.get $len) (i32.const 2))))
            (i32.const 16)))"#,
        len = answer.len(),
    );
    plugin_of(&module, &manifest(name, kind, ""))
}

/// A core module as a component of the world that it exports, packed.
fn plugin_of(module: &str, manifest: &str) -> Vec<u8> {
    let module = wat::parse_str(module).expect("valid text");
    let component = componentize_by_hand(&module).expect("a component");
    pack(&component, manifest, Imports::WholeWorld).expect("packed")
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
