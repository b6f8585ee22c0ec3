//! Text messages and calls through Twilio's API, and what comes back: receipts, keys, replies, and forgeries. The fake
//! checks credentials and forms; every callback is signed by Twilio's own library.

use nightbell_tests::config::GENERIC_KEY;
use nightbell_tests::{Config, Engine, MailServer, Vendor, printed, until};
use reqwest::Method;
use serde_json::{Value, json};

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "0123456789abcdef-auth-token";
const PHONE: &str = "+819012345678";

/// An engine with the channel granted, and where its pages go.
struct Story {
    mail: MailServer,
    twilio: Vendor,
    config: Config,
    engine: Engine,
}

impl Story {
    async fn start(delay: &str) -> Self {
        let (mail, twilio) =
            (MailServer::start().await, Vendor::start("twilio_server.py", &[SID, TOKEN]).await);
        let (url, port) = (twilio.url(), twilio.port);
        let config = Config::two_steps(mail.port, delay).with(&format!(
            r#"
[plugin.twilio]
hosts   = ["{url}"]
secrets = {{ auth_token = {{ file = "./twilio-token", hosts = ["127.0.0.1:{port}"] }} }}

[plugin.twilio.settings]
account_sid = "{SID}"
from        = "+15005550006"
api         = "{url}"
"#
        ));
        std::fs::write(config.dir().join("twilio-token"), TOKEN).unwrap();
        let engine = Engine::start(&config).await;
        Self { mail, twilio, config, engine }
    }

    /// Alice is paged at these addresses of the channel, one after the other, and then by mail.
    async fn page_alice_at(&self, addresses: &[&str]) {
        let mut rules = vec![];
        for address in addresses {
            let method = json!({"channel": "twilio", "address": address, "verified": true});
            let method = self.engine.post("/people/alice/contact-methods", method).await;
            rules.push(json!({"urgency": "high", "contact_method": method["id"], "delay": "0s"}));
        }
        let path = "/people/alice/notification-rules";
        self.engine.api(Method::PUT, path, Some(json!(rules))).await;
    }

    async fn send(&self, title: &str) {
        let body = json!({"title": title, "dedup_key": title, "severity": "critical"}).to_string();
        let path = format!("/in/{GENERIC_KEY}");
        let (status, _) = self.engine.ingest(&path, "application/json", body).await;
        assert_eq!(status, 202);
    }

    /// What was asked of Twilio about an incident.
    async fn asked(&self, resource: &str, title: &str) -> Value {
        let fits = |request: &Value| {
            request["path"].as_str().is_some_and(|path| path.ends_with(resource))
                && request["form"].to_string().contains(title)
        };
        let request = self.twilio.request(&format!("{resource} about `{title}`"), fits).await;
        assert_eq!(request["status"], 201, "{request}");
        request["form"].clone()
    }

    /// Calls back as Twilio does. Answers status and body.
    async fn call_back(&self, url: &str, fields: Value) -> (u16, String) {
        let signed = json!({"url": url, "fields": fields}).to_string();
        let signature = printed("twilio_sign.py", &[TOKEN], &signed);
        self.post(url, &fields, Some(&signature)).await
    }

    async fn post(&self, url: &str, fields: &Value, signature: Option<&str>) -> (u16, String) {
        let path = url.strip_prefix(&self.config.url("")).unwrap();
        let mut request = self.engine.request(Method::POST, path).form(fields);
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn timeline(&self, title: &str, part: &str) -> String {
        let number = self.engine.incident(title).await["number"].clone();
        until(format!("`{part}` in the timeline"), || async {
            let timeline =
                self.engine.get(&format!("/incidents/{number}/timeline")).await.to_string();
            timeline.contains(part).then_some(timeline)
        })
        .await
    }
}

fn text<'a>(form: &'a Value, field: &str) -> &'a str {
    form[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {form}"))
}

