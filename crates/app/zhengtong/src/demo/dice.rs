//! Repeatable chance. The same seed, purpose and index always give the same row, on every machine and with every
//! version of every library, and any row can be made without the rows before it.

use uuid::{Builder, Uuid};

/// What a throw is for: throws for different purposes have nothing to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Resident,
    Household,
    Company,
    Identifier,
    Secret,
    Case,
    Register,
    Catalog,
}

/// A sequence of numbers that look thrown (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let purpose = mix((purpose as u64).wrapping_add(0x5eed));
        Self(mix(seed ^ purpose).wrapping_add(mix(index)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `end`; none is below zero, so that gives zero.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several; none of nothing.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let place = self.below(u64::try_from(of.len()).unwrap_or(u64::MAX));
        of.get(usize::try_from(place).unwrap_or(0))
    }

    /// One of several words; the empty word of none.
    pub(crate) fn word(&mut self, of: &[&'static str]) -> &'static str {
        self.one(of).copied().unwrap_or_default()
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The identifier of a thing that has a name, such as `department/market-regulation`.
pub(crate) fn id(seed: u64, name: &str) -> Uuid {
    let index =
        name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| mix(sum ^ u64::from(byte)));
    Dice::new(seed, Purpose::Identifier, index).uuid()
}

fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_throw_again_and_another_for_anything_else() {
        let throw = |seed, purpose, index| Dice::new(seed, purpose, index).next();
        let first = throw(1, Purpose::Resident, 0);
        assert_eq!(first, throw(1, Purpose::Resident, 0));
        let others =
            [(2, Purpose::Resident, 0), (1, Purpose::Company, 0), (1, Purpose::Resident, 1)];
        for (seed, purpose, index) in others {
            assert_ne!(first, throw(seed, purpose, index), "{seed} {purpose:?} {index}");
        }
        assert_eq!(id(1, "post/a"), id(1, "post/a"));
        assert_ne!(id(1, "post/a"), id(1, "post/b"));
        assert_eq!(id(1, "post/a").get_version_num(), 4);
    }

    #[test]
    fn throws_are_spread_evenly_and_stay_below_the_end() {
        let mut seen = [0_u32; 6];
        let mut dice = Dice::new(1, Purpose::Case, 0);
        for _ in 0..6_000 {
            seen[usize::try_from(dice.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (850..1_150).contains(count)), "{seen:?}");
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.word(&[]), "");
    }
}
