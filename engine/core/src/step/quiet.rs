//! Pausing and resuming: while every firing alert of an incident is silenced, nobody is rung.

use crate::model::{AlertId, Draft, Incident, IncidentId, IncidentStatus};
use crate::{escalate, filter, incident};

/// Looks at one incident again after silences or its alerts changed, and keeps it when anything changes.
pub(super) fn refresh(draft: &mut Draft<'_>, id: IncidentId) {
    let Some(open) = draft.view.state.incident(id) else { return };
    let mut incident = (**open).clone();
    if settle(draft, &mut incident, None) {
        draft.put_incident(incident);
    }
}

/// As [`refresh`], for an incident in the making whose alert `except` just ended. Keeps it always.
pub(super) fn refresh_without(
    draft: &mut Draft<'_>,
    mut incident: Incident,
    except: Option<&AlertId>,
) {
    settle(draft, &mut incident, except);
    draft.put_incident(incident);
}

/// Pauses or resumes. Answers whether anything changed.
fn settle(draft: &mut Draft<'_>, incident: &mut Incident, except: Option<&AlertId>) -> bool {
    if incident.status != IncidentStatus::Triggered {
        return false;
    }
    let firing = incident::firing(draft, incident, except);
    let state = draft.view.state;
    let quiet = !firing.is_empty()
        && firing.iter().all(|alert| filter::silence_of(state, alert, draft.now).is_some());
    match (quiet, incident.escalation.paused_with) {
        (true, None) => escalate::pause(draft, incident),
        (false, Some(_)) => escalate::resume(draft, incident),
        (true, Some(_)) | (false, None) => return false,
    }
    true
}