/// Where the keys of a call go.
fn gather(form: &Value) -> String {
    let twiml = text(form, "Twiml");
    let (_, rest) = twiml.split_once("action=\"").expect("a <Gather> with an action");
    rest.split('"').next().unwrap().replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_pages_and_the_carriers_receipt_arrives() {
    let story = Story::start("10m").await;
    story.page_alice_at(&["sms: +81 90-1234-5678"]).await;
    story.send("Checkout is down").await;
    let form = story.asked("/Messages.json", "Checkout is down").await;
    assert_eq!(text(&form, "To"), PHONE);
    let body = text(&form, "Body");
    assert!(body.starts_with("HIGH #1 Checkout is down") && body.contains("Reply 4"), "{body}");

    let callback = text(&form, "StatusCallback");
    let fields = json!({"MessageSid": "SM1", "MessageStatus": "delivered", "To": PHONE});
    let forged = story.post(callback, &fields, Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")).await;
    assert_eq!(forged.0, 400, "{}", forged.1);
    assert_eq!(story.call_back(callback, fields).await.0, 200);
    story.timeline("Checkout is down", "arrived").await;
    assert_eq!(story.engine.incident("Checkout is down").await["status"], "triggered");
}

#[tokio::test(flavor = "multi_thread")]
async fn key_4_acknowledges_in_the_name_of_the_one_who_was_called() {
    let story = Story::start("3s").await;
    story.page_alice_at(&[&format!("voice:{PHONE}")]).await;
    story.send("Checkout is down").await;
    let form = story.asked("/Calls.json", "Checkout is down").await;
    let action = gather(&form);
    let key =
        |digits: &str| json!({"CallSid": "CA1", "CallStatus": "in-progress", "Digits": digits});

    let signed = json!({"url": action, "fields": key("6")}).to_string();
    let other = printed("twilio_sign.py", &[TOKEN], &signed);
    for signature in [None, Some(other.as_str())] {
        let (status, said) = story.post(&action, &key("4"), signature).await;
        assert_eq!(status, 400, "a tampered callback is refused: {said}");
    }
    let (status, said) = story.call_back(&action, key("9")).await;
    assert!(status == 200 && said.contains("<Gather"), "another key is asked for: {said}");
    let incident = story.engine.incident("Checkout is down").await;
    assert_eq!(incident["status"], "triggered", "nothing of this is an answer");

    let (status, said) = story.call_back(&action, key("4")).await;
    assert!(status == 200 && said.contains("Acknowledged."), "{said}");
    let incident = story.engine.incident("Checkout is down").await;
    assert_eq!(
        (&incident["status"], &incident["acknowledged_by"]),
        (&json!("acknowledged"), &json!("alice"))
    );

    // An incident that nobody answers shows that the time of the second step has passed.
    story.send("Unanswered").await;
    story.mail.mail("bob@example.org", "Unanswered").await;
    assert_eq!(story.mail.count("bob@example.org", "Checkout is down"), 0);
    let calls = story.twilio.requests();
    let about = calls.iter().filter(|call| call["form"].to_string().contains("Checkout")).count();
    assert_eq!(about, 1, "no further attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_answers_the_page_it_names_and_a_forged_one_nothing() {
    let story = Story::start("10m").await;
    story.page_alice_at(&[&format!("sms:{PHONE}")]).await;
    for title in ["Checkout is down", "Cart is down"] {
        story.send(title).await;
        story.asked("/Messages.json", title).await;
        story.timeline(title, "delivered").await;
    }
    let door = story.engine.get("/channels/twilio/hook").await;
    let door = text(&door, "url");
    let reply = |from: &str, body: &str| json!({"MessageSid": "SM9", "From": from, "To": "+15005550006", "Body": body});
    let signed = json!({"url": door, "fields": reply(PHONE, "4 #2")}).to_string();
    let signature = printed("twilio_sign.py", &[TOKEN], &signed);
    let (status, _) = story.post(door, &reply(PHONE, "4 #1"), Some(&signature)).await;
    assert_eq!(status, 400, "the signature is that of another reply");
    let (status, said) = story.call_back(door, reply("+819099999999", "4 #1")).await;
    assert!(
        status == 200 && said.contains("no page"),
        "a stranger was paged about nothing: {said}"
    );
    assert_eq!(story.engine.incident("Checkout is down").await["status"], "triggered");

    let (status, said) = story.call_back(door, reply(PHONE, "Ack #1")).await;
    assert!(status == 200 && said.contains("#1: Acknowledged."), "{said}");
    let incident = story.engine.incident("Checkout is down").await;
    assert_eq!(
        (&incident["status"], &incident["acknowledged_by"]),
        (&json!("acknowledged"), &json!("alice"))
    );
    assert_eq!(story.engine.incident("Cart is down").await["status"], "triggered");
    assert_eq!(story.call_back(door, reply(PHONE, "6")).await.0, 200);
    let incident = story.engine.incident("Cart is down").await;
    assert_eq!(incident["status"], "resolved", "without a number it is the last page");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_line_and_a_wrong_number_give_way_to_the_next_method() {
    let story = Story::start("10m").await;
    // Twilio's own test number for one that is invalid.
    story.page_alice_at(&[&format!("voice:{PHONE}")]).await;
    story.send("Checkout is down").await;
    let form = story.asked("/Calls.json", "Checkout is down").await;
    story.timeline("Checkout is down", "delivered").await;
    assert_eq!(story.mail.count("alice@example.org", "Checkout is down"), 0, "not yet");
    let busy = json!({"CallSid": "CA1", "CallStatus": "busy", "CallDuration": "0"});
    assert_eq!(story.call_back(text(&form, "StatusCallback"), busy).await.0, 200);
    story.mail.mail("alice@example.org", "Checkout is down").await;
    story.timeline("Checkout is down", "busy").await;

    story.page_alice_at(&["sms:+15005550001"]).await;
    story.send("Cart is down").await;
    story.mail.mail("alice@example.org", "Cart is down").await;
    let timeline = story.timeline("Cart is down", "21211").await;
    assert!(!timeline.contains(TOKEN));
}
