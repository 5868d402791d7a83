//! One definition: its drawing, its versions with what runs on them, and what is being drawn.

use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::IntoResponse as _;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{Lang, Limits};
use zhengtong_bpmn::Model;
use zhengtong_http::{Answer, Fault, Visit, clock_time};
use zhengtong_process::{
    Beginning, Design, Language, Sheet, Stage, Version, examine, sheets, thing, title_of,
};
use zhengtong_ui::field::{Form, form, hidden};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed, flush};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::{Frame, Icon};

use super::{address, aside, sheets, words};
use crate::bench::{Bench, reading};

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    version: Option<String>,
}

/// A text of either language as the page shows it.
enum Content {
    Process(Box<Model>),
    Decisions(Vec<Sheet>),
}

/// Reads a text; none where it cannot be shown.
fn content(name: &str, xml: &str) -> Option<Content> {
    match Language::of(name) {
        Language::Bpmn => examine(xml).model.map(Box::new).map(Content::Process),
        Language::Dmn => sheets(xml).map(Content::Decisions),
    }
}

/// What the page shows.
struct Shown {
    name: String,
    heading: String,
    content: Content,
    beginnings: Vec<Beginning>,
    wanted: Option<String>,
    versions: Vec<Version>,
    designs: Vec<Design>,
    draws: bool,
}

