//! What the record's proofs stand on: SM3 digests, the Merkle tree of RFC 6962 over SM3, Ed25519 keys,
//! and the text of a signed checkpoint. Nothing here reads a clock, a disk or a random source.
#![doc = include_str!("../README.md")]

pub mod checkpoint;
pub mod digest;
pub mod merkle;
pub mod sign;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use digest::{Digest, Hasher, HexError, sm3};
pub use merkle::{Frontier, NodeId, Plan};
pub use sign::{KeyError, KeyId, Signature, SigningKey, VerifyingKey};
