//! Feeds: places outside from which files come by themselves. What comes is kept as a file and becomes records as any
//! other load does; only who brings it differs.

mod fetch;
mod model;

use serde_json::json;
use time::OffsetDateTime;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_blob::Blobs;
use zhengtong_db::jobs::{CronEntry, Job, NewJob, Work, next_after};
use zhengtong_db::{Ctx, Db, Thing};

use crate::error::{Error, Result};
use crate::loads::{Confirmed, Load, LoadMode, LoadState, NewLoad, begin_load, confirm_load};
use crate::model::{Catalog, Purpose};
use crate::reading::{named, thing};
use crate::store;

pub use fetch::FEED_BYTES_MAX;
use fetch::{Amiss, Arrived, fetch, put_aside};
pub(crate) use model::SINCE;
pub use model::{Feed, FeedState, FeedView, Feeds};

/// The job that looks which feeds are due.
const TEND: &str = "registry.feeds";
/// The job that looks at one feed.
const FETCH: &str = "registry.fetch";
/// The job that looks for the next file of a folder after a load.
const NEXT: &str = "registry.feed_next";

/// The jobs of feeds.
#[must_use]
pub fn attach_feeds(work: Work) -> Work {
    work.on(TEND, |db, _job| async move { tend(&db).await.map_err(|error| error.to_string()) })
        .on(FETCH, |db, job| async move {
            let id = job.payload.get("feed").and_then(|id| id.as_str()).unwrap_or_default();
            look_at_feed(&db, id).await.map_err(|error| error.to_string())
        })
        .on(
            NEXT,
            |db, job| async move { go_on(&db, &job).await.map_err(|error| error.to_string()) },
        )
        .subscribe("registry.load", NEXT)
        .at(CronEntry { name: TEND, pattern: "* * * * *", job: TEND })
}

/// All feeds of the configuration, with how it went.
pub async fn feeds(ctx: &mut Ctx) -> Result<Vec<FeedView>> {
    ctx.allow("registry.loads", &Thing::new("dataset", "all"))?;
    let (feeds, catalog) = (ctx.defs::<Feeds>()?, ctx.defs::<Catalog>()?);
    let states = store::feed_states(ctx.conn()).await?;
    let mut views = Vec::with_capacity(feeds.list.len());
    for feed in feeds.list.iter() {
        let state = states.iter().find(|state| state.id == feed.id).cloned();
        let load = last_load(ctx, state.as_ref()).await?;
        let looked = state.as_ref().map_or(ctx.now, |state| state.looked);
        let next = next_after(&feed.schedule, looked)?;
        let purpose = Purpose::new("load");
        let may = catalog
            .dataset(&feed.dataset)
            .is_some_and(|dataset| ctx.may("registry.load", &thing(&catalog, dataset, &purpose)));
        views.push(FeedView { feed: feed.clone(), state, load, next, may });
    }
    Ok(views)
}

/// Has a feed looked at now.
pub async fn fetch_soon(ctx: &mut Ctx, id: &str) -> Result<()> {
    let (feeds, catalog) = (ctx.defs::<Feeds>()?, ctx.defs::<Catalog>()?);
    let feed = feeds.named(id).ok_or_else(|| no_feed(id))?;
    let dataset = named(&catalog, &feed.dataset)?;
    ctx.allow("registry.load", &thing(&catalog, dataset, &Purpose::new("load")))?;
    let why = format!("现在从 {0} 取一次 / look at {1} now", feed.title.zh, feed.title.en);
    let act = ctx.act("registry.load", "dataset", feed.dataset.clone()).because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    soon(ctx, feed).await
}

fn no_feed(id: &str) -> Error {
    Error::Stopped(Text::new(
        format!("没有接入源 {id}，它可能已从配置里拿掉"),
        format!("there is no feed {id}; it may have been taken out of the configuration"),
    ))
}

async fn soon(ctx: &mut Ctx, feed: &Feed) -> Result<()> {
    let (payload, key, now) = (json!({ "feed": feed.id }), format!("feed/{}", feed.id), ctx.now);
    ctx.enqueue(NewJob::now(FETCH, &payload, now).unique(&key)).await?;
    Ok(())
}

