//! Makes a plugin file: core module → component → component with its manifest inside.
//! Packing comes last: a tool that strips unknown sections afterwards takes the manifest away.

use wasm_encoder::{ComponentSectionId, CustomSection, Encode};
use wasmparser::{Parser, Payload};

use crate::generated::{self, GeneratedError};
use crate::inspect::Surface;
use crate::{Capability, InspectError, Kind, Manifest, ManifestError, SECTION, inspect};

/// How a tool chain decides what a component imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imports {
    /// Only what is called, as Rust's: each must then be asked for in the manifest.
    Used,
    /// The whole world, used or not, as JavaScript's and Python's: nothing follows from an import.
    WholeWorld,
}

/// Why a component cannot be packed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The module cannot become a component.
    #[error("cannot make a component of this module: {0}")]
    Componentize(String),
    /// No export names an interface of the contract.
    #[error(
        "this module exports nothing of the contract: expected a function such as `nightbell:plugin/judging-json@1.0.0#judge`"
    )]
    World,
    /// The manifest is wrong in itself.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The component would not be a usable plugin.
    #[error(transparent)]
    Component(#[from] InspectError),
    /// The code's own settings and the manifest's do not go together.
    #[error(transparent)]
    Settings(#[from] GeneratedError),
    /// The code calls what the manifest does not ask for: it would always be denied.
    #[error(
        "the {kind} uses `{capability}` but its manifest does not ask for it: add it to `requires`, \
         or to `optional` when it works without"
    )]
    Unasked {
        /// The plugin's kind.
        kind: Kind,
        /// What it uses.
        capability: Capability,
    },
}

/// Turns a core module that was built with the SDK into a component.
///
/// # Errors
/// [`PackError::Componentize`] when it is no such module, with the encoder's reasons.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, PackError> {
    let encode = || {
        let mut encoder = wit_component::ComponentEncoder::default();
        encoder.validate(true).module(module)?;
        encoder.encode()
    };
    encode().map_err(|error| PackError::Componentize(format!("{error:#}")))
}

/// Puts the manifest (the text of a `plugin.toml`) into a component, in place of an older one. Settings that the code says
/// itself and the text does not are added at its end.
/// The result passes [`inspect`].
///
/// # Errors
/// [`PackError`]: the manifest or the component is wrong, or they do not fit each other.
pub fn pack(component: &[u8], manifest: &str, imports: Imports) -> Result<Vec<u8>, PackError> {
    let checked = Manifest::parse(manifest)?;
    let surface = Surface::read(component)?;
    let manifest = match generated::read(component)? {
        Some(generated) => &generated.merge(manifest, &checked)?,
        None => manifest,
    };
    if imports == Imports::Used {
        let unasked = surface.capabilities().into_iter().find(|c| !checked.asks_for(*c));
        // A capability outside the kind's world is a graver mistake, and `inspect` below names it.
        if let Some(capability) = unasked.filter(|c| checked.kind.capabilities().contains(c)) {
            return Err(PackError::Unasked { kind: checked.kind, capability });
        }
    }
    let mut file = without_manifest(component)?;
    file.push(ComponentSectionId::CoreCustom as u8);
    CustomSection { name: SECTION.into(), data: manifest.as_bytes().into() }.encode(&mut file);
    inspect(&file)?;
    Ok(file)
}

/// The component without the sections that earlier packing has put at its top level.
fn without_manifest(component: &[u8]) -> Result<Vec<u8>, InspectError> {
    let mut file = Vec::with_capacity(component.len());
    let (mut depth, mut copied) = (0_u32, 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| InspectError::Malformed(error.to_string()))? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 0 && section.name() == SECTION => {
                // The reader's positions are inside the slice it was given, so they fit.
                let (from, to) = (section.range().start as usize, section.range().end as usize);
                file.extend_from_slice(&component[copied..section_start(component, from)]);
                copied = to;
            }
            _ => {}
        }
    }
    file.extend_from_slice(&component[copied..]);
    Ok(file)
}

/// Where the section begins whose content begins at `content`: before it stand its id (one byte) and its size (LEB128).
fn section_start(component: &[u8], content: usize) -> usize {
    let mut at = content - 1;
    // All bytes of a LEB128 number but the last have the high bit set.
    while component[at - 1] & 0x80 != 0 {
        at -= 1;
    }
    at - 1
}

#[cfg(test)]
mod tests;
