//! What an answer through a channel may mean, and in whose name (DESIGN: who may answer; decision 0005).
//!
//! - When the answer names an account, it is the person whose verified contact method of this channel has that address, and
//!   nobody else. An account that nobody owns acts as nobody.
//! - Without one, at an address minted for a delivery: the person that delivery went to, since only the other side of it
//!   was ever told the address.
//! - Without one, at the channel's own door: the person the delivery went to, and only when its address is that person's
//!   verified method and no other person's. In a room anybody may have pressed.
//!
//! A receipt acts as nobody. Whatever is refused changes nothing, is logged, shows in the incident's timeline, and is
//! answered 403: the channel's own reply would say that it was done.

use super::several::{self, Wanted};
use crate::api::Problem;
use crate::limits::{SNOOZE_MAX, SNOOZE_MIN};
use crate::plugin::{Answer, AnswerAction};
use crate::server::Doors;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{
    Action, Actor, Change, Delivery, IncidentId, Input, LateReceipt, PersonId, ReceiptOutcome,
    RefusedAnswer, Reply, TimerKey, Via, View,
};
use nightbell_core::notify;
use std::sync::Arc;

/// Through which kind of address an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Through {
    /// One that was minted for the delivery.
    Delivery,
    /// The channel's own door.
    Channel,
}

/// What an answer does about one incident.
type About = Box<dyn Fn(IncidentId) -> Action + Send + Sync>;

/// Does what an answer about a delivery wants, when somebody may be held to have given it.
pub(super) async fn act(
    doors: &Doors,
    delivery: &Arc<Delivery>,
    through: Through,
    answer: Answer,
) -> Result<(), Problem> {
    let Answer { action, account, changes, .. } = answer;
    let (incident, wanted) = (delivery.incident, word(&action));
    let (kind, about): (Wanted, About) = match action {
        AnswerAction::Acknowledge => (Wanted::WhatRings, Box::new(Action::Acknowledge)),
        AnswerAction::Escalate => (Wanted::WhatRings, Box::new(Action::Escalate)),
        AnswerAction::Resolve => (Wanted::WhatIsOpen, Box::new(Action::Resolve)),
        AnswerAction::Snooze(seconds) => {
            let until = snoozed_until(doors.now(), seconds);
            let about = move |incident| Action::Snooze { incident, until };
            (Wanted::WhatRings, Box::new(about))
        }
        AnswerAction::Delivered => {
            return receipt(doors, delivery, ReceiptOutcome::Arrived, changes).await;
        }
        AnswerAction::Failed(reason) => {
            return receipt(doors, delivery, ReceiptOutcome::CameBack { reason }, changes).await;
        }
        AnswerAction::Nothing => return keep(doors, Some(incident), changes).await,
    };
    let whose = doors.door.view(|view| who(view, delivery, through, account.as_deref()));
    match whose {
        Ok(person) => {
            let incidents = several::incidents(doors, delivery, kind);
            let via = Via::Channel(delivery.channel.clone());
            let by = Actor::Person(person);
            for reply in several::act(doors, &by, &via, &incidents, about, changes).await? {
                log(&reply);
            }
            Ok(())
        }
        Err(reason) => {
            let channel = delivery.channel.clone();
            metrics::counter!("nightbell_answers_refused_total", "channel" => channel.clone())
                .increment(1);
            tracing::warn!(channel, incident = incident.0, delivery = %delivery.id, wanted, reason,
                "an answer was refused");
            let (wanted, told) = (wanted.to_owned(), reason.to_owned());
            let refused = RefusedAnswer { incident, channel, wanted, reason: told };
            submit(doors, Input::RefusedAnswer(refused), changes).await?;
            // The plugin's own reply says that it is done; it is not.
            Err(Problem::stranger(format!("the answer was refused: {reason}")))
        }
    }
}

/// Keeps what a plugin wrote while it read an answer that changes nothing else.
pub(super) async fn keep(
    doors: &Doors,
    incident: Option<IncidentId>,
    changes: Vec<Change>,
) -> Result<(), Problem> {
    if changes.is_empty() {
        return Ok(());
    }
    // Something must carry what the plugin wrote; a timer that is not due changes nothing (I9).
    let carrier = Input::Due(TimerKey::Escalate(incident.unwrap_or(IncidentId(0))));
    submit(doors, carrier, changes).await
}

/// An action in one word, for people.
pub(super) fn word(action: &AnswerAction) -> &'static str {
    match action {
        AnswerAction::Acknowledge => "acknowledge",
        AnswerAction::Resolve => "resolve",
        AnswerAction::Escalate => "escalate",
        AnswerAction::Snooze(_) => "snooze",
        AnswerAction::Delivered | AnswerAction::Failed(_) => "note a receipt",
        AnswerAction::Nothing => "do anything",
    }
}

/// Held within its bounds: whoever pressed has the incident, in any case.
fn snoozed_until(now: Timestamp, seconds: u32) -> Timestamp {
    let seconds = u64::from(seconds).clamp(SNOOZE_MIN.as_secs(), SNOOZE_MAX.as_secs());
    now.saturating_add(SignedDuration::from_secs(seconds.cast_signed())).unwrap_or(now)
}

async fn receipt(
    doors: &Doors,
    delivery: &Arc<Delivery>,
    outcome: ReceiptOutcome,
    changes: Vec<Change>,
) -> Result<(), Problem> {
    let delivery = delivery.clone();
    submit(doors, Input::Receipt(LateReceipt { delivery, outcome }), changes).await
}

