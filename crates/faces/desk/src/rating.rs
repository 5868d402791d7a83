//! 好差评 at the workbench: the head of a department puts bad ratings right, the rating office watches over them, a
//! clerk shows a code. Who rated stands on no page of a department.

mod acts;
mod office;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Lang, Page, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_rating::{Matter, Seen, Standing as Stands, Step};
use zhengtong_service::Catalog;
use zhengtong_ui::Frame;
use zhengtong_ui::field::errors;
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Heading, Title, section, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::panel::{Panel, flush, pairs, panel};
use zhengtong_ui::press::{Button, Choice, actions, filters, link_button};
use zhengtong_ui::table::{Column, Row, Table, table};

use crate::bench::{Bench, reading, staff_only};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/ratings", get(listed))
        .route("/desk/ratings/words", get(office::words))
        .route("/desk/ratings/words/{id}", post(office::review))
        .route("/desk/ratings/record", get(office::recording).post(office::record))
        .route("/desk/ratings/code", get(office::asking).post(office::code))
        .route("/desk/ratings/{no}", get(open).post(act))
        .route("/desk/ratings/{no}/rater", post(office::rater))
}

/// What the holder of a post does with ratings.
pub(crate) fn part(roles: &[String]) -> Option<&'static str> {
    let has = |role: &str| roles.iter().any(|held| held == role);
    match () {
        () if has("evaluator") || has("head") => Some("/desk/ratings"),
        () if has("window") => Some("/desk/ratings/code"),
        () => None,
    }
}

/// Whether ratings are the whole work of the actor: who watches over them handles no case.
pub(crate) fn watches(visit: &Visit) -> bool {
    !visit.actor.roles.is_empty() && visit.actor.roles.iter().all(|role| role == "evaluator")
}

#[derive(Deserialize)]
struct Wanted {
    /// `done` for what is closed.
    show: Option<String>,
    page: Option<u32>,
}

async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let open = wanted.show.as_deref() != Some("done");
    let page = zhengtong_rating::matters(&mut ctx, open, wanted.page.unwrap_or(1)).await?;
    let names = names(&mut ctx, page.rows.iter().map(|matter| matter.department).collect()).await?;
    let today = china_date(ctx.now);
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("差评整改", "Bad ratings"));
    let office = visit.actor.roles.iter().any(|role| role == "evaluator");
    let choice = |here: bool, zh: &'static str, en: &'static str, href: &'static str| {
        let choice = Choice::new(lang.pick(zh, en), href);
        if here { choice.current() } else { choice }
    };
    let shown = [
        choice(open, "在办", "Open", "/desk/ratings"),
        choice(!open, "已办结", "Done", "/desk/ratings?show=done"),
    ];
    let href = format!("/desk/ratings?show={}&page=", if open { "open" } else { "done" });
    let body = html! {
        (title(&Title::new(lang.pick("差评整改", "Bad ratings")).lead(html! { (lang.pick(
            "15 个工作日内整改并答复。评价人的身份、办件号、评价日期都不提供，请不要打听。",
            "Put right and answer within 15 working days. Who rated, which case and which day are not told; please do not inquire.",
        )) }).actions(if office { office_links(lang) } else { html! {} })))
        (filters(lang.pick("显示", "Show"), &shown))
        @if page.rows.is_empty() { p.soft { (lang.pick("没有。", "None.")) } }
        @else { (rows(lang, &page, &names, today)) }
        (pager(lang, Pager { page: page.page, pages: page.pages(), href: &href }))
    };
    Ok(bench.page(&visit, &frame, body))
}

fn office_links(lang: Lang) -> Markup {
    actions(html! {
        (link_button(&Button::secondary(lang.pick("审看评价的话", "Read words")), "/desk/ratings/words"))
        (link_button(&Button::secondary(lang.pick("代录电话评价", "Write a call down")), "/desk/ratings/record"))
    })
}

fn rows(
    lang: Lang,
    page: &Page<Matter>,
    names: &BTreeMap<Uuid, Text>,
    today: time::Date,
) -> Markup {
    let row = |matter: &Matter| {
        let name = names.get(&matter.department).map_or("–", |name| name.get(lang));
        Row::new(vec![
            html! { a href={ "/desk/ratings/" (matter.no) } { (matter.no) } },
            html! { (name) },
            standing(lang, matter, today),
            html! { @match matter.course.due { Some(due) => (due.day), None => "–" } },
        ])
    };
    let shown = Table {
        caption: lang.pick("差评", "Bad ratings").into(),
        columns: vec![
            Column::head(lang.pick("编号", "Number")).tight(),
            Column::new(lang.pick("单位", "Department")),
            Column::new(lang.pick("进展", "Where it stands")),
            Column::new(lang.pick("期限", "Due")).tight(),
        ],
        rows: page.rows.iter().map(row).collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &shown))
}

/// Where a matter stands, with the lamp of its time.
fn standing(lang: Lang, matter: &Matter, today: time::Date) -> Markup {
    let course = &matter.course;
    let title = course.standing.title();
    let words = title.get(lang);
    match (course.standing, course.due) {
        (Stands::Dispatched, Some(due)) if due.day < today => {
            lamp(Light::Over, lang.pick("超期未整改", "Overdue"))
        }
        (Stands::Dispatched, Some(due)) if (due.day - today).whole_days() <= 3 => {
            lamp(Light::Near, words)
        }
        (Stands::Closed, _) => tag(Tone::Good, words),
        (Stands::Excluded, _) => tag(Tone::Plain, words),
        (Stands::Escalated, _) => tag(Tone::Warn, words),
        _ => tag(Tone::Line, words),
    }
}

