//! `pack.toml`: what the pack is, whose it is, and what it builds on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;

/// The manifest of a pack, read from `pack.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name of the folder: lower-case letters, digits and hyphens.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// One sentence for the officer who runs it.
    pub summary: Text,
    /// The organisation that answers for it, by its short name in the tree of departments.
    pub owner: String,
    /// The version, such as `1.0.0`.
    pub version: String,
    /// The requirement rows it fulfils.
    #[serde(default)]
    pub rows: Vec<String>,
    /// The packs it builds on.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether it takes new applications. Switched off, its items leave the portal; cases under way go on.
    #[serde(default = "on")]
    pub enabled: bool,
}

fn on() -> bool {
    true
}
