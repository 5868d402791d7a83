//! The settings of my space: whom I act for, devices, password, messages, display.

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Lang, Paging};
use zhengtong_http::{Answer, App, Fields, Preferences, Visit, back, clock_time, redirect, see};
use zhengtong_party::Tried;
use zhengtong_ui::field::{Field, Form, error_summary, form, password};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Pager, back as back_link, pager};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, actions, post as post_button, submit};
use zhengtong_ui::{Icon, Mode, Place, Theme, hall};

use crate::login::{BEHALF_COOKIE, BEHALF_SECONDS, with_cookie, with_session};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/act-for", post(act_for))
        .route("/my/sessions", get(sessions))
        .route("/my/sessions/others", post(revoke_others))
        .route("/my/sessions/{id}", post(revoke))
        .route("/my/password", get(ask_password).post(change_password))
        .route("/my/messages", get(messages).post(read_all))
        .route("/session/extend", post(extend))
        .route("/preferences", get(preferences))
}

async fn act_for(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let organisation: Option<Uuid> = fields.get("organisation").parse().ok();
    let token = zhengtong_party::act_for(&mut ctx, organisation).await?;
    ctx.commit().await?;
    let next = match back(fields.get("back")) {
        "/" => "/my",
        path => path,
    };
    let response = with_session(&visit, redirect(next), &token);
    let (value, seconds) = match organisation {
        Some(organisation) => (organisation.to_string(), BEHALF_SECONDS),
        None => (String::new(), 0),
    };
    Ok(with_cookie(&visit, response, BEHALF_COOKIE, &value, Some(seconds)))
}

async fn sessions(visit: Visit) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_party::sessions(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("登录的设备", "Signed-in devices");
    let frame = visit.frame(heading, Place::Mine);
    let token = || zhengtong_ui::frame::token(&frame);
    let rows: Vec<Entry> = found
        .iter()
        .map(|session| {
            let entry = Entry::new(html! {
                strong { (device(lang, &session.agent)) } @if session.current { " " (tag(Tone::Active, lang.pick("就是这台", "this one"))) }
            })
            .note(html! { (lang.pick("网络地址 ", "address ")) (session.ip) " · " span.nowrap { (lang.pick("最近用过 ", "last seen ")) (clock_time(session.last_seen)) } });
            if session.current {
                return entry;
            }
            let button = Button::quiet(lang.pick("退出", "Sign out"));
            entry.end(post_button(&format!("/my/sessions/{}", session.id), token(), &button))
        })
        .collect();
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), "/my"))
        (title(&Title::new(heading).lead(html! { (lang.pick("有不认识的，请退出它，再改密码。", "If you do not know one of them, sign it out and change your password.")) })))
        (panel(&Panel::default(), list(&rows)))
        @if rows.len() > 1 {
            (post_button("/my/sessions/others", token(), &Button::secondary(lang.pick("退出其他所有设备", "Sign out all others"))))
        }
    });
    Ok(see(hall(&frame, body)))
}

/// A browser by name, from what it says of itself.
fn device(lang: Lang, agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("MicroMessenger", lang.pick("微信", "WeChat")),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let machine = first(&[
        ("HarmonyOS", lang.pick("鸿蒙手机", "HarmonyOS phone")),
        ("Android", lang.pick("安卓手机", "Android phone")),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", lang.pick("Windows 电脑", "Windows computer")),
        ("Mac OS", lang.pick("苹果电脑", "Mac")),
        ("Linux", lang.pick("Linux 电脑", "Linux computer")),
    ]);
    match (browser, machine) {
        (Some(browser), Some(machine)) => format!("{browser} · {machine}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => lang.pick("别的程序", "Another program").to_owned(),
    }
}

async fn revoke(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_party::revoke_session(&mut ctx, id).await?;
    ctx.commit().await?;
    Ok(redirect("/my/sessions"))
}

async fn revoke_others(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_party::revoke_others(&mut ctx).await?;
    ctx.commit().await?;
    Ok(redirect("/my/sessions"))
}

async fn extend(visit: Visit, fields: Fields) -> Answer {
    let ctx = visit.act(&fields).await?;
    ctx.commit().await?;
    Ok(redirect("/my"))
}

async fn ask_password(visit: Visit) -> Answer {
    visit.known()?;
    Ok(password_page(&visit, &[]))
}

fn password_page(visit: &Visit, errors: &[FieldError]) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("改密码", "Change password");
    let frame = visit.frame(heading, Place::Mine);
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), "/my"))
        (error_summary(lang, &summary))
        (title(&Title::new(heading).lead(html! { (lang.pick("改好以后，别的设备会退出登录。", "Afterwards you are signed out on other devices.")) })))
        (form(&frame, &Form::post("/my/password"), html! {
            (password(lang, &Field::new("old", lang.pick("现在的密码", "Current password")).errors(errors, lang), "current-password"))
            (password(lang, &Field::new("new", lang.pick("新密码", "New password")).hint(crate::recover::password_hint(lang)).errors(errors, lang), "new-password"))
            (actions(submit(&Button::new(lang.pick("改密码", "Change password")))))
        }))
    });
    see(hall(&frame, body))
}

