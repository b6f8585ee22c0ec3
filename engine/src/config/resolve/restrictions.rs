//! When a layer covers anything, and when it is handed on.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::{RawLayer, RawRestriction};
use super::super::value::wall_time;
use super::super::week::{clock, week_point, weekdays};
use super::Context;
use jiff::ToSpan;
use jiff::civil::{DateTime, Time, Weekday};
use nightbell_core::model::{Advance, Restriction, Restrictions, Weekdays};

/// Restrictions of one layer.
const RESTRICTIONS_MAX: usize = 32;

/// All restrictions of a layer.
pub(super) fn restrictions(layer: &RawLayer, name: &str, context: &Context<'_>) -> Restrictions {
    let Some(written) = &layer.restrict else { return Restrictions::default() };
    if written.is_empty() {
        context.add(
            Mistake::error(written.at, format!("layer {} is restricted to no time", quoted(name)))
                .hint("write when it covers, as `[{ days = [\"mon-fri\"], from = \"09:00\", to = \"17:00\" }]`, or remove `restrict`"),
        );
    }
    if written.len() > RESTRICTIONS_MAX {
        let got = written.len();
        context.add(
            Mistake::error(
                written.at,
                format!("expected at most {RESTRICTIONS_MAX} restrictions, got {got}"),
            )
            .hint("a restriction can name several days, as `days = [\"mon-fri\", \"sun\"]`"),
        );
    }
    Restrictions::new(written.iter().filter_map(|one| restriction(one, context)).collect())
}

/// One end of a restriction.
enum Edge {
    Clock(Time),
    Week((Weekday, Time)),
}

fn restriction(written: &RawRestriction, context: &Context<'_>) -> Option<Restriction> {
    let days = written.days.as_ref().map(|days| named_days(days, context));
    let from = written.from.as_ref().and_then(|from| edge(from, context));
    let to = written.to.as_ref().and_then(|to| edge(to, context));
    match (from?, to?, days) {
        (Edge::Clock(from), Edge::Clock(to), days) => {
            Some(Restriction::Days { days: days.unwrap_or(Weekdays::ALL), from, to })
        }
        (Edge::Week(from), Edge::Week(to), None) => Some(Restriction::Week { from, to }),
        (Edge::Week(_), Edge::Week(_), Some(_)) => {
            let at = written.days.as_ref().map_or(written.at, |days| days.at);
            context.add(
                Mistake::error(at, "`from` and `to` name their days already")
                    .hint("remove `days`, or write `from` and `to` as \"09:00\""),
            );
            None
        }
        (Edge::Clock(_), Edge::Week(_), _) | (Edge::Week(_), Edge::Clock(_), _) => {
            context.add(
                Mistake::error(
                    written.at,
                    "one of `from` and `to` names a day, the other does not",
                )
                .hint("write both as \"09:00\", or both as \"mon 09:00\""),
            );
            None
        }
    }
}

fn named_days(written: &At<Vec<At<String>>>, context: &Context<'_>) -> Weekdays {
    if written.is_empty() {
        context.add(
            Mistake::error(written.at, "`days` is empty")
                .hint("name at least one day, or leave `days` out for all of them"),
        );
    }
    let mut all = Weekdays::default();
    for day in &written.value {
        match weekdays(day) {
            Some(days) => all = all.iter().chain(days.iter()).collect(),
            None => context.add(
                Mistake::error(day.at, format!("expected a day of the week, got {}", quoted(day)))
                    .hint("write it as \"mon\", or a span as \"mon-fri\""),
            ),
        }
    }
    all
}

fn edge(written: &At<String>, context: &Context<'_>) -> Option<Edge> {
    let edge = clock(written).map(Edge::Clock).or_else(|| week_point(written).map(Edge::Week));
    if edge.is_none() {
        context.add(
            Mistake::error(
                written.at,
                format!("expected a time of the day, got {}", quoted(written)),
            )
            .hint("write it as \"09:00\", or with a day as \"mon 09:00\""),
        );
    }
    edge
}

/// When the second turn begins; `None`: a whole turn after the first.
pub(super) fn handoff(
    layer: &RawLayer,
    start: Option<DateTime>,
    context: &Context<'_>,
) -> Option<DateTime> {
    let written = layer.handoff.as_ref()?;
    let (day, time) = if let Some(time) = clock(written) {
        (None, time)
    } else if let Some((day, time)) = week_point(written) {
        (Some(day), time)
    } else if let Ok(handoff) = wall_time(written) {
        if start.is_some_and(|start| handoff <= start) {
            context.add(
                Mistake::error(written.at, "the first hand-off is not after the start")
                    .hint("choose a `handoff` after `start`, or remove `handoff`"),
            );
        }
        return Some(handoff);
    } else {
        context.add(
            Mistake::error(written.at, format!("expected a hand-off, got {}", quoted(written)))
                .hint("write it as \"mon 09:00\", \"09:00\" or \"2026-01-12T09:00\""),
        );
        return None;
    };
    let start = start?;
    let fits = |at: &DateTime| start <= *at && day.is_none_or(|day| at.weekday() == day);
    let days = (0..=7).filter_map(|n: i64| start.date().checked_add(n.days()).ok());
    let first = days.map(|date| date.to_datetime(time)).find(fits);
    // A start at the hand-off is a whole first turn.
    first.filter(|first| *first != start)
}

/// What passes the duty on.
pub(super) fn advance(layer: &RawLayer, context: &Context<'_>) -> Advance {
    match layer.advance.as_ref().map(|written| (written, written.as_str())) {
        None | Some((_, "every turn")) => Advance::EveryTurn,
        Some((_, "covered turns")) => Advance::CoveredTurns,
        Some((written, _)) => {
            context.add(
                Mistake::error(
                    written.at,
                    format!("expected what passes the duty on, got {}", quoted(written)),
                )
                .hint("write \"every turn\", or \"covered turns\" so that nobody loses a turn to hours that `restrict` leaves out"),
            );
            Advance::EveryTurn
        }
    }
}
