//! Laws of shift swaps, over random calendars: one that is accepted changes its own spans and nothing else; one that is not
//! changes nothing.

use super::laws::{input, person};
use super::random::{Dice, PEOPLE, World, id, world};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use proptest::prelude::*;

/// How far around the swap is looked.
const AROUND: SignedDuration = SignedDuration::from_hours(24 * 8);
/// Everything lies on this grid.
const GRID: SignedDuration = SignedDuration::from_mins(15);

/// A calendar with everything in it made before `now`, and people who may swap.
struct Case {
    world: World,
    now: Timestamp,
    dice: Dice,
}

impl Case {
    fn new(seed: u64) -> Self {
        let mut world = world(seed);
        world.directory.people = PEOPLE.map(person).into();
        let now = world.from + SignedDuration::from_hours(24 * 4);
        Self { world, now, dice: Dice::new(seed ^ 1) }
    }

    /// Who is on call at each instant of the grid, around the swap and before it.
    fn who(&self) -> Vec<(Timestamp, Option<PersonId>)> {
        let mut who = Vec::new();
        let mut at = self.now - AROUND;
        while at < self.now + AROUND {
            let shift = self.world.calendar(|calendar| calendar.on_call(at));
            who.push((at, shift.map(|shift| shift.person)));
            at += GRID;
        }
        who
    }

    /// A shift to come, or its second half, of anybody but `except`.
    fn span(&mut self, except: Option<&PersonId>) -> Option<(PersonId, DutySpan)> {
        let (from, to) = (self.now + GRID, self.now + AROUND);
        let mut shifts = self.world.shifts(from, to);
        shifts.retain(|shift| Some(&shift.person) != except);
        shifts.retain(|shift| PEOPLE.contains(&shift.person.as_str()));
        if shifts.is_empty() {
            return None;
        }
        let shift = shifts.swap_remove(self.dice.below(shifts.len() as u64) as usize);
        let (mut starts_at, ends_at) = (shift.starts_at.max(from), shift.ends_at.min(to));
        if self.dice.one_in(2) {
            let quarters = ends_at.duration_since(starts_at).as_mins() / 15;
            starts_at += SignedDuration::from_mins(15 * (quarters / 2));
        }
        Some((shift.person, DutySpan { schedule: id(), starts_at, ends_at }))
    }

    /// Offers a shift, in half of the cases for one of another person's.
    fn offer(&mut self) -> Option<Swap> {
        let (from, gives) = self.span(None)?;
        let back = self.span(Some(&from)).filter(|_| self.dice.one_in(2));
        let to = match &back {
            Some((to, _)) => to.clone(),
            None => PEOPLE.iter().map(|id| PersonId::new(id)).find(|id| *id != from)?,
        };
        let swap = Swap {
            id: "w".into(),
            from: from.clone(),
            to: Some(to),
            gives,
            in_return: back.map(|(_, span)| span),
            note: String::new(),
            expires_at: self.now + AROUND,
            created_at: self.now,
            created_by: String::new(),
            status: SwapStatus::Offered,
        };
        self.act(&from, Action::OfferSwap(Box::new(swap)));
        self.world.state.swaps().get(&"w".into()).map(|kept| (**kept).clone())
    }

    fn act(&mut self, by: &PersonId, action: Action) {
        let by = Actor::Person(by.clone());
        let wish = Input::Action { by, via: None, action };
        assert_eq!(input(&mut self.world, &wish, self.now), Reply::Done);
    }
}

fn holds(span: &DutySpan, at: Timestamp) -> bool {
    span.starts_at <= at && at < span.ends_at
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn an_accepted_swap_changes_its_two_spans_and_nothing_else(seed in any::<u64>()) {
        let mut case = Case::new(seed);
        let before = case.who();
        let Some(swap) = case.offer() else { return Ok(()) };
        prop_assert_eq!(&case.who(), &before, "an offer changes nothing");
        let to = swap.to.clone().expect("it names somebody");
        case.act(&to, Action::AcceptSwap { swap: swap.id.clone(), person: to.clone() });
        for ((at, was), (_, is)) in before.into_iter().zip(case.who()) {
            let back = swap.in_return.as_ref().is_some_and(|span| holds(span, at));
            let wanted = match (holds(&swap.gives, at), back) {
                (true, _) => Some(to.clone()),
                (false, true) => Some(swap.from.clone()),
                (false, false) => was,
            };
            prop_assert_eq!(is, wanted, "at {} of {:?}", at, swap);
        }
    }

    #[test]
    fn a_swap_that_nobody_accepts_changes_nothing(seed in any::<u64>(), how in 0..3_u8) {
        let mut case = Case::new(seed);
        let (before, duty) = (case.who(), case.world.state.duty().clone());
        let Some(swap) = case.offer() else { return Ok(()) };
        let to = swap.to.clone().expect("it names somebody");
        match how {
            0 => case.act(&to, Action::DeclineSwap(swap.id.clone())),
            1 => case.act(&swap.from.clone(), Action::WithdrawSwap(swap.id.clone())),
            _ => {
                let due = Input::Due(TimerKey::Swap(swap.id.clone()));
                input(&mut case.world, &due, swap.expires_at);
            }
        }
        let known = case.world.state.swaps().get(&swap.id);
        prop_assert!(known.is_some_and(|swap| !swap.is_open()));
        prop_assert_eq!(case.world.state.duty(), &duty);
        prop_assert_eq!(case.who(), before);
        let late = Action::AcceptSwap { swap: swap.id.clone(), person: to.clone() };
        let late = Input::Action { by: Actor::Person(to), via: None, action: late };
        let reply = input(&mut case.world, &late, case.now);
        prop_assert!(matches!(reply, Reply::Refused(_)), "it is over: {:?}", reply);
        prop_assert_eq!(case.world.state.duty(), &duty);
    }
}
