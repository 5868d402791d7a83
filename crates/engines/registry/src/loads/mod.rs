//! Loads: a file, the mapping of its columns, and the verbs around them. What happens to the rows stands in `work`.

mod conversions;
mod model;
mod plan;
mod rows;
mod work;

use std::sync::Arc;

use zhengtong_base::{Page, Paging, Text};
use zhengtong_blob::Blobs;
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::jobs::NewJob;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_tabular::{Format, Item, Record, detect, infer};

use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, Purpose};
use crate::reading::{named, thing};
use crate::store;
use crate::value::mask;

pub(crate) use conversions::Conversion;
pub use model::{
    AtOnce, Confirmed, Counts, Load, LoadFault, LoadMode, LoadState, NewLoad, Preview,
};
use plan::Fate;
pub use work::{Loader, Step, attach, step};

/// The field of the rows that were not taken in.
pub(crate) const FAULT_RAW: &str = "registry.load_fault.raw";
/// The series of the numbers of loads.
const SERIES: &str = "registry.load";
/// Bytes of the beginning of a file that are looked at.
const HEAD_BYTES: u64 = 1 << 20;
/// The largest file that is read as a whole, which workbooks and JSON arrays are.
const WHOLE_BYTES_MAX: u64 = 200 << 20;
/// Rows that a preview shows.
const PREVIEW_ROWS: usize = 20;
/// Rows by which columns are judged.
const SAMPLE_ROWS: usize = 1_000;
/// Faults of one page.
const FAULTS_MAX: i64 = 10_000;

/// The datasets that the actor may load, which are those of the own unit.
pub fn loadable(ctx: &Ctx) -> Result<Vec<Dataset>> {
    let catalog = ctx.defs::<Catalog>()?;
    let own = catalog.datasets.values().filter(|dataset| loads_it(ctx, &catalog, dataset));
    Ok(own.cloned().collect())
}

/// Whether the actor may load a dataset, and so read what was not taken in.
pub fn may_load(ctx: &Ctx, dataset: &str) -> Result<bool> {
    let catalog = ctx.defs::<Catalog>()?;
    Ok(loads_it(ctx, &catalog, named(&catalog, dataset)?))
}

/// Whether the actor may load a dataset, with the words of a refusal: asked before a file is taken in.
pub fn allow_load(ctx: &Ctx, dataset: &str) -> Result<()> {
    let catalog = ctx.defs::<Catalog>()?;
    loaded_here(ctx, &catalog, dataset).map(|_dataset| ())
}

/// Takes a file for a dataset and guesses which column fills which field; nothing is loaded before a steward confirms.
pub async fn begin_load(
    ctx: &mut Ctx,
    blobs: &Blobs,
    dataset: &str,
    new: &NewLoad,
) -> Result<Load> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = loaded_here(ctx, &catalog, dataset)?;
    let digest = digest_of(&new.file)?;
    let size = blobs.size(digest).await?.unwrap_or(0);
    let (head, last) = head_of(blobs, digest, size).await?;
    let layout = detect(&head, last)?;
    let sample = sample(&layout, &head, last, SAMPLE_ROWS)?;
    let columns = infer(&sample, layout.header.len(), china_date(ctx.now));
    let repeats = store::last_done(ctx.conn(), &dataset.id, Some(&new.file), None).await?;
    let load = Load {
        id: ctx.id(),
        number: ctx.number(SERIES).await?,
        dataset: dataset.id.clone(),
        state: LoadState::Draft,
        mode: LoadMode::Upsert,
        file: new.file.clone(),
        file_name: new.file_name.clone(),
        file_bytes: i64::try_from(size).unwrap_or(i64::MAX),
        mapping: plan::guess_mapping(&catalog, dataset, &layout, &columns),
        layout,
        watermark: None,
        since: None,
        repeats: repeats.map(|load| load.number),
        source: new.source.clone(),
        account: ctx.actor.account,
        error: None,
        created: ctx.now,
        started: None,
        finished: None,
        progress: model::Progress::default(),
    };
    store::make(ctx.conn(), &load).await?;
    let why = format!("第 {0} 次加载：收到文件 / load {0}: a file came", load.number);
    note(ctx, "registry.load", &load, why).await?;
    Ok(load)
}

