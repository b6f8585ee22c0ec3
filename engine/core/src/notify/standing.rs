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
        Self { zone: draft.view.directory.zone_of(person), language: language(draft.view, person) }
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
            held(by.map(|by| directory.name_of(by)), until, reader)
        }
        (IncidentStatus::Resolved, _) => {
            let closing = incident.closing.as_ref().unwrap_or(&Closing::Alerts);
            match reader.language {
                Language::English => resolved_english(closing, actor, directory),
                Language::Japanese => resolved_japanese(closing, actor, directory),
            }
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

fn held(by: Option<&str>, until: Option<Timestamp>, reader: &Reader) -> String {
    let until = until.map(|until| local(until, &reader.zone));
    match (reader.language, until) {
        (Language::English, None) => format!("acknowledged by {}", by.unwrap_or("somebody")),
        (Language::English, Some(until)) => {
            format!("snoozed by {} until {until}", by.unwrap_or("somebody"))
        }
        (Language::Japanese, None) => format!("{} さんが対応中", by.unwrap_or("誰か")),
        (Language::Japanese, Some(until)) => {
            format!("{} さんが {until} まで保留", by.unwrap_or("誰か"))
        }
    }
}

fn resolved_english(closing: &Closing, actor: &Actor, directory: &Directory) -> String {
    match (closing, actor) {
        (Closing::Person(person), _) => {
            format!("resolved by {}", directory.name_of(person.as_str()))
        }
        (Closing::Admin(admin), _) => format!("resolved by {admin}"),
        (Closing::Merged(into), _) => format!("resolved: merged into incident {into}"),
        (Closing::Inactivity, _) => "resolved: nothing was heard of it for long".to_owned(),
        (Closing::Alerts, Actor::Monitor(integration)) => format!("resolved by {integration}"),
        (Closing::Alerts, _) => "resolved: its last alert ended".to_owned(),
    }
}

fn resolved_japanese(closing: &Closing, actor: &Actor, directory: &Directory) -> String {
    match (closing, actor) {
        (Closing::Person(person), _) => {
            format!("{} さんが解決", directory.name_of(person.as_str()))
        }
        (Closing::Admin(admin), _) => format!("{admin} が解決"),
        (Closing::Merged(into), _) => format!("解決済み: インシデント {into} に統合"),
        (Closing::Inactivity, _) => "解決済み: 長い間、新しい情報がありません".to_owned(),
        (Closing::Alerts, Actor::Monitor(integration)) => format!("{integration} が解決"),
        (Closing::Alerts, _) => "解決済み: 最後のアラートが終わりました".to_owned(),
    }
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
