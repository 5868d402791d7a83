//! One's own place at the workbench: the post one acts in, and the second factor without which staff have no roles.

use axum::Router;
use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use maud::{Markup, PreEscaped, html};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang};
use zhengtong_http::{Answer, App, Fault, Fields, SESSION_COOKIE, Visit, back, redirect, within};
use zhengtong_party::{AccountCard, Enrolment, OwnPost, Token, Tried};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, code, errors, form, hidden};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{Button, actions, post as post_button, submit};
use zhengtong_ui::words::encode;

use crate::bench::{Bench, reading, staff_only};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/me", get(me))
        .route("/desk/me/post", post(choose))
        .route("/desk/me/factor", post(begin))
        .route("/desk/me/factor/code", post(confirm))
}

/// What the page shows.
struct Mine {
    bench: Bench,
    account: AccountCard,
    pending: Option<Enrolment>,
}

impl Mine {
    async fn load(visit: &Visit) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let account = zhengtong_party::my_account(&mut ctx).await?;
        let pending = zhengtong_party::pending_totp(&mut ctx).await?;
        let bench = Bench::load(&mut ctx).await?;
        ctx.commit().await?;
        Ok(Self { bench, account, pending })
    }
}

/// Where one was when the second factor came between.
#[derive(Default, Deserialize)]
struct Where {
    #[serde(default)]
    back: String,
}

async fn me(visit: Visit, Query(to): Query<Where>) -> Answer {
    let mine = Mine::load(&visit).await?;
    let frame = mine.bench.frame(&visit, visit.lang().pick("我的岗位", "My posts"));
    let body = page(&visit, &frame, &mine, &to.back, &[]);
    Ok(mine.bench.page(&visit, &frame, body))
}

async fn choose(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let post: Uuid = fields.get("post").parse().map_err(|_unreadable| Fault::absent())?;
    let token = zhengtong_party::choose_post(&mut ctx, post).await?;
    ctx.commit().await?;
    Ok(with_session(&visit, redirect("/desk"), &token))
}

async fn begin(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    zhengtong_party::enrol_totp(&mut ctx).await?;
    ctx.commit().await?;
    let to = fields.get("back");
    Ok(if to.is_empty() {
        redirect("/desk/me#factor")
    } else {
        redirect(&format!("/desk/me?back={}#factor", encode(to)))
    })
}

async fn confirm(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let tried = zhengtong_party::confirm_totp(&mut ctx, fields.get("code")).await?;
    // A wrong code is counted, so this is kept in both cases.
    ctx.commit().await?;
    match tried {
        Tried::Done(token) => {
            Ok(with_session(&visit, redirect(onward(fields.get("back"))), &token))
        }
        Tried::Refused(error) => {
            let wrong = FieldError { field: "code".to_owned(), text: error.text() };
            let mine = Mine::load(&visit).await?;
            let mut frame = mine.bench.frame(&visit, visit.lang().pick("我的岗位", "My posts"));
            frame.standing = Standing::Faulty;
            let body = page(&visit, &frame, &mine, fields.get("back"), &[wrong]);
            Ok(mine.bench.refused(&visit, &frame, body, Kind::Invalid))
        }
    }
}

/// Back to the page that the second factor came between, or to the workbench.
fn onward(to: &str) -> &str {
    match back(to) {
        "/" => "/desk",
        path if within(path, "/desk/me") => "/desk",
        path => path,
    }
}

