//! The work of a load, in steps of one transaction each. Whoever goes on after a stop goes on where the last step ended;
//! what was read becomes visible in the last step and not before.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_blob::Blobs;
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::jobs::{Job, NewJob, Work};
use zhengtong_db::{Ctx, Db};
use zhengtong_tabular::{Fault, Item, Position, Record, chunk, whole};

use super::conversions::conversions;
use super::model::{Load, LoadFault, LoadMode, LoadState, Progress};
use super::plan::{Bad, Checked, Fate, Plan};
use super::{digest_of, note, rows};
use crate::error::{Error, Result};
use crate::model::{Catalog, Purpose};
use crate::reading::{named, thing};
use crate::store::{self, Applied};

/// The job that works on a load.
pub(super) const JOB: &str = "registry.load";
/// Bytes of a file that one step reads.
const STEP_BYTES: u64 = 4 << 20;
/// Rows of a file without pieces that one step reads.
const STEP_ROWS: usize = 20_000;
/// How long one job works before it hands on to the next, well before its lease ends.
const JOB_TIME: Duration = Duration::from_mins(2);
/// Rows of one load: their keys are held in memory to find the double ones.
const ROWS_MAX: i64 = 20_000_000;
/// How often a load begins anew because records changed under it.
const AGAIN_MAX: u32 = 3;

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more to do.
    More,
    /// The load is over.
    Over,
}

/// What one worker knows of a load between two steps. A new one finds out again what it needs.
#[derive(Default)]
pub struct Loader {
    plan: Option<Arc<Plan>>,
    seen: HashSet<u128>,
    /// All rows of a file that cannot be read in pieces.
    rows: Option<Arc<Vec<Read>>>,
    /// Whether the dataset had never held anything when the load began.
    alone: bool,
    /// Where the last step of this worker ended.
    at: Option<Position>,
    /// The next piece, which is read while the database takes in the one before.
    ahead: Option<Ahead>,
}

/// A piece that is being read.
struct Ahead {
    at: Position,
    piece: JoinHandle<Result<Piece>>,
}

/// A row of a file, or why there is none.
enum Read {
    Row(Record),
    Fault(Fault),
}

/// What a piece of a file came to.
#[derive(Default)]
struct Piece {
    good: Vec<Checked>,
    bad: Vec<Bad>,
    read: i64,
    skipped: i64,
    reached: Option<String>,
    next: Position,
    over: bool,
}

/// A load is over.
#[derive(Serialize)]
struct Happened<'a> {
    load: i64,
    dataset: &'a str,
    state: &'a str,
    created: i64,
    changed: i64,
    late: i64,
    ended: i64,
    faulty: i64,
}

/// The bytes of a part of a file.
pub(super) async fn bytes_of(
    blobs: &Blobs,
    digest: Digest,
    from: u64,
    limit: u64,
) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut reader = blobs.range(digest, from, limit).await?;
    reader.read_to_end(&mut bytes).await.map_err(zhengtong_blob::Error::from)?;
    Ok(bytes)
}

/// Works on a load for one transaction.
pub async fn step(ctx: &mut Ctx, blobs: &Blobs, loader: &mut Loader, id: Uuid) -> Result<Step> {
    let Some(mut load) = store::lock_load(ctx.conn(), id).await? else { return Ok(Step::Over) };
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, &load.dataset)?;
    ctx.allow("registry.load", &thing(&catalog, dataset, &Purpose::new("load")))?;
    match load.state {
        LoadState::Waiting => {
            start(ctx, &mut load).await?;
            *loader = Loader::default();
            Ok(Step::More)
        }
        LoadState::Reading => {
            ready(ctx, blobs, loader, &mut load).await?;
            read(ctx, blobs, loader, &mut load).await?;
            Ok(Step::More)
        }
        LoadState::Applying => apply(ctx, &mut load).await,
        LoadState::Draft | LoadState::Done | LoadState::Failed | LoadState::Cancelled => {
            Ok(Step::Over)
        }
    }
}

/// Begins reading, from the beginning of the file.
async fn start(ctx: &mut Ctx, load: &mut Load) -> Result<()> {
    let plan = plan_of(ctx, load).await?;
    store::stage(ctx.conn(), &plan.sealing(), &plan.dataset, load.number).await?;
    store::drop_faults(ctx.conn(), load.id).await?;
    load.progress =
        Progress { position: load.layout.start, again: load.progress.again, ..Progress::default() };
    load.state = LoadState::Reading;
    load.started = load.started.or(Some(ctx.now));
    store::keep_load(ctx.conn(), load).await
}

