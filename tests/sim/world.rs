//! The company of a seed: people over the world, schedules, policies, services, written as the configuration that its
//! operator would write, and read as the engine reads it.

use crate::random::Random;
use nightbell_core::model::{Directory, Event, EventKind, Label, Severity};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Everybody who may be rung.
pub(crate) const PEOPLE: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];
const ZONES: [&str; 5] =
    ["Asia/Tokyo", "Europe/Berlin", "UTC", "America/St_Johns", "Australia/Lord_Howe"];
/// Who is on call.
pub(crate) const SCHEDULES: [&str; 2] = ["primary", "secondary"];
/// What may break.
pub(crate) const SERVICES: [&str; 3] = ["shop", "web", "db"];

/// Writes the company of a seed.
pub(crate) fn text(random: &mut Random) -> String {
    let mut text = String::from("data = \"data\"\npublic_url = \"http://localhost\"\n");
    let fallback = random.pick(&PEOPLE).unwrap();
    writeln!(text, "fallback = [\"person:{fallback}\"]\n").unwrap();
    text.push_str(
        "[mail]\nserver = \"127.0.0.1:25\"\nfrom = \"bell@example.org\"\ntls = \"none\"\n",
    );
    for (id, zone) in PEOPLE.iter().zip(ZONES) {
        writeln!(
            text,
            "[[person]]\nid = \"{id}\"\nemail = \"{id}@example.org\"\ntime_zone = \"{zone}\""
        )
        .unwrap();
    }
    for id in SCHEDULES {
        schedule(&mut text, id, random);
    }
    for id in SERVICES {
        policy(&mut text, id, random);
        service(&mut text, id, random);
    }
    text
}

fn schedule(text: &mut String, id: &str, random: &mut Random) {
    let zone = random.pick(&ZONES).unwrap();
    writeln!(text, "[[schedule]]\nid = \"{id}\"\ntime_zone = \"{zone}\"").unwrap();
    for _ in 0..random.between(1, 3) {
        let turn = *random.pick(&["1 hour", "8 hours", "12 hours", "1 day", "1 week"]).unwrap();
        let mut people: Vec<&str> = Vec::new();
        for _ in 0..random.between(1, 4) {
            let nobody = random.percent(15);
            people.push(if nobody { "nobody" } else { random.pick(&PEOPLE).unwrap() });
        }
        let day = random.between(1, 28);
        writeln!(
            text,
            "[[schedule.layer]]\nstart = \"2026-02-{day:02}T{:02}:00\"",
            random.between(0, 23)
        )
        .unwrap();
        writeln!(text, "turn = \"{turn}\"\npeople = {people:?}").unwrap();
    }
}

fn policy(text: &mut String, id: &str, random: &mut Random) {
    let repeat = random.between(0, 2);
    writeln!(text, "[[escalation_policy]]\nid = \"{id}\"\nrepeat = {repeat}").unwrap();
    for _ in 0..random.between(1, 3) {
        let mut targets: Vec<String> = Vec::new();
        for _ in 0..random.between(1, 3) {
            let target = match random.percent(50) {
                true => format!("schedule:{}", random.pick(&SCHEDULES).unwrap()),
                false => format!("person:{}", random.pick(&PEOPLE).unwrap()),
            };
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        let delay = random.between(1, 30);
        writeln!(text, "[[escalation_policy.step]]\ntargets = {targets:?}\ndelay = \"{delay}m\"")
            .unwrap();
    }
}

fn service(text: &mut String, id: &str, random: &mut Random) {
    writeln!(text, "[[service]]\nid = \"{id}\"\nescalation_policy = \"{id}\"").unwrap();
    if random.percent(30) {
        writeln!(text, "urgency = \"{}\"", random.pick(&["high", "low"]).unwrap()).unwrap();
    }
    let key = format!("{:032x}", u128::from(id.as_bytes()[0]));
    writeln!(
        text,
        "[[integration]]\nid = \"{id}\"\nservice = \"{id}\"\nparser = \"generic\"\nkey = \"{key}\""
    )
    .unwrap();
}

/// Reads it as the engine does.
pub(crate) fn read(text: &str) -> Arc<Directory> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("nightbell.toml");
    std::fs::write(&path, text).unwrap();
    match nightbell::config::load_with(&path, &|_| None) {
        Ok(loaded) => loaded.plan.directory,
        Err(mistakes) => panic!("the company's configuration is wrong: {mistakes}\n{text}"),
    }
}

/// What a monitor says about one of few conditions, so that it says it again.
pub(crate) fn event(random: &mut Random, now: jiff::Timestamp, kind: EventKind) -> Event {
    let service = random.pick(&SERVICES).unwrap();
    let condition = random.below(12);
    let severities = [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info];
    let minutes = random.between(1, 90);
    Event {
        id: nightbell_core::model::EventId(0),
        integration: (*service).into(),
        received_at: now,
        kind,
        dedup_key: format!("c{condition}").as_str().into(),
        title: format!("condition {condition} of {service}"),
        severity: *random.pick(&severities).unwrap(),
        starts_at: random.percent(20).then(|| now - jiff::SignedDuration::from_mins(minutes)),
        expires_at: random.percent(15).then(|| now + jiff::SignedDuration::from_mins(minutes)),
        source: format!("host-{}", condition % 3),
        links: Vec::new(),
        images: Vec::new(),
        labels: BTreeMap::from([("host".to_owned(), format!("host-{}", condition % 3))]),
        details: String::new(),
        attributes: vec![Label { name: "n".to_owned(), value: condition.to_string() }],
    }
}
