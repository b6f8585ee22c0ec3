//! Who is rung in which minute, read off a policy minute by minute, as a person would with a pencil; compared with what
//! `decide` does. Schedules are plain functions here, and nothing of the engine is used but its words.

use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use nightbell_core::{decide, invariant};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Minutes that are followed.
const HORIZON: u32 = 400;
/// `d` cannot be reached.
const PEOPLE: [&str; 4] = ["a", "b", "c", "d"];
const FALLBACK_EVERY: u32 = 30;
/// The calendar of the one schedule: hours each, from the opening on; `None` is nobody.
const TURN_HOURS: u32 = 1;
const ROTATION: [Option<&str>; 4] = [Some("a"), None, Some("b"), Some("b")];

#[derive(Clone, Debug)]
enum Whom {
    Person(usize),
    OnCall,
    Next,
    Team,
    Room,
}

#[derive(Clone, Debug)]
struct Rung {
    targets: Vec<Whom>,
    delay: u32,
    round_robin: bool,
    /// Only from this minute of the day (UTC) for so many minutes.
    window: Option<(u32, u32)>,
    acknowledgements: Option<u32>,
}

#[derive(Clone, Debug)]
struct Case {
    steps: Vec<Rung>,
    repeat: u32,
    acknowledgements: u32,
    repage: Vec<u32>,
    fallback: Vec<usize>,
    /// Minute and who acknowledges in it, after it has rung.
    answers: BTreeMap<u32, usize>,
    /// Of the day, as it opens.
    opens: u32,
}

const TEAM: [&str; 3] = ["c", "d", "a"];

// The pencil.

fn on_call(minute: u32) -> Option<&'static str> {
    ROTATION[(minute / (TURN_HOURS * 60)) as usize % ROTATION.len()]
}

fn next_on_call(minute: u32) -> Option<&'static str> {
    let now = on_call(minute);
    // Two rounds show everybody.
    let mut later = (minute..minute + 2 * 4 * TURN_HOURS * 60).filter_map(on_call);
    later.find(|person| Some(*person) != now)
}

fn can_be_reached(person: &str) -> bool {
    person != "d"
}

/// Everybody a target stands for, in order; `None` for a place without anybody.
fn stands_for(whom: &Whom, minute: u32) -> Vec<Option<&'static str>> {
    match whom {
        Whom::Person(n) => vec![Some(PEOPLE[*n])],
        Whom::OnCall => vec![on_call(minute)],
        Whom::Next => vec![next_on_call(minute)],
        Whom::Team => TEAM.iter().map(|member| Some(*member)).collect(),
        Whom::Room => Vec::new(),
    }
}

fn told_by_step(
    step: &Rung,
    pass: u32,
    minute: u32,
    answered: &[&'static str],
) -> Vec<&'static str> {
    let mut places: Vec<_> =
        step.targets.iter().flat_map(|whom| stands_for(whom, minute)).collect();
    let fine = |person: &str| can_be_reached(person) && !answered.contains(&person);
    if step.round_robin && !places.is_empty() {
        let first = (pass - 1) as usize % places.len();
        places.rotate_left(first);
        return places.into_iter().flatten().find(|person| fine(person)).into_iter().collect();
    }
    let mut told: Vec<&'static str> = Vec::new();
    for person in places.into_iter().flatten() {
        if fine(person) && !told.contains(&person) {
            told.push(person);
        }
    }
    told
}

fn is_open(step: &Rung, minute_of_day: u32) -> bool {
    let Some((from, length)) = step.window else { return true };
    (0..length).any(|n| (from + n) % 1_440 == minute_of_day)
}

/// Where the bell is.
#[derive(Clone, Copy, Debug)]
enum At {
    Step { pass: u32, step: usize },
    Fallback,
}

