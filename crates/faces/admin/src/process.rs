//! Processes: which definitions there are, what is in force, and the doors of the designer.

mod begin;
mod compare;
mod definition;
mod drawing;
mod preview;
mod sheets;
mod tables;
mod words;

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use zhengtong_base::{Kind, Lang};
use zhengtong_http::{Answer, App, Fault, Uploads, Visit};
use zhengtong_process::{Known, Language, Listed, XML_BYTES_MAX, thing, trial};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::table::{Column, Row, Table, code, table};

use crate::bench::{Bench, reading};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/process", get(listed))
        .route(begin::PAGE, get(begin::shown).post(begin::begun))
        .route("/admin/process/check", post(check))
        .route("/admin/process/trial", post(tried))
        .route("/admin/process/form", get(preview::shown))
        .route("/admin/process/table", get(tables::shown).post(tables::tried))
        .route("/admin/process/table/check", post(tables::check))
        .route("/admin/process/table/file", post(tables::file))
        .route("/admin/process/{pack}/{name}", get(definition::shown))
        .route("/admin/process/{pack}/{name}/file", get(definition::file))
        .route("/admin/process/{pack}/{name}/compare", get(compare::shown))
        .route("/admin/process/{pack}/{name}/edit", post(drawing::begin))
        .route(
            "/admin/process/{pack}/{name}/edit/{number}",
            get(drawing::shown).post(drawing::save),
        )
        .route("/admin/process/{pack}/{name}/edit/{number}/back", post(drawing::back))
        .route("/admin/process/{pack}/{name}/edit/{number}/drop", post(drawing::drop))
        .route("/admin/process/{pack}/{name}/edit/{number}/decide", post(drawing::decide))
}

/// The address of a definition such as `food-business:licence`.
pub(crate) fn address(name: &str) -> String {
    format!("/admin/process/{}", name.replacen(':', "/", 1))
}

async fn listed(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let listed = zhengtong_process::definitions(&mut ctx).await?;
    let (bench, draws) = (Bench::of(&ctx), ctx.may("process.draw", &thing("", None)));
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("流程", "Processes"));
    Ok(bench.page(&visit, &frame, page(visit.lang(), &listed, draws)))
}

fn page(lang: Lang, listed: &[Listed], draws: bool) -> Markup {
    let meta = lang.pick(
        "新版本先画草稿，由另一位管理员批准，从生效日起给新的办件用；在办的照老版本走完",
        "A new version is drafted, approved by another administrator, and used by new cases from its day; running cases keep theirs",
    );
    html! {
        (title(&Title::new(lang.pick("流程", "Processes")).meta(html! { (meta) }).actions(html! {
            @if draws {
                a.link href=(begin::PAGE) { (lang.pick("新建流程或决策", "A new definition")) } " "
                a.link href="/admin/process/table" { (lang.pick("试写决策表", "Try a decision table")) }
            }
        })))
        (flush(&Panel::new(lang.pick("流程", "Processes")), table(lang, &table_of(lang, listed, Language::Bpmn))))
        (flush(&Panel::new(lang.pick("决策", "Decisions")), table(lang, &table_of(lang, listed, Language::Dmn))))
    }
}

/// The definitions of one language; only processes run and have steps of persons.
fn table_of<'a>(lang: Lang, listed: &[Listed], language: Language) -> Table<'a> {
    let run = language == Language::Bpmn;
    let (caption, name) = match language {
        Language::Bpmn => (("流程定义", "Process definitions"), ("流程", "Process")),
        Language::Dmn => (("决策文件", "Files of decisions"), ("决策", "Decision")),
    };
    let own = listed.iter().filter(|one| one.language == language);
    let rows = own.map(|one| {
        let mut cells = vec![named(one), in_force(lang, one), next(one)];
        if run {
            cells.extend([html! { (one.running) }, html! { (one.tasks) }]);
        }
        cells.extend([html! { (one.drafts) }, waiting(lang, one)]);
        Row::new(cells)
    });
    let mut columns = vec![
        Column::head(lang.pick(name.0, name.1)),
        Column::new(lang.pick("现在用的版本", "In force")),
        Column::new(lang.pick("将生效", "Next")).tight(),
    ];
    if run {
        columns.extend([
            Column::number(lang.pick("在办", "Running")).tight(),
            Column::number(lang.pick("人办的步骤", "Steps of persons")).tight(),
        ]);
    }
    columns.extend([
        Column::number(lang.pick("草稿", "Drafts")).tight(),
        Column::new(lang.pick("待批准", "To approve")).tight(),
    ]);
    Table {
        caption: lang.pick(caption.0, caption.1).into(),
        columns,
        rows: rows.collect(),
        ..Table::default()
    }
}

