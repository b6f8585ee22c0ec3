//! Which things are defined, and what a reference to one means.

use super::super::mistake::{At, Mark, Mistake, Report, quoted};
use super::super::raw::{Raw, RawName};
use super::super::reader::list;
use super::super::value::{as_id, is_id, nearest};
use nightbell_core::model::{Directory, Target};
use std::collections::BTreeMap;

/// Most names that a hint lists.
const LISTED_MAX: usize = 6;

/// A kind of named thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Person,
    Schedule,
    Policy,
    Service,
    Integration,
    Team,
    Room,
}

/// A target as written.
pub(super) enum Written {
    /// What the core knows.
    Target(Target),
    /// The targets of this policy's first step.
    Policy(String),
}

impl Written {
    /// What a target means, without reporting anything.
    pub(super) fn peek(written: &str) -> Option<Self> {
        let (kind, id) = written.split_once(':')?;
        Some(match kind {
            "person" => Self::Target(Target::Person(id.into())),
            "schedule" => Self::Target(Target::Schedule(id.into())),
            "next" => Self::Target(Target::Next(id.into())),
            "team" => Self::Target(Target::Team(id.into())),
            "room" => Self::Target(Target::Room(id.into())),
            "policy" => Self::Policy(id.to_owned()),
            _ => return None,
        })
    }
}

/// Before each kind of thing in a target. `next` is another word for a schedule.
const PREFIXES: [(Kind, &str); 5] = [
    (Kind::Person, "person"),
    (Kind::Schedule, "schedule"),
    (Kind::Team, "team"),
    (Kind::Room, "room"),
    (Kind::Policy, "policy"),
];
/// All that a target can be.
const TARGETS: &str = "targets are `person:<id>`, `schedule:<id>`, `next:<schedule>`, `team:<id>`, `room:<id>` and `policy:<id>`";

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Schedule => "schedule",
            Self::Policy => "escalation policy",
            Self::Service => "service",
            Self::Integration => "integration",
            Self::Team => "team",
            Self::Room => "room",
        }
    }

    fn header(self) -> &'static str {
        match self {
            Self::Person => "[[person]]",
            Self::Schedule => "[[schedule]]",
            Self::Policy => "[[escalation_policy]]",
            Self::Service => "[[service]]",
            Self::Integration => "[[integration]]",
            Self::Team => "[[team]]",
            Self::Room => "[[room]]",
        }
    }
}

/// Every id and where it is defined.
pub(super) struct Names {
    known: BTreeMap<(Kind, String), Mark>,
    /// Whether a missing name is a mistake.
    complete: bool,
}

impl Names {
    /// Collects all ids; bad, reserved and double ones are reported.
    pub(super) fn collect(raw: &Raw, report: &Report) -> Self {
        let mut names = Self { known: BTreeMap::new(), complete: report.knows_all_names() };
        let all = raw
            .people
            .iter()
            .map(|person| (Kind::Person, &person.name))
            .chain(raw.schedules.iter().map(|schedule| (Kind::Schedule, &schedule.name)))
            .chain(raw.policies.iter().map(|policy| (Kind::Policy, &policy.name)))
            .chain(raw.services.iter().map(|service| (Kind::Service, &service.name)))
            .chain(
                raw.integrations.iter().map(|integration| (Kind::Integration, &integration.name)),
            )
            .chain(raw.teams.iter().map(|team| (Kind::Team, &team.name)))
            .chain(raw.rooms.iter().map(|room| (Kind::Room, &room.name)));
        for (kind, name) in all {
            names.define(kind, name, report);
        }
        names
    }

    fn define(&mut self, kind: Kind, name: &RawName, report: &Report) {
        let Some(id) = &name.id else {
            // It has a name that we do not know.
            self.complete = false;
            return;
        };
        check_id(id, report);
        if kind == Kind::Person && id.value == "nobody" {
            report.add(Mistake::error(id.at, "`nobody` is no person").label("reserved").hint(
                "in a layer's `people`, \"nobody\" means a turn without anybody; choose another id",
            ));
        }
        if let Some(first) = self.known.get(&(kind, id.value.clone())) {
            report.add(
                Mistake::error(
                    id.at,
                    format!("there are two {} with the id {}", plural(kind), quoted(id)),
                )
                .label("again here")
                .also(*first, "first here")
                .hint("give one of them another id"),
            );
            return;
        }
        self.known.insert((kind, id.value.clone()), id.at);
    }

    pub(super) fn has(&self, kind: Kind, id: &str) -> bool {
        self.known.contains_key(&(kind, id.to_owned()))
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.known.keys().filter(move |(of, _)| *of == kind).map(|(_, id)| id.as_str())
    }

