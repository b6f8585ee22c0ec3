//! Whether somebody the operator trusts signed a plugin file: minisign, over the whole packed file, beside it as
//! `<file>.minisig`. Looked at before anything of the file is compiled. Pure.

use super::load::LoadError;
use crate::config::{Plan, PluginPlan, SigningKey, signing_key_id};
use minisign_verify::{Error, Signature as Signed};

/// What is known of the signature of a file that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Inside the binary: whoever trusts the binary trusts it.
    Shipped,
    /// There is none.
    Unsigned,
    /// There is one, and no key to check it with.
    Unchecked,
    /// It fits the file, and was made with the key of this id.
    Verified(String),
}

impl Signature {
    /// The word used in API and CLI.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Unsigned => "unsigned",
            Self::Unchecked => "unchecked",
            Self::Verified(_) => "verified",
        }
    }

    /// The key it was verified with.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Verified(key) => Some(key),
            Self::Shipped | Self::Unsigned | Self::Unchecked => None,
        }
    }
}

/// What the operator wants of a plugin of the directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy<'p> {
    is_required: bool,
    keys: &'p [SigningKey],
}

impl<'p> Policy<'p> {
    /// The word on the plugin wins over the one on all.
    pub(super) fn new(plan: &'p Plan, word: &'p PluginPlan) -> Self {
        Self {
            is_required: word.signature_required.unwrap_or(plan.signing.is_required),
            keys: word.signing_keys.as_deref().unwrap_or(&plan.signing.keys),
        }
    }

    /// Checks a file's bytes, which are only asked for when there is something to check.
    ///
    /// # Errors
    /// `Unsigned`, `Signature`, or what `bytes` answers.
    pub(super) fn check<B: AsRef<[u8]>>(
        self,
        file: &str,
        beside: Option<&Result<String, String>>,
        bytes: impl FnOnce() -> Result<B, LoadError>,
    ) -> Result<Signature, LoadError> {
        let refused = |why: String| LoadError::Signature { file: format!("{file}.minisig"), why };
        match beside {
            None if self.is_required => Err(LoadError::Unsigned { file: file.to_owned() }),
            None => Ok(Signature::Unsigned),
            Some(_) if self.keys.is_empty() && self.is_required => {
                Err(refused("there is no key to check it with".to_owned()))
            }
            Some(_) if self.keys.is_empty() => Ok(Signature::Unchecked),
            Some(text) => {
                let text = text.as_ref().map_err(|why| refused(why.clone()))?;
                let key = self.verify(text, bytes()?.as_ref()).map_err(refused)?;
                Ok(Signature::Verified(key.id.clone()))
            }
        }
    }

    /// Whether what was found before is still good enough.
    pub(super) fn allows(self, found: &Signature) -> bool {
        match found {
            Signature::Shipped => true,
            Signature::Verified(id) => {
                !self.is_required || self.keys.iter().any(|key| key.id == *id)
            }
            Signature::Unsigned | Signature::Unchecked => !self.is_required,
        }
    }

    fn verify(self, text: &str, bytes: &[u8]) -> Result<&'p SigningKey, String> {
        let signed = Signed::decode(text)
            .map_err(|_| "expected what `minisign -S` writes, got something else".to_owned())?;
        let id = text.lines().nth(1).and_then(signing_key_id).unwrap_or_default();
        let Some(key) = self.keys.iter().find(|key| key.id == id) else {
            let trusted: Vec<_> = self.keys.iter().map(|key| key.id.as_str()).collect();
            return Err(format!("made with key {id}, trusted are {}", trusted.join(", ")));
        };
        match key.public.verify(bytes, &signed, false) {
            Ok(()) => Ok(key),
            Err(Error::UnexpectedAlgorithm) => Err(
                "made in minisign's old mode: sign again with minisign 0.10 or newer, or with `-H`"
                    .to_owned(),
            ),
            Err(_) => Err(format!(
                "does not fit the file: it is not the one that was signed with key {id}"
            )),
        }
    }
}