/// Who is rung in which minute.
fn pencil(case: &Case) -> BTreeMap<u32, BTreeSet<&'static str>> {
    let mut rung: BTreeMap<u32, BTreeSet<&'static str>> = BTreeMap::new();
    let mut answered: Vec<&'static str> = Vec::new();
    let mut needed = case.acknowledgements;
    let mut told: Vec<&'static str> = Vec::new();
    let (mut at, mut paged_in_pass) = (At::Step { pass: 1, step: 0 }, false);
    // When the bell moves on, and when it rings the same people again.
    let (mut moves_at, mut again_at, mut agains) = (Some(0), None, 0);
    let mut begun = false;
    for minute in 0..=HORIZON {
        let mut answers = case.answers.get(&minute).map(|n| PEOPLE[*n]);
        loop {
            if moves_at == Some(minute) {
                // The next step that tells anybody, or the fallback.
                let mut next = match at {
                    _ if !begun => At::Step { pass: 1, step: 0 },
                    At::Step { pass, step } => At::Step { pass, step: step + 1 },
                    At::Fallback => At::Fallback,
                };
                begun = true;
                let wait;
                loop {
                    if let At::Step { pass, step } = next
                        && step >= case.steps.len()
                    {
                        next = match pass <= case.repeat && paged_in_pass {
                            true => At::Step { pass: pass + 1, step: 0 },
                            false => At::Fallback,
                        };
                        paged_in_pass = false;
                        continue;
                    }
                    let At::Step { pass, step } = next else {
                        let all = case.fallback.iter().map(|n| PEOPLE[*n]);
                        let fine = |p: &&str| can_be_reached(p) && !answered.contains(p);
                        told = all.filter(fine).collect();
                        if told.is_empty() && !answered.is_empty() {
                            return rung;
                        }
                        if told.is_empty() {
                            told = PEOPLE.into_iter().filter(|p| can_be_reached(p)).collect();
                        }
                        wait = FALLBACK_EVERY;
                        break;
                    };
                    let this = &case.steps[step];
                    let room = this.targets.iter().any(|whom| matches!(whom, Whom::Room));
                    told = match is_open(this, (case.opens + minute) % 1_440) {
                        true => told_by_step(this, pass, minute, &answered),
                        false => Vec::new(),
                    };
                    let room = room && is_open(this, (case.opens + minute) % 1_440);
                    if !told.is_empty() {
                        paged_in_pass = true;
                        needed = needed.max(this.acknowledgements.unwrap_or(1));
                    }
                    if !told.is_empty() || room {
                        wait = this.delay;
                        break;
                    }
                    next = At::Step { pass, step: step + 1 };
                }
                at = next;
                rung.entry(minute).or_default().extend(&told);
                moves_at = Some(minute + wait);
                agains = 0;
                again_at = case.repage.first().filter(|_| !told.is_empty()).map(|n| minute + n);
            } else if again_at == Some(minute) {
                let left = told.iter().filter(|person| !answered.contains(person));
                rung.entry(minute).or_default().extend(left);
                agains += 1;
                let after = case.repage.get(agains).or(case.repage.last());
                again_at = after.map(|n| minute + n);
            }
            let Some(person) = answers.take() else { break };
            if !answered.contains(&person) {
                answered.push(person);
                if answered.len() as u32 >= needed {
                    return rung;
                }
                if !told.is_empty() && told.iter().all(|person| answered.contains(person)) {
                    moves_at = Some(minute);
                }
            }
            if moves_at != Some(minute) {
                break;
            }
        }
    }
    rung
}

// The engine.

fn minutes(n: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(n))
}

