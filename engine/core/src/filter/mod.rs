//! What keeps an alert quiet: a filter's verdict or a silence.

use crate::model::{Alert, Silence, State, Suppression, Verdict};
use jiff::Timestamp;
use std::sync::Arc;

/// The silence that mutes an alert at `now`: of several, the one that ends last.
pub fn silence_of<'a>(state: &'a State, alert: &Alert, now: Timestamp) -> Option<&'a Arc<Silence>> {
    let silences = state.silences().filter(|silence| mutes(silence, alert, now));
    silences.max_by_key(|silence| silence.ends_at)
}

/// Whether a silence mutes an alert at `now`.
pub fn mutes(silence: &Silence, alert: &Alert, now: Timestamp) -> bool {
    let passes = |matcher: &crate::model::Matcher| matcher.matches(alert.field(&matcher.name));
    silence.is_active(now) && silence.matchers.iter().all(passes)
}

/// What keeps an alert quiet at `now`, the filters' verdict first. `None`: it may ring.
pub fn suppression(
    state: &State,
    alert: &Alert,
    verdict: &Verdict,
    now: Timestamp,
) -> Option<Suppression> {
    match verdict {
        Verdict::Suppress { until: Some(until), .. } if *until <= now => {}
        Verdict::Suppress { reason, by, until } => {
            let by = format!("filter {by}");
            return Some(Suppression { reason: reason.clone(), by, until: *until });
        }
        Verdict::Pass | Verdict::Drop { .. } => {}
    }
    silence_of(state, alert, now).map(|silence| by_silence(silence))
}

/// A silence as the reason of a suppression.
pub fn by_silence(silence: &Silence) -> Suppression {
    Suppression {
        reason: silence.comment.clone(),
        by: format!("silence {}", silence.id),
        until: Some(silence.ends_at),
    }
}
