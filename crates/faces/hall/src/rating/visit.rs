//! A visit to a window, rated by the code that was shown there. Nobody logs in.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{Failure as _, FieldError, Lang};
use zhengtong_http::{Answer, Fault, Fields, Visit, redirect, see};
use zhengtong_rating::{Channel, Place as Where, StepKind};
use zhengtong_ui::field::{Form, errors, form, hidden};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, submit};
use zhengtong_ui::{Frame, Place, hall};

use super::{follow, questions, said};

#[derive(Deserialize)]
pub(super) struct Way {
    /// `tablet` or `terminal` where a machine of the hall opens the page; a phone has read the code otherwise.
    by: Option<String>,
}

pub(super) async fn open(visit: Visit, Path(code): Path<String>, Query(way): Query<Way>) -> Answer {
    show(&visit, &code, way.by.as_deref().unwrap_or("qr"), &Fields::default(), &[]).await
}

pub(super) async fn rate(visit: Visit, Path(code): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let by = fields.get("by").to_owned();
    let channel = match by.as_str() {
        "tablet" => Channel::Tablet,
        "terminal" => Channel::Terminal,
        _ => Channel::Qr,
    };
    match zhengtong_rating::rate_visit(&mut ctx, &code, channel, &said(&fields)).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/rate/{code}")))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            show(&visit, &code, &by, &fields, &error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn follow(visit: Visit, Path(code): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let settled = match fields.get("do") {
        "settled" => Some(true),
        "unsettled" => Some(false),
        _ => None,
    };
    match zhengtong_rating::follow_visit(&mut ctx, &code, settled, fields.get("words")).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/rate/{code}")))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            show(&visit, &code, "qr", &fields, &error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn show(
    visit: &Visit,
    code: &str,
    by: &str,
    fields: &Fields,
    faults: &[FieldError],
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let visited = zhengtong_rating::visit(&mut ctx, code).await?;
    let department = zhengtong_party::organisation(&mut ctx, visited.department).await?;
    let wording = zhengtong_rating::wording(&ctx).ok_or_else(Fault::absent)?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("评一评这次窗口服务", "Rate the service at the window");
    let mut frame = visit.frame(heading, Place::Elsewhere);
    if !faults.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let body = page(html! {
        (errors(lang, faults))
        (title(&Title::new(heading).meta(html! { (department.name.get(lang)) })))
        @if visited.rated {
            (notice(&Notice::new(Mood::Done, lang.pick("评价收到了，谢谢您", "Your rating is in. Thank you"))))
            @if let Some(seen) = &visited.matter {
                (bad(lang, &frame, seen, (code, fields, faults)))
            }
        } @else {
            (panel(&Panel::default(), form(&frame, &Form::post(format!("/rate/{code}")), html! {
                (hidden("by", by))
                (questions(lang, &wording, Where::Offline, fields, faults))
                (actions(submit(&Button::new(lang.pick("提交评价", "Send rating")).size(Size::Wide))))
            })))
            p.meta { (lang.pick(
                "不用登录，也不记您是谁。不想评，关掉就行。",
                "No login, and nobody writes down who you are. Close the page if you do not want to rate.",
            )) }
        }
    });
    let mut response = see(hall(&frame, body));
    if !faults.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn bad(
    lang: Lang,
    frame: &Frame<'_>,
    seen: &zhengtong_rating::Seen,
    (code, fields, faults): (&str, &Fields, &[FieldError]),
) -> Markup {
    let open = seen.may.iter().any(|kind| matches!(kind, StepKind::Settled | StepKind::Told));
    html! {
        p.soft { (lang.pick("收好这个二维码或网址，过几天再打开，能看到单位怎么答复。", "Keep this code or address and open it again in some days to read the reply.")) }
        (follow::course(lang, seen))
        @if open { (follow::answer(lang, frame, seen, &format!("/rate/{code}/follow"), fields, faults)) }
    }
}
