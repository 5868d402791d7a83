//! Logging in with an account at another provider, and the links between such accounts and one's own.

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use zhengtong_base::{Lang, Text};
use zhengtong_http::{Answer, App, Fields, PENDING_COOKIE, Visit, clock_time, redirect, see};
use zhengtong_party::Origin;
use zhengtong_signon::{Entered, LinkCard, Returned, Secret, Settings};
use zhengtong_ui::field::hidden;
use zhengtong_ui::frame::token;
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::back as back_link;
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, post as post_button, submit};
use zhengtong_ui::{Frame, Icon, Place, hall};

use crate::login::{Then, entered, with_cookie};
use crate::signon::{Came, onward};

/// Ties the way to a provider to this browser; it lives ten minutes.
const OUTSIDE_COOKIE: &str = "zt_outside";
const OUTSIDE_SECONDS: u32 = 600;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login/with/{provider}", post(begin))
        .route("/login/from/{provider}", get(finish))
        .route("/my/links", get(links))
        .route("/my/links/{provider}", post(begin))
        .route("/my/links/{provider}/remove", post(unlink))
}

/// The buttons at the login, one for each provider.
pub(crate) fn offer(visit: &Visit, frame: &Frame<'_>, then: Then<'_>) -> Markup {
    let lang = frame.lang;
    let Ok(settings) = visit.app.db.defs::<Settings>() else { return html! {} };
    html! {
        @for provider in &settings.providers {
            form.form method="post" action={ "/login/with/" (provider.id) } data-once {
                (token(frame))
                (hidden("back", then.back))
                (actions(submit(&Button::secondary(match lang {
                    Lang::Zh => format!("用{}登录", provider.title.get(lang)),
                    Lang::En => format!("Sign in with {}", provider.title.get(lang)),
                }).icon(Icon::ExternalLink).size(Size::Large))))
            }
        }
    }
}

async fn begin(visit: Visit, Path(provider): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let outward = zhengtong_signon::begin_outside(&mut ctx, &provider, fields.get("back")).await?;
    ctx.commit().await?;
    let response = onward(&visit, &outward.url, Came::Form);
    let cookie = outward.cookie.as_str();
    Ok(with_cookie(&visit, response, OUTSIDE_COOKIE, cookie, Some(OUTSIDE_SECONDS)))
}

async fn finish(
    visit: Visit,
    Path(provider): Path<String>,
    Query(params): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Answer {
    let cookie = zhengtong_http::cookie(&headers, OUTSIDE_COOKIE).unwrap_or_default();
    let mut ctx = visit.ctx().await?;
    let origin = Origin { ip: &visit.address, agent: &visit.agent };
    let cookie = Secret::from_text(cookie);
    let returned =
        zhengtong_signon::finish_outside(&mut ctx, &provider, &params, &cookie, origin).await?;
    ctx.commit().await?;
    let response = match returned {
        Returned::Entered(Entered::In(token), back) => {
            entered(&visit, &headers, token, Then::to(&back)).await?
        }
        Returned::CodeNeeded(pending, back) => {
            let to = zhengtong_ui::words::encode(&back);
            let response = redirect(&format!("/login/code?back={to}"));
            with_cookie(&visit, response, PENDING_COOKIE, pending.as_str(), Some(OUTSIDE_SECONDS))
        }
        Returned::Linked => redirect("/my/links"),
        Returned::Entered(Entered::Refused(text), _) | Returned::Refused(text) => {
            refused(&visit, &text)
        }
    };
    Ok(with_cookie(&visit, response, OUTSIDE_COOKIE, "", Some(0)))
}

fn refused(visit: &Visit, text: &Text) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("没有登录成", "You are not signed in");
    let frame = visit.frame(heading, Place::Elsewhere);
    let mut response = see(hall(
        &frame,
        page(html! {
            (title(&Title::new(heading)))
            (notice(&Notice::new(Mood::Failure, text.get(lang))))
            (actions(link_button(&Button::new(lang.pick("回到登录", "Back to sign-in")), "/login")))
        }),
    ));
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

async fn links(visit: Visit) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let cards = zhengtong_signon::links(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("其他登录方式", "Other ways to sign in");
    let frame = visit.frame(heading, Place::Mine);
    let lead = lang.pick(
        "绑定以后，可以用那边的账号登录本站。两边各自的密码不变，随时可以解除。",
        "Once linked, you can sign in here with that account. Both passwords stay as they are, and you can unlink at any time.",
    );
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), "/my"))
        (title(&Title::new(heading).lead(html! { (lead) })))
        @if cards.is_empty() {
            (empty(&Empty {
                icon: Icon::Link,
                title: lang.pick("本站没有接入别的登录方式", "No other provider is connected").into(),
                body: None,
            }))
        } @else {
            (panel(&Panel::default(), list(&cards.iter().map(|card| entry(&frame, card)).collect::<Vec<_>>())))
        }
    });
    Ok(see(hall(&frame, body)))
}

fn entry(frame: &Frame<'_>, card: &LinkCard) -> Entry {
    let lang = frame.lang;
    let name = card.title.get(lang);
    let path = format!("/my/links/{}", card.provider);
    let shown = Entry::new(html! { strong { (name) } }).icon(Icon::ExternalLink);
    let Some(linked) = card.linked else {
        let button = Button::secondary(match lang {
            Lang::Zh => format!("绑定{name}"),
            Lang::En => format!("Link {name}"),
        });
        return shown.note(html! { (lang.pick("还没绑定", "not linked")) }).end(post_button(
            &path,
            token(frame),
            &button,
        ));
    };
    let button = Button::quiet(match lang {
        Lang::Zh => format!("解除{name}"),
        Lang::En => format!("Unlink {name}"),
    });
    shown
        .note(html! {
            span.nowrap { (lang.pick("绑定于 ", "linked ")) (clock_time(linked)) }
            @if let Some(used) = card.last_used { " · " span.nowrap { (lang.pick("最近用过 ", "last used ")) (clock_time(used)) } }
        })
        .end(post_button(&format!("{path}/remove"), token(frame), &button))
}

async fn unlink(visit: Visit, Path(provider): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_signon::unlink(&mut ctx, &provider).await?;
    ctx.commit().await?;
    Ok(redirect("/my/links"))
}
