//! What the wiring tells these pages of the process itself: its checks and its configuration. It lies on the shelf.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use zhengtong_base::Text;
use zhengtong_db::Db;

/// Looks at everything the server needs, now.
pub type Look = Arc<dyn Fn(Db) -> Pin<Box<dyn Future<Output = Vec<Check>> + Send>> + Send + Sync>;

/// What the wiring knows.
#[derive(Clone)]
pub struct Console {
    /// The version that runs.
    pub version: String,
    /// The address under which the public reaches the site.
    pub public_url: String,
    /// Whether backups are made on schedule.
    pub backup: bool,
    /// Every setting of the configuration.
    pub settings: Vec<Configured>,
    /// The checks.
    pub look: Look,
}

/// One setting of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configured {
    /// Its key, such as `server.listen`.
    pub key: String,
    /// What it does.
    pub meaning: Text,
    /// The value that holds; secrets are masked.
    pub value: String,
    /// The value as long as nobody sets it.
    pub default: String,
    /// Where the value is from.
    pub origin: Origin,
}

/// Where a value of the configuration is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A file, by its path.
    File(String),
    /// The environment, by the name of the variable.
    Environment(String),
    /// The command line.
    Flag,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub what: Text,
    /// How it stands.
    pub standing: Standing,
    /// What was found.
    pub detail: Text,
    /// How to mend it; shown when it is not sound.
    pub mend: Text,
}

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// As it should be.
    Sound,
    /// It works, and somebody should look.
    Look,
    /// It does not work, or something can be lost.
    Broken,
}

impl fmt::Debug for Console {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Console")
            .field("version", &self.version)
            .field("public_url", &self.public_url)
            .field("settings", &self.settings.len())
            .finish_non_exhaustive()
    }
}
