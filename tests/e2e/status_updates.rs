//! A message that was sent is kept current: when the incident is acknowledged, when it is resolved, and also when the
//! engine is killed in between. Answers at the channel's own door act as the owner of the account.

use nightbell_tests::config::PROMETHEUS_KEY;
use nightbell_tests::{Config, Engine, MailServer, Sink, root, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

/// The channel of `tests/fixtures/plugins/thread.wat`, in the plugins directory.
fn install(plugins: &Path) {
    let text = root().join("tests/fixtures/plugins/thread.wat");
    let mut module = wat::parse_file(text).unwrap();
    let mut resolve = wit_parser::Resolve::new();
    let (package, _) = resolve.push_dir(root().join("plugin-sdk/wit")).unwrap();
    let world = resolve.select_world(&[package], Some("channel")).unwrap();
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world, encoding).unwrap();
    let component = nightbell_pack::componentize(&module).unwrap();
    let manifest = "name = \"chat\"\nversion = \"1.0.0\"\nkind = \"channel\"\ndescription = \"A chat.\"\nrequires = [\"http\"]\n";
    let packed = nightbell_pack::pack(&component, manifest, nightbell_pack::Imports::WholeWorld);
    std::fs::write(plugins.join("chat.wasm"), packed.unwrap()).unwrap();
}

struct Story {
    sink: Sink,
    config: Config,
    engine: Engine,
    _mail: MailServer,
}

impl Story {
    /// Alice and bob have a chat; alice, who is on call, is told there.
    async fn start() -> Self {
        let (mail, sink) = (MailServer::start().await, Sink::start().await);
        let grant = format!("\n[plugin.chat]\nhosts = [\"http://{}\"]\n", sink.address);
        let config = Config::two_steps(mail.port, "10m").with(&grant);
        install(&config.plugins());
        let engine = Engine::start(&config).await;
        let story = Self { sink, config, engine, _mail: mail };
        for person in ["alice", "bob"] {
            let address = story.address(person);
            let method = json!({"channel": "chat", "address": address, "verified": true});
            let path = format!("/people/{person}/contact-methods");
            let method = story.engine.post(&path, method).await;
            let rule = json!([{"urgency": "high", "contact_method": method["id"], "delay": "0s"}]);
            let path = format!("/people/{person}/notification-rules");
            story.engine.api(Method::PUT, &path, Some(rule)).await;
        }
        story
    }

    fn address(&self, person: &str) -> String {
        format!("http://{}/{person}", self.sink.address)
    }

    async fn alert(&self) {
        let alert = json!([{
            "labels": {"alertname": "Disk", "severity": "critical"},
            "startsAt": "2026-03-02T03:12:10Z",
        }]);
        let path = format!("/in/{PROMETHEUS_KEY}/api/v2/alerts");
        let (status, body) = self.engine.ingest(&path, "application/json", alert.to_string()).await;
        assert_eq!(status, 200, "{body}");
    }

    /// What the sink was told, as (name, thread, update, status).
    fn told(&self) -> Vec<[String; 4]> {
        let header = |posted: &nightbell_tests::sink::Posted, name: &str| {
            posted.headers.get(name).cloned().unwrap_or_default().trim().to_owned()
        };
        let all = self.sink.all();
        let told = all
            .iter()
            .map(|one| ["x-id", "x-thread", "x-update", "x-status"].map(|name| header(one, name)));
        told.collect()
    }

    async fn until_told(&self, count: usize) -> [String; 4] {
        until(format!("message {count}"), || async { self.told().get(count - 1).cloned() }).await
    }

    /// An answer at the channel's own door; the status it got.
    async fn answer(&self, text: String) -> u16 {
        let door = self.engine.get("/channels/chat/hook").await;
        let path = door["url"].as_str().unwrap().strip_prefix(&self.config.url("")).unwrap();
        let sent = self.engine.request(Method::POST, path).body(text).send().await.unwrap();
        sent.status().as_u16()
    }

    async fn incident(&self) -> Value {
        self.engine.get("/incidents/1").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_kept_current_through_acknowledgement_kill_and_resolve() {
    let mut story = Story::start().await;
    story.alert().await;
    let [page, thread, update, status] = story.until_told(1).await;
    assert_eq!((&*thread, &*update, &*status), ("", "", "triggered"));

    let stranger = story.answer(format!("a{page}\n{}", story.address("mallory"))).await;
    assert_eq!(stranger, 403, "nobody's account acts as nobody");
    assert_eq!(story.incident().await["status"], "triggered");
    assert_eq!(story.answer(format!("a{page}\n{}", story.address("bob"))).await, 200);
    assert_eq!(story.incident().await["acknowledged_by"], "bob", "not alice, whom it went to");

    let [name, thread, update, status] = story.until_told(2).await;
    assert_ne!(name, page);
    assert_eq!(thread, page, "the message that was sent");
    assert_eq!((&*update, &*status), ("acknowledged by Bob", "acknowledged"));

    // The other side is away when the incident ends, and so is the engine, a moment later.
    story.sink.answer(503);
    story.engine.post("/incidents/1/resolve", json!({})).await;
    let [first_try, ..] = story.until_told(3).await;
    story.engine.kill();
    let before = story.told().len();
    story.sink.answer(204);
    story.engine = Engine::start(&story.config).await;
    let [name, thread, update, status] = story.until_told(before + 1).await;
    assert_eq!((&name, &thread), (&first_try, &page), "I4: tried again under one name");
    assert!(update.starts_with("resolved by "), "{update}");
    assert_eq!(status, "resolved");

    let timeline = until("the end on the timeline", || async {
        let text = story.engine.get("/incidents/1/timeline").await.to_string();
        text.contains("now says: resolved by").then_some(text)
    })
    .await;
    assert!(
        timeline.contains("answer-refused") && timeline.contains("now says: acknowledged by Bob")
    );
    assert_eq!(story.told().len(), before + 1, "told once");
}
