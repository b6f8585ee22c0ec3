//! Reads a plugin file without compiling or running it: manifest, kind, imports, hash. Milliseconds even for large files.
//! Passing here means "can be what it says"; whether the signatures fit shows when the host first instantiates it.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use wasmparser::{Parser, Payload};

use crate::{Capability, Interface, Kind, MANIFEST_MAX_BYTES, Manifest, ManifestError, SECTION};

const PACKAGE: &str = "nightbell:plugin/";

/// What a plugin file says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// The manifest inside.
    pub manifest: Manifest,
    /// The kind, from the export; the manifest agrees.
    pub kind: Kind,
    /// The one interface that it exports.
    pub interface: Interface,
    /// Names of all top-level imports, with versions, in order.
    pub imports: Vec<String>,
    /// Names of all top-level exports, with versions, in order.
    pub exports: Vec<String>,
    /// SHA-256 of the whole file in lower-case hexadecimal: a plugin's identity.
    pub sha256: String,
    /// Bytes of the file.
    pub size: usize,
}

/// Why a file is no usable plugin. Each is a situation that an author or operator mends differently.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// No bytes at all: often a copy that has only begun.
    #[error("the file is empty")]
    Empty,
    /// Something else with the wrong extension.
    #[error("not WebAssembly: expected the bytes `\\0asm` at the start")]
    NotWasm,
    /// The file ends in the middle of a section: often a copy that is not done.
    #[error("truncated: the file ends in the middle of a section that begins before byte {size}")]
    Truncated {
        /// Bytes there are.
        size: usize,
    },
    /// Not readable as a component for another reason.
    #[error("malformed component: {0}")]
    Malformed(String),
    /// A core module, not yet a component.
    #[error("a core module, expected a component: build it with `nightbell plugin build`")]
    CoreModule,
    /// Never packed, stripped after packing, or cut off exactly between two sections.
    #[error(
        "no manifest inside (section `{SECTION}`): pack the component with its plugin.toml, after any stripping"
    )]
    NoManifest,
    /// Packed by something that does not replace.
    #[error("{0} manifests inside, expected exactly one: pack the component again")]
    ManyManifests(usize),
    /// The section is not UTF-8.
    #[error("the manifest inside is not UTF-8 text")]
    ManifestNotText,
    /// The manifest is wrong in itself.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Not a plugin of ours.
    #[error("exports no interface of a plugin; expected exactly one of {}", all_interfaces())]
    NoExport,
    /// A plugin is of one kind.
    #[error("exports {}, expected exactly one interface of a plugin", .0.join(" and "))]
    ManyExports(Vec<String>),
    /// Made for another contract.
    #[error("made for another contract: {0}; this engine has nightbell:plugin 1.x")]
    OtherContract(String),
    /// Built with WASI.
    #[error(
        "imports {}, but no WASI is offered: build Rust for `wasm32-unknown-unknown`, JavaScript with \
         `disableFeatures` for all of random, stdio, clocks, http and fetch-event, Python with `--stub-wasi`",
        .0.join(", ")
    )]
    Wasi(Vec<String>),
    /// An ability that the kind does not have.
    #[error("imports {}, which a {kind} does not have", .imports.join(", "))]
    OutsideWorld {
        /// The kind, from the export.
        kind: Kind,
        /// The imports at fault.
        imports: Vec<String>,
    },
    /// The manifest says one kind and the code is another.
    #[error("the manifest says {manifest}, the component is a {exported}")]
    KindMismatch {
        /// From the manifest.
        manifest: Kind,
        /// From the export.
        exported: Kind,
    },
}

fn all_interfaces() -> String {
    let names: Vec<_> = Interface::ALL.iter().map(|i| format!("{PACKAGE}{i}")).collect();
    names.join(", ")
}

/// Reads and checks a plugin file.
///
/// # Errors
/// [`InspectError`], the first that applies in the order of its variants, roughly.
pub fn inspect(file: &[u8]) -> Result<Outline, InspectError> {
    let surface = Surface::read(file)?;
    let manifest = match surface.manifests.as_slice() {
        [] => return Err(InspectError::NoManifest),
        [one] if one.len() > MANIFEST_MAX_BYTES => {
            return Err(ManifestError::TooLarge { bytes: one.len() }.into());
        }
        [one] => std::str::from_utf8(one).map_err(|_| InspectError::ManifestNotText)?,
        many => return Err(InspectError::ManyManifests(many.len())),
    };
    let manifest = Manifest::parse(manifest)?;
    let interface = surface.interface()?;
    let kind = interface.kind();
    if manifest.kind != kind {
        return Err(InspectError::KindMismatch { manifest: manifest.kind, exported: kind });
    }
    surface.check_imports(kind)?;
    Ok(Outline {
        manifest,
        kind,
        interface,
        imports: surface.imports,
        exports: surface.exports,
        sha256: Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect(),
        size: file.len(),
    })
}

