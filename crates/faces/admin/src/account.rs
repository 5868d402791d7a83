//! What administrators do with accounts: make, disable, enable, send the first one-time link again.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;
use maud::html;
use uuid::Uuid;
use zhengtong_base::{Failure, Kind};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_party::{AccountKind, Invite, NewAccount};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{Button, actions, link_button};

use crate::bench::{Bench, Typed, acting};
use crate::person::{again, why};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/people/{person}/account", post(create))
        .route("/admin/people/{person}/account/{id}/disable", post(disable))
        .route("/admin/people/{person}/account/{id}/enable", post(enable))
        .route("/admin/people/{person}/account/{id}/invite", post(invite))
        .route("/admin/people/{person}/account/{id}/certificate/{certificate}", post(withdraw))
}

async fn create(visit: Visit, Path(person): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let new = NewAccount {
        login: fields.get("login").to_owned(),
        kind: AccountKind::from_word(fields.get("kind")).unwrap_or(AccountKind::Staff),
        person,
    };
    let bench = Bench::of(&ctx);
    match zhengtong_party::create_account(&mut ctx, &new).await {
        Ok(invite) => {
            ctx.commit().await?;
            Ok(link_page(&visit, &bench, &invite, &new.login))
        }
        Err(error) => refused(&visit, ctx, (person, None), error, fields).await,
    }
}

async fn invite(visit: Visit, Path((person, id)): Path<(Uuid, Uuid)>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let bench = Bench::of(&ctx);
    match zhengtong_party::invite(&mut ctx, id).await {
        Ok(invite) => {
            ctx.commit().await?;
            Ok(link_page(&visit, &bench, &invite, fields.get("login")))
        }
        Err(error) => refused(&visit, ctx, (person, None), error, fields).await,
    }
}

async fn disable(visit: Visit, Path((person, id)): Path<(Uuid, Uuid)>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let outcome = put_out(&mut ctx, person, id, &fields).await;
    settle(&visit, ctx, (person, id), outcome, fields).await
}

async fn enable(visit: Visit, Path((person, id)): Path<(Uuid, Uuid)>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let outcome = zhengtong_party::enable_account(&mut ctx, id, fields.get(&why(id))).await;
    settle(&visit, ctx, (person, id), outcome, fields).await
}

/// Takes a certificate off; the field of its reason is its own, since a page may hold several.
async fn withdraw(
    visit: Visit,
    Path((person, id, certificate)): Path<(Uuid, Uuid, Uuid)>,
    fields: Fields,
) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let reason = fields.get(&why(certificate)).to_owned();
    let outcome = zhengtong_signon::withdraw_certificate(&mut ctx, id, certificate, &reason).await;
    settle(&visit, ctx, (person, certificate), outcome, fields).await
}

/// Disables, unless tasks would wait for nobody and it can wait.
async fn put_out(
    ctx: &mut Ctx,
    person: Uuid,
    id: Uuid,
    fields: &Fields,
) -> zhengtong_casework::Result<()> {
    let accounts = zhengtong_party::accounts(ctx, person).await?;
    let account = accounts.into_iter().find(|account| account.id == id);
    let absent = || zhengtong_db::Error::absent("account", id.to_string());
    let account = account.ok_or_else(absent)?;
    let urgent = fields.has("urgent", "yes");
    let reason = fields.get(&why(id));
    zhengtong_casework::disable_account(ctx, person, &account, reason, urgent).await
}

async fn settle<E: Failure>(
    visit: &Visit,
    ctx: Ctx,
    (person, id): (Uuid, Uuid),
    outcome: Result<(), E>,
    fields: Fields,
) -> Answer {
    match outcome {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/admin/people/{person}")))
        }
        Err(error) => refused(visit, ctx, (person, Some(id)), error, fields).await,
    }
}

/// The page of the person once more, with what was typed and why it was refused.
async fn refused<E: Failure>(
    visit: &Visit,
    ctx: Ctx,
    (person, account): (Uuid, Option<Uuid>),
    error: E,
    fields: Fields,
) -> Answer {
    if !matches!(error.kind(), Kind::Invalid | Kind::Conflict) {
        return Err(Fault::from(error));
    }
    drop(ctx);
    let mut errors = error.fields();
    for error in errors.iter_mut().filter(|error| error.field == "why") {
        error.field = account.map(why).unwrap_or_default();
    }
    let said = errors.is_empty().then(|| error.text());
    again(visit, person, &Typed { fields, errors, said }).await
}

/// The one-time link, shown this once: it is not kept in a form that could be shown again.
pub(crate) fn link_page(visit: &Visit, bench: &Bench, invite: &Invite, login: &str) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("一次性链接", "One-time link");
    let frame = Bench::frame(visit, heading);
    let link = format!("{}/invite/{}", visit.app.settings.public_url, invite.token.as_str());
    let body = html! {
        (title(&Title::new(heading)))
        (notice(&Notice::new(Mood::Warning, lang.pick("只显示这一次，请现在就交给本人", "Shown this once: hand it to its owner now")).body(html! { p { (lang.pick(
            "本人打开链接自己设密码。链接用过或到期就失效；丢了可以再发一个，旧的随即作废。",
            "Its owner opens it and chooses a password. It ends when used; if it is lost, a new one ends the old.",
        )) } })))
        (panel(&Panel::default(), html! {
            (pairs([
                (lang.pick("账号", "Login").into(), html! { (login.trim()) }),
                (lang.pick("链接", "Link").into(), html! { span.code data-one-time { (link) } }),
                (lang.pick("有效到", "Until").into(), html! { (clock_time(invite.expires)) }),
            ]))
            (actions(link_button(&Button::secondary(lang.pick("回到人员", "Back to people")), "/admin/people")))
        }))
    };
    bench.page(visit, &frame, body)
}
