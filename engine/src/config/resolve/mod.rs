//! From what is written to a [`Plan`]: references, defaults, bounds, secrets. Every mistake is reported; a plan comes out
//! even so, and is only handed on when there was no error.

mod care;
mod fallback;
mod hours;
mod names;
mod notify;
mod people;
mod plugins;
mod policies;
mod quiet;
mod reach;
mod restrictions;
mod schedules;
mod secrets;
mod server;
mod signing;
mod targets;
mod teams;

use super::mistake::{At, Mistake, Report};
use super::plan::Plan;
use super::raw::Raw;
use super::source::{Source, base, digest};
use names::Names;
use nightbell_core::model::Directory;
pub use signing::signing_key_id;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Finds an environment variable.
pub(super) type Env<'e> = &'e dyn Fn(&str) -> Option<String>;

/// What every check looks at.
struct Context<'c> {
    names: Names,
    report: &'c Report,
    sources: &'c [Source],
    env: Env<'c>,
}

impl Context<'_> {
    fn add(&self, mistake: Mistake) {
        self.report.add(mistake);
    }

    /// A path as written, taken from the directory of the file it is written in.
    fn path(&self, written: &At<String>) -> PathBuf {
        let file = self.sources.get(written.at.file).map(|source| base(&source.path));
        file.unwrap_or(Path::new("")).join(written.value.as_str()).components().collect()
    }

    /// The one value of what may stand once; a second one is a mistake.
    fn once<'v, T>(
        &self,
        what: &str,
        values: &'v [T],
        at: impl Fn(&T) -> super::mistake::Mark,
    ) -> Option<&'v T> {
        let first = values.first()?;
        for second in &values[1..] {
            self.add(
                Mistake::error(at(second), format!("`{what}` stands in two files"))
                    .label("again here")
                    .also(at(first), "first here")
                    .hint("keep one of them"),
            );
        }
        Some(first)
    }
}

/// Checks everything and builds the plan.
pub(super) fn resolve(raw: &Raw, sources: &[Source], env: Env<'_>, report: &Report) -> Plan {
    let names = Names::collect(raw, report);
    let context = Context { names, report, sources, env };
    let first_steps = targets::FirstSteps::of(raw);
    let mut directory = Directory {
        people: people::people(raw, &context),
        schedules: schedules::schedules(raw, &context),
        teams: teams::teams(raw, &context),
        rooms: teams::rooms(raw, &context),
        policies: policies::policies(raw, &first_steps, &context),
        services: policies::services(raw, &context),
        integrations: policies::integrations(raw, &context),
        pacing: notify::pacing(raw, &context),
        quiet: quiet::limits(raw, &context),
        ..Directory::default()
    };
    directory.fallback = fallback::fallback(raw, &directory, &first_steps, &context);
    let server = server::server(raw, &context);
    let integrations = plugins::integrations(raw, &server.plugins_dir, &context);
    Plan {
        listen: server.listen,
        public_url: server.public_url,
        tls: server.tls,
        data: server.data,
        plugins_dir: server.plugins_dir,
        directory: Arc::new(directory.with_built_in()),
        integrations,
        mail: server.mail,
        network: server.network,
        signing: signing::signing(raw, &context),
        plugins: plugins::plugins(raw, &context),
        reach: reach::reach(raw, &context),
        sha256: digest(sources),
        files: sources.iter().map(|source| source.path.clone()).collect(),
    }
}
