//! Signing in and out, the second factor, and the one-time link.

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{Failure as _, FieldError, Lang, Text};
use zhengtong_http::{
    Answer, App, ClientCertificate, Fault, Fields, PENDING_COOKIE, SESSION_COOKIE, Uploads, Visit,
    back, redirect, see,
};
use zhengtong_party::{LogIn, Origin, Token, Tried};
use zhengtong_signon::Entered;
use zhengtong_ui::field::{
    Field, Form, Input, code as code_field, error_summary, form, hidden, password, text,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, page, split, title};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, submit};
use zhengtong_ui::{Place, hall};

/// The cookie of whom the browser acted for last: no secret, whether one may is looked up each time.
pub(crate) const BEHALF_COOKIE: &str = "zt_behalf";
/// How long it is remembered, in seconds.
pub(crate) const BEHALF_SECONDS: u32 = 30 * 24 * 60 * 60;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login", get(ask).post(log_in))
        .route("/login/code", get(ask_code).post(enter_code))
        .route("/login/kept", post(ask_kept))
        .route("/logout", post(log_out))
        .route("/invite/{token}", get(ask_invite).post(use_invite))
}

#[derive(Deserialize)]
struct Where {
    #[serde(default)]
    back: String,
}

/// Where a login leads, and what was typed into a form that met it on its way, as JSON.
#[derive(Clone, Copy)]
pub(crate) struct Then<'a> {
    pub(crate) back: &'a str,
    kept: &'a str,
}

impl<'a> Then<'a> {
    pub(crate) fn of(fields: &'a Fields) -> Self {
        Self { back: fields.get("back"), kept: fields.get("kept") }
    }

    /// Only a path to go on to.
    pub(crate) fn to(back: &'a str) -> Self {
        Self { back, kept: "" }
    }

    pub(crate) fn hidden(self) -> Markup {
        html! {
            (hidden("back", self.back))
            @if !self.kept.is_empty() { (hidden("kept", self.kept)) }
        }
    }

    fn notice(self, lang: Lang) -> Markup {
        if self.kept.is_empty() {
            return html! {};
        }
        notice(&Notice::new(Mood::Info, lang.pick("登录已经过期，您刚才填的都在", "Your session has ended; what you typed is kept")).body(html! {
            p { (lang.pick("登录以后接着提交，不用重填。", "Sign in and send it; you need not type it again.")) }
        }))
    }
}

async fn ask(visit: Visit, Query(to): Query<Where>) -> Answer {
    Ok(login_page(&visit, Then { back: &to.back, kept: "" }, "", &[]))
}

/// A form that was sent after its session had ended: what was typed goes through the login.
async fn ask_kept(visit: Visit, Query(to): Query<Where>, sent: Uploads) -> Answer {
    let typed = sent.fields.typed();
    if visit.known().is_ok() {
        return Ok(go_on(&visit, &to.back, &typed));
    }
    let kept = serde_json::to_string(&typed).unwrap_or_default();
    Ok(login_page(&visit, Then { back: &to.back, kept: &kept }, "", &[]))
}

pub(crate) fn login_page(
    visit: &Visit,
    then: Then<'_>,
    login: &str,
    errors: &[FieldError],
) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("登录", "Sign in");
    let mut frame = visit.frame(heading, Place::Elsewhere);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let body = page(split(
        html! {
            (error_summary(lang, &summary))
            (title(&Title::new(heading)))
            (then.notice(lang))
            (form(&frame, &Form::post("/login"), html! {
                (then.hidden())
                (text(lang, &Field::new("login", lang.pick("账号", "Account")).errors(errors, lang), &Input::new(login.to_owned()).autocomplete("username")))
                (password(lang, &Field::new("password", lang.pick("密码", "Password")).errors(errors, lang), "current-password"))
                (actions(submit(&Button::new(lang.pick("登录", "Sign in")).size(Size::Large))))
            }))
            p { a href="/login/recover" { (lang.pick("忘了密码", "Forgotten password")) } }
            (crate::passkey::offer(&frame, then))
            (crate::outside::offer(visit, &frame, then))
        },
        html! { (panel(&Panel::new(lang.pick("登录以后", "After signing in")), html! { p.soft {
            (lang.pick("15 分钟没有操作会自动退出，填过的内容不会丢。", "You are signed out after 15 idle minutes; nothing you filled in is lost."))
        } })) },
    ));
    let mut response = see(hall(&frame, body));
    if !errors.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

