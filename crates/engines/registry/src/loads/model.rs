//! Loads as verbs and pages use them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_tabular::{Inferred, Layout, Position};

/// Where a load stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoadState {
    /// The file is there; which column is which field is not confirmed.
    Draft,
    /// It waits for its turn.
    Waiting,
    /// The file is read.
    Reading,
    /// What was read becomes visible.
    Applying,
    /// It is done.
    Done,
    /// It ended without any change.
    Failed,
    /// Somebody stopped it before anything changed.
    Cancelled,
}

/// What a file says about records that it does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoadMode {
    /// Nothing: records of the file are made or changed, all others stay.
    Upsert,
    /// They are over: a record that the file does not hold is ended, and kept in the record of earlier states.
    Full,
    /// Nothing, and rows up to what the last load reached are passed over.
    Incremental,
}

/// How many rows became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows of the file.
    pub read: i64,
    /// Rows that were not taken in.
    pub faulty: i64,
    /// Rows passed over, because an earlier load had them.
    pub skipped: i64,
    /// Records that are new.
    pub created: i64,
    /// Records that changed.
    pub changed: i64,
    /// Versions that hold from a day before the record of today, and went into its history.
    #[serde(default)]
    pub late: i64,
    /// Records that said the same before.
    pub same: i64,
    /// Records that ended.
    pub ended: i64,
}

/// How far a load is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) counts: Counts,
    pub(crate) position: Position,
    /// The largest value of the watermark field.
    pub(crate) reached: Option<String>,
    /// Faulty rows of which not even the key could be read: then nobody can say which records the file does not hold.
    pub(crate) nameless: i64,
    /// How often it began anew, because records changed under it.
    pub(crate) again: u32,
}

/// A file on its way into a dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// The identifier.
    pub id: Uuid,
    /// Its number.
    pub number: i64,
    /// The dataset.
    pub dataset: String,
    /// Where it stands.
    pub state: LoadState,
    /// What it says about records that it does not hold.
    pub mode: LoadMode,
    /// The digest of the file.
    pub file: String,
    /// The name of the file.
    pub file_name: String,
    /// Its size.
    pub file_bytes: i64,
    /// What is known of the file.
    pub layout: Layout,
    /// For each column of the file, the field that it fills.
    pub mapping: Vec<Option<String>>,
    /// The field by which an incremental load knows what is new.
    pub watermark: Option<String>,
    /// Rows whose watermark is not above this are passed over.
    pub since: Option<String>,
    /// The number of an earlier load of the very same file.
    pub repeats: Option<i64>,
    /// Who brings the file.
    pub source: String,
    /// The account that brought it.
    pub account: Option<Uuid>,
    /// Why it failed.
    pub error: Option<Text>,
    /// When it was brought.
    pub created: OffsetDateTime,
    /// When reading began.
    pub started: Option<OffsetDateTime>,
    /// When it ended.
    pub finished: Option<OffsetDateTime>,
    pub(crate) progress: Progress,
}

/// A file that is to become records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLoad {
    /// The digest of the file, which is among the files already.
    pub file: String,
    /// Its name.
    pub file_name: String,
    /// Who brings it.
    pub source: String,
}

/// What a steward confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// For each column of the file, the field that it fills; empty for none.
    pub mapping: Vec<Option<String>>,
    /// What the file says about records that it does not hold.
    pub mode: LoadMode,
    /// The field by which an incremental load knows what is new.
    pub watermark: Option<String>,
}

/// What a program says beside its file, which a steward says on pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// For each column of the file, the field that it fills; absent, the names of the columns say it.
    pub mapping: Option<Vec<Option<String>>>,
    /// What the file says about records that it does not hold.
    pub mode: LoadMode,
    /// The field by which an incremental load knows what is new.
    pub watermark: Option<String>,
}

/// The beginning of a file, before it is loaded.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The load.
    pub load: Load,
    /// What each column seems to hold.
    pub columns: Vec<Inferred>,
    /// The first rows, with personal values masked.
    pub rows: Vec<Vec<String>>,
    /// What is wrong with the first rows: line, field, reason.
    pub faults: Vec<(u64, Option<String>, Text)>,
}

/// A row that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadFault {
    /// Its number within the load.
    pub number: i64,
    /// The line in the file.
    pub line: i64,
    /// The field that is wrong; none when the row as a whole is.
    pub field: Option<String>,
    /// The row as it stands in the file.
    pub raw: String,
    /// Why it was not taken in.
    pub reason: Text,
}

impl LoadState {
    /// The word in the table and the interface.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Waiting => "waiting",
            Self::Reading => "reading",
            Self::Applying => "applying",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "draft" => Self::Draft,
            "waiting" => Self::Waiting,
            "reading" => Self::Reading,
            "applying" => Self::Applying,
            "done" => Self::Done,
            "cancelled" => Self::Cancelled,
            _ => Self::Failed,
        }
    }

    /// Whether it is on its way.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Waiting | Self::Reading | Self::Applying)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Draft => Text::new("待确认", "To be confirmed"),
            Self::Waiting => Text::new("排队中", "Waiting"),
            Self::Reading => Text::new("正在读取", "Reading"),
            Self::Applying => Text::new("正在生效", "Taking effect"),
            Self::Done => Text::new("已完成", "Done"),
            Self::Failed => Text::new("没有完成", "Failed"),
            Self::Cancelled => Text::new("已取消", "Cancelled"),
        }
    }
}

impl LoadMode {
    /// The word in the table and the interface.
    pub fn word(self) -> &'static str {
        match self {
            Self::Upsert => "upsert",
            Self::Full => "full",
            Self::Incremental => "incremental",
        }
    }

    /// The mode of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Upsert, Self::Full, Self::Incremental].into_iter().find(|mode| mode.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Upsert => Text::new("新增和更新", "Add and update"),
            Self::Full => Text::new("全量替换", "Replace as a whole"),
            Self::Incremental => Text::new("增量", "Only what is new"),
        }
    }
}

impl Load {
    /// How many rows became what.
    pub fn counts(&self) -> Counts {
        self.progress.counts
    }

    /// How far reading is, of a hundred.
    pub fn percent(&self) -> u8 {
        match self.state {
            LoadState::Draft | LoadState::Waiting => 0,
            LoadState::Done => 100,
            _ if !self.layout.format.is_stream() => 50,
            _ => {
                let byte = i64::try_from(self.progress.position.byte).unwrap_or(0);
                u8::try_from(byte.saturating_mul(99) / self.file_bytes.max(1)).unwrap_or(99).min(99)
            }
        }
    }

    /// Whether the file changed nothing, because an earlier load had brought the same.
    pub fn changed_nothing(&self) -> bool {
        let counts = self.counts();
        self.state == LoadState::Done
            && counts.created + counts.changed + counts.late + counts.ended == 0
    }

    /// Whether records that the file does not hold were left alone, because some rows could not be read.
    pub fn ended_nobody(&self) -> bool {
        self.mode == LoadMode::Full && self.progress.nameless > 0
    }
}
