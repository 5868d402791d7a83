//! Walks packs and reports faults with file, line and column. One folder is one system of the city.
//!
//! This crate knows what every pack has: `pack.toml`, `README.md`, `access.cedar`, sub-folders named after
//! engines, `story/` and `seed/`. What stands inside a sub-folder is known to its engine alone, which
//! declares it as a [`PartDecl`] and reads it with [`read_toml`].

mod chinese;
mod finding;
mod manifest;
mod packs;
mod part;

pub use finding::{Finding, Report, Severity};
pub use manifest::Manifest;
pub use packs::{File, Pack, Packs};
pub use part::{FileKind, PartDecl, check_layout, nearest, read_toml, schema_of};
