//! The append-only record of acts: entries, Merkle checkpoints, proofs and offline verification.
