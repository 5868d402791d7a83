//! The history of backups and drills, and what they prove.

use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::level::Level;
use crate::store::FromRow;

/// One backup or drill.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct Run {
    /// The identifier.
    pub id: Uuid,
    /// `backup` or `drill`.
    pub kind: String,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// When it ended; none while it runs, or when the machine died.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished: Option<OffsetDateTime>,
    /// How it ended.
    pub ok: Option<bool>,
    /// What went wrong, for operators.
    pub error: Option<String>,
    /// The file.
    pub path: Option<String>,
    /// Which backup.
    pub backup: Option<String>,
    /// The instant of the backup.
    #[serde(with = "time::serde::rfc3339::option")]
    pub instant: Option<OffsetDateTime>,
    /// Bytes of the file.
    pub bytes: Option<i64>,
    /// Bytes before compression.
    pub plain_bytes: Option<i64>,
    /// Files by digest.
    pub files: Option<i64>,
    /// Entries of the record: at the beginning of a backup, or verified by a drill.
    pub entries: Option<i64>,
    /// Of a drill: the age of the backup, which is what would have been lost.
    pub rpo_seconds: Option<f64>,
    /// Of a drill: from the beginning to a city that was proved.
    pub rto_seconds: Option<f64>,
}

/// Where the city stands.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The last backup that succeeded.
    pub last_backup: Option<Run>,
    /// The last drill that succeeded: the last proven restore.
    pub last_drill: Option<Run>,
    /// The latest run, if it failed or never ended.
    pub failing: Option<Run>,
    /// A standby for which commits wait now.
    pub standby: Option<String>,
    /// Whether the log is archived as it fills.
    pub archive: bool,
    /// What would be lost now at most, in seconds: nothing with a standby that commits wait for.
    pub rpo_seconds: Option<f64>,
    /// How long the last drill took, in seconds.
    pub rto_seconds: Option<f64>,
    /// The level that these figures reach.
    pub level: Level,
}
