//! The record against a real PostgreSQL: what is appended is kept, sealed, proved and exported, and
//! whatever is altered behind its back is found.

#[cfg(test)]
mod record;