/// What shows at the top level of a component.
#[derive(Debug)]
pub(crate) struct Surface<'a> {
    pub(crate) imports: Vec<String>,
    exports: Vec<String>,
    manifests: Vec<&'a [u8]>,
}

impl<'a> Surface<'a> {
    pub(crate) fn read(file: &'a [u8]) -> Result<Self, InspectError> {
        check_beginning(file)?;
        let mut surface = Self { imports: vec![], exports: vec![], manifests: vec![] };
        // Sections of nested modules and components are their own business: a section of that name inside the guest's
        // core module was not put there by packing.
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(file) {
            match payload.map_err(|error| refusal(&error, file.len()))? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section) if depth == 0 && section.name() == SECTION => {
                    surface.manifests.push(section.data());
                }
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        let import = import.map_err(|error| refusal(&error, file.len()))?;
                        surface.imports.push(import.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        let export = export.map_err(|error| refusal(&error, file.len()))?;
                        surface.exports.push(export.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(surface)
    }

    /// The one interface of a plugin among the exports. Exports of other packages are ignored: some tool chains add theirs.
    pub(crate) fn interface(&self) -> Result<Interface, InspectError> {
        let mut found = vec![];
        for export in &self.exports {
            let Some(name) = ours(export)? else { continue };
            found.extend(Interface::ALL.into_iter().find(|interface| interface.name() == name));
        }
        match found.as_slice() {
            [] => Err(InspectError::NoExport),
            [one] => Ok(*one),
            many => Err(InspectError::ManyExports(many.iter().map(ToString::to_string).collect())),
        }
    }

    pub(crate) fn check_imports(&self, kind: Kind) -> Result<(), InspectError> {
        let wasi: Vec<_> =
            self.imports.iter().filter(|name| name.starts_with("wasi:")).cloned().collect();
        if !wasi.is_empty() {
            return Err(InspectError::Wasi(wasi));
        }
        let mut outside = vec![];
        for import in &self.imports {
            if !ours(import)?.is_some_and(|name| kind.may_import(name)) {
                outside.push(import.clone());
            }
        }
        if outside.is_empty() {
            return Ok(());
        }
        Err(InspectError::OutsideWorld { kind, imports: outside })
    }

    /// The capabilities among the imports.
    pub(crate) fn capabilities(&self) -> BTreeSet<Capability> {
        let imported = |capability: &Capability| {
            self.imports
                .iter()
                .any(|import| matches!(ours(import), Ok(Some(name)) if name == capability.name()))
        };
        Capability::ALL.into_iter().filter(imported).collect()
    }
}

fn check_beginning(file: &[u8]) -> Result<(), InspectError> {
    const MAGIC: &[u8] = b"\0asm";
    if file.is_empty() {
        return Err(InspectError::Empty);
    }
    if !file.starts_with(&MAGIC[..file.len().min(MAGIC.len())]) {
        return Err(InspectError::NotWasm);
    }
    if file.len() < 8 {
        return Err(InspectError::Truncated { size: file.len() });
    }
    if Parser::is_core_wasm(file) {
        return Err(InspectError::CoreModule);
    }
    Ok(())
}

/// The interface's bare name when it is of our package and major version; `None` for another package.
fn ours(name: &str) -> Result<Option<&str>, InspectError> {
    let Some(rest) = name.strip_prefix(PACKAGE) else { return Ok(None) };
    match rest.split_once('@') {
        Some((interface, version)) if version.starts_with("1.") => Ok(Some(interface)),
        _ => Err(InspectError::OtherContract(name.to_owned())),
    }
}

/// The reader's own words tell a file that ends too early from one that is wrong.
fn refusal(error: &wasmparser::BinaryReaderError, size: usize) -> InspectError {
    if error.message().contains("unexpected end") {
        InspectError::Truncated { size }
    } else {
        InspectError::Malformed(error.to_string())
    }
}

#[cfg(test)]
pub(crate) mod tests;
