//! Telling those whom targets lead to, each once; who is not told has a reason (I6).

use super::target::{Place, places};
use crate::model::{
    Change, Draft, Incident, NotPagedReason, PageReason, PersonId, Phase, Ringing, RoundRobin,
    StepStrategy, Target, TimelineKind,
};
use crate::notify::{self, PageMode};

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing will go out.
    Nobody,
    /// Rooms only: nobody who is held to answer.
    Rooms,
    /// At least one person.
    People,
}

/// Whom to tell, how and why.
pub(super) struct Call<'c> {
    pub(super) targets: &'c [Target],
    pub(super) strategy: StepStrategy,
    pub(super) reason: &'c dyn Fn(&Target) -> PageReason,
    pub(super) mode: PageMode,
}

/// Pages everybody the targets lead to, each once, or the one whose turn it is; tells rooms besides.
pub(super) fn tell(draft: &mut Draft<'_>, incident: &mut Incident, call: &Call<'_>) -> Told {
    let (places, rooms) = places(draft, call.targets);
    let people = match call.strategy {
        StepStrategy::All => all(draft, incident, call, places),
        StepStrategy::RoundRobin => one(draft, incident, call, places),
    };
    let mut told = if people { Told::People } else { Told::Nobody };
    for (target, room) in rooms {
        match room {
            Ok(room) => {
                notify::post(draft, incident, room, &(call.reason)(&target));
                if told == Told::Nobody {
                    told = Told::Rooms;
                }
            }
            Err(why) => draft.log_engine(incident, TimelineKind::NotPaged(why)),
        }
    }
    told
}

fn all(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    call: &Call<'_>,
    places: Vec<Place>,
) -> bool {
    let mut seen = Vec::new();
    let mut told = false;
    for place in places {
        told |= page(draft, incident, call, place, &mut seen);
    }
    told
}

/// The round robin: from the place whose turn it is on, until somebody will be told.
fn one(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    call: &Call<'_>,
    mut places: Vec<Place>,
) -> bool {
    if places.is_empty() {
        return false;
    }
    let first = first_place(draft, incident) as usize % places.len();
    places.rotate_left(first);
    let mut seen = Vec::new();
    let mut told = false;
    for place in places {
        if told {
            // A member is named themselves, so that the line says who.
            let target = match (place.target, place.person) {
                (Target::Team(_), Ok(person)) => Target::Person(person),
                (target, _) => target,
            };
            let why = NotPagedReason::NotTheirTurn(target);
            draft.log_engine(incident, TimelineKind::NotPaged(why));
        } else {
            told = page(draft, incident, call, place, &mut seen);
        }
    }
    told
}

/// With which place this pass begins. The first time an incident comes to the step it takes the step's next one.
fn first_place(draft: &mut Draft<'_>, incident: &mut Incident) -> u32 {
    let Phase::Steps { pass, step } = incident.escalation.phase else { return 0 };
    let known = incident.escalation.places.iter().find(|(of, _)| *of == step);
    let begun = match known {
        Some((_, place)) => *place,
        None => {
            let policy = incident.policy.id.clone();
            let place = draft.view.state.ladder().next_place(&policy, step);
            incident.escalation.places.push((step, place));
            let next = place.wrapping_add(1);
            draft.change(Change::RoundRobin(RoundRobin { policy, step, next }));
            place
        }
    };
    begun.wrapping_add(pass - 1)
}

fn page(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    call: &Call<'_>,
    place: Place,
    seen: &mut Vec<PersonId>,
) -> bool {
    let person = match place.person {
        Ok(person) if seen.contains(&person) => Err(NotPagedReason::AlreadyInStep(person)),
        Ok(person) if incident.has_answered(&person) => Err(NotPagedReason::HasAnswered(person)),
        other => other,
    };
    let person = match person {
        Ok(person) => person,
        Err(why) => {
            draft.log_engine(incident, TimelineKind::NotPaged(why));
            return false;
        }
    };
    seen.push(person.clone());
    let reason = (call.reason)(&place.target);
    let told = notify::page(draft, incident, &person, &reason, call.mode);
    if told {
        incident.escalation.ringing.push(Ringing { person, reason });
    }
    told
}
