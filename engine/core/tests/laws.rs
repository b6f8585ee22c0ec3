//! Laws that hold for any sequence of inputs, tried with random ones.

use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use nightbell_core::{decide, invariant};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn directory() -> Directory {
    let person = |id: &str, email: bool| {
        let person = Person {
            id: id.into(),
            name: id.to_owned(),
            email: email.then(|| format!("{id}@example.org")),
            time_zone: jiff::tz::TimeZone::UTC,
            language: "en".to_owned(),
        };
        (PersonId::new(id), person)
    };
    let turn = Turn { count: 8, unit: TurnUnit::Hours };
    let start = "2026-01-01T09:00".parse().expect("time");
    let layer = Layer::new("days", start, turn, vec![Some("a".into()), None, Some("b".into())]);
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").expect("zone");
    let schedule = Schedule::new("s".into(), zone, vec![layer]);
    let steps = vec![
        Step::new(vec![Target::Schedule("s".into())], SignedDuration::from_mins(5)),
        Step::new(
            vec![Target::Person("c".into()), Target::Person("b".into())],
            SignedDuration::from_mins(7),
        ),
    ];
    let policy = EscalationPolicy::new("p".into(), steps, 1);
    let service = |id: &str, urgency| {
        let service = Service {
            id: id.into(),
            name: id.to_owned(),
            policy: if id == "one" { "p" } else { "full" }.into(),
            urgency,
            support_hours: (id == "two").then(|| Arc::new(support_hours())),
            reopen_within: SignedDuration::from_secs(if id == "one" { 900 } else { 0 }),
            team: None,
            subscribers: Vec::new(),
        };
        (ServiceId::new(id), service)
    };
    Directory {
        people: BTreeMap::from([person("a", true), person("b", true), person("c", false)]),
        services: BTreeMap::from([service("one", None), service("two", Some(Urgency::High))]),
        integrations: BTreeMap::from([(
            IntegrationId::new("in"),
            Integration { id: "in".into(), service: "one".into() },
        )]),
        policies: BTreeMap::from([
            (PolicyId::new("p"), Arc::new(policy)),
            (PolicyId::new("full"), Arc::new(full_policy())),
        ]),
        teams: BTreeMap::from([(TeamId::new("t"), team())]),
        rooms: BTreeMap::from([(RoomId::new("r"), room())]),
        schedules: BTreeMap::from([(ScheduleId::new("s"), Arc::new(schedule))]),
        fallback: vec![Target::Person("b".into())],
        ..Directory::default()
    }
    .with_built_in()
}

fn hours(window: &str) -> Hours {
    let windows = vec![Window::parse(window).expect("a window")];
    Hours { time_zone: jiff::tz::TimeZone::get("Europe/Berlin").expect("zone"), windows }
}

fn support_hours() -> SupportHours {
    let hours = hours("02:30-09:00");
    SupportHours { hours, inside: Urgency::High, outside: Urgency::Low }
}

fn team() -> Team {
    let members = ["a", "b", "c"].map(PersonId::from).to_vec();
    Team { id: "t".into(), name: "t".to_owned(), members }
}

fn room() -> Room {
    let (channel, address) = ("chat".to_owned(), "C".to_owned());
    Room { id: "r".into(), name: "r".to_owned(), channel, address }
}

/// With all that a policy may have.
fn full_policy() -> EscalationPolicy {
    let minutes = SignedDuration::from_mins;
    let loud = Conditions {
        urgency: Some(Urgency::High),
        hours: Some(hours("22:00-06:00")),
        ..Conditions::default()
    };
    let steps = vec![
        Step {
            strategy: StepStrategy::RoundRobin,
            ..Step::new(vec![Target::Team("t".into())], minutes(4))
        },
        Step { conditions: loud, ..Step::new(vec![Target::Next("s".into())], minutes(6)) },
        Step {
            acknowledgements: Some(3),
            ..Step::new(vec![Target::Room("r".into()), Target::Person("a".into())], minutes(9))
        },
    ];
    EscalationPolicy {
        acknowledgements: 2,
        acknowledge_timeout: Some(minutes(25)),
        resolve_after: Some(minutes(90)),
        repage: vec![minutes(2), minutes(3)],
        ..EscalationPolicy::new("full".into(), steps, 1)
    }
}

