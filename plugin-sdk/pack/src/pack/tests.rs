//! Packing: what goes in is what `inspect` finds, and what would be denied later is refused now.

use super::*;
use crate::inspect::tests::{component, with_section};

const DELIVERY: &str = "nightbell:plugin/delivery@1.0.0";
const HTTP: &str = "nightbell:plugin/http@1.0.0";
const CHANNEL: &str = "name='c'\nversion='0.1.0'\nkind='channel'\ndescription='d'\n";

#[test]
fn packing_again_replaces_the_manifest() {
    let bare = component(&[], &[DELIVERY]);
    let first = pack(&bare, CHANNEL, Imports::Used).expect("fine");
    assert!(first.starts_with(&bare));
    // A long manifest, so that its size takes more than one byte.
    let long = format!("{CHANNEL}# {}", "x".repeat(40_000));
    let second = pack(&first, &long, Imports::Used).expect("fine");
    let third = pack(&second, CHANNEL, Imports::Used).expect("fine");
    assert_eq!(third, first);
    let doubled = with_section(with_section(bare, long.as_bytes()), b"x");
    assert_eq!(pack(&doubled, CHANNEL, Imports::Used).expect("fine"), first);
}

#[test]
fn what_is_used_must_be_asked_for() {
    let uses_http = component(&[HTTP], &[DELIVERY]);
    let unasked = PackError::Unasked { kind: Kind::Channel, capability: Capability::Http };
    assert_eq!(pack(&uses_http, CHANNEL, Imports::Used), Err(unasked));
    pack(&uses_http, CHANNEL, Imports::WholeWorld).expect("imported, perhaps never called");
    for list in ["requires", "optional"] {
        let asking = format!("{CHANNEL}{list}=['http']");
        pack(&uses_http, &asking, Imports::Used).expect("asked for");
    }
}

#[test]
fn an_unusable_component_is_not_packed() {
    let refused =
        |file: &[u8], manifest: &str| pack(file, manifest, Imports::Used).expect_err("refused");
    let filter = component(&[HTTP], &["nightbell:plugin/judging@1.0.0"]);
    let manifest = CHANNEL.replace("channel", "filter");
    assert!(matches!(
        refused(&filter, &manifest),
        PackError::Component(InspectError::OutsideWorld { .. })
    ));
    assert!(matches!(refused(&filter, CHANNEL), PackError::Unasked { .. }));
    let both = format!("{CHANNEL}optional=['http']");
    assert!(matches!(
        refused(&filter, &both),
        PackError::Component(InspectError::KindMismatch { .. })
    ));
    assert!(matches!(refused(&filter, ""), PackError::Manifest(_)));
    assert!(matches!(refused(b"", CHANNEL), PackError::Component(InspectError::Empty)));
}

#[test]
fn only_modules_become_components() {
    let message = componentize(b"not wasm").expect_err("refused").to_string();
    assert!(message.starts_with("cannot make a component of this module: "), "{message}");
    let module = wat::parse_str("(module (import \"env\" \"f\" (func)))").expect("a module");
    let message = componentize(&module).expect_err("refused").to_string();
    assert!(message.contains("env"), "{message}");
    let module = wat::parse_str("(module)").expect("a module");
    let component = componentize(&module).expect("an empty component");
    assert!(matches!(
        pack(&component, CHANNEL, Imports::Used),
        Err(PackError::Component(InspectError::NoExport))
    ));
}