/// The beginning of the file of a load as it would be read, personal values masked.
pub async fn preview_load(ctx: &mut Ctx, blobs: &Blobs, number: i64) -> Result<Preview> {
    let (load, catalog) = allowed(ctx, "registry.load", number).await?;
    let digest = digest_of(&load.file)?;
    let size = u64::try_from(load.file_bytes).unwrap_or(0);
    let (head, last) = head_of(blobs, digest, size).await?;
    let sample = sample(&load.layout, &head, last, SAMPLE_ROWS)?;
    let today = china_date(ctx.now);
    let columns = infer(&sample, load.layout.header.len(), today);
    let dataset = named(&catalog, &load.dataset)?;
    let rows =
        sample.iter().take(PREVIEW_ROWS).map(|row| shown(&catalog, dataset, &load, row, today));
    let rows = rows.collect();
    let plan = work::plan_of(ctx, &load).await?;
    let mut faults = Vec::new();
    for row in sample.iter().take(PREVIEW_ROWS) {
        if let Fate::Bad(bad) = plan.read(row)? {
            faults.extend(bad.wrong.into_iter().map(|(field, text)| (bad.line, field, text)));
        }
    }
    note(ctx, "registry.load", &load, "预览 / preview".to_owned()).await?;
    Ok(Preview { load, columns, rows, faults })
}

/// Confirms which column fills which field, and lets the load begin.
pub async fn confirm_load(ctx: &mut Ctx, number: i64, confirmed: &Confirmed) -> Result<Load> {
    let (mut load, catalog) = allowed(ctx, "registry.load", number).await?;
    load = store::lock_load(ctx.conn(), load.id).await?.ok_or(Error::NoLoad(number))?;
    if load.state != LoadState::Draft {
        return Err(Error::LoadState { number, state: load.state.word() });
    }
    let dataset = named(&catalog, &load.dataset)?;
    check_mapping(dataset, &load, confirmed)?;
    load.mapping.clone_from(&confirmed.mapping);
    load.mode = confirmed.mode;
    load.watermark = confirmed.watermark.clone().filter(|_| load.mode == LoadMode::Incremental);
    if let Some(field) = &load.watermark {
        let last = store::last_done(ctx.conn(), &load.dataset, None, Some(field)).await?;
        load.since = last.and_then(|last| last.progress.reached);
    }
    load.state = LoadState::Waiting;
    store::keep_load(ctx.conn(), &load).await?;
    let payload = serde_json::json!({ "load": load.id });
    ctx.enqueue(NewJob::now(work::JOB, &payload, ctx.now)).await?;
    let why = format!(
        "第 {0} 次加载：已确认，{1} / load {0}: confirmed, {2}",
        load.number,
        load.mode.title().zh,
        load.mode.word()
    );
    note(ctx, "registry.load", &load, why).await?;
    Ok(load)
}

/// Takes a file and lets its load begin, for programs that say everything at once. Under one key it is one load.
pub async fn load_at_once(
    ctx: &mut Ctx,
    blobs: &Blobs,
    dataset: &str,
    new: &NewLoad,
    said: &AtOnce,
) -> Result<Load> {
    allow_load(ctx, dataset)?;
    let body = format!("{dataset} {new:?} {said:?}");
    if let Some(before) = ctx.once("registry.load", &body).await? {
        let number = serde_json::from_value(before).map_err(zhengtong_db::Error::from)?;
        return load_of(ctx, number).await;
    }
    let load = begin_load(ctx, blobs, dataset, new).await?;
    let confirmed = Confirmed {
        mapping: said.mapping.clone().unwrap_or_else(|| load.mapping.clone()),
        mode: said.mode,
        watermark: said.watermark.clone(),
    };
    let load = confirm_load(ctx, load.number, &confirmed).await?;
    ctx.answered(&load.number).await?;
    Ok(load)
}

