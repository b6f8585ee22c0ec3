//! The case runner itself: right cases pass, wrong ones fail with a readable difference, updates rewrite.

use std::path::PathBuf;

use serde::Deserialize;

use super::*;
use crate::*;

/// Echoes what it gets, so that every key of a case file is seen to arrive.
struct Echo {
    loud: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct EchoSettings {
    loud: bool,
}

impl Parser for Echo {
    type Settings = EchoSettings;
    fn new(settings: EchoSettings) -> Self {
        Self { loud: settings.loud }
    }
    fn parse(&mut self, payload: Payload) -> Result<Parsed, ParseError> {
        let title = payload.text()?.to_owned();
        if title.is_empty() {
            return Err(ParseError::new("empty").reply(Reply::text(400, "say something")));
        }
        let event = Event::trigger(if self.loud { title.to_uppercase() } else { title })
            .label("method", &payload.method)
            .label("agent", payload.header("user-agent").unwrap_or("none"))
            .starts_at(payload.received_at)
            .details(&[1, 2]);
        Ok(Parsed::of(vec![event]))
    }
}

impl Filter for Echo {
    type Settings = NoSettings;
    fn new(_: NoSettings) -> Self {
        Self { loud: false }
    }
    fn judge(&mut self, event: &EventRef<'_>) -> Verdict {
        let seen: u32 = state::get_json("seen").ok().flatten().unwrap_or(0) + 1;
        if state::set_json("seen", &seen, Some(60)).is_err() {
            log::warn("no state");
        }
        match event.title() {
            "drop" => Verdict::drop(format!("number {seen}")),
            "wait" => Verdict::suppress_until("later", event.received_at_ms() + 1000),
            "patch" => Patch::new().set_label("seen", seen.to_string()).into(),
            "panic" => panic!("cannot judge event {}", event.id()),
            _ => Patch::new().into(),
        }
    }
}

impl Channel for Echo {
    type Settings = NoSettings;
    fn new(_: NoSettings) -> Self {
        Self { loud: false }
    }
    fn deliver(&mut self, n: Notification) -> Result<Receipt, Failure> {
        let signature = secret::sign("key", secret::Algorithm::HmacSha256, n.id.as_bytes())?;
        let response = http::Request::post(&n.address)
            .header("x-signature", format!("{:02x}", signature[0]))
            .json(&n.incident.number)
            .send()?;
        if !response.is_success() {
            return Err(Failure::transient(response.status.to_string()).retry_after_s(5));
        }
        let id = mail::Message::new(&n.incident.title, &n.reason).send()?;
        Ok(Receipt::accepted().id(id))
    }
}

/// A folder that is gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, cases: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("nightbell-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a writable temporary directory");
        for (file, text) in cases {
            std::fs::write(path.join(file), text).expect("a writable temporary directory");
        }
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The message of the failed run.
fn refused(run: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(run).expect_err("the cases must fail");
    panic.downcast_ref::<String>().cloned().expect("a message")
}

const ECHO: &str = r#"
about = "the body becomes the title"
settings.loud = true
[input]
method = "PUT"
body = "hello"
received_at = 2026-03-01T00:00:00Z
headers.user-agent = "test"
[[expect.events]]
kind = "trigger"
title = "HELLO"
starts_at = 2026-03-01T00:00:00Z
details = "[1,2]"
labels = { agent = "test", method = "PUT" }
"#;

#[test]
fn right_parser_cases_pass() {
    let folder = Folder::with(
        "parser",
        &[
            ("echo.toml", ECHO),
            (
                "file.toml",
                "[input]\nbody_file = 'x.bin'\n[[expect.events]]\nkind='trigger'\ntitle='in a file'\nstarts_at=2026-01-05T09:00:00Z\ndetails='[1,2]'\n[expect.events.labels]\nmethod='POST'\nagent='none'",
            ),
            ("x.bin", "in a file"),
            (
                "empty.toml",
                "[expect.error]\nmessage='empty'\nreply.status=400\nreply.content_type='text/plain; charset=utf-8'\nreply.body='say something'",
            ),
            (
                "bytes.toml",
                "input.body_hex='61 ff'\nexpect.error.message='body: expected UTF-8 text, byte 1 is something else'",
            ),
            (
                "settings.toml",
                "settings.loud = 7\n[expect.trap]\nmessage='settings: `loud`: invalid type'",
            ),
            ("unknown.toml", "settings.quiet = true\n[expect.trap]\nmessage='quiet'"),
        ],
    );
    parser_cases::<Echo>(&folder.0);
}

#[test]
fn a_wrong_case_shows_the_difference() {
    let folder = Folder::with("wrong", &[("a.toml", &ECHO.replace("HELLO", "HULLO"))]);
    let message = refused(|| parser_cases::<Echo>(&folder.0));
    assert!(message.contains("the body becomes the title"), "{message}");
    assert!(message.contains("- title = \"HULLO\"\n+ title = \"HELLO\"\n"), "{message}");
    assert_eq!(message.matches("\n- ").count(), 1, "{message}");
}

#[test]
fn misspelt_keys_and_empty_folders_fail() {
    let folder = Folder::with("misspelt", &[("a.toml", "[input]\nbodi = 'x'")]);
    assert!(refused(|| parser_cases::<Echo>(&folder.0)).contains("bodi"));
    let folder = Folder::with("none", &[]);
    assert!(refused(|| parser_cases::<Echo>(&folder.0)).contains("found none"));
}

const JUDGED: &str = r#"
state.seen = "4"
[[input.events]]
title = "drop"
[[input.events]]
title = "wait"
[[input.events]]
title = "patch"
[[input.events]]
[[expect.verdicts]]
verdict = "drop"
reason = "number 5"
[[expect.verdicts]]
verdict = "suppress"
reason = "later"
until = 2026-01-05T09:00:01Z
[[expect.verdicts]]
verdict = "modify"
set_labels.seen = "7"
[[expect.verdicts]]
verdict = "keep"
[expect.state]
seen = { value = "8", ttl_s = 60 }
"#;

#[test]
fn filter_cases_see_batches_and_state() {
    let panics = "[[input.events]]\ntitle='panic'\nid=9\n[expect.trap]\nmessage='event 9'";
    let folder = Folder::with("filter", &[("a.toml", JUDGED), ("b.toml", panics)]);
    filter_cases::<Echo>(&folder.0);
}

const DELIVERED: &str = r#"
secrets.key = "k"
[input.notification]
address = "https://hooks.example.org/x"
incident.number = 7
[[answers.http]]
status = 204
[[answers.mail]]
id = "<1@example.org>"
[expect.receipt]
state = "accepted"
id = "<1@example.org>"
[[expect.http]]
method = "POST"
url = "https://hooks.example.org/x"
json = "7"
headers = ["x-signature: fa", "content-type: application/json"]
[[expect.mail]]
subject = "title"
text = "on call for primary"
"#;

#[test]
fn channel_cases_see_the_script() {
    let timeout = "secrets.key='k'\ninput.notification={}\nanswers.http=[{error='timeout', message='5 s'}]\n[expect.failure]\nkind='transient'\nmessage='http: timed out: 5 s'\n[[expect.http]]\nmethod='POST'\nurl='address'\njson='1'\nheaders=['x-signature: fa', 'content-type: application/json']";
    let denied = "input.notification={}\n[expect.failure]\nkind='permanent'\nmessage=\"secret: denied: no secret `key` is granted: add it to the plugin's `secrets` in the config\"";
    let callback = "input.callback={}\n[expect.failure]\nkind='permanent'\nmessage='this channel takes no answers'";
    let folder = Folder::with(
        "channel",
        &[("a.toml", DELIVERED), ("b.toml", timeout), ("c.toml", denied), ("d.toml", callback)],
    );
    channel_cases::<Echo>(&folder.0);
}

#[test]
fn the_script_must_fit_the_calls() {
    let unasked =
        DELIVERED.replace("[[answers.mail]]", "[[answers.http]]\nstatus=200\n[[answers.mail]]");
    let folder = Folder::with("unasked", &[("a.toml", &unasked)]);
    assert!(refused(|| channel_cases::<Echo>(&folder.0)).contains("1 scripted HTTP answers"));
    let unanswered = "secrets.key='k'\ninput.notification={}";
    let folder = Folder::with("unanswered", &[("a.toml", unanswered)]);
    assert!(refused(|| channel_cases::<Echo>(&folder.0)).contains("no answer for POST address"));
}

#[test]
fn one_event_can_be_shown_by_hand() {
    let event = event("x").label("team", "storage");
    assert_eq!(with_event(&event, |e| e.label("team").map(str::to_owned)), Some("storage".into()));
}
