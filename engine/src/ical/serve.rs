//! `GET /ical/{secret}.ics`: a calendar feed. The secret alone opens it; what it opens is that feed and nothing else.

use super::write::{Entry, Feed, write};
use crate::api::Problem;
use crate::server::Doors;
use crate::token::{self, hex, sha256};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use nightbell_core::model::{FeedOf, PersonId, ScheduleId, Shift, TokenKind, View};
use nightbell_core::schedule::{self, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far back a feed shows.
const BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How far ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 180);
/// Most shifts of one feed; the earliest are shown.
const ENTRIES_MAX: usize = 5_000;

/// The route of all feeds.
pub fn routes() -> Router<Arc<Doors>> {
    Router::new().route("/ical/{file}", get(serve))
}

/// The same answer whatever is wrong with a secret.
fn nothing() -> Problem {
    Problem::not_found("no such calendar feed; it may have been revoked")
}

async fn serve(
    State(doors): State<Arc<Doors>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let secret = file.strip_suffix(".ics").ok_or_else(nothing)?;
    let now = doors.now();
    let source = doors.door.view(|view| Source::open(view, secret, now)).ok_or_else(nothing)?;
    // Many schedules take their time, and nobody else shall wait for it.
    let text = tokio::task::spawn_blocking(move || write(&source.feed(now)));
    let text =
        text.await.map_err(|_| Problem::internal("a bug of the engine; its log says where"))?;
    let tag = format!("\"{}\"", &hex(&sha256(text.as_bytes()))[..32]);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let same = known.is_some_and(|known| {
        known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
    });
    let shared = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if same {
        return Ok((StatusCode::NOT_MODIFIED, shared).into_response());
    }
    let kind = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"on-call.ics\""),
    ];
    Ok((shared, kind, text).into_response())
}

/// What a feed is made of, taken from the state so that it need not be held.
struct Source {
    name: String,
    calendars: Vec<(ScheduleId, Snapshot)>,
    /// Only this person's shifts.
    person: Option<PersonId>,
    names: BTreeMap<PersonId, String>,
}

impl Source {
    /// `None`: the secret opens nothing, or nothing that is still there.
    fn open(view: View<'_>, secret: &str, now: Timestamp) -> Option<Self> {
        let token = token::verify(secret, view.state, now).ok()?;
        let TokenKind::Feed(feed) = &token.kind else { return None };
        let schedules = &view.directory.schedules;
        let (name, ids, person) = match &feed.of {
            FeedOf::Schedule(id) => {
                (format!("On call: {}", schedules.get(id)?.name), vec![id.clone()], None)
            }
            FeedOf::Person(id) => {
                let person = view.directory.people.get(id)?;
                let all = schedules.keys().cloned().collect();
                (format!("On call: {}", person.name), all, Some(id.clone()))
            }
        };
        let calendars = ids.into_iter();
        let calendars =
            calendars.filter_map(|id| Some((id.clone(), schedule::snapshot(view, &id)?)));
        let people = view.directory.people.values();
        let names = people.map(|person| (person.id.clone(), person.name.clone())).collect();
        Some(Self { name, calendars: calendars.collect(), person, names })
    }

    fn feed(&self, now: Timestamp) -> Feed {
        // The day, not the moment: what did not change is the same text all day, and the same tag.
        let today = now.to_zoned(TimeZone::UTC).start_of_day().map_or(now, |day| day.timestamp());
        let from = today.saturating_sub(BACK).unwrap_or(today);
        let to = today.saturating_add(AHEAD).unwrap_or(today);
        let mut entries = Vec::new();
        for (id, snapshot) in &self.calendars {
            let calendar = snapshot.calendar();
            let mut shifts = calendar.shifts(from, to);
            // Uncut, so that a shift is the same one every day.
            if let (Some(first), Some(whole)) = (shifts.first_mut(), calendar.on_call(from))
                && first.starts_at == from
            {
                first.starts_at = first.starts_at.min(whole.starts_at);
            }
            let wanted =
                |shift: &Shift| self.person.as_ref().is_none_or(|one| shift.person == *one);
            entries.extend(
                shifts.iter().filter(|shift| wanted(shift)).map(|shift| self.entry(id, shift)),
            );
        }
        entries.sort_by(|a, b| (a.starts_at, &a.uid).cmp(&(b.starts_at, &b.uid)));
        entries.truncate(ENTRIES_MAX);
        Feed { name: self.name.clone(), stamp: today, entries }
    }

    fn entry(&self, id: &ScheduleId, shift: &Shift) -> Entry {
        let name = |person: &PersonId| {
            self.names.get(person).cloned().unwrap_or_else(|| person.to_string())
        };
        let summary = match self.person {
            Some(_) => format!("On call: {id}"),
            None => format!("{} on call: {id}", name(&shift.person)),
        };
        let instead = shift
            .instead_of
            .as_ref()
            .map(|other| format!("\nInstead of {}, who is absent.", name(other)));
        let description =
            format!("Schedule {id}, {}.{}", shift.layer(), instead.unwrap_or_default());
        let identity = format!("{id}\0{}\0{}", shift.person, shift.starts_at);
        let uid = format!("{}@nightbell", &hex(&sha256(identity.as_bytes()))[..32]);
        let (starts_at, ends_at) = (shift.starts_at, shift.ends_at);
        Entry { uid, starts_at, ends_at, summary, description }
    }
}