async fn tend(db: &Db) -> Result<()> {
    let feeds = db.defs::<Feeds>()?;
    if feeds.list.is_empty() {
        return Ok(());
    }
    let mut ctx = db.begin_system(TEND).await?;
    let states = store::feed_states(ctx.conn()).await?;
    for feed in feeds.list.iter() {
        let looked = states.iter().find(|state| state.id == feed.id).map(|state| state.looked);
        let due = match looked {
            // The clock was ahead when it was looked at and has come back.
            Some(looked) if looked <= ctx.now => next_after(&feed.schedule, looked)? <= ctx.now,
            _ => true,
        };
        if due {
            soon(&mut ctx, feed).await?;
        }
    }
    Ok(ctx.commit().await?)
}

/// A load is over: where it came from a folder, the next file there need not wait for its time.
async fn go_on(db: &Db, job: &Job) -> Result<()> {
    let feeds = db.defs::<Feeds>()?;
    let number = job.payload.pointer("/payload/load").and_then(serde_json::Value::as_i64);
    if number.is_none() || !feeds.list.iter().any(Feed::is_folder) {
        return Ok(());
    }
    let mut ctx = db.begin_system(NEXT).await?;
    let states = store::feed_states(ctx.conn()).await?;
    for state in states.iter().filter(|state| state.load == number) {
        if let Some(feed) = feeds.named(&state.id).filter(|feed| feed.is_folder()) {
            soon(&mut ctx, feed).await?;
        }
    }
    Ok(ctx.commit().await?)
}

async fn last_load(ctx: &mut Ctx, state: Option<&FeedState>) -> Result<Option<Load>> {
    match state.and_then(|state| state.load) {
        Some(number) => store::load_by_number(ctx.conn(), number).await,
        None => Ok(None),
    }
}

/// What is known of a feed before it is looked at.
struct Before {
    state: FeedState,
    last: Option<Load>,
    since: Option<String>,
    now: OffsetDateTime,
}

/// Looks at a feed once: what came is kept as a file, and its load begins. What went wrong is kept for stewards, and the
/// next time tries again. While its last load goes on or waits for a steward, nothing is taken.
pub async fn look_at_feed(db: &Db, id: &str) -> Result<()> {
    let (feeds, blobs) = (db.defs::<Feeds>()?, db.defs::<Blobs>()?);
    let Some(feed) = feeds.named(id) else { return Ok(()) };
    let mut ctx = db.begin_system(FETCH).await?;
    let before = known(&mut ctx, feed).await?;
    ctx.commit().await?;
    let running = before.last.as_ref().is_some_and(|load| load.state.is_running());
    let waits = before.last.as_ref().is_some_and(|load| load.state == LoadState::Draft);
    if running {
        return Ok(());
    }
    if waits {
        return keep(db, before.state).await;
    }
    let catalog = db.defs::<Catalog>()?;
    if let Err(error) = named(&catalog, &feed.dataset) {
        return keep(db, FeedState { error: Some(error.text()), ..before.state }).await;
    }
    let fetched =
        fetch(&feeds, feed, before.since.as_deref(), before.state.tag.as_deref(), before.now).await;
    let state = before.state.clone();
    let amiss = match fetched {
        Ok(None) => return keep(db, FeedState { error: None, ..state }).await,
        Ok(Some(arrived)) => match take_in(db, &blobs, feed, before, arrived).await? {
            Ok(()) => return Ok(()),
            Err(amiss) => amiss,
        },
        Err(amiss) => amiss,
    };
    tracing::warn!(feed = feed.id, error = amiss.text.en, "nothing could be taken from a feed");
    keep(db, FeedState { error: Some(amiss.text.clone()), ..state }).await?;
    match amiss.path {
        Some(path) => aside(path, Err(amiss.text)).await,
        None => Ok(()),
    }
}

async fn known(ctx: &mut Ctx, feed: &Feed) -> Result<Before> {
    let states = store::feed_states(ctx.conn()).await?;
    let fresh = FeedState {
        id: feed.id.clone(),
        looked: ctx.now,
        tag: None,
        load: None,
        error: None,
        failing_since: None,
    };
    let state = states.into_iter().find(|state| state.id == feed.id).unwrap_or(fresh);
    let last = last_load(ctx, Some(&state)).await?;
    let mut since = None;
    if feed.mode == LoadMode::Incremental {
        let done = store::last_done(ctx.conn(), &feed.dataset, None, Some(&feed.watermark)).await?;
        since = done.and_then(|load| load.progress.reached);
    }
    Ok(Before { state, last, since, now: ctx.now })
}

