//! When the device or the password is lost: a recovery code in place of the one-time code, a new password by a
//! recovery code, and the way in person.

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use maud::html;
use zhengtong_base::{Failure, FieldError, Kind};
use zhengtong_http::{Answer, App, Fault, Fields, PENDING_COOKIE, Visit, redirect, see};
use zhengtong_party::{Origin, Token, Tried};
use zhengtong_ui::field::{
    Field, Form, Input, Kind as InputKind, error_summary, form, hidden, password, text,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, page, split, title};
use zhengtong_ui::navigate::back as back_link;
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};
use zhengtong_ui::{Place, hall};

use crate::login::{entered_by_paper, with_cookie};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login/recovery-code", get(ask_code).post(enter_code))
        .route("/login/recover", get(ask).post(recover))
        .route("/login/recover/done", get(done))
}

async fn ask_code(visit: Visit) -> Answer {
    Ok(code_page(&visit, &[]))
}

fn code_page(visit: &Visit, errors: &[FieldError]) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("用恢复码登录", "Sign in with a recovery code");
    let mut frame = visit.frame(heading, Place::Elsewhere);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let hint = lang.pick(
        "您生成恢复码时抄下或打印的 16 位，每个只能用一次。",
        "One of the sixteen-letter codes you wrote down; each works once.",
    );
    let body = page(html! {
        (back_link(lang.pick("用动态码", "Use the one-time code"), "/login/code"))
        (error_summary(lang, &summary))
        (title(&Title::new(heading)))
        (form(&frame, &Form::post("/login/recovery-code"), html! {
            (text(lang, &Field::new("code", lang.pick("恢复码", "Recovery code")).hint(hint).errors(errors, lang), &Input::new(String::new()).kind(InputKind::Code).autocomplete("off")))
            (actions(submit(&Button::new(lang.pick("继续", "Continue")).size(Size::Large))))
        }))
        p.soft { (lang.pick("恢复码也没有了？请带证件到政务服务窗口；在岗人员找系统管理员。", "No codes either? Come to a counter with your document; staff ask the system administrator.")) }
    });
    answer(&frame, body, errors)
}

async fn enter_code(visit: Visit, headers: HeaderMap, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let pending = zhengtong_http::cookie(&headers, PENDING_COOKIE).unwrap_or_default();
    let pending = Token::from_text(pending);
    let tried =
        zhengtong_party::enter_recovery_code(&mut ctx, &pending, fields.get("code")).await?;
    ctx.commit().await?;
    match tried {
        Tried::Done(token) => {
            let response = entered_by_paper(&visit, &headers, token).await?;
            Ok(with_cookie(&visit, response, PENDING_COOKIE, "", Some(0)))
        }
        Tried::Refused(error) => {
            let fault = FieldError { field: "code".to_owned(), text: error.text() };
            Ok(code_page(&visit, &[fault]))
        }
    }
}

async fn ask(visit: Visit) -> Answer {
    Ok(recover_page(&visit, "", &[]))
}

fn recover_page(visit: &Visit, login: &str, errors: &[FieldError]) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("忘了密码", "Forgotten password");
    let mut frame = visit.frame(heading, Place::Elsewhere);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(errors, lang)
    };
    let body = page(split(
        html! {
            (back_link(lang.pick("登录", "Sign in"), "/login"))
            (error_summary(lang, &summary))
            (title(&Title::new(heading).lead(html! { (lang.pick("有恢复码，就在这里自己设一个新密码。", "With a recovery code you set a new one here.")) })))
            (form(&frame, &Form::post("/login/recover"), html! {
                (hidden("form", "recover"))
                (text(lang, &field("login", "账号", "Account"), &Input::new(login.to_owned()).autocomplete("username")))
                (text(lang, &field("code", "恢复码", "Recovery code"), &Input::new(String::new()).kind(InputKind::Code).autocomplete("off")))
                (password(lang, &field("new", "新密码", "New password").hint(password_hint(lang)), "new-password"))
                (actions(submit(&Button::new(lang.pick("设定新密码", "Set the new password")).size(Size::Large))))
            }))
        },
        html! { (panel(&Panel::new(lang.pick("没有恢复码", "Without a code")), html! {
            p { (lang.pick("带身份证件到任一政务服务窗口。工作人员核对证件、另一人确认，等满一天，窗口给您一个只能用一次的链接。", "Come to any counter with your document. One official checks it, another confirms; after a day you get a link that works once.")) }
            p.soft { (lang.pick("打电话办不了：我们不会在电话里改密码，也不会向您要密码、动态码或恢复码。", "It cannot be done by telephone: we never change a password there, and never ask you for a password or a code.")) }
        })) },
    ));
    answer(&frame, body, errors)
}

/// What makes a password good enough.
pub(crate) fn password_hint(lang: zhengtong_base::Lang) -> &'static str {
    lang.pick(
        "至少 10 位，可以是一句话；别用姓名、生日、电话和常见密码。",
        "At least 10 characters; a sentence is fine. No name, birthday, telephone or common password.",
    )
}

async fn recover(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let origin = Origin { ip: &visit.address, agent: &visit.agent };
    let (login, code, new) = (fields.get("login"), fields.get("code"), fields.get("new"));
    match zhengtong_party::recover_by_code(&mut ctx, login, code, new, origin).await {
        Ok(Tried::Done(())) => {
            ctx.commit().await?;
            Ok(redirect("/login/recover/done"))
        }
        Ok(Tried::Refused(error)) => {
            ctx.commit().await?;
            let fault = FieldError { field: "code".to_owned(), text: error.text() };
            Ok(recover_page(&visit, login, &[fault]))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            Ok(recover_page(&visit, login, &error.fields()))
        }
        Err(error) => Err(Fault::from(error)),
    }
}

/// After the new password was set.
async fn done(visit: Visit) -> Answer {
    let lang = visit.lang();
    let heading = lang.pick("密码设好了", "Your password is set");
    let frame = visit.frame(heading, Place::Elsewhere);
    let body = page(html! {
        (title(&Title::new(heading)))
        (notice(&Notice::new(Mood::Done, lang.pick("所有设备都已退出登录", "All devices were signed out")).body(html! { p { (lang.pick(
            "请用新密码登录。开通了动态码的，登录时还要动态码或另一个恢复码。",
            "Sign in with the new password; if you have a one-time code, it is still needed.",
        )) } })))
        (actions(link_button(&Button::new(lang.pick("去登录", "Sign in")), "/login")))
    });
    Ok(see(hall(&frame, body)))
}

fn answer(frame: &zhengtong_ui::Frame<'_>, body: maud::Markup, errors: &[FieldError]) -> Response {
    let mut response = see(hall(frame, body));
    if !errors.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}
