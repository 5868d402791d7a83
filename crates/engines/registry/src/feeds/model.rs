//! Places outside from which files come by themselves, as the configuration names them, and how it went with each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zhengtong_base::Text;
use zhengtong_db::jobs::check_pattern;
use zhengtong_egress::Egress;

use crate::loads::{Load, LoadMode};

/// The word in addresses and statements that the highest value so far takes the place of.
pub(crate) const SINCE: &str = "{since}";
/// Most characters of the name of a feed.
const ID_CHARS_MAX: usize = 40;

/// A place outside from which files come by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Its name, in small letters, digits and hyphens.
    pub id: String,
    /// What people call it; records say that they come from there.
    pub title: Text,
    /// The dataset that its files become.
    pub dataset: String,
    /// `file:///folder`, `https://host/path`, `postgresql://user@host:5432/database` or
    /// `mysql://user@host:3306/database`. `{since}` in an address becomes the highest value of the watermark so far, and
    /// nothing the first time.
    pub from: String,
    /// The question to a database; `{since}` becomes a quoted value, and `NULL` the first time.
    #[serde(default)]
    pub query: String,
    /// A file that holds the password of the database, or the value of the header `Authorization`.
    #[serde(default)]
    pub secret_file: PathBuf,
    /// When it is looked at, in China's civil time.
    pub schedule: String,
    /// What a file says about records that it does not hold.
    #[serde(default = "upsert")]
    pub mode: LoadMode,
    /// The field that tells what is new, of an incremental feed.
    #[serde(default)]
    pub watermark: String,
}

fn upsert() -> LoadMode {
    LoadMode::Upsert
}

/// Where a feed looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    Folder(&'a Path),
    Web(&'a str),
    Database(&'a str),
}

impl Feed {
    /// Where it looks; none where the address is of no known kind.
    pub(super) fn place(&self) -> Option<Place<'_>> {
        let from = self.from.as_str();
        match from.split_once("://") {
            Some(("file", folder)) => Some(Place::Folder(Path::new(folder))),
            Some(("http" | "https", _)) => Some(Place::Web(from)),
            Some(("postgres" | "postgresql" | "mysql" | "mariadb", _)) => {
                Some(Place::Database(from))
            }
            _ => None,
        }
    }

    /// Whether new files are put into a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self.place(), Some(Place::Folder(_)))
    }

    /// The address without what belongs to nobody else: of a web address no query.
    #[must_use]
    pub fn shown_from(&self) -> &str {
        self.from.split_once('?').map_or(self.from.as_str(), |(front, _)| front)
    }

    /// What is wrong with its settings; empty when nothing is.
    #[must_use]
    pub fn faults(&self) -> Vec<Text> {
        let mut faults = Vec::new();
        let mut push = |zh: &str, en: &str| faults.push(Text::new(zh, en));
        let sound =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if self.id.is_empty() || self.id.len() > ID_CHARS_MAX || !self.id.chars().all(sound) {
            push(
                "id 用小写字母、数字、连字符，最多40个",
                "id has small letters, digits and hyphens, at most 40",
            );
        }
        let authority = self.from.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or_default();
        if authority.split_once('@').is_some_and(|(user, _)| user.contains(':')) {
            push(
                "from 里不写口令，写到 secret_file 指的文件里",
                "from holds no password; put it into the file that secret_file names",
            );
        }
        match self.place() {
            None => push(
                "from 写成 file:///目录、https://……、postgresql://用户@主机:5432/库 或 mysql://用户@主机:3306/库",
                "from is file:///folder, https://…, postgresql://user@host:5432/database or mysql://user@host:3306/database",
            ),
            Some(Place::Folder(folder)) if !folder.is_absolute() => push(
                "文件夹写绝对路径，如 file:///srv/feed/cards",
                "a folder is an absolute path, such as file:///srv/feed/cards",
            ),
            Some(Place::Database(_)) if !is_question(&self.query) => push(
                "query 写一条 SELECT 或 WITH 语句，末尾不加分号",
                "query is one statement that begins with SELECT or WITH, without a semicolon",
            ),
            Some(Place::Folder(_) | Place::Web(_)) if !self.query.is_empty() => {
                push("只有数据库才写 query", "only a database has a query");
            }
            Some(_) => {}
        }
        if let Err(error) = check_pattern(&self.schedule) {
            push(
                "schedule 写成 */15 * * * * 这样",
                &format!("schedule looks like */15 * * * *: {error}"),
            );
        }
        if (self.mode == LoadMode::Incremental) == self.watermark.is_empty() {
            push(
                "mode = \"incremental\" 和 watermark 要一起写",
                "write mode = \"incremental\" and watermark together",
            );
        }
        faults
    }
}

/// One statement that only asks.
fn is_question(query: &str) -> bool {
    let first: String = query.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    let asks = ["select", "with"].iter().any(|word| first.eq_ignore_ascii_case(word));
    asks && !query.contains(';')
}

/// All places that files come from, and the way out to them.
#[derive(Clone, Debug)]
pub struct Feeds {
    pub(super) list: Arc<[Feed]>,
    pub(super) egress: Egress,
}

impl Feeds {
    /// The feeds of the configuration, with a way out that takes answers as large as files may be.
    #[must_use]
    pub fn new(list: Vec<Feed>, egress: Egress) -> Self {
        Self { list: list.into(), egress }
    }

    pub(super) fn named(&self, id: &str) -> Option<&Feed> {
        self.list.iter().find(|feed| feed.id == id)
    }
}

/// How it went with a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedState {
    /// Its name.
    pub id: String,
    /// When it was last looked at.
    pub looked: OffsetDateTime,
    /// What the other side calls the version that was taken last.
    pub tag: Option<String>,
    /// The number of the load that its last file became.
    pub load: Option<i64>,
    /// Why the last look came to nothing.
    pub error: Option<Text>,
    /// Since when looks come to nothing.
    pub failing_since: Option<OffsetDateTime>,
}

/// A feed with how it went.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedView {
    /// The feed.
    pub feed: Feed,
    /// How it went; none before the first look.
    pub state: Option<FeedState>,
    /// Its last load.
    pub load: Option<Load>,
    /// When it is looked at next.
    pub next: OffsetDateTime,
    /// Whether the reader may have it looked at now.
    pub may: bool,
}
