//! The plugin contract changes only on purpose: its digest is checked in beside the rules, so that a commit which
//! changes the contract shows both, and says why.

use crate::{Finding, Tree};
use sha2::{Digest, Sha256};

/// The digests, in the form of `sha256sum`.
pub const DIGESTS: &str = "tests/tidy/wit.sha256";
const CONTRACT: &str = "plugin-sdk/wit/";

/// Compares every contract file with its digest.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let is = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with(CONTRACT) && file.path.ends_with(".wit"));
    let is: String = is
        .map(|file| {
            let digest = Sha256::digest(file.text.as_bytes());
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{hex}  {}\n", &file.path[CONTRACT.len()..])
        })
        .collect();
    if Some(is.as_str()) == tree.text(DIGESTS) {
        return Vec::new();
    }
    vec![Finding::on(
        DIGESTS,
        format!(
            "the plugin contract changed. Plugins out there are built against it: say why in the commit, and write into this file:\n{is}\
             (or: cd {CONTRACT} && sha256sum *.wit > ../../{DIGESTS})"
        ),
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.wit\n";

    #[test]
    fn a_change_of_the_contract_is_seen() {
        assert_eq!(check(&Tree::of(&[("plugin-sdk/wit/a.wit", ""), (DIGESTS, EMPTY)])), []);
        assert_eq!(check(&Tree::of(&[("plugin-sdk/wit/a.wit", "x"), (DIGESTS, EMPTY)])).len(), 1);
        assert_eq!(check(&Tree::of(&[("plugin-sdk/wit/b.wit", ""), (DIGESTS, EMPTY)])).len(), 1);
    }
}