    /// Checks a reference; an unknown one is reported. A missing one is taken for known while a file is broken.
    pub(super) fn check(&self, kind: Kind, id: &str, at: Mark, report: &Report) {
        let built_in = id == Directory::BUILT_IN && matches!(kind, Kind::Policy | Kind::Service);
        if self.complete && !built_in && !self.has(kind, id) {
            report.add(
                Mistake::error(at, format!("there is no {} {}", kind.words(), quoted(id)))
                    .label("not defined in any file")
                    .hint(self.offer(kind, id)),
            );
        }
    }

    fn offer(&self, kind: Kind, id: &str) -> String {
        if let Some(near) = nearest(id, self.of(kind)) {
            return format!("did you mean `{near}`?");
        }
        let known: Vec<&str> = self.of(kind).take(LISTED_MAX + 1).collect();
        let add = format!("add a `{}` with this id", kind.header());
        match known.len() {
            0 => add,
            1..=LISTED_MAX => format!("{add}, or use {}", list_or(&known)),
            _ => format!("{add}, or use the id of another"),
        }
    }

    /// Reads `person:alice`, `schedule:primary` and so on; anything else is reported.
    pub(super) fn target(&self, written: &At<String>, report: &Report) -> Option<Written> {
        let refuse = |message: String, hint: String| {
            report.add(Mistake::error(written.at, message).hint(hint));
            None
        };
        let Some((prefix, id)) = written.split_once(':') else {
            return refuse(
                format!("expected a target such as `person:<id>`, got {}", quoted(written)),
                self.offer_target(written),
            );
        };
        let known = PREFIXES.iter().find(|(_, name)| *name == prefix).map(|(kind, _)| *kind);
        let kind = match prefix {
            "next" => Some(Kind::Schedule),
            _ => known,
        };
        let Some(kind) = kind else {
            let hint = match prefix {
                "escalation_policy" => format!("write `policy:{id}`"),
                _ => TARGETS.to_owned(),
            };
            return refuse(format!("there is no kind of target {}", quoted(prefix)), hint);
        };
        if kind == Kind::Policy && id == Directory::BUILT_IN {
            return refuse(
                format!("{} has no steps to stand for", quoted(written)),
                "it is the engine's own, whose people are the fallback".to_owned(),
            );
        }
        self.check_target(kind, id, written.at, report);
        Written::peek(written)
    }

    fn offer_target(&self, id: &str) -> String {
        match PREFIXES.iter().find(|(kind, _)| self.has(*kind, id)) {
            Some((_, prefix)) => format!("write `{prefix}:{id}`"),
            None => TARGETS.to_owned(),
        }
    }

    fn check_target(&self, kind: Kind, id: &str, at: Mark, report: &Report) {
        let other = PREFIXES.iter().find(|(other, _)| *other != kind && self.has(*other, id));
        match other {
            Some((other, prefix)) if self.complete && !self.has(kind, id) => report.add(
                Mistake::error(at, format!("there is no {} {}", kind.words(), quoted(id)))
                    .label(match other {
                        Kind::Policy | Kind::Integration => {
                            format!("`{id}` is an {}", other.words())
                        }
                        _ => format!("`{id}` is a {}", other.words()),
                    })
                    .hint(format!("write `{prefix}:{id}`")),
            ),
            Some(_) | None => self.check(kind, id, at, report),
        }
    }
}

/// Reports an id that is malformed or reserved.
pub(super) fn check_id(id: &At<String>, report: &Report) {
    if id.value == Directory::BUILT_IN {
        report.add(
            Mistake::error(id.at, "`nightbell` is reserved for the engine itself")
                .label("reserved")
                .hint("choose another id"),
        );
    } else if !is_id(id) {
        let offer = as_id(id);
        let hint = if offer.is_empty() || offer == Directory::BUILT_IN {
            "an id is at most 63 lower-case letters, digits, `-` and `_`, a letter or digit first"
                .to_owned()
        } else {
            format!("an id is at most 63 lower-case letters, digits, `-` and `_`: `{offer}`")
        };
        report.add(Mistake::error(id.at, format!("{} is no id", quoted(id))).hint(hint));
    }
}

fn plural(kind: Kind) -> String {
    match kind {
        Kind::Person => "people".to_owned(),
        Kind::Policy => "escalation policies".to_owned(),
        _ => format!("{}s", kind.words()),
    }
}

fn list_or(names: &[&str]) -> String {
    list(names).replace(" and ", " or ")
}
