//! From what is shipped and what lies in the directory to a registry: who has which name, what may run, and what goes
//! on running because its replacement is broken.
//!
//! A broken file never replaces a working one. What the operator takes back (a grant, a pin, the plugin itself) is taken
//! back at once, even from one that goes on running.

use super::candidate::{Candidate, Outlines, candidates, content};
use super::core::Core;
use super::directory::{Content, Directory, Listing};
use super::installed::{Installed, Terms};
use super::load::{LoadError, check_settings, compile, try_out};
use super::logbook::LogLevel;
use super::refusal::{Refusal, check_mode, check_pin, note_new_terms};
use super::registry::{Basis, Registry, Slot, Spot};
use super::sidecar::Sidecar;
use super::signature::{Policy, Signature};
use super::terms;
use super::types::{PluginState, Shipped, Source};
use super::vitals::Vitals;
use super::{bounds, grant::Grants};
use crate::config::{Plan, PluginPlan};
use futures_util::{StreamExt as _, stream};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// Looks at everything and makes registries. Remembers what it has read.
pub(super) struct Surveyor {
    shipped: Vec<(String, Content)>,
    directory: Directory,
    outlines: Outlines,
}

/// One survey.
struct Survey<'a> {
    core: &'a Arc<Core>,
    plan: &'a Arc<Plan>,
    before: &'a Registry,
    listing: Listing,
}

impl Surveyor {
    pub(super) fn new(shipped: Vec<Shipped>) -> Self {
        let shipped = shipped.into_iter().map(content).collect();
        Self { shipped, directory: Directory::default(), outlines: Outlines::new() }
    }

    /// Makes the registry of this moment. Compiling happens elsewhere; the caller waits, events do not.
    pub(super) async fn survey(
        &mut self,
        core: &Arc<Core>,
        plan: &Arc<Plan>,
        before: &Registry,
    ) -> Registry {
        let listing = self.look(plan).await;
        if let Some(trouble) = &listing.trouble {
            tracing::warn!(trouble, "trouble with the plugin directory");
        }
        let candidates = candidates(&self.shipped, &mut self.outlines, &listing);
        Survey { core, plan, before, listing }.registry(candidates).await
    }

    /// Reads the directory on a thread where it keeps nobody waiting.
    async fn look(&mut self, plan: &Arc<Plan>) -> Listing {
        let (mut directory, path) = (std::mem::take(&mut self.directory), plan.plugins_dir.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let listing = directory.look(&path);
            (directory, listing)
        });
        match looked.await {
            Ok((directory, listing)) => {
                self.directory = directory;
                listing
            }
            Err(error) => Listing { trouble: Some(error.to_string()), ..Listing::default() },
        }
    }
}