fn opened_at(case: &Case) -> Timestamp {
    "2026-03-02T00:00:00Z".parse::<Timestamp>().expect("a time") + minutes(case.opens)
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn directory(case: &Case) -> Directory {
    let person = |id: &str| Person {
        id: id.into(),
        name: id.to_owned(),
        email: can_be_reached(id).then(|| format!("{id}@example.org")),
        time_zone: jiff::tz::TimeZone::UTC,
        language: "en".to_owned(),
    };
    let start = opened_at(case).to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let turn = Turn { count: TURN_HOURS, unit: TurnUnit::Hours };
    let rotation = ROTATION.map(|person| person.map(PersonId::from)).to_vec();
    let layer = Layer::new("all", start, turn, rotation);
    let schedule = Schedule::new("s".into(), jiff::tz::TimeZone::UTC, vec![layer]);
    let step = |rung: &Rung| {
        let targets = rung.targets.iter().map(|whom| match whom {
            Whom::Person(n) => Target::Person(PEOPLE[*n].into()),
            Whom::OnCall => Target::Schedule("s".into()),
            Whom::Next => Target::Next("s".into()),
            Whom::Team => Target::Team("t".into()),
            Whom::Room => Target::Room("r".into()),
        });
        let hours = rung.window.map(|(from, length)| {
            let text = format!("{}-{}", clock(from), clock((from + length) % 1_440));
            let text = text.replace("-00:00", "-24:00");
            let window = Window::parse(&text).expect("a window");
            Hours { time_zone: jiff::tz::TimeZone::UTC, windows: vec![window] }
        });
        Step {
            strategy: match rung.round_robin {
                true => StepStrategy::RoundRobin,
                false => StepStrategy::All,
            },
            conditions: Conditions { hours, ..Conditions::default() },
            acknowledgements: rung.acknowledgements,
            ..Step::new(targets.collect(), minutes(rung.delay))
        }
    };
    let policy = EscalationPolicy {
        acknowledgements: case.acknowledgements,
        repage: case.repage.iter().map(|n| minutes(*n)).collect(),
        ..EscalationPolicy::new("p".into(), case.steps.iter().map(step).collect(), case.repeat)
    };
    let members = TEAM.map(PersonId::from).to_vec();
    let (channel, address) = ("chat".to_owned(), "C".to_owned());
    let mut directory = Directory {
        people: PEOPLE.map(|id| (PersonId::new(id), person(id))).into(),
        policies: BTreeMap::from([("p".into(), Arc::new(policy))]),
        schedules: BTreeMap::from([("s".into(), Arc::new(schedule))]),
        teams: BTreeMap::from([(
            "t".into(),
            Team { id: "t".into(), name: "t".to_owned(), members },
        )]),
        rooms: BTreeMap::from([(
            "r".into(),
            Room { id: "r".into(), name: "r".to_owned(), channel, address },
        )]),
        fallback: case.fallback.iter().map(|n| Target::Person(PEOPLE[*n].into())).collect(),
        ..Directory::default()
    }
    .with_built_in();
    let mut service = directory.services["nightbell"].clone();
    (service.id, service.policy) = ("x".into(), "p".into());
    directory.services.insert("x".into(), service);
    let integration = Integration { id: "in".into(), service: "x".into() };
    directory.integrations.insert("in".into(), integration);
    directory
}

struct Engine {
    directory: Directory,
    state: State,
    now: Timestamp,
    opened: Timestamp,
    rung: BTreeMap<u32, BTreeSet<&'static str>>,
}

impl Engine {
    fn input(&mut self, input: Input) {
        let view = View { directory: &self.directory, state: &self.state };
        let transition = decide(view, &input, self.now);
        self.state.apply(&transition.changes);
        assert_eq!(invariant::violations(&self.state), Vec::<String>::new(), "after {input:?}");
        let minute = (self.now.duration_since(self.opened).as_secs() / 60) as u32;
        for entry in &transition.timeline {
            if let TimelineKind::Paged { person, delay, .. } = &entry.kind {
                assert!(delay.is_zero());
                let person = PEOPLE.into_iter().find(|id| *id == person.as_str());
                self.rung.entry(minute).or_default().insert(person.expect("known"));
            }
        }
        // Every page arrives.
        let pending: Vec<_> = self.state.deliveries().cloned().collect();
        for delivery in pending {
            let result = AttemptResult::Delivered {
                receipt: None,
                thread: None,
                arrived: true,
                problems: Vec::new(),
            };
            let attempt = Attempt { delivery, started_at: self.now, result };
            let view = View { directory: &self.directory, state: &self.state };
            let arrived = decide(view, &Input::Attempt(attempt), self.now);
            self.state.apply(&arrived.changes);
        }
    }
}

fn engine(case: &Case) -> BTreeMap<u32, BTreeSet<&'static str>> {
    let opened = opened_at(case);
    let (state, rung) = (State::default(), BTreeMap::new());
    let mut engine = Engine { directory: directory(case), state, now: opened, opened, rung };
    let event = Event {
        id: EventId(1),
        integration: "in".into(),
        received_at: opened,
        kind: EventKind::Trigger,
        dedup_key: "k".into(),
        title: "k".to_owned(),
        severity: Severity::Critical,
        starts_at: None,
        expires_at: None,
        source: String::new(),
        links: Vec::new(),
        images: Vec::new(),
        labels: BTreeMap::new(),
        details: String::new(),
        attributes: Vec::new(),
    };
    let judged = JudgedEvent {
        event: event.into(),
        verdict: Verdict::Pass,
        decision: RouteDecision::default(),
        stages: Vec::new(),
    };
    engine.input(Input::Event(Box::new(judged)));
    for minute in 0..=HORIZON {
        engine.now = opened + minutes(minute);
        while let Some(timer) = engine.state.due(engine.now, 1).pop() {
            engine.input(Input::Due(timer.key));
        }
        if let Some(person) = case.answers.get(&minute) {
            let by = Actor::Person(PEOPLE[*person].into());
            let action = Action::Acknowledge(IncidentId(1));
            engine.input(Input::Action { by, via: None, action });
            let open = engine.state.incident(IncidentId(1)).expect("open");
            if open.status == IncidentStatus::Acknowledged {
                break;
            }
        }
    }
    engine.rung
}

fn whom() -> impl Strategy<Value = Whom> {
    prop_oneof![
        4 => (0..PEOPLE.len()).prop_map(Whom::Person),
        2 => Just(Whom::OnCall),
        1 => Just(Whom::Next),
        2 => Just(Whom::Team),
        1 => Just(Whom::Room),
    ]
}

fn step() -> impl Strategy<Value = Rung> {
    let window = proptest::option::weighted(0.2, (0..1_440_u32, 1..1_440_u32));
    let acknowledgements = proptest::option::weighted(0.2, 1..4_u32);
    let targets = proptest::collection::vec(whom(), 1..4);
    (targets, 1..40_u32, any::<bool>(), window, acknowledgements).prop_map(
        |(targets, delay, round_robin, window, acknowledgements)| Rung {
            targets,
            delay,
            round_robin,
            window,
            acknowledgements,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let steps = proptest::collection::vec(step(), 1..4);
    let repage = proptest::collection::vec(1..30_u32, 0..3);
    let fallback = proptest::collection::vec(0..PEOPLE.len(), 1..3);
    let answers = proptest::collection::btree_map(0..HORIZON, 0..PEOPLE.len(), 0..5);
    (steps, 0..3_u32, 1..4_u32, repage, fallback, answers, 0..1_440_u32).prop_map(
        |(steps, repeat, acknowledgements, repage, fallback, answers, opens)| Case {
            steps,
            repeat,
            acknowledgements,
            repage,
            fallback,
            answers,
            opens,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_rings_whom_a_pencil_would_in_every_minute(case in case()) {
        let mut expected = pencil(&case);
        expected.retain(|_, people| !people.is_empty());
        prop_assert_eq!(engine(&case), expected);
    }
}