/// What somebody writes for those who follow.
const WRITTEN: &str = "as it was";

/// What happens next, in numbers that the world turns into an input.
#[derive(Clone, Copy, Debug)]
struct Happening {
    what: u8,
    which: u8,
    how: u8,
    seconds: u16,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = (0..28_u8, 0..6_u8, any::<u8>(), 0..2_000_u16)
        .prop_map(|(what, which, how, seconds)| Happening { what, which, how, seconds });
    proptest::collection::vec(one, 1..80)
}

struct World {
    directory: Directory,
    state: State,
    now: Timestamp,
    events: u64,
    /// Pages that were handed out and whose result is not in yet, whatever was decided since.
    under_way: Vec<Arc<Delivery>>,
    /// The last that was told to each thread, or is about to be.
    told: BTreeMap<(IncidentId, String, String), String>,
    /// When a person was last paged about each incident.
    rung: BTreeMap<IncidentId, Timestamp>,
    /// Threads that there were so far.
    begun: BTreeSet<(IncidentId, String, String)>,
}

impl World {
    fn new() -> Self {
        let now = "2026-03-28T22:00:00Z".parse().expect("time");
        let (state, under_way, told) = (State::default(), Vec::new(), BTreeMap::new());
        let (rung, begun) = (BTreeMap::new(), BTreeSet::new());
        Self { directory: directory(), state, now, events: 0, under_way, told, begun, rung }
    }

    fn input(&mut self, input: Input) {
        let view = View { directory: &self.directory, state: &self.state };
        let transition = decide(view, &input, self.now);
        assert_eq!(transition, decide(view, &input, self.now), "I1: the same in, the same out");
        self.state.apply(&transition.changes);
        assert_eq!(invariant::violations(&self.state), Vec::<String>::new(), "after {input:?}");
        let pages: Vec<_> = transition.changes.iter().filter_map(new_page).collect();
        for (incident, person) in pages {
            assert!(
                self.state.incident(incident).is_some_and(|i| i.may_page(&person)),
                "I12: a page to {person} for incident {incident}, which does not ring for them"
            );
            if person.room().is_none() {
                self.rung.insert(incident, self.now);
            }
        }
        for change in &transition.changes {
            self.note(change);
        }
        self.threads_are_current();
    }

    fn note(&mut self, change: &Change) {
        if let Change::Thread(thread) = change {
            let key = (thread.incident, thread.channel.clone(), thread.address.clone());
            let pending = self
                .state
                .updates_of(thread.incident)
                .any(|update| update.channel == thread.channel && update.address == thread.address);
            // What an earlier message said that nobody keeps current is not what this one says.
            if self.begun.insert(key.clone()) && !pending {
                self.told.remove(&key);
            }
        }
        if let Change::Delivery(delivery) = change
            && let Purpose::StatusUpdate { update } = &delivery.purpose
            && delivery.is_pending()
            // What somebody wrote is no change of status.
            && update != WRITTEN
        {
            let thread = (delivery.incident, delivery.channel.clone(), delivery.address.clone());
            self.told.insert(thread, update.clone());
        }
    }

    /// What each thread was told last is how its incident stands.
    fn threads_are_current(&self) {
        for thread in self.state.threads().filter(|thread| thread.page.is_some()) {
            let incident = self.state.known_incident(thread.incident).expect("of a known incident");
            let key = (thread.incident, thread.channel.clone(), thread.address.clone());
            let told = self.told.get(&key).map(String::as_str);
            let fits = match (incident.status, incident.snoozed_until) {
                (IncidentStatus::Triggered, _) => told.is_none_or(|t| t.starts_with("rings again")),
                (IncidentStatus::Acknowledged, None) => {
                    told.is_some_and(|t| t.starts_with("acknowledged by "))
                }
                (IncidentStatus::Acknowledged, Some(_)) => {
                    told.is_some_and(|t| t.starts_with("snoozed by "))
                }
                (IncidentStatus::Resolved, _) => told.is_some_and(|t| t.starts_with("resolved")),
            };
            assert!(fits, "{key:?} was told {told:?} last, and is {:?}", incident.status);
        }
    }

