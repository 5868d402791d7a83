//! Giving accounts back in person: one official begins, another confirms, a day passes, then there is one link.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Text};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_party::{Error, Invite, NewRecovery, Recovery};
use zhengtong_ui::field::{Field, Form, Input, consent, errors, form, hidden, text};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs, panel};
use zhengtong_ui::press::{Button, actions, link_button, post as post_button, submit};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, reading, staff_only};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/recoveries", get(listed).post(start))
        .route("/desk/recoveries/{id}/confirm", post(confirm))
        .route("/desk/recoveries/{id}/release", post(release))
        .route("/desk/recoveries/{id}/stop", post(stop))
}

/// The account that is to be given back, as the page before knew it.
#[derive(Default, Deserialize)]
struct Wanted {
    account: Option<Uuid>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    login: String,
}

#[derive(Default)]
struct Seen {
    wanted: Wanted,
    fields: Fields,
    errors: Vec<FieldError>,
    said: Option<Text>,
}

async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    show(&visit, &Seen { wanted, ..Seen::default() }).await
}

async fn show(visit: &Visit, seen: &Seen) -> Answer {
    let mut ctx = reading(visit).await?;
    let list = zhengtong_party::recoveries(&mut ctx).await?;
    let now = ctx.now;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let mut frame = bench.frame(visit, visit.lang().pick("找回账号", "Recover accounts"));
    let refused = seen.said.is_some() || !seen.errors.is_empty();
    if refused {
        frame.standing = Standing::Faulty;
    }
    let body = page(&frame, seen, &list, now, visit.actor.person);
    if refused {
        return Ok(bench.refused(visit, &frame, body, Kind::Invalid));
    }
    Ok(bench.page(visit, &frame, body))
}

async fn start(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let account: Uuid = fields.get("account").parse().map_err(|_unreadable| Fault::absent())?;
    let new = NewRecovery {
        account,
        factor: fields.has("factor", "yes"),
        reason: fields.get("why").to_owned(),
        document: fields.get("document").to_owned(),
    };
    match zhengtong_party::start_recovery(&mut ctx, &new).await {
        Ok(_begun) => {
            ctx.commit().await?;
            Ok(redirect("/desk/recoveries"))
        }
        Err(error) => {
            drop(ctx);
            let wanted = Wanted {
                account: Some(account),
                name: fields.get("name").to_owned(),
                login: fields.get("login").to_owned(),
            };
            refused(&visit, error, wanted, fields).await
        }
    }
}

async fn confirm(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_party::confirm_recovery(&mut ctx, id).await {
        Ok(_ready) => {
            ctx.commit().await?;
            Ok(redirect("/desk/recoveries"))
        }
        Err(error) => {
            drop(ctx);
            refused(&visit, error, Wanted::default(), fields).await
        }
    }
}

async fn release(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_party::release_recovery(&mut ctx, id).await {
        Ok(link) => {
            let bench = Bench::load(&mut ctx).await?;
            ctx.commit().await?;
            Ok(link_page(&visit, &bench, &link))
        }
        Err(error) => {
            drop(ctx);
            refused(&visit, error, Wanted::default(), fields).await
        }
    }
}

async fn stop(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_party::stop_recovery(&mut ctx, id, fields.get(&why(id))).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect("/desk/recoveries"))
        }
        Err(error) => {
            drop(ctx);
            refused(&visit, error, Wanted::default(), fields).await
        }
    }
}

async fn refused(visit: &Visit, error: Error, wanted: Wanted, fields: Fields) -> Answer {
    if !matches!(error.kind(), Kind::Invalid | Kind::Conflict) {
        return Err(Fault::from(error));
    }
    let errors = error.fields();
    let said = errors.is_empty().then(|| error.text());
    show(visit, &Seen { wanted, fields, errors, said }).await
}

/// Each recovery of the list has a reason's field of its own.
fn why(id: Uuid) -> String {
    format!("why-{id}")
}

fn page(
    frame: &Frame<'_>,
    seen: &Seen,
    recoveries: &[Recovery],
    now: time::OffsetDateTime,
    me: Option<Uuid>,
) -> Markup {
    let lang = frame.lang;
    html! {
        (errors(lang, &seen.errors))
        @if let Some(said) = &seen.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (title(&Title::new(lang.pick("找回账号", "Recover accounts")).lead(html! { (lang.pick(
            "一人当面核对证件后发起，另一人确认，本人会收到消息；等满一天才能发一次性链接。本人这期间登录成功，找回自动停止。",
            "One official checks the document and begins, another confirms, the owner is told; after a day there is a link. If the owner logs in meanwhile, it stops.",
        )) })))
        @if let Some(account) = seen.wanted.account { (start_form(frame, seen, account)) }
        @if recoveries.is_empty() && seen.wanted.account.is_none() {
            (empty(&Empty {
                icon: Icon::KeyRound,
                title: lang.pick("现在没有正在办的找回", "No recovery goes on").into(),
                body: Some(html! { p { (lang.pick("要发起，请在“窗口核身”里先找到人；办公账号由系统管理员在人员页面发起。", "To begin one, find the person at the counter first.")) } }),
            }))
        }
        @for one in recoveries { (one_panel(frame, one, now, me)) }
    }
}

