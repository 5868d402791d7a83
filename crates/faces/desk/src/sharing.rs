//! 数据共享 at the workbench: what the own unit asks for, what waits for a check or a reply, grants with their use, and
//! objections to what is held.

mod act;
mod ask;
mod grants;
mod objections;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Lang, Page, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit};
use zhengtong_registry::Catalog;
use zhengtong_sharing::{Counts, Request, Shelf, State};
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
const HOME: &str = "/desk/sharing";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/sharing", get(listed))
        .route("/desk/sharing/new", get(ask::begin).post(ask::begun))
        .route("/desk/sharing/grants", get(grants::listed))
        .route("/desk/sharing/grants/{no}", get(grants::open).post(grants::act))
        .route("/desk/sharing/objections", get(objections::listed).post(objections::raise))
        .route("/desk/sharing/objections/{no}", get(objections::open).post(objections::act))
        .route("/desk/sharing/{no}", get(act::open).post(act::act))
}

/// Whether the holder of a post takes part in sharing.
pub(crate) fn part(roles: &[String]) -> bool {
    roles.iter().any(|role| {
        ["window", "reviewer", "inspector", "head", "steward", "cataloguer"]
            .contains(&role.as_str())
    })
}

fn all<'a>(fields: &'a Fields, name: &str) -> Vec<&'a str> {
    fields.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
}

/// What pages name by identifiers.
struct Names {
    units: BTreeMap<Uuid, Text>,
    shorts: BTreeMap<String, Text>,
    catalog: std::sync::Arc<Catalog>,
}

impl Names {
    async fn load(ctx: &mut Ctx) -> Result<Self, Fault> {
        let units = zhengtong_party::departments(ctx).await?;
        let shorts = units
            .iter()
            .filter_map(|unit| Some((unit.short.clone()?, unit.name.clone())))
            .collect();
        let units = units.into_iter().map(|unit| (unit.id, unit.name)).collect();
        Ok(Self { units, shorts, catalog: ctx.defs::<Catalog>()? })
    }

    fn unit(&self, lang: Lang, id: Uuid) -> &str {
        self.units.get(&id).map_or("–", |name| name.get(lang))
    }

    fn dataset<'a>(&'a self, lang: Lang, id: &'a str) -> &'a str {
        self.catalog.dataset(id).map_or(id, |dataset| dataset.title.get(lang))
    }

    fn field<'a>(&'a self, lang: Lang, dataset: &str, name: &'a str) -> &'a str {
        let field = self.catalog.dataset(dataset).and_then(|dataset| dataset.field(name));
        field.map_or(name, |field| field.title.get(lang))
    }

    fn fields(&self, lang: Lang, dataset: &str, names: &[String]) -> String {
        let words: Vec<&str> = names.iter().map(|name| self.field(lang, dataset, name)).collect();
        words.join(lang.pick("、", ", "))
    }
}

#[derive(Deserialize)]
struct Wanted {
    show: Option<String>,
    page: Option<u32>,
}

/// The shelves with their words.
const SHELVES: [(&str, Shelf, &str, &str); 5] = [
    ("mine", Shelf::Mine, "本单位申请", "Asked by us"),
    ("check", Shelf::Check, "待审核裁决", "To check"),
    ("reply", Shelf::Reply, "待答复", "To reply"),
    ("overdue", Shelf::Overdue, "超期", "Overdue"),
    ("done", Shelf::Done, "已办结", "Done"),
];

