//! Which keys policies, steps, teams, rooms and hours have.

use super::read::{required, strings_at, text};
use super::{
    RawHours, RawName, RawPolicy, RawRoom, RawSecret, RawStep, RawSupportHours, RawTeam, RawWhen,
};
use crate::config::mistake::Report;
use crate::config::reader::Table;

/// People who may be asked for.
const ACKNOWLEDGEMENTS_MAX: i64 = 20;

fn count(table: &Table<'_>, key: &'static str, most: i64) -> Option<u32> {
    let number = table.optional(key).and_then(|value| value.integer(1..=most));
    number.and_then(|number| u32::try_from(number).ok())
}

impl RawPolicy {
    pub(super) fn read(table: Table<'_>) -> Self {
        let steps = table.optional("step").map(|value| value.tables("[[escalation_policy.step]]"));
        let repeat = table.optional("repeat").and_then(|value| value.integer(0..=100));
        let policy = Self {
            name: RawName::unnamed(&table, "\"shop\""),
            repeat: repeat.and_then(|repeat| u32::try_from(repeat).ok()).unwrap_or_default(),
            acknowledgements: count(&table, "acknowledgements", ACKNOWLEDGEMENTS_MAX),
            acknowledge_timeout: text(&table, "acknowledge_timeout"),
            resolve_after: text(&table, "resolve_after"),
            repage: table.optional("repage").and_then(|value| strings_at(&value)),
            steps: steps.unwrap_or_default().into_iter().map(RawStep::read).collect(),
        };
        table.finish();
        policy
    }
}

impl RawStep {
    fn read(table: Table<'_>) -> Self {
        let targets = table.required("targets", "[\"schedule:primary\"]");
        let when = table.optional("when");
        let step = Self {
            targets: targets.and_then(|value| strings_at(&value)),
            delay: required(&table, "delay", "\"5m\""),
            strategy: text(&table, "strategy"),
            acknowledgements: count(&table, "acknowledgements", ACKNOWLEDGEMENTS_MAX),
            when: when.and_then(|value| value.table("when = { … }")).map(RawWhen::read),
        };
        table.finish();
        step
    }
}

impl RawWhen {
    fn read(table: Table<'_>) -> Self {
        let timed = table.has("time_zone") || table.has("windows");
        let hours = if timed { Some(RawHours::read(&table)) } else { None };
        // Asked for also when they are not there, so that the list of known keys is whole.
        let _ = (table.optional("time_zone"), table.optional("windows"));
        let when = Self {
            urgency: text(&table, "urgency"),
            priority: table.optional("priority").and_then(|value| strings_at(&value)),
            support_hours: text(&table, "support_hours"),
            hours,
            alerts: count(&table, "alerts", 10_000),
        };
        table.finish();
        when
    }
}

impl RawHours {
    fn read(table: &Table<'_>) -> Self {
        let windows = table.required("windows", "[\"mon-fri 09:00-17:00\"]");
        Self {
            time_zone: required(table, "time_zone", "\"Europe/Berlin\""),
            windows: windows.and_then(|value| strings_at(&value)),
        }
    }
}

impl RawSupportHours {
    pub(super) fn read(table: Table<'_>) -> Self {
        let hours = Self {
            hours: RawHours::read(&table),
            inside: text(&table, "inside"),
            outside: text(&table, "outside"),
        };
        table.finish();
        hours
    }
}

impl RawTeam {
    pub(super) fn read(table: Table<'_>) -> Self {
        let members = table.required("members", "[\"alice\", \"bob\"]");
        let team = Self {
            name: RawName::read(&table, "\"crew\""),
            members: members.and_then(|value| strings_at(&value)),
        };
        table.finish();
        team
    }
}

impl RawRoom {
    pub(super) fn read(table: Table<'_>, report: &Report) -> Self {
        let address = table.required("address", "\"https://hooks.example.org/ops\"");
        let room = Self {
            name: RawName::read(&table, "\"ops\""),
            channel: required(&table, "channel", "\"webhook\""),
            address: address.and_then(|value| RawSecret::read(&value, report)),
        };
        table.finish();
        room
    }
}