/// In whose name an answer acts, or why in nobody's.
fn who(
    view: View<'_>,
    delivery: &Delivery,
    through: Through,
    account: Option<&str>,
) -> Result<PersonId, &'static str> {
    if let Some(account) = account {
        let owners = notify::owners(view, &delivery.channel, account);
        return match owners.as_slice() {
            [] => Err(
                "it was given by an account that is nobody's verified contact method on this channel",
            ),
            [one] => Ok(one.clone()),
            many if many.contains(&delivery.person) => Ok(delivery.person.clone()),
            _ => Err("it was given by an account that several people share"),
        };
    }
    if !view.directory.people.contains_key(&delivery.person) {
        return Err("the person it went to is not in the configuration any more");
    }
    let owners = notify::owners(view, &delivery.channel, &delivery.address);
    match through {
        Through::Delivery => Ok(delivery.person.clone()),
        Through::Channel if owners == [delivery.person.clone()] => Ok(delivery.person.clone()),
        Through::Channel => Err(
            "it names no account, and the message's address is not one person's own verified contact method",
        ),
    }
}

async fn submit(doors: &Doors, input: Input, changes: Vec<Change>) -> Result<(), Problem> {
    log(&doors.door.submit_with(input, changes).await?);
    Ok(())
}

fn log(reply: &Reply) {
    match reply {
        Reply::Done => {}
        // The other side pressed a button of an incident that is over: nothing is wrong with that.
        Reply::Refused(refusal) => tracing::info!(%refusal, "an answer changed nothing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::model::{
        ContactMethod, DeliveryStatus, Directory, PageReason, Person, Phase, Preferences, Profile,
        Purpose, State, Urgency,
    };

    fn person(id: &str) -> Person {
        Person {
            id: id.into(),
            name: id.to_owned(),
            email: None,
            time_zone: jiff::tz::TimeZone::UTC,
            language: "en".to_owned(),
        }
    }

    /// Each person with their chat addresses; one that begins with `?` is not verified.
    fn world(people: &[(&str, &[&str])]) -> (Directory, State) {
        let (mut directory, mut state) = (Directory::default(), State::default());
        for (id, addresses) in people {
            directory.people.insert((*id).into(), person(id));
            let methods = addresses.iter().map(|address| ContactMethod {
                id: (*address).into(),
                channel: "chat".to_owned(),
                address: address.trim_start_matches('?').to_owned(),
                verified: !address.starts_with('?'),
                created_at: Timestamp::UNIX_EPOCH,
            });
            let profile = Profile {
                person: (*id).into(),
                methods: methods.collect(),
                rules: Vec::new(),
                preferences: Preferences::default(),
            };
            state.apply(&[Change::Profile(Arc::new(profile))]);
        }
        (directory, state)
    }

    fn to(person: &str, address: &str) -> Delivery {
        Delivery {
            id: "d-1-x".into(),
            purpose: Purpose::Page,
            incident: IncidentId(1),
            person: person.into(),
            method: address.into(),
            channel: "chat".to_owned(),
            address: address.to_owned(),
            urgency: Urgency::High,
            reason: PageReason::Fallback,
            start: 1,
            phase: Phase::Fallback { round: 1 },
            created_at: Timestamp::UNIX_EPOCH,
            attempts: 1,
            first_attempt_at: None,
            last_error: None,
            tried: Vec::new(),
            bundle: None,
            status: DeliveryStatus::Pending { not_before: Timestamp::UNIX_EPOCH },
        }
    }

    /// To whom, where, through which door, by which account; who acts.
    type Case = (&'static str, &'static str, Through, Option<&'static str>, Option<&'static str>);

    #[test]
    fn an_answer_acts_as_its_giver_or_as_nobody() {
        use Through::{Channel, Delivery};
        let (directory, state) = world(&[
            ("alice", &["U1", "room"]),
            ("bob", &["U2", "room", "?U9"]),
            ("carol", &["U3", "den"]),
            ("dan", &["den"]),
        ]);
        let view = View { directory: &directory, state: &state };
        let cases: [Case; 15] = [
            // The account says who, at either door, whoever the delivery went to.
            ("alice", "U1", Channel, Some("U1"), Some("alice")),
            ("alice", "U1", Channel, Some("U2"), Some("bob")),
            ("alice", "room", Delivery, Some("U2"), Some("bob")),
            // One that is shared says nothing, unless the delivery went to one of them.
            ("alice", "room", Channel, Some("room"), Some("alice")),
            ("alice", "U1", Channel, Some("den"), None),
            // Nobody's, not verified, of another form: never somebody else.
            ("alice", "U1", Delivery, Some("U7"), None),
            ("alice", "U1", Channel, Some("U9"), None),
            ("alice", "U1", Delivery, Some("u1"), None),
            ("alice", "U1", Delivery, Some(""), None),
            // Without an account: the person of the delivery, at the channel's own door only for what is theirs alone.
            ("alice", "U1", Delivery, None, Some("alice")),
            ("alice", "room", Delivery, None, Some("alice")),
            ("alice", "U1", Channel, None, Some("alice")),
            ("alice", "room", Channel, None, None),
            ("alice", "gone", Channel, None, None),
            ("zoe", "U1", Delivery, None, None),
        ];
        for (person, address, through, account, expected) in cases {
            let acting = who(view, &to(person, address), through, account).ok();
            let acting = acting.as_ref().map(PersonId::as_str);
            assert_eq!(acting, expected, "to {person} at {address}, {through:?}, by {account:?}");
        }
    }
}
