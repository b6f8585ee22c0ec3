//! Through which of a person's methods a page goes, and when: their rules, their quiet hours, and what is known of the methods.
//!
//! A value comes out; `super::page` makes deliveries of it, [`crate::reach`] asks it about times to come.

use super::quiet_hours::{self, Held, Loudness};
use super::{PageMode, profile};
use crate::model::{
    ContactMethod, MethodId, NotPagedReason, NotificationRule, PersonId, Profile, View,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Rules' places from here on are methods that no rule names.
const NO_RULE: usize = 1_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How loud the incident is.
    pub page: Loudness,
    /// How strictly the person's rules are kept.
    pub mode: PageMode,
    /// When the person's turn came.
    pub at: Timestamp,
}

/// One page of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Through what.
    pub method: ContactMethod,
    /// The rule's place in the person's list; from 1000 on methods that no rule names.
    pub rule: usize,
    /// The rule's delay.
    pub delay: SignedDuration,
    /// When it goes out: after the delay, or at the end of what holds it.
    pub due: Timestamp,
    /// What holds it beyond its delay.
    pub held: Option<Held>,
}

/// Plans the pages of a person, those due first first; not empty.
///
/// Methods that are marked undeliverable are left out unless they are all there is. Quiet hours hold what they do not let
/// through; of the fallback they hold only what is of low urgency, and only as long as they end at all (I11).
///
/// # Errors
/// Why there is nothing to plan.
pub fn plan(view: View<'_>, person: &PersonId, ask: Ask) -> Result<Vec<Planned>, NotPagedReason> {
    let profile = profile(view, person);
    let zone = view.directory.zone_of(person);
    let mut planned = methods(view, &profile, ask)?;
    for page in &mut planned {
        page.held = hold(&profile, &zone, ask, page.due);
        if let Some(held) = &page.held {
            page.due = held.until;
        }
    }
    planned.sort_by_key(|page| (page.due, page.delay, page.rule));
    Ok(planned)
}

fn methods(view: View<'_>, profile: &Profile, ask: Ask) -> Result<Vec<Planned>, NotPagedReason> {
    let verified: Vec<&ContactMethod> = profile.methods.iter().filter(|m| m.verified).collect();
    if verified.is_empty() {
        return Err(NotPagedReason::NoMethod(profile.person.clone()));
    }
    let works = |method: &ContactMethod| {
        view.state.people().undeliverable(&profile.person, method).is_none()
    };
    let working: Vec<&ContactMethod> = verified.iter().copied().filter(|m| works(m)).collect();
    let mut planned = by_rules(profile, &working, ask);
    if planned.is_empty() && ask.mode == PageMode::AtAnyRate {
        planned = all(&working, ask);
    }
    // What is marked may work again, and when it fails the person's next method follows (I7).
    if planned.is_empty() {
        planned = by_rules(profile, &verified, ask);
    }
    if planned.is_empty() && ask.mode == PageMode::AtAnyRate {
        planned = all(&verified, ask);
    }
    match planned.is_empty() {
        false => Ok(planned),
        true => {
            let (person, urgency) = (profile.person.clone(), ask.page.urgency);
            Err(NotPagedReason::NoRule { person, urgency })
        }
    }
}

fn by_rules(profile: &Profile, usable: &[&ContactMethod], ask: Ask) -> Vec<Planned> {
    let method = |id: &MethodId| usable.iter().find(|method| method.id == *id);
    let rules = profile.rules.iter().enumerate();
    let own = rules.filter(|(_, rule)| rule.urgency == ask.page.urgency);
    own.filter_map(|(place, rule): (usize, &NotificationRule)| {
        Some(planned((*method(&rule.method)?).clone(), place, rule.delay, ask.at))
    })
    .collect()
}

fn all(usable: &[&ContactMethod], ask: Ask) -> Vec<Planned> {
    let methods = usable.iter().enumerate();
    methods.map(|(i, m)| planned((*m).clone(), NO_RULE + i, SignedDuration::ZERO, ask.at)).collect()
}

fn planned(method: ContactMethod, rule: usize, delay: SignedDuration, at: Timestamp) -> Planned {
    let due = at.saturating_add(delay).unwrap_or(Timestamp::MAX);
    Planned { method, rule, delay, due, held: None }
}

fn hold(profile: &Profile, zone: &TimeZone, ask: Ask, due: Timestamp) -> Option<Held> {
    let hours = &profile.preferences.quiet_hours;
    let held = quiet_hours::held(hours, zone, ask.page, due)?;
    let is_endless = || held.until.duration_since(due) >= quiet_hours::HOLD_MAX;
    match ask.mode {
        PageMode::ByRules => Some(held),
        PageMode::AtAnyRate if ask.page.urgency == crate::model::Urgency::High => None,
        PageMode::AtAnyRate => (!is_endless()).then_some(held),
    }
}
