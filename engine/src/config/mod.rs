//! The configuration: as written (places kept) and as checked and resolved ([`Plan`]).
//!
//! [`load`] reads `nightbell.toml` and `conf.d/**/*.toml` beside it as one whole and reports every mistake at once, each
//! with file, line, column, caret and hint. Reading order: `source` (files), `reader` (tables), `raw` (as written),
//! `resolve` (as meant), `mistake` and `render` (as told), `mask` (what must not be told). It watches nothing.

mod mask;
mod mistake;
mod plan;
mod raw;
mod reader;
mod render;
mod resolve;
mod source;
mod value;
mod week;

pub use mistake::{Finding, Gravity, Mistakes};
pub use plan::{
    IntegrationPlan, MailPlan, MailTls, NetworkPlan, Plan, PluginPlan, SecretPlan, SigningKey,
    SigningPlan, TlsPlan,
};
pub use resolve::signing_key_id;
pub use source::files;

use mistake::Report;
use raw::Raw;
use std::path::Path;

/// A configuration that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What to do.
    pub plan: Plan,
    /// What was probably meant otherwise; may be empty, holds no errors.
    pub warnings: Mistakes,
}

/// Loads the configuration whose main file is `path`, with secrets from the process' environment.
///
/// # Errors
/// Everything that is wrong, in the order of files and lines; warnings are among it.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place where secrets come from the environment"
)]
pub fn load(path: &Path) -> Result<Loaded, Mistakes> {
    load_with(path, &|name| std::env::var(name).ok())
}

/// Loads the configuration whose main file is `path`; `env` finds environment variables.
///
/// # Errors
/// As [`load`].
pub fn load_with(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, Mistakes> {
    let report = Report::default();
    let sources = source::read_all(path, &report);
    let tables: Vec<_> = sources
        .iter()
        .enumerate()
        .map(|(file, source)| reader::parse(file, &source.text, &report))
        .collect();
    report.end_of_syntax();
    let mut raw = Raw::default();
    for (file, table) in tables.iter().enumerate() {
        raw.read(reader::Table::top(file, table.get_ref(), &report), &report);
    }
    let plan = resolve::resolve(&raw, &sources, env, &report);
    let mistakes = report.finish(sources);
    if mistakes.errors() > 0 {
        return Err(mistakes);
    }
    Ok(Loaded { plan, warnings: mistakes })
}
