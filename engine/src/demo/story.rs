//! The story: what happens in one night, each step checked by looking at what the engine really did.

use super::client::{Api, Broken, until};
use super::inbox::{Inbox, Posted};
use super::mailbox::{Mail, Mailbox};
use super::teller::{Teller, Voice};
use super::world::{NAGIOS_KEY, NEWRELIC_KEY, PROMETHEUS_KEY};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Everything the story needs.
pub(super) struct Stage {
    pub(super) api: Api,
    pub(super) mailbox: Mailbox,
    pub(super) chat: Inbox,
    pub(super) chat_url: String,
    pub(super) teller: Teller,
}

impl Stage {
    /// Tells it from beginning to end.
    ///
    /// # Errors
    /// [`Broken`] at the first step that did not happen.
    pub(super) async fn play(&self, now: Timestamp) -> Result<(), Broken> {
        self.aiko_chooses_how_to_be_told().await?;
        self.a_disk_fills_up().await?;
        self.noise_is_filtered(now).await?;
        self.nobody_answers().await?;
        self.ben_answers_from_his_mail().await?;
        self.new_relic_opens_and_closes().await?;
        self.the_disk_is_fine_again().await
    }

    async fn aiko_chooses_how_to_be_told(&self) -> Result<(), Broken> {
        self.teller.chapter("Everybody decides how they are told");
        let method = json!({"channel": "webhook", "address": self.chat_url, "verified": true});
        let path = "/people/aiko/contact-methods";
        let chat = self.api.call(Method::POST, path, Some(method)).await?;
        let rules = json!([
            {"urgency": "high", "contact_method": chat["id"], "delay": "0s"},
            {"urgency": "high", "contact_method": "email", "delay": "1s"},
            {"urgency": "low", "contact_method": "email", "delay": "0s"},
        ]);
        let path = "/people/aiko/notification-rules";
        self.api.call(Method::PUT, path, Some(rules)).await?;
        self.teller
            .tell(Voice::Person, "Aiko: high urgency in chat at once, by mail a second later");
        self.teller
            .tell(Voice::Person, "Ben:  by mail at once (the default, from the configuration)");
        Ok(())
    }

    async fn a_disk_fills_up(&self) -> Result<(), Broken> {
        self.teller.chapter("A disk fills up");
        let body = include_str!("payloads/nagios-problem.txt").trim().to_owned();
        let status = self.api.monitor(&format!("/in/{NAGIOS_KEY}"), FORM, body).await?;
        self.heard("Nagios", "PROBLEM Disk /var on db1 is CRITICAL", status);
        let incident = self.opened("Disk /var").await?;
        self.told_in_chat("Disk /var", &incident).await?;
        self.mailed("aiko@example.org", "Disk /var").await.map(drop)
    }

    async fn noise_is_filtered(&self, now: Timestamp) -> Result<(), Broken> {
        self.teller
            .chapter("Noise is dropped with a reason, and what belongs together is one incident");
        let later = now.saturating_add(SignedDuration::from_mins(5)).unwrap_or(now).to_string();
        let body = include_str!("payloads/prometheus.json").replace("@later@", &later);
        let path = format!("/in/{PROMETHEUS_KEY}/api/v2/alerts");
        let status = self.api.monitor(&path, JSON, body).await?;
        self.heard("Prometheus", "3 alerts: Watchdog, HighErrorRate on web1 and on web2", status);
        self.dropped("Watchdog").await?;
        let incident = self.opened("web1 fail").await?;
        let id = text(&incident, "id");
        let both = until("both alerts in one incident", async || {
            let incident =
                self.api.call(Method::GET, &format!("/incidents/{id}"), None).await.ok()?;
            (incident["alerts"].as_array()?.len() == 2).then_some(incident)
        })
        .await?;
        self.teller.tell(
            Voice::Engine,
            &format!(
                "incident {id} has both alerts; the router gave it to service {}",
                text(&both, "service")
            ),
        );
        self.mailed("ben@example.org", "web1 fail").await?;
        let path = format!("/incidents/{id}/acknowledge");
        self.api.call(Method::POST, &path, Some(json!({}))).await?;
        self.teller.tell(Voice::Person, &format!("incident {id} is acknowledged through the API"));
        Ok(())
    }

    async fn nobody_answers(&self) -> Result<(), Broken> {
        self.teller.chapter("Aiko does not answer, so the bell goes on to Ben");
        self.mailed("ben@example.org", "Disk /var").await?;
        let incident = self.found("Disk /var").await?;
        let id = text(&incident, "id");
        for line in self.api.timeline(&id).await {
            self.teller.tell(Voice::Engine, &line);
        }
        Ok(())
    }

    async fn ben_answers_from_his_mail(&self) -> Result<(), Broken> {
        self.teller.chapter("Ben answers from his mail");
        let mail = self.mail("ben@example.org", "Disk /var").await?;
        let link = mail.text.split_whitespace().find(|word| word.contains("/answer/"));
        let link = link.ok_or_else(|| Broken::Other {
            expected: "an answer link in the mail".to_owned(),
            got: mail.text.clone(),
        })?;
        self.api.answer(link, "acknowledge").await?;
        let incident = until("the incident to be acknowledged by Ben", async || {
            let incident = self.api.incident("Disk /var").await?;
            (incident["acknowledged_by"] == "ben").then_some(incident)
        })
        .await?;
        let id = text(&incident, "id");
        self.teller.tell(
            Voice::Person,
            &format!("Ben pressed Acknowledge: incident {id} no longer rings"),
        );
        Ok(())
    }

