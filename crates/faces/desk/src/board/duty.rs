//! The record of the officer on duty.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::{Failure as _, FieldError, Kind};
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_supervision::{DUTY_KINDS, Duty, duty_title};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Area, Field, Form, Input, Pick, errors, form, select, text, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed};
use zhengtong_ui::press::{Button, actions, submit};

use crate::bench::{Bench, reading, staff_only};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/board/supervision/duty", get(shown).post(record))
}

async fn shown(visit: Visit) -> Answer {
    drawn(&visit, &Fields::default(), &[], None).await
}

async fn drawn(
    visit: &Visit,
    fields: &Fields,
    wrong: &[FieldError],
    refused: Option<Kind>,
) -> Answer {
    let mut ctx = reading(visit).await?;
    let duties = zhengtong_supervision::duties(&mut ctx).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let mut frame = bench.frame(visit, visit.lang().pick("值班处置", "On duty"));
    if refused.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = page(&frame, &duties, fields, wrong);
    match refused {
        None => Ok(bench.page(visit, &frame, body)),
        Some(kind) => Ok(bench.refused(visit, &frame, body, kind)),
    }
}

async fn record(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let (kind, card, words) = (fields.get("kind"), fields.get("card"), fields.get("words"));
    match zhengtong_supervision::record_duty(&mut ctx, kind, card, words).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect("/board/supervision/duty"))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            let wrong = error.fields();
            drop(ctx);
            drawn(&visit, &fields, &wrong, Some(Kind::Invalid)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn page(frame: &Frame<'_>, duties: &[Duty], fields: &Fields, wrong: &[FieldError]) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(wrong, lang)
    };
    let options: Vec<Pick<'_>> =
        DUTY_KINDS.map(|kind| Pick::new(kind, duty_title(kind).get(lang).to_owned())).into();
    let area = Area {
        value: fields.get("words").to_owned().into(),
        rows: 4,
        length_max: Some(4_000),
        ..Area::default()
    };
    let ask = form(
        frame,
        &Form::post("/board/supervision/duty"),
        html! {
            (select(lang, &field("kind", "哪一类", "Kind"), &options, fields.get("kind")))
            (text(lang, &field("card", "监察编号", "Card").optional().hint(lang.pick("例如 JC-2026-000001", "Such as JC-2026-000001")), &Input::new(fields.get("card").to_owned())))
            (textarea(lang, &field("words", "做了什么、结果怎样", "What was done, and what came of it"), &area))
            (actions(submit(&Button::new(lang.pick("记下", "Write down")))))
        },
    );
    let lines = html! {
        @if duties.is_empty() { p.soft { (lang.pick("还没有记录。", "Nothing yet.")) } }
        ol.flow {
            @for duty in duties {
                li {
                    strong { (duty_title(&duty.kind).get(lang)) }
                    " " span.meta { (clock_time(duty.at)) " · " (duty.name) @if let Some(card) = &duty.card { " · " a href={ "/desk/supervision/" (card) } { (card) } } }
                    p { (duty.words) }
                }
            }
        }
    };
    html! {
        (crumbs(lang, &[Link::new(lang.pick("监督看板", "Board"), "/board/supervision")], &frame.title))
        (title(&Title::new(frame.title.as_ref()).meta(html! { (lang.pick("电话核实、现场处置、交接班；记下就改不掉", "Calls, what was handled, handovers; a line stays as it is")) })))
        (errors(lang, wrong))
        (split(boxed(&Panel::new(lang.pick("处置记录", "Record")), lines), boxed(&Panel::new(lang.pick("记一条", "A new line")), ask)))
    }
}
