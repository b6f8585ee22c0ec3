//! The configuration: as written ([`raw`]) and as checked and resolved ([`Plan`]).

mod plan;

pub use plan::{
    IntegrationPlan, MailPlan, MailTls, NetworkPlan, Plan, PluginPlan, SecretPlan, TlsPlan,
};
