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

/// People who are told together.
const TEAMS: [&str; 2] = ["crew", "leads"];
/// Addresses that belong to nobody.
const ROOMS: [&str; 2] = ["ops", "war"];
/// Hours of the week: of an office, of a night, of a weekend, of what clocks skip or repeat, and all of them.
const WINDOWS: [&str; 6] = [
    "mon-fri 09:00-17:00",
    "22:00-06:00",
    "sat,sun 00:00-24:00",
    "02:15-02:45",
    "00:00-24:00",
    "fri-mon 17:00-09:00",
];
/// Longest delay of a step that may tell people, in minutes.
const DELAY_MAX: i64 = 30;
/// The same of one with a room: nobody is woken by it.
const ROOM_DELAY_MAX: i64 = 10;
/// Most steps of one policy.
const STEPS_MAX: i64 = 3;
/// Longest time, in minutes, in which a ringing incident may page nobody who is there: a step told somebody, the others of its
/// pass and a whole pass after it rooms alone, and then the fallback.
pub(crate) const SILENCE_MAX: i64 =
    DELAY_MAX + (STEPS_MAX - 1) * ROOM_DELAY_MAX + STEPS_MAX * ROOM_DELAY_MAX;

/// Writes the company of a seed.
pub(crate) fn text(random: &mut Random) -> String {
    let mut text = String::from("data = \"data\"\npublic_url = \"http://localhost\"\n");
    fallback(&mut text, random);
    text.push_str(
        "[mail]\nserver = \"127.0.0.1:25\"\nfrom = \"bell@example.org\"\ntls = \"none\"\n",
    );
    if random.percent(30) {
        let burst = random.between(1, 4);
        writeln!(text, "[notify]\nburst = {burst}\nwindow = \"30s\"").unwrap();
    }
    for (id, zone) in PEOPLE.iter().zip(ZONES) {
        writeln!(
            text,
            "[[person]]\nid = \"{id}\"\nemail = \"{id}@example.org\"\ntime_zone = \"{zone}\""
        )
        .unwrap();
        writeln!(text, "language = {:?}", random.pick(&["en", "ja"]).unwrap()).unwrap();
    }
    for id in TEAMS {
        let members = some(&PEOPLE, 4, random);
        writeln!(text, "[[team]]\nid = \"{id}\"\nmembers = {members:?}").unwrap();
    }
    for id in ROOMS {
        writeln!(text, "[[room]]\nid = \"{id}\"\nchannel = \"chat\"\naddress = \"the {id} room\"")
            .unwrap();
    }
    for id in SCHEDULES {
        schedule(&mut text, id, random);
    }
    for (place, id) in SERVICES.into_iter().enumerate() {
        policy(&mut text, id, &SERVICES[place + 1..], random);
        service(&mut text, id, random);
    }
    text
}

/// One to `max` of them, each once.
fn some<'a>(of: &[&'a str], max: i64, random: &mut Random) -> Vec<&'a str> {
    let mut some = Vec::new();
    for _ in 0..random.between(1, max) {
        let one = random.pick(of).unwrap();
        if !some.contains(one) {
            some.push(one);
        }
    }
    some
}

fn fallback(text: &mut String, random: &mut Random) {
    let person = random.pick(&PEOPLE).unwrap();
    let mut targets = vec![format!("person:{person}")];
    match random.below(6) {
        0 => targets.push(format!("schedule:{}", random.pick(&SCHEDULES).unwrap())),
        1 => targets.push(format!("team:{}", random.pick(&TEAMS).unwrap())),
        2 => targets.push(format!("room:{}", random.pick(&ROOMS).unwrap())),
        _ => {}
    }
    writeln!(text, "fallback = {targets:?}\n").unwrap();
}

fn schedule(text: &mut String, id: &str, random: &mut Random) {
    let zone = random.pick(&ZONES).unwrap();
    writeln!(text, "[[schedule]]\nid = \"{id}\"\ntime_zone = \"{zone}\"").unwrap();
    if random.percent(50) {
        text.push_str("on_absence = \"next\"\n");
    }
    if random.percent(20) {
        let day = random.between(20, 30);
        writeln!(text, "effective_from = \"2026-03-{day}T02:30\"").unwrap();
    }
    for _ in 0..random.between(1, 3) {
        layer(text, random);
    }
}

