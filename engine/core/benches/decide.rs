//! What one decision costs while a hundred thousand incidents are open. `cargo bench -p nightbell-core --bench decide`.
#![allow(missing_docs, reason = "a benchmark")]
#![allow(clippy::print_stdout, reason = "it prints the lines that docs/performance.md quotes")]

use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use nightbell_core::{State, View, decide};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const OPEN: u64 = 100_000;
const SILENCES: u64 = 1_000;
/// Decisions timed together.
const ROUND: u64 = 2_000;
const ROUNDS: u64 = 15;

fn directory() -> Directory {
    let person = |id: &str| Person {
        id: id.into(),
        name: id.to_owned(),
        email: Some(format!("{id}@example.org")),
        time_zone: jiff::tz::TimeZone::UTC,
        language: "en".to_owned(),
    };
    let step = |id: &str| Step::new(vec![Target::Person(id.into())], SignedDuration::from_mins(5));
    let steps = vec![step("alice"), step("bob")];
    let policy = EscalationPolicy::new("shop".into(), steps, 1);
    let service = Service {
        id: "shop".into(),
        name: "Shop".to_owned(),
        policy: "shop".into(),
        urgency: None,
        support_hours: None,
        reopen_within: SignedDuration::ZERO,
        team: None,
        subscribers: Vec::new(),
    };
    Directory {
        people: ["alice", "bob"].map(|id| (PersonId::new(id), person(id))).into(),
        services: BTreeMap::from([(service.id.clone(), service)]),
        integrations: BTreeMap::from([(
            IntegrationId::new("prometheus"),
            Integration { id: "prometheus".into(), service: "shop".into() },
        )]),
        policies: BTreeMap::from([(policy.id.clone(), Arc::new(policy))]),
        fallback: vec![Target::Person("bob".into())],
        ..Directory::default()
    }
    .with_built_in()
}

fn event(n: u64, kind: EventKind, now: Timestamp) -> Input {
    let labels = ["alertname", "instance", "job", "severity", "team"];
    let event = Event {
        id: EventId(n + 1),
        integration: "prometheus".into(),
        received_at: now,
        kind,
        dedup_key: format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).as_str().into(),
        title: format!("instance {n} is down"),
        severity: Severity::Critical,
        starts_at: None,
        expires_at: Some(now + SignedDuration::from_hours(4)),
        source: format!("host-{n}"),
        links: Vec::new(),
        images: Vec::new(),
        labels: labels.map(|name| (name.to_owned(), format!("{name} {}", n % 50))).into(),
        details: String::new(),
        attributes: Vec::new(),
    };
    Input::Event(Box::new(JudgedEvent {
        event: Arc::new(event),
        verdict: Verdict::Pass,
        decision: RouteDecision::default(),
        stages: Vec::new(),
    }))
}

fn main() {
    let directory = directory();
    let now: Timestamp = "2026-06-15T08:00:00Z".parse().expect("time");
    let mut state = State::default();
    for n in 0..OPEN {
        let view = View { directory: &directory, state: &state };
        let transition = decide(view, &event(n, EventKind::Trigger, now), now);
        state.apply(&transition.changes);
    }
    assert_eq!(state.incidents().count() as u64, OPEN);
    let later = now + SignedDuration::from_secs(1);
    measure(&directory, &state, later, "");
    silence(&mut state, now);
    measure(&directory, &state, later, &format!(", {SILENCES} silences and windows kept"));
    cover_all(&directory, &state, later);
}

/// Most are about one label's value, some are regular expressions, some are windows of other services.
fn silence(state: &mut State, now: Timestamp) {
    let time =
        || QuietTime { starts_at: now, ends_at: now + SignedDuration::from_hours(2), weekly: None };
    let text = || "x".to_owned();
    for n in 0..SILENCES {
        let matcher = match n % 20 {
            0 => {
                let window = MaintenanceWindow {
                    id: format!("m{n}").as_str().into(),
                    services: vec![format!("other-{n}").as_str().into()],
                    integrations: Vec::new(),
                    time: time(),
                    created_by: text(),
                    comment: text(),
                    created_at: now,
                    history: Vec::new(),
                };
                state.apply(&[Change::MaintenanceWindow(Arc::new(window))]);
                continue;
            }
            1 => format!("title=~other {n}.*"),
            _ => format!("instance=other {n}"),
        };
        let silence = Silence {
            id: format!("s{n}").as_str().into(),
            matchers: vec![Matcher::parse(&matcher).expect("a matcher")],
            time: time(),
            created_by: text(),
            comment: text(),
            created_at: now,
            history: Vec::new(),
        };
        state.apply(&[Change::Silence(Arc::new(silence))]);
    }
}

/// A silence that is about everything: what the decision itself costs, and how much it writes.
fn cover_all(directory: &Directory, state: &State, now: Timestamp) {
    let silence = Silence {
        id: "all".into(),
        matchers: vec![Matcher::parse("title=~.*down").expect("a matcher")],
        time: QuietTime {
            starts_at: now,
            ends_at: now + SignedDuration::from_hours(2),
            weekly: None,
        },
        created_by: "x".to_owned(),
        comment: "x".to_owned(),
        created_at: now,
        history: Vec::new(),
    };
    let by = Actor::Admin("x".to_owned());
    let input = Input::Action { by, via: None, action: Action::PutSilence(silence) };
    let began = Instant::now();
    let transition = decide(View { directory, state }, &input, now);
    println!(
        "decide: a silence that matches all {OPEN}: {:?}, {} changes",
        began.elapsed(),
        transition.changes.len()
    );
}

fn measure(directory: &Directory, state: &State, later: Timestamp, beside: &str) {
    for (what, kind, first) in [
        ("a trigger that repeats", EventKind::Trigger, 0),
        ("a trigger that opens an incident and pages", EventKind::Trigger, OPEN),
        ("a resolve that closes an incident", EventKind::Resolve, 0),
        ("an acknowledgement", EventKind::Acknowledge, 0),
    ] {
        let view = View { directory, state };
        let rounds = (0..ROUNDS).map(|round| first + round * ROUND);
        let rounds = rounds.map(|from| (from..from + ROUND).map(|n| event(n, kind, later)));
        let rounds: Vec<Vec<Input>> = rounds.map(Iterator::collect).collect();
        // Each transition goes before the next is decided, as it does in the engine once it is committed.
        let decided = rounds.iter().map(|inputs| {
            timed(|| inputs.iter().for_each(|input| drop(black_box(decide(view, input, later)))))
        });
        let decided: Vec<Duration> = decided.collect();
        // On a copy: each case looks at the same hundred thousand.
        let mut after = state.clone();
        let applied = rounds.iter().map(|inputs| {
            let all: Vec<Transition> =
                inputs.iter().map(|input| decide(view, input, later)).collect();
            assert!(all.iter().all(|transition| !transition.is_empty()));
            timed(|| all.iter().for_each(|transition| after.apply(&transition.changes)))
        });
        let applied: Vec<Duration> = applied.collect();
        println!(
            "decide: {what}: {:?}, and {:?} to apply, {OPEN} incidents open{beside}",
            median(decided),
            median(applied)
        );
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2] / u32::try_from(ROUND).expect("few")
}
