//! Processes that stand still: why, trying again, or going on without it with a reason.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use maud::{Markup, html};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang};
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_process::{Incident, IncidentKind};
use zhengtong_ui::field::{Area, Field, Form, errors, form, textarea};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, flush, pairs, panel};
use zhengtong_ui::press::{Button, actions, post as post_button, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, Typed, acting, reading};

const PAGE: &str = "/admin/incidents";
/// The shortest and the longest reason for going on without something, in characters.
const REASON_CHARS_MIN: usize = 4;
const REASON_CHARS_MAX: usize = 500;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(PAGE, get(shown))
        .route("/admin/incidents/{id}/retry", post(again))
        .route("/admin/incidents/{id}/skip", get(ask).post(without))
}

async fn shown(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let rows = zhengtong_process::incidents(&mut ctx).await?;
    let (bench, now) = (Bench::of(&ctx), ctx.now);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("停住的流程", "Processes that stand still"));
    Ok(bench.page(&visit, &frame, page(&frame, &rows, now)))
}

async fn again(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let moved = zhengtong_process::retry(&mut ctx, id).await?;
    zhengtong_casework::follow(&mut ctx, moved).await?;
    ctx.commit().await?;
    Ok(redirect(PAGE))
}

async fn ask(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    asked(&visit, id, &Typed::default()).await
}

async fn asked(visit: &Visit, id: Uuid, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let incident = zhengtong_process::incident(&mut ctx, id).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let mut frame = Bench::frame(visit, visit.lang().pick("跳过这一步", "Go on without it"));
    if typed.errors.is_empty() {
        return Ok(bench.page(visit, &frame, skip_page(&frame, &incident, typed)));
    }
    frame.standing = Standing::Faulty;
    Ok(bench.refused(visit, &frame, skip_page(&frame, &incident, typed)))
}

async fn without(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let reason = fields.get("reason").trim().to_owned();
    if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        let errors = vec![FieldError::new(
            "reason",
            format!("写明为什么跳过，{REASON_CHARS_MIN} 到 {REASON_CHARS_MAX} 个字"),
            format!("say why, in {REASON_CHARS_MIN} to {REASON_CHARS_MAX} characters"),
        )];
        return asked(&visit, id, &Typed { fields, errors, said: None }).await;
    }
    let mut ctx = acting(&visit, &fields).await?;
    let moved = zhengtong_process::skip(&mut ctx, id, &reason).await?;
    zhengtong_casework::follow(&mut ctx, moved).await?;
    ctx.commit().await?;
    Ok(redirect(PAGE))
}

fn page(frame: &Frame<'_>, rows: &[Incident], now: OffsetDateTime) -> Markup {
    let lang = frame.lang;
    html! {
        (title(&Title::new(frame.title.as_ref()).meta(html! {
            (lang.pick("经办人交来的都还在，没有丢；修好原因后再试，或写明理由跳过 · ", "Nothing that was handed in is lost; mend the cause and try again, or go on without it and say why · "))
            (clock_time(now))
        })))
        @if rows.is_empty() {
            (empty(&Empty { icon: Icon::CircleCheck, title: lang.pick("没有停住的流程", "No process stands still").into(), body: None }))
        } @else {
            (flush(&Panel::default(), table(lang, &incident_table(frame, rows))))
        }
    }
}