fn layer(text: &mut String, random: &mut Random) {
    let turns = ["1 hour", "8 hours", "12 hours", "1 day", "1 week", "1 month", "2 months"];
    let turn = *random.pick(&turns).unwrap();
    let mut people: Vec<&str> = Vec::new();
    for _ in 0..random.between(1, 4) {
        let nobody = random.percent(15);
        people.push(if nobody { "nobody" } else { random.pick(&PEOPLE).unwrap() });
    }
    let (day, hour) = (random.between(1, 28), random.between(0, 23));
    writeln!(text, "[[schedule.layer]]\nstart = \"2026-02-{day:02}T{hour:02}:00\"").unwrap();
    writeln!(text, "turn = \"{turn}\"\npeople = {people:?}").unwrap();
    if random.percent(20) {
        writeln!(text, "time_zone = \"{}\"", random.pick(&ZONES).unwrap()).unwrap();
    }
    if random.percent(20) {
        let handoffs = ["mon 09:00", "02:30", "sun 00:00"];
        writeln!(text, "handoff = \"{}\"", random.pick(&handoffs).unwrap()).unwrap();
    }
    if random.percent(40) {
        let restrictions = [
            "{ days = [\"mon-fri\"], from = \"09:00\", to = \"17:00\" }",
            "{ from = \"22:00\", to = \"06:00\" }",
            "{ from = \"fri 17:00\", to = \"mon 09:00\" }",
            "{ from = \"02:15\", to = \"02:45\" }",
        ];
        let some = some(&restrictions, 2, random).join(", ");
        writeln!(text, "restrict = [{some}]").unwrap();
        if random.percent(50) {
            text.push_str("advance = \"covered turns\"\n");
        }
    }
}

fn policy(text: &mut String, id: &str, later: &[&str], random: &mut Random) {
    let repeat = random.between(0, 2);
    writeln!(text, "[[escalation_policy]]\nid = \"{id}\"\nrepeat = {repeat}").unwrap();
    if random.percent(25) {
        writeln!(text, "acknowledgements = {}", random.between(2, 3)).unwrap();
    }
    if random.percent(40) {
        writeln!(text, "acknowledge_timeout = \"{}m\"", random.between(5, 90)).unwrap();
    }
    if random.percent(25) {
        writeln!(text, "resolve_after = \"{}m\"", random.between(20, 600)).unwrap();
    }
    match random.below(4) {
        0 => text.push_str("repage = [\"2m\"]\n"),
        1 => text.push_str("repage = [\"1m\", \"4m\", \"20m\"]\n"),
        _ => {}
    }
    for _ in 0..random.between(1, STEPS_MAX) {
        step(text, later, random);
    }
}

fn step(text: &mut String, later: &[&str], random: &mut Random) {
    let mut targets: Vec<String> = Vec::new();
    for _ in 0..random.between(1, 3) {
        let target = target(later, random);
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    // A policy may stand for a room.
    let rooms = targets.iter().any(|one| one.starts_with("room:") || one.starts_with("policy:"));
    let delay = random.between(1, if rooms { ROOM_DELAY_MAX } else { DELAY_MAX });
    writeln!(text, "[[escalation_policy.step]]\ntargets = {targets:?}\ndelay = \"{delay}m\"")
        .unwrap();
    if random.percent(25) {
        text.push_str("strategy = \"round_robin\"\n");
    }
    if random.percent(10) {
        text.push_str("acknowledgements = 2\n");
    }
    if random.percent(30) {
        writeln!(text, "when = {{ {} }}", condition(random)).unwrap();
    }
}

fn target(later: &[&str], random: &mut Random) -> String {
    match random.below(10) {
        0..=2 => format!("schedule:{}", random.pick(&SCHEDULES).unwrap()),
        3..=5 => format!("person:{}", random.pick(&PEOPLE).unwrap()),
        6 => format!("next:{}", random.pick(&SCHEDULES).unwrap()),
        7 => format!("team:{}", random.pick(&TEAMS).unwrap()),
        // Only a later one, so that they form no circle.
        8 if !later.is_empty() => format!("policy:{}", random.pick(later).unwrap()),
        _ => format!("room:{}", random.pick(&ROOMS).unwrap()),
    }
}

fn condition(random: &mut Random) -> String {
    match random.below(6) {
        0 => "urgency = \"high\"".to_owned(),
        1 => "priority = [\"P1\", \"P2\"]".to_owned(),
        2 => "support_hours = \"inside\"".to_owned(),
        3 => "support_hours = \"outside\", urgency = \"low\"".to_owned(),
        4 => hours(random),
        _ => format!("alerts = {}", random.between(2, 3)),
    }
}

fn hours(random: &mut Random) -> String {
    let zone = random.pick(&ZONES).unwrap();
    let windows = some(&WINDOWS, 2, random);
    format!("time_zone = \"{zone}\", windows = {windows:?}")
}

fn service(text: &mut String, id: &str, random: &mut Random) {
    writeln!(text, "[[service]]\nid = \"{id}\"\nescalation_policy = \"{id}\"").unwrap();
    if random.percent(20) {
        writeln!(text, "urgency = \"{}\"", random.pick(&["high", "low"]).unwrap()).unwrap();
    }
    if random.percent(40) {
        let sides = ["", "", ", inside = \"low\", outside = \"high\"", ", outside = \"high\""];
        let (hours, sides) = (hours(random), *random.pick(&sides).unwrap());
        writeln!(text, "support_hours = {{ {hours}{sides} }}").unwrap();
    }
    if random.percent(50) {
        writeln!(text, "reopen_within = \"{}m\"", random.between(1, 120)).unwrap();
    }
    if random.percent(30) {
        writeln!(text, "team = \"{}\"", random.pick(&TEAMS).unwrap()).unwrap();
    }
    if random.percent(30) {
        writeln!(text, "subscribers = [\"person:{}\"]", random.pick(&PEOPLE).unwrap()).unwrap();
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
