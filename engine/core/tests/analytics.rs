//! The numbers of hand-made histories, and of random ones beside an obvious computation that is slow.

use jiff::{SignedDuration, Timestamp};
use nightbell_core::analytics::{Aggregation, By, Report, Row, Spread};
use nightbell_core::model::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("in range")
}

/// An incident of `shop` that opened at second zero and still wants somebody.
fn incident(id: u64) -> Incident {
    let policy = EscalationPolicy::new("p".into(), Vec::new(), 0);
    let escalation = Escalation::new(&policy);
    Incident {
        id: IncidentId(id),
        title: "t".to_owned(),
        service: "shop".into(),
        urgency: Urgency::High,
        priority: None,
        status: IncidentStatus::Triggered,
        snoozed_until: None,
        group_key: None,
        alerts: Vec::new(),
        opened_by: EventId(1),
        created_at: at(0),
        acknowledged_by: None,
        acknowledged_at: None,
        resolved_at: None,
        closing: None,
        life: Life::default(),
        subscribers: Vec::new(),
        assigned_to: Vec::new(),
        policy: Arc::new(policy),
        plugins: Vec::new(),
        escalation,
        told: Vec::new(),
        paged: Vec::new(),
        answered_by: Vec::new(),
        settled: Vec::new(),
        answers_refused: 0,
        responders: Vec::new(),
        support_hours: None,
        touched_at: None,
        timeline_len: 0,
        version: 0,
    }
}

fn pages(person: &str, first: i64, pages: u32, high: u32, sleep_interruptions: u32) -> PagesTo {
    let asleep_at = (sleep_interruptions > 0).then(|| at(first));
    PagesTo {
        person: person.into(),
        first_at: at(first),
        pages,
        high,
        sleep_interruptions,
        asleep_at,
    }
}

fn one(seconds: u64) -> Option<Spread> {
    Some(Spread { count: 1, mean_s: seconds, p50_s: seconds, p90_s: seconds, max_s: seconds })
}

fn report(by: By, incidents: &[Incident]) -> Report {
    let directory = directory();
    let mut aggregation = Aggregation::new(&directory, by);
    for incident in incidents {
        aggregation.add(incident);
    }
    aggregation.finish()
}

/// Service `shop` is team `front`'s, all others are nobody's.
fn directory() -> Directory {
    let shop = Service {
        id: "shop".into(),
        name: "Shop".to_owned(),
        policy: "p".into(),
        urgency: None,
        support_hours: None,
        team: Some("front".into()),
        reopen_within: SignedDuration::ZERO,
        subscribers: Vec::new(),
    };
    Directory { services: BTreeMap::from([(shop.id.clone(), shop)]), ..Directory::default() }
}

