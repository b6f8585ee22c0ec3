//! What will be amiss on a schedule: gaps, shifts of people who are absent, people who are on call twice at once.

use super::input::Asked;
use super::page::List;
use super::problem::Problem;
use super::refusal::Refused;
use super::schedules::{Window, bounded, resolve};
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use nightbell_core::model::Amiss as Kind;
use nightbell_core::model::{Foreseen, PersonId, ScheduleId, View, Watch};
use nightbell_core::schedule::{self, Calendar, Snapshot, Uncovered};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// Something that will be amiss.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Amiss {
    /// `gap`: nobody is on call, and the fallback is paged. `uncovered`: who is on call is absent. `overlap`: who is on call
    /// is on call on another schedule at the same time.
    kind: &'static str,
    schedule: String,
    /// Who is on call.
    person: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// Why the person is absent; may be empty.
    absence: Option<String>,
    /// The other schedule.
    also_on: Option<String>,
    /// When the fallback people were told.
    #[schema(value_type = Option<String>, format = DateTime)]
    told_at: Option<Timestamp>,
}

impl Amiss {
    fn gap(schedule: &ScheduleId, (starts_at, ends_at): (Timestamp, Timestamp)) -> Self {
        Self {
            kind: "gap",
            schedule: schedule.to_string(),
            person: None,
            starts_at,
            ends_at,
            absence: None,
            also_on: None,
            told_at: None,
        }
    }

    fn uncovered(schedule: &ScheduleId, uncovered: &Uncovered) -> Self {
        let span = (uncovered.shift.starts_at, uncovered.shift.ends_at);
        Self {
            kind: "uncovered",
            person: Some(uncovered.shift.person.to_string()),
            absence: Some(uncovered.absence.summary.clone()),
            ..Self::gap(schedule, span)
        }
    }

    /// A person's shifts within 90 days that fall into absences.
    pub(super) fn uncovered_of(doors: &Doors, person: &PersonId, now: Timestamp) -> Vec<Self> {
        let to = now.saturating_add(Watch::AHEAD).unwrap_or(now);
        let mut found = Vec::new();
        for (id, snapshot) in snapshots(doors) {
            let own = snapshot.calendar().uncovered(now, to).into_iter();
            let own = own.filter(|one| one.shift.person == *person);
            found.extend(own.map(|one| Self::uncovered(&id, &one)));
        }
        found.sort_by_key(|one| one.starts_at);
        found
    }

    /// `foreseen`: of the schedule whose id comes first, where there are two.
    fn note_told(mut self, foreseen: &[Foreseen]) -> Self {
        let is_of = |person: &PersonId| self.person.as_deref() == Some(person.as_str());
        let known = foreseen.iter().find(|known| {
            let same = match &known.amiss {
                Kind::Gap => self.kind == "gap",
                Kind::Uncovered(person) => self.kind == "uncovered" && is_of(person),
                Kind::Twice(person, other) => {
                    let later = self.also_on.as_ref().map(|also| also.max(&self.schedule));
                    later.is_some_and(|later| later == other.as_str()) && is_of(person)
                }
            };
            let covers = known.ends_at.is_none_or(|end| self.ends_at <= end);
            same && known.starts_at <= self.starts_at && covers
        });
        self.told_at = known.map(|known| known.told_at);
        self
    }
}

/// All schedules, for whoever must not hold the state while it computes.
fn snapshots(doors: &Doors) -> Vec<(ScheduleId, Snapshot)> {
    doors.door.view(|view| {
        let ids = view.directory.schedules.keys();
        ids.filter_map(|id| Some((id.clone(), schedule::snapshot(view, id)?))).collect()
    })
}

fn told_of(view: View<'_>, id: &ScheduleId) -> Vec<Foreseen> {
    view.state.watches().of(id).map(|watch| watch.foreseen.clone()).unwrap_or_default()
}

/// Lists what will be amiss on a schedule over `[from, to)`, earliest first: gaps, uncovered shifts, overlaps. 90 days from now
/// when nothing is said.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/outlook", tag = "schedules",
    params(("id" = String, Path), Window),
    responses((status = 200, body = List<Amiss>), Refused))]
pub(super) async fn outlook(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Asked(window): Asked<Window>,
) -> Result<Json<List<Amiss>>, Problem> {
    let now = doors.now();
    let (from, to) = window.read_or(now, (now, now.saturating_add(Watch::AHEAD).unwrap_or(now)))?;
    let own = resolve(&doors, &id)?;
    let id = ScheduleId::new(&id);
    let told = |id: &ScheduleId| doors.door.view(|view| told_of(view, id));
    let others = snapshots(&doors);
    let found = tokio::task::spawn_blocking(move || amiss(&id, &own, &others, (from, to)));
    let found =
        found.await.map_err(|_| Problem::internal("a bug of the engine; its log says where"))?;
    bounded(found.len())?;
    let mut foreseen: BTreeMap<ScheduleId, Vec<Foreseen>> = BTreeMap::new();
    let items = found.into_iter().map(|one| {
        let first = one.also_on.as_ref().map_or(&one.schedule, |also| also.min(&one.schedule));
        let first = ScheduleId::new(first);
        let foreseen = foreseen.entry(first).or_insert_with_key(told);
        one.note_told(foreseen)
    });
    Ok(Json(List { items: items.collect(), next: None }))
}

fn amiss(
    id: &ScheduleId,
    own: &Snapshot,
    others: &[(ScheduleId, Snapshot)],
    (from, to): (Timestamp, Timestamp),
) -> Vec<Amiss> {
    let calendar = own.calendar();
    let gaps = calendar.gaps(from, to).into_iter();
    let mut found: Vec<Amiss> = gaps.map(|gap| Amiss::gap(id, gap)).collect();
    found.extend(calendar.uncovered(from, to).iter().map(|one| Amiss::uncovered(id, one)));
    let calendars: Vec<Calendar<'_>> = others.iter().map(|(_, one)| one.calendar()).collect();
    for overlap in schedule::overlaps(&calendars, from, to) {
        if !overlap.schedules.contains(id) {
            continue;
        }
        let twice = Amiss::gap(id, (overlap.starts_at, overlap.ends_at));
        for other in overlap.schedules.iter().filter(|other| *other != id) {
            found.push(Amiss {
                kind: "overlap",
                person: Some(overlap.person.to_string()),
                also_on: Some(other.to_string()),
                ..twice.clone()
            });
        }
    }
    found.sort_by(|a, b| (a.starts_at, a.kind, &a.also_on).cmp(&(b.starts_at, b.kind, &b.also_on)));
    found
}
