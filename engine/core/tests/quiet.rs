//! Laws of silences and maintenance windows: over random ones, events and time, an alert pages if nothing quiet covers it at
//! that instant, and only then; read minute by minute by somebody who knows nothing of timers.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use nightbell_core::{decide, invariant};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Alerts `k0` to `k2`.
const ALERTS: usize = 3;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Something quiet, in minutes from the beginning.
#[derive(Clone, Debug)]
struct Planned {
    made: i64,
    from: i64,
    lasting: i64,
    /// Which alerts it is about; none of them: it is a window of the whole service.
    about: u8,
    /// First minute of the local day and length in minutes.
    daily: Option<(i64, i64)>,
    /// After how many minutes it is ended by hand.
    ended: Option<i64>,
}

/// What monitors do.
#[derive(Clone, Copy, Debug)]
struct Said {
    at: i64,
    alert: usize,
    fires: bool,
}

fn planned() -> impl Strategy<Value = Vec<Planned>> {
    let one = (
        0..300_i64,
        0..200_i64,
        1..200_i64,
        0..8_u8,
        proptest::option::of((0..1_440_i64, 1..1_440_i64)),
        proptest::option::of(0..300_i64),
    );
    let one = one.prop_map(|(made, from, lasting, about, daily, ended)| Planned {
        made,
        from,
        lasting,
        about,
        daily,
        ended,
    });
    proptest::collection::vec(one, 0..6)
}

fn said() -> impl Strategy<Value = Vec<Said>> {
    let one = (0..400_i64, 0..ALERTS, 0..4_u8).prop_map(|(at, alert, fires)| Said {
        at,
        alert,
        fires: fires > 0,
    });
    proptest::collection::vec(one, 1..10)
}

/// Berlin skips 02:00–03:00 an hour and a half after it begins.
fn beginning() -> Timestamp {
    "2026-03-28T23:30:00Z".parse().expect("time")
}

fn at(minutes: i64) -> Timestamp {
    beginning() + MINUTE * i32::try_from(minutes).expect("few")
}

fn clock(minutes: i64) -> Time {
    let minutes = minutes.rem_euclid(1_440);
    let part = |number: i64| i8::try_from(number).expect("small");
    Time::constant(part(minutes / 60), part(minutes % 60), 0, 0)
}

fn zone() -> TimeZone {
    TimeZone::get("Europe/Berlin").expect("zone")
}

impl Planned {
    fn time(&self) -> QuietTime {
        let starts_at = at(self.made + self.from);
        let ends_at = starts_at + MINUTE * i32::try_from(self.lasting).expect("few");
        let every = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let weekly = self.daily.map(|(from, length)| Weekly {
            days: Weekdays::parse(every).expect("days"),
            from: clock(from),
            to: clock(from + length),
            time_zone: zone(),
        });
        QuietTime { starts_at, ends_at, weekly }
    }

    fn action(&self, id: usize) -> Action {
        let (created_by, comment, created_at) = ("a".to_owned(), "c".to_owned(), at(self.made));
        let (time, history, id) = (self.time(), Vec::new(), format!("q{id}"));
        if self.about == 0 {
            return Action::PutMaintenanceWindow(MaintenanceWindow {
                id: id.as_str().into(),
                services: vec!["one".into()],
                integrations: Vec::new(),
                time,
                created_by,
                comment,
                created_at,
                history,
            });
        }
        let keys: Vec<String> = (0..ALERTS)
            .filter(|alert| self.is_about(*alert))
            .map(|alert| format!("k{alert}"))
            .collect();
        let matcher = match &keys[..] {
            [one] => format!("dedup_key={one}"),
            many => format!("dedup_key=~{}", many.join("|")),
        };
        let matchers = vec![Matcher::parse(&matcher).expect("matcher")];
        let id = id.as_str().into();
        Action::PutSilence(Silence { id, matchers, time, created_by, comment, created_at, history })
    }

    fn is_about(&self, alert: usize) -> bool {
        self.about == 0 || self.about & 1 << alert != 0
    }

    /// Whether it holds in this minute, read off the wall clock. In the skipped hour nothing can be read off: what the
    /// clock would have shown then is at its end.
    fn holds(&self, minute: i64) -> bool {
        let (first, last) = (self.made + self.from, self.made + self.from + self.lasting);
        let ended = self.ended.is_some_and(|after| minute >= self.made + after);
        if ended || !(first..last).contains(&minute) {
            return false;
        }
        let Some((from, length)) = self.daily else { return true };
        let shown = zone().to_datetime(at(minute));
        let shown = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
        // Past midnight it belongs to the day before.
        [shown, shown + 1_440].into_iter().any(|shown| (from..from + length).contains(&shown))
    }
}

fn directory() -> Directory {
    let person = |id: &str| Person {
        id: id.into(),
        name: id.to_owned(),
        email: Some(format!("{id}@example.org")),
        time_zone: TimeZone::UTC,
        language: "en".to_owned(),
    };
    let step = Step::new(vec![Target::Person("a".into())], SignedDuration::from_mins(7));
    let policy = EscalationPolicy::new("p".into(), vec![step], 100);
    let service = Service {
        id: "one".into(),
        name: "one".to_owned(),
        policy: "p".into(),
        urgency: None,
        support_hours: None,
        reopen_within: SignedDuration::ZERO,
        team: None,
        subscribers: Vec::new(),
    };
    Directory {
        people: ["a", "b"].map(|id| (PersonId::new(id), person(id))).into(),
        services: BTreeMap::from([(service.id.clone(), service)]),
        integrations: BTreeMap::from([(
            IntegrationId::new("in"),
            Integration { id: "in".into(), service: "one".into() },
        )]),
        policies: BTreeMap::from([(policy.id.clone(), Arc::new(policy))]),
        fallback: vec![Target::Person("b".into())],
        ..Directory::default()
    }
    .with_built_in()
}

