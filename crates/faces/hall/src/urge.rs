//! 催办: the applicant urges once a day; the papers that the office has given; where to complain.

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use maud::{Markup, html};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Lang};
use zhengtong_casework::{CaseView, Side};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::frame::token;
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, post as post_button};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/case/{no}/urge", post(urge))
        .route("/my/case/{no}/given/{document}", get(given))
}

async fn urge(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_casework::urge(&mut ctx, &no).await {
        Ok(()) => ctx.commit().await?,
        // Urged today already, or nothing to urge any more: the page says so.
        Err(error) if error.kind() == Kind::Conflict => drop(ctx),
        Err(error) => return Err(Fault::from(error)),
    }
    Ok(redirect(&format!("/my/case/{no}#urge")))
}

async fn given(visit: Visit, Path((no, document)): Path<(String, Uuid)>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let bytes = zhengtong_casework::open_paper(&mut ctx, &no, document).await?;
    ctx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=paper.pdf"),
    ];
    Ok((headers, bytes).into_response())
}

/// Urging, when it is the office's turn, and where to complain.
pub(crate) fn urging(frame: &Frame<'_>, view: &CaseView, now: OffsetDateTime) -> Markup {
    let lang = frame.lang;
    let no = &view.case.no;
    let waits = view.tasks.iter().any(|task| task.todo.side == Side::Office);
    if view.case.state.over() || !waits {
        return html! {};
    }
    let day = zhengtong_calendar::china_date;
    let urges = || view.events.iter().filter(|event| event.kind == "urge");
    let last = urges().next_back();
    let today = last.is_some_and(|event| day(event.at) == day(now));
    panel(
        &Panel::new(lang.pick("等急了？", "Waiting too long?")).id("urge"),
        html! {
            @if let Some(last) = last { p.meta { (told(lang, urges().count())) (clock_time(last.at)) } }
            @if today {
                p { (lang.pick("今天已经催过，经办人打开收件箱就看得到。明天还可以再催。", "You have urged today; the officer sees it in the inbox. You can urge again tomorrow.")) }
            } @else {
                (post_button(&format!("/my/case/{no}/urge"), token(frame), &Button::secondary(lang.pick("催办", "Urge"))))
                p.soft { (lang.pick("一天能催一次，记在经过里，经办人和他的负责人都看得到。", "Once a day; it is on record and the officer and the head see it.")) }
            }
            p.soft {
                (lang.pick("对办理不满意，可以打 ", "To complain, call ")) a href="tel:12345" { "12345" }
                (lang.pick(" 投诉，报受理号 ", " and give the number ")) span.nowrap { (no) }
            }
        },
    )
}

fn told(lang: Lang, times: usize) -> String {
    match lang {
        Lang::Zh => format!("催过 {times} 次，最近 "),
        Lang::En => format!("urged {times} times, last "),
    }
}

/// The papers that the office has given.
pub(crate) fn papers(lang: Lang, view: &CaseView) -> Markup {
    if view.given.is_empty() {
        return html! {};
    }
    let entries: Vec<Entry> = view
        .given
        .iter()
        .map(|paper| {
            let href = format!("/my/case/{}/given/{}", view.case.no, paper.document);
            Entry::link(paper.title.get(lang), &href)
                .note(html! { span.nowrap { (paper.number) } " · " (clock_time(paper.at)) })
        })
        .collect();
    panel(&Panel::new(lang.pick("给您的文书", "Papers for you")), list(&entries))
}
