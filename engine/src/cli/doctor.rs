//! `nightbell doctor`: does everything stand that a page needs? Each line says ok, warn or fail, and what to do.
//! Reads and connects only, changes nothing that stays, and shows no secrets.

mod reach;

use super::check;
use super::connect::Connection;
use super::failure::{Exit, Failure};
use super::json;
use super::look::{Look, Tone, paint};
use super::out::Out;
use super::session::Session;
use crate::config::{self, MailPlan, Plan};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpStream;

/// The longest wait for the mail server.
const MAIL_MAX: Duration = Duration::from_secs(5);

/// What to look at.
#[derive(Args, Clone, Debug)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    pub(super) connection: Connection,
    #[command(subcommand)]
    pub(super) command: Option<DoctorCommand>,
}

/// What to look at more closely.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum DoctorCommand {
    /// When, in days to come, would nobody be told in time? Exit 1 when there is such a hole
    Reach(reach::ReachArgs),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Ok,
    Warn,
    Fail,
}

impl Health {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sign {
    health: Health,
    what: &'static str,
    text: String,
    hint: String,
}

fn sign(health: Health, what: &'static str, text: impl Into<String>) -> Sign {
    Sign { health, what, text: text.into(), hint: String::new() }
}

impl Sign {
    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// Looks.
///
/// # Errors
/// When something fails; warnings pass.
pub(super) async fn run(args: &DoctorArgs, out: &Out) -> Result<(), Failure> {
    if let Some(DoctorCommand::Reach(asked)) = &args.command {
        return reach::run(&Session::open(&args.connection, out)?, asked).await;
    }
    let path = args.connection.config.clone().unwrap_or_else(|| "nightbell.toml".into());
    let (config, plan) = configuration(&path);
    let mut signs = vec![config];
    if let Some(plan) = &plan {
        signs.extend(data(&plan.data));
        signs.push(mail(plan.mail.as_ref()).await);
    }
    let connection =
        Connection { config: Some(path).filter(|path| path.is_file()), ..args.connection.clone() };
    signs.extend(server(&connection).await);
    let list: Vec<Value> = signs
        .iter()
        .map(|sign| json!({ "status": sign.health.word(), "name": sign.what, "text": sign.text, "hint": sign.hint }))
        .collect();
    out.made(&json!({ "items": list, "next": null }), |look| page(&signs, look))?;
    let failed = signs.iter().any(|sign| sign.health == Health::Fail);
    if failed { Err(Failure::said(Exit::Failed)) } else { Ok(()) }
}

fn page(signs: &[Sign], look: &Look) -> String {
    let mut lines = Vec::new();
    for sign in signs {
        let word = sign.health.word();
        let health = paint(&format!("{word:<4}"), Tone::of(word), look.color);
        lines.push(format!("{health}  {:<14}  {}", sign.what, sign.text));
        if !sign.hint.is_empty() {
            let label = paint("hint:", Tone::Note, look.color);
            lines.push(format!("      {label} {}", sign.hint));
        }
    }
    lines.join("\n")
}

fn configuration(path: &Path) -> (Sign, Option<Plan>) {
    let what = "configuration";
    let shown = path.display();
    match config::load(path) {
        Ok(loaded) => {
            let counts = check::counts(&loaded.plan);
            let sign = match loaded.warnings.warnings() {
                0 => sign(Health::Ok, what, format!("{shown}: {counts}")),
                1 => sign(Health::Warn, what, format!("{shown} has a warning")),
                many => sign(Health::Warn, what, format!("{shown} has {many} warnings")),
            };
            let hint = if sign.health == Health::Warn {
                format!("`nightbell check --config {shown}` shows it")
            } else {
                String::new()
            };
            (sign.hint(hint), Some(loaded.plan))
        }
        Err(mistakes) => {
            let text = match mistakes.errors() {
                1 => format!("{shown} has an error"),
                many => format!("{shown} has {many} errors"),
            };
            let hint = format!("`nightbell check --config {shown}` shows every one with its line");
            (sign(Health::Fail, what, text).hint(hint), None)
        }
    }
}

fn data(path: &Path) -> Vec<Sign> {
    let shown = path.display();
    let what = "data directory";
    if !path.exists() {
        let text = format!("{shown} is not there yet");
        return vec![
            sign(Health::Warn, what, text).hint("`nightbell serve` makes it at its first start"),
        ];
    }
    // A temporary file that is gone at once: the only sure way to know.
    let writable = match tempfile::tempfile_in(path) {
        Ok(_) => sign(Health::Ok, what, format!("{shown} can be written")),
        Err(error) => sign(Health::Fail, what, format!("{shown} cannot be written: {error}"))
            .hint("run as the user that runs the server, or give that user the directory"),
    };
    let mut signs = vec![writable];
    signs.extend(["admin.token", "link.key"].iter().filter_map(|name| exposed(&path.join(name))));
    signs
}

/// A secret file that others can read.
#[cfg(unix)]
fn exposed(path: &Path) -> Option<Sign> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let shown = path.display();
    (mode & 0o077 != 0).then(|| {
        sign(Health::Fail, "secret file", format!("{shown} can be read by other users"))
            .hint(format!("run `chmod 600 {shown}`"))
    })
}

#[cfg(not(unix))]
fn exposed(_: &Path) -> Option<Sign> {
    None
}

async fn mail(plan: Option<&MailPlan>) -> Sign {
    let what = "mail server";
    let Some(plan) = plan else {
        return sign(Health::Warn, what, "no [mail] is configured: nobody can be paged by mail")
            .hint("add [mail] with `server` and `from`");
    };
    let name = format!("{}:{}", plan.host, plan.port);
    let connected =
        tokio::time::timeout(MAIL_MAX, TcpStream::connect((plan.host.as_str(), plan.port)));
    let why = match connected.await {
        Ok(Ok(_)) => return sign(Health::Ok, what, format!("{name} takes connections")),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", MAIL_MAX.as_secs()),
    };
    sign(Health::Fail, what, format!("{name} cannot be reached: {why}")).hint(
        "is it running, and does a firewall let this machine in? The address is [mail] server",
    )
}

async fn server(connection: &Connection) -> Vec<Sign> {
    let what = "server";
    let refused = |what, failure: Failure| {
        sign(Health::Fail, what, failure.message).hint(failure.hint.unwrap_or_default())
    };
    let client = match connection.open() {
        Ok(client) => client,
        Err(failure) => return vec![refused(what, failure)],
    };
    let name = client.server().to_owned();
    let (status, _) = match client.probe(&["-", "ready"]).await {
        Ok(answer) => answer,
        Err(failure) => return vec![refused(what, failure)],
    };
    if status != 200 {
        let text = format!("{name} is up, but not ready (status {status})");
        return vec![
            sign(Health::Fail, what, text)
                .hint("it may still replay its journal; its log says more"),
        ];
    }
    let ready = sign(Health::Ok, what, format!("{name} is ready"));
    let plugins = match client.get(&["plugins"], &[]).await {
        Ok(answer) => plugins(&answer.json),
        Err(failure) => refused("plugins", failure),
    };
    vec![ready, plugins]
}

fn plugins(answer: &Value) -> Sign {
    let what = "plugins";
    let state = |plugin: &Value| json::text(plugin, "state");
    let items = json::items(answer);
    let named = |wanted: &[&str]| {
        let of = items.iter().filter(|plugin| wanted.contains(&state(plugin).as_str()));
        of.map(|plugin| super::look::safe(&json::text(plugin, "name")))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let hint = "`nightbell plugin list` says why";
    let broken = named(&["failed", "quarantined"]);
    if !broken.is_empty() {
        return sign(Health::Fail, what, format!("not working: {broken}")).hint(hint);
    }
    let waiting = named(&["waiting-for-grant"]);
    if !waiting.is_empty() {
        return sign(Health::Warn, what, format!("waiting for a grant: {waiting}")).hint(hint);
    }
    let refused = items.iter().filter(|plugin| !json::text(plugin, "error").is_empty());
    let refused = refused.filter(|plugin| matches!(state(plugin).as_str(), "running" | "shadow"));
    let refused: Vec<_> =
        refused.map(|plugin| super::look::safe(&json::text(plugin, "name"))).collect();
    if !refused.is_empty() {
        let text =
            format!("working in an older version or under older settings: {}", refused.join(", "));
        return sign(Health::Warn, what, text).hint(hint);
    }
    if items.is_empty() {
        return sign(Health::Warn, what, "there are none: nothing can be parsed or delivered")
            .hint("build with the shipped plugins, or put some into the plugins directory");
    }
    sign(Health::Ok, what, format!("{} work", items.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_plugin_is_named() {
        let list = |state: &str| json!({"items": [{"name": "mute", "state": "running"}, {"name": "mine", "state": state}]});
        for (state, health, text) in [
            ("running", Health::Ok, "2 work"),
            ("disabled", Health::Ok, "2 work"),
            ("quarantined", Health::Fail, "not working: mine"),
            ("waiting-for-grant", Health::Warn, "waiting for a grant: mine"),
        ] {
            let sign = plugins(&list(state));
            assert_eq!((sign.health, sign.text.as_str()), (health, text));
        }
        assert_eq!(plugins(&json!({"items": []})).health, Health::Warn);
        let refused = json!({"items": [{"name": "mine", "state": "running", "error": "refused"}]});
        let sign = plugins(&refused);
        assert!(sign.health == Health::Warn && sign.text.ends_with(": mine"), "{}", sign.text);
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_fails() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a directory");
        let token = dir.path().join("admin.token");
        std::fs::write(&token, "nb_admin_secret").expect("written");
        for (mode, found) in [(0o600, 1), (0o644, 2)] {
            std::fs::set_permissions(&token, std::fs::Permissions::from_mode(mode)).expect("ours");
            let signs = data(dir.path());
            assert_eq!(signs.len(), found, "{mode:o}");
            assert!(!format!("{signs:?}").contains("nb_admin"));
        }
        assert_eq!(data(&dir.path().join("nowhere"))[0].health, Health::Warn);
    }

    #[tokio::test]
    async fn a_mail_server_that_is_away_fails() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let plan = MailPlan {
            host: "127.0.0.1".to_owned(),
            port,
            from: "a@example.org".to_owned(),
            tls: crate::config::MailTls::None,
            login: Some(("a".to_owned(), "secret".into())),
        };
        assert_eq!(mail(Some(&plan)).await.health, Health::Ok);
        drop(listener);
        let away = mail(Some(&plan)).await;
        assert_eq!(away.health, Health::Fail);
        assert!(!format!("{away:?}").contains("secret"));
        assert_eq!(mail(None).await.health, Health::Warn);
    }
}
