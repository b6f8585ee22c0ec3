//! Calendars from a seed: everything that can be written down and decided, on a grid of 15 minutes.

use jiff::civil::{DateTime, Time, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use nightbell_core::model::*;
use nightbell_core::schedule::{Calendar, calendar};
use std::sync::Arc;

const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/Chicago",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
    "Africa/Casablanca",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Almaty",
];
/// Of Apia's lost day and of Almaty's new offset, and others.
const YEARS: [i16; 6] = [2011, 2024, 2026, 2026, 2027, 2031];
pub(super) const PEOPLE: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A deterministic sequence.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 0 to `n` - 1.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    pub(super) fn person(&mut self) -> PersonId {
        self.pick(&PEOPLE).into()
    }

    fn time(&mut self) -> Time {
        Time::new(self.below(24) as i8, self.pick(&[0, 15, 30, 45]), 0, 0).expect("time")
    }

    fn weekday(&mut self) -> Weekday {
        Weekday::from_monday_zero_offset(self.below(7) as i8).expect("day")
    }

    /// Within `hours` after `from`, on the grid.
    pub(super) fn after(&mut self, from: Timestamp, hours: u64) -> Timestamp {
        from + SignedDuration::from_mins(15 * self.below(hours * 4) as i64)
    }
}

/// Everything about one schedule.
pub(super) struct World {
    pub(super) directory: Directory,
    pub(super) state: State,
    /// Where to look.
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

pub(super) fn id() -> ScheduleId {
    "s".into()
}

impl World {
    pub(super) fn calendar<T>(&self, ask: impl FnOnce(Calendar<'_>) -> T) -> T {
        let view = View { directory: &self.directory, state: &self.state };
        ask(calendar(view, &id()).expect("known"))
    }

    pub(super) fn shifts(&self, from: Timestamp, to: Timestamp) -> Vec<Shift> {
        self.calendar(|calendar| calendar.shifts(from, to))
    }

    pub(super) fn calendar_is_known(&self) -> bool {
        let view = View { directory: &self.directory, state: &self.state };
        calendar(view, &id()).is_some()
    }

    pub(super) fn apply(&mut self, change: Change) {
        self.state.apply(&[change]);
    }
}

fn restriction(dice: &mut Dice) -> Restriction {
    if dice.one_in(3) {
        let from = (dice.weekday(), dice.time());
        return Restriction::Week { from, to: (dice.weekday(), dice.time()) };
    }
    let days = match dice.below(3) {
        0 => Weekdays::ALL,
        1 => (0..5).map(|day| Weekday::from_monday_zero_offset(day).expect("day")).collect(),
        _ => (0..3).map(|_| dice.weekday()).collect(),
    };
    // Often in the hours that clocks skip.
    let from = if dice.one_in(3) { Time::constant(2, 15, 0, 0) } else { dice.time() };
    let to = if dice.one_in(4) { Time::constant(2, 45, 0, 0) } else { dice.time() };
    Restriction::Days { days, from, to }
}

fn layer(dice: &mut Dice, name: &str, year: i16) -> Layer {
    let month = 1 + dice.below(12) as i8;
    let day = if dice.one_in(4) { 28 } else { 1 + dice.below(28) as i8 };
    let mut start = date(year, month, day).to_datetime(dice.time());
    if dice.one_in(4) {
        start = start.checked_add(3.days()).expect("in range");
    }
    let (count, unit) = match dice.below(6) {
        0 => (4 + dice.below(30), TurnUnit::Hours),
        1 | 2 => (1 + dice.below(3), TurnUnit::Days),
        3 | 4 => (1 + dice.below(3), TurnUnit::Weeks),
        _ => (1 + dice.below(3), TurnUnit::Months),
    };
    let people = (0..=dice.below(4)).map(|_| (!dice.one_in(8)).then(|| dice.person())).collect();
    let turn = Turn { count: count as u32, unit };
    let mut layer = Layer::new(name, start, turn, people);
    if dice.one_in(3) {
        let zone = dice.pick(&ZONES);
        layer.time_zone = Some(TimeZone::get(zone).expect(zone));
    }
    if dice.one_in(4) {
        let after = 15 * (1 + dice.below(4 * 24 * 6)) as i64;
        layer.handoff = Some(start.checked_add(after.minutes()).expect("in range"));
    }
    if dice.one_in(5) {
        let after = (1 + dice.below(400)) as i64;
        layer.end = Some(start.checked_add(after.days()).expect("in range"));
    }
    if dice.one_in(2) {
        layer.advance = Advance::CoveredTurns;
    }
    if !dice.one_in(3) {
        let written = (0..=dice.below(3)).map(|_| restriction(dice)).collect();
        layer.restrictions = Restrictions::new(written);
    }
    layer
}

pub(super) fn schedule(dice: &mut Dice, year: i16) -> Schedule {
    let zone = dice.pick(&ZONES);
    let layers = (0..1 + dice.below(3)).map(|n| layer(dice, &format!("l{n}"), year)).collect();
    Schedule {
        on_absence: if dice.one_in(2) { OnAbsence::Next } else { OnAbsence::Show },
        ..Schedule::new(id(), TimeZone::get(zone).expect(zone), layers)
    }
}

/// A week somewhere, often at the edge where a clock of the schedule is moved.
fn window(dice: &mut Dice, schedule: &Schedule, year: i16) -> (Timestamp, Timestamp) {
    let start = date(year, 1, 1).in_tz("UTC").expect("UTC").timestamp();
    let mut from = dice.after(start, 24 * 365 * 3);
    if dice.one_in(2) {
        let zones = schedule.layers.iter().filter_map(|layer| layer.time_zone.as_ref());
        let zones: Vec<&TimeZone> = zones.chain([&schedule.time_zone]).collect();
        let zone = dice.pick(&zones);
        if let Some(change) = zone.following(from).next() {
            from = change.timestamp() - SignedDuration::from_hours(24 * dice.below(4) as i64);
        }
    }
    (from, from + SignedDuration::from_hours(24 * (1 + dice.below(5) as i64)))
}

fn fixed(dice: &mut Dice, from: Timestamp, to: Timestamp) -> Vec<FixedShift> {
    let mut shifts = Vec::new();
    let mut at = dice.after(from, 12);
    while at < to && shifts.len() < 5 {
        let ends_at = (dice.after(at, 30) + SignedDuration::from_mins(15)).min(to);
        shifts.push(FixedShift { person: dice.person(), starts_at: at, ends_at });
        at = if dice.one_in(2) { ends_at } else { dice.after(ends_at, 20) };
    }
    shifts
}

fn facts(dice: &mut Dice, world: &mut World) {
    let about = world.from - SignedDuration::from_hours(48);
    let pair = |dice: &mut Dice, hours| {
        let starts_at = dice.after(about, 24 * 8);
        (starts_at, dice.after(starts_at, hours) + SignedDuration::from_mins(15))
    };
    for n in 0..dice.below(5) {
        let (starts_at, ends_at) = pair(dice, 72);
        world.apply(Change::Override(Arc::new(Override {
            id: format!("o{n}").as_str().into(),
            schedule: id(),
            person: dice.person(),
            starts_at,
            ends_at,
            created_at: dice.after(about, 24 * 4),
            created_by: String::new(),
        })));
    }
    for n in 0..dice.below(3) {
        let (starts_at, ends_at) = pair(dice, 96);
        world.apply(Change::Temporary(Arc::new(Temporary {
            id: format!("t{n}").as_str().into(),
            schedule: id(),
            name: String::new(),
            starts_at,
            ends_at,
            shifts: fixed(dice, starts_at, ends_at),
            created_at: dice.after(about, 24 * 4),
            created_by: String::new(),
        })));
    }
    for n in 0..dice.below(8) {
        let (starts_at, ends_at) = pair(dice, 96);
        world.apply(Change::Absence(Arc::new(Absence {
            id: format!("a{n}").as_str().into(),
            person: dice.person(),
            starts_at,
            ends_at,
            source: "manual".to_owned(),
            summary: String::new(),
            created_at: dice.after(about, 24 * 4),
            created_by: String::new(),
        })));
    }
}

/// Everything from one seed.
pub(super) fn world(seed: u64) -> World {
    let mut dice = Dice::new(seed);
    let dice = &mut dice;
    let year = dice.pick(&YEARS);
    let first = schedule(dice, year);
    let (from, to) = window(dice, &first, year);
    let mut world = World { directory: Directory::default(), state: State::default(), from, to };
    let mut effective_from = None;
    for number in 1..1 + dice.below(4) {
        let definition = (!dice.one_in(6)).then(|| Arc::new(schedule(dice, year)));
        world.apply(Change::Revision(Arc::new(Revision {
            schedule: id(),
            number,
            effective_from,
            recorded_at: from,
            definition,
        })));
        let base = effective_from.unwrap_or(from - SignedDuration::from_hours(24));
        effective_from = Some(dice.after(base, 72) + SignedDuration::from_mins(15));
    }
    facts(dice, &mut world);
    world.directory.schedules.insert(id(), Arc::new(first));
    world
}

/// What a wall clock shows.
pub(super) fn local(zone: &TimeZone, at: Timestamp) -> DateTime {
    zone.to_datetime(at)
}
