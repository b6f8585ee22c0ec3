//! Which functions does a plugin want that this engine does not have? A plugin that was built for a newer minor version loads
//! when every function it imports exists; else the missing ones are named here, in words.
//!
//! It asks the compiled component's own types; nothing is instantiated.

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

const PACKAGE: &str = "nightbell:plugin/";

/// What the contract offers, by interface. A test holds it against the WIT.
const FUNCTIONS: [(&str, &[&str]); 6] = [
    ("log", &["log"]),
    ("config", &["get"]),
    ("state", &["get", "set", "delete"]),
    ("http", &["send"]),
    ("mail", &["send"]),
    ("secret", &["sign", "verify"]),
];

/// The missing functions as one text; `None` when all are there.
pub(super) fn missing_functions(engine: &Engine, component: &Component) -> Option<String> {
    let imports = component.component_type();
    let mut missing = Vec::new();
    for (interface, import) in imports.imports(engine) {
        let ComponentItem::ComponentInstance(instance) = import.ty else { continue };
        let known = functions_of(interface);
        let functions = instance
            .exports(engine)
            .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
            .map(|(function, _)| function)
            .filter(|function| !known.contains(function));
        missing.extend(functions.map(|function| format!("`{function}` of {interface}")));
    }
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// The functions of an interface, whatever the version it is asked for in.
fn functions_of(interface: &str) -> &'static [&'static str] {
    let bare = interface.strip_prefix(PACKAGE).unwrap_or_default();
    let bare = bare.split_once('@').map_or(bare, |(bare, _)| bare);
    FUNCTIONS.iter().find(|(name, _)| *name == bare).map_or(&[], |(_, functions)| functions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use wit_parser::{Resolve, WorldItem};

    #[test]
    fn the_list_is_the_contract_s() {
        let mut resolve = Resolve::new();
        let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugin-sdk/wit");
        let (package, _) = resolve.push_dir(wit).expect("the contract");
        let world = resolve.select_world(&[package], Some("imports")).expect("all imports");
        let mut offered = BTreeSet::new();
        for item in resolve.worlds[world].imports.values() {
            let WorldItem::Interface { id, .. } = item else { continue };
            let interface = &resolve.interfaces[*id];
            let name = interface.name.clone().expect("named");
            offered.extend(interface.functions.keys().map(|f| (name.clone(), f.clone())));
        }
        let listed = FUNCTIONS.iter().flat_map(|(interface, functions)| {
            functions.iter().map(|function| ((*interface).to_owned(), (*function).to_owned()))
        });
        assert_eq!(listed.collect::<BTreeSet<_>>(), offered);
    }
}
