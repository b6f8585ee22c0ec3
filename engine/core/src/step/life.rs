//! What people make of incidents besides answering them: merging, splitting, priority, who follows them, how they stand.
//!
//! Merging and splitting move firing alerts and nothing else: an alert fires in one open incident before and after, its later
//! events go where it is, and what the record says of the past stays where it was written, with an entry on both sides.

use super::action::{check_text, not_found, open};
use super::{quiet, status};
use crate::model::{
    Alert, AlertId, Change, Closing, Draft, Incident, IncidentId, IncidentStatus, PersonId,
    Priority, Refusal, ServiceId, Suppression, TimelineKind, TimerKey, Urgency,
};
use crate::notify::News;
use crate::{escalate, filter, incident, notify};
use std::sync::Arc;

/// Incidents that may be merged into one, all in all.
const MERGED_MAX: usize = 100;
/// People who follow one incident.
const SUBSCRIBERS_MAX: usize = 100;

/// Lets the firing alerts of `sources` go on in `into`, which keeps its policy, service and status. The sources end, and
/// their pages with them (I12).
pub(super) fn merge(
    draft: &mut Draft<'_>,
    into: IncidentId,
    sources: &[IncidentId],
) -> Result<(), Refusal> {
    let mut target = open(draft, into)?;
    let sources = sources_of(draft, &target, sources)?;
    let (mut louder, mut heard) = (false, false);
    for mut source in sources {
        let moved = move_alerts(draft, &source, None, into);
        louder |= target.urgency == Urgency::Low && source.urgency == Urgency::High;
        heard |= moved.iter().any(|alert| is_heard(draft, alert));
        gather(draft, &mut target, &source, &moved);
        draft.log(&mut source, TimelineKind::MergedInto { into });
        status::resolve(draft, &mut source, Closing::Merged(into));
        escalate::stop(draft, &mut source, &format!("merged into incident {into}"));
        draft.put_incident(source);
    }
    if louder {
        target.urgency = Urgency::High;
        draft.log_engine(&mut target, TimelineKind::UrgencyRaised);
    }
    ring_merged(draft, &mut target, louder, heard);
    draft.put_incident(target);
    Ok(())
}

fn sources_of(
    draft: &Draft<'_>,
    target: &Incident,
    ids: &[IncidentId],
) -> Result<Vec<Incident>, Refusal> {
    let mut sources: Vec<Incident> = Vec::new();
    for id in ids {
        if *id == target.id {
            return Err(Refusal::Invalid(format!("incident {id} cannot be merged into itself")));
        }
        if sources.iter().all(|known| known.id != *id) {
            sources.push(open(draft, *id)?);
        }
    }
    if sources.is_empty() {
        return Err(Refusal::Invalid("expected at least one incident to merge".to_owned()));
    }
    let all = target.life.merged.len() + sources.len();
    if all > MERGED_MAX {
        return Err(Refusal::Invalid(format!(
            "expected at most {MERGED_MAX} incidents merged into one, got {all}"
        )));
    }
    Ok(sources)
}

/// Gives firing alerts (`only` these, or all) another incident. Answers them as they are then.
fn move_alerts(
    draft: &mut Draft<'_>,
    from: &Incident,
    only: Option<&[AlertId]>,
    to: IncidentId,
) -> Vec<Alert> {
    let wanted = |alert: &&Arc<Alert>| only.is_none_or(|only| only.contains(&alert.id));
    let firing = incident::firing(draft, from, None);
    let moved: Vec<Alert> = firing
        .into_iter()
        .filter(wanted)
        .map(|alert| Alert { incident: Some(to), ..(**alert).clone() })
        .collect();
    for alert in &moved {
        draft.change(Change::Alert(Arc::new(alert.clone())));
    }
    moved
}

fn is_heard(draft: &Draft<'_>, alert: &Alert) -> bool {
    filter::quiet(draft.view.state, alert, draft.now).is_none()
}

