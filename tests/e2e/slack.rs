//! Slack, from the first message to the last button: threads, updates in place, answers of linked members and of
//! strangers. The fake checks token and blocks with Slack's own library; button presses are signed by it.

use nightbell_tests::config::GENERIC_KEY;
use nightbell_tests::{Config, Engine, MailServer, Vendor, printed, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const TOKEN: &str = "xoxb-0123456789-bot-token";
const SIGNING: &str = "0123456789abcdef0123456789abcdef";
const ROOM: &str = "C012AB3CD4E";
const ALICE: &str = "U0ALICE0000";

struct Story {
    mail: MailServer,
    slack: Vendor,
    engine: Engine,
    /// The path of the channel's own door.
    door: String,
}

impl Story {
    async fn start(delay: &str) -> Self {
        let mail = MailServer::start().await;
        let slack = Vendor::start("slack_server.py", &[TOKEN]).await;
        let (url, port) = (slack.url(), slack.port);
        let config = Config::two_steps(mail.port, delay).with(&format!(
            r#"
[plugin.slack]
hosts    = ["{url}"]
settings = {{ api = "{url}/api" }}

[plugin.slack.secrets]
bot_token      = {{ file = "./bot-token", hosts = ["127.0.0.1:{port}"] }}
signing_secret = {{ file = "./signing-secret" }}
"#
        ));
        std::fs::write(config.dir().join("bot-token"), TOKEN).unwrap();
        std::fs::write(config.dir().join("signing-secret"), SIGNING).unwrap();
        let engine = Engine::start(&config).await;
        let hook = engine.get("/channels/slack/hook").await;
        let door = hook["url"].as_str().unwrap().strip_prefix(&config.url("")).unwrap().to_owned();
        Self { mail, slack, engine, door }
    }

    async fn method(&self, person: &str, address: &str) -> Value {
        let method = json!({"channel": "slack", "address": address, "verified": true});
        self.engine.post(&format!("/people/{person}/contact-methods"), method).await["id"].clone()
    }

    async fn page_at(&self, person: &str, address: &str) {
        let method = self.method(person, address).await;
        let rules = json!([{"urgency": "high", "contact_method": method, "delay": "0s"}]);
        let path = format!("/people/{person}/notification-rules");
        self.engine.api(Method::PUT, &path, Some(rules)).await;
    }

    async fn send(&self, title: &str) {
        let body = json!({"title": title, "dedup_key": title, "severity": "critical"}).to_string();
        let path = format!("/in/{GENERIC_KEY}");
        let (status, _) = self.engine.ingest(&path, "application/json", body).await;
        assert_eq!(status, 202);
    }

    /// Waits for a message that fits, by a method of Slack's API.
    async fn message(&self, method: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Sent {
        let fits = |request: &Value| {
            request["path"].as_str().is_some_and(|path| path.ends_with(method))
                && fits(&request["message"])
        };
        let request = self.slack.request(what, fits).await;
        assert_eq!(request["said"]["ok"], true, "{request}");
        Sent { message: request["message"].clone(), ts: request["said"]["ts"].clone() }
    }

    /// Presses a button as a member; `tamper` changes the body after it was signed.
    async fn press(&self, user: &str, button: &Value, tamper: bool) -> u16 {
        let action =
            json!({"type": "button", "action_id": button["action_id"], "value": button["value"]});
        let payload = json!({"type": "block_actions", "user": {"id": user}, "actions": [action]});
        let form = [("payload", payload.to_string())];
        let url = reqwest::Url::parse_with_params("http://x/", &form).unwrap();
        let mut body = url.query().unwrap().to_owned();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
        let signature = printed("slack_sign.py", &[SIGNING, &now], &body);
        if tamper {
            body = body.replace("acknowledge", "resolve");
        }
        let request = self
            .engine
            .request(Method::POST, &self.door)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-slack-request-timestamp", now)
            .header("x-slack-signature", signature);
        request.body(body).send().await.unwrap().status().as_u16()
    }

    async fn status(&self, title: &str, status: &str) -> Value {
        until(format!("`{title}` to be {status}"), || async {
            let incident = self.engine.incident(title).await;
            (incident["status"] == status).then_some(incident)
        })
        .await
    }
}

/// A message and the name that Slack gave it.
struct Sent {
    message: Value,
    ts: Value,
}

impl Sent {
    fn buttons(&self) -> Vec<Value> {
        let blocks = self.message["blocks"].as_array().unwrap();
        let actions = blocks.iter().filter(|block| block["type"] == "actions");
        actions.flat_map(|block| block["elements"].as_array().unwrap().clone()).collect()
    }

    fn button(&self, label: &str) -> Value {
        let found = self.buttons().into_iter().find(|button| button["text"]["text"] == label);
        found.unwrap_or_else(|| panic!("no button `{label}` in {}", self.message))
    }
}

fn says(message: &Value, part: &str) -> bool {
    message["blocks"].to_string().contains(part)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thread_per_incident_answered_with_buttons_and_updated_in_place() {
    let story = Story::start("2s").await;
    story.page_at("alice", ROOM).await;
    story.page_at("bob", ROOM).await;
    story.method("alice", ALICE).await;
    story.send("Checkout is down").await;

    let is_first =
        |message: &Value| message["thread_ts"].is_null() && says(message, "Checkout is down");
    let first = story.message("/chat.postMessage", "the page", is_first).await;
    assert_eq!(first.message["channel"], ROOM);
    let labels: Vec<_> = first.buttons().iter().map(|b| b["text"]["text"].clone()).collect();
    assert_eq!(labels, ["Acknowledge", "Resolve"], "no personal link in a room");
    let in_thread =
        |message: &Value| message["thread_ts"] == first.ts && message["channel"] == ROOM;

    // The second step goes to the same room: a reply, shown in the room since it is loud.
    let second = |message: &Value| in_thread(message) && says(message, "Paging Bob");
    let second = story.message("/chat.postMessage", "the second page", second).await;
    assert_eq!(second.message["reply_broadcast"], true);

    let acknowledge = first.button("Acknowledge");
    assert_eq!(story.press(ALICE, &acknowledge, true).await, 400, "tampered");
    assert_eq!(story.press("U0STRANGER0", &acknowledge, false).await, 403, "nobody's member id");
    let number = story.engine.incident("Checkout is down").await["number"].clone();
    until("the refusal in the timeline", || async {
        let timeline = story.engine.get(&format!("/incidents/{number}/timeline")).await.to_string();
        timeline.contains("nobody's verified contact method").then_some(())
    })
    .await;
    assert_eq!(story.engine.incident("Checkout is down").await["status"], "triggered");

    assert_eq!(story.press(ALICE, &acknowledge, false).await, 200);
    let incident = story.status("Checkout is down", "acknowledged").await;
    assert_eq!(incident["acknowledged_by"], "alice");
    let acknowledged = |message: &Value| message["ts"] == first.ts && says(message, ":eyes:");
    let updated = story.message("/chat.update", "the update in place", acknowledged).await;
    assert!(says(&updated.message, "Alice"), "{}", updated.message);
    let line = |message: &Value| in_thread(message) && says(message, "acknowledged by Alice");
    story.message("/chat.postMessage", "the line in the thread", line).await;

    let resolve = updated.button("Resolve");
    assert_eq!(story.press(ALICE, &resolve, false).await, 200);
    story.status("Checkout is down", "resolved").await;
    let resolved =
        |message: &Value| message["ts"] == first.ts && says(message, ":white_check_mark:");
    let updated = story.message("/chat.update", "the last update", resolved).await;
    assert_eq!(updated.buttons(), Vec::<Value>::new(), "nothing is left to answer");
    let line = |message: &Value| in_thread(message) && says(message, "resolved by Alice");
    story.message("/chat.postMessage", "the last line in the thread", line).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_paged_directly_and_an_archived_room_gives_way_to_mail() {
    let story = Story::start("10m").await;
    story.page_at("alice", ALICE).await;
    story.send("Checkout is down").await;
    let page = |message: &Value| says(message, "Checkout is down");
    let page = story.message("/chat.postMessage", "the page", page).await;
    assert_eq!(page.message["channel"], ALICE);
    let view = page.button("View");
    assert!(view["url"].as_str().unwrap().contains("/answer/"), "{view}");
    assert_eq!(story.press(ALICE, &page.button("Acknowledge"), false).await, 200);
    story.status("Checkout is down", "acknowledged").await;
    let updated = |message: &Value| message["channel"] == "D0ALICE0000";
    story.message("/chat.update", "the update in the direct messages", updated).await;

    story.page_at("alice", "CARCHIVED0").await;
    story.send("Cart is down").await;
    story.mail.mail("alice@example.org", "Cart is down").await;
    let number = story.engine.incident("Cart is down").await["number"].clone();
    let timeline = story.engine.get(&format!("/incidents/{number}/timeline")).await.to_string();
    assert!(timeline.contains("is_archived") && !timeline.contains(TOKEN), "{timeline}");
}