fn start_form(frame: &Frame<'_>, seen: &Seen, account: Uuid) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&seen.errors, lang)
    };
    let who = format!("{} · {}", seen.wanted.name, seen.wanted.login);
    boxed(
        &Panel::new(lang.pick("发起找回", "Begin")).note(html! { (who) }),
        form(
            frame,
            &Form::post("/desk/recoveries"),
            html! {
                (hidden("account", &account.to_string()))
                (hidden("name", &seen.wanted.name))
                (hidden("login", &seen.wanted.login))
                (text(lang, &field("why", "为什么找回", "Why"), &Input::new(seen.fields.get("why").to_owned())))
                (text(lang, &field("document", "核对了哪种证件", "Which document was checked").hint(lang.pick("例如：身份证原件，照片与本人相符。不要写证件号", "Such as: original identity card, the photo is the person. No number")), &Input::new(seen.fields.get("document").to_owned())))
                (consent(lang, &Field::new("factor", lang.pick("手机上的验证器也丢了，连同恢复码一起作废", "The authenticator is lost too; it and the recovery codes end")).optional(), seen.fields.get("factor")))
                (actions(submit(&Button::new(lang.pick("发起找回", "Begin")))))
            },
        ),
    )
}

fn one_panel(
    frame: &Frame<'_>,
    one: &Recovery,
    now: time::OffsetDateTime,
    me: Option<Uuid>,
) -> Markup {
    let lang = frame.lang;
    let base = format!("/desk/recoveries/{}", one.id);
    let standing = match one.ready {
        None => lamp(Light::Near, lang.pick("等另一人确认", "Waits for another official")),
        Some(ready) if ready > now => lamp(Light::Near, lang.pick("等待期", "Waiting")),
        Some(_) => lamp(Light::Ok, lang.pick("可以发链接", "The link can be given out")),
    };
    let heading = format!("{} · {}", one.name, one.login);
    let mut rows = vec![
        (
            lang.pick("发起", "Begun").into(),
            html! { (one.started_name) " · " (clock_time(one.started)) },
        ),
        (lang.pick("理由", "Why").into(), html! { span lang="zh-CN" { (one.reason) } }),
        (lang.pick("核对", "Checked").into(), html! { span lang="zh-CN" { (one.document) } }),
    ];
    if let (Some(name), Some(at)) = (&one.confirmed_name, one.confirmed) {
        rows.push((lang.pick("确认", "Confirmed").into(), html! { (name) " · " (clock_time(at)) }));
    }
    if let Some(ready) = one.ready {
        rows.push((lang.pick("可发链接", "Link from").into(), html! { (clock_time(ready)) }));
    }
    let stop_name = why(one.id);
    boxed(
        &Panel::new(heading).note(standing),
        html! {
            (pairs(rows))
            @if one.ready.is_none() && me != Some(one.started_by) {
                (actions(post_button(&format!("{base}/confirm"), token(frame), &Button::new(lang.pick("我已核实，确认找回", "I have checked it: confirm")))))
            }
            @if one.ready.is_some_and(|ready| ready <= now) {
                (actions(post_button(&format!("{base}/release"), token(frame), &Button::new(lang.pick("生成一次性链接", "Make the one-time link")))))
            }
            (zhengtong_ui::panel::reveal(lang.pick("停止这次找回", "Stop it"), form(frame, &Form::post(format!("{base}/stop")), html! {
                (text(lang, &Field::new(stop_name.as_str(), lang.pick("理由", "Reason")), &Input::new(String::new())))
                (actions(submit(&Button::danger(lang.pick("停止找回", "Stop")))))
            })))
        },
    )
}

/// The one-time link, shown this once.
fn link_page(visit: &Visit, bench: &Bench, invite: &Invite) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("一次性链接", "One-time link");
    let frame = bench.frame(visit, heading);
    let link = format!("{}/invite/{}", visit.app.settings.public_url, invite.token.as_str());
    let body = html! {
        (title(&Title::new(heading)))
        (notice(&Notice::new(Mood::Warning, lang.pick("只显示这一次，当面交给本人", "Shown this once: hand it to the person")).body(html! { p { (lang.pick(
            "本人打开链接自己设密码。用过或到期就失效。",
            "The person opens it and chooses a password. It ends when used.",
        )) } })))
        (panel(&Panel::default(), html! {
            (pairs([
                (lang.pick("链接", "Link").into(), html! { span.code data-one-time { (link) } }),
                (lang.pick("有效到", "Works until").into(), html! { (clock_time(invite.expires)) }),
            ]))
            (actions(link_button(&Button::secondary(lang.pick("返回", "Back")), "/desk/recoveries")))
        }))
    };
    bench.page(visit, &frame, body)
}
