//! What a crate says of its own tables: the schema it owns and the steps that make it.

/// One step of a schema; steps are run once, in order, and never edited after a release.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The number of the step, from 1, without gaps.
    pub version: i64,
    /// What the step does, in a few words.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

/// A PostgreSQL schema, named like the crate that owns it, and its steps.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The name of the schema and of the crate.
    pub name: &'static str,
    /// The steps in order.
    pub migrations: &'static [Migration],
    /// The statements that are kept in `sql/*.sql`: file name and text. A test prepares each of them.
    pub statements: &'static [(&'static str, &'static str)],
}