async fn open(visit: Visit, Path(no): Path<String>) -> Answer {
    staff_only(&visit)?;
    show(&visit, &no, &acts::Typed::default()).await
}

async fn act(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match acts::done(&mut ctx, &no, &fields).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/desk/ratings/{no}")))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let errors = error.fields();
            let said = errors.is_empty().then(|| error.text());
            show(&visit, &no, &acts::Typed { fields, errors, said, rater: None }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn show(visit: &Visit, no: &str, typed: &acts::Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let seen = zhengtong_rating::matter(&mut ctx, no).await?;
    let names = names(&mut ctx, vec![seen.matter.department]).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let item = seen.matter.item.as_ref().and_then(|id| catalog.get(id));
    let item = item.map(|listed| listed.item.name.clone());
    let (today, bench) = (china_date(ctx.now), Bench::load(&mut ctx).await?);
    ctx.commit().await?;
    let lang = visit.lang();
    let mut frame = bench.frame(visit, lang.pick("差评整改", "Bad rating"));
    let faulty = !typed.errors.is_empty() || typed.said.is_some();
    if faulty {
        frame.standing = Standing::Faulty;
    }
    let department = names.get(&seen.matter.department).map_or("–", |name| name.get(lang));
    let office = visit.actor.roles.iter().any(|role| role == "evaluator");
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("差评整改", "Bad ratings"), "/desk/ratings")], no))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said {
            (zhengtong_ui::notice::notice(&zhengtong_ui::notice::Notice::new(zhengtong_ui::notice::Mood::Failure, said.get(lang))))
        }
        (title(&Title::new(no).beside(standing(lang, &seen.matter, today)).meta(html! { (department) })))
        (split(html! {
            (said_of(lang, &seen, item.as_ref()))
            (course(lang, &seen))
        }, html! {
            (acts::panels(lang, &frame, &seen, typed, office))
        }))
    };
    if faulty {
        return Ok(bench.refused(visit, &frame, body, Kind::Invalid));
    }
    Ok(bench.page(visit, &frame, body))
}

fn said_of(lang: Lang, seen: &Seen, item: Option<&Text>) -> Markup {
    let month = seen.month;
    let mut rows = vec![
        (
            lang.pick("评价", "Level").into(),
            html! { strong { (seen.level_title.get(lang)) } " · " (seen.place.title().get(lang)) },
        ),
        (
            lang.pick("事项", "Item").into(),
            match item {
                Some(name) => html! { (name.get(lang)) },
                None => {
                    html! { span.soft { (lang.pick("办的人少，为保护评价人不提供", "Not told: so few had it that it would say who rated")) } }
                }
            },
        ),
        (
            lang.pick("评价月份", "Month").into(),
            match lang {
                Lang::Zh => html! { (month.year()) " 年 " (u8::from(month.month())) " 月" },
                Lang::En => html! { (month.month()) " " (month.year()) },
            },
        ),
    ];
    if let Some(due) = seen.matter.course.due {
        rows.push((lang.pick("期限", "Due").into(), html! { (due.day) }));
    }
    for (name, level) in &seen.indicators {
        rows.push((name.get(lang).to_owned().into(), html! { (level) " / 5" }));
    }
    html! {
        (panel(&Panel::new(lang.pick("评价内容", "What was said")), html! {
            (pairs(rows))
            @if seen.words.is_empty() { p.soft { (lang.pick("没有写话。", "No words.")) } }
            @else { blockquote lang="zh-CN" { (seen.words) } }
        }))
    }
}

fn course(lang: Lang, seen: &Seen) -> Markup {
    let entries: Vec<Entry> = seen.steps.iter().map(|step| entry(lang, step)).collect();
    section(&Heading::new("course", lang.pick("处理过程", "What was done")), list(&entries))
}

fn entry(lang: Lang, step: &Step) -> Entry {
    let title = step.kind.title();
    let by_rater = step.actor.is_empty();
    let at = if by_rater { china_date(step.at).to_string() } else { clock_time(step.at) };
    Entry::new(html! {
        strong { (title.get(lang)) }
        @if !step.words.is_empty() { br; span lang="zh-CN" { (step.words) } }
    })
    .note(html! { (at) @if !by_rater { " · " (step.actor) } })
}

/// The names of departments.
async fn names(ctx: &mut Ctx, ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, Text>, Fault> {
    let mut names = BTreeMap::new();
    for id in ids {
        if let std::collections::btree_map::Entry::Vacant(free) = names.entry(id) {
            free.insert(zhengtong_party::organisation(ctx, id).await?.name);
        }
    }
    Ok(names)
}

/// A field of words, with what was typed and what is wrong with it.
fn words_field(
    frame: &Frame<'_>,
    name: &'static str,
    label: &'static str,
    typed: &acts::Typed,
) -> Markup {
    use zhengtong_ui::field::{Area, Field, textarea};
    let field = Field::new(name, label).errors(&typed.errors, frame.lang);
    textarea(frame.lang, &field, &Area { value: typed.fields.get(name).into(), ..Area::default() })
}
