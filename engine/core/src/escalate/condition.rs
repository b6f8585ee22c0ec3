//! Whether a step's conditions hold, and which does not.

use crate::hours;
use crate::model::{
    Alert, AlertId, AlertStatus, Change, Conditions, Draft, Incident, Priority, Side,
};

/// The first condition that does not hold, in words; `None` when all do.
pub(super) fn unmet(
    draft: &Draft<'_>,
    incident: &Incident,
    conditions: &Conditions,
) -> Option<String> {
    let Conditions { urgency, priorities, support_hours, hours, alerts } = conditions;
    if let Some(wanted) = urgency.filter(|wanted| *wanted != incident.urgency) {
        let is = incident.urgency.as_str();
        return Some(format!("the urgency is {is}, not {}", wanted.as_str()));
    }
    if !priorities.is_empty() && !incident.priority.is_some_and(|one| priorities.contains(&one)) {
        let is = incident.priority.map_or("none", Priority::as_str);
        let wanted: Vec<_> = priorities.iter().map(|one| one.as_str()).collect();
        return Some(format!("the priority is {is}, not {}", wanted.join(" or ")));
    }
    let of_service = incident.support_hours.as_deref();
    let inside = of_service.is_none_or(|support| hours::is_within(&support.hours, draft.now));
    match (support_hours, inside) {
        (Some(Side::Inside), false) => return Some("it is outside of support hours".to_owned()),
        (Some(Side::Outside), true) => return Some("it is within support hours".to_owned()),
        (Some(_) | None, _) => {}
    }
    if let Some(hours) = hours.as_ref().filter(|hours| !hours::is_within(hours, draft.now)) {
        let local = draft.now.to_zoned(hours.time_zone.clone());
        return Some(format!(
            "it is {}, outside of the step's hours",
            local.strftime("%A %H:%M %Z")
        ));
    }
    let firing = u32::try_from(firing(draft, incident)).unwrap_or(u32::MAX);
    let wanted = alerts.filter(|least| firing < *least)?;
    Some(format!("{firing} of its alerts fire, fewer than {wanted}"))
}

/// How many of the incident's alerts fire, those that this decision begins or ends considered.
fn firing(draft: &Draft<'_>, incident: &Incident) -> usize {
    let changed = |id: &AlertId| {
        draft.transition.changes.iter().rev().find_map(|change| match change {
            Change::Alert(alert) if alert.id == *id => Some(alert),
            _ => None,
        })
    };
    let fires =
        |alert: &Alert| alert.status == AlertStatus::Firing && alert.incident == Some(incident.id);
    let ids = incident.alerts.iter();
    ids.filter_map(|id| changed(id).or(draft.view.state.alert(id))).filter(|one| fires(one)).count()
}
