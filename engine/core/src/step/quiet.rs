//! Pausing and resuming: while every firing alert of an incident is kept quiet by intention, nobody is rung.

use crate::model::{Alert, AlertId, Draft, Incident, IncidentId, IncidentStatus, Suppression};
use crate::{escalate, filter, incident};

/// What is remembered of what keeps one incident quiet.
pub(super) const HOLDERS_MAX: usize = 8;

/// Looks at one incident again after silences or maintenance windows changed, and keeps it when anything changes.
pub(super) fn refresh(draft: &mut Draft<'_>, id: IncidentId) {
    refresh_open(draft, id, None);
}

/// As [`refresh`], after a trigger made `renewed` of one of its firing alerts.
pub(super) fn refresh_with(draft: &mut Draft<'_>, id: IncidentId, renewed: &Alert) {
    refresh_open(draft, id, Some(renewed));
}

fn refresh_open(draft: &mut Draft<'_>, id: IncidentId, renewed: Option<&Alert>) {
    let Some(open) = draft.view.state.incident(id) else { return };
    let mut incident = (**open).clone();
    if settle(draft, &mut incident, None, renewed) {
        draft.put_incident(incident);
    }
}

/// As [`refresh`], for an incident in the making whose alert `except` just ended. Keeps it always.
pub(super) fn refresh_without(
    draft: &mut Draft<'_>,
    mut incident: Incident,
    except: Option<&AlertId>,
) {
    settle(draft, &mut incident, except, None);
    draft.put_incident(incident);
}

/// Pauses, goes on pausing or resumes. Answers whether anything changed.
fn settle(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    except: Option<&AlertId>,
    renewed: Option<&Alert>,
) -> bool {
    if incident.status != IncidentStatus::Triggered {
        return false;
    }
    let paused = incident.escalation.paused_with.is_some();
    match (holders(draft, incident, except, renewed), paused) {
        (Some(holders), false) => escalate::pause(draft, incident, holders),
        (Some(holders), true) => return escalate::stay_paused(draft, incident, holders),
        (None, true) => escalate::resume(draft, incident),
        (None, false) => return false,
    }
    true
}

/// What keeps all its firing alerts quiet, each once. `None`: one may be heard, or none fires. The view does not yet show
/// that `except` ended and what `renewed` is by now.
pub(super) fn holders(
    draft: &Draft<'_>,
    incident: &Incident,
    except: Option<&AlertId>,
    renewed: Option<&Alert>,
) -> Option<Vec<Suppression>> {
    let known = incident::firing(draft, incident, except.or(renewed.map(|alert| &alert.id)));
    holders_of(draft, known.into_iter().map(|alert| &**alert).chain(renewed))
}

/// As [`holders`], of these alerts.
pub(super) fn holders_of<'a>(
    draft: &Draft<'_>,
    alerts: impl Iterator<Item = &'a Alert>,
) -> Option<Vec<Suppression>> {
    let mut holders: Vec<Suppression> = Vec::new();
    for alert in alerts {
        let holder = filter::quiet(draft.view.state, alert, draft.now)?;
        if holders.iter().any(|known| known.by == holder.by) {
            continue;
        }
        let earliest = |holders: &[Suppression]| holders.iter().filter_map(|h| h.until).min();
        match holders.len() < HOLDERS_MAX {
            true => holders.push(holder),
            // The end of the pause is the first end, so that one is kept.
            false if holder.until < earliest(&holders) => holders[HOLDERS_MAX - 1] = holder,
            false => {}
        }
    }
    (!holders.is_empty()).then_some(holders)
}
