//! 数据加载 at the workbench: a steward brings a file, confirms which column fills which field, watches it become records,
//! and sees every row that was not taken in.

mod draft;
mod feeds;
mod quality;
mod record;
mod report;
mod strike;

use axum::Router;
use axum::extract::Query;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{FieldError, Lang, Limits, Paging};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Uploads, Visit, clock_time, redirect};
use zhengtong_registry::{Catalog, Dataset, Error, Load, LoadState, NewLoad};
use zhengtong_ui::field::{Field, Form, Pick, Upload, form, select, upload};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Pager, pager};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, flush, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

/// Where loads are listed.
const HOME: &str = "/desk/registry/loads";
/// Where it is shown what comes by itself.
const FEEDS: &str = "/desk/registry/feeds";
/// Where the quality of datasets is shown.
const QUALITY: &str = "/desk/registry/quality";
/// Where records are found and shown.
const RECORDS: &str = "/desk/registry/records";
/// Loads of one page.
const ROWS: u32 = 20;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(HOME, get(listed).post(bring))
        .route("/desk/registry/loads/{no}", get(report::open).post(draft::confirm))
        .route("/desk/registry/loads/{no}/cancel", post(report::cancel))
        .route("/desk/registry/loads/{no}/faults.csv", get(report::faults))
        .route(FEEDS, get(feeds::listed))
        .route("/desk/registry/feeds/{id}", post(feeds::fetch))
        .route(RECORDS, get(record::find).post(record::found))
        .route("/desk/registry/records/{dataset}/{record}", get(record::open))
        .route(
            "/desk/registry/records/{dataset}/{record}/strike",
            get(strike::ask).post(strike::strike),
        )
        .route(QUALITY, get(quality::listed))
        .route("/desk/registry/quality/{id}", get(quality::open).post(quality::check))
}

#[derive(Deserialize)]
struct Wanted {
    page: Option<u32>,
}

async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    list(&visit, wanted.page.unwrap_or(1), Typed::default()).await
}

async fn bring(visit: Visit, sent: Uploads) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&sent.fields).await?;
    let dataset = sent.fields.get("dataset").to_owned();
    let Some(file) = sent.files.iter().find(|file| !file.bytes.is_empty()) else {
        let error = FieldError::new("file", "请选一个文件", "choose a file");
        return list(&visit, 1, Typed::wrong(sent.fields, error)).await;
    };
    match take(&visit, &mut ctx, &dataset, file).await {
        Ok(load) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/{}", load.number)))
        }
        Err(error) => {
            let error = named(&mut ctx, error).await?;
            drop(ctx);
            list(&visit, 1, Typed::of(sent.fields, error)?).await
        }
    }
}

/// Takes a file in, once it is sure that the dataset is one's own to load.
async fn take(
    visit: &Visit,
    ctx: &mut Ctx,
    dataset: &str,
    file: &zhengtong_http::Upload,
) -> zhengtong_registry::Result<Load> {
    zhengtong_registry::allow_load(ctx, dataset)?;
    let stored = visit.app.blobs.admit(&file.bytes, Limits::default().file_bytes).await?;
    let new = NewLoad {
        file: stored.digest.to_string(),
        file_name: file.name.clone(),
        source: visit.actor.name.clone(),
    };
    zhengtong_registry::begin_load(ctx, &visit.app.blobs, dataset, &new).await
}

/// What failed; a unit that loads the dataset instead has its full name.
async fn named(ctx: &mut Ctx, error: Error) -> Result<Error, Fault> {
    let Error::OtherUnit { authority, unit } = error else { return Ok(error) };
    let found = zhengtong_party::organisation_by_short(ctx, &authority).await?;
    Ok(Error::OtherUnit { authority, unit: found.map_or(unit, |found| found.name) })
}

