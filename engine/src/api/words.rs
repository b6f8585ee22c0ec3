//! A timeline entry as an English sentence, for the API, the command line and explain. Whole names where the
//! configuration knows them, ids where it does not any more.

use jiff::SignedDuration;
use nightbell_core::model::{
    Actor, Directory, NotPagedReason, PageReason, PersonId, RoomId, Suppression, Target,
    TimelineEntry, TimelineKind,
};

/// What happened, who did it and why, in one sentence without a time.
pub fn sentence(entry: &TimelineEntry, directory: &Directory) -> String {
    let words = Words { directory };
    let by = words.actor(&entry.actor);
    match &entry.kind {
        TimelineKind::Opened { alert, event } => {
            format!("Opened by alert `{alert}` (event {event}).")
        }
        TimelineKind::AlertJoined { alert, event, title } => {
            format!("Alert `{alert}` joined: {title} (event {event}).")
        }
        TimelineKind::AlertResolved { alert, expired: false } => {
            format!("Alert `{alert}` ended, says its monitor.")
        }
        TimelineKind::AlertResolved { alert, expired: true } => {
            format!("Alert `{alert}` ended: its monitor did not send it again in time.")
        }
        TimelineKind::AlertAcknowledged { alert } => format!(
            "{by} acknowledged alert `{alert}`; the incident goes on, since it has other firing alerts."
        ),
        TimelineKind::UrgencyRaised => "Urgency was raised to high.".to_owned(),
        TimelineKind::StepReached { pass, step } => {
            format!("Reached step {} of the escalation policy{}.", step + 1, pass_words(*pass))
        }
        TimelineKind::StepSkipped { pass, step } => format!(
            "Skipped step {} of the escalation policy{}: nobody there can be reached.",
            step + 1,
            pass_words(*pass)
        ),
        TimelineKind::FallbackReached { round: 1 } => {
            "The escalation policy is used up or found nobody: the fallback is paged.".to_owned()
        }
        TimelineKind::FallbackReached { round } => {
            format!("Still no answer: the fallback is paged again (round {round}).")
        }
        TimelineKind::Paged { person, channel, reason, delay, .. } => {
            let (person, why) = (words.person(person), words.page_reason(reason));
            match *delay == SignedDuration::ZERO {
                true => format!("Paged {person} on {channel}: {why}."),
                false => {
                    let delay = super::duration::show(*delay);
                    format!("Will page {person} on {channel} after {delay}: {why}.")
                }
            }
        }
        TimelineKind::NotPaged(reason) => words.not_paged(reason),
        TimelineKind::Delivered { person, channel, problems, .. } => {
            let but = problem_words(problems);
            format!("The page to {} on {channel} left{but}.", words.person(person))
        }
        TimelineKind::Arrived { person, channel, .. } => {
            format!("The page to {} on {channel} arrived.", words.person(person))
        }
        TimelineKind::Updated { person, channel, update, problems, .. } => {
            let (person, but) = (words.person(person), problem_words(problems));
            format!("The message to {person} on {channel} now says: {update}{but}.")
        }
        TimelineKind::UpdateFailed { person, channel, update, reason, .. } => {
            let person = words.person(person);
            format!(
                "The message to {person} on {channel} could not be told \"{update}\": {reason}."
            )
        }
        TimelineKind::AnswerRefused { channel, wanted, reason } => {
            format!("Did not {wanted} for an answer through {channel}: {reason}.")
        }
        TimelineKind::DeliveryFailed { person, channel, reason, retry_at, .. } => {
            let then = match retry_at {
                Some(at) => format!("it is tried again at {at}"),
                None => "it is not tried again".to_owned(),
            };
            let person = words.person(person);
            format!("The page to {person} on {channel} failed: {reason}; {then}.")
        }
        TimelineKind::PagesCancelled { count: 1, reason } => {
            format!("Took back one page that had not left: {reason}.")
        }
        TimelineKind::PagesCancelled { count, reason } => {
            format!("Took back {count} pages that had not left: {reason}.")
        }
        TimelineKind::Acknowledged => format!("{by} acknowledged."),
        TimelineKind::Snoozed { until } => format!("{by} snoozed until {until}."),
        TimelineKind::Retriggered { reason } => format!("Triggered again: {reason}."),
        TimelineKind::Reassigned { to } => {
            let names: Vec<String> = to.iter().map(|person| words.person(person)).collect();
            format!("{by} handed it to {}.", names.join(", "))
        }
        TimelineKind::EscalatedByHand => format!("{by} asked for the next step."),
        TimelineKind::Paused => "Paused: every firing alert is silenced.".to_owned(),
        TimelineKind::Resumed => "Goes on: an alert fires that is not silenced.".to_owned(),
        TimelineKind::Resolved => match &entry.actor {
            Actor::Person(_) | Actor::Admin(_) => format!("{by} resolved."),
            Actor::Monitor(_) | Actor::Engine => "Resolved: its last alert ended.".to_owned(),
        },
        TimelineKind::Note { text } => format!("{by} noted: {text}"),
        TimelineKind::Held { person, channel, reason, .. } => {
            format!("The page to {} on {channel} waits: {reason}.", words.person(person))
        }
        TimelineKind::Reopened { alert, event } => {
            format!("Reopened: alert `{alert}` fires again (event {event}).")
        }
        TimelineKind::MergedInto { into } => format!("{by} merged it into incident {into}."),
        TimelineKind::Merged { from, title, alerts } => {
            format!("{by} merged incident {from} into it, with {}: {title}.", alert_words(*alerts))
        }
        TimelineKind::SplitInto { into, alerts } => {
            format!("{by} split {} off, into incident {into}.", alert_words(*alerts))
        }
        TimelineKind::SplitFrom { from, alerts } => {
            format!("{by} split it off incident {from}, with {}.", alert_words(*alerts))
        }
        TimelineKind::PriorityChanged { to: Some(priority) } => {
            format!("{by} set the priority to {}.", priority.as_str())
        }
        TimelineKind::PriorityChanged { to: None } => format!("{by} took the priority away."),
        TimelineKind::Subscribed { person } if is(&entry.actor, person) => {
            format!("{by} follows it from now on.")
        }
        TimelineKind::Subscribed { person } => {
            format!("{by} let {} follow it.", words.person(person))
        }
        TimelineKind::Unsubscribed { person } if is(&entry.actor, person) => {
            format!("{by} follows it no longer.")
        }
        TimelineKind::Unsubscribed { person } => {
            format!("{by} let {} follow it no longer.", words.person(person))
        }
        TimelineKind::StatusUpdate { text } => format!("{by} told how it stands: {text}"),
        TimelineKind::StepNotMet { pass, step, reason } => format!(
            "Skipped step {} of the escalation policy{}: {reason}.",
            step + 1,
            pass_words(*pass)
        ),
        TimelineKind::Posted { room, channel, reason, .. } => {
            let why = words.page_reason(reason);
            format!("Told room {} on {channel}: {why}.", words.room(room))
        }
        TimelineKind::AcknowledgedInPart { have, needed } => {
            format!("{by} acknowledged: {have} of {needed}; it goes on ringing for the others.")
        }
        TimelineKind::NobodyElse { have, needed } => {
            format!("Acknowledged by {have} of {needed}: nobody else is left to ring.")
        }
        TimelineKind::Repaged { count: 1 } => {
            "No answer yet: paging the same people again.".to_owned()
        }
        TimelineKind::Repaged { count } => {
            format!("No answer yet: paging the same people again (time {count}).")
        }
        TimelineKind::RespondersAdded { people } => {
            let names: Vec<String> = people.iter().map(|person| words.person(person)).collect();
            format!("{by} asked {} to help.", names.join(", "))
        }
        TimelineKind::Responded => format!("{by} helps."),
        TimelineKind::AutoResolved { after } => {
            let after = super::duration::show(*after);
            format!("Resolved: for {after} no event came and nobody touched it.")
        }
        TimelineKind::UrgencyRaisedByHours => {
            "Support hours began: urgency was raised to high.".to_owned()
        }
        TimelineKind::PausedBy { holders } => {
            format!("Paused: every firing alert is quiet by {}.", words.holders(holders))
        }
        TimelineKind::ResumedAfter { holders } => {
            let names: Vec<String> = holders.iter().map(|one| one.by.to_string()).collect();
            format!("Goes on: an alert fires that is not quiet any more by {}.", names.join(", "))
        }
        TimelineKind::HeldForBundle { person, channel, until, sent, since, .. } => {
            let (person, sent) = (words.person(person), messages(*sent));
            format!(
                "The page to {person} on {channel} waits until {until}, to leave with others: {sent} left through this method since {since}."
            )
        }
        TimelineKind::DeliveredTogether { person, channel, incidents, .. } => format!(
            "The page to {} on {channel} left, in one message about {incidents} incidents.",
            words.person(person)
        ),
        TimelineKind::NewsDecided { person, channel, update, held_until } => {
            let person = words.person(person);
            let when = match held_until {
                Some(until) => format!(" together with other news, by {until}"),
                None => String::new(),
            };
            format!("{person} is told on {channel}{when}: {update}.")
        }
        TimelineKind::NewsNotTold { person, update, reason } => {
            format!("{} is not told \"{update}\": {reason}.", words.person(person))
        }
    }
}

