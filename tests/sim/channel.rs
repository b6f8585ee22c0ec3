//! The ways to people: each address works, is slow, fails for a while, or is gone, and changes its mind.

use crate::random::Random;
use nightbell_core::model::{AttemptResult, FailureKind};
use std::collections::BTreeMap;

/// How an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Well,
    Slow,
    Flaky,
    Down,
    Gone,
}

/// All addresses, by channel and address.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    health: BTreeMap<(String, String), Health>,
    /// From now on everything arrives.
    healed: bool,
}

impl Channels {
    /// Nothing fails any more.
    pub(crate) fn heal(&mut self) {
        self.healed = true;
    }

    fn health(&mut self, channel: &str, address: &str, random: &mut Random) -> Health {
        if self.healed {
            return Health::Well;
        }
        let draw = |random: &mut Random| match random.below(10) {
            0..=5 => Health::Well,
            6 => Health::Slow,
            7 => Health::Flaky,
            8 => Health::Down,
            _ => Health::Gone,
        };
        let known = self.health.entry((channel.to_owned(), address.to_owned()));
        let known = known.or_insert_with(|| draw(random));
        if random.percent(5) {
            *known = draw(random);
        }
        *known
    }

    /// How long one try takes, in seconds.
    pub(crate) fn seconds(&mut self, channel: &str, address: &str, random: &mut Random) -> i64 {
        match self.health(channel, address, random) {
            Health::Slow => random.between(5, 300),
            _ => random.between(0, 3),
        }
    }

    /// How one try ends.
    pub(crate) fn result(
        &mut self,
        channel: &str,
        address: &str,
        random: &mut Random,
    ) -> AttemptResult {
        let failed =
            |kind, message: &str| AttemptResult::Failed { kind, message: message.to_owned() };
        match self.health(channel, address, random) {
            Health::Down => {
                failed(FailureKind::Transient { retry_after_s: None }, "connection refused")
            }
            Health::Flaky if random.percent(50) => {
                let retry_after_s = random.percent(50).then_some(20);
                failed(FailureKind::Transient { retry_after_s }, "try again later")
            }
            Health::Gone if random.percent(50) => {
                failed(FailureKind::BadAddress, "no such address")
            }
            Health::Gone => failed(FailureKind::Permanent, "refused"),
            Health::Well | Health::Slow | Health::Flaky => AttemptResult::Delivered {
                receipt: Some("r".to_owned()),
                thread: (channel == "chat").then(|| format!("thread of {address}")),
                arrived: random.percent(40),
                problems: Vec::new(),
            },
        }
    }
}
