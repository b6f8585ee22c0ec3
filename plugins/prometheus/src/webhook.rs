//! The webhooks of Alertmanager (version 4) and Grafana (version 1): a group of alerts, each with its own status.

use nightbell_plugin::{ParseError, Parsed, log};
use serde_json::{Map, Value};

use crate::alert::{Door, status, what};
use crate::{dialect, event};

/// The events of a webhook; the group it came in means nothing here, since Nightbell groups by itself.
///
/// # Errors
/// When there is no list of alerts or none of them can be read.
pub(crate) fn read(mut hook: Map<String, Value>) -> Result<Parsed, ParseError> {
    let alerts = match hook.remove("alerts") {
        Some(Value::Array(alerts)) => alerts,
        Some(other) => {
            return Err(refuse(format!("`alerts`: expected an array, got {}", what(&other))));
        }
        None => {
            return Err(refuse(
                "expected an array of alerts, or a webhook with `alerts` (Alertmanager's version 4, \
                 Grafana's version 1): got an object without `alerts`"
                    .to_owned(),
            ));
        }
    };
    let left_out = hook.get("truncatedAlerts").and_then(Value::as_u64).unwrap_or(0);
    if left_out > 0 {
        log::warn(format!("the sender left out {left_out} alerts: raise `max_alerts` there"));
    }
    // Each alert says itself whether it fires: a group's status is only for those that do not.
    let resolved = status(&hook).ok().flatten().unwrap_or(false);
    let (events, rejected) = event::of_all(alerts, &Door::Webhook { resolved });
    let mut parsed = dialect::answer(events, rejected)?;
    if parsed.rejected.is_empty() {
        parsed.reply = None;
    }
    Ok(parsed)
}

fn refuse(message: String) -> ParseError {
    dialect::refuse(ParseError::new(message))
}
