//! Looks outside and brings what is there: a file of a folder, an answer of the web, the rows of another database.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use time::OffsetDateTime;
use zhengtong_base::{Failure as _, Text};
use zhengtong_egress::{HeaderName, HeaderValue, Request, StatusCode};

use super::model::{Feed, Feeds, Place, SINCE};
use crate::loads::LoadMode;
use crate::store::{Far, FarError};

/// Bytes of one file at most: it stands in memory while it is taken in.
pub const FEED_BYTES_MAX: usize = 200 << 20;
/// How long a file must have rested before it is taken: whoever writes it is done.
const RESTED: Duration = Duration::from_secs(5);
/// Folders beside the files, for those that were taken and those that could not be.
const TAKEN: &str = "taken";
const REFUSED: &str = "refused";
/// How long another database may take for its answer; a job is lent for longer than that.
const DATABASE_TIME: Duration = Duration::from_secs(90);

/// What came.
pub(super) struct Arrived {
    pub(super) bytes: Vec<u8>,
    pub(super) name: String,
    /// What the other side calls this version.
    pub(super) tag: Option<String>,
    /// Where it lies, of a folder.
    pub(super) path: Option<PathBuf>,
}

/// Why nothing came, for stewards.
pub(super) struct Amiss {
    pub(super) text: Text,
    /// The file that cannot be taken, of a folder.
    pub(super) path: Option<PathBuf>,
}

impl Amiss {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { text: Text::new(zh.into(), en.into()), path: None }
    }

    pub(super) fn of_file(text: Text, path: Option<PathBuf>) -> Self {
        Self { text, path }
    }
}

type Brought = Result<Option<Arrived>, Amiss>;

/// Looks once. Nothing new is no failure.
pub(super) async fn fetch(
    feeds: &Feeds,
    feed: &Feed,
    since: Option<&str>,
    tag: Option<&str>,
    now: OffsetDateTime,
) -> Brought {
    match feed.place() {
        Some(Place::Folder(folder)) => {
            let folder = folder.to_owned();
            let looked =
                tokio::task::spawn_blocking(move || from_folder(&folder, now.into())).await;
            looked.unwrap_or_else(|error| Err(Amiss::new("读文件夹时中断", error.to_string())))
        }
        Some(Place::Web(url)) => from_web(feeds, feed, url, since, tag).await,
        Some(Place::Database(url)) => {
            let asked = from_database(feeds, feed, url, since);
            tokio::time::timeout(DATABASE_TIME, asked).await.unwrap_or_else(|_late| {
                let seconds = DATABASE_TIME.as_secs();
                Err(Amiss::new(
                    format!("数据库 {seconds} 秒没有答完。把 query 改成只取新的，或让对方加索引"),
                    format!(
                        "the database did not answer within {seconds} s; ask only for what is new, or have an index made there"
                    ),
                ))
            })
        }
        None => Ok(None),
    }
}

fn too_large() -> Text {
    let mb = FEED_BYTES_MAX >> 20;
    Text::new(
        format!("超过 {mb} MB。分成几个文件，或改成增量"),
        format!("larger than {mb} MB; split it, or bring only what is new"),
    )
}

/// The first file by name that has rested. Links are not followed.
fn from_folder(folder: &Path, now: SystemTime) -> Brought {
    let shown = folder.display();
    let unread = |error: std::io::Error| {
        Amiss::new(
            format!("文件夹 {shown} 读不了：{error}。检查它在不在、服务账户能不能读写"),
            format!(
                "the folder {shown} cannot be read: {error}; see that it is there and that the service may read and write it"
            ),
        )
    };
    let mut first: Option<(String, PathBuf, u64)> = None;
    for entry in fs::read_dir(folder).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let unfinished = name.starts_with('.')
            || [".part", ".tmp"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
        let about = entry.metadata().map_err(unread)?;
        let rested = about.modified().ok().and_then(|at| now.duration_since(at).ok());
        if unfinished || !about.is_file() || rested.is_none_or(|rested| rested < RESTED) {
            continue;
        }
        if first.as_ref().is_none_or(|(before, ..)| name < *before) {
            first = Some((name, entry.path(), about.len()));
        }
    }
    let Some((name, path, size)) = first else { return Ok(None) };
    if usize::try_from(size).is_ok_and(|size| size <= FEED_BYTES_MAX) {
        let bytes = fs::read(&path).map_err(unread)?;
        return Ok(Some(Arrived { bytes, name, tag: None, path: Some(path) }));
    }
    Err(Amiss::of_file(too_large(), Some(path)))
}

