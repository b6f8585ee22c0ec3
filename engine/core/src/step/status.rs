//! Changes of an incident's status, and what earlier messages are told of them.

use crate::model::{Alert, Closing, Draft, EventId, Incident};
use crate::notify::News;
use crate::{incident, notify};
use jiff::Timestamp;

/// Somebody has it. Saying so once more changes nothing that messages would show.
pub(super) fn acknowledge(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    until: Option<Timestamp>,
) {
    let shown = |incident: &Incident| {
        (incident.status, incident.acknowledged_by.clone(), incident.snoozed_until)
    };
    let before = shown(incident);
    incident::acknowledge(draft, incident, until);
    if shown(incident) != before {
        tell(draft, incident);
    }
}

/// It is over. Keeps it in the open state for as long as messages have to be told.
pub(super) fn resolve(draft: &mut Draft<'_>, incident: &mut Incident, closing: Closing) {
    incident::resolve(draft, incident, closing);
    notify::linger(draft, incident);
    tell(draft, incident);
    notify::tell_subscribers(draft, incident, &News::Resolved);
}

/// It was over, and an alert of it fires again.
pub(super) fn reopen(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    alert: &Alert,
    event: EventId,
) {
    incident::reopen(draft, incident, alert, event);
    notify::take_back_news(draft, incident);
    notify::keep_current(draft, incident, |_, reader| notify::rings_again("reopened", reader));
}

/// It wants somebody again.
pub(super) fn retrigger(draft: &mut Draft<'_>, incident: &mut Incident, reason: &str) {
    incident::retrigger(draft, incident, reason);
    notify::take_back_news(draft, incident);
    notify::keep_current(draft, incident, |_, reader| notify::rings_again(reason, reader));
}

fn tell(draft: &mut Draft<'_>, incident: &Incident) {
    let actor = draft.actor.clone();
    notify::keep_current(draft, incident, |directory, reader| {
        notify::standing(incident, &actor, directory, reader)
    });
}
