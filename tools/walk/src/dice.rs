//! Chance from a seed (SplitMix64): the same seed, the same choices.

/// A stream of choices.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for a part of the whole, such as one client of a round.
    #[must_use]
    pub fn part(&self, part: u64) -> Self {
        let mut dice = Self(self.0 ^ part.wrapping_mul(0xA076_1D64_78BD_642F));
        dice.next();
        dice
    }

    /// Sixty-four bits.
    #[expect(clippy::should_implement_trait, reason = "an endless stream is no iterator here")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.next() % end }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Whether one of so many equal chances came.
    pub fn once_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    /// One of them.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(of.len()).unwrap_or(u64::MAX);
        of.get(usize::try_from(self.below(count)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_choices() {
        let stream = |seed| {
            let mut dice = Dice::new(seed);
            (0..5).map(|_| dice.between(10, 99)).collect::<Vec<_>>()
        };
        assert_eq!(stream(7), stream(7));
        assert_ne!(stream(7), stream(8));
        assert!(stream(7).iter().all(|number| (10..=99).contains(number)));
        assert_ne!(Dice::new(7).part(1).next(), Dice::new(7).part(2).next());
    }
}
