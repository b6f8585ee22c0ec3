//! An escalation, rung by rung: a room is told, a team takes turns, two of three must answer. What the dry run says beforehand
//! is what is sent.

use nightbell_tests::config::GENERIC_KEY;
use nightbell_tests::{Config, Engine, Mail, MailServer, Sink, command, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Stdio;

const TWO_STEPS: &str = r#"repeat = 2
[[escalation_policy.step]]
targets = ["schedule:primary"]
delay   = "2s"
[[escalation_policy.step]]
targets = ["person:bob"]
delay   = "2s"
"#;
/// The last rung's delay is the time in which two must answer.
const LADDER: &str = r#"repeat = 1
acknowledgements = 2
[[escalation_policy.step]]
targets = ["room:ops"]
delay   = "2s"
[[escalation_policy.step]]
targets  = ["team:crew"]
strategy = "round_robin"
delay    = "2s"
[[escalation_policy.step]]
targets = ["team:crew"]
delay   = "7s"
"#;

/// Who was told, through which channel and method.
type Told = (String, String, String);

struct Story {
    mail: MailServer,
    /// What the room got, and what bob got.
    room: Sink,
    bob: Sink,
    engine: Engine,
    config: Config,
}

impl Story {
    /// Bob is told by a webhook at once and by mail two seconds later; the others by mail.
    async fn start() -> Self {
        let mail = MailServer::start().await;
        let (room, bob) = (Sink::start().await, Sink::start().await);
        let config = Config::two_steps(mail.port, "2s").replace(TWO_STEPS, LADDER).with(&format!(
            r#"
[[team]]
id      = "crew"
members = ["alice", "bob", "carol"]
[[room]]
id      = "ops"
channel = "webhook"
address = "{}"
[plugin.webhook]
secrets = {{ signing = {{ file = "./signing" }} }}
"#,
            room.url()
        ));
        std::fs::write(config.dir().join("signing"), "a-shared-secret").unwrap();
        let engine = Engine::start(&config).await;
        let methods = "/people/bob/contact-methods";
        let by_mail = engine.get(methods).await["items"][0]["id"].clone();
        let hook = json!({"channel": "webhook", "address": bob.url(), "verified": true});
        let hook = engine.post(methods, hook).await["id"].clone();
        let rules = json!([
            {"urgency": "high", "contact_method": hook, "delay": "0s"},
            {"urgency": "high", "contact_method": by_mail, "delay": "2s"},
        ]);
        engine.api(Method::PUT, "/people/bob/notification-rules", Some(rules)).await;
        Self { mail, room, bob, engine, config }
    }

    async fn alert(&self, title: &str) -> String {
        let alert = json!({"title": title, "dedup_key": title, "severity": "critical"});
        let path = format!("/in/{GENERIC_KEY}");
        let (status, said) = self.engine.ingest(&path, "application/json", alert.to_string()).await;
        assert_eq!(status, 202, "{said}");
        self.engine.incident(title).await["id"].as_str().unwrap().to_owned()
    }

    /// What the command line says would happen.
    fn explained(&self) -> Value {
        let output = command()
            .args("policy explain shop --at now --urgency high --output json --config".split(' '))
            .arg(self.config.file())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"))
    }

    /// What was sent of an incident, in the order in which the other side took it.
    async fn sent(&self, incident: &str) -> Vec<Told> {
        let all = self.engine.get(&format!("/deliveries?incident={incident}")).await;
        let all = all["items"].as_array().unwrap();
        let mut sent: Vec<_> = all.iter().filter(|one| one["status"] == "delivered").collect();
        sent.sort_by_key(|one| one["ended_at"].as_str());
        sent.into_iter().map(told).collect()
    }

    async fn until_sent(&self, incident: &str, count: usize) -> Vec<Told> {
        until(format!("{count} messages about incident {incident}"), || async {
            let sent = self.sent(incident).await;
            (sent.len() >= count).then_some(sent)
        })
        .await
    }

    async fn acknowledge(&self, mail: &Mail) -> Value {
        let link = mail.link("/answer/").unwrap();
        let path = link.strip_prefix(&self.config.url("")).unwrap();
        let pressed = self.engine.request(Method::POST, path).form(&[("action", "acknowledge")]);
        assert_eq!(pressed.send().await.unwrap().status(), 200);
        self.engine.get("/incidents/1").await
    }
}

fn text(line: &Value, key: &str) -> String {
    line[key].as_str().unwrap_or_default().to_owned()
}

fn told(line: &Value) -> Told {
    let who = match line["room"].as_str() {
        Some(room) => format!("room {room}"),
        None => text(line, "person"),
    };
    // A room has no methods: the delivery says so, the dry run says nothing.
    let method = text(line, "method");
    (who, text(line, "channel"), if method == "room" { String::new() } else { method })
}

/// What would be sent, each with how long after the opening.
fn expected(explained: &Value) -> Vec<(String, Told)> {
    let lines = explained["items"].as_array().unwrap().iter();
    let sent = lines.filter(|line| line["kind"] == "paged" || line["kind"] == "posted");
    sent.map(|line| (text(line, "after"), told(line))).collect()
}

fn who<'a>(expected: &'a [(String, Told)], after: &str) -> Vec<&'a str> {
    expected.iter().filter(|(at, _)| at == after).map(|(_, (who, ..))| who.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_what_the_dry_run_says_is_what_is_sent_until_two_of_three_have_answered() {
    let story = Story::start().await;
    let explained = story.explained();
    let mut expected_now = expected(&explained);
    assert_eq!(who(&expected_now, "0s"), ["room ops"], "{explained}");
    assert_eq!(who(&expected_now, "2s"), ["alice"], "{explained}");
    assert_eq!(who(&expected_now, "4s"), ["alice", "bob", "carol"], "{explained}");
    assert_eq!(who(&expected_now, "6s"), ["bob"], "the second of bob's rules: {explained}");
    assert_eq!(who(&expected_now, "11s"), ["room ops"], "the second pass: {explained}");
    assert_eq!(story.engine.incidents().await.len(), 0, "nothing came of asking");
    let first_pass = 6;
    expected_now.truncate(first_pass);

    let incident = story.alert("Ladder").await;
    let sent = story.until_sent(&incident, first_pass).await;
    // What goes out at one instant may arrive in any order.
    let mut rest = sent.as_slice();
    for rung in expected_now.chunk_by(|(a, _), (b, _)| a == b) {
        let (now, later) = rest.split_at(rung.len());
        let rung: BTreeSet<_> = rung.iter().map(|(_, told)| told).collect();
        assert_eq!(now.iter().collect::<BTreeSet<_>>(), rung, "{sent:?}");
        rest = later;
    }
    let posted = story.room.all();
    assert_eq!(posted.len(), 1, "the room is told once");
    let posted = posted[0].json();
    assert!(posted.to_string().contains("Ladder"), "{posted}");
    assert!(!posted.to_string().contains("/answer/"), "a room has no link to answer: {posted}");
    assert!(story.bob.all()[0].json().to_string().contains("Ladder"));

    let mail = story.mail.mail("alice@example.org", "Ladder").await;
    let shown = story.acknowledge(&mail).await;
    assert_eq!(shown["status"], "triggered", "one of two");
    assert_eq!(shown["escalation"]["answers"], json!(["alice"]));
    assert_eq!(shown["escalation"]["needed"], 2);
    assert!(shown["escalation"]["next_at"].is_string(), "it rings on: {shown}");
    let shown = story.acknowledge(&mail).await;
    assert_eq!(shown["status"], "triggered", "the same person again is no second one");
    let mail = story.mail.mail("carol@example.org", "Ladder").await;
    let shown = story.acknowledge(&mail).await;
    assert_eq!(shown["status"], "acknowledged", "{shown}");
    let timeline = story.engine.get(&format!("/incidents/{incident}/timeline")).await;
    let kinds: Vec<_> =
        timeline["items"].as_array().unwrap().iter().map(|l| text(l, "kind")).collect();
    let place = |kind: &str| kinds.iter().position(|one| one == kind);
    assert!(place("acknowledged-in-part").unwrap() < place("acknowledged").unwrap(), "{kinds:?}");

    // The next incident begins with the next of the team, and by its last message the time of the first one's next pass is over.
    let next = story.explained();
    assert_eq!(who(&expected(&next), "2s"), ["bob"], "{next}");
    let second = story.alert("Second").await;
    let sent_of_second = story.until_sent(&second, 7).await;
    assert_eq!(sent_of_second[1].0, "bob", "{sent_of_second:?}");
    assert_eq!(story.sent(&incident).await, sent, "no page after the answer");
    assert_eq!(story.room.all().len(), 2, "the room heard of each once");
}
