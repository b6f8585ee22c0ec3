//! Reads what a case file tells a channel: a notification or a callback, and the script of the host's answers.
//! Unknown keys are refused.

use std::path::Path;

use serde::{Deserialize, Deserializer};

use super::read::{EventInput, Pairs, body, named, severity};
use super::time::{self, Instant};
use crate::{
    Alert, AnswerLinks, HttpError, Incident, MailError, Notification, Purpose, Request, Severity,
    Urgency, http,
};

/// A channel's `[input]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelInput {
    pub(super) notification: Option<NotificationInput>,
    pub(super) callback: Option<CallbackInput>,
    /// An address to validate.
    pub(super) address: Option<String>,
}

/// `[input.notification]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NotificationInput {
    id: String,
    attempt: u32,
    #[serde(deserialize_with = "purpose")]
    purpose: Purpose,
    created_at: Instant,
    now: Instant,
    address: String,
    person: String,
    person_name: String,
    language: String,
    reason: String,
    incident: IncidentInput,
    event: EventInput,
    answers: AnswersInput,
    callback_url: Option<String>,
    thread: Option<String>,
    update: String,
}

impl Default for NotificationInput {
    fn default() -> Self {
        Self {
            id: "delivery-1".into(),
            attempt: 1,
            purpose: Purpose::Page,
            created_at: time::DEFAULT,
            now: time::DEFAULT,
            address: "address".into(),
            person: "alice".into(),
            person_name: "Alice".into(),
            language: "en".into(),
            reason: "on call for primary".into(),
            incident: IncidentInput::default(),
            event: EventInput::default(),
            answers: AnswersInput::default(),
            callback_url: None,
            thread: None,
            update: String::new(),
        }
    }
}