/// Takes up what a merged incident had: alerts, groups, and everybody who has to do with it.
fn gather(draft: &mut Draft<'_>, target: &mut Incident, source: &Incident, moved: &[Alert]) {
    for alert in moved {
        push_new(&mut target.alerts, &alert.id, usize::MAX);
    }
    let groups: Vec<(ServiceId, String)> = target.groups().collect();
    target.life.absorbed.extend(source.groups().filter(|group| !groups.contains(group)));
    target.life.merged.push(source.id);
    for person in &source.paged {
        push_new(&mut target.paged, person, usize::MAX);
    }
    for person in &source.told {
        notify::knows(target, person);
    }
    for person in &source.subscribers {
        push_new(&mut target.subscribers, person, SUBSCRIBERS_MAX);
    }
    for actor in &source.answered_by {
        incident::note_answer(target, actor);
    }
    let (from, title) = (source.id, source.title.clone());
    draft.log(target, TimelineKind::Merged { from, title, alerts: count(moved.len()) });
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn push_new<T: PartialEq + Clone>(all: &mut Vec<T>, one: &T, max: usize) {
    if all.len() < max && !all.contains(one) {
        all.push(one.clone());
    }
}

/// As a new alert would: louder rings from step 1, heard goes on where everything was silenced, and else all stays as it is.
fn ring_merged(draft: &mut Draft<'_>, target: &mut Incident, louder: bool, heard: bool) {
    match target.status {
        IncidentStatus::Acknowledged if louder && heard => {
            status::retrigger(draft, target, "a merged incident raised the urgency to high");
            escalate::start(draft, target, "rung again");
        }
        IncidentStatus::Triggered if louder && heard => {
            escalate::start(draft, target, "the urgency was raised to high");
        }
        IncidentStatus::Triggered if heard => escalate::resume(draft, target),
        // What came may be let go sooner than what was there.
        IncidentStatus::Triggered if target.escalation.paused_with.is_some() => {
            draft.set_timer(TimerKey::Settle(target.id), draft.now);
        }
        IncidentStatus::Triggered | IncidentStatus::Acknowledged | IncidentStatus::Resolved => {}
    }
}

/// Lets some firing alerts of an incident go on in a new one, of their own service and under its policy as it is now (I5),
/// triggered or acknowledged as the old one is. At least one firing alert stays.
pub(super) fn split(
    draft: &mut Draft<'_>,
    id: IncidentId,
    alerts: &[AlertId],
) -> Result<(), Refusal> {
    let mut old = open(draft, id)?;
    let first = check_split(draft, &old, alerts)?;
    let into = draft.view.state.next_incident();
    let moved = move_alerts(draft, &old, Some(alerts), into);
    old.alerts.retain(|alert| !alerts.contains(alert));
    let alerts = count(moved.len());
    draft.log(&mut old, TimelineKind::SplitInto { into, alerts });
    let mut new = incident::open(draft, &first, first.last_event, old.plugins.clone());
    new.alerts = moved.iter().map(|alert| alert.id.clone()).collect();
    if moved.iter().any(|alert| alert.urgency == Urgency::High) {
        new.urgency = Urgency::High;
    }
    // What else comes of the group belongs to the old one.
    new.group_key = None;
    new.life.split_from = Some(id);
    take_after(&mut new, &old);
    draft.log(&mut new, TimelineKind::SplitFrom { from: id, alerts });
    let holders = quiet::holders_of(draft, moved.iter());
    begin(draft, &mut new, &old, holders);
    draft.put_incident(new);
    quiet::refresh_without(draft, old, None);
    Ok(())
}

/// The first of the alerts that go. All must fire in the incident, and one more.
fn check_split(draft: &Draft<'_>, old: &Incident, alerts: &[AlertId]) -> Result<Alert, Refusal> {
    let firing = incident::firing(draft, old, None);
    let stranger = alerts.iter().find(|id| firing.iter().all(|alert| alert.id != **id));
    if let Some(id) = stranger {
        return Err(not_found("firing alert of this incident", id));
    }
    let stays = firing.iter().any(|alert| !alerts.contains(&alert.id));
    let first = firing.iter().find(|alert| alerts.contains(&alert.id));
    match first {
        Some(first) if stays => Ok((***first).clone()),
        Some(_) => Err(Refusal::Invalid(
            "expected at least one firing alert to stay in the incident".to_owned(),
        )),
        None => Err(Refusal::Invalid("expected at least one alert to split off".to_owned())),
    }
}

/// What holds for the whole holds for the part.
fn take_after(new: &mut Incident, old: &Incident) {
    new.priority = old.priority;
    new.assigned_to.clone_from(&old.assigned_to);
    new.answered_by.clone_from(&old.answered_by);
    for person in &old.subscribers {
        push_new(&mut new.subscribers, person, SUBSCRIBERS_MAX);
    }
}

fn begin(
    draft: &mut Draft<'_>,
    new: &mut Incident,
    old: &Incident,
    holders: Option<Vec<Suppression>>,
) {
    match (old.status, holders) {
        (IncidentStatus::Acknowledged, _) => {
            new.status = IncidentStatus::Acknowledged;
            new.acknowledged_by.clone_from(&old.acknowledged_by);
            new.acknowledged_at = old.acknowledged_at;
            new.snoozed_until = old.snoozed_until;
            if let Some(until) = new.snoozed_until {
                draft.set_timer(TimerKey::Snooze(new.id), until);
            }
            escalate::hold(draft, new, IncidentStatus::Acknowledged);
        }
        (IncidentStatus::Triggered | IncidentStatus::Resolved, None) => {
            escalate::start(draft, new, "");
        }
        (IncidentStatus::Triggered | IncidentStatus::Resolved, Some(holders)) => {
            escalate::start_paused(draft, new, "", holders);
        }
    }
}

/// Says how important it is. Once more the same changes nothing.
pub(super) fn set_priority(
    draft: &mut Draft<'_>,
    id: IncidentId,
    priority: Option<Priority>,
) -> Result<(), Refusal> {
    let mut incident = open(draft, id)?;
    if incident.priority != priority {
        incident.priority = priority;
        draft.log(&mut incident, TimelineKind::PriorityChanged { to: priority });
        draft.put_incident(incident);
    }
    Ok(())
}

/// Lets a person follow an incident. Once more changes nothing.
pub(super) fn subscribe(
    draft: &mut Draft<'_>,
    id: IncidentId,
    person: &PersonId,
) -> Result<(), Refusal> {
    if !draft.view.directory.people.contains_key(person) {
        return Err(Refusal::NoPerson(person.to_string()));
    }
    let mut incident = open(draft, id)?;
    if incident.subscribers.contains(person) {
        return Ok(());
    }
    if incident.subscribers.len() >= SUBSCRIBERS_MAX {
        return Err(Refusal::Invalid(format!("expected at most {SUBSCRIBERS_MAX} subscribers")));
    }
    incident.subscribers.push(person.clone());
    draft.log(&mut incident, TimelineKind::Subscribed { person: person.clone() });
    draft.put_incident(incident);
    Ok(())
}

/// Lets a person follow an incident no longer.
pub(super) fn unsubscribe(
    draft: &mut Draft<'_>,
    id: IncidentId,
    person: &PersonId,
) -> Result<(), Refusal> {
    let mut incident = open(draft, id)?;
    if !incident.subscribers.contains(person) {
        return Err(not_found("subscriber", person));
    }
    incident.subscribers.retain(|known| known != person);
    draft.log(&mut incident, TimelineKind::Unsubscribed { person: person.clone() });
    draft.put_incident(incident);
    Ok(())
}

/// Writes down how an incident stands.
pub(super) fn post_update(
    draft: &mut Draft<'_>,
    id: IncidentId,
    text: &str,
) -> Result<(), Refusal> {
    check_text("an update", text)?;
    let mut incident = open(draft, id)?;
    draft.log(&mut incident, TimelineKind::StatusUpdate { text: text.to_owned() });
    let news = News::Written { text: text.to_owned() };
    notify::tell_subscribers(draft, &mut incident, &news);
    draft.put_incident(incident);
    Ok(())
}
