//! What people make of incidents besides answering them, and how it is shown.

use super::act;
use crate::cli::failure::Failure;
use crate::cli::json;
use crate::cli::look::{Look, safe};
use crate::cli::session::Session;
use serde_json::{Value, json};

/// An alert as it is typed: `nagios/disk`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Named {
    integration: String,
    dedup_key: String,
}

/// Reads an alert. No integration's id has a slash; a dedup key may have many.
pub(in crate::cli) fn alert(text: &str) -> Result<Named, String> {
    let (integration, dedup_key) = text
        .split_once('/')
        .filter(|(integration, dedup_key)| !integration.is_empty() && !dedup_key.is_empty())
        .ok_or_else(|| {
            format!("expected integration and dedup key, as in `nagios/disk`, got `{text}`")
        })?;
    Ok(Named { integration: integration.to_owned(), dedup_key: dedup_key.to_owned() })
}

/// How important; `None`: nobody says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Priority(Option<String>);

/// Reads `P1` to `P5` in either case, or `none`.
pub(in crate::cli) fn priority(text: &str) -> Result<Priority, String> {
    let upper = text.to_ascii_uppercase();
    match upper.as_str() {
        "P1" | "P2" | "P3" | "P4" | "P5" => Ok(Priority(Some(upper))),
        "NONE" => Ok(Priority(None)),
        _ => Err(format!("expected `P1` to `P5` or `none`, got `{text}`")),
    }
}

pub(super) async fn merge(
    session: &Session<'_>,
    incidents: &[u64],
    into: u64,
) -> Result<(), Failure> {
    let numbers: Vec<String> = incidents.iter().map(ToString::to_string).collect();
    let what = match numbers.as_slice() {
        [one] => format!("Incident {one} goes"),
        _ => format!("Incidents {} go", numbers.join(", ")),
    };
    let said = format!("{what} on in incident {into}.");
    act(session, into, "merge", &json!({ "incidents": incidents }), &said).await
}

pub(super) async fn split(
    session: &Session<'_>,
    incident: u64,
    alerts: &[Named],
) -> Result<(), Failure> {
    let named =
        |alert: &Named| json!({ "integration": alert.integration, "dedup_key": alert.dedup_key });
    let body = json!({ "alerts": alerts.iter().map(named).collect::<Vec<_>>() });
    let path = ["incidents", &incident.to_string(), "split"];
    let answer = session.client.post(&path, &body).await?;
    let new = json::text(&answer.json, "number");
    session.changed(&answer, &format!("Incident {new} is split off incident {incident}."))
}

pub(super) async fn set_priority(
    session: &Session<'_>,
    incident: u64,
    Priority(priority): &Priority,
) -> Result<(), Failure> {
    let said = match priority {
        Some(priority) => format!("Incident {incident} has priority {priority}."),
        None => format!("Incident {incident} has no priority."),
    };
    act(session, incident, "priority", &json!({ "priority": priority }), &said).await
}

pub(super) async fn subscribe(
    session: &Session<'_>,
    incident: u64,
    person: Option<String>,
) -> Result<(), Failure> {
    let body = match &person {
        Some(person) => json!({ "person": person }),
        None => json!({}),
    };
    let said = match &person {
        Some(person) => format!("{person} follows incident {incident}."),
        None => format!("You follow incident {incident}."),
    };
    act(session, incident, "subscribers", &body, &said).await
}

pub(super) async fn unsubscribe(
    session: &Session<'_>,
    incident: u64,
    person: &str,
) -> Result<(), Failure> {
    let path = ["incidents", &incident.to_string(), "subscribers", person];
    let answer = session.client.delete(&path).await?;
    session.changed(&answer, &format!("{person} follows incident {incident} no longer."))
}

/// How often and when it was reopened; empty when it never was.
pub(super) fn reopened(incident: &Value, look: &Look) -> String {
    let times = match incident["reopened"].as_u64() {
        None | Some(0) => return String::new(),
        Some(1) => "once".to_owned(),
        Some(times) => format!("{times} times"),
    };
    match json::time(incident, "reopened_at") {
        Some(at) => format!("{times}, last {}", look.when(at)),
        None => times,
    }
}

/// One number or several, each with its `#`.
pub(super) fn numbers(incident: &Value, key: &str) -> String {
    let all = match &incident[key] {
        Value::Array(all) => all.iter().map(json::plain).collect(),
        one => vec![json::plain(one)],
    };
    let all: Vec<String> =
        all.into_iter().filter(|one| !one.is_empty()).map(|one| format!("#{one}")).collect();
    all.join(", ")
}

/// Through which door an entry came, behind it; nothing for what a monitor or Nightbell itself did, which goes without saying.
pub(super) fn door(entry: &Value) -> String {
    match json::text(entry, "via").as_str() {
        "" | "monitor" => String::new(),
        "channel" => format!("  [{}]", safe(&json::text(entry, "channel"))),
        via => format!("  [{}]", safe(via)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_named_as_it_is_shown() {
        let named = alert("nagios/web1/disk").expect("an alert");
        assert_eq!((named.integration.as_str(), named.dedup_key.as_str()), ("nagios", "web1/disk"));
        for text in ["", "nagios", "/disk", "nagios/"] {
            assert!(alert(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_priority_is_one_of_five_or_none() {
        assert_eq!(priority("p1"), Ok(Priority(Some("P1".to_owned()))));
        assert_eq!(priority("None"), Ok(Priority(None)));
        assert!(priority("P6").is_err());
    }
}
