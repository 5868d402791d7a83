//! Passkeys: the button at the login, and one's own passkeys. Both need a script; without one the password and the
//! one-time code remain.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Text};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect, see};
use zhengtong_party::Origin;
use zhengtong_signon::{Ceremony, Entered, PasskeyCard, Secret};
use zhengtong_ui::field::{Field, Input, Width, hidden, text};
use zhengtong_ui::frame::token;
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::back as back_link;
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, post as post_button, submit};
use zhengtong_ui::{Frame, Icon, Place, hall};

use crate::login::{Then, entered, login_page, with_session};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/login/passkey", post(enter))
        .route("/login/passkey/begin", post(begin_entry))
        .route("/my/passkeys", get(passkeys).post(add))
        .route("/my/passkeys/begin", post(begin))
        .route("/my/passkeys/{id}", post(remove))
}

/// The button at the login. It shows itself when the browser has passkeys.
pub(crate) fn offer(frame: &Frame<'_>, then: Then<'_>) -> Markup {
    let lang = frame.lang;
    html! {
        form.form.flow method="post" action="/login/passkey" data-passkey="enter" data-begin="/login/passkey/begin" hidden {
            (token(frame))
            (then.hidden())
            (hidden("token", ""))
            (hidden("answer", ""))
            (actions(submit(&Button::secondary(lang.pick("用通行密钥登录", "Sign in with a passkey")).icon(Icon::KeyRound).size(Size::Large))))
            p.error role="alert" data-said {}
        }
    }
}

/// What the browser needs to ask its owner.
fn begun(ceremony: &Ceremony) -> Response {
    let mut body = ceremony.options.clone();
    if let Some(body) = body.as_object_mut() {
        body.insert("token".to_owned(), ceremony.token.as_str().into());
    }
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

async fn begin_entry(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let ceremony = zhengtong_signon::begin_entry(&mut ctx).await?;
    ctx.commit().await?;
    Ok(begun(&ceremony))
}

async fn enter(visit: Visit, headers: HeaderMap, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let origin = Origin { ip: &visit.address, agent: &visit.agent };
    let token = Secret::from_text(fields.get("token"));
    let tried = zhengtong_signon::enter(&mut ctx, &token, fields.get("answer"), origin).await?;
    ctx.commit().await?;
    let then = Then::of(&fields);
    match tried {
        Entered::In(token) => entered(&visit, &headers, token, then).await,
        Entered::Refused(text) => {
            let fault = FieldError { field: String::new(), text };
            Ok(login_page(&visit, then, "", &[fault]))
        }
    }
}

async fn passkeys(visit: Visit) -> Answer {
    visit.known()?;
    passkeys_page(&visit, None).await
}

async fn passkeys_page(visit: &Visit, said: Option<&Text>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let list = zhengtong_signon::passkeys(&mut ctx).await?;
    let possible = zhengtong_signon::passkeys_possible(&ctx)?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("通行密钥", "Passkeys");
    let frame = visit.frame(heading, Place::Mine);
    let lead = lang.pick(
        "用手机或电脑的指纹、面容或开机密码登录，不用输密码。密钥只在您的设备上，别的网站骗不走。",
        "Sign in with the fingerprint, the face or the code of your own device, without a password. The key stays on the device and cannot be tricked away by another site.",
    );
    let mut response = see(hall(
        &frame,
        page(html! {
            (back_link(lang.pick("我的", "My space"), "/my"))
            (title(&Title::new(heading).lead(html! { (lead) })))
            @if let Some(said) = said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
            (shown(&frame, &list))
            @if possible { (add_form(&frame)) } @else {
                (notice(&Notice::new(Mood::Info, lang.pick("本站现在的网址用不了通行密钥，要用域名访问。密码和动态码照常可用。", "Passkeys need a site with a name and do not work at this address. Password and one-time code work as ever."))))
            }
        }),
    ));
    if said.is_some() {
        *response.status_mut() = Fault::new(Kind::Conflict, "", "").status();
    }
    Ok(response)
}

fn shown(frame: &Frame<'_>, passkeys: &[PasskeyCard]) -> Markup {
    let lang = frame.lang;
    if passkeys.is_empty() {
        return empty(&Empty {
            icon: Icon::KeyRound,
            title: lang.pick("还没有通行密钥", "No passkey so far").into(),
            body: None,
        });
    }
    let rows: Vec<Entry> = passkeys
        .iter()
        .map(|one| {
            let name = match one.name.as_str() {
                "" => lang.pick("通行密钥", "Passkey"),
                name => name,
            };
            let remove = Button::quiet(match lang {
                Lang::Zh => format!("删除“{name}”"),
                Lang::En => format!("Remove {name}"),
            });
            Entry::new(html! { strong { (name) } })
                .icon(Icon::KeyRound)
                .note(html! {
                    span.nowrap { (lang.pick("添加于 ", "added ")) (clock_time(one.created)) }
                    " · "
                    span.nowrap { @match one.last_used {
                        Some(at) => { (lang.pick("最近用过 ", "last used ")) (clock_time(at)) },
                        None => { (lang.pick("还没用过", "not used yet")) },
                    } }
                })
                .end(post_button(&format!("/my/passkeys/{}", one.id), token(frame), &remove))
        })
        .collect();
    panel(&Panel::default(), list(&rows))
}

fn add_form(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    let name = Field::new("name", lang.pick("给它起个名字", "Give it a name"))
        .hint(lang.pick("例如：我的手机", "Such as: my phone"))
        .optional();
    html! {
        form.form.flow-l method="post" action="/my/passkeys" data-passkey="add" data-begin="/my/passkeys/begin" hidden {
            (token(frame))
            (hidden("token", ""))
            (hidden("answer", ""))
            (text(lang, &name, &Input::new("").width(Width::Long).autocomplete("off").length_max(40)))
            (actions(submit(&Button::new(lang.pick("添加通行密钥", "Add a passkey")).icon(Icon::Plus))))
            p.error role="alert" data-said {}
        }
        noscript { p.meta { (lang.pick("添加通行密钥要浏览器开启脚本。不开也没关系，密码和动态码照常可用。", "Adding a passkey needs scripts in the browser. Without them the password and the one-time code work as ever.")) } }
    }
}

async fn begin(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let ceremony = zhengtong_signon::begin_passkey(&mut ctx).await?;
    ctx.commit().await?;
    Ok(begun(&ceremony))
}

async fn add(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let ticket = Secret::from_text(fields.get("token"));
    let (answer, name) = (fields.get("answer"), fields.get("name"));
    match zhengtong_signon::add_passkey(&mut ctx, &ticket, answer, name).await {
        Ok(token) => {
            ctx.commit().await?;
            let response = redirect("/my/passkeys");
            Ok(match token {
                Some(token) => with_session(&visit, response, &token),
                None => response,
            })
        }
        Err(error) if error.kind() == Kind::Conflict => {
            ctx.commit().await?;
            passkeys_page(&visit, Some(&error.text())).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn remove(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_signon::remove_passkey(&mut ctx, id).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect("/my/passkeys"))
        }
        Err(error) if error.kind() == Kind::Conflict => {
            drop(ctx);
            passkeys_page(&visit, Some(&error.text())).await
        }
        Err(error) => Err(error.into()),
    }
}