/// All that is needed to read a load, as things stood on the day it was brought.
pub(super) async fn plan_of(ctx: &mut Ctx, load: &Load) -> Result<Plan> {
    let (catalog, day) = (ctx.defs::<Catalog>()?, china_date(load.created));
    let dataset = named(&catalog, &load.dataset)?;
    let known = conversions(ctx, &catalog, dataset, &load.source, day).await?;
    Plan::new(catalog, ctx.keyring()?, load, &known, day)
}

/// Makes a worker ready that did not do the last step itself.
async fn ready(ctx: &mut Ctx, blobs: &Blobs, loader: &mut Loader, load: &mut Load) -> Result<()> {
    if loader.plan.is_some() && loader.at == Some(load.progress.position) {
        return Ok(());
    }
    let held = store::staged(ctx.conn(), load.number).await?;
    let counts = load.counts();
    let wanted = counts.read - counts.skipped - counts.faulty;
    // The table has no log: after a fall of the database it is empty, and the file is read again.
    if held.is_none_or(|held| held < wanted) {
        start(ctx, load).await?;
    }
    let plan = Arc::new(plan_of(ctx, load).await?);
    let fresh = load.progress.position == load.layout.start;
    loader.seen = HashSet::new();
    if !fresh {
        loader.seen = store::staged_names(ctx.conn(), load.number).await?;
    }
    loader.alone = store::is_fresh(ctx.conn(), &plan.dataset).await?;
    if !load.layout.format.is_stream() {
        loader.rows = Some(Arc::new(all_rows(blobs, load).await?));
    }
    loader.plan = Some(plan);
    Ok(())
}

async fn all_rows(blobs: &Blobs, load: &Load) -> Result<Vec<Read>> {
    let bytes = bytes_of(blobs, digest_of(&load.file)?, 0, u64::MAX).await?;
    let layout = load.layout.clone();
    let all = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        whole(&layout, &bytes, &mut |item| {
            all.push(match item {
                Item::Row(record) => Read::Row(record.clone()),
                Item::Fault(fault) => Read::Fault(fault),
            });
            true
        })?;
        Ok(all)
    });
    done(all).await
}

