//! Single sign-on as people meet it: what another system asks for, logging out, and the systems one has agreed to.

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use zhengtong_base::{Lang, Text};
use zhengtong_http::{Answer, App, Fields, SESSION_COOKIE, Visit, clock_time, redirect, see};
use zhengtong_signon::{Agreed, Asking, Confirmed, Consent, Leaving, Scope, Step, VIA};
use zhengtong_ui::field::{Form, form, hidden};
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::back as back_link;
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, boxed, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, post as post_button, submit};
use zhengtong_ui::{Frame, Icon, Place, hall};

use crate::login::with_cookie;

/// Names and values, in their order.
type Params = Vec<(String, String)>;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/oauth/authorize", get(authorize).post(answer))
        .route("/oauth/logout", get(leave).post(left))
        .route("/my/systems", get(systems))
        .route("/my/systems/{client}", post(withdraw))
}

/// How the person came: by a link, or through a form of ours. Browsers hold redirects that follow a form to our own
/// site, so after a form the way on is a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    Link,
    Form,
}

async fn authorize(visit: Visit, Query(params): Query<Params>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let step = zhengtong_signon::authorize(&mut ctx, &params).await?;
    ctx.commit().await?;
    let came = if params.iter().any(|(name, _)| name == VIA) { Came::Form } else { Came::Link };
    Ok(next(&visit, step, &params, came))
}

async fn answer(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let given = fields.has("answer", "yes");
    let mut params = fields.inputs();
    params.retain(|(name, _)| name != "answer");
    let consent = if given { Consent::Given } else { Consent::Refused };
    let step = zhengtong_signon::answer(&mut ctx, &params, consent).await?;
    ctx.commit().await?;
    Ok(next(&visit, step, &params, Came::Form))
}

fn next(visit: &Visit, step: Step, params: &Params, came: Came) -> Response {
    match step {
        Step::Broken(text) => broken(visit, &text),
        Step::Back(url) => onward(visit, &url, came),
        Step::LogIn(path) => {
            redirect(&format!("/login?back={}", zhengtong_ui::words::encode(&path)))
        }
        Step::Ask(asking) => ask_page(visit, &asking, params),
    }
}

pub(crate) fn onward(visit: &Visit, url: &str, came: Came) -> Response {
    if came == Came::Link {
        return redirect(url);
    }
    let lang = visit.lang();
    let heading = lang.pick("正在带您回去", "Taking you back");
    let frame = visit.frame(heading, Place::Elsewhere);
    let mut response = see(hall(
        &frame,
        page(html! {
            (title(&Title::new(heading).lead(html! { (lang.pick("没有自动跳转的话，请按下面的按钮。", "If nothing happens, press the button.")) })))
            (actions(link_button(&Button::new(lang.pick("继续", "Continue")).size(Size::Large), url)))
        }),
    ));
    if let Ok(value) = HeaderValue::from_str(&format!("0; url={url}")) {
        response.headers_mut().insert(HeaderName::from_static("refresh"), value);
    }
    response
}

fn broken(visit: &Visit, text: &Text) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("没有继续登录", "The sign-in was stopped");
    let frame = visit.frame(heading, Place::Elsewhere);
    let mut response = see(hall(
        &frame,
        page(html! {
            (title(&Title::new(heading)))
            (notice(&Notice::new(Mood::Failure, text.get(lang))))
            (actions(link_button(&Button::secondary(lang.pick("回到首页", "To the front page")), "/")))
        }),
    ));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

fn ask_page(visit: &Visit, asking: &Asking, params: &Params) -> Response {
    let lang = visit.lang();
    let name = asking.client.get(lang);
    let heading = match lang {
        Lang::Zh => format!("用您的账号登录“{name}”？"),
        Lang::En => format!("Sign in to {name} with your account?"),
    };
    let frame = visit.frame(&heading, Place::Elsewhere);
    let body = page(html! {
        (title(&Title::new(heading.as_str()).meta(html! {
            (lang.pick("管理单位：", "Run by: ")) (asking.organisation.get(lang))
            " · " (lang.pick("登录后去往 ", "leads to ")) span.nowrap { (asking.host) }
        })))
        (panel(&Panel::new(lang.pick("它会知道您的", "It will learn of you")), scopes(lang, &asking.scopes)))
        p { (lang.pick("您现在的账号：", "You are signed in as: ")) strong { (visit.actor.name) } }
        (form(&frame, &Form::post("/oauth/authorize"), html! {
            @for (name, value) in params.iter().filter(|(name, _)| name != "csrf" && name != "answer") { (hidden(name, value)) }
            (actions(html! {
                (submit(&Button::new(lang.pick("同意并登录", "Agree and sign in")).size(Size::Large).sends("answer", "yes")))
                (submit(&Button::secondary(lang.pick("不同意", "Do not agree")).size(Size::Large).sends("answer", "no")))
            }))
        }))
        p.meta { (lang.pick(
            "同意一次就记住。以后可以随时在“我的”里的“授权过的系统”收回；每次读取都有记录，您看得到。",
            "Your answer is remembered. You can take it back at any time under My space, Systems you agreed to; every reading is on record for you to see.",
        )) }
    });
    see(hall(&frame, body))
}