fn incident_table<'a>(frame: &Frame<'_>, rows: &'a [Incident]) -> Table<'a> {
    let lang = frame.lang;
    let rows = rows.iter().map(|incident| {
        let again = post_button(
            &format!("{PAGE}/{}/retry", incident.id),
            token(frame),
            &Button::secondary(lang.pick("再试", "Try again")).icon(Icon::RotateCcw),
        );
        let skip = format!("{PAGE}/{}/skip", incident.id);
        Row::new(vec![
            html! { (thing(incident)) },
            html! { div { (kind(lang, incident.kind)) " " (code(&incident.node)) } },
            html! { (incident.cause) },
            html! { (clock_time(incident.opened)) },
            html! { div.row.row-tight { (again) a href=(skip) { (lang.pick("跳过", "Skip")) span.unseen { " " (thing(incident)) } } } },
        ])
    });
    Table {
        caption: lang.pick("停住的流程", "Processes that stand still").into(),
        columns: vec![
            Column::head(lang.pick("办件", "Case")).tight(),
            Column::new(lang.pick("哪一步", "Step")).tight(),
            Column::new(lang.pick("原因", "Cause")),
            Column::new(lang.pick("何时起", "Since")).tight(),
            Column::new(lang.pick("处理", "What to do")).quiet(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// The number of the case, without the word of its kind.
fn thing(incident: &Incident) -> &str {
    incident.thing.split_once('/').map_or(incident.thing.as_str(), |(_, no)| no)
}

fn kind(lang: Lang, kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Command => lang.pick("走不下去", "Cannot go on"),
        IncidentKind::Service => lang.pick("自动步骤失败", "Service failed"),
        IncidentKind::Timer => lang.pick("等待的条件不明", "Unclear what to wait for"),
    }
}

/// What happens when it is skipped.
fn consequence(lang: Lang, kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Command => lang.pick(
            "跳过之后，算不出的条件按“不成立”处理，走默认的那条路；交来的办理结果照样生效",
            "The condition that cannot be evaluated counts as not true, so the default way is taken; what was handed in stands",
        ),
        IncidentKind::Service => lang.pick(
            "跳过之后，这一步按已完成处理，平台不会再做它；该补的请线下补上",
            "The step counts as done and the platform does not do it any more; what is missing is done by hand",
        ),
        IncidentKind::Timer => lang.pick(
            "跳过之后，按时间已到（或消息已收到）处理",
            "The time counts as come, or the message as received",
        ),
    }
}

fn skip_page(frame: &Frame<'_>, incident: &Incident, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let links = [Link::new(lang.pick("停住的流程", "Processes that stand still"), PAGE)];
    let field = Field::new("reason", lang.pick("为什么跳过", "Why"))
        .hint(lang.pick(
            "例如：证书已在窗口手工制作",
            "Such as: the document was made by hand at the window",
        ))
        .errors(&typed.errors, lang);
    let area = Area {
        value: typed.value("reason").into(),
        rows: 3,
        length_max: Some(500),
        ..Area::default()
    };
    html! {
        (crumbs(lang, &links, thing(incident)))
        (title(&Title::new(frame.title.as_ref())))
        (errors(lang, &typed.errors))
        (notice(&Notice::new(Mood::Warning, consequence(lang, incident.kind))))
        (panel(&Panel::default(), pairs([
            (lang.pick("办件", "Case").into(), html! { (thing(incident)) }),
            (lang.pick("流程", "Process").into(), code(&incident.definition)),
            (lang.pick("哪一步", "Step").into(), html! { (kind(lang, incident.kind)) " " (code(&incident.node)) }),
            (lang.pick("原因", "Cause").into(), html! { (incident.cause) }),
            (lang.pick("何时起", "Since").into(), html! { (clock_time(incident.opened)) }),
        ])))
        (panel(&Panel::default(), form(frame, &Form::post(format!("{PAGE}/{}/skip", incident.id)), html! {
            (textarea(lang, &field, &area))
            (actions(submit(&Button::danger(lang.pick("跳过并继续", "Skip and go on")))))
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_escaped_and_both_ways_are_offered() {
        let incident = Incident {
            id: Uuid::nil(),
            instance: Uuid::nil(),
            thing: "case/SPJY-2026-000001".to_owned(),
            definition: "food-business:licence".to_owned(),
            node: "issue".to_owned(),
            task: Some(7),
            kind: IncidentKind::Service,
            cause: "<no printer>".to_owned(),
            opened: OffsetDateTime::UNIX_EPOCH,
        };
        let frame = Frame::new(Lang::Zh, "停住的流程");
        let html = page(&frame, std::slice::from_ref(&incident), OffsetDateTime::UNIX_EPOCH);
        let html = html.into_string();
        assert!(html.contains("&lt;no printer&gt;") && html.contains(">SPJY-2026-000001<"));
        for act in ["retry", "skip"] {
            assert!(html.contains(&format!("/admin/incidents/{}/{act}", Uuid::nil())), "{act}");
        }
        let html = page(&frame, &[], OffsetDateTime::UNIX_EPOCH).into_string();
        assert!(html.contains("没有停住的流程"));
        let html = skip_page(&frame, &incident, &Typed::default()).into_string();
        assert!(html.contains("按已完成处理"));
    }
}
