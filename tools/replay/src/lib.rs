//! Mutations from a seed: the same seed makes the same bytes on every machine.
#![doc = include_str!("../README.md")]

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 24] = [
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\r\n",
    b"\"",
    b"'",
    b"<",
    b"]]>",
    b"&#x0;",
    b"<!DOCTYPE a [",
    b"%00",
    b"%FF",
    b"../",
    b"--edge",
    b"--edge--\r\n",
    b"9999999999999999999999",
    b"-1",
    b"1e999",
    b"((((((((",
    b"[[[[[[[[",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
    b"{}",
    b"=",
];
/// Most bytes of a mutation.
const BYTES_MAX: usize = 256 * 1024;

/// A source of numbers that is good enough to choose with (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A source from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit; nought when there is none below.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.roll().checked_rem(limit).and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
    }
}

/// Some bytes with one to six changes; `other` gives pieces to mix in.
pub fn mutate(bytes: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut made = bytes.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(made.len() + 1);
        let to = (at + dice.below(64)).min(made.len());
        match dice.below(8) {
            0 => made.truncate(at),
            1 => drop(made.drain(at..to)),
            2 => {
                if let Some(byte) = made.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            3 => {
                if let Some(byte) = made.get_mut(at) {
                    *byte = dice.roll().to_le_bytes()[0];
                }
            }
            4 => {
                let piece = PIECES.get(dice.below(PIECES.len())).copied().unwrap_or_default();
                made.splice(at..at, piece.iter().copied());
            }
            5 => {
                let piece = made.get(at..to).unwrap_or_default().to_vec();
                for _ in 0..dice.below(40) {
                    made.splice(at..at, piece.iter().copied());
                }
            }
            6 => {
                let from = dice.below(other.len() + 1);
                let end = (from + dice.below(256)).min(other.len());
                let piece = other.get(from..end).unwrap_or_default();
                made.splice(at..to, piece.iter().copied());
            }
            _ => made.extend_from_slice(other.get(..dice.below(256)).unwrap_or_default()),
        }
        made.truncate(BYTES_MAX);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_bytes() {
        let make = |seed| {
            let mut dice = Dice::new(seed);
            (0..50).map(|_| mutate(b"if a then b else c", b"<xml/>", &mut dice)).collect::<Vec<_>>()
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        let different = make(1).into_iter().collect::<std::collections::BTreeSet<_>>();
        assert!(different.len() > 40, "{} of 50 differ", different.len());
    }
}