impl Survey<'_> {
    async fn registry(&self, candidates: Vec<Candidate>) -> Registry {
        let from_directory = self.names_from_directory(&candidates);
        let (mut slots, mut wanted) = (Vec::<Slot>::new(), Vec::new());
        let mut taken: BTreeMap<String, Spot> = BTreeMap::new();
        // Readable ones first: a broken file has no claim to the name it had.
        let (readable, broken): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|c| c.outline.is_ok());
        for candidate in readable.into_iter().chain(broken) {
            let name = self.name(&candidate);
            if matches!(candidate.spot, Spot::Shipped(_)) && from_directory.contains(&name) {
                continue;
            }
            let refusal = match taken.get(&name) {
                Some(Spot::Shipped(_)) => Some(format!(
                    "a shipped plugin has this name; to use this file instead, add `from = \"directory\"` under `[plugin.{name}]` in the config"
                )),
                Some(Spot::File(file)) => {
                    Some(format!("{file} has the name `{name}` already; remove one of them"))
                }
                None => None,
            };
            if let Some(refusal) = refusal {
                let (idle, why) = match &candidate.outline {
                    Ok(_) => (PluginState::Disabled, refusal),
                    Err(error) => (PluginState::Failed, error.to_string()),
                };
                let mut slot = self.idle(&candidate, name, idle, why);
                // Who has the name is decided anew at every look.
                slot.basis.again_at = Some(Instant::now());
                slots.push(slot);
                continue;
            }
            taken.insert(name.clone(), candidate.spot.clone());
            wanted.push((candidate, name));
        }
        // Several at once: most of a load happens on a thread of its own.
        let loads = wanted.into_iter().map(|(candidate, name)| self.slot(candidate, name));
        slots.extend(stream::iter(loads).buffered(bounds::LOADS_AT_ONCE).collect::<Vec<_>>().await);
        self.say_missing(&from_directory, &mut slots);
        Registry::new(slots)
    }

    /// Shipped names that a file takes over: the operator says so, and there is one, or there was one until it broke.
    fn names_from_directory(&self, candidates: &[Candidate]) -> BTreeSet<String> {
        let files =
            candidates.iter().filter(|candidate| candidate.spot.source() == Source::Directory);
        // A broken file has a claim only to a name that it already runs under.
        let runs = |spot: &Spot| self.before.at(spot).is_some_and(|slot| slot.running.is_some());
        let files = files.filter(|candidate| candidate.outline.is_ok() || runs(&candidate.spot));
        let names = files.map(|candidate| self.name(candidate));
        names.filter(|name| self.word(name).from_directory).collect()
    }

    /// When the operator wants a file instead of a shipped plugin and there is none, the shipped one runs and says so.
    fn say_missing(&self, from_directory: &BTreeSet<String>, slots: &mut [Slot]) {
        for slot in slots {
            let is_shipped = matches!(slot.spot, Spot::Shipped(_));
            if is_shipped
                && self.word(&slot.name).from_directory
                && !from_directory.contains(&slot.name)
            {
                slot.error = Some(format!(
                    "the config says `from = \"directory\"`, but no file there is `{}`: the shipped one is used",
                    slot.name
                ));
            }
        }
    }

    /// The manifest's name; of a broken file, the name of what runs from it.
    fn name(&self, candidate: &Candidate) -> String {
        match &candidate.outline {
            Ok(outline) => outline.manifest.name.clone(),
            Err(_) => {
                match self.before.at(&candidate.spot).and_then(|slot| slot.running.as_ref()) {
                    Some(running) => running.stamp.name.to_string(),
                    None => candidate.spot.stem().to_owned(),
                }
            }
        }
    }

    /// Whether it is a shipped one of which the config says nothing.
    fn is_unasked(&self, candidate: &Candidate, name: &str) -> bool {
        matches!(candidate.spot, Spot::Shipped(_)) && !self.plan.plugins.contains_key(name)
    }

    fn word(&self, name: &str) -> PluginPlan {
        self.plan.plugins.get(name).cloned().unwrap_or_default()
    }

    fn basis(&self, candidate: &Candidate, name: &str) -> Basis {
        Basis {
            sha256: candidate
                .content
                .as_ref()
                .map(|content| content.sha256.clone())
                .map_err(Clone::clone),
            sidecar: self.listing.sidecars.get(name).cloned(),
            signature: self.signature_beside(&candidate.spot).cloned(),
            plan: self.plan.clone(),
            again_at: None,
        }
    }

    fn signature_beside(&self, spot: &Spot) -> Option<&Result<String, String>> {
        match spot {
            Spot::Shipped(_) => None,
            Spot::File(file) => self.listing.signatures.get(file),
        }
    }

    /// Writes into the plugin's log what became of it.
    fn note(&self, level: LogLevel, name: &str, sha256: &str, message: &str) {
        self.core.logbook(&Arc::from(name)).note(level, &Arc::from(sha256), message);
    }

    fn idle(
        &self,
        candidate: &Candidate,
        name: String,
        idle: PluginState,
        error: impl Into<Option<String>>,
    ) -> Slot {
        Slot {
            spot: candidate.spot.clone(),
            outline: candidate.outline.clone().ok(),
            sha256: candidate
                .content
                .as_ref()
                .map(|content| content.sha256.to_string())
                .unwrap_or_default(),
            idle,
            error: error.into(),
            running: None,
            basis: self.basis(candidate, &name),
            name,
        }
    }

    /// What one candidate comes to.
    async fn slot(&self, candidate: Candidate, name: String) -> Slot {
        let basis = self.basis(&candidate, &name);
        let before = self.before.at(&candidate.spot).filter(|slot| slot.name == name);
        if let Some(same) = before.filter(|slot| slot.basis.holds(&basis)) {
            return same.clone();
        }
        match self.install(&candidate, &name).await {
            Ok(Some(plugin)) => {
                let is_new = before
                    .and_then(|slot| slot.running.as_ref())
                    .is_none_or(|old| old.stamp != plugin.stamp);
                if is_new {
                    let (kind, sha256) = (plugin.kind().name(), &*plugin.stamp.sha256);
                    tracing::info!(plugin = name, kind, sha256, "plugin loaded");
                    let version = &plugin.code.outline.manifest.version;
                    self.note(
                        LogLevel::Info,
                        &name,
                        sha256,
                        &format!("version {version} is loaded"),
                    );
                } else {
                    let old = before.and_then(|slot| slot.running.as_ref());
                    note_new_terms(old, &plugin);
                }
                let idle = PluginState::Running;
                Slot { running: Some(plugin), ..self.idle(&candidate, name, idle, None) }
            }
            Ok(None) => self.idle(&candidate, name, PluginState::Disabled, None),
            // Nobody asked for it: most engines have no account at every vendor that is shipped.
            Err(Refusal::Waits(why)) if self.is_unasked(&candidate, &name) => {
                tracing::debug!(plugin = name, why, "shipped plugin is not configured");
                self.idle(&candidate, name, PluginState::Disabled, why)
            }
            Err(Refusal::Waits(why)) => {
                tracing::warn!(plugin = name, why, "plugin waits for a grant");
                let sha256 = basis.sha256.as_deref().unwrap_or_default();
                self.note(LogLevel::Warn, &name, sha256, &format!("waits: {why}"));
                self.idle(&candidate, name, PluginState::WaitingForGrant, why)
            }
            Err(Refusal::Broken(error)) => self.broken(&candidate, name, error),
        }
    }

    /// The candidate is broken: what ran under its name goes on, as far as the operator still allows it.
    fn broken(&self, candidate: &Candidate, name: String, error: LoadError) -> Slot {
        let old = self.before.running(&name).filter(|old| old.source == candidate.spot.source());
        let running = old.and_then(|old| self.carry_on(old));
        let goes_on = running.is_some();
        tracing::error!(plugin = name, %error, goes_on, "plugin refused");
        let text = if goes_on {
            format!("{error}; the version before goes on")
        } else {
            error.to_string()
        };
        let sha256 = candidate.content.as_ref().map_or("", |content| &*content.sha256);
        self.note(LogLevel::Error, &name, sha256, &format!("refused: {text}"));
        let mut slot = Slot { running, ..self.idle(candidate, name, PluginState::Failed, text) };
        slot.basis.again_at = match (&error, &candidate.content) {
            // It changed between being hashed and being read: at the next look it is whole.
            (LoadError::Unreadable(_), Ok(_)) => Some(Instant::now()),
            _ => error.may_pass().then(|| Instant::now() + bounds::START_AGAIN_AFTER),
        };
        slot
    }

    /// The old version under its old settings, with today's grants, limits and pin.
    fn carry_on(&self, old: &Arc<Installed>) -> Option<Arc<Installed>> {
        let (manifest, word) = (&old.code.outline.manifest, self.word(&old.stamp.name));
        let grants = Grants::new(manifest, old.source, &word);
        let fits =
            word.sha256.as_ref().is_none_or(|pin| pin.eq_ignore_ascii_case(&old.stamp.sha256))
                && Policy::new(self.plan, &word).allows(&old.terms.signature);
        if !fits || grants.missing(manifest).is_some() {
            return None;
        }
        let limits = terms::limits(manifest, &word);
        let rest = word.rest.unwrap_or(bounds::CIRCUIT_REST);
        let terms = Terms { limits, rest, grants: Arc::new(grants), ..old.terms.clone() };
        Some(Arc::new(self.installed(old.source, old.code.clone(), terms, old.vitals.clone())))
    }

    fn installed(
        &self,
        source: Source,
        code: Arc<super::guest::Code>,
        terms: Terms,
        vitals: Arc<Vitals>,
    ) -> Installed {
        let name: Arc<str> = Arc::from(code.outline.manifest.name.as_str());
        let (logbook, shelf) = (self.core.logbook(&name), self.core.state.shelf(&name));
        Installed::new(source, code, terms, vitals, logbook, shelf)
    }

    /// `None` when the operator has switched it off.
    async fn install(
        &self,
        candidate: &Candidate,
        name: &str,
    ) -> Result<Option<Arc<Installed>>, Refusal> {
        let word = self.word(name);
        if word.enabled == Some(false) {
            return Ok(None);
        }
        let sidecar = self.sidecar(name)?;
        if !word.enabled.unwrap_or(sidecar.enabled) {
            return Ok(None);
        }
        let outline = candidate.outline.clone()?;
        check_pin(name, &word, &outline.sha256)?;
        let signature = self.signature(candidate, &word)?;
        check_mode(name, outline.kind, &sidecar)?;
        let source = candidate.spot.source();
        let terms = terms::resolve(&outline.manifest, source, &sidecar, &word, signature);
        if let Some(missing) = terms.grants.missing(&outline.manifest) {
            return Err(Refusal::Waits(missing));
        }
        check_settings(&outline.manifest, &terms.settings)?;
        let old = self.before.running(name).filter(|old| *old.stamp.sha256 == *outline.sha256);
        let (code, vitals) = match old {
            Some(old) => (old.code.clone(), old.vitals.clone()),
            None => {
                let content =
                    candidate.content.as_ref().map_err(|why| LoadError::Unreadable(why.clone()))?;
                let bytes = content.read().map_err(LoadError::Unreadable)?;
                (compile(self.core, (*outline).clone(), bytes).await?, Arc::default())
            }
        };
        let plugin = self.installed(source, code, terms, vitals);
        try_out(self.core, &plugin).await?;
        Ok(Some(Arc::new(plugin)))
    }

    fn signature(&self, candidate: &Candidate, word: &PluginPlan) -> Result<Signature, LoadError> {
        let Spot::File(file) = &candidate.spot else { return Ok(Signature::Shipped) };
        let bytes = || {
            let content = candidate.content.as_ref().map_err(Clone::clone);
            content.and_then(Content::read).map_err(LoadError::Unreadable)
        };
        let beside = self.signature_beside(&candidate.spot);
        Policy::new(self.plan, word).check(file, beside, bytes)
    }

    fn sidecar(&self, name: &str) -> Result<Sidecar, LoadError> {
        let Some(text) = self.listing.sidecars.get(name) else { return Ok(Sidecar::default()) };
        let parsed = text.clone().and_then(|text| Sidecar::parse(&text));
        parsed.map_err(|why| LoadError::Sidecar { file: format!("{name}.toml"), why })
    }
}
