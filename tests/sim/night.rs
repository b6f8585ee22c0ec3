//! What happens in the night of a seed: conditions come and go, people answer, channels fail, the clock jumps, the process
//! is killed and starts again.

use crate::channel::Channels;
use crate::law::{self, Memory};
use crate::process::{Killed, Process};
use crate::random::Random;
use crate::wish::Wishes;
use crate::world;
use jiff::{SignedDuration, Timestamp};
use nightbell::store::{Arrival, MemoryStore, Parsing};
use nightbell_core::model::*;
use std::sync::Arc;

/// What a night consists of.
const STEPS: i64 = 120;
/// How long it is watched when nothing happens any more.
const WATCHED: SignedDuration = SignedDuration::from_mins(150);
/// Turns of the loop that a watch may take; more means that something is due without end.
const TURNS_MAX: usize = 20_000;

type Tell<'a> = Box<dyn FnMut(String) + 'a>;

pub(crate) struct Night<'a> {
    random: Random,
    directory: Arc<Directory>,
    text: String,
    process: Process,
    channels: Channels,
    memory: Memory,
    now: Timestamp,
    things: u64,
    tell: Option<Tell<'a>>,
}

impl<'a> Night<'a> {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let text = world::text(&mut random);
        let store = Arc::new(MemoryStore::new());
        // Around a change of daylight saving time as often as not.
        let days = ["2026-03-28T20:00:00Z", "2026-10-24T12:00:00Z", "2026-06-15T08:00:00Z"];
        let now = random.pick(&days).unwrap().parse().unwrap();
        let process = Process::start(store, &mut random);
        Self {
            directory: world::read(&text),
            text,
            process,
            channels: Channels::default(),
            memory: Memory::default(),
            now,
            things: 0,
            tell: None,
            random,
        }
    }

    /// As it passes, every line of it goes to `tell`.
    pub(crate) fn told(mut self, tell: impl FnMut(String) + 'a) -> Self {
        self.tell = Some(Box::new(tell));
        self
    }

    fn say(&mut self, line: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(tell) = &mut self.tell {
            tell(format!("{now} {}", line()));
        }
    }

    /// Goes through it.
    ///
    /// # Panics
    /// When a law is broken.
    pub(crate) fn pass(mut self) {
        let text = std::mem::take(&mut self.text);
        self.say(|| format!("the company:\n{text}"));
        for _ in 0..STEPS {
            self.step();
        }
        self.morning();
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..=29 => self.time_passes(),
            30..=52 => self.monitors_speak(),
            53..=71 => self.somebody_acts(),
            72..=95 => self.channels_work(),
            96..=97 => self.kill("out of the blue"),
            _ => self.change_of_company(),
        }
        self.laws();
    }

    fn laws(&mut self) {
        let state = &self.process.state;
        law::nothing_waits_in_vain(state, self.now);
        law::whatever_is_open_goes_on(state, self.now);
        self.memory.nothing_is_forgotten(&self.process.state);
        let timers: Vec<_> = self.process.state.timers().map(|timer| timer.key).collect();
        if let Some(key) = self.random.pick(&timers) {
            law::due_again(&self.directory, &self.process.state, self.now, key);
        }
    }

    fn time_passes(&mut self) {
        let next = self.process.next_at(self.now).filter(|_| self.random.percent(60));
        let to = match next {
            Some(next) => next,
            None if self.random.percent(8) => {
                self.now + SignedDuration::from_hours(self.random.between(1, 40))
            }
            None => self.now + SignedDuration::from_secs(self.random.between(1, 1_800)),
        };
        // The pipeline's time never runs backwards, whatever the machine's clock does.
        self.now = self.now.max(to);
        self.turn(None);
    }

    fn monitors_speak(&mut self) {
        let storm = self.random.percent(4);
        let count = if storm { self.random.between(20, 80) } else { self.random.between(1, 3) };
        for _ in 0..count {
            let kind = match self.random.below(10) {
                0..=6 => EventKind::Trigger,
                7 | 8 => EventKind::Resolve,
                _ => *self.random.pick(&[EventKind::Acknowledge, EventKind::Change]).unwrap(),
            };
            let event = world::event(&mut self.random, self.now, kind);
            self.say(|| format!("{} says {:?} {}", event.integration, event.kind, event.dedup_key));
            self.process.append(arrival(event));
        }
        self.turn(None);
    }

    fn change_of_company(&mut self) {
        let mut random = Random::new(self.random.next());
        let text = world::text(&mut random);
        self.directory = world::read(&text);
        self.say(|| format!("the configuration changes:\n{text}"));
        self.turn(Some(Input::Config));
    }

    fn channels_work(&mut self) {
        for _ in 0..self.random.between(1, 6) {
            if !self.start_one() {
                break;
            }
        }
        self.land();
    }

    fn start_one(&mut self) -> bool {
        let Self { channels, random, process, .. } = self;
        let seconds = |to: &Delivery| channels.seconds(&to.channel, &to.address, random);
        let Some(delivery) = process.start_attempt(self.now, seconds) else { return false };
        self.memory.attempt_may_start(&delivery);
        self.say(|| format!("an attempt at {} to {} starts", delivery.id, delivery.address));
        true
    }

    fn land(&mut self) {
        while let Some(flight) = self.process.landed(self.now) {
            let delivery = flight.delivery;
            let result =
                self.channels.result(&delivery.channel, &delivery.address, &mut self.random);
            self.say(|| format!("the attempt at {} ends: {result:?}", delivery.id));
            let attempt =
                Attempt { delivery: delivery.clone(), started_at: flight.started_at, result };
            if self.turn(Some(Input::Attempt(attempt))) {
                return;
            }
            self.process.outbox.finish(&delivery.id);
            if self.random.percent(10) {
                self.late_receipt(&delivery.id);
            }
        }
    }

    /// The other side tells later what became of it: of any earlier version that the store knows.
    fn late_receipt(&mut self, id: &DeliveryId) {
        let store = self.process.store.clone();
        let Some(incident) = nightbell_core::notify::incident_of(id) else { return };
        let known = futures_util::FutureExt::now_or_never(nightbell::store::Store::deliveries(
            &*store, incident,
        ));
        let known = known.unwrap().unwrap();
        let Some(delivery) = known.into_iter().find(|known| known.id == *id) else { return };
        let outcome = match self.random.percent(60) {
            true => ReceiptOutcome::Arrived,
            false => ReceiptOutcome::CameBack { reason: "mailbox full".to_owned() },
        };
        self.say(|| format!("a late word about {id}: {outcome:?}"));
        self.turn(Some(Input::Receipt(LateReceipt { delivery, outcome })));
    }

    fn somebody_acts(&mut self) {
        let Some((action, whose)) = self.action() else { return };
        let anybody = PersonId::from(*self.random.pick(&world::PEOPLE).unwrap());
        let by = match self.random.below(100) {
            0..=84 => Actor::Person(whose.unwrap_or(anybody)),
            85..=89 => Actor::Person(anybody),
            _ => Actor::Admin("root".to_owned()),
        };
        self.say(|| format!("{by:?} wants {action:?}"));
        self.turn(Some(Input::Action { by, via: None, action }));
    }

    /// What somebody wants, and whose it is to want.
    fn action(&mut self) -> Option<(Action, Option<PersonId>)> {
        self.things += 1;
        let name = format!("t{}", self.things);
        let Self { random, process, directory, now, .. } = self;
        let view = View { directory, state: &process.state };
        let mut wishes = Wishes { random, view, now: *now, name, whose: None };
        let action = wishes.draw()?;
        Some((action, wishes.whose))
    }

    /// One turn of the engine's loop. Answers whether the process was killed in it.
    fn turn(&mut self, input: Option<Input>) -> bool {
        let kill = match self.random.below(100) {
            0..=1 => Some(Killed::BeforeCommit),
            2..=3 => Some(Killed::AfterCommit),
            _ => None,
        };
        let salt = self.random.next();
        let judge = |event: &Event| judged(event, salt);
        let turn = self.process.turn(&self.directory, input.as_ref(), judge, self.now, kill);
        if let Reply::Refused(refusal) = &turn.reply {
            self.say(|| format!("refused: {refusal}"));
        }
        if let Some(commit) = &turn.commit
            && turn.killed != Some(Killed::BeforeCommit)
        {
            self.memory.note(commit);
            for entry in &commit.timeline {
                self.say(|| format!("#{} {} {:?}", entry.incident, entry.actor.name(), entry.kind));
            }
        }
        if let Some(killed) = turn.killed {
            self.kill(&format!("{killed:?}"));
        }
        turn.killed.is_some()
    }

    /// The process is gone, with all that was not in the store; another takes over.
    fn kill(&mut self, when: &str) {
        self.say(|| format!("the process is killed ({when}) and starts again"));
        self.process = Process::start(self.process.store.clone(), &mut self.random);
        let broken = nightbell_core::invariant::violations(&self.process.state);
        assert!(broken.is_empty(), "after a restart: {broken:#?}");
        self.memory.nothing_is_forgotten(&self.process.state);
    }

    /// Nothing happens any more, nobody answers, every channel works: what is open must be heard.
    fn morning(&mut self) {
        self.say(|| "from now on everything works and nobody answers".to_owned());
        self.channels.heal();
        let (since, until) = (self.now, self.now + WATCHED);
        for _ in 0..TURNS_MAX {
            while self.start_one() {}
            self.land();
            self.turn(None);
            let Some(next) = self.process.next_at(self.now).filter(|next| *next <= until) else {
                self.now = until;
                self.memory.the_bell_keeps_ringing(
                    &self.directory,
                    &self.process.state,
                    since,
                    self.now,
                );
                return;
            };
            self.now = self.now.max(next);
            self.laws();
            self.memory.the_bell_keeps_ringing(
                &self.directory,
                &self.process.state,
                since,
                self.now,
            );
        }
        panic!("something is due without end: {:?}", self.process.state.due(self.now, 3));
    }
}

