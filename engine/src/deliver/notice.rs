//! What a channel is given to say when it is about no incident: a code, a test, a hand-off, a gap.

use crate::plugin::{AnswerLinks, Notification, NotifiedIncident, Purpose};
use jiff::Timestamp;
use nightbell_core::model::{
    Delivery, Directory, EventId, IncidentId, Notice, NoticeKind, Person, View,
};
use nightbell_core::notify::{self, notice_words};
use std::sync::Arc;

/// Composes the notification of one attempt at a notice. There is nothing to answer.
pub(super) fn compose(
    view: View<'_>,
    delivery: &Delivery,
    notice: &Notice,
    now: Timestamp,
) -> Notification {
    let person = view.directory.people.get(&delivery.person);
    let purpose = match notice.kind {
        NoticeKind::Test => Purpose::Test,
        _ => Purpose::Notice,
    };
    Notification {
        id: delivery.id.clone(),
        attempt: delivery.attempts + 1,
        purpose,
        created_at: delivery.created_at,
        now,
        address: delivery.address.clone(),
        person: delivery.person.clone(),
        person_name: shown(person, delivery),
        language: notify::language_tag(view, &delivery.person),
        reason: String::new(),
        incident: nothing(delivery, notice),
        event: Arc::new(crate::trouble::placeholder(EventId(0), now)),
        answers: AnswerLinks::default(),
        callback_url: None,
        thread: None,
        update: notice.text.clone(),
    }
}

/// What the code on its way to this address is made of, while it holds.
pub(super) fn salt(view: View<'_>, delivery: &Delivery, now: Timestamp) -> Option<[u8; 32]> {
    let checks = view.state.people().checks(&delivery.person)?;
    let code = checks.of(&delivery.method, &delivery.address)?.code.as_ref()?;
    (now < code.expires_at).then_some(code.salt)
}

/// Puts the code where the text wants it.
pub(super) fn with_code(mut notification: Notification, code: &str) -> Notification {
    let title = &mut notification.incident.title;
    *title = title.replace(notice_words::CODE, code);
    notification.update = notification.update.replace(notice_words::CODE, code);
    notification
}

fn shown(person: Option<&Person>, delivery: &Delivery) -> String {
    person.map_or_else(|| delivery.person.to_string(), |person| person.name.clone())
}

/// The incident of what is about none: its title is the headline. A test looks like a page of Nightbell itself.
fn nothing(delivery: &Delivery, notice: &Notice) -> NotifiedIncident {
    let is_test = notice.kind == NoticeKind::Test;
    NotifiedIncident {
        id: IncidentId::NONE,
        title: notice.subject.clone(),
        status: "",
        urgency: delivery.urgency,
        priority: None,
        service: if is_test { Directory::BUILT_IN.into() } else { "".into() },
        service_name: if is_test { "Nightbell".to_owned() } else { String::new() },
        created_at: delivery.created_at,
        alerts: Vec::new(),
        alert_count: 0,
        answered_by: Vec::new(),
    }
}