    async fn new_relic_opens_and_closes(&self) -> Result<(), Broken> {
        self.teller.chapter("New Relic opens an issue and closes it itself");
        let path = format!("/in/{NEWRELIC_KEY}");
        let body = include_str!("payloads/newrelic-activated.json").to_owned();
        let status = self.api.monitor(&path, JSON, body).await?;
        self.heard("New Relic", "issue ACTIVATED: Apdex of checkout below 0.6", status);
        let incident = self.opened("Apdex of checkout").await?;
        self.told_in_chat("Apdex of checkout", &incident).await?;
        let body = include_str!("payloads/newrelic-closed.json").to_owned();
        let status = self.api.monitor(&path, JSON, body).await?;
        self.heard("New Relic", "issue CLOSED", status);
        self.resolved("Apdex of checkout").await
    }

    async fn the_disk_is_fine_again(&self) -> Result<(), Broken> {
        self.teller.chapter("The disk is fine again");
        let body = include_str!("payloads/nagios-recovery.txt").trim().to_owned();
        let status = self.api.monitor(&format!("/in/{NAGIOS_KEY}"), FORM, body).await?;
        self.heard("Nagios", "RECOVERY Disk /var on db1 is OK", status);
        self.resolved("Disk /var").await
    }

    fn heard(&self, who: &str, what: &str, status: u16) {
        let line = format!(
            "{who}: {what}\nparsed by WebAssembly, in the journal, synced, then answered {status}"
        );
        self.teller.tell(Voice::Monitor, &line);
    }

    async fn found(&self, title: &str) -> Result<Value, Broken> {
        until(&format!("an incident about `{title}`"), async || self.api.incident(title).await)
            .await
    }

    async fn opened(&self, title: &str) -> Result<Value, Broken> {
        let incident = self.found(title).await?;
        let (id, service) = (text(&incident, "id"), text(&incident, "service"));
        let (title, urgency) = (text(&incident, "title"), text(&incident, "urgency"));
        let line =
            format!("incident {id} opened for service {service}, urgency {urgency}\n{title}");
        self.teller.tell(Voice::Engine, &line);
        Ok(incident)
    }

    async fn resolved(&self, title: &str) -> Result<(), Broken> {
        let incident = until(&format!("the incident about `{title}` to resolve"), async || {
            self.api.incident(title).await.filter(|incident| incident["status"] == "resolved")
        })
        .await?;
        let id = text(&incident, "id");
        self.teller.tell(Voice::Engine, &format!("incident {id} resolved with its last alert"));
        Ok(())
    }

    /// The event was dropped, and `explain` says by whom and why.
    async fn dropped(&self, title: &str) -> Result<(), Broken> {
        let explained = until(&format!("the event about `{title}` to be dropped"), async || {
            let events = self.api.items("/events?limit=50").await;
            let event = events.into_iter().find(|event| event.to_string().contains(title))?;
            let path = format!("/events/{}/explain", text(&event, "id"));
            let explained = self.api.call(Method::GET, &path, None).await.ok()?;
            let fate = explained["fate"].as_str()?.to_owned();
            fate.contains("drop").then_some(fate)
        })
        .await?;
        self.teller.tell(Voice::Engine, &format!("{title} {explained}"));
        match self.api.incident(title).await {
            None => Ok(()),
            Some(incident) => Err(Broken::Other {
                expected: format!("no incident about `{title}`"),
                got: incident.to_string(),
            }),
        }
    }

    async fn told_in_chat(&self, title: &str, incident: &Value) -> Result<(), Broken> {
        let what = format!("a signed webhook about `{title}`");
        let hit = |posted: &Posted| posted.signed && posted.body.to_string().contains(title);
        until(&what, async || self.chat.all().into_iter().find(hit)).await?;
        let id = text(incident, "id");
        self.teller.tell(
            Voice::Page,
            &format!("Aiko in chat about incident {id} (webhook; the demo checked its signature)"),
        );
        Ok(())
    }

    async fn mail(&self, to: &str, about: &str) -> Result<Mail, Broken> {
        let hit = |mail: &Mail| mail.to.iter().any(|t| t == to) && mail.subject.contains(about);
        until(&format!("a mail to {to} about `{about}`"), async || {
            self.mailbox.all().into_iter().find(hit)
        })
        .await
    }

    async fn mailed(&self, to: &str, about: &str) -> Result<Mail, Broken> {
        let mail = self.mail(to, about).await?;
        self.teller.tell(Voice::Page, &format!("{to} by mail: {}", mail.subject));
        Ok(mail)
    }
}

/// A field as text, whatever its JSON type.
fn text(value: &Value, field: &str) -> String {
    match &value[field] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
