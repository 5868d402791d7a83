//! The rows behind a number of the board, and all cards.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Lang, Page};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Fault, Visit, clock_time, short};
use zhengtong_supervision::{Behind, Level, Period, Pile, What};
use zhengtong_ui::Icon;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, code, table};
use zhengtong_ui::words::number;

use super::{Asked, in_address, in_words};
use crate::bench::{Bench, reading};
use crate::supervision::{list, piles};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/board/supervision/rows", get(behind))
        .route("/board/supervision/cards", get(cards))
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    what: String,
    department: Option<Uuid>,
    page: Option<u32>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

async fn behind(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let what = What::parse(&wanted.what).ok_or_else(Fault::absent)?;
    let asked = Asked { from: wanted.from, to: wanted.to, ..Asked::default() };
    let mut ctx = reading(&visit).await?;
    let period = asked.period(china_date(ctx.now));
    let page = wanted.page.unwrap_or(1);
    let rows =
        zhengtong_supervision::behind(&mut ctx, what, wanted.department, period, page).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let words = format!("{} · {}", what.title().get(lang), in_words(lang, period));
    let frame = bench.frame(&visit, &words);
    let department = wanted.department.map(|id| format!("&department={id}")).unwrap_or_default();
    let href = format!(
        "/board/supervision/rows?what={}{department}&{}&page=",
        what.word(),
        in_address(period)
    );
    let of =
        wanted.department.and_then(|_| rows.rows.first()).map(|row| row.department_name.clone());
    let body = html! {
        (crumbs(lang, &[back(lang, period)], what.title().get(lang)))
        (title(&Title::new(words.as_str()).meta(html! {
            @if let Some(of) = of { (of) " · " }
            (lang.pick("共 ", "")) (number(rows.total)) (lang.pick(" 件", " rows"))
        })))
        (drawn(lang, &rows, &href))
    };
    Ok(bench.page(&visit, &frame, body))
}

/// The way back to the board over the same period.
pub(super) fn back(lang: Lang, period: Period) -> Link<'static> {
    let href = format!("/board/supervision?{}", in_address(period));
    Link::new(lang.pick("监督看板", "Board"), href)
}

fn drawn(lang: Lang, page: &Page<Behind>, href: &str) -> Markup {
    if page.rows.is_empty() {
        return empty(&Empty {
            icon: Icon::CircleCheck,
            title: lang.pick("没有", "None").into(),
            body: None,
        });
    }
    let column = |zh: &'static str, en: &'static str| Column::new(lang.pick(zh, en));
    let rows = page.rows.iter().map(|row| {
        let subject = html! {
            @match &row.card {
                Some(card) => { a href={ "/desk/supervision/" (card) } { (row.rule_title.as_ref().map(|title| title.get(lang)).unwrap_or_default()) } }
                None => { a href={ "/board/supervision/case/" (row.case) } { (row.title.get(lang)) } }
            }
        };
        let case = html! {
            @if row.case.is_empty() { "—" }
            @else if row.card.is_some() { a href={ "/board/supervision/case/" (row.case) } { (row.case) } }
            @else { (code(&row.case)) }
        };
        let state = match (row.card_state, row.state) {
            (Some(state), _) => state.title().get(lang).to_owned(),
            (None, Some(state)) => state.title().get(lang).to_owned(),
            (None, None) => String::new(),
        };
        Row::new(vec![
            subject,
            case,
            html! { (row.department_name) },
            html! { (state) },
            html! { (clock_time(row.at)) },
            html! { (row.accepted_at.map(clock_time).unwrap_or_default()) },
            html! { (row.due_day.map(short).unwrap_or_default()) },
            html! { (row.decided_at.map(clock_time).unwrap_or_default()) },
        ])
    });
    let found = Table {
        caption: lang.pick("数字后面的件", "The rows behind the number").into(),
        columns: vec![
            Column::head(lang.pick("事项", "Matter")).slot(Slot::Full(1)),
            column("办件号", "Case").tight().slot(Slot::Left(2)),
            column("单位", "Department").slot(Slot::Left(3)),
            column("状态", "State").tight().slot(Slot::Right(2)),
            column("计数时间", "Counted").tight(),
            column("受理", "Accepted").tight(),
            column("承诺期限", "Due").tight(),
            column("决定", "Decided").tight(),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    html! {
        (flush(&Panel::default(), table(lang, &found)))
        (pager(lang, Pager { page: page.page, pages: page.pages(), href }))
    }
}

#[derive(Default, Deserialize)]
struct CardsWanted {
    #[serde(default)]
    pile: String,
    #[serde(default)]
    level: String,
    page: Option<u32>,
}

async fn cards(visit: Visit, Query(wanted): Query<CardsWanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let (pile, level) = (Pile::parse(&wanted.pile), Level::parse(&wanted.level));
    let page = wanted.page.unwrap_or(1);
    let found = zhengtong_supervision::cards(&mut ctx, pile, level, page).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("监察牌", "Cards"));
    let of = level.map(|level| format!("&level={}", level.word())).unwrap_or_default();
    let href = format!("/board/supervision/cards?pile={}{of}&page=", pile.word());
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("监督看板", "Board"), "/board/supervision")], &frame.title))
        (title(&Title::new(frame.title.as_ref())))
        (piles(lang, "/board/supervision/cards", pile))
        (list(lang, &found, &href))
    };
    Ok(bench.page(&visit, &frame, body))
}
