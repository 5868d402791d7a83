//! Certificates: the second step of a login, and one's own certificates. The browser shows the certificate to the
//! balancer in front, which hands it on.

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Lang, Text};
use zhengtong_db::Ctx;
use zhengtong_http::{
    Answer, App, ClientCertificate, Fault, Fields, PENDING_COOKIE, Visit, clock_time, redirect, see,
};
use zhengtong_party::Token;
use zhengtong_signon::{CertificateCard, Entered, Presented, Seen};
use zhengtong_ui::field::{Form, form};
use zhengtong_ui::frame::token;
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::back as back_link;
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs, panel};
use zhengtong_ui::press::{Button, Size, actions, post as post_button, submit};
use zhengtong_ui::table::code;
use zhengtong_ui::{Frame, Icon, Place, hall};

use crate::login::{Then, code_page, entered, with_cookie, with_session};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login/certificate", post(enter))
        .route("/my/certificates", get(certificates).post(add))
        .route("/my/certificates/{id}", post(remove))
}

/// What came with the request, as the suite looks at it.
fn presented(shown: &ClientCertificate) -> Option<Presented<'_>> {
    match shown {
        ClientCertificate::Given { leaf, chain } => Some(Presented { leaf, chain }),
        _ => None,
    }
}

/// The second step of a login with the certificate that came along; none when none came.
pub(crate) async fn second_step(
    visit: &Visit,
    shown: &ClientCertificate,
    pending: &Token,
) -> Result<Option<Entered>, Fault> {
    let Some(given) = presented(shown) else {
        return Ok(shown.refusal().map(Entered::Refused));
    };
    let mut ctx = visit.ctx().await?;
    let entered = zhengtong_signon::enter_with_certificate(&mut ctx, pending, &given).await?;
    ctx.commit().await?;
    Ok(Some(entered))
}

/// The button beside the code, while the browser shows a certificate.
pub(crate) fn offer(frame: &Frame<'_>, shown: &ClientCertificate, then: Then<'_>) -> Markup {
    let lang = frame.lang;
    if presented(shown).is_none() {
        return html! {};
    }
    form(
        frame,
        &Form::post("/login/certificate"),
        html! {
            (then.hidden())
            (actions(submit(&Button::secondary(lang.pick("用数字证书继续", "Continue with the certificate")).icon(Icon::BadgeCheck).size(Size::Large))))
        },
    )
}

async fn enter(
    visit: Visit,
    headers: HeaderMap,
    shown: ClientCertificate,
    fields: Fields,
) -> Answer {
    visit.act(&fields).await?.commit().await?;
    let pending = zhengtong_http::cookie(&headers, PENDING_COOKIE).unwrap_or_default();
    let then = Then::of(&fields);
    match second_step(&visit, &shown, &Token::from_text(pending)).await? {
        Some(Entered::In(token)) => {
            let response = entered(&visit, &headers, token, then).await?;
            Ok(with_cookie(&visit, response, PENDING_COOKIE, "", Some(0)))
        }
        Some(Entered::Refused(text)) => Ok(code_page(&visit, &shown, then, &[], Some(&text))),
        None => {
            let text = Text::new("没有收到证书", "no certificate came along");
            Ok(code_page(&visit, &shown, then, &[], Some(&text)))
        }
    }
}

async fn certificates(visit: Visit, shown: ClientCertificate) -> Answer {
    visit.known()?;
    certificates_page(&visit, &shown, None).await
}

/// What the browser shows now.
enum Shown {
    Nothing,
    Sound(Seen),
    Refused(Text),
}

fn looked_at(ctx: &Ctx, shown: &ClientCertificate) -> Shown {
    if let Some(text) = shown.refusal() {
        return Shown::Refused(text);
    }
    match presented(shown).map(|given| zhengtong_signon::judge(ctx, &given)) {
        None => Shown::Nothing,
        Some(Ok(seen)) => Shown::Sound(seen),
        Some(Err(text)) => Shown::Refused(text),
    }
}