struct World {
    directory: Directory,
    state: State,
    now: Timestamp,
    /// Incidents for which a page was decided in this minute.
    paged: BTreeSet<IncidentId>,
    events: u64,
}

impl World {
    fn input(&mut self, input: &Input) -> Transition {
        let view = View { directory: &self.directory, state: &self.state };
        let transition = decide(view, input, self.now);
        self.state.apply(&transition.changes);
        assert_eq!(invariant::violations(&self.state), Vec::<String>::new(), "after {input:?}");
        for change in &transition.changes {
            if let Change::Delivery(page) = change
                && page.is_page()
                && page.is_pending()
            {
                self.paged.insert(page.incident);
            }
        }
        transition
    }

    /// All that is due now, as a process would do it that was restarted: nothing but the state is kept.
    fn due(&mut self) {
        let mut turns = 0;
        while let Some(timer) = self.state.due(self.now, 1).pop() {
            self.input(&Input::Due(timer.key.clone()));
            let again = self.input(&Input::Due(timer.key.clone()));
            assert!(again.is_empty(), "I9: {:?} twice at one now", timer.key);
            turns += 1;
            assert!(turns < 1_000, "time stands still");
        }
    }

    fn act(&mut self, action: Action) -> Reply {
        self.input(&Input::Action { by: Actor::Person("a".into()), via: None, action }).reply
    }

    fn say(&mut self, said: Said) {
        self.events += 1;
        let key = format!("k{}", said.alert);
        let event = Event {
            id: EventId(self.events),
            integration: "in".into(),
            received_at: self.now,
            kind: if said.fires { EventKind::Trigger } else { EventKind::Resolve },
            dedup_key: key.as_str().into(),
            title: key,
            severity: Severity::Critical,
            starts_at: None,
            expires_at: None,
            source: "host".to_owned(),
            links: Vec::new(),
            images: Vec::new(),
            labels: BTreeMap::new(),
            details: String::new(),
            attributes: Vec::new(),
        };
        self.input(&Input::Event(Box::new(JudgedEvent {
            event: Arc::new(event),
            verdict: Verdict::Pass,
            decision: RouteDecision::default(),
            stages: Vec::new(),
        })));
    }

    fn alert(&self, alert: usize) -> Option<&Arc<Alert>> {
        let dedup_key = format!("k{alert}").as_str().into();
        self.state.alert(&AlertId { integration: "in".into(), dedup_key })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn i06_i09_an_alert_pages_if_and_only_if_nothing_quiet_covers_it(
        planned in planned(), said in said(),
    ) {
        let state = State::default();
        let (now, paged) = (beginning(), BTreeSet::new());
        let mut world = World { directory: directory(), state, now, paged, events: 0 };
        let mut fires = [false; ALERTS];
        // What the oracle knows of those that were not refused.
        let mut made: Vec<&Planned> = Vec::new();
        // How long nobody was paged for an alert that fires aloud.
        let mut unheard = [0; ALERTS];
        for minute in 0..600 {
            world.now = at(minute);
            world.paged.clear();
            world.due();
            for (id, one) in planned.iter().enumerate() {
                if one.made == minute && world.act(one.action(id)) == Reply::Done {
                    made.push(one);
                }
                if one.ended == Some(minute - one.made) && made.iter().any(|known| std::ptr::eq(*known, one)) {
                    world.act(match one.about {
                        0 => Action::EndMaintenanceWindow(format!("q{id}").as_str().into()),
                        _ => Action::ExpireSilence(format!("q{id}").as_str().into()),
                    });
                }
            }
            world.due();
            for one in said.iter().filter(|one| one.at == minute) {
                world.say(*one);
                fires[one.alert] = one.fires;
            }
            for alert in 0..ALERTS {
                let quiet = made.iter().any(|one| one.is_about(alert) && one.holds(minute));
                let incident = world.alert(alert).filter(|_| fires[alert]).and_then(|alert| alert.incident);
                let paged = incident.is_some_and(|incident| world.paged.contains(&incident));
                if quiet {
                    let made_now = made.iter().any(|one| one.made == minute);
                    prop_assert!(!paged || made_now, "k{alert} pages at {minute} although it is quiet");
                    let rings = incident.and_then(|id| world.state.incident(id)).is_some_and(|i| i.is_ringing());
                    prop_assert!(!rings, "k{alert} rings at {minute} although it is quiet");
                    unheard[alert] = 0;
                } else if fires[alert] {
                    prop_assert!(incident.is_some(), "k{alert} fires aloud at {minute} and has no incident");
                    let rings = incident.and_then(|id| world.state.incident(id)).is_some_and(|i| i.is_ringing());
                    prop_assert!(rings, "k{alert} fires aloud at {minute} and does not ring");
                    unheard[alert] = if paged { 0 } else { unheard[alert] + 1 };
                    prop_assert!(unheard[alert] <= 7, "k{alert} is not heard at {minute}");
                } else {
                    unheard[alert] = 0;
                }
            }
        }
    }
}