impl NotificationInput {
    pub(super) fn notification(self) -> Result<Notification, String> {
        Ok(Notification {
            id: self.id,
            attempt: self.attempt,
            purpose: self.purpose,
            created_at: self.created_at.0,
            now: self.now.0,
            address: self.address,
            person: self.person,
            person_name: self.person_name,
            language: self.language,
            reason: self.reason,
            incident: self.incident.incident(),
            event: self.event.event()?,
            answers: AnswerLinks {
                view: self.answers.view,
                acknowledge: self.answers.acknowledge,
                resolve: self.answers.resolve,
            },
            callback_url: self.callback_url,
            thread: self.thread,
            update: self.update,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AnswersInput {
    view: Option<String>,
    acknowledge: Option<String>,
    resolve: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct IncidentInput {
    id: String,
    number: u64,
    title: String,
    status: String,
    #[serde(deserialize_with = "urgency")]
    urgency: Urgency,
    priority: Option<String>,
    service: String,
    service_name: String,
    created_at: Instant,
    alerts: Vec<AlertInput>,
    alert_count: Option<u32>,
    answered_by: Vec<String>,
}

impl Default for IncidentInput {
    fn default() -> Self {
        Self {
            id: "incident-1".into(),
            number: 1,
            title: "title".into(),
            status: "triggered".into(),
            urgency: Urgency::High,
            priority: None,
            service: "shop".into(),
            service_name: "Shop".into(),
            created_at: time::DEFAULT,
            alerts: vec![],
            alert_count: None,
            answered_by: vec![],
        }
    }
}

impl IncidentInput {
    fn incident(self) -> Incident {
        Incident {
            alert_count: self.alert_count.unwrap_or(self.alerts.len() as u32),
            id: self.id,
            number: self.number,
            title: self.title,
            status: self.status,
            urgency: self.urgency,
            priority: self.priority,
            service: self.service,
            service_name: self.service_name,
            created_at: self.created_at.0,
            alerts: self.alerts.into_iter().map(AlertInput::alert).collect(),
            answered_by: self.answered_by,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AlertInput {
    dedup_key: String,
    integration: String,
    title: String,
    firing: bool,
    #[serde(deserialize_with = "severity")]
    severity: Severity,
    starts_at: Instant,
}

impl Default for AlertInput {
    fn default() -> Self {
        Self {
            dedup_key: "dedup-key".into(),
            integration: "integration".into(),
            title: String::new(),
            firing: true,
            severity: Severity::Unknown,
            starts_at: time::DEFAULT,
        }
    }
}

impl AlertInput {
    fn alert(self) -> Alert {
        Alert {
            dedup_key: self.dedup_key,
            integration: self.integration,
            title: self.title,
            firing: self.firing,
            severity: self.severity.name().to_owned(),
            starts_at: self.starts_at.0,
        }
    }
}

/// `[input.callback]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CallbackInput {
    method: String,
    url: String,
    headers: Pairs,
    body: Option<String>,
    body_file: Option<String>,
    body_hex: Option<String>,
    now: Instant,
    delivery: Option<String>,
}

impl Default for CallbackInput {
    fn default() -> Self {
        Self {
            method: "POST".into(),
            url: "https://nightbell.example.org/hooks/channel/token".into(),
            headers: Pairs::default(),
            body: None,
            body_file: None,
            body_hex: None,
            now: time::DEFAULT,
            delivery: None,
        }
    }
}

impl CallbackInput {
    pub(super) fn request(self, folder: &Path) -> Result<Request, String> {
        Ok(Request {
            body: body(self.body, self.body_file, self.body_hex, folder)?,
            method: self.method,
            url: self.url,
            headers: self.headers.headers(),
            now: self.now.0,
            delivery: self.delivery,
        })
    }
}

/// `[answers]`: what the host's world says, in the order of the calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Answers {
    pub(super) http: Vec<HttpAnswer>,
    pub(super) mail: Vec<MailAnswer>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpAnswer {
    status: Option<u16>,
    #[serde(default)]
    headers: Pairs,
    #[serde(default)]
    body: String,
    error: Option<String>,
    #[serde(default)]
    message: String,
}

impl HttpAnswer {
    pub(super) fn answer(self) -> Result<Result<http::Response, HttpError>, String> {
        let response = |status| http::Response {
            status,
            headers: self.headers.headers(),
            body: self.body.into_bytes(),
        };
        Ok(match (self.status, self.error.as_deref()) {
            (Some(status), None) => Ok(response(status)),
            (None, Some("denied")) => Err(HttpError::Denied(self.message)),
            (None, Some("invalid")) => Err(HttpError::Invalid(self.message)),
            (None, Some("timeout")) => Err(HttpError::Timeout(self.message)),
            (None, Some("connect")) => Err(HttpError::Connect(self.message)),
            (None, Some("too-large")) => Err(HttpError::TooLarge(self.message)),
            _ => {
                return Err("answers.http: expected a status, or an error of denied, invalid, \
                            timeout, connect, too-large"
                    .into());
            }
        })
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailAnswer {
    id: Option<String>,
    error: Option<String>,
    #[serde(default)]
    message: String,
}

impl MailAnswer {
    pub(super) fn answer(self) -> Result<Result<String, MailError>, String> {
        Ok(match (self.id, self.error.as_deref()) {
            (Some(id), None) => Ok(id),
            (None, Some("denied")) => Err(MailError::Denied(self.message)),
            (None, Some("invalid")) => Err(MailError::Invalid(self.message)),
            (None, Some("transient")) => Err(MailError::Transient(self.message)),
            (None, Some("permanent")) => Err(MailError::Permanent(self.message)),
            _ => {
                return Err("answers.mail: expected an id, or an error of denied, invalid, \
                            transient, permanent"
                    .into());
            }
        })
    }
}

fn urgency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Urgency, D::Error> {
    named(deserializer, &[Urgency::High, Urgency::Low], |u| match u {
        Urgency::High => "high",
        Urgency::Low => "low",
    })
}

fn purpose<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Purpose, D::Error> {
    const ALL: [Purpose; 4] =
        [Purpose::Page, Purpose::StatusUpdate, Purpose::Test, Purpose::Notice];
    named(deserializer, &ALL, |p| match p {
        Purpose::Page => "page",
        Purpose::StatusUpdate => "status-update",
        Purpose::Test => "test",
        Purpose::Notice => "notice",
    })
}