/// The answer with the session's new token.
fn with_session(visit: &Visit, response: Response, token: &Token) -> Response {
    let secure =
        if visit.app.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    let cookie =
        format!("{SESSION_COOKIE}={}; Path=/; HttpOnly; SameSite=Lax{secure}", token.as_str());
    let mut response = response;
    match cookie.parse() {
        Ok(cookie) => {
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        Err(_unprintable) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn page(visit: &Visit, frame: &Frame<'_>, mine: &Mine, to: &str, wrong: &[FieldError]) -> Markup {
    let lang = frame.lang;
    let half_way = visit.actor.roles.iter().any(|role| role == zhengtong_party::HALF_WAY);
    let no_roles = half_way || visit.actor.roles.is_empty();
    html! {
        (errors(lang, wrong))
        (title(&Title::new(lang.pick("我的岗位", "My posts")).meta(html! {
            (visit.actor.name) " · " (mine.account.login)
        })))
        @if half_way {
            (notice(&Notice::new(Mood::Warning, lang.pick("先开通第二重验证，才能办公", "Set up a second factor first")).body(html! { p { (lang.pick(
                "在岗人员要有两重验证：密码加动态码，或者通行密钥。没开通之前，岗位不生效，办件和管理页面都打不开。",
                "Staff need two factors: a password and a one-time code, or a passkey. Until then your post is not in force.",
            )) } p { a href="/my/passkeys" { (lang.pick("用通行密钥（指纹、面容或安全钥匙）", "Use a passkey instead")) } } })))
        } @else if no_roles {
            (notice(&Notice::new(Mood::Warning, lang.pick("您现在没有岗位", "You hold no post now")).body(html! { p { (lang.pick(
                "请本单位的负责人找安全管理员给您安排岗位，安排好后重新打开这一页。",
                "Ask for a post: the security administrator gives it. Then open this page again.",
            )) } })))
        }
        (split(
            html! { (posts(frame, &mine.bench.posts)) (factor(frame, mine, to, wrong)) },
            html! { (panel(&Panel::new(lang.pick("账号", "Account")), list(&[
                Entry::link(lang.pick("改密码", "Change password"), "/my/password"),
                Entry::link(lang.pick("在哪些设备上登录着", "Where you are signed in"), "/my/sessions"),
                Entry::link(lang.pick("通行密钥：用指纹或面容登录", "Passkeys"), "/my/passkeys"),
                Entry::link(lang.pick("数字证书", "Certificates"), "/my/certificates"),
                Entry::link(lang.pick("恢复码和账号安全", "Recovery codes and security"), "/my/security"),
                Entry::link(lang.pick("代理：休假时请同事代办", "Substitutes"), "/desk/substitutes"),
            ]))) },
        ))
    }
}

fn posts(frame: &Frame<'_>, posts: &[OwnPost]) -> Markup {
    let lang = frame.lang;
    let entries: Vec<Entry> = posts
        .iter()
        .map(|own| {
            let entry = Entry::new(html! { strong { (own.post.title.get(lang)) } @if own.standing_in { " " (tag(Tone::Line, lang.pick("代理", "substitute"))) } })
                .note(html! { (own.organisation.get(lang)) });
            entry.end(if own.chosen {
                tag(Tone::Active, lang.pick("现在用这个岗位", "In use"))
            } else {
                let button = Button::secondary(lang.pick("换到这个岗位", "Use this post"))
                    .sends("post", own.post.id.to_string());
                post_button("/desk/me/post", token(frame), &button)
            })
        })
        .collect();
    panel(
        &Panel::new(lang.pick("岗位", "Posts")),
        html! {
            @if entries.is_empty() {
                p.soft { (lang.pick("没有安排岗位。", "No post.")) }
            } @else {
                p.soft { (lang.pick(
                    "办件权限跟着岗位走；有几个岗位时，一次用一个。",
                    "What you may do follows your post; with several posts you use one at a time.",
                )) }
                (list(&entries))
            }
        },
    )
}

fn factor(frame: &Frame<'_>, mine: &Mine, to: &str, wrong: &[FieldError]) -> Markup {
    let lang = frame.lang;
    let state = if mine.account.second_factor {
        lamp(Light::Ok, lang.pick("已开通", "Set up"))
    } else {
        lamp(Light::Near, lang.pick("未开通", "Not set up"))
    };
    let words = if mine.account.second_factor {
        lang.pick("换一部手机", "Use another phone")
    } else {
        lang.pick("开通动态码", "Set up the code")
    };
    panel(
        &Panel::new(lang.pick("动态码", "One-time code")).id("factor").note(state),
        html! {
            @match &mine.pending {
                Some(pending) => (enrolment(frame, pending, to, wrong)),
                None => (post_button("/desk/me/factor", token(frame), &Button::secondary(words).sends("back", to.to_owned()))),
            }
        },
    )
}

fn enrolment(frame: &Frame<'_>, pending: &Enrolment, to: &str, wrong: &[FieldError]) -> Markup {
    let lang = frame.lang;
    html! {
        p { (lang.pick(
            "用手机上的验证器扫描二维码，或手工输入密钥，然后填它显示的 6 位数字。",
            "Scan the code with an authenticator, or type the key, then enter the six digits it shows.",
        )) }
        (square(lang, &pending.url))
        (pairs([(lang.pick("密钥", "Key").into(), html! { @for group in in_groups(&pending.secret) { span.code { (group) } " " } })]))
        (form(frame, &Form::post("/desk/me/factor/code"), html! {
            (hidden("back", to))
            (code(lang, &Field::new("code", lang.pick("6 位数字", "Six digits")).errors(wrong, lang)))
            (actions(submit(&Button::new(lang.pick("开通", "Set up")))))
        }))
    }
}

/// The address as a QR code, black on white in every theme; a very long one has only its key in letters.
fn square(lang: Lang, url: &str) -> Markup {
    let Ok(code) = QrCode::new(url.as_bytes()) else { return html! {} };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    let picture = drawn.find("<svg").and_then(|start| drawn.get(start..)).unwrap_or_default();
    html! { div role="img" aria-label=(lang.pick("验证器的二维码", "Code for the authenticator")) {
        (PreEscaped(picture))
    } }
}

/// The letters in groups of four, so that a line may break between them.
fn in_groups(secret: &str) -> Vec<String> {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_in_groups_and_as_a_picture() {
        assert_eq!(in_groups("GEZDGNBVGY"), ["GEZD", "GNBV", "GY"]);
        let html = square(Lang::Zh, "otpauth://totp/x?secret=GEZDGNBVGY").into_string();
        assert!(html.contains("<svg") && !html.contains("<?xml"));
        assert!(!html.contains("style="));
    }
}