/// The kind's word, as the API has it.
pub fn kind(kind: &TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Opened { .. } => "opened",
        TimelineKind::AlertJoined { .. } => "alert-joined",
        TimelineKind::AlertResolved { .. } => "alert-resolved",
        TimelineKind::AlertAcknowledged { .. } => "alert-acknowledged",
        TimelineKind::UrgencyRaised => "urgency-raised",
        TimelineKind::StepReached { .. } => "step-reached",
        TimelineKind::StepSkipped { .. } => "step-skipped",
        TimelineKind::FallbackReached { .. } => "fallback-reached",
        TimelineKind::Paged { .. } => "paged",
        TimelineKind::NotPaged(_) => "not-paged",
        TimelineKind::Delivered { .. } => "delivered",
        TimelineKind::DeliveryFailed { .. } => "delivery-failed",
        TimelineKind::Arrived { .. } => "arrived",
        TimelineKind::Updated { .. } => "updated",
        TimelineKind::UpdateFailed { .. } => "update-failed",
        TimelineKind::AnswerRefused { .. } => "answer-refused",
        TimelineKind::PagesCancelled { .. } => "pages-cancelled",
        TimelineKind::Acknowledged => "acknowledged",
        TimelineKind::Snoozed { .. } => "snoozed",
        TimelineKind::Retriggered { .. } => "retriggered",
        TimelineKind::Reassigned { .. } => "reassigned",
        TimelineKind::EscalatedByHand => "escalated-by-hand",
        TimelineKind::Paused | TimelineKind::PausedBy { .. } => "paused",
        TimelineKind::Resumed | TimelineKind::ResumedAfter { .. } => "resumed",
        TimelineKind::Resolved => "resolved",
        TimelineKind::Note { .. } => "note",
        TimelineKind::Held { .. } => "held",
        TimelineKind::Reopened { .. } => "reopened",
        TimelineKind::MergedInto { .. } => "merged-into",
        TimelineKind::Merged { .. } => "merged",
        TimelineKind::SplitInto { .. } => "split-into",
        TimelineKind::SplitFrom { .. } => "split-from",
        TimelineKind::PriorityChanged { .. } => "priority-changed",
        TimelineKind::Subscribed { .. } => "subscribed",
        TimelineKind::Unsubscribed { .. } => "unsubscribed",
        TimelineKind::StatusUpdate { .. } => "status-update",
        TimelineKind::StepNotMet { .. } => "step-not-met",
        TimelineKind::Posted { .. } => "posted",
        TimelineKind::AcknowledgedInPart { .. } => "acknowledged-in-part",
        TimelineKind::NobodyElse { .. } => "nobody-else",
        TimelineKind::Repaged { .. } => "repaged",
        TimelineKind::RespondersAdded { .. } => "responders-added",
        TimelineKind::Responded => "responded",
        TimelineKind::AutoResolved { .. } => "auto-resolved",
        TimelineKind::UrgencyRaisedByHours => "urgency-raised-by-hours",
        TimelineKind::HeldForBundle { .. } => "held-for-bundle",
        TimelineKind::DeliveredTogether { .. } => "delivered-together",
        TimelineKind::NewsDecided { .. } => "news-decided",
        TimelineKind::NewsNotTold { .. } => "news-not-told",
    }
}