async fn change_password(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let tried =
        zhengtong_party::change_password(&mut ctx, fields.get("old"), fields.get("new")).await;
    let refused = match tried {
        Ok(Tried::Done(token)) => {
            ctx.commit().await?;
            return Ok(with_session(&visit, redirect("/my"), &token));
        }
        Ok(Tried::Refused(error)) => {
            ctx.commit().await?;
            error
        }
        Err(error) => error,
    };
    let mut fields = refused.fields();
    if fields.is_empty() {
        let text = refused.text();
        fields.push(FieldError { field: "old".to_owned(), text });
    }
    Ok(password_page(&visit, &fields))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    page: u32,
}

async fn messages(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_notice::inbox(&mut ctx, Paging::new(wanted.page, 20)).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("消息", "Messages");
    let frame = visit.frame(heading, Place::Mine);
    let rows: Vec<Entry> = found
        .rows
        .iter()
        .map(|message| {
            let link = message.link.as_deref().unwrap_or("/my/messages");
            Entry::new(html! { a href=(link) { @if message.read_at.is_none() { strong { (message.title.get(lang)) } } @else { (message.title.get(lang)) } }
                p.soft { (message.body.get(lang)) }
                @for carried in &message.carried { p.meta { (carried.way.title().get(lang)) " " span.nowrap { (carried.shown) } " · " (carried.state.title().get(lang)) } } })
                .end(html! { span.meta { (clock_time(message.created)) } })
        })
        .collect();
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), "/my"))
        (title(&Title::new(heading)))
        @if rows.is_empty() {
            (empty(&Empty {
                icon: Icon::Inbox,
                title: lang.pick("现在没有消息", "No messages").into(),
                body: Some(html! { p { (lang.pick("您办的事一有变化，就在这里告诉您。", "When something about your cases changes, it stands here.")) } }),
            }))
        } @else {
            (list(&rows))
            (post_button("/my/messages", zhengtong_ui::frame::token(&frame), &Button::quiet(lang.pick("全部标为已读", "Mark all as read"))))
        }
        (pager(lang, Pager { page: found.page, pages: found.pages(), href: "/my/messages?page=" }))
    });
    Ok(see(hall(&frame, body)))
}

async fn read_all(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_notice::read_all(&mut ctx).await?;
    ctx.commit().await?;
    Ok(redirect("/my/messages"))
}

#[derive(Deserialize)]
struct Chosen {
    lang: Option<String>,
    theme: Option<String>,
    mode: Option<String>,
    #[serde(default)]
    back: String,
}

async fn preferences(visit: Visit, Query(chosen): Query<Chosen>) -> Answer {
    let nothing = chosen.lang.is_none() && chosen.theme.is_none() && chosen.mode.is_none();
    if nothing {
        let lang = visit.lang();
        let heading = lang.pick("显示方式", "Display");
        let mut frame = visit.frame(heading, Place::Elsewhere);
        frame.path = back(&chosen.back).into();
        let body = page(html! {
            (title(&Title::new(heading).lead(html! { (lang.pick("选好就记住，下次打开还是这样。", "Your choice is kept for the next time.")) })))
            (zhengtong_ui::preference::page(&frame))
        });
        return Ok(see(hall(&frame, body)));
    }
    let now = visit.preferences;
    let preferences = Preferences {
        lang: match chosen.lang.as_deref() {
            Some("en") => Lang::En,
            Some(_) => Lang::Zh,
            None => now.lang,
        },
        theme: chosen.theme.as_deref().map_or(now.theme, Theme::parse),
        mode: chosen.mode.as_deref().map_or(now.mode, Mode::parse),
    };
    let cookie = format!(
        "zt_display={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        preferences.cookie()
    );
    let mut response = redirect(back(&chosen.back)).into_response();
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