/// Stops a load before it takes effect.
pub async fn cancel_load(ctx: &mut Ctx, number: i64) -> Result<Load> {
    let (load, _) = allowed(ctx, "registry.load", number).await?;
    let mut load = store::lock_load(ctx.conn(), load.id).await?.ok_or(Error::NoLoad(number))?;
    if !load.state.is_running() && load.state != LoadState::Draft {
        return Err(Error::LoadState { number, state: load.state.word() });
    }
    load.state = LoadState::Cancelled;
    load.finished = Some(ctx.now);
    store::unstage(ctx.conn(), load.number).await?;
    store::keep_load(ctx.conn(), &load).await?;
    note(ctx, "registry.load", &load, "取消 / cancelled".to_owned()).await?;
    Ok(load)
}

/// The loads of a dataset, or of all datasets, the newest first.
pub async fn loads(ctx: &mut Ctx, dataset: Option<&str>, paging: Paging) -> Result<Page<Load>> {
    let catalog = ctx.defs::<Catalog>()?;
    match dataset {
        Some(id) => {
            let dataset = named(&catalog, id)?;
            ctx.allow("registry.loads", &thing(&catalog, dataset, &Purpose::new("loads")))?;
        }
        None => ctx.allow("registry.loads", &Thing::new("dataset", "all"))?,
    }
    let paging = Paging::new(paging.page, paging.rows.min(100));
    let (rows, total) = store::list_loads(ctx.conn(), dataset, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// A load by its number.
pub async fn load_of(ctx: &mut Ctx, number: i64) -> Result<Load> {
    allowed(ctx, "registry.loads", number).await.map(|(load, _)| load)
}

/// Rows that a load did not take in, after one of them. They may be about persons, so each look is on record.
pub async fn load_faults(
    ctx: &mut Ctx,
    number: i64,
    after: i64,
    rows_max: i64,
) -> Result<Vec<LoadFault>> {
    let (load, _) = allowed(ctx, "registry.faults", number).await?;
    let ring = ctx.keyring()?;
    let rows_max = rows_max.clamp(1, FAULTS_MAX);
    let faults = store::faults(ctx.conn(), &ring, load.id, (after, rows_max)).await?;
    let why =
        format!("没有收下的行 {} 条 / {} rows that were not taken in", faults.len(), faults.len());
    note(ctx, "registry.faults", &load, why).await?;
    Ok(faults)
}

async fn allowed(ctx: &mut Ctx, verb: &str, number: i64) -> Result<(Load, Arc<Catalog>)> {
    let catalog = ctx.defs::<Catalog>()?;
    let load = store::load_by_number(ctx.conn(), number).await?;
    let Some(load) = load else {
        ctx.allow("registry.loads", &own(ctx))?;
        return Err(Error::NoLoad(number));
    };
    let dataset = named(&catalog, &load.dataset)?;
    of_unit(ctx, verb, &catalog, dataset)?;
    Ok((load, catalog))
}

fn loads_it(ctx: &Ctx, catalog: &Catalog, dataset: &Dataset) -> bool {
    ctx.may("registry.load", &thing(catalog, dataset, &Purpose::new("load")))
}

/// A dataset that the actor may load. Whoever loads nothing does not learn whether it is there.
fn loaded_here<'a>(ctx: &Ctx, catalog: &'a Arc<Catalog>, id: &str) -> Result<&'a Dataset> {
    let Ok(dataset) = named(catalog, id) else {
        ctx.allow("registry.loads", &own(ctx))?;
        return Err(Error::NoDataset(id.to_owned()));
    };
    of_unit(ctx, "registry.load", catalog, dataset)?;
    Ok(dataset)
}

/// Refuses what another unit does; who works with loads is told which unit it is.
pub(crate) fn of_unit(ctx: &Ctx, verb: &str, catalog: &Catalog, dataset: &Dataset) -> Result<()> {
    match ctx.allow(verb, &thing(catalog, dataset, &Purpose::new("load"))) {
        Err(zhengtong_db::Error::Denied { .. }) if ctx.may("registry.loads", &own(ctx)) => {
            let authority = dataset.authority.clone();
            Err(Error::OtherUnit { unit: Text::same(&authority), authority })
        }
        decided => Ok(decided?),
    }
}

/// Whatever dataset of the actor's own unit.
fn own(ctx: &Ctx) -> Thing {
    let thing = Thing::new("dataset", "own");
    match &ctx.actor.unit {
        Some(unit) => thing.with("authority", Attr::Text(unit.clone())),
        None => thing,
    }
}