async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let office = visit.actor.roles.iter().any(|role| role == "cataloguer");
    let usual = if office { "check" } else { "mine" };
    let word = wanted.show.as_deref().unwrap_or(usual);
    let known = SHELVES.iter().find(|(name, ..)| *name == word);
    let (word, shelf) = known.map_or((usual, Shelf::Mine), |(name, shelf, ..)| (*name, *shelf));
    let page = zhengtong_sharing::requests(&mut ctx, shelf, wanted.page.unwrap_or(1)).await?;
    let counts = zhengtong_sharing::counts(&mut ctx).await?;
    let names = Names::load(&mut ctx).await?;
    let today = china_date(ctx.now);
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("数据共享", "Data on request");
    let frame = bench.frame(&visit, heading);
    let href = format!("{HOME}?show={word}&page=");
    let body = html! {
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "需要别的单位的数据，在这里申请；同意后自动开通，每次使用都有记录。",
            "Ask other units for data here; once granted it opens by itself, and every use is recorded.",
        )) }).actions(links(lang, &visit))))
        (filters(lang.pick("显示", "Show"), &shelves(lang, word, counts, office)))
        @if page.rows.is_empty() {
            (empty(&Empty { icon: Icon::Check, title: lang.pick("这里没有要处理的", "Nothing here").into(), body: None }))
        } @else { (rows(lang, &page, &names, today)) }
        (pager(lang, Pager { page: page.page, pages: page.pages(), href: &href }))
    };
    Ok(bench.page(&visit, &frame, body))
}

fn links(lang: Lang, visit: &Visit) -> Markup {
    let asks = visit.actor.roles.iter().any(|role| role == "head" || role == "steward");
    actions(html! {
        @if asks { (link_button(&Button::new(lang.pick("申请数据", "Ask for data")), "/desk/sharing/new")) }
        (link_button(&Button::secondary(lang.pick("共享授权", "Grants")), "/desk/sharing/grants"))
        (link_button(&Button::secondary(lang.pick("数据异议", "Objections")), "/desk/sharing/objections"))
    })
}

fn shelves(lang: Lang, here: &str, counts: Counts, office: bool) -> Vec<Choice<'static>> {
    SHELVES
        .iter()
        .filter(|(name, ..)| office || *name != "check")
        .map(|(name, shelf, zh, en)| {
            let choice = Choice::new(lang.pick(zh, en), format!("{HOME}?show={name}"));
            let choice = match shelf {
                Shelf::Mine => choice.count(counts.mine),
                Shelf::Check => choice.count(counts.check),
                Shelf::Reply => choice.count(counts.reply),
                Shelf::Overdue if counts.overdue > 0 => {
                    choice.count(counts.overdue).light(Light::Over)
                }
                Shelf::Overdue => choice.count(0),
                Shelf::Done => choice,
            };
            if *name == here { choice.current() } else { choice }
        })
        .collect()
}

fn rows(lang: Lang, page: &Page<Request>, names: &Names, today: time::Date) -> Markup {
    let row = |one: &Request| {
        Row::new(vec![
            html! {
                a href={ (HOME) "/" (one.no) } { (names.dataset(lang, &one.new.dataset)) }
                br; span.meta { (one.no) }
            },
            html! { (names.unit(lang, one.unit)) },
            html! { (names.unit(lang, one.provider)) },
            standing(lang, one, today),
            html! { @match one.due { Some(day) => (day), None => "–" } },
        ])
    };
    let shown = Table {
        caption: lang.pick("共享申请", "Requests").into(),
        columns: vec![
            Column::head(lang.pick("要什么数据", "Data")),
            Column::new(lang.pick("申请单位", "Asked by")),
            Column::new(lang.pick("提供单位", "Provider")),
            Column::new(lang.pick("进展", "Where it stands")).tight(),
            Column::new(lang.pick("期限", "Due")).tight(),
        ],
        rows: page.rows.iter().map(row).collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &shown))
}

/// Where a request stands, with the lamp of its time.
fn standing(lang: Lang, one: &Request, today: time::Date) -> Markup {
    let words = one.state.title();
    let words = words.get(lang);
    match (one.state, one.due) {
        (_, Some(due)) if due < today => html! {
            (lamp(Light::Over, lang.pick("超期", "Overdue"))) " " (words)
        },
        (State::Granted, _) => tag(Tone::Good, words),
        (State::Refused | State::Upheld | State::Returned, _) => tag(Tone::Warn, words),
        (State::Withdrawn, _) => tag(Tone::Plain, words),
        _ => tag(Tone::Line, words),
    }
}
