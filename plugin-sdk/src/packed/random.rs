//! Randomness that is the same at every replay: the seed is the event itself (I14).
//! The algorithm is part of the contract's documents (`docs/reference/packed-batch.md`), so that it never changes and
//! other languages can have the same.

/// Numbers drawn for one event, from [`EventRef::random`](super::EventRef::random). Not for secrets: whoever knows the event
/// knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Of an event with this identity.
    pub(super) fn of(integration: &str, dedup_key: &str, id: u64) -> Self {
        // A byte that UTF-8 never has keeps the parts apart.
        let parts = [integration.as_bytes(), &[0xff], dedup_key.as_bytes(), &[0xff]];
        let seed = parts.iter().fold(0xcbf2_9ce4_8422_2325, |seed, part| fnv_1a(seed, part));
        Self { state: fnv_1a(seed, &id.to_le_bytes()) }
    }

    /// The next number, any of all 64-bit ones.
    pub fn next_u64(&mut self) -> u64 {
        // SplitMix64.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// True once in `n` times on average, for sampling; never when `n` is 0.
    pub fn one_in(&mut self, n: u64) -> bool {
        n > 0 && self.below(n) == 0
    }
}

fn fnv_1a(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of `docs/reference/packed-batch.md`; they never change.
    #[test]
    fn i14_the_same_event_draws_the_documented_numbers() {
        let page = include_str!("../../../docs/reference/packed-batch.md");
        let drawn = |integration, dedup_key, id| {
            let mut random = Random::of(integration, dedup_key, id);
            let numbers = [random.next_u64(), random.next_u64()];
            format!(
                "| `{integration}` | `{dedup_key}` | {id} | `{:016x}` | `{:016x}` |",
                numbers[0], numbers[1]
            )
        };
        for line in [
            drawn("nagios", "db1/disk", 7),
            drawn("nagios", "db1/disk", 8),
            drawn("prometheus", "é", u64::MAX),
        ] {
            assert!(page.contains(&line), "expected this line in the page: {line}");
        }
    }

    #[test]
    fn parts_are_kept_apart_and_draws_are_spread() {
        assert_ne!(Random::of("a", "bc", 1), Random::of("ab", "c", 1));
        assert_ne!(Random::of("", "a", 1), Random::of("a", "", 1));
        // One event each, as in sampling: ids that follow each other must not draw alike.
        let hits = (0..10_000).filter(|id| Random::of("i", "k", *id).one_in(10)).count();
        assert!((850..1_150).contains(&hits), "{hits} of 10,000");
        let mut random = Random::of("i", "k", 1);
        assert!((0..1_000).all(|_| random.below(7) < 7));
        assert!(!random.one_in(0) && random.below(0) == 0 && random.one_in(1));
    }
}