async fn note(ctx: &mut Ctx, verb: &str, load: &Load, why: String) -> Result<()> {
    let act = ctx.act(verb, "dataset", load.dataset.clone()).because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

fn digest_of(file: &str) -> Result<Digest> {
    file.parse().map_err(|_unreadable| {
        Error::field("file", Text::new("文件编号不对", "the digest of the file is wrong"))
    })
}

/// The beginning of a file, or all of it when it has to be read as a whole.
async fn head_of(blobs: &Blobs, digest: Digest, size: u64) -> Result<(Vec<u8>, bool)> {
    let head = work::bytes_of(blobs, digest, 0, HEAD_BYTES).await?;
    if size <= HEAD_BYTES {
        return Ok((head, true));
    }
    let first =
        head.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    if !head.starts_with(b"PK") && !head.starts_with(b"PAR1") && first != Some(&b'[') {
        return Ok((head, false));
    }
    if size > WHOLE_BYTES_MAX {
        return Err(Error::Stopped(Text::new(
            "这种格式的文件最大 200 MB，请改用 CSV",
            "a file of this format may have 200 MB at most; save it as CSV",
        )));
    }
    Ok((work::bytes_of(blobs, digest, 0, u64::MAX).await?, true))
}

fn sample(
    layout: &zhengtong_tabular::Layout,
    head: &[u8],
    last: bool,
    rows_max: usize,
) -> Result<Vec<Record>> {
    let mut rows = Vec::new();
    let mut each = |item: Item<'_>| {
        if let Item::Row(record) = item {
            rows.push(record.clone());
        }
        rows.len() < rows_max
    };
    match layout.format {
        Format::Csv(_) | Format::JsonLines => {
            let from = usize::try_from(layout.start.byte).unwrap_or(0);
            let body = head.get(from..).unwrap_or_default();
            zhengtong_tabular::chunk(layout, layout.start, body, last, &mut each);
        }
        Format::Json | Format::Xlsx | Format::Parquet => {
            zhengtong_tabular::whole(layout, head, &mut each)?;
        }
    }
    Ok(rows)
}

/// A row of the file with what belongs to personal fields masked; columns that fill nothing show their first character.
fn shown(
    catalog: &Catalog,
    dataset: &Dataset,
    load: &Load,
    row: &Record,
    today: time::Date,
) -> Vec<String> {
    let one = |(text, field): (&str, &Option<String>)| {
        let field = field.as_ref().and_then(|name| dataset.field(name));
        match field.and_then(|field| catalog.element(&field.element)) {
            Some(element) if element.sensitivity.is_masked() => {
                let value = serde_json::Value::String(text.to_owned());
                mask(catalog, element, &value, zhengtong_base::Lang::Zh, today)
            }
            Some(_) => text.to_owned(),
            None => zhengtong_base::code::mask("", text),
        }
    };
    row.iter().zip(&load.mapping).map(one).collect()
}

fn check_mapping(dataset: &Dataset, load: &Load, confirmed: &Confirmed) -> Result<()> {
    if confirmed.mapping.len() != load.layout.header.len() {
        let text = Text::new("列数与文件不符", "the mapping has not as many columns as the file");
        return Err(Error::field("mapping", text));
    }
    let mut seen = std::collections::BTreeSet::new();
    for name in confirmed.mapping.iter().flatten() {
        if dataset.field(name).is_none() {
            return Err(crate::reading::unknown_field(name));
        }
        if !seen.insert(name.as_str()) {
            let text = Text::new("有两列对应同一个字段", "two columns fill the same field");
            return Err(Error::field(name, text));
        }
    }
    let required = dataset.key.iter().find(|name| !seen.contains(name.as_str()));
    if let Some(name) = required {
        return Err(Error::field(name, crate::writing::missing_text(dataset, name)));
    }
    let watermark = confirmed.watermark.as_deref();
    let known = watermark.is_some_and(|name| seen.contains(name));
    if confirmed.mode == LoadMode::Incremental && !known {
        let text = Text::new(
            "增量加载要选一个文件里有的字段来判断哪些是新的",
            "choose a field of the file that tells what is new",
        );
        return Err(Error::field("watermark", text));
    }
    Ok(())
}