async fn certificates_page(
    visit: &Visit,
    shown: &ClientCertificate,
    said: Option<&Text>,
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let cards = zhengtong_signon::certificates(&mut ctx).await?;
    let possible = zhengtong_signon::certificates_possible(&ctx);
    let now = ctx.now;
    let looked_at = looked_at(&ctx, shown);
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("数字证书", "Certificates");
    let frame = visit.frame(heading, Place::Mine);
    let lead = lang.pick(
        "登记以后，登录除了密码，再出示这张证书，不用动态码。证书在您的证书介质里，密码在您心里，少一样都进不来。",
        "Once enrolled, you sign in with the password and this certificate, without a code. Neither opens anything alone.",
    );
    let body = page(html! {
        (back_link(lang.pick("账号安全", "Account security"), "/my/security"))
        (title(&Title::new(heading).lead(html! { (lead) })))
        @if let Some(said) = said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (enrolled(&frame, &cards, now))
        @match (&looked_at, possible) {
            (Shown::Sound(seen), _) if visit.is_staff() => (add_form(&frame, seen)),
            (Shown::Sound(_), _) => (notice(&Notice::new(Mood::Info, lang.pick("证书登录只给工作人员用。", "Certificates are for staff.")))),
            (Shown::Refused(text), _) => (notice(&Notice::new(Mood::Warning, lang.pick("浏览器出示的证书不能用", "The certificate that the browser shows does not count")).body(html! { p { (text.get(lang)) } }))),
            (Shown::Nothing, true) => (notice(&Notice::new(Mood::Info, lang.pick("没有看到证书", "No certificate is shown")).body(html! { p { (lang.pick(
                "请插好证书介质，关掉浏览器重新打开本站，在弹出的窗口里选您的证书，再回到这一页。",
                "Insert your card, close the browser, open the site again, choose your certificate when asked, and come back to this page.",
            )) } }))),
            (Shown::Nothing, false) => (notice(&Notice::new(Mood::Info, lang.pick("本市还没有开通证书登录。密码加动态码，或者通行密钥，照常可用。", "Certificates are not accepted here yet. Password and one-time code, or a passkey, work as ever.")))),
        }
    });
    let mut response = see(hall(&frame, body));
    if said.is_some() {
        *response.status_mut() = Fault::new(Kind::Conflict, "", "").status();
    }
    Ok(response)
}

fn enrolled(frame: &Frame<'_>, cards: &[CertificateCard], now: time::OffsetDateTime) -> Markup {
    let lang = frame.lang;
    if cards.is_empty() {
        return empty(&Empty {
            icon: Icon::BadgeCheck,
            title: lang.pick("还没有登记证书", "No certificate so far").into(),
            body: None,
        });
    }
    let rows: Vec<Entry> = cards
        .iter()
        .map(|one| {
            let remove = Button::quiet(match lang {
                Lang::Zh => format!("删除编号 {} 的证书", one.serial),
                Lang::En => format!("Remove certificate {}", one.serial),
            });
            Entry::new(html! { strong { (one.issuer) } " " (code(&one.serial)) })
                .icon(Icon::BadgeCheck)
                .note(html! {
                    span.nowrap {
                        @if one.not_after <= now { (lang.pick("已于 ", "ended ")) } @else { (lang.pick("有效到 ", "until ")) }
                        (clock_time(one.not_after))
                        @if one.not_after <= now { (lang.pick(" 过期", "")) }
                    }
                    " · "
                    span.nowrap { @match one.last_used {
                        Some(at) => { (lang.pick("最近用过 ", "last used ")) (clock_time(at)) },
                        None => { (lang.pick("还没用过", "not used yet")) },
                    } }
                })
                .end(post_button(&format!("/my/certificates/{}", one.id), token(frame), &remove))
        })
        .collect();
    panel(&Panel::default(), list(&rows))
}

fn add_form(frame: &Frame<'_>, seen: &Seen) -> Markup {
    let lang = frame.lang;
    boxed(
        &Panel::new(lang.pick("浏览器出示的证书", "The certificate that the browser shows")),
        html! {
            (pairs([
                (lang.pick("持有人", "Holder").into(), html! { (seen.subject) }),
                (lang.pick("发证机构", "Issuer").into(), html! { (seen.issuer) }),
                (lang.pick("编号", "Number").into(), code(&seen.serial)),
                (lang.pick("有效到", "Until").into(), html! { (clock_time(seen.not_after)) }),
            ]))
            (actions(post_button("/my/certificates", token(frame), &Button::new(lang.pick("登记为第二重验证", "Enrol as second factor")))))
        },
    )
}

async fn add(visit: Visit, shown: ClientCertificate, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let Some(given) = presented(&shown) else {
        drop(ctx);
        let text = shown.refusal();
        let text = text.unwrap_or_else(|| Text::new("没有收到证书", "no certificate came along"));
        return certificates_page(&visit, &shown, Some(&text)).await;
    };
    match zhengtong_signon::add_certificate(&mut ctx, &given).await {
        Ok(token) => {
            ctx.commit().await?;
            let response = redirect("/my/certificates");
            Ok(match token {
                Some(token) => with_session(&visit, response, &token),
                None => response,
            })
        }
        Err(error) if error.kind() == Kind::Conflict => {
            drop(ctx);
            certificates_page(&visit, &shown, Some(&error.text())).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn remove(
    visit: Visit,
    Path(id): Path<Uuid>,
    shown: ClientCertificate,
    fields: Fields,
) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_signon::remove_certificate(&mut ctx, id).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok::<Response, Fault>(redirect("/my/certificates"))
        }
        Err(error) if error.kind() == Kind::Conflict => {
            drop(ctx);
            certificates_page(&visit, &shown, Some(&error.text())).await
        }
        Err(error) => Err(error.into()),
    }
}