fn named(one: &Listed) -> Markup {
    let href = address(&one.name);
    html! { a href=(href) { strong { (one.title) } } p.meta { (code(&one.name)) } }
}

fn in_force(lang: Lang, one: &Listed) -> Markup {
    match one.from {
        Some(day) => html! {
            (tag(Tone::Active, lang.pick("设计器发布", "Published here"))) " " time datetime=(day) { (day) }
        },
        None if one.in_force => tag(Tone::Plain, lang.pick("包里的文件", "File of the pack")),
        None => tag(Tone::Line, lang.pick("还没有生效的", "None yet")),
    }
}

fn next(one: &Listed) -> Markup {
    html! { @if let Some(day) = one.next { (lamp(Light::Near, &day.to_string())) } @else { "—" } }
}

fn waiting(lang: Lang, one: &Listed) -> Markup {
    html! { @if one.waiting > 0 { (lamp(Light::Near, &words::waiting(lang, one.waiting))) } @else { "0" } }
}

/// The definition whose text a script asks about.
#[derive(Default, Deserialize)]
pub(crate) struct About {
    #[serde(default)]
    pub(crate) name: String,
}

/// What a script of the designer sends: guarded by the token of the page, and only from those who may draw.
async fn asked(visit: &Visit, headers: &HeaderMap) -> Result<Known, Fault> {
    visit.guard(headers)?;
    let ctx = reading(visit).await?;
    ctx.allow("process.draw", &thing("", None))?;
    let known = Known::of(&ctx)?;
    ctx.commit().await?;
    Ok(known)
}

/// A text as it was written: forms and browsers make every end of line two characters.
pub(crate) fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn model_of(uploads: &Uploads) -> Result<String, Fault> {
    let xml = plain(uploads.fields.get("xml"));
    if xml.len() > XML_BYTES_MAX {
        return Err(Fault::new(
            Kind::TooLarge,
            "流程文件太大，最多 400 KB",
            "the file is too large: at most 400 KB",
        ));
    }
    Ok(xml)
}

async fn check(
    visit: Visit,
    Query(about): Query<About>,
    headers: HeaderMap,
    uploads: Uploads,
) -> Answer {
    let known = asked(&visit, &headers).await?;
    let (xml, lang) = (model_of(&uploads)?, visit.lang());
    let judged = aside(move || known.judge(&about.name, &xml)).await?;
    let findings: Vec<Value> = judged
        .findings
        .iter()
        .map(|one| {
            json!({
                "level": one.level, "code": one.code, "element": one.element, "line": one.line,
                "text": lang.pick(one.zh.as_str(), one.en.as_str()),
            })
        })
        .collect();
    Ok(told(&json!({ "runs": judged.runs(), "findings": findings })))
}

async fn tried(
    visit: Visit,
    Query(about): Query<About>,
    headers: HeaderMap,
    uploads: Uploads,
) -> Answer {
    let known = asked(&visit, &headers).await?;
    let xml = model_of(&uploads)?;
    let vars: Map<String, Value> = read_json(uploads.fields.get("vars"))?.unwrap_or_default();
    let state = read_json(uploads.fields.get("state"))?;
    let command = read_json(uploads.fields.get("command"))?;
    let step = aside(move || {
        let whole = known.whole(&about.name, &xml)?;
        trial(&whole, vars, state, command)
    });
    let step = step.await?;
    let step = step.map_err(|text| Fault::new(Kind::Invalid, &text.zh, &text.en))?;
    let step = serde_json::to_value(&step).map_err(zhengtong_db::Error::from)?;
    Ok(told(&step))
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<Option<T>, Fault> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|error| {
        let zh = format!("这不是这里要的 JSON：{error}");
        Fault::new(Kind::Invalid, &zh, &format!("this is not the JSON wanted here: {error}"))
    })
}

/// Work of the processor beside the requests of others.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a check broke off");
        Fault::new(Kind::Internal, "检查中断了，请再试一次", "the check broke off; try again")
    })
}

fn told(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
