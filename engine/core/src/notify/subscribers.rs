//! How an incident goes on, for those who know of it and for those who follow it: one low-noise message, never a call.
//!
//! Where a channel keeps its messages current (a thread), that is enough. Everybody else, paged by mail, by text message or by
//! telephone, would never hear that it is over. They are told through the method they like best for what can wait, in a lane
//! of its own: a storm of ten thousand ends tells a person a handful of times, with the number in it.

use super::notice::best;
use super::pace::admit;
use super::update::update_thread;
use super::{Reader, language, notice_to, notice_words, profile, standing};
use crate::model::{
    Actor, ContactMethod, Draft, Incident, IncidentId, Lane, LaneKind, Notice, NoticeKind,
    PageReason, PersonId, Thread, ThreadPage, TimelineKind, TimerKey, Waiting,
};

/// People of one incident who know of it and are remembered.
const TOLD_MAX: usize = 64;
/// Pieces of news that one message names; the rest is a number.
const LINES_MAX: usize = 20;
/// Characters of a title in such a line.
const TITLE_MAX_CHARS: usize = 120;

/// What there is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It is over.
    Resolved,
    /// Somebody wrote how it stands.
    Written {
        /// In their words.
        text: String,
    },
}

/// Remembers that a person knows of the incident: the other side took a page to them.
pub fn knows(incident: &mut Incident, person: &PersonId) {
    if incident.told.len() < TOLD_MAX && !incident.told.contains(person) {
        incident.told.push(person.clone());
    }
}

/// Tells everybody who knows of the incident or follows it, but the one who did it. The caller keeps the incident. Must come
/// before a resolved incident itself, as [`super::linger`].
pub fn tell_subscribers(draft: &mut Draft<'_>, incident: &mut Incident, news: &News) {
    let threads: Vec<_> = draft.view.state.threads_of(incident.id).cloned().collect();
    if let News::Written { text } = news {
        for thread in &threads {
            update_thread(draft, incident, thread, text.clone());
        }
    }
    for person in followers(incident) {
        let did_it = matches!(&draft.actor, Actor::Person(actor) if *actor == person);
        let sees_it = threads
            .iter()
            .filter_map(|thread| thread.page.as_ref())
            .any(|page| page.person == person);
        if !did_it && !sees_it {
            tell(draft, incident, &person, news);
        }
    }
}

/// Those who know of it, in the order in which they learned it, then those who only follow it.
fn followers(incident: &Incident) -> Vec<PersonId> {
    let mut all = incident.told.clone();
    let others = incident.subscribers.iter().filter(|person| !incident.told.contains(person));
    all.extend(others.cloned());
    all
}

fn tell(draft: &mut Draft<'_>, incident: &mut Incident, person: &PersonId, news: &News) {
    let update = words(draft, incident, person, news);
    let method = match method(draft, person, news) {
        Ok(method) => method,
        Err(reason) => {
            let (person, reason) = (person.clone(), reason.to_owned());
            let line = TimelineKind::NewsNotTold { person, update, reason };
            return draft.log_engine(incident, line);
        }
    };
    let (person, channel) = (person.clone(), method.channel.clone());
    let held_until = send(draft, incident, &person, method, update.clone());
    let line = TimelineKind::NewsDecided { person, channel, update, held_until };
    draft.log_engine(incident, line);
}

/// The method they like best for what can wait, on a channel where they want to hear it; or why there is none.
fn method(
    draft: &Draft<'_>,
    person: &PersonId,
    news: &News,
) -> Result<ContactMethod, &'static str> {
    let mut profile = profile(draft.view, person);
    if best(draft.view, &profile, &[]).is_none() {
        return Err("they have no verified contact method that news can go to");
    }
    let preferences = profile.preferences.clone();
    profile.methods.retain(|method| {
        let wanted = preferences.of_channel(&method.channel);
        match news {
            News::Resolved => wanted.resolve_notices,
            News::Written { .. } => wanted.status_updates,
        }
    });
    best(draft.view, &profile, &[]).ok_or("they do not want to hear it on any of their channels")
}

/// In the person's own zone and language.
fn words(draft: &Draft<'_>, incident: &Incident, person: &PersonId, news: &News) -> String {
    match news {
        News::Resolved => {
            let reader = Reader::of(draft, person);
            standing(incident, &draft.actor, draft.view.directory, &reader)
        }
        News::Written { text } => text.clone(),
    }
}

/// Now, or with others at the end of the lane's window, which is answered then.
fn send(
    draft: &mut Draft<'_>,
    incident: &Incident,
    person: &PersonId,
    method: ContactMethod,
    update: String,
) -> Option<jiff::Timestamp> {
    let lane = Lane { person: person.clone(), method: method.id.clone(), kind: LaneKind::News };
    let bounds = draft.view.directory.pacing.of(&method.channel, &method.address);
    let Some(mut pace) = admit(draft, &lane, &bounds) else {
        alone(draft, incident, person, method, update);
        return None;
    };
    let (mut count, mut lines) = match pace.waiting {
        Waiting::News { count, lines } => (count, lines),
        Waiting::Nothing | Waiting::Pages { .. } => (0, Vec::new()),
    };
    count += 1;
    if lines.len() < LINES_MAX {
        lines.push(line(incident, &update));
    }
    pace.waiting = Waiting::News { count, lines };
    let until = pace.until;
    draft.put_pace(pace);
    Some(until)
}

/// A message about this incident alone, on the channel's own terms for updates.
fn alone(
    draft: &mut Draft<'_>,
    incident: &Incident,
    person: &PersonId,
    method: ContactMethod,
    update: String,
) {
    let page =
        ThreadPage { person: person.clone(), method: method.id, reason: PageReason::Follows };
    let ContactMethod { channel, address, .. } = method;
    let (thread, page) = (String::new(), Some(page));
    let thread = Thread { incident: incident.id, channel, address, thread, page };
    update_thread(draft, incident, &thread, update);
    if !incident.is_open() {
        let until = draft.now.saturating_add(super::LINGER).unwrap_or(draft.now);
        draft.set_timer(TimerKey::Leave(incident.id), until);
    }
}

fn line(incident: &Incident, update: &str) -> String {
    let mut title: String = incident.title.chars().take(TITLE_MAX_CHARS).collect();
    if title.len() < incident.title.len() {
        title.push('…');
    }
    let IncidentId(number) = incident.id;
    format!("#{number} {title}: {update}")
}

/// A window of news is over: all of it in one message.
pub(super) fn leave(draft: &mut Draft<'_>, lane: &Lane, count: u32, lines: &[String]) {
    let profile = profile(draft.view, &lane.person);
    let same = profile.methods.iter().find(|method| method.id == lane.method && method.verified);
    let Some(method) = same.cloned().or_else(|| best(draft.view, &profile, &[])) else { return };
    let more = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(lines.len());
    let reads = language(draft.view, &lane.person);
    let (subject, text) = notice_words::news(reads, count, lines, more);
    let notice = Notice { kind: NoticeKind::News, subject, text };
    // One message for each window of the lane.
    let key = format!("{}", draft.now);
    notice_to(draft, &lane.person, &method, &key, notice);
}