    fn happen(&mut self, happening: Happening) {
        let Happening { what, which, how, seconds } = happening;
        self.pass(SignedDuration::from_secs(i64::from(seconds)));
        let open: Vec<_> = self.state.incidents().map(|i| i.id).collect();
        let incident = open.get(usize::from(which) % open.len().max(1)).copied();
        let person = PersonId::new(["a", "b", "c"][usize::from(how % 3)]);
        let by = Actor::Person(person.clone());
        let act = |action| Input::Action { by: by.clone(), via: None, action };
        let until = self.now + SignedDuration::from_secs(600);
        let input = match (what, incident) {
            (16, _) => {
                // The configuration loses somebody, or has them back; with them a service and the schedule.
                self.directory = directory();
                match how % 4 {
                    // Not the fallback: `check` refuses that.
                    0 if person.as_str() != "b" => drop(self.directory.people.remove(&person)),
                    1 => drop(self.directory.services.remove("one")),
                    2 => drop(self.directory.schedules.remove("s")),
                    _ => {}
                }
                return;
            }
            (27, Some(incident)) => {
                let people = vec![person.clone(), "b".into()];
                act(Action::AddResponders { incident, people })
            }
            (17, _) => act(Action::PutMethod { person: person.clone(), method: method("m") }),
            (18, _) => {
                let profile = self.state.profile(&person).cloned();
                let methods = profile.iter().flat_map(|profile| &profile.methods);
                let rule = |(place, method): (usize, &ContactMethod)| NotificationRule {
                    urgency: if how < 200 { Urgency::High } else { Urgency::Low },
                    method: method.id.clone(),
                    delay: SignedDuration::from_secs(i64::from(which) * 60 * place as i64),
                };
                let rules = methods.enumerate().map(rule).collect();
                act(Action::SetRules { person: person.clone(), rules })
            }
            (19, _) => act(Action::RemoveMethod { person: person.clone(), method: "m".into() }),
            (0..=5, _) => self.event(which, how),
            (6, Some(id)) => act(Action::Acknowledge(id)),
            (7, Some(id)) => act(Action::Resolve(id)),
            (8, Some(incident)) => act(Action::Snooze { incident, until }),
            (9, Some(incident)) => act(Action::Reassign { incident, to: vec![person.clone()] }),
            (10, Some(id)) => act(Action::Escalate(id)),
            (11, _) => act(Action::PutSilence(self.silence(which, how))),
            (12, _) => act(Action::ExpireSilence(format!("s{}", which % 2).as_str().into())),
            (13, _) => act(Action::PutOverride(self.schedule_override(which, &person))),
            (14, _) => match self.sendable(which) {
                Some(delivery) => {
                    self.under_way.push(delivery);
                    return;
                }
                None => return,
            },
            (20, _) => match self.under_way.pop() {
                Some(delivery) => self.attempt(delivery, how),
                None => return,
            },
            (22, Some(into)) => {
                let incidents = open.iter().copied().filter(|id| id.0 % 3 == u64::from(how % 3));
                act(Action::Merge { into, incidents: incidents.collect() })
            }
            (23, Some(incident)) => {
                let alerts = self.state.incident(incident).map(|known| known.alerts.clone());
                let alerts = alerts.into_iter().flatten().skip(usize::from(how % 3));
                act(Action::Split { incident, alerts: alerts.collect() })
            }
            (24, Some(incident)) => act(Action::Subscribe { incident, person: person.clone() }),
            (25, Some(incident)) => act(Action::SetPriority { incident, priority: None }),
            (26, Some(incident)) => act(Action::PostUpdate { incident, text: WRITTEN.to_owned() }),
            (21, _) => match self.under_way.last().cloned() {
                Some(delivery) => receipt(delivery, how),
                None => return,
            },
            _ => match self.sendable(which) {
                Some(delivery) => self.attempt(delivery, how),
                None => return,
            },
        };
        self.input(input);
        self.pass(SignedDuration::ZERO);
        self.nothing_rests_without_a_reason();
    }

