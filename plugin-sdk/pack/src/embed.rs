//! How does a module become a component that no SDK of ours made? By its exports' names: they say which world it was written
//! for, and the contract says the types.

use wasmparser::{Parser, Payload};
use wit_component::StringEncoding;
use wit_parser::Resolve;

use crate::PackError;
use crate::pack::componentize;

const CONTRACT: &str = include_str!("../../wit/nightbell.wit");

/// The interfaces that a plugin exports, and the world of each.
const WORLDS: [(&str, &str); 6] = [
    ("parsing", "parser"),
    ("judging", "filter"),
    ("judging-json", "filter-json"),
    ("routing", "router"),
    ("routing-json", "router-json"),
    ("delivery", "channel"),
];

/// Turns a core module that was written against the contract into a component: it exports its functions as
/// `nightbell:plugin/judging-json@1.0.0#judge`, its `memory` and `cabi_realloc`, and imports nothing but the contract.
///
/// # Errors
/// [`PackError::World`] when no export names an interface of the contract; [`PackError::Componentize`] when the module does not
/// fit it, with the encoder's reasons.
pub fn componentize_by_hand(module: &[u8]) -> Result<Vec<u8>, PackError> {
    let world = world_of(module)?;
    let fails = |error: String| PackError::Componentize(error);
    let mut resolve = Resolve::new();
    let package =
        resolve.push_str("nightbell.wit", CONTRACT).map_err(|error| fails(format!("{error:#}")))?;
    let world = resolve
        .select_world(&[package], Some(world))
        .map_err(|error| fails(format!("{error:#}")))?;
    let mut module = module.to_vec();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| fails(format!("{error:#}")))?;
    componentize(&module)
}

fn world_of(module: &[u8]) -> Result<&'static str, PackError> {
    let malformed =
        |error: wasmparser::BinaryReaderError| PackError::Componentize(error.to_string());
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ExportSection(exports) = payload.map_err(malformed)? else { continue };
        for export in exports {
            let name = export.map_err(malformed)?.name;
            let interface =
                name.strip_prefix("nightbell:plugin/").and_then(|n| n.split('@').next());
            if let Some((_, world)) = WORLDS.iter().find(|(known, _)| interface == Some(known)) {
                return Ok(world);
            }
        }
    }
    Err(PackError::World)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_export_says_the_world_and_what_has_none_is_told_so() {
        let module = |export: &str| {
            wat::parse_str(format!(
                "(module (memory (export \"memory\") 1)
                   (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) i32.const 8)
                   (func (export \"{export}\") (param i32 i32) (result i32) i32.const 0))"
            ))
            .expect("valid text")
        };
        let good = module("nightbell:plugin/judging-json@1.0.0#judge");
        assert_eq!(world_of(&good), Ok("filter-json"));
        let component = componentize_by_hand(&good).expect("a component");
        assert!(Parser::is_component(&component));
        assert_eq!(componentize_by_hand(&module("judge")), Err(PackError::World));
        let wrong = componentize_by_hand(&module("nightbell:plugin/parsing@1.0.0#parse"));
        assert!(matches!(wrong, Err(PackError::Componentize(_))), "{wrong:?}");
        assert!(componentize_by_hand(b"hello").is_err());
    }
}