pub(super) async fn shown(
    visit: Visit,
    Path((pack, name)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let name = format!("{pack}:{name}");
    let mut ctx = reading(&visit).await?;
    let (versions, designs) = zhengtong_process::versions(&mut ctx, &name).await?;
    let xml = zhengtong_process::text(&mut ctx, &name, wanted.version.as_deref()).await?;
    let beginnings = zhengtong_process::beginnings(&mut ctx, &name).await?;
    let draws = ctx.may("process.draw", &thing(&name, None));
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let own = name.clone();
    let read = aside(move || content(&own, &xml).map(|read| (title_of(&own, &xml), read))).await?;
    let (heading, content) = read.ok_or_else(Fault::absent)?;
    let wanted = wanted.version;
    let shown = Shown { name, heading, content, beginnings, wanted, versions, designs, draws };
    let frame = Bench::frame(&visit, &shown.heading);
    Ok(bench.page(&visit, &frame, page(&frame, &shown)))
}

pub(super) async fn file(
    visit: Visit,
    Path((pack, name)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let full = format!("{pack}:{name}");
    let mut ctx = reading(&visit).await?;
    let xml = zhengtong_process::text(&mut ctx, &full, wanted.version.as_deref()).await?;
    ctx.commit().await?;
    let (stem, ending) = (name.trim_end_matches(".dmn"), Language::of(&name).ending());
    let disposition = format!("attachment; filename=\"{}.{ending}\"", safe(stem));
    let headers = [
        (header::CONTENT_TYPE, "application/xml; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, xml).into_response())
}

/// A name of letters that every system of files takes.
fn safe(name: &str) -> String {
    let most = Limits::default().line_chars;
    let kept = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    name.chars().filter(kept).take(most).collect()
}

fn page(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = frame.lang;
    let links = [Link::new(lang.pick("流程", "Processes"), "/admin/process")];
    let version = shown.wanted.as_deref();
    let meta = html! { (code(&shown.name)) @if let Some(version) = version { " · " (lang.pick("版本 ", "version ")) (code(&words::short(version))) } };
    let query = version.map(|version| format!("?version={version}")).unwrap_or_default();
    html! {
        (crumbs(lang, &links, &shown.heading))
        (title(&Title::new(shown.heading.as_str()).meta(meta)))
        @match &shown.content {
            Content::Process(model) => {
                (boxed(&Panel::new(lang.pick("流程图", "Drawing")).note(html! {
                    a href={ (address(&shown.name)) "/file" (query) } { (lang.pick("下载 .bpmn", "Download .bpmn")) }
                }), words::drawing(lang, model)))
                (flush(&Panel::new(lang.pick("步骤", "Steps")), words::steps(lang, model)))
            }
            Content::Decisions(sheets) => {
                (sheets::drawn(lang, sheets))
                p { a href={ (address(&shown.name)) "/file" (query) } { (lang.pick("下载 .dmn", "Download .dmn")) } }
            }
        }
        (beginnings(lang, &shown.beginnings))
        (flush(&Panel::new(lang.pick("版本", "Versions")).note(html! {
            span.meta { (lang.pick("在办的件用开始时的版本", "A running case keeps the version it began with")) }
        }), table(lang, &versions(frame, shown))))
        (designs(frame, shown))
    }
}

/// What begins it without anybody: when next, and what keeps it from beginning.
fn beginnings(lang: Lang, beginnings: &[Beginning]) -> Markup {
    if beginnings.is_empty() {
        return html! {};
    }
    let rows = beginnings.iter().map(|one| {
        let kind = match one.kind.as_str() {
            "message" => lang.pick("收到消息", "A message"),
            "signal" => lang.pick("收到信号", "A signal"),
            _ => lang.pick("到时间", "A time"),
        };
        Row::new(vec![
            code(&one.node),
            html! { (kind) },
            code(&one.event),
            html! { @if let Some(due) = one.due { (clock_time(due)) } @else { "—" } },
            html! {
                @if let Some(fault) = &one.fault { (lamp(Light::Over, lang.pick("没能启动", "Could not begin"))) p { (fault) } }
                @else { (lamp(Light::Ok, lang.pick("正常", "In order"))) }
            },
        ])
    });
    let list = Table {
        caption: lang.pick("由事件启动", "Begun by events").into(),
        columns: vec![
            Column::head(lang.pick("开始事件", "Start event")).tight(),
            Column::new(lang.pick("因为", "Because of")).tight(),
            Column::new(lang.pick("名称或时间", "Its name or time")),
            Column::new(lang.pick("下一次", "Next")).tight(),
            Column::new(lang.pick("状态", "Standing")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    let note = html! { span.meta { (lang.pick("不属于办件，每次只启动一个；没能启动的一小时后再试", "It belongs to no case and begins once each time; what could not begin is tried again after an hour")) } };
    flush(&Panel::new(lang.pick("由事件启动", "Begun by events")).note(note), table(lang, &list))
}

fn versions<'a>(frame: &Frame<'_>, shown: &Shown) -> Table<'a> {
    let lang = frame.lang;
    let base = address(&shown.name);
    let force = shown.versions.iter().find(|one| one.in_force).map(|one| one.digest.clone());
    let rows = shown.versions.iter().map(|one| {
        let standing = if one.in_force {
            lamp(Light::Ok, lang.pick("在用", "In force"))
        } else {
            lamp(Light::None, lang.pick("不在用", "Not in force"))
        };
        let (href, source) = (format!("{base}?version={}", one.digest), words::source(lang, one));
        let other = force.as_deref().filter(|force| *force != one.digest);
        Row::new(vec![
            html! { a href=(href) { (source) } p.meta { (code(&words::short(&one.digest))) } },
            standing,
            html! { @if let Some(day) = one.from { time datetime=(day) { (day) } } @else { (lang.pick("从一开始", "From the start")) } },
            html! { @if let Some(at) = one.first_used { (clock_time(at)) } @else { "—" } },
            html! { (one.running) },
            html! { (one.ended) },
            html! { @if let Some(force) = other { a href={ (base) "/compare?from=" (force) "&to=" (one.digest) } { (lang.pick("和在用的比", "Compare")) span.unseen { " " (source) } } } },
            draw_from(frame, shown, one),
        ])
    });
    Table {
        caption: lang.pick("版本", "Versions").into(),
        columns: vec![
            Column::head(lang.pick("版本", "Version")),
            Column::new(lang.pick("状态", "Standing")).tight(),
            Column::new(lang.pick("生效日", "From")).tight(),
            Column::new(lang.pick("首次使用", "First used")).tight(),
            Column::number(lang.pick("在办", "Running")).tight(),
            Column::number(lang.pick("办结", "Ended")).tight(),
            Column::new(lang.pick("比较", "Compare")).tight(),
            Column::new(lang.pick("修改", "Change")).quiet().tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// Begins a draft from a version.
fn draw_from(frame: &Frame<'_>, shown: &Shown, version: &Version) -> Markup {
    let lang = frame.lang;
    if !shown.draws {
        return html! {};
    }
    let words = lang.pick("从这一版起草", "Draft from this");
    form(
        frame,
        &Form::post(format!("{}/edit", address(&shown.name))),
        html! {
            (hidden("from", &version.digest))
            (actions(submit(&Button::secondary(words).icon(Icon::Pencil))))
        },
    )
}

fn designs(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = frame.lang;
    if shown.designs.is_empty() {
        return html! {};
    }
    let rows = shown.designs.iter().map(|one| {
        let href = format!("{}/edit/{}", address(&shown.name), one.number);
        let number = match lang {
            Lang::Zh => format!("第 {} 号", one.number),
            Lang::En => format!("Design {}", one.number),
        };
        let decided = one.decider_name.as_deref().filter(|_| one.stage == Stage::Published);
        Row::new(vec![
            html! { a href=(href) { (number) } },
            words::stage(lang, one.stage),
            html! { (zhengtong_ui::words::kept(&one.note)) },
            html! { (one.author_name) },
            html! { (clock_time(one.changed_at)) },
            html! { @if let Some(day) = one.valid_from { time datetime=(day) { (day) } } @else { "—" } },
            html! { (decided.unwrap_or("—")) },
        ])
    });
    let list = Table {
        caption: lang.pick("草稿和审批", "Drafts and approvals").into(),
        columns: vec![
            Column::head(lang.pick("设计", "Design")).tight(),
            Column::new(lang.pick("状态", "Standing")).tight(),
            Column::new(lang.pick("改了什么", "What changes")),
            Column::new(lang.pick("起草", "Author")).tight(),
            Column::new(lang.pick("改于", "Changed")).tight(),
            Column::new(lang.pick("生效日", "From")).tight(),
            Column::new(lang.pick("批准", "Approved by")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    flush(&Panel::new(lang.pick("草稿和审批", "Drafts and approvals")), table(lang, &list))
}
