//! What wants to be a plugin: the shipped files and those of the directory, with what each says about itself. It reads; who
//! may run is decided by the survey.

use super::bounds;
use super::directory::{Bytes, Content, Found, Listing, hash};
use super::load::LoadError;
use super::registry::Spot;
use super::spread::spread;
use super::types::{Shipped, Source};
use crate::config::KnownPlugin;
use nightbell_pack::Outline;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file that wants to be a plugin.
pub(super) struct Candidate {
    pub(super) spot: Spot,
    pub(super) content: Result<Content, String>,
    pub(super) outline: Result<Arc<Outline>, LoadError>,
}

/// What files say about themselves, by their hash; only of those seen at the last look.
pub(super) type Outlines = BTreeMap<Arc<str>, Result<Arc<Outline>, LoadError>>;

/// A shipped plugin's name and bytes, hashed.
pub(super) fn content(shipped: Shipped) -> (String, Content) {
    let sha256 = Arc::from(hash(&shipped.bytes));
    (shipped.name, Content { sha256, bytes: Bytes::Here(Arc::from(&*shipped.bytes)) })
}

/// Everything there is, shipped ones first. What is known already is not read again.
pub(super) fn candidates(
    shipped: &[(String, Content)],
    outlines: &mut Outlines,
    listing: &Listing,
) -> Vec<Candidate> {
    let shipped =
        shipped.iter().map(|(name, content)| (Spot::Shipped(name.clone()), Ok(content.clone())));
    let file = |found: &Found| (Spot::File(found.file.clone()), found.content.clone());
    let files = listing.files.iter().take(bounds::FILES_MAX).map(file);
    let all: Vec<_> = shipped.chain(files).collect();
    let known = std::mem::take(outlines);
    let said = spread(&all, |(spot, content)| match content {
        Ok(content) => {
            let known = known.get(&content.sha256).cloned();
            known.unwrap_or_else(|| inspect(spot, content))
        }
        Err(why) => Err(LoadError::Unreadable(why.clone())),
    });
    let candidate = |((spot, content), outline): ((Spot, Result<Content, String>), _)| {
        // A file that changed under the reader says nothing about what was hashed.
        let is_known = !matches!(outline, Err(LoadError::Unreadable(_)));
        if is_known && let Ok(content) = &content {
            outlines.insert(content.sha256.clone(), Clone::clone(&outline));
        }
        Candidate { spot, content, outline }
    };
    all.into_iter().zip(said).map(candidate).collect()
}

impl Candidate {
    /// As a configuration is checked against it.
    pub(super) fn known(&self) -> KnownPlugin {
        let manifest = self.outline.as_ref().ok().map(|outline| outline.manifest.clone());
        let name = manifest.as_ref().map_or(self.spot.stem(), |manifest| &manifest.name).to_owned();
        KnownPlugin { is_shipped: self.spot.source() == Source::Shipped, manifest, name }
    }
}

fn inspect(spot: &Spot, content: &Content) -> Result<Arc<Outline>, LoadError> {
    let bytes = content.read().map_err(LoadError::Unreadable)?;
    let outline = nightbell_pack::inspect(&bytes)?;
    match spot {
        Spot::Shipped(name) if *name != outline.manifest.name => {
            Err(LoadError::Name { expected: name.clone(), got: outline.manifest.name })
        }
        Spot::Shipped(_) | Spot::File(_) => Ok(Arc::new(outline)),
    }
}
