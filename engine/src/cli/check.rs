//! `nightbell check`: everything that is wrong with a configuration, at once; exit 3 when it cannot be used.

use super::failure::{Exit, Failure};
use super::out::Out;
use crate::config::{self, Loaded, Mistakes, Plan};
use crate::plugin::{known, shipped};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What to check.
#[derive(Args, Clone, Debug)]
pub(super) struct CheckArgs {
    /// The configuration's main file
    #[arg(long, value_name = "FILE", env = "NIGHTBELL_CONFIG", default_value = "nightbell.toml")]
    pub(super) config: PathBuf,
}

/// Checks.
///
/// # Errors
/// With exit 3 when there are errors; warnings are shown and pass.
pub(super) fn run(args: &CheckArgs, out: &Out) -> Result<(), Failure> {
    let plugins = |plugins_dir: &Path| known(shipped(), plugins_dir);
    let (plan, mistakes) = match config::check(&args.config, &plugins) {
        Ok(Loaded { plan, warnings }) => (Some(plan), warnings),
        Err(mistakes) => (None, mistakes),
    };
    if out.is_json() {
        out.text(&format!("{:#}", report(plan.as_ref(), &mistakes)))?;
    } else {
        let (color, width) = out.talk_shape();
        out.say(&mistakes.render(color, width));
        if let Some(plan) = &plan {
            out.text(&format!("ok: {}", counts(plan)))?;
        }
    }
    if plan.is_some() { Ok(()) } else { Err(Failure::said(Exit::Found)) }
}

fn report(plan: Option<&Plan>, mistakes: &Mistakes) -> Value {
    json!({
        "ok": plan.is_some(),
        "errors": mistakes.errors(),
        "warnings": mistakes.warnings(),
        "findings": mistakes.findings(),
        "files": plan.map(|plan| plan.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>()),
        "sha256": plan.map(|plan| &plan.sha256),
    })
}

/// What a configuration has, without what is built in.
pub(super) fn counts(plan: &Plan) -> String {
    use nightbell_core::model::Directory;
    let directory = &plan.directory;
    let own = |count: usize, built_in: bool| count - usize::from(built_in);
    let built_in = Directory::BUILT_IN;
    let parts = [
        (directory.people.len(), "person", "people"),
        (
            own(directory.services.len(), directory.services.contains_key(built_in)),
            "service",
            "services",
        ),
        (plan.integrations.len(), "integration", "integrations"),
        (directory.schedules.len(), "schedule", "schedules"),
        (
            own(directory.policies.len(), directory.policies.contains_key(built_in)),
            "escalation policy",
            "escalation policies",
        ),
        (plan.plugins.len(), "plugin with a word of yours", "plugins with a word of yours"),
        (plan.files.len(), "file", "files"),
    ];
    let counted = |(count, one, many): &(usize, &str, &str)| {
        format!("{count} {}", if *count == 1 { one } else { many })
    };
    parts.iter().filter(|part| part.0 > 0).map(counted).collect::<Vec<_>>().join(", ")
}