/// Reads the next piece of the file.
async fn read(ctx: &mut Ctx, blobs: &Blobs, loader: &mut Loader, load: &mut Load) -> Result<()> {
    let Some(plan) = loader.plan.clone() else { return Ok(()) };
    let (at, reached) = (load.progress.position, load.progress.reached.clone());
    let ahead = loader.ahead.take().filter(|ahead| ahead.at == at);
    let ahead = match ahead {
        Some(ahead) => ahead,
        None => begin_piece(blobs, &plan, loader, load, (at, reached)).await?,
    };
    let mut piece = done(ahead.piece).await?;
    if !piece.over {
        let (next, reached) = (piece.next, piece.reached.clone());
        loader.ahead = Some(begin_piece(blobs, &plan, loader, load, (next, reached)).await?);
    }
    let good = doubles(&mut loader.seen, std::mem::take(&mut piece.good), &mut piece.bad);
    let mut sorted = rows::sort(ctx, &plan, good, &piece.bad, loader.alone).await?;
    piece.bad.append(&mut sorted.bad);
    piece.bad.sort_by_key(|bad| bad.line);
    let target = (&plan.sealing(), &plan.dataset);
    store::copy_staged(ctx.conn(), target, load.number, &sorted.staged).await?;
    let faults = faults_of(load, &piece.bad);
    store::keep_faults(ctx.conn(), &plan.ring, load.id, &faults).await?;

    let progress = &mut load.progress;
    progress.counts.read += piece.read;
    progress.counts.skipped += piece.skipped;
    progress.counts.same += sorted.same;
    progress.counts.faulty += count(piece.bad.len());
    progress.nameless += count(piece.bad.iter().filter(|bad| bad.key.is_none()).count());
    progress.reached = piece.reached.or(progress.reached.take());
    progress.position = piece.next;
    if progress.counts.read > ROWS_MAX {
        return Err(Error::Stopped(Text::new(
            format!("一个文件最多 {ROWS_MAX} 行，请分成几个文件"),
            format!("a file may have {ROWS_MAX} rows at most; split it"),
        )));
    }
    if piece.over {
        load.state = LoadState::Applying;
    }
    loader.at = Some(load.progress.position);
    store::keep_load(ctx.conn(), load).await
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Begins to read the piece of a file that stands at a place.
async fn begin_piece(
    blobs: &Blobs,
    plan: &Arc<Plan>,
    loader: &Loader,
    load: &Load,
    (at, reached): (Position, Option<String>),
) -> Result<Ahead> {
    let plan = Arc::clone(plan);
    if let Some(rows) = &loader.rows {
        let rows = Arc::clone(rows);
        let piece = tokio::task::spawn_blocking(move || piece_of_rows(&plan, &rows, at, reached));
        return Ok(Ahead { at, piece });
    }
    let size = u64::try_from(load.file_bytes).unwrap_or(0);
    let bytes = bytes_of(blobs, digest_of(&load.file)?, at.byte, STEP_BYTES).await?;
    let last = at.byte + u64::try_from(bytes.len()).unwrap_or(0) >= size;
    let piece = tokio::task::spawn_blocking(move || piece_of(&plan, &bytes, (at, last), reached));
    Ok(Ahead { at, piece })
}

/// The rows of a file that was read as a whole, from a place on.
fn piece_of_rows(
    plan: &Plan,
    rows: &[Read],
    at: Position,
    reached: Option<String>,
) -> Result<Piece> {
    let from = usize::try_from(at.byte).unwrap_or(0);
    let mut piece = Piece { reached, ..Piece::default() };
    for row in rows.iter().skip(from).take(STEP_ROWS) {
        take(plan, row, &mut piece)?;
    }
    let to = (from + STEP_ROWS).min(rows.len());
    piece.over = to == rows.len();
    // In these files a place is a number of rows.
    piece.next = Position { byte: u64::try_from(to).unwrap_or(0), line: at.line };
    Ok(piece)
}

/// The rows of some bytes of a file that stand at a place, and whether these are its last.
fn piece_of(
    plan: &Plan,
    bytes: &[u8],
    (at, last): (Position, bool),
    reached: Option<String>,
) -> Result<Piece> {
    let mut piece = Piece { reached, ..Piece::default() };
    let mut failure = None;
    piece.next = chunk(&plan.layout, at, bytes, last, &mut |item| {
        let taken = match item {
            Item::Row(record) => take_row(plan, record, &mut piece),
            Item::Fault(fault) => {
                take_fault(&fault, &mut piece);
                Ok(())
            }
        };
        failure = taken.err();
        failure.is_none()
    });
    piece.over = last;
    failure.map_or(Ok(piece), Err)
}

fn take(plan: &Plan, row: &Read, piece: &mut Piece) -> Result<()> {
    match row {
        Read::Row(record) => take_row(plan, record, piece),
        Read::Fault(fault) => {
            take_fault(fault, piece);
            Ok(())
        }
    }
}

fn take_row(plan: &Plan, record: &Record, piece: &mut Piece) -> Result<()> {
    piece.read += 1;
    match plan.read(record)? {
        Fate::Good(checked) => {
            if let Some(mark) = plan.mark(&checked.values, piece.reached.as_ref()) {
                piece.reached = Some(mark.clone());
            }
            piece.good.push(checked);
        }
        Fate::Skipped => piece.skipped += 1,
        Fate::Bad(bad) => piece.bad.push(bad),
    }
    Ok(())
}

fn take_fault(fault: &Fault, piece: &mut Piece) {
    piece.read += 1;
    let wrong = vec![(None, fault.reason.clone())];
    piece.bad.push(Bad { line: fault.line, raw: fault.raw.clone(), wrong, key: None });
}

/// Rows whose key came before in the file are faults: which of the two is right, nobody can know.
fn doubles(seen: &mut HashSet<u128>, rows: Vec<Checked>, bad: &mut Vec<Bad>) -> Vec<Checked> {
    let mut good = Vec::with_capacity(rows.len());
    for row in rows {
        if seen.insert(row.name) {
            good.push(row);
            continue;
        }
        let text = Text::new(
            "主键与前面某一行重复，只收下先出现的一行",
            "an earlier row has the same key; only the first one was taken in",
        );
        bad.push(Bad {
            line: row.record.line,
            raw: super::plan::raw_of(&row.record),
            wrong: vec![(None, text)],
            key: Some(Vec::new()),
        });
    }
    good
}

fn faults_of(load: &Load, bad: &[Bad]) -> Vec<LoadFault> {
    let mut faults = Vec::with_capacity(bad.len());
    for (row, number) in bad.iter().zip(load.counts().faulty + 1..) {
        let (field, _) = row.wrong.first().cloned().unwrap_or_default();
        let all = |lang: zhengtong_base::Lang| {
            let texts: Vec<&str> = row.wrong.iter().map(|(_, text)| text.get(lang)).collect();
            texts.join(lang.pick("；", "; "))
        };
        faults.push(LoadFault {
            number,
            line: i64::try_from(row.line).unwrap_or(i64::MAX),
            field,
            raw: row.raw.clone(),
            reason: Text::new(all(zhengtong_base::Lang::Zh), all(zhengtong_base::Lang::En)),
        });
    }
    faults
}

/// Makes what was read visible, all of it or nothing.
async fn apply(ctx: &mut Ctx, load: &mut Load) -> Result<Step> {
    let plan = plan_of(ctx, load).await?;
    let (sealing, dataset) = (plan.sealing(), &plan.dataset);
    let held = store::staged(ctx.conn(), load.number).await?;
    let counts = load.counts();
    let wanted = counts.read - counts.skipped - counts.faulty;
    let lost = held.is_none_or(|held| held < wanted);
    if lost || store::is_overtaken(ctx.conn(), &sealing, dataset, load.number).await? {
        if load.progress.again >= AGAIN_MAX {
            return Err(Error::Stopped(Text::new(
                "加载期间数据一直有人修改，请稍后再试",
                "records kept changing while the file was read; try again later",
            )));
        }
        load.progress.again += 1;
        load.state = LoadState::Waiting;
        store::keep_load(ctx.conn(), load).await?;
        return Ok(Step::More);
    }
    let ends = load.mode == LoadMode::Full && load.progress.nameless == 0;
    let now = ctx.now;
    let origin = (load.source.as_str(), now);
    let applied: Applied =
        store::apply(ctx.conn(), (&sealing, dataset), load.number, origin, ends).await?;
    let counts = &mut load.progress.counts;
    counts.created = applied.created;
    counts.changed = applied.changed;
    counts.late = applied.late;
    counts.ended = applied.ended;
    if counts.created + counts.changed + counts.ended > 0 {
        crate::matching::soon(ctx, &dataset.id).await?;
    }
    finish(ctx, load, LoadState::Done).await?;
    Ok(Step::Over)
}

/// Ends a load: its last entry in the record and the news of it.
async fn finish(ctx: &mut Ctx, load: &mut Load, state: LoadState) -> Result<()> {
    load.state = state;
    load.finished = Some(ctx.now);
    store::keep_load(ctx.conn(), load).await?;
    let counts = load.counts();
    let why = match &load.error {
        Some(error) => format!(
            "第 {0} 次加载没有完成：{1} / load {0} failed: {2}",
            load.number, error.zh, error.en
        ),
        None => format!(
            "第 {0} 次加载（{1}）：新增 {2}，变更 {3}，补记 {4}，结束 {5}，未收下 {6} / load {0}: {2} new, {3} changed, {4} late, {5} ended, {6} not taken in",
            load.number,
            load.source,
            counts.created,
            counts.changed,
            counts.late,
            counts.ended,
            counts.faulty
        ),
    };
    note(ctx, "registry.load", load, why).await?;
    let happened = Happened {
        load: load.number,
        dataset: &load.dataset,
        state: state.word(),
        created: counts.created,
        changed: counts.changed,
        late: counts.late,
        ended: counts.ended,
        faulty: counts.faulty,
    };
    ctx.emit("registry.load", &load.dataset, &happened).await?;
    Ok(())
}

/// The jobs of this engine: loads, and the nightly look at quality.
#[must_use]
pub fn attach(work: Work) -> Work {
    crate::quality::attach(work)
        .on(JOB, |db, job| async move { run(&db, &job).await.map_err(|error| error.to_string()) })
}

async fn run(db: &Db, job: &Job) -> Result<()> {
    let id = job.payload.get("load").and_then(serde_json::Value::as_str).unwrap_or_default();
    let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
    let blobs = db.defs::<Blobs>()?;
    let began = Instant::now();
    let mut loader = Loader::default();
    loop {
        let mut ctx = db.begin_system("registry.load").await?;
        match step(&mut ctx, &blobs, &mut loader, id).await {
            Ok(Step::Over) => {
                ctx.commit().await?;
                return Ok(());
            }
            Ok(Step::More) => {}
            Err(error) if is_final(&error) => {
                drop(ctx);
                return fail(db, id, &error).await;
            }
            Err(error) => return Err(error),
        }
        let late = began.elapsed() > JOB_TIME;
        if late {
            let payload = serde_json::json!({ "load": id });
            let now = ctx.now;
            ctx.enqueue(NewJob::now(JOB, &payload, now)).await?;
        }
        ctx.commit().await?;
        if late {
            return Ok(());
        }
    }
}

/// Whether trying again cannot help.
fn is_final(error: &Error) -> bool {
    !matches!(error, Error::Store(_) | Error::Ledger(_))
        && matches!(error.kind(), Kind::Invalid | Kind::NotFound | Kind::Conflict)
}

async fn fail(db: &Db, id: Uuid, error: &Error) -> Result<()> {
    let mut ctx = db.begin_system("registry.load").await?;
    if let Some(mut load) = store::lock_load(ctx.conn(), id).await? {
        store::unstage(ctx.conn(), load.number).await?;
        load.error = Some(error.text());
        finish(&mut ctx, &mut load, LoadState::Failed).await?;
    }
    ctx.commit().await?;
    Ok(())
}

/// What work on a thread of its own came to.
async fn done<T>(work: JoinHandle<Result<T>>) -> Result<T> {
    work.await.map_err(|error| Error::Store(zhengtong_db::Error::Broken(error.to_string())))?
}