async fn keep(db: &Db, state: FeedState) -> Result<()> {
    let mut ctx = db.begin_system(FETCH).await?;
    let state = FeedState { looked: ctx.now, ..state };
    store::keep_feed(ctx.conn(), &state).await?;
    Ok(ctx.commit().await?)
}

async fn aside(path: std::path::PathBuf, outcome: std::result::Result<i64, Text>) -> Result<()> {
    let moved = put_aside(path, outcome).await;
    moved.map_err(|error| {
        Error::Stopped(Text::new(
            format!("取走的文件移不开：{error}。给服务账户写这个文件夹的权限"),
            format!("a file that was taken cannot be moved: {error}; let the service write to its folder"),
        ))
    })
}

/// Keeps what came as a file and begins its load. What the file itself is to blame for is given back.
async fn take_in(
    db: &Db,
    blobs: &Blobs,
    feed: &Feed,
    before: Before,
    arrived: Arrived,
) -> Result<std::result::Result<(), Amiss>> {
    let Arrived { bytes, name, tag, path } = arrived;
    let limit = u64::try_from(FEED_BYTES_MAX).unwrap_or(u64::MAX);
    let stored = match blobs.admit(&bytes, limit).await {
        Ok(stored) => stored,
        Err(error) => return blame(error.into(), path),
    };
    drop(bytes);
    let file = stored.digest.to_string();
    let Before { mut state, last, .. } = before;
    state.tag = tag;
    state.error = None;
    // The same file once more, or one that could not be moved away before the machine stopped.
    if let Some(last) = last.as_ref().filter(|last| last.file == file) {
        keep(db, state).await?;
        if let Some(path) = path {
            aside(path, Ok(last.number)).await?;
        }
        return Ok(Ok(()));
    }
    let mut ctx = db.begin_system(FETCH).await?;
    let new = NewLoad { file, file_name: name, source: feed.title.zh.clone() };
    let load = match begin_load(&mut ctx, blobs, &feed.dataset, &new).await {
        Ok(load) => load,
        Err(error) => return blame(error, path),
    };
    let mapping = mapping(&load, last.as_ref());
    if is_clear(&ctx, feed, &mapping)? {
        let watermark = Some(feed.watermark.clone()).filter(|name| !name.is_empty());
        let confirmed = Confirmed { mapping, mode: feed.mode, watermark };
        confirm_load(&mut ctx, load.number, &confirmed).await?;
    }
    state.load = Some(load.number);
    state.looked = ctx.now;
    store::keep_feed(ctx.conn(), &state).await?;
    ctx.commit().await?;
    if let Some(path) = path {
        aside(path, Ok(load.number)).await?;
    }
    Ok(Ok(()))
}

/// Gives back what the file is to blame for; anything else is tried again by the job.
fn blame(error: Error, path: Option<std::path::PathBuf>) -> Result<std::result::Result<(), Amiss>> {
    match error.kind() {
        Kind::Invalid | Kind::Conflict | Kind::TooLarge | Kind::Unsupported => {
            Ok(Err(Amiss::of_file(error.text(), path)))
        }
        _ => Err(error),
    }
}

/// Which column fills which field: as the last time where the columns are the same, as it is guessed otherwise.
fn mapping(load: &Load, last: Option<&Load>) -> Vec<Option<String>> {
    let same = last.filter(|last| {
        last.state == LoadState::Done
            && last.dataset == load.dataset
            && last.layout.header == load.layout.header
    });
    same.map_or_else(|| load.mapping.clone(), |last| last.mapping.clone())
}

/// Whether nobody has to look at which column fills which field: all of them fill one, and the key and the watermark are
/// among them.
fn is_clear(ctx: &Ctx, feed: &Feed, mapping: &[Option<String>]) -> Result<bool> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, &feed.dataset)?;
    let has = |name: &str| mapping.iter().flatten().any(|field| field == name);
    let whole = mapping.iter().all(Option::is_some) && dataset.key.iter().all(|name| has(name));
    Ok(whole && (feed.watermark.is_empty() || has(&feed.watermark)))
}
