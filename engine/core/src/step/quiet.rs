//! Pausing and resuming: while every firing alert of an incident is silenced, nobody is rung.

use crate::model::{Alert, AlertId, Draft, Incident, IncidentId, IncidentStatus};
use crate::{escalate, filter, incident};

/// Looks at one incident again after silences changed, and keeps it when anything changes.
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

/// Pauses or resumes. Answers whether anything changed.
fn settle(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    except: Option<&AlertId>,
    renewed: Option<&Alert>,
) -> bool {
    if incident.status != IncidentStatus::Triggered {
        return false;
    }
    let quiet = all_silenced(draft, incident, except, renewed);
    match (quiet, incident.escalation.paused_with) {
        (true, None) => escalate::pause(draft, incident),
        (false, Some(_)) => escalate::resume(draft, incident),
        (true, Some(_)) | (false, None) => return false,
    }
    true
}

/// Whether alerts fire and silences hold them all. The view does not yet show that `except` ended and what
/// `renewed` is by now.
pub(super) fn all_silenced(
    draft: &Draft<'_>,
    incident: &Incident,
    except: Option<&AlertId>,
    renewed: Option<&Alert>,
) -> bool {
    let state = draft.view.state;
    let known = incident::firing(draft, incident, except.or(renewed.map(|alert| &alert.id)));
    let mut firing = known.into_iter().map(|alert| &**alert).chain(renewed).peekable();
    firing.peek().is_some()
        && firing.all(|alert| filter::silence_of(state, alert, draft.now).is_some())
}