    /// What the outbox would hand out; pages that share a message are not sent as they are.
    fn sendable(&self, which: u8) -> Option<Arc<Delivery>> {
        let mut pending = self.state.deliveries().filter(|delivery| delivery.is_pending());
        pending.nth(usize::from(which)).cloned()
    }

    /// I6: what is held is held by a silence that is active, or by a filter.
    fn nothing_rests_without_a_reason(&self) {
        let silenced =
            |alert: &Alert| nightbell_core::filter::quiet(&self.state, alert, self.now).is_some();
        let firing = || self.state.alerts().filter(|alert| alert.status == AlertStatus::Firing);
        for incident in self.state.incidents() {
            let own = || firing().filter(|alert| alert.incident == Some(incident.id));
            let paused = incident.escalation.paused_with.is_some();
            assert!(!paused || own().all(|alert| silenced(alert)), "{incident:?} is paused");
        }
        for alert in firing().filter(|alert| alert.incident.is_none()) {
            let by_silence =
                alert.suppression.as_ref().is_some_and(|s| matches!(s.by, SuppressedBy::Quiet(_)));
            assert!(!by_silence || silenced(alert), "{alert:?} is held by no silence");
            let due = self.state.timer(&TimerKey::Unsuppress(alert.id.clone()));
            let until = alert.suppression.as_ref().and_then(|suppression| suppression.until);
            assert_eq!(due, until, "{alert:?} is let go when its suppression ends");
        }
    }

    fn event(&mut self, which: u8, how: u8) -> Input {
        self.events += 1;
        let kinds =
            [EventKind::Trigger, EventKind::Resolve, EventKind::Acknowledge, EventKind::Change];
        let kind = if how < 170 { EventKind::Trigger } else { kinds[usize::from(how % 4)] };
        let verdict = match how % 7 {
            0 => Verdict::Drop { reason: "r".to_owned(), by: "f".into() },
            1 => Verdict::Suppress {
                reason: "r".to_owned(),
                by: "f".into(),
                until: (how.is_multiple_of(2)).then(|| self.now + SignedDuration::from_secs(300)),
            },
            _ => Verdict::Pass,
        };
        let decision = RouteDecision {
            service: (how.is_multiple_of(5)).then(|| "two".to_owned()),
            group_key: (which.is_multiple_of(2)).then(|| "g".to_owned()),
            ..RouteDecision::default()
        };
        let event = Event {
            id: EventId(self.events),
            integration: "in".into(),
            received_at: self.now,
            kind,
            dedup_key: format!("k{which}").as_str().into(),
            title: format!("k{which}"),
            severity: if how.is_multiple_of(3) { Severity::Warning } else { Severity::Critical },
            starts_at: (how.is_multiple_of(4)).then_some(self.now),
            expires_at: (how.is_multiple_of(6)).then(|| self.now + SignedDuration::from_secs(240)),
            source: format!("host{}", which % 3),
            links: Vec::new(),
            images: Vec::new(),
            labels: BTreeMap::new(),
            details: String::new(),
            attributes: Vec::new(),
        };
        Input::Event(Box::new(JudgedEvent {
            event: event.into(),
            verdict,
            decision,
            stages: Vec::new(),
        }))
    }

    fn silence(&self, which: u8, how: u8) -> Silence {
        let matcher = Matcher::parse(&format!("source=host{}", which % 3)).expect("matcher");
        let starts_at = self.now + SignedDuration::from_secs(i64::from(how % 2) * 100);
        Silence {
            id: format!("s{}", which % 2).as_str().into(),
            matchers: vec![matcher],
            time: QuietTime {
                starts_at,
                ends_at: starts_at + SignedDuration::from_secs(900),
                weekly: None,
            },
            created_by: "a".to_owned(),
            comment: "c".to_owned(),
            created_at: self.now,
            history: Vec::new(),
        }
    }

