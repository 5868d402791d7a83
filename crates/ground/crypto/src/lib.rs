//! What the record's proofs stand on: SM3 digests, the Merkle tree of RFC 6962 over SM3, Ed25519 keys,
//! the text of a signed checkpoint, and the keyring under which personal fields are sealed. Nothing here
//! reads a clock, a disk or a random source.
#![doc = include_str!("../README.md")]

pub mod checkpoint;
pub mod digest;
pub mod file;
pub mod keyring;
pub mod mac;
pub mod merkle;
pub mod seal;
pub mod sign;
pub mod stream;
pub mod words;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use digest::{Digest, Hasher, HexError, from_hex, sm3, to_hex};
pub use file::{END_BYTES, FILE_MAGIC, FileCheck, FileEnd, FileSealer};
pub use keyring::{KeyKind, Keyring, Secret};
pub use mac::{derive, hmac_sm3};
pub use merkle::{Frontier, NodeId, Plan};
pub use seal::{SealError, Sealer};
pub use sign::{KeyError, KeyId, Signature, SigningKey, VerifyingKey};
pub use stream::StreamKey;
pub use words::is_sealed_text;
