//! The configuration: as written (places kept) and as checked and resolved ([`Plan`]).
//!
//! [`load`] reads `nightbell.toml` and `conf.d/**/*.toml` beside it as one whole and reports every mistake at once, each
//! with file, line, column, caret and hint. Reading order: `source` (files), `reader` (tables), `raw` (as written),
//! `resolve` (as meant), `settings` (as plugins describe theirs), `mistake` and `render` (as told), `mask` (what must not be told). It watches nothing.

mod mask;
mod mistake;
mod plan;
mod raw;
mod reader;
mod render;
mod resolve;
mod settings;
mod source;
mod value;
mod week;

pub use mistake::{Finding, Gravity, Mistakes};
pub use plan::{
    IntegrationPlan, MailPlan, MailTls, NetworkPlan, Plan, PluginPlan, ReachPlan, SecretPlan,
    SigningKey, SigningPlan, TlsPlan,
};
pub use resolve::signing_key_id;
pub(crate) use settings::lay_over;
pub use settings::{KnownPlugin, KnownPlugins, KnownSidecar};
pub use source::files;

use mistake::Report;
use raw::Raw;
use source::Source;
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
pub fn load_with(path: &Path, env: Environment<'_>) -> Result<Loaded, Mistakes> {
    read(path, env, None)
}

/// As [`load_with`], and settings of plugins are held against what the plugins describe; `plugins` looks into a plugins
/// directory. For who checks a configuration: with a wrong setting a server runs without that plugin, or with what ran before.
///
/// # Errors
/// As [`load`]: a setting that keeps a plugin from running is an error.
pub fn check_with(
    path: &Path,
    env: Environment<'_>,
    plugins: &dyn Fn(&Path) -> KnownPlugins,
) -> Result<Loaded, Mistakes> {
    read(path, env, Some(plugins))
}

/// As [`check_with`], with secrets from the process' environment.
///
/// # Errors
/// As [`check_with`].
#[allow(clippy::disallowed_methods, reason = "as in `load`")]
pub fn check(path: &Path, plugins: &dyn Fn(&Path) -> KnownPlugins) -> Result<Loaded, Mistakes> {
    check_with(path, &|name| std::env::var(name).ok(), plugins)
}

/// Finds environment variables.
type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

fn read(
    path: &Path,
    env: Environment<'_>,
    plugins: Option<&dyn Fn(&Path) -> KnownPlugins>,
) -> Result<Loaded, Mistakes> {
    let report = Report::default();
    let mut sources = source::read_all(path, &report);
    let raw = read_raw(&sources, &report);
    let plan = resolve::resolve(&raw, &sources, env, &report);
    if let Some(plugins) = plugins {
        settings::check(&raw, &plan, &plugins(&plan.plugins_dir), &mut sources, &report);
    }
    let mistakes = report.finish(sources);
    if mistakes.errors() > 0 {
        return Err(mistakes);
    }
    Ok(Loaded { plan, warnings: mistakes })
}

fn read_raw(sources: &[Source], report: &Report) -> Raw {
    let tables: Vec<_> = sources
        .iter()
        .enumerate()
        .map(|(file, source)| reader::parse(file, &source.text, report))
        .collect();
    report.end_of_syntax();
    let mut raw = Raw::default();
    for (file, table) in tables.iter().enumerate() {
        raw.read(reader::Table::top(file, table.get_ref(), report), report);
    }
    raw
}