/// Why somebody is told, in a few words.
pub fn page_reason(reason: &PageReason, directory: &Directory) -> String {
    Words { directory }.page_reason(reason)
}

struct Words<'a> {
    directory: &'a Directory,
}

impl Words<'_> {
    /// A person's name; of a post, the room's.
    fn person(&self, id: &PersonId) -> String {
        if let Some(room) = id.room() {
            return format!("room {}", self.room(&room));
        }
        self.directory.name_of(id.as_str()).to_owned()
    }

    fn target(&self, target: &Target) -> String {
        match target {
            Target::Person(person) => self.person(person),
            Target::Schedule(id) => match self.directory.schedules.get(id) {
                Some(schedule) => format!("schedule {}", schedule.name),
                None => format!("schedule {id}"),
            },
            Target::Next(id) => {
                format!("next on call of {}", self.target(&Target::Schedule(id.clone())))
            }
            Target::Team(id) => match self.directory.teams.get(id) {
                Some(team) => format!("team {}", team.name),
                None => format!("team {id}"),
            },
            Target::Room(id) => format!("room {}", self.room(id)),
        }
    }

    fn room(&self, id: &RoomId) -> String {
        self.directory.rooms.get(id).map_or_else(|| id.to_string(), |room| room.name.clone())
    }

    fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Person(person) => self.person(person),
            Actor::Admin(name) => format!("Admin {name}"),
            Actor::Monitor(integration) => format!("Monitor {integration}"),
            Actor::Engine => "Nightbell".to_owned(),
        }
    }

    /// `silence s1 of Alice until 2026-03-02T04:00:00Z (moving racks)`.
    fn holders(&self, holders: &[Suppression]) -> String {
        let one = |holder: &Suppression| {
            let author = holder.author.as_ref().map(|author| {
                let name = self.person(&PersonId::new(author));
                format!(" of {name}")
            });
            let until = holder.until.map(|until| format!(" until {until}"));
            let (author, until) = (author.unwrap_or_default(), until.unwrap_or_default());
            format!("{}{author}{until} ({})", holder.by, holder.reason)
        };
        holders.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn page_reason(&self, reason: &PageReason) -> String {
        match reason {
            PageReason::Step { step, target: Target::Person(_) } => {
                format!("step {} names them", step + 1)
            }
            PageReason::Step { step, target: Target::Schedule(id) } => {
                let name = self.target(&Target::Schedule(id.clone()));
                format!("step {}, on call for {name}", step + 1)
            }
            PageReason::Step { step, target: target @ Target::Next(_) } => {
                format!("step {}, {}", step + 1, self.target(target))
            }
            PageReason::Step { step, target: target @ Target::Team(_) } => {
                format!("step {}, in {}", step + 1, self.target(target))
            }
            PageReason::Step { step, target: Target::Room(_) } => {
                format!("step {} names it", step + 1)
            }
            PageReason::Fallback => "they are the fallback".to_owned(),
            PageReason::Responder => "they were asked to help".to_owned(),
            PageReason::Assigned => "it was handed to them".to_owned(),
            PageReason::Notice => "it is about them".to_owned(),
            PageReason::Follows => "they know of it or follow it".to_owned(),
        }
    }

    fn not_paged(&self, reason: &NotPagedReason) -> String {
        match reason {
            NotPagedReason::NobodyOnCall(target) => {
                format!("Nobody paged for {}: nobody is on call there.", self.target(target))
            }
            NotPagedReason::NoMethod(person) => {
                format!("{} not paged: no verified contact method.", self.person(person))
            }
            NotPagedReason::NoRule { person, urgency } => format!(
                "{} not paged: their rules say nothing about {} urgency.",
                self.person(person),
                urgency.as_str()
            ),
            NotPagedReason::UnknownTarget(target) => format!(
                "Nobody paged for {}: the configuration does not know it any more.",
                self.target(target)
            ),
            NotPagedReason::AlreadyInStep(person) => {
                format!("{} not paged twice in one step.", self.person(person))
            }
            NotPagedReason::HasAnswered(person) => {
                format!("{} not paged: they have acknowledged.", self.person(person))
            }
            NotPagedReason::NotTheirTurn(target) => format!(
                "Nobody else paged for {}: it is another's turn in the round robin.",
                self.target(target)
            ),
        }
    }
}

fn is(actor: &Actor, person: &PersonId) -> bool {
    matches!(actor, Actor::Person(id) if id == person)
}

fn alert_words(count: u32) -> String {
    if count == 1 { "one alert".to_owned() } else { format!("{count} alerts") }
}

fn problem_words(problems: &[String]) -> String {
    if problems.is_empty() { String::new() } else { format!(", but: {}", problems.join("; ")) }
}

fn messages(count: u32) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

fn pass_words(pass: u32) -> String {
    if pass > 1 { format!(", pass {pass}") } else { String::new() }
}