/// Puts a file beside the others: into `taken` under the number of its load, or into `refused` with the reason beside it.
pub(super) async fn put_aside(
    path: PathBuf,
    outcome: Result<i64, Text>,
) -> Result<(), std::io::Error> {
    let moved = tokio::task::spawn_blocking(move || {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
        let name = name.to_string_lossy();
        let (beside, name) = match &outcome {
            Ok(number) => (folder.join(TAKEN), format!("{number}-{name}")),
            Err(_) => (folder.join(REFUSED), name.into_owned()),
        };
        fs::create_dir_all(&beside)?;
        if let Err(text) = &outcome {
            fs::write(beside.join(format!("{name}.txt")), format!("{}\n{}\n", text.zh, text.en))?;
        }
        fs::rename(&path, beside.join(name))
    });
    moved.await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}

async fn secret(feed: &Feed) -> Result<Option<String>, Amiss> {
    if feed.secret_file.as_os_str().is_empty() {
        return Ok(None);
    }
    let shown = feed.secret_file.display();
    let text = tokio::fs::read_to_string(&feed.secret_file).await.map_err(|error| {
        Amiss::new(
            format!("secret_file {shown} 读不了：{error}"),
            format!("secret_file {shown} cannot be read: {error}"),
        )
    })?;
    Ok(Some(text.trim().to_owned()))
}

async fn from_web(
    feeds: &Feeds,
    feed: &Feed,
    url: &str,
    since: Option<&str>,
    tag: Option<&str>,
) -> Brought {
    let since = utf8_percent_encode(since.unwrap_or_default(), NON_ALPHANUMERIC).to_string();
    let url = url.replace(SINCE, &since);
    let mut request = Request::get(&url);
    let secret = secret(feed).await?;
    let headers = [("authorization", secret.as_deref()), ("if-none-match", tag)]
        .into_iter()
        .filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(value?).ok()?))
        });
    request.headers.extend(headers);
    let response = feeds.egress.send(&request).await.map_err(|error| {
        let text = error.text();
        Amiss::new(format!("{}（{error}）", text.zh), format!("{} ({error})", text.en))
    })?;
    if response.status == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let status = response.status.as_u16();
    if !response.status.is_success() {
        return Err(Amiss::new(
            format!("对方答的是 {status}。核对地址和 secret_file"),
            format!("the other side answered {status}; check the address and secret_file"),
        ));
    }
    let tag = response.headers.get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let last = feed.shown_from().rsplit('/').next().filter(|last| last.contains('.'));
    let name = last.map_or_else(|| feed.id.clone(), str::to_owned);
    Ok(Some(Arrived { bytes: response.body, name, tag, path: None }))
}

/// The answer of another database as a CSV file.
async fn from_database(feeds: &Feeds, feed: &Feed, url: &str, since: Option<&str>) -> Brought {
    let said = |what: &FarError| {
        Amiss::new(
            format!("数据库没有答：{what}。核对 from、query 和 secret_file"),
            format!("the database did not answer: {what}; check from, query and secret_file"),
        )
    };
    let far = Far::of(url, secret(feed).await?).map_err(|error| said(&error))?;
    if let Some(line) = far.line() {
        feeds.egress.check_line(&line).map_err(|error| {
            let Text { zh, en } = error.text();
            Amiss::new(
                format!("{zh}（{error}）。写进 egress.private；不在内网的要用 sslmode=verify-full（MySQL 用 ssl-mode=VERIFY_IDENTITY）"),
                format!(
                    "{en} ({error}); name it in egress.private, and use sslmode=verify-full outside (ssl-mode=VERIFY_IDENTITY with MySQL)"
                ),
            )
        })?;
    }
    let bytes = far.ask(&feed.query, since, FEED_BYTES_MAX).await.map_err(|error| said(&error))?;
    let Some(bytes) = bytes else { return Err(Amiss::of_file(too_large(), None)) };
    let head = bytes.iter().position(|byte| *byte == b'\n');
    match (head.is_some_and(|end| end + 1 < bytes.len()), feed.mode) {
        (true, _) => {
            Ok(Some(Arrived { bytes, name: format!("{}.csv", feed.id), tag: None, path: None }))
        }
        (false, LoadMode::Full) => Err(Amiss::new(
            "来源一行也没有。没有结束任何记录；真的要清空，用文件加载",
            "the source has no row at all; no record was ended. If all are to end, load a file",
        )),
        (false, _) => Ok(None),
    }
}