    fn schedule_override(&self, which: u8, person: &PersonId) -> Override {
        Override {
            id: format!("o{which}").as_str().into(),
            schedule: "s".into(),
            person: person.clone(),
            starts_at: self.now,
            ends_at: self.now + SignedDuration::from_secs(1_800),
            created_at: self.now,
            created_by: "a".to_owned(),
        }
    }

    fn attempt(&self, delivery: Arc<Delivery>, how: u8) -> Input {
        let result = match how % 3 {
            0 => AttemptResult::Delivered {
                receipt: None,
                thread: (!how.is_multiple_of(5)).then(|| "t".to_owned()),
                arrived: how.is_multiple_of(2),
                problems: Vec::new(),
            },
            1 => AttemptResult::Failed {
                kind: FailureKind::Transient { retry_after_s: Some(u32::from(how)) },
                message: "m".to_owned(),
            },
            _ => AttemptResult::Failed { kind: FailureKind::Permanent, message: "m".to_owned() },
        };
        Input::Attempt(Attempt { delivery, started_at: self.now, result })
    }

    /// Moves the clock; each due timer is tried twice (I9).
    fn pass(&mut self, time: SignedDuration) {
        let until = self.now + time;
        let mut turns = 0;
        while let Some(due) = self.state.next_due().filter(|due| *due <= until) {
            self.now = due.max(self.now);
            for timer in self.state.due(self.now, 1_000) {
                self.input(Input::Due(timer.key.clone()));
                let view = View { directory: &self.directory, state: &self.state };
                let twice = decide(view, &Input::Due(timer.key.clone()), self.now);
                assert!(twice.is_empty(), "I9: {:?} twice at one now", timer.key);
            }
            turns += 1;
            assert!(turns < 10_000, "time stands still");
        }
        self.now = until;
    }
}

fn receipt(delivery: Arc<Delivery>, how: u8) -> Input {
    let at = delivery.created_at;
    let status = match how % 3 {
        0 => delivery.status.clone(),
        _ => DeliveryStatus::Delivered { at, receipt: None, arrived: false },
    };
    let outcome = match how.is_multiple_of(2) {
        true => ReceiptOutcome::Arrived,
        false => ReceiptOutcome::CameBack { reason: "r".to_owned() },
    };
    let delivery = Arc::new(Delivery { status, ..(*delivery).clone() });
    Input::Receipt(LateReceipt { delivery, outcome })
}

fn method(id: &str) -> ContactMethod {
    ContactMethod {
        id: id.into(),
        channel: id.to_owned(),
        address: id.to_owned(),
        verified: true,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn new_page(change: &Change) -> Option<(IncidentId, PersonId)> {
    match change {
        Change::Delivery(d) if d.is_open() && (d.is_page() || d.is_post()) => {
            Some((d.incident, d.person.clone()))
        }
        Change::PreparedDelivery(d) => Some((d.incident, d.person.clone())),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn i01_i09_i12_any_sequence_keeps_the_invariants(happenings in happenings()) {
        let mut world = World::new();
        for happening in happenings {
            world.happen(happening);
        }
        // Left alone, every incident that rings pages somebody again.
        world.pass(SignedDuration::from_hours(6));
        for incident in world.state.leaving() {
            prop_assert!(world.state.updates_of(incident.id).next().is_some(), "{} stays", incident.id);
        }
        let bell = nightbell_core::escalate::FALLBACK_INTERVAL;
        for incident in world.state.incidents().filter(|i| i.is_ringing()) {
            prop_assert!(!incident.paged.is_empty(), "incident {} rang nobody", incident.id);
            let silent_for = world.now.duration_since(world.rung[&incident.id]);
            prop_assert!(silent_for <= bell, "incident {} is silent", incident.id);
        }
    }
}
