//! What a plugin in shadow said about one event, and whether the event would have come out otherwise had it counted. Pure.

use super::batch::{describe_decision, merge};
use super::from_guest::Ruling;
use super::patch;
use nightbell_core::model::{Event, RouteDecision, Verdict};

/// A shadow's word, with what is needed to judge it when everybody has spoken.
#[derive(Debug)]
pub(super) enum Aside {
    /// A filter: would drop.
    Drop,
    /// A filter: would suppress.
    Suppress,
    /// A filter: would change the event, and not into what it is.
    Change,
    /// A router: its opinion, and what was decided before its turn.
    Route { wanted: Box<RouteDecision>, before: Box<RouteDecision> },
}

impl Aside {
    /// Of a filter's word; `None` when it changes nothing whatever the others say.
    pub(super) fn of_filter(ruling: &Ruling, event: &Event) -> Option<Self> {
        match ruling {
            Ruling::Keep => None,
            Ruling::Drop { .. } => Some(Self::Drop),
            Ruling::Suppress { .. } => Some(Self::Suppress),
            Ruling::Modify(change) => {
                let mut changed = event.clone();
                patch::apply(&mut changed, change);
                (changed != *event).then_some(Self::Change)
            }
        }
    }

    /// What was decided without it, in words, when the event would have come out otherwise with it.
    pub(super) fn against(&self, verdict: &Verdict, decision: &RouteDecision) -> Option<String> {
        let differs = match (self, verdict) {
            (Self::Route { wanted, before }, _) => {
                let mut with = RouteDecision::clone(before);
                merge(&mut with, RouteDecision::clone(wanted));
                merge(&mut with, decision.clone());
                if with == *decision {
                    return None;
                }
                return Some(describe_decision(&Ok(Some(decision.clone()))).into_owned());
            }
            (Self::Drop | Self::Change, Verdict::Drop { .. }) => false,
            (Self::Drop | Self::Change, Verdict::Pass | Verdict::Suppress { .. }) => true,
            (Self::Suppress, Verdict::Pass) => true,
            (Self::Suppress, Verdict::Suppress { .. } | Verdict::Drop { .. }) => false,
        };
        differs.then(|| describe_verdict(verdict))
    }
}

fn describe_verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Pass => "pass".to_owned(),
        Verdict::Suppress { reason, by, .. } => format!("suppressed by {by}: {reason}"),
        Verdict::Drop { reason, by } => format!("dropped by {by}: {reason}"),
    }
}