fn scopes(lang: Lang, scopes: &[Scope]) -> Markup {
    let rows: Vec<Entry> = scopes
        .iter()
        .map(|scope| Entry::new(html! { (scope.title().get(lang)) }).icon(Icon::Check))
        .collect();
    list(&rows)
}

async fn leave(visit: Visit, Query(params): Query<Params>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let leaving = zhengtong_signon::leave(&mut ctx, &params, Confirmed::No).await?;
    ctx.commit().await?;
    Ok(match leaving {
        Leaving::Left(to) => gone(&visit, to, Came::Link),
        Leaving::Ask(_) => leave_page(&visit, &params),
    })
}

async fn left(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let params = fields.inputs();
    let leaving = zhengtong_signon::leave(&mut ctx, &params, Confirmed::Yes).await?;
    ctx.commit().await?;
    Ok(match leaving {
        Leaving::Left(to) => gone(&visit, to, Came::Form),
        Leaving::Ask(_) => leave_page(&visit, &params),
    })
}

fn gone(visit: &Visit, to: Option<String>, came: Came) -> Response {
    let mut now = visit.clone();
    now.actor = zhengtong_db::Actor::visitor();
    let response = match to {
        Some(url) => onward(&now, &url, came),
        None => redirect("/"),
    };
    with_cookie(visit, response, SESSION_COOKIE, "", Some(0))
}

fn leave_page(visit: &Visit, params: &Params) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("退出登录？", "Sign out?");
    let frame = visit.frame(heading, Place::Elsewhere);
    let lead = lang.pick(
        "您在别的系统里按了退出。在这里也退出的话，用同一账号登录的其他系统会一起退出。",
        "You signed out of another system. Signing out here too also signs you out of the other systems you opened with this account.",
    );
    let body = page(html! {
        (title(&Title::new(heading).lead(html! { (lead) })))
        (form(&frame, &Form::post("/oauth/logout"), html! {
            @for (name, value) in params.iter().filter(|(name, _)| name != "csrf") { (hidden(name, value)) }
            (actions(html! {
                (submit(&Button::new(lang.pick("退出", "Sign out")).size(Size::Large)))
                (link_button(&Button::secondary(lang.pick("不退出", "Stay signed in")).size(Size::Large), "/my"))
            }))
        }))
    });
    see(hall(&frame, body))
}

async fn systems(visit: Visit) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let systems = zhengtong_signon::agreed(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("授权过的系统", "Systems you agreed to");
    let frame = visit.frame(heading, Place::Mine);
    let lead = lang.pick(
        "您同意过用本站账号登录这些系统。收回后它们马上读不到您的信息，下次登录要重新问您。",
        "You agreed to sign in to these systems with this account. When you take it back they can read nothing any more and have to ask again.",
    );
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), "/my"))
        (title(&Title::new(heading).lead(html! { (lead) })))
        @if systems.is_empty() {
            (empty(&Empty {
                icon: Icon::Link,
                title: lang.pick("还没有", "None so far").into(),
                body: Some(html! { p { (lang.pick("用本站账号登录别的系统时，会先问您。", "You are asked when you sign in to another system with this account.")) } }),
            }))
        }
        @for one in &systems { (agreed(&frame, one)) }
    });
    Ok(see(hall(&frame, body)))
}

fn agreed(frame: &Frame<'_>, one: &Agreed) -> Markup {
    let lang = frame.lang;
    let token = zhengtong_ui::frame::token(frame);
    boxed(
        &Panel::new(one.name.get(lang)),
        html! {
            p.meta {
                (lang.pick("管理单位：", "Run by: ")) (one.organisation.get(lang))
                " · " span.nowrap { (lang.pick("同意于 ", "agreed ")) (clock_time(one.granted)) }
                @if let Some(last) = one.last { " · " span.nowrap { (lang.pick("最近登录 ", "last used ")) (clock_time(last)) } }
            }
            (scopes(lang, &one.scopes))
            (post_button(&format!("/my/systems/{}", one.client), token, &Button::danger(match lang {
                Lang::Zh => format!("收回给“{}”的授权", one.name.get(lang)),
                Lang::En => format!("Take back from {}", one.name.get(lang)),
            })))
        },
    )
}

async fn withdraw(visit: Visit, Path(client): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_signon::withdraw(&mut ctx, &client).await?;
    ctx.commit().await?;
    Ok(redirect("/my/systems"))
}
