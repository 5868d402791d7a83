//! The text in which the root of the tree is signed: short enough to be printed, posted or kept by a witness.

use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use crate::digest::Digest;
use crate::sign::{KeyError, KeyId, Signature, SigningKey, VerifyingKey};

/// The first line of the text.
pub const TITLE: &str = "zhengtong checkpoint v1";

/// Most bytes of an origin.
pub const ORIGIN_BYTES_MAX: usize = 200;

/// Most bytes of a whole text; longer input is refused before it is read.
pub const TEXT_BYTES_MAX: usize = 1_000;

/// Why a text is no checkpoint, or a checkpoint is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// A line is missing, out of order or malformed.
    #[error("the checkpoint has no well-formed line `{line}`")]
    Line {
        /// The word the line begins with.
        line: &'static str,
    },
    /// The text is not in its one canonical form.
    #[error("the checkpoint is not in its canonical form")]
    Form,
    /// The checkpoint names another key.
    #[error("the checkpoint was signed with another key")]
    OtherKey,
    /// The signature does not fit.
    #[error("the signature of the checkpoint does not fit")]
    Signature(#[source] KeyError),
}

/// What a tree was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose tree it is: one line without control characters.
    pub origin: String,
    /// How many leaves the tree had.
    pub size: u64,
    /// The root.
    pub root: Digest,
    /// When it was signed, in microseconds from 1970-01-01T00:00:00Z.
    pub time_us: i64,
}

/// A checkpoint with the name of the key and the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// The key that signed.
    pub key: KeyId,
    /// The signature over the text before its own line.
    pub signature: Signature,
}

impl Checkpoint {
    /// Signs the checkpoint; refused when the origin could not be read back.
    pub fn sign(self, key: &SigningKey) -> Result<SignedCheckpoint, CheckpointError> {
        if !is_origin(&self.origin) {
            return Err(CheckpointError::Line { line: "origin" });
        }
        let id = key.verifying_key().id();
        let signature = key.sign(body(&self, id).as_bytes());
        Ok(SignedCheckpoint { checkpoint: self, key: id, signature })
    }
}

impl SignedCheckpoint {
    /// Checks the signature with the public key that the checkpoint names.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), CheckpointError> {
        if key.id() != self.key {
            return Err(CheckpointError::OtherKey);
        }
        key.verify(body(&self.checkpoint, self.key).as_bytes(), &self.signature)
            .map_err(CheckpointError::Signature)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&body(&self.checkpoint, self.key))?;
        writeln!(formatter, "signature {}", self.signature)
    }
}

impl FromStr for SignedCheckpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(CheckpointError::Form);
        }
        let mut lines = text.split('\n');
        if lines.next() != Some(TITLE) {
            return Err(CheckpointError::Line { line: TITLE });
        }
        let origin: String = value(lines.next(), "origin")?;
        let checkpoint = Checkpoint {
            origin,
            size: value(lines.next(), "size")?,
            root: value(lines.next(), "root")?,
            time_us: value(lines.next(), "time")?,
        };
        let key = value(lines.next(), "key")?;
        let signature = value(lines.next(), "signature")?;
        let signed = Self { checkpoint, key, signature };
        if is_origin(&signed.checkpoint.origin) && signed.to_string() == text {
            Ok(signed)
        } else {
            Err(CheckpointError::Form)
        }
    }
}

/// Reads the value of one line.
fn value<T: FromStr>(text: Option<&str>, line: &'static str) -> Result<T, CheckpointError> {
    text.and_then(|text| text.strip_prefix(line)?.strip_prefix(' ')?.parse().ok())
        .ok_or(CheckpointError::Line { line })
}

fn is_origin(origin: &str) -> bool {
    !origin.is_empty()
        && origin.len() <= ORIGIN_BYTES_MAX
        && !origin.chars().any(char::is_control)
        && origin.trim() == origin
}

/// The bytes that are signed.
fn body(checkpoint: &Checkpoint, key: KeyId) -> String {
    let Checkpoint { origin, size, root, time_us } = checkpoint;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let written = writeln!(
        text,
        "{TITLE}\norigin {origin}\nsize {size}\nroot {root}\ntime {time_us}\nkey {key}"
    );
    debug_assert!(written.is_ok(), "a string takes every text");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (SigningKey, SignedCheckpoint) {
        let key = SigningKey::from_seed([3; 32]);
        let checkpoint = Checkpoint {
            origin: "示例市/ledger".to_owned(),
            size: 1_200,
            root: Digest::of(b"root"),
            time_us: 1_767_225_600_000_001,
        };
        let signed = checkpoint.sign(&key).unwrap();
        (key, signed)
    }

    #[test]
    fn text_and_back() {
        let (key, signed) = sample();
        let text = signed.to_string();
        assert!(
            text.starts_with("zhengtong checkpoint v1\norigin 示例市/ledger\nsize 1200\nroot ")
        );
        let read: SignedCheckpoint = text.parse().unwrap();
        assert_eq!(read, signed);
        assert_eq!(read.verify(&key.verifying_key()), Ok(()));
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let (key, signed) = sample();
        let text = signed.to_string().into_bytes();
        for position in 0..text.len() {
            for bit in 0..8 {
                let mut flipped = text.clone();
                flipped[position] ^= 1 << bit;
                let Ok(flipped) = String::from_utf8(flipped) else { continue };
                let accepted = flipped
                    .parse::<SignedCheckpoint>()
                    .and_then(|signed| signed.verify(&key.verifying_key()));
                assert!(accepted.is_err(), "byte {position} bit {bit}");
            }
        }
    }

    #[test]
    fn refuses_other_forms() {
        let (_, signed) = sample();
        let text = signed.to_string();
        for wrong in [
            String::new(),
            text.replace("size 1200", "size +1200"),
            text.replace("size 1200", "size 01200"),
            format!("{text}\n"),
            text.trim_end().to_owned(),
            text.replace('\n', "\r\n"),
            text.repeat(20),
        ] {
            assert!(wrong.parse::<SignedCheckpoint>().is_err(), "{wrong}");
        }
        let mut two_lines = signed.checkpoint;
        two_lines.origin = "a\nsize 7".to_owned();
        let refused = two_lines.sign(&SigningKey::from_seed([3; 32]));
        assert_eq!(refused, Err(CheckpointError::Line { line: "origin" }));
    }
}