async fn list(visit: &Visit, page: u32, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let page = zhengtong_registry::loads(&mut ctx, None, Paging::new(page, ROWS)).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let own = zhengtong_registry::loadable(&ctx)?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("数据加载", "Loads");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = html! {
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "把文件里的行变成登记记录。全部读完、检查完才一次生效，没有收下的行逐条说明原因。",
            "Rows of a file become records. They take effect in one step after all were checked; every row that is not taken in says why.",
        )) })))
        (typed.above(lang))
        @if own.is_empty() {
            (notice(&Notice::new(Mood::Info, lang.pick("没有由本单位负责的数据集，所以这里没有可加载的。别的单位的数据由那里的数据管理员加载", "No dataset is your unit's to answer for, so there is nothing to load here. Data of other units is loaded by the data stewards there"))))
        } @else {
            (panel(&Panel::new(lang.pick("加载新文件", "Load a file")), form(&frame, &Form::post(HOME).files(), fields(lang, &own, &typed))))
        }
        @if page.rows.is_empty() { p.soft { (lang.pick("还没有加载过文件。", "No file was loaded yet.")) } }
        @else { (rows(lang, &catalog, &page.rows)) }
        (pager(lang, Pager { page: page.page, pages: page.pages(), href: &format!("{HOME}?page=") }))
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn fields(lang: Lang, own: &[Dataset], typed: &Typed) -> Markup {
    let picks: Vec<Pick<'_>> =
        own.iter().map(|dataset| Pick::new(dataset.id.as_str(), dataset.title.get(lang))).collect();
    let dataset = Field::new("dataset", lang.pick("数据集", "Dataset"))
        .hint(lang.pick("由本单位负责的数据集", "The datasets that your unit answers for"))
        .errors(&typed.errors, lang);
    let file = Field::new("file", lang.pick("文件", "File"))
        .hint(lang.pick(
            "第一行是列名。编码、分隔符自动识别；Excel 取第一张有内容的表。",
            "The first row names the columns. Encoding and delimiter are found out; of a workbook the first sheet that is not empty is read.",
        ))
        .errors(&typed.errors, lang);
    let bytes_max = Limits::default().file_bytes;
    let limits = match lang {
        Lang::Zh => format!("CSV、XLSX、JSON、Parquet，不超过 {} MB", bytes_max >> 20),
        Lang::En => format!("CSV, XLSX, JSON, Parquet, at most {} MB", bytes_max >> 20),
    };
    let place = Upload {
        accept: ".csv,.txt,.tsv,.xlsx,.json,.jsonl,.ndjson,.parquet".into(),
        limits: limits.into(),
        bytes_max,
        ..Upload::default()
    };
    html! {
        (select(lang, &dataset, &picks, typed.fields.get("dataset")))
        (upload(lang, &file, &place))
        (actions(submit(&Button::new(lang.pick("上传并核对", "Upload and look")))))
    }
}

fn rows(lang: Lang, catalog: &Catalog, loads: &[Load]) -> Markup {
    let row = |load: &Load| {
        let counts = load.counts();
        Row::new(vec![
            html! { a href={ (HOME) "/" (load.number) } { (load.number) } },
            html! { (name(lang, catalog, load)) },
            html! { (load.file_name) },
            state(lang, load),
            html! { (counts.created + counts.changed + counts.late + counts.ended) },
            html! { (counts.faulty) },
            html! { (clock_time(load.created)) },
        ])
    };
    let shown = Table {
        caption: lang.pick("加载记录", "Loads").into(),
        columns: vec![
            Column::head(lang.pick("编号", "Number")).tight(),
            Column::new(lang.pick("数据集", "Dataset")),
            Column::new(lang.pick("文件", "File")),
            Column::new(lang.pick("状态", "State")).tight(),
            Column::number(lang.pick("变动", "Changes")),
            Column::number(lang.pick("未收下", "Not taken in")),
            Column::new(lang.pick("时间", "When")).tight(),
        ],
        rows: loads.iter().map(row).collect(),
        ..Table::default()
    };
    flush(&Panel::new(lang.pick("加载记录", "Loads")), table(lang, &shown))
}

/// Where a record is shown.
pub(crate) fn record_address(dataset: &str, id: uuid::Uuid) -> String {
    record::address(dataset, id)
}

/// What people call the dataset of a load.
fn name<'a>(lang: Lang, catalog: &'a Catalog, load: &'a Load) -> &'a str {
    catalog.dataset(&load.dataset).map_or(load.dataset.as_str(), |dataset| dataset.title.get(lang))
}

fn state(lang: Lang, load: &Load) -> Markup {
    let title = load.state.title();
    let tone = match load.state {
        LoadState::Done if load.counts().faulty == 0 => Tone::Good,
        LoadState::Done | LoadState::Failed => Tone::Warn,
        LoadState::Draft => Tone::Line,
        LoadState::Cancelled => Tone::Plain,
        _ => Tone::Active,
    };
    tag(tone, title.get(lang))
}
