//! How an incident stands, in the words and on the wall clock of whoever is told: `snoozed by Alice until …`.

use super::language;
use crate::model::{
    Actor, Closing, Directory, Draft, Incident, IncidentStatus, Language, PersonId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How somebody reads.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Their wall clock's.
    pub zone: TimeZone,
    /// What is written to them.
    pub language: Language,
}

impl Reader {
    /// Of a person; of one the configuration does not know, and of a room: UTC and English.
    pub fn of(draft: &Draft<'_>, person: &PersonId) -> Self {
        let known = draft.view.directory.people.get(person);
        let zone = known.map_or(TimeZone::UTC, |known| known.time_zone.clone());
        Self { zone, language: language(draft.view, person) }
    }
}

/// How the incident stands. `actor` is who made it so where the incident itself does not say.
pub fn standing(
    incident: &Incident,
    actor: &Actor,
    directory: &Directory,
    reader: &Reader,
) -> String {
    let by = incident.acknowledged_by.as_deref();
    match (incident.status, incident.snoozed_until) {
        (IncidentStatus::Triggered, _) => match reader.language {
            Language::English => "triggered".to_owned(),
            Language::Japanese => "未対応".to_owned(),
        },
        (IncidentStatus::Acknowledged, until) => {
            held(by.map(|by| name(by, directory)), until, reader)
        }
        (IncidentStatus::Resolved, _) => {
            resolved(incident.closing.as_ref(), actor, directory, reader)
        }
    }
}

/// That it wants somebody again. `reason` is one of those in `again_because`, or in English.
pub fn rings_again(reason: &str, reader: &Reader) -> String {
    match reader.language {
        Language::English => format!("rings again: {reason}"),
        Language::Japanese => format!("再び呼び出し中: {}", again_because(reason)),
    }
}

/// In Japanese, why it rings again; what is not among the reasons the engine gives stays as it is.
fn again_because(reason: &str) -> &str {
    match reason {
        "reopened" => "アラートが再び発生しました",
        "the snooze is over" => "保留の時間が終わりました",
        "handed over" => "ほかの人に引き継がれました",
        "escalated by hand" => "手動でエスカレーションされました",
        "a merged incident raised the urgency to high"
        | "a new alert raised the urgency to high" => "緊急度が「高」になりました",
        other if other.starts_with("acknowledged ") => "確認された後、解決されていません",
        other => other,
    }
}

fn held(by: Option<String>, until: Option<Timestamp>, reader: &Reader) -> String {
    match (reader.language, until) {
        (Language::English, None) => {
            format!("acknowledged by {}", by.as_deref().unwrap_or("somebody"))
        }
        (Language::English, Some(until)) => {
            let by = by.as_deref().unwrap_or("somebody");
            format!("snoozed by {by} until {}", local(until, &reader.zone))
        }
        (Language::Japanese, None) => {
            format!("{} さんが対応中", by.as_deref().unwrap_or("誰か"))
        }
        (Language::Japanese, Some(until)) => {
            let by = by.as_deref().unwrap_or("誰か");
            format!("{by} さんが {} まで保留", local(until, &reader.zone))
        }
    }
}

fn resolved(
    closing: Option<&Closing>,
    actor: &Actor,
    directory: &Directory,
    reader: &Reader,
) -> String {
    let english = reader.language == Language::English;
    match closing {
        Some(Closing::Person(person)) => {
            let by = name(person.as_str(), directory);
            if english { format!("resolved by {by}") } else { format!("{by} さんが解決") }
        }
        Some(Closing::Admin(admin)) => {
            if english {
                format!("resolved by {admin}")
            } else {
                format!("{admin} が解決")
            }
        }
        Some(Closing::Merged(into)) if english => format!("resolved: merged into incident {into}"),
        Some(Closing::Merged(into)) => format!("解決済み: インシデント {into} に統合"),
        Some(Closing::Inactivity) if english => {
            "resolved: nothing was heard of it for long".to_owned()
        }
        Some(Closing::Inactivity) => "解決済み: 長い間、新しい情報がありません".to_owned(),
        Some(Closing::Alerts) | None => match (actor, english) {
            (Actor::Monitor(integration), true) => format!("resolved by {integration}"),
            (Actor::Monitor(integration), false) => format!("{integration} が解決"),
            (Actor::Person(_) | Actor::Admin(_) | Actor::Engine, true) => {
                "resolved: its last alert ended".to_owned()
            }
            (Actor::Person(_) | Actor::Admin(_) | Actor::Engine, false) => {
                "解決済み: 最後のアラートが終わりました".to_owned()
            }
        },
    }
}

/// A person's name where it is one; else as it was written down.
fn name(id: &str, directory: &Directory) -> String {
    directory.people.get(id).map_or_else(|| id.to_owned(), |person| person.name.clone())
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
