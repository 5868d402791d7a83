//! The course of a case as a supervisor sees it: what happened and when, never who applied or what was written.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::Lang;
use zhengtong_http::{Answer, App, Visit, clock_time, redirect, short};
use zhengtong_supervision::Course;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed, pairs, panel};
use zhengtong_ui::table::code;
use zhengtong_ui::words::encode;

use crate::bench::{Bench, reading, staff_only};
use crate::supervision::level;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/board/supervision/case", get(sought))
        .route("/board/supervision/case/{no}", get(shown))
}

#[derive(Default, Deserialize)]
struct Sought {
    #[serde(default)]
    q: String,
}

/// Goes to the course of the case whose number was typed.
async fn sought(visit: Visit, Query(sought): Query<Sought>) -> Answer {
    staff_only(&visit)?;
    let no = sought.q.trim().to_uppercase();
    if no.is_empty() {
        return Ok(redirect("/board/supervision"));
    }
    Ok(redirect(&format!("/board/supervision/case/{}", encode(&no))))
}

async fn shown(visit: Visit, Path(no): Path<String>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let course = zhengtong_supervision::course(&mut ctx, &no).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let frame = bench.frame(&visit, &no);
    Ok(bench.page(&visit, &frame, page(visit.lang(), &course)))
}

fn page(lang: Lang, course: &Course) -> Markup {
    let standing = &course.standing;
    let main = html! {
        (boxed(&Panel::new(lang.pick("办理过程", "Course")), html! {
            ol.flow {
                @for seen in &course.seen {
                    li { (seen.title.get(lang)) " " span.meta { (clock_time(seen.at)) @if seen.kind == "rung" { " · " (lang.pick("计时", "clock")) } } }
                }
            }
        }))
        p.meta { (lang.pick("监察只看办到哪一步、每个期限，不看申请人、答案和写的话。您看过这一件，已记录。", "Supervision sees the course and the limits, and neither the applicant nor what was written. That you looked is on record.")) }
    };
    let moment = |at: Option<time::OffsetDateTime>| at.map_or_else(|| "—".to_owned(), clock_time);
    let due = standing.due_day.map_or_else(|| "—".to_owned(), short);
    let facts = pairs([
        (lang.pick("办件号", "Case").into(), code(&standing.no)),
        (lang.pick("单位", "Department").into(), html! { (standing.department_name) }),
        (lang.pick("提交", "Submitted").into(), html! { (clock_time(standing.submitted_at)) }),
        (lang.pick("受理", "Accepted").into(), html! { (moment(standing.accepted_at)) }),
        (lang.pick("承诺期限", "Promised for").into(), html! { (due) }),
        (lang.pick("决定", "Decided").into(), html! { (moment(standing.decided_at)) }),
        (lang.pick("办结", "Closed").into(), html! { (moment(standing.closed_at)) }),
    ]);
    let cards: Vec<Entry> = course
        .cards
        .iter()
        .map(|card| {
            Entry::link(card.rule_title.get(lang), &format!("/desk/supervision/{}", card.no))
                .above(level(lang, card.level))
                .note(html! { (card.no) " · " (card.state.title().get(lang)) })
        })
        .collect();
    let aside = html! {
        (panel(&Panel::default(), facts))
        (boxed(&Panel::new(lang.pick("这件的牌", "Its cards")), html! {
            @if cards.is_empty() { p.soft { (lang.pick("没有发过牌。", "None.")) } }
            @else { (list(&cards)) }
        }))
    };
    html! {
        (crumbs(lang, &[Link::new(lang.pick("监督看板", "Board"), "/board/supervision")], &standing.no))
        (title(&Title::new(standing.title.get(lang)).meta(html! {
            (tag(Tone::Plain, standing.state.title().get(lang)))
            @if course.overdue { " " (lamp(Light::Over, lang.pick("超期", "Overdue"))) }
        })))
        (split(main, aside))
    }
}
