//! What a plugin may do: what its manifest asks for *and* the operator grants (I13). Whatever is not both is denied,
//! with a text that names the line of the config that would grant it.

use super::outside::origin::Origin;
use super::outside::secret::Secrets;
use super::status::CapabilityStatus;
use super::types::Source;
use crate::config::PluginPlan;
use nightbell_pack::{Capability, Manifest};

/// The outcome for one plugin. `Err` holds why it is denied.
#[derive(Clone, Debug)]
pub(super) struct Grants {
    pub(super) origins: Result<Vec<Origin>, String>,
    /// Whether the origin of the address it delivers to is granted too.
    pub(super) own_address: bool,
    pub(super) mail: Result<(), String>,
    pub(super) state: Result<(), String>,
    pub(super) secrets: Result<Secrets, String>,
}

impl Grants {
    /// Brings manifest and config together.
    pub(super) fn new(manifest: &Manifest, source: Source, plan: &PluginPlan) -> Self {
        let is_shipped = source == Source::Shipped;
        let own_address = is_shipped && manifest.name == "webhook";
        let mail = plan.mail || (is_shipped && manifest.name == "email");
        let state = plan.state || is_shipped;
        let asked = |capability| asked(manifest, capability);
        let granted = |yes: bool, capability| {
            if yes { Ok(()) } else { Err(not_granted(manifest, capability)) }
        };
        let has_http = own_address || !plan.hosts.is_empty();
        let http = asked(Capability::Http).and_then(|()| granted(has_http, Capability::Http));
        let has_secret = !plan.secrets.is_empty();
        let secret =
            asked(Capability::Secret).and_then(|()| granted(has_secret, Capability::Secret));
        Self {
            origins: http.and_then(|()| origins(&plan.hosts)),
            own_address,
            mail: asked(Capability::Mail).and_then(|()| granted(mail, Capability::Mail)),
            state: asked(Capability::State).and_then(|()| granted(state, Capability::State)),
            secrets: secret.map(|()| Secrets::new(plan.secrets.clone())),
        }
    }

    /// Why the plugin cannot be loaded yet: something it requires is denied.
    pub(super) fn missing(&self, manifest: &Manifest) -> Option<String> {
        let denied = manifest.requires.iter().filter_map(|capability| self.denied(*capability));
        let denied: Vec<_> = denied.map(String::as_str).collect();
        (!denied.is_empty()).then(|| denied.join("; "))
    }

    /// What the manifest asks for, and what came of it.
    pub(super) fn statuses(&self, manifest: &Manifest) -> Vec<CapabilityStatus> {
        let required = manifest.requires.iter().map(|capability| (capability, true));
        let optional = manifest.optional.iter().map(|capability| (capability, false));
        let status = |(capability, is_required): (&Capability, bool)| CapabilityStatus {
            name: capability.name(),
            is_required,
            denied: self.denied(*capability).cloned(),
        };
        required.chain(optional).map(status).collect()
    }

    fn denied(&self, capability: Capability) -> Option<&String> {
        match capability {
            Capability::Http => self.origins.as_ref().err(),
            Capability::Mail => self.mail.as_ref().err(),
            Capability::State => self.state.as_ref().err(),
            Capability::Secret => self.secrets.as_ref().err(),
        }
    }
}

fn origins(hosts: &[String]) -> Result<Vec<Origin>, String> {
    hosts.iter().map(|host| Origin::parse(host)).collect()
}

fn asked(manifest: &Manifest, capability: Capability) -> Result<(), String> {
    if manifest.asks_for(capability) {
        return Ok(());
    }
    Err(format!("the manifest of `{}` does not ask for `{capability}`", manifest.name))
}

fn not_granted(manifest: &Manifest, capability: Capability) -> String {
    let line = match capability {
        Capability::Http => "hosts = [\"https://…\"]",
        Capability::Mail => "mail = true",
        Capability::State => "state = true",
        Capability::Secret => "secrets = { name = { env = \"…\" } }",
    };
    let name = &manifest.name;
    format!(
        "`{name}` asks for `{capability}`, which is not granted: add `{line}` under `[plugin.{name}]` in the config"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, asks: &str) -> Manifest {
        let text =
            format!("name='{name}'\nversion='1.0.0'\nkind='channel'\ndescription='d'\n{asks}");
        Manifest::parse(&text).expect("valid")
    }

    #[test]
    fn what_is_not_both_asked_for_and_granted_is_denied() {
        let all = "requires = ['http', 'mail', 'state', 'secret']";
        let nothing = Grants::new(&manifest("x", all), Source::Directory, &PluginPlan::default());
        let missing = nothing.missing(&manifest("x", all)).expect("four are missing");
        for line in ["hosts = ", "mail = true", "state = true", "secrets = ", "[plugin.x]"] {
            assert!(missing.contains(line), "{line}: {missing}");
        }
        let plan = PluginPlan {
            hosts: vec!["https://example.org".to_owned()],
            mail: true,
            state: true,
            ..PluginPlan::default()
        };
        let unasked = Grants::new(&manifest("x", ""), Source::Directory, &plan);
        assert!(unasked.origins.is_err() && unasked.mail.is_err() && unasked.state.is_err());
        assert_eq!(unasked.missing(&manifest("x", "")), None);
        let both = Grants::new(
            &manifest("x", "optional = ['http', 'mail', 'state']"),
            Source::Directory,
            &plan,
        );
        assert!(both.origins.is_ok() && both.mail.is_ok() && both.state.is_ok());
    }

    #[test]
    fn only_the_shipped_ones_have_exceptions() {
        for (name, source, mail, own_address) in [
            ("email", Source::Shipped, true, false),
            ("email", Source::Directory, false, false),
            ("webhook", Source::Shipped, false, true),
            ("webhook", Source::Directory, false, false),
            ("other", Source::Shipped, false, false),
        ] {
            let manifest = manifest(name, "optional = ['http', 'mail', 'state']");
            let grants = Grants::new(&manifest, source, &PluginPlan::default());
            assert_eq!(
                (grants.mail.is_ok(), grants.own_address),
                (mail, own_address),
                "{name} {source:?}"
            );
            assert_eq!(grants.origins.is_ok(), own_address, "{name} {source:?}");
            assert_eq!(grants.state.is_ok(), source == Source::Shipped, "{name} {source:?}");
        }
    }
}
