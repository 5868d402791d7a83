//! SM3 digests, the Merkle tree of RFC 6962 over SM3, and signed checkpoints.
