//! Whom a target means now: nobody, one person, several, or a room.

use super::is_known;
use crate::model::{Actor, Draft, NotPagedReason, PersonId, Room, ScheduleId, Target, View};
use crate::schedule;
use jiff::{SignedDuration, Timestamp};

/// A target that is a room, and the room, or why there is none.
type FoundRoom<'a> = (Target, Result<&'a Room, NotPagedReason>);

/// How far ahead the next one on call is looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 92);

/// One place in a step: a person, or why there is none.
pub(super) struct Place {
    /// What led to it.
    pub(super) target: Target,
    pub(super) person: Result<PersonId, NotPagedReason>,
}

/// The places that targets stand for, in order, and the rooms. A team stands for each of its members.
pub(super) fn places<'a>(
    draft: &Draft<'a>,
    targets: &[Target],
) -> (Vec<Place>, Vec<FoundRoom<'a>>) {
    let directory = draft.view.directory;
    let (mut places, mut rooms) = (Vec::new(), Vec::new());
    for target in targets {
        let unknown = || NotPagedReason::UnknownTarget(target.clone());
        let mut place = |person: Result<PersonId, NotPagedReason>| {
            let person = person.and_then(|person| match is_known(draft, &person) {
                true => Ok(person),
                false => Err(NotPagedReason::UnknownTarget(Target::Person(person))),
            });
            places.push(Place { target: target.clone(), person });
        };
        match target {
            Target::Person(person) => place(Ok(person.clone())),
            Target::Schedule(id) => place(on_call(draft, id, target)),
            Target::Next(id) => place(next_on_call(draft, id, target)),
            Target::Team(id) => match directory.teams.get(id) {
                Some(team) => team.members.iter().cloned().for_each(|member| place(Ok(member))),
                None => place(Err(unknown())),
            },
            Target::Room(id) => {
                rooms.push((target.clone(), directory.rooms.get(id).ok_or_else(unknown)));
            }
        }
    }
    (places, rooms)
}

/// The people whom targets mean at `at`, each with what led to them; one more than once when several targets mean them.
/// Whoever is not on call, unknown or a room is left out.
pub fn people_of(view: View<'_>, targets: &[Target], at: Timestamp) -> Vec<(Target, PersonId)> {
    let draft = Draft::new(view, at, Actor::Engine);
    let (places, _) = places(&draft, targets);
    places.into_iter().filter_map(|place| Some((place.target, place.person.ok()?))).collect()
}

fn on_call(
    draft: &Draft<'_>,
    id: &ScheduleId,
    target: &Target,
) -> Result<PersonId, NotPagedReason> {
    let calendar = schedule::calendar(draft.view, id);
    let calendar = calendar.ok_or_else(|| NotPagedReason::UnknownTarget(target.clone()))?;
    let shift = calendar.on_call(draft.now);
    shift.map(|shift| shift.person).ok_or_else(|| NotPagedReason::NobodyOnCall(target.clone()))
}

/// The next person to take over who is another than the one on call.
fn next_on_call(
    draft: &Draft<'_>,
    id: &ScheduleId,
    target: &Target,
) -> Result<PersonId, NotPagedReason> {
    let calendar = schedule::calendar(draft.view, id);
    let calendar = calendar.ok_or_else(|| NotPagedReason::UnknownTarget(target.clone()))?;
    let now = calendar.on_call(draft.now);
    let mut at = now.as_ref().map_or(draft.now, |shift| shift.ends_at);
    let until = draft.now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    while at < until
        && let Some(next) = calendar.next_after(at)
    {
        if now.as_ref().is_none_or(|shift| shift.person != next.person) {
            return Ok(next.person);
        }
        at = next.ends_at;
    }
    Err(NotPagedReason::NobodyOnCall(target.clone()))
}
