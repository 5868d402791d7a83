//! SM3 digests (GB/T 32905) as a type of their own, so that a digest is never mistaken for other bytes.

use std::fmt;
use std::io;
use std::str::FromStr;

use ::sm3::{Digest as _, Sm3};

/// What is wrong with a text that should be lower-case hexadecimal of a fixed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {digits} lower-case hexadecimal digits")]
pub struct HexError {
    /// How many digits were expected.
    pub digits: usize,
}

/// An SM3 digest; it is read and written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// Hashes bytes as they come.
#[derive(Clone, Default)]
pub struct Hasher(Sm3);

/// The SM3 digest of some bytes.
pub fn sm3(bytes: &[u8]) -> [u8; 32] {
    Sm3::digest(bytes).into()
}

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sm3(bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A digest of exactly 32 bytes, such as a column of a table.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::try_from(bytes).ok().map(Self)
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        parse_hex(text).map(Self)
    }
}

impl Hasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hasher")
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes as lower-case hexadecimal. It stands here, and not with its callers, because this crate is compiled
/// for speed in every build.
pub fn to_hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// Bytes of hexadecimal text; none when it is no such text.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}

/// Reads lower-case hexadecimal of exactly `N` bytes: one value has one text.
pub(crate) fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let wrong = HexError { digits: 2 * N };
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(wrong);
    }
    let mut bytes = [0_u8; N];
    hex::decode_to_slice(text, &mut bytes).ok().ok_or(wrong)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expected: &str) {
        assert_eq!(hex::encode(sm3(input)), expected);
        assert_eq!(Digest::of(input).to_string(), expected);
        let mut hasher = Hasher::new();
        for byte in input {
            hasher.update(&[*byte]);
        }
        assert_eq!(hasher.finish().to_string(), expected);
    }

    #[test]
    fn vectors_of_the_standard() {
        check(b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        check(
            "abcd".repeat(16).as_bytes(),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
        );
        check(b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b");
    }

    #[test]
    fn one_text_for_one_digest() {
        let text = Digest::of(b"abc").to_string();
        assert_eq!(text.parse::<Digest>(), Ok(Digest::of(b"abc")));
        let wrong = HexError { digits: 64 };
        assert_eq!(text.to_uppercase().parse::<Digest>(), Err(wrong));
        assert_eq!(text.get(1..).unwrap().parse::<Digest>(), Err(wrong));
        assert_eq!(format!("{text}00").parse::<Digest>(), Err(wrong));
        assert_eq!("z".repeat(64).parse::<Digest>(), Err(wrong));
    }
}