fn arrival(event: Event) -> Arrival {
    Arrival {
        integration: event.integration.clone(),
        received_at: event.received_at,
        payload_id: String::new(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        content_type: String::new(),
        body: bytes::Bytes::new(),
        parser: None,
        parsing: Parsing::Parsed { rejected: Vec::new() },
        events: vec![event],
    }
}

/// What filters and routers make of an event: another opinion in each turn, as reloaded plugins may have.
fn judged(event: &Event, salt: u64) -> JudgedEvent {
    let mut random = Random::new(salt ^ event.id.0);
    let verdict = match random.below(20) {
        0 => Verdict::Drop { reason: "noise".to_owned(), by: "mute".into() },
        1 => {
            let minutes = random.between(1, 60);
            let until = event.received_at + SignedDuration::from_mins(minutes);
            let until = random.percent(70).then_some(until);
            Verdict::Suppress { reason: "flaps".to_owned(), by: "calm".into(), until }
        }
        _ => Verdict::Pass,
    };
    let group = random.percent(40).then(|| format!("g{}", random.below(3)));
    let urgency = random.percent(20).then_some(Urgency::High);
    let service = random.percent(10).then(|| (*random.pick(&world::SERVICES).unwrap()).to_owned());
    let priority = random.percent(30).then(|| (*random.pick(&["P1", "P3"]).unwrap()).to_owned());
    let decision =
        RouteDecision { group_key: group, urgency, service, priority, ..RouteDecision::default() };
    JudgedEvent { event: Arc::new(event.clone()), verdict, decision, stages: Vec::new() }
}