fn key(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Alice is paged after 2 seconds and does not answer; bob is paged after 302 and acknowledges after 362; over after an hour.
fn a_night() -> Incident {
    let mut night = incident(1);
    night.status = IncidentStatus::Resolved;
    night.resolved_at = Some(at(3_600));
    night.closing = Some(Closing::Alerts);
    night.life = Life {
        first_paged_at: Some(at(2)),
        first_acknowledged_at: Some(at(362)),
        first_acknowledged_by: Some(Actor::Person("bob".into())),
        escalated_at: Some(at(300)),
        pages: vec![pages("alice", 2, 3, 3, 1), pages("bob", 302, 1, 1, 1)],
        reopened: 2,
        ..Life::default()
    };
    night
}

#[test]
fn one_night_in_all_its_numbers() {
    let night = a_night();
    let expected = Row {
        incidents: 1,
        triggered: 0,
        acknowledged: 1,
        resolved: 1,
        merged: 0,
        escalated: 1,
        reopened: 1,
        reopenings: 2,
        pages: 4,
        high_pages: 4,
        sleep_interruptions: 2,
        to_first_page: one(2),
        to_acknowledge: one(362),
        to_resolve: one(3_600),
    };
    let of_services = report(By::Service, std::slice::from_ref(&night));
    assert_eq!(of_services.total, expected);
    assert_eq!(of_services.rows, BTreeMap::from([(key("shop"), expected.clone())]));
    let of_people = report(By::Person, std::slice::from_ref(&night));
    assert_eq!(of_people.total, expected, "the total is of incidents, whatever the rows are");
    let alice = Row {
        acknowledged: 0,
        pages: 3,
        high_pages: 3,
        sleep_interruptions: 1,
        to_first_page: one(2),
        to_acknowledge: None,
        ..expected.clone()
    };
    let bob = Row {
        pages: 1,
        high_pages: 1,
        sleep_interruptions: 1,
        to_first_page: one(302),
        to_acknowledge: one(60),
        ..expected
    };
    assert_eq!(of_people.rows, BTreeMap::from([(key("alice"), alice), (key("bob"), bob)]));
}

#[test]
fn whoever_acknowledges_unpaged_counts_and_has_no_time() {
    let mut incident = incident(1);
    incident.status = IncidentStatus::Acknowledged;
    incident.life.first_acknowledged_at = Some(at(9));
    incident.life.first_acknowledged_by = Some(Actor::Person("carol".into()));
    let report = report(By::Person, &[incident.clone()]);
    let carol = &report.rows[&key("carol")];
    assert_eq!((carol.incidents, carol.acknowledged, carol.to_acknowledge), (1, 1, None));
    assert_eq!(report.total.to_acknowledge, one(9));
    // A page that left only after somebody had it, and to whoever had it.
    incident.life.pages = vec![pages("carol", 30, 1, 0, 0)];
    let after = self::report(By::Person, &[incident]);
    assert_eq!(after.rows[&key("carol")].to_acknowledge, None);
}

#[test]
fn merged_incidents_are_counted_and_have_no_end_of_their_own() {
    let mut merged = a_night();
    merged.closing = Some(Closing::Merged(IncidentId(7)));
    let row = report(By::Service, &[merged]).total;
    assert_eq!((row.merged, row.resolved, row.to_resolve), (1, 0, None));
    assert_eq!(row.pages, 4, "they rang all the same");
}

#[test]
fn a_monitors_and_an_admins_acknowledgement_count_for_no_person() {
    for actor in [Actor::Admin("ci".to_owned()), Actor::Monitor("nagios".into())] {
        let mut incident = incident(1);
        incident.life.first_acknowledged_at = Some(at(5));
        incident.life.first_acknowledged_by = Some(actor);
        let report = report(By::Person, &[incident]);
        assert_eq!((report.rows.len(), report.total.to_acknowledge), (0, one(5)));
    }
}

#[test]
fn a_clock_that_went_back_makes_no_negative_time() {
    let mut night = a_night();
    night.created_at = at(10_000);
    assert_eq!(report(By::Service, &[night]).total.to_resolve, one(0));
}

fn some_incident() -> impl Strategy<Value = Incident> {
    let person = 0..3_usize;
    let paged = proptest::collection::vec((person, 0..500_i64, 1..5_u32, 0..5_u32), 0..3);
    let times = (0..100_i64, proptest::option::of(0..900_i64), proptest::option::of(0..2_000_i64));
    (times, paged, 0..4_usize, 0..3_u32, any::<(bool, bool)>()).prop_map(
        |((created, acknowledged, resolved), paged, who, reopened, (merged, escalated))| {
            let mut incident = incident(1);
            incident.created_at = at(created);
            incident.service = ["shop", "web"][who % 2].into();
            if let Some(resolved) = resolved {
                incident.status = IncidentStatus::Resolved;
                incident.resolved_at = Some(at(resolved));
                let into = Closing::Merged(IncidentId(2));
                incident.closing = Some(if merged { into } else { Closing::Alerts });
            }
            let mut seen = BTreeSet::new();
            let names = ["a", "b", "c"];
            let to = paged.into_iter().filter(|(person, ..)| seen.insert(*person));
            let to: Vec<_> = to
                .map(|(person, first, pages, high)| {
                    self::pages(names[person], first, pages, high.min(pages), high.min(pages) / 2)
                })
                .collect();
            incident.life = Life {
                first_paged_at: to.iter().map(|to| to.first_at).min(),
                first_acknowledged_at: acknowledged.map(at),
                first_acknowledged_by: acknowledged.map(|_| match who {
                    3 => Actor::Monitor("m".into()),
                    who => Actor::Person(names[who].into()),
                }),
                escalated_at: escalated.then(|| at(1)),
                pages: to,
                reopened,
                ..Life::default()
            };
            incident
        },
    )
}

fn slow_spread(values: &[i64]) -> Option<Spread> {
    let values: Vec<u64> = values.iter().map(|value| (*value).max(0).unsigned_abs()).collect();
    let count = values.len() as u64;
    let at_least = |percent: u64| {
        let enough = |bound: &&u64| {
            values.iter().filter(|value| value <= bound).count() as u64 * 100 >= count * percent
        };
        values.iter().filter(enough).min().copied()
    };
    Some(Spread {
        count,
        mean_s: values.iter().sum::<u64>().checked_div(count)?,
        p50_s: at_least(50)?,
        p90_s: at_least(90)?,
        max_s: *values.iter().max()?,
    })
}

/// Each number by a walk of its own over everything.
fn slow(all: &[Incident], person: Option<&str>) -> Row {
    let to = |incident: &Incident| {
        let pages = incident.life.pages.clone();
        pages.into_iter().filter(|to| person.is_none_or(|person| to.person.as_str() == person))
    };
    let by = |incident: &Incident| match (&incident.life.first_acknowledged_by, person) {
        (Some(_), None) => true,
        (Some(Actor::Person(by)), Some(person)) => by.as_str() == person,
        _ => false,
    };
    let mine: Vec<&Incident> =
        all.iter().filter(|one| person.is_none() || to(one).count() > 0 || by(one)).collect();
    let count =
        |holds: &dyn Fn(&Incident) -> bool| mine.iter().filter(|one| holds(one)).count() as u64;
    let sum = |number: &dyn Fn(&PagesTo) -> u32| {
        mine.iter().flat_map(|one| to(one)).map(|to| u64::from(number(&to))).sum()
    };
    let times = |time: &dyn Fn(&Incident) -> Option<i64>| {
        slow_spread(&mine.iter().filter_map(|one| time(one)).collect::<Vec<_>>())
    };
    let merged = |one: &Incident| matches!(one.closing, Some(Closing::Merged(_)));
    Row {
        incidents: mine.len() as u64,
        triggered: count(&|one| one.status == IncidentStatus::Triggered),
        acknowledged: count(&by),
        resolved: count(&|one| one.status == IncidentStatus::Resolved && !merged(one)),
        merged: count(&merged),
        escalated: count(&|one| one.life.escalated_at.is_some()),
        reopened: count(&|one| one.life.reopened > 0),
        reopenings: mine.iter().map(|one| u64::from(one.life.reopened)).sum(),
        pages: sum(&|to| to.pages),
        high_pages: sum(&|to| to.high),
        sleep_interruptions: sum(&|to| to.sleep_interruptions),
        to_first_page: times(&|one| {
            to(one).map(|to| to.first_at.as_second() - one.created_at.as_second()).min()
        }),
        to_acknowledge: times(&|one| {
            let acknowledged = one.life.first_acknowledged_at.filter(|_| by(one))?.as_second();
            let from = match person {
                None => one.created_at.as_second(),
                Some(_) => to(one).next()?.first_at.as_second(),
            };
            (person.is_none() || from <= acknowledged).then_some(acknowledged - from)
        }),
        to_resolve: times(&|one| {
            let over = one.resolved_at.filter(|_| !merged(one))?;
            Some(over.as_second() - one.created_at.as_second())
        }),
    }
}

proptest! {
    #[test]
    fn the_report_is_what_an_obvious_computation_says(
        incidents in proptest::collection::vec(some_incident(), 0..30)
    ) {
        let by_service = report(By::Service, &incidents);
        prop_assert_eq!(&by_service.total, &slow(&incidents, None));
        for (service, row) in &by_service.rows {
            let own: Vec<_> = incidents
                .iter()
                .filter(|one| service.as_deref() == Some(one.service.as_str()))
                .cloned()
                .collect();
            prop_assert_eq!(row, &slow(&own, None));
        }
        let by_team = report(By::Team, &incidents);
        prop_assert_eq!(by_team.rows.get(&key("front")), by_service.rows.get(&key("shop")));
        prop_assert_eq!(by_team.rows.get(&None), by_service.rows.get(&key("web")));
        let by_person = report(By::Person, &incidents);
        prop_assert_eq!(&by_person.total, &by_service.total);
        for person in ["a", "b", "c"] {
            let row = by_person.rows.get(&key(person)).cloned().unwrap_or_default();
            prop_assert_eq!(row, slow(&incidents, Some(person)), "{}", person);
        }
    }
}
