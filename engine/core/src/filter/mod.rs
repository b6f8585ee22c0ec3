//! What keeps an alert quiet: a filter's verdict, a silence or a maintenance window. [`quiet`] alone says whether somebody's
//! intention does; events, timers and refreshes ask it.

mod preview;
mod time;

pub use preview::{Muted, muted, would_have_muted};
pub use time::{occurrence, occurrences, turn_after};

use crate::model::{Alert, Quiet, QuietTime, State, SuppressedBy, Suppression, Verdict};
use jiff::Timestamp;

/// What keeps an alert quiet by intention at `now`, and until when: of several silences and maintenance windows, the one
/// whose stretch ends last. When it ends, this is asked again, so that one hands over to the next.
pub fn quiet(state: &State, alert: &Alert, now: Timestamp) -> Option<Suppression> {
    let silences = state.quiet().silences_near(alert).filter_map(|silence| {
        let until = holds(&silence.time, now, || silence.is_about(alert))?;
        Some((until, Quiet::Silence(silence.clone())))
    });
    let windows = state.quiet().windows_of(alert).filter_map(|window| {
        let until = holds(&window.time, now, || true)?;
        Some((until, Quiet::MaintenanceWindow(window.clone())))
    });
    let last = silences.chain(windows).max_by_key(|(until, _)| *until);
    last.map(|(until, quiet)| Suppression {
        reason: quiet.comment().to_owned(),
        by: SuppressedBy::Quiet(quiet.id()),
        author: Some(quiet.author().to_owned()),
        until: Some(until),
    })
}

/// Until when a time holds. Cheap questions first: most silences that are kept have ended or are about others.
fn holds(time: &QuietTime, now: Timestamp, is_about: impl Fn() -> bool) -> Option<Timestamp> {
    let within = time.starts_at <= now && now < time.ends_at;
    (within && is_about()).then(|| occurrence(time, now))?.map(|(_, to)| to)
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
            let (reason, by) = (reason.clone(), SuppressedBy::Filter(by.clone()));
            return Some(Suppression { reason, by, author: None, until: *until });
        }
        Verdict::Pass | Verdict::Drop { .. } => {}
    }
    quiet(state, alert, now)
}
