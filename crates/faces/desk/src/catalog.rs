//! The directory at the workbench: what a unit compiles, what the directory's office reviews and publishes, whose data is
//! late, the spreadsheet template, the six lists.

mod acts;
mod compile;
mod lists;
mod sheet;
mod uses;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Lang, Page, Text};
use zhengtong_calendar::china_date;
use zhengtong_catalog::{Shelf, Standing, State, Waiting};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Visit};
use zhengtong_ui::Icon;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Pager, pager};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, Choice, actions, filters, link_button};
use zhengtong_ui::table::{Column, Row, Table, table};

use crate::bench::{Bench, reading};

/// Where it stands.
const HOME: &str = "/desk/catalog";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/catalog", get(listed))
        .route("/desk/catalog/new", get(compile::begin).post(compile::begun))
        .route("/desk/catalog/sheet", get(sheet::choose).post(sheet::read))
        .route("/desk/catalog/sheet/{id}", get(sheet::shown).post(sheet::apply))
        .route("/desk/catalog/lists", get(lists::shown).post(lists::act))
        .route("/desk/catalog/{id}", get(acts::open).post(acts::act))
        .route("/desk/catalog/{id}/edit", get(compile::edit).post(compile::edited))
}

/// Whether the holder of a post works at the directory.
pub(crate) fn part(roles: &[String]) -> bool {
    roles.iter().any(|role| role == "steward" || role == "cataloguer")
}

/// Whether the directory is the whole work of the actor: such an officer has no inbox of cases.
pub(crate) fn keeps(visit: &Visit) -> bool {
    let roles = &visit.actor.roles;
    !roles.is_empty() && roles.iter().all(|role| role == "steward" || role == "cataloguer")
}

#[derive(Deserialize)]
struct Wanted {
    show: Option<String>,
    page: Option<u32>,
}

async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let office = visit.actor.roles.iter().any(|role| role == "cataloguer");
    let usual = if office { "submitted" } else { "draft" };
    let word = wanted.show.as_deref().unwrap_or(usual);
    let (word, shelf) = match (word, State::parse(word)) {
        ("late", _) => ("late", Shelf::Late),
        (_, Some(state)) => (state.word(), Shelf::State(state)),
        _ => (usual, Shelf::State(State::Draft)),
    };
    let page = zhengtong_catalog::waiting(&mut ctx, shelf, wanted.page.unwrap_or(1)).await?;
    let standing = zhengtong_catalog::standing(&mut ctx).await?;
    let units = units(&mut ctx).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("数据目录", "Directory of data");
    let frame = bench.frame(&visit, heading);
    let href = format!("{HOME}?show={word}&page=");
    let body = html! {
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "编制、审核、发布信息资源；数据逾期没有更新的在这里提醒。",
            "Resources are compiled, reviewed and published here; late data is listed.",
        )) }).actions(links(lang, office))))
        (filters(lang.pick("显示", "Show"), &shelves(lang, word, standing)))
        @if page.rows.is_empty() {
            (empty(&Empty { icon: Icon::Check, title: lang.pick("这里没有要处理的", "Nothing here").into(), body: None }))
        } @else { (rows(lang, &page, &units, shelf)) }
        (pager(lang, Pager { page: page.page, pages: page.pages(), href: &href }))
    };
    Ok(bench.page(&visit, &frame, body))
}

fn links(lang: Lang, office: bool) -> Markup {
    actions(html! {
        @if !office {
            (link_button(&Button::new(lang.pick("编制资源", "Compile a resource")), "/desk/catalog/new"))
            (link_button(&Button::secondary(lang.pick("导入模板", "Import the template")), "/desk/catalog/sheet"))
        }
        (link_button(&Button::secondary(lang.pick("六张清单", "Six lists")), "/desk/catalog/lists"))
        (link_button(&Button::secondary(lang.pick("公开目录", "Public directory")), "/data"))
    })
}

fn shelves(lang: Lang, here: &str, standing: Standing) -> Vec<Choice<'static>> {
    let shelf = |state: State, count: Option<i64>| {
        let title = state.title();
        let name = title.get(lang).to_owned();
        let choice = Choice::new(name, format!("{HOME}?show={}", state.word()));
        let choice = match count {
            Some(count) => choice.count(count),
            None => choice,
        };
        if here == state.word() { choice.current() } else { choice }
    };
    let late = Choice::new(lang.pick("数据逾期", "Late data"), format!("{HOME}?show=late"));
    let late = late.count(standing.late);
    let late = if standing.late > 0 { late.light(Light::Over) } else { late };
    vec![
        shelf(State::Draft, Some(standing.drafts)),
        shelf(State::Submitted, Some(standing.submitted)),
        shelf(State::Reviewed, Some(standing.reviewed)),
        shelf(State::Published, None),
        if here == "late" { late.current() } else { late },
    ]
}

fn rows(lang: Lang, page: &Page<Waiting>, units: &BTreeMap<Uuid, Text>, shelf: Shelf) -> Markup {
    let row = |one: &Waiting| {
        Row::new(vec![
            html! { a href={ (HOME) "/" (one.id) } { (one.title.get(lang)) } br; span.meta { (one.code.as_deref().unwrap_or("–")) } },
            html! { (units.get(&one.provider).map_or("–", |name| name.get(lang))) },
            html! { (one.version) },
            standing(lang, one),
            html! { @match one.due.or_else(|| one.arrival.and_then(|arrival| arrival.due)) {
                Some(day) => (day),
                None => { @match one.submitted { Some(at) => (china_date(at)), None => "–" } },
            } },
        ])
    };
    let last = match shelf {
        Shelf::State(State::Submitted) => lang.pick("审核期限", "Review until"),
        Shelf::Late => lang.pick("最晚更新日", "Data was due"),
        Shelf::State(_) => lang.pick("提交日期", "Handed in"),
    };
    let shown = Table {
        caption: lang.pick("信息资源", "Resources").into(),
        columns: vec![
            Column::head(lang.pick("名称和代码", "Title and code")),
            Column::new(lang.pick("单位", "Unit")),
            Column::number(lang.pick("版本", "Version")),
            Column::new(lang.pick("状态", "State")).tight(),
            Column::new(last).tight(),
        ],
        rows: page.rows.iter().map(row).collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &shown))
}

fn standing(lang: Lang, one: &Waiting) -> Markup {
    if one.arrival.is_some_and(|arrival| arrival.overdue) {
        return lamp(Light::Over, lang.pick("数据逾期", "Late"));
    }
    if one.overdue {
        return lamp(Light::Over, lang.pick("审核超期", "Overdue"));
    }
    if one.refused {
        return tag(Tone::Warn, lang.pick("退回修改", "Sent back"));
    }
    state_tag(lang, one.state)
}

fn state_tag(lang: Lang, state: State) -> Markup {
    let tone = match state {
        State::Published => Tone::Good,
        State::Submitted | State::Reviewed => Tone::Active,
        State::Draft => Tone::Line,
        State::Replaced | State::Withdrawn => Tone::Plain,
    };
    tag(tone, state.title().get(lang))
}

/// The names of units.
async fn units(ctx: &mut Ctx) -> Result<BTreeMap<Uuid, Text>, Fault> {
    let units = zhengtong_party::departments(ctx).await?;
    Ok(units.into_iter().map(|unit| (unit.id, unit.name)).collect())
}
