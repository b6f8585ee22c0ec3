//! The resolved configuration that decisions look at: people, services, policies, schedules.

use super::{
    EscalationPolicy, IntegrationId, Pacing, Person, PersonId, PolicyId, QuietLimits, RoomId,
    Schedule, ScheduleId, ServiceId, SupportHours, TeamId, Urgency,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whom a step or the fallback tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// This person.
    Person(PersonId),
    /// Whoever is on call.
    Schedule(ScheduleId),
    /// Whoever takes over from the one who is on call.
    Next(ScheduleId),
    /// Everybody in a team.
    Team(TeamId),
    /// A room. It is told, and counts as nobody.
    Room(RoomId),
}

/// People who are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Identity.
    pub id: TeamId,
    /// As shown.
    pub name: String,
    /// Not empty, each once.
    pub members: Vec<PersonId>,
}

/// An address that belongs to nobody: a chat room, a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Identity.
    pub id: RoomId,
    /// As shown.
    pub name: String,
    /// The channel plugin that reaches it.
    pub channel: String,
    /// In the channel's own terms.
    pub address: String,
}

/// What is owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Identity.
    pub id: ServiceId,
    /// As shown.
    pub name: String,
    /// Whom to tell.
    pub policy: PolicyId,
    /// How loud its incidents are when no router says so; `None`: by severity.
    pub urgency: Option<Urgency>,
    /// When it is looked after. Says how loud its incidents are when no router does, before `urgency`.
    pub support_hours: Option<Arc<SupportHours>>,
    /// Whose it is.
    pub team: Option<TeamId>,
    /// A trigger within so long of the end of an incident reopens it; zero: it opens a new one.
    pub reopen_within: SignedDuration,
    /// People who follow all its incidents, each once.
    pub subscribers: Vec<PersonId>,
}

/// A keyed way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// Identity.
    pub id: IntegrationId,
    /// Where its events go when no router says otherwise.
    pub service: ServiceId,
}

/// Everything decisions may look up. Only valid values: the shell checks the configuration as a whole first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory {
    /// People by id.
    pub people: BTreeMap<PersonId, Person>,
    /// Services by id; always has the built-in `nightbell`.
    pub services: BTreeMap<ServiceId, Service>,
    /// Integrations by id; always has the built-in `nightbell`.
    pub integrations: BTreeMap<IntegrationId, Integration>,
    /// Policies by id.
    pub policies: BTreeMap<PolicyId, Arc<EscalationPolicy>>,
    /// Schedules by id.
    pub schedules: BTreeMap<ScheduleId, Arc<Schedule>>,
    /// Who is paged when a policy finds nobody or is used up; not empty.
    pub fallback: Vec<Target>,
    /// Teams by id.
    pub teams: BTreeMap<TeamId, Team>,
    /// Rooms by id.
    pub rooms: BTreeMap<RoomId, Room>,
    /// How long silences and maintenance windows may last.
    pub quiet: QuietLimits,
    /// How close together messages to one person may come.
    pub pacing: Pacing,
}

impl Directory {
    /// The name of the built-in service, integration and policy for trouble of the engine itself.
    pub const BUILT_IN: &'static str = "nightbell";

    /// Adds the built-in service, integration and policy. The policy has no steps: the fallback is paged at once.
    pub fn with_built_in(mut self) -> Self {
        let name = Self::BUILT_IN;
        self.policies
            .entry(name.into())
            .or_insert_with(|| Arc::new(EscalationPolicy::new(name.into(), Vec::new(), 0)));
        self.services.entry(name.into()).or_insert_with(|| Service {
            id: name.into(),
            name: "Nightbell itself".to_owned(),
            policy: name.into(),
            urgency: Some(Urgency::High),
            support_hours: None,
            reopen_within: SignedDuration::ZERO,
            team: None,
            subscribers: Vec::new(),
        });
        self.integrations
            .entry(name.into())
            .or_insert_with(|| Integration { id: name.into(), service: name.into() });
        self
    }

    /// A person's name; the id of one whom the configuration does not know any more.
    pub fn name_of<'a>(&'a self, person: &'a str) -> &'a str {
        self.people.get(person).map_or(person, |known| &known.name)
    }

    /// Where a person lives; UTC for one whom the configuration does not know any more.
    pub fn zone_of(&self, person: &PersonId) -> TimeZone {
        self.people.get(person).map_or(TimeZone::UTC, |known| known.time_zone.clone())
    }
}
