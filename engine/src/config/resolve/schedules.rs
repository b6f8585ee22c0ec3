//! Schedules, layers and turns.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::{Raw, RawLayer, RawSchedule};
use super::super::value::{WallTimeError, turn, wall_time};
use super::Context;
use super::people::{check_person, time_zone};
use super::restrictions::{advance, handoff, restrictions};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use nightbell_core::model::{Layer, OnAbsence, PersonId, Schedule, ScheduleId, Turn, TurnUnit};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The word for a turn without anybody.
const NOBODY: &str = "nobody";

/// All schedules.
pub(super) fn schedules(raw: &Raw, context: &Context<'_>) -> BTreeMap<ScheduleId, Arc<Schedule>> {
    let mut schedules = BTreeMap::new();
    for schedule in &raw.schedules {
        let id = schedule.name.id.as_ref().map_or("", |id| id.value.as_str());
        if schedule.layers.is_empty() {
            context.add(
                Mistake::warning(
                    schedule.name.at,
                    format!("schedule {} has no layers", quoted(id)),
                )
                .label("nobody is on call, except by overrides")
                .hint("add a `[[schedule.layer]]` with `start`, `turn` and `people`"),
            );
        }
        let zone = schedule.time_zone.as_ref();
        let zone = zone.map_or(TimeZone::UTC, |zone| time_zone(zone, context));
        let resolved = Schedule {
            name: schedule.name.name.as_ref().map_or(id, |name| name.value.as_str()).to_owned(),
            effective_from: schedule.effective_from.as_ref().and_then(|at| local_time(at, context)),
            on_absence: on_absence(schedule, context),
            ..Schedule::new(id.into(), zone, layers(schedule, context))
        };
        schedules.insert(resolved.id.clone(), Arc::new(resolved));
    }
    schedules
}

fn on_absence(schedule: &RawSchedule, context: &Context<'_>) -> OnAbsence {
    match schedule.on_absence.as_ref().map(|written| (written, written.as_str())) {
        None | Some((_, "show")) => OnAbsence::Show,
        Some((_, "next")) => OnAbsence::Next,
        Some((written, _)) => {
            context.add(
                Mistake::error(
                    written.at,
                    format!("expected what becomes of an absent person's turns, got {}", quoted(written)),
                )
                .hint("write \"show\" to see them as uncovered, or \"next\" to pass them on to whoever is there"),
            );
            OnAbsence::Show
        }
    }
}

fn layers(schedule: &RawSchedule, context: &Context<'_>) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut names: Vec<At<String>> = Vec::new();
    for (at, layer) in schedule.layers.iter().enumerate() {
        let name = layer
            .name
            .as_ref()
            .map_or_else(|| format!("layer {}", at + 1), |name| name.value.clone());
        let name_at = layer.name.as_ref().map_or(layer.at, |name| name.at);
        if let Some(first) = names.iter().find(|known| known.value == name) {
            context.add(
                Mistake::error(
                    name_at,
                    format!("there are two layers with the name {}", quoted(&name)),
                )
                .label("again here")
                .also(first.at, "first here")
                .hint("give one of them another name"),
            );
        }
        layers.push(resolve_layer(layer, name.clone(), context));
        names.push(At { value: name, at: name_at });
    }
    layers
}

fn resolve_layer(layer: &RawLayer, name: String, context: &Context<'_>) -> Layer {
    let start = layer.start.as_ref().and_then(|start| local_time(start, context));
    let end = layer.end.as_ref().and_then(|end| local_time(end, context));
    if let (Some(start), Some(end), Some(written)) = (start, end, &layer.end)
        && end <= start
    {
        context.add(
            Mistake::error(written.at, format!("layer {} ends before it starts", quoted(&name)))
                .hint("choose an `end` after `start`, or remove `end`"),
        );
    }
    let turn = layer.turn.as_ref().map_or(ANY_TURN, |turn| resolve_turn(turn, context));
    let people = rotation(layer, &name, context);
    Layer {
        end,
        time_zone: layer.time_zone.as_ref().map(|zone| time_zone(zone, context)),
        handoff: handoff(layer, start, context),
        advance: advance(layer, context),
        restrictions: restrictions(layer, &name, context),
        ..Layer::new(&name, start.unwrap_or(DateTime::MIN), turn, people)
    }
}

/// Stands in for a turn that cannot be read; such a plan is never handed on.
const ANY_TURN: Turn = Turn { count: 1, unit: TurnUnit::Weeks };

fn resolve_turn(written: &At<String>, context: &Context<'_>) -> Turn {
    turn(written).unwrap_or_else(|| {
        context.add(
            Mistake::error(
                written.at,
                format!("expected a turn of whole hours, days, weeks or months, got {}", quoted(written)),
            )
            .hint("write it as \"1 month\", \"1 week\", \"1 day\" or \"12 hours\", at most about a year"),
        );
        ANY_TURN
    })
}

fn rotation(layer: &RawLayer, name: &str, context: &Context<'_>) -> Vec<Option<PersonId>> {
    let Some(people) = &layer.people else { return Vec::new() };
    if people.is_empty() {
        context.add(
            Mistake::error(people.at, format!("the rotation of layer {} is empty", quoted(name)))
                .hint("name at least one person, or write [\"nobody\"] for hours without anybody"),
        );
    }
    let mut rotation = Vec::new();
    for person in &people.value {
        if person.value == NOBODY {
            rotation.push(None);
        } else {
            check_person(person, context);
            rotation.push(Some(person.as_str().into()));
        }
    }
    rotation
}

/// A time on the schedule's wall clock; what is none is reported.
fn local_time(written: &At<String>, context: &Context<'_>) -> Option<DateTime> {
    let hint = match wall_time(written) {
        Ok(time) => return Some(time),
        Err(WallTimeError::HourTwentyFour) => "there is no 24:00; write 00:00 of the next day",
        Err(WallTimeError::Offset) => {
            "it is local to the schedule's `time_zone`; leave `Z` or the offset out"
        }
        Err(WallTimeError::Shape) => "write it as \"2026-01-05T09:00\"",
    };
    context.add(
        Mistake::error(
            written.at,
            format!("expected a local date and time, got {}", quoted(written)),
        )
        .hint(hint),
    );
    None
}