async fn log_in(
    visit: Visit,
    headers: HeaderMap,
    shown: ClientCertificate,
    fields: Fields,
) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let origin = Origin { ip: &visit.address, agent: &visit.agent };
    let (login, then) = (fields.get("login"), Then::of(&fields));
    let tried = zhengtong_party::log_in(&mut ctx, login, fields.get("password"), origin).await?;
    ctx.commit().await?;
    match tried {
        Tried::Done(LogIn::Done(token)) => entered(&visit, &headers, token, then).await,
        Tried::Done(LogIn::CodeNeeded(pending)) => {
            second_step(&visit, &headers, &shown, &pending, then).await
        }
        Tried::Refused(error) => {
            let fault = FieldError { field: "login".to_owned(), text: error.text() };
            Ok(login_page(&visit, then, login, &[fault]))
        }
    }
}

/// The password was right: a certificate that came along is the second factor, or else the code is asked for.
async fn second_step(
    visit: &Visit,
    headers: &HeaderMap,
    shown: &ClientCertificate,
    pending: &Token,
    then: Then<'_>,
) -> Result<Response, Fault> {
    let response = match crate::certificate::second_step(visit, shown, pending).await? {
        Some(Entered::In(token)) => return entered(visit, headers, token, then).await,
        Some(Entered::Refused(text)) => code_page(visit, shown, then, &[], Some(&text)),
        None if then.kept.is_empty() => {
            let to = zhengtong_ui::words::encode(then.back);
            redirect(&format!("/login/code?back={to}"))
        }
        None => code_page(visit, shown, then, &[], None),
    };
    // As long as the proof itself is good: after that the way leads to the login again.
    let minutes = zhengtong_party::limits_in_force(&visit.app.db).code_minutes;
    let seconds = u32::try_from(minutes.saturating_mul(60)).unwrap_or(u32::MAX);
    Ok(with_cookie(visit, response, PENDING_COOKIE, pending.as_str(), Some(seconds)))
}

/// The first answer of a session that was opened with a recovery code: to the page that says how many are left.
pub(crate) async fn entered_by_paper(visit: &Visit, headers: &HeaderMap, token: Token) -> Answer {
    entered(visit, headers, token, Then { back: "/my/security", kept: "" }).await
}

/// The first answer of a new session: acting for whom one acted for before, back to where the login came between.
pub(crate) async fn entered(
    visit: &Visit,
    headers: &HeaderMap,
    token: Token,
    then: Then<'_>,
) -> Answer {
    let token = match as_before(visit, headers, &token).await {
        Some(turned) => turned,
        None => token,
    };
    let typed: Vec<(String, String)> = serde_json::from_str(then.kept).unwrap_or_default();
    if typed.is_empty() {
        return Ok(with_session(visit, redirect(target(then.back)), &token));
    }
    let mut now = visit.clone();
    now.token = Some(token.as_str().to_owned());
    if let Some(actor) = zhengtong_party::actor(&visit.app.db, &token).await? {
        now.actor = actor;
    }
    Ok(with_session(visit, go_on(&now, then.back, &typed), &token))
}

/// The organisation that this browser acted for last, if it still may.
async fn as_before(visit: &Visit, headers: &HeaderMap, token: &Token) -> Option<Token> {
    let organisation = zhengtong_http::cookie(headers, BEHALF_COOKIE)?.parse().ok()?;
    let actor = zhengtong_party::actor(&visit.app.db, token).await.ok()??;
    let mut ctx = visit.app.db.begin(actor, &visit.request).await.ok()?;
    let turned = zhengtong_party::act_for(&mut ctx, Some(organisation)).await.ok()?;
    ctx.commit().await.ok()?;
    Some(turned)
}

/// The page that gives back what was typed before the login.
fn go_on(visit: &Visit, to: &str, typed: &[(String, String)]) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("登录好了，接着提交", "Signed in: go on");
    let frame = visit.frame(heading, Place::Elsewhere);
    see(hall(
        &frame,
        page(html! {
            (title(&Title::new(heading)))
            (zhengtong_http::again(&frame, target(to), typed))
        }),
    ))
}

/// Where a login leads: back to the page it interrupted, or to the space of the person.
fn target(to: &str) -> &str {
    match back(to) {
        "/" => "/my",
        path if path.starts_with("/login") => "/my",
        path => path,
    }
}

async fn ask_code(visit: Visit, shown: ClientCertificate, Query(to): Query<Where>) -> Answer {
    Ok(code_page(&visit, &shown, Then { back: &to.back, kept: "" }, &[], None))
}

/// The page of the second step. `said` is why a certificate did not do.
pub(crate) fn code_page(
    visit: &Visit,
    shown: &ClientCertificate,
    then: Then<'_>,
    errors: &[FieldError],
    said: Option<&Text>,
) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("动态码", "One-time code");
    let mut frame = visit.frame(heading, Place::Elsewhere);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let body = page(html! {
        (error_summary(lang, &summary))
        (title(&Title::new(heading)))
        @if let Some(said) = said {
            (notice(&Notice::new(Mood::Warning, lang.pick("证书没有通过，请用动态码", "The certificate did not do; use the code")).body(html! { p { (said.get(lang)) } })))
        }
        (form(&frame, &Form::post("/login/code"), html! {
            (then.hidden())
            (code_field(lang, &Field::new("code", lang.pick("动态码", "One-time code")).hint(lang.pick("打开手机上的验证器，填 6 位数字。", "The six digits of your authenticator.")).errors(errors, lang)))
            (actions(submit(&Button::new(lang.pick("继续", "Continue")).size(Size::Large))))
        }))
        @if said.is_none() { (crate::certificate::offer(&frame, shown, then)) }
        p { a href="/login/recovery-code" { (lang.pick("手机不在身边？用恢复码", "No phone? Use a recovery code")) } }
        p { a href={ "/login?back=" (zhengtong_ui::words::encode(then.back)) } { (lang.pick("换账号，重新登录", "Sign in again, with another account")) } }
    });
    let mut response = see(hall(&frame, body));
    if said.is_some() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

async fn enter_code(
    visit: Visit,
    headers: HeaderMap,
    shown: ClientCertificate,
    fields: Fields,
) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let pending = zhengtong_http::cookie(&headers, PENDING_COOKIE).unwrap_or_default();
    let tried =
        zhengtong_party::enter_code(&mut ctx, &Token::from_text(pending), fields.get("code"))
            .await?;
    ctx.commit().await?;
    let then = Then::of(&fields);
    match tried {
        Tried::Done(token) => {
            let response = entered(&visit, &headers, token, then).await?;
            Ok(with_cookie(&visit, response, PENDING_COOKIE, "", Some(0)))
        }
        Tried::Refused(error) => {
            let fault = FieldError { field: "code".to_owned(), text: error.text() };
            Ok(code_page(&visit, &shown, then, &[fault], None))
        }
    }
}

async fn log_out(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    if visit.actor.session.is_some() {
        zhengtong_party::log_out(&mut ctx).await?;
    }
    ctx.commit().await?;
    Ok(with_cookie(&visit, redirect("/"), SESSION_COOKIE, "", Some(0)))
}

async fn ask_invite(visit: Visit, Path(token): Path<String>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let login = zhengtong_party::invited(&mut ctx, &Token::from_text(token.as_str())).await?;
    ctx.commit().await?;
    Ok(invite_page(&visit, &token, login.as_deref(), &[]))
}

fn invite_page(visit: &Visit, token: &str, login: Option<&str>, errors: &[FieldError]) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("设定密码", "Set your password");
    let frame = visit.frame(heading, Place::Elsewhere);
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let body = page(html! {
        (error_summary(lang, &summary))
        (title(&Title::new(heading)))
        @match login {
            Some(login) => {
                p { (lang.pick("账号：", "Account: ")) strong { (login) } }
                (form(&frame, &Form::post(format!("/invite/{token}")), html! {
                    (password(lang, &Field::new("new", lang.pick("新密码", "New password")).hint(crate::recover::password_hint(lang)).errors(errors, lang), "new-password"))
                    (actions(submit(&Button::new(lang.pick("设定密码", "Set password")))))
                }))
            },
            None => p { (lang.pick("这个链接已经用过或过期了，请找管理员再发一个。", "This link was used or has expired; ask the administrator for a new one.")) },
        }
    });
    see(hall(&frame, body))
}

async fn use_invite(visit: Visit, Path(token): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let given = Token::from_text(token.as_str());
    match zhengtong_party::use_invite(&mut ctx, &given, fields.get("new")).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect("/login"))
        }
        Err(error) => {
            drop(ctx);
            let mut ctx = visit.ctx().await?;
            let login = zhengtong_party::invited(&mut ctx, &given).await?;
            ctx.commit().await?;
            let fault = FieldError { field: "new".to_owned(), text: error.text() };
            Ok(invite_page(&visit, &token, login.as_deref(), &[fault]))
        }
    }
}

/// The answer with the cookie of a session.
pub(crate) fn with_session(visit: &Visit, response: Response, token: &Token) -> Response {
    with_cookie(visit, response, SESSION_COOKIE, token.as_str(), None)
}

pub(crate) fn with_cookie(
    visit: &Visit,
    response: Response,
    name: &str,
    value: &str,
    seconds: Option<u32>,
) -> Response {
    let secure =
        if visit.app.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    let mut response = response.into_response();
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
