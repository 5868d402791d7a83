//! The page where officers get keys for their department's programs, see how much they are used, and take them back.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_db::Thing;
use zhengtong_http::{Answer, App, Fields, Visit, redirect, see};
use zhengtong_portal::{Key, NewKey};
use zhengtong_ui::field::{Field, Form, Input, form, hidden, text};
use zhengtong_ui::layout::{Heading, Title, page as frame_page, section, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::{Frame, Place, hall};

const HERE: &str = "/api/keys";

pub(crate) fn routes() -> Router<App> {
    Router::new().route(HERE, get(list).post(issue)).route("/api/keys/{id}/revoke", post(revoke))
}

async fn list(visit: Visit) -> Answer {
    shown(&visit, None).await
}

async fn issue(visit: Visit, fields: Fields) -> Answer {
    visit.known()?;
    let mut ctx = visit.act(&fields).await?;
    let days = fields.get("days").trim().parse().unwrap_or(0);
    let made = zhengtong_portal::issue(&mut ctx, fields.get("title"), days).await?;
    ctx.commit().await?;
    shown(&visit, Some(made)).await
}

async fn revoke(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    visit.known()?;
    let id = Uuid::parse_str(&id).map_err(|_shape| zhengtong_http::Fault::absent())?;
    let mut ctx = visit.act(&fields).await?;
    zhengtong_portal::revoke(&mut ctx, id).await?;
    ctx.commit().await?;
    Ok(redirect(HERE))
}

async fn shown(visit: &Visit, made: Option<NewKey>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let keys = zhengtong_portal::keys(&mut ctx).await?;
    let own = Thing::new("key", "").owned_by(ctx.actor.person).handled_by(ctx.actor.organisation);
    let may = ctx.may("portal.issue", &own);
    ctx.commit().await?;
    let frame = visit.frame(visit.lang().pick("接口密钥", "Keys for programs"), Place::Elsewhere);
    Ok(see(hall(&frame, body(&frame, &keys, made.as_ref(), may))))
}

fn body(frame: &Frame<'_>, keys: &[Key], made: Option<&NewKey>, may: bool) -> Markup {
    let lang = frame.lang;
    let here = lang.pick("接口密钥", "Keys for programs");
    let lead = html! { (lang.pick(
        "部门的程序用密钥向开放数据门户写数据集。密钥代表您现在的岗位，岗位一变就失效；每天最多用 10000 次。",
        "Programs of a department write datasets to the open data portal with a key. A key stands for your post and ends with it; it can be used 10,000 times a day.",
    )) };
    frame_page(html! {
        (crumbs(lang, &[Link::new(lang.pick("首页", "Home"), "/"), Link::new(lang.pick("接口说明", "Interfaces"), "/api")], here))
        div.flow-l {
            (title(&Title::new(here).lead(lead)))
            @if let Some(made) = made {
                (section(&Heading::new("new-key", lang.pick("新密钥", "The new key")), html! {
                    p { (lang.pick("只显示这一次，请现在保存：", "It is shown only now; keep it: ")) }
                    p { (code(&made.secret)) }
                }))
            }
            @if may { (section(&Heading::new("issue", lang.pick("申请密钥", "Get a key")), asked(frame))) }
            (section(&Heading::new("keys", lang.pick("已有密钥", "Your keys")), held(frame, keys)))
        }
    })
}

fn asked(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    form(
        frame,
        &Form::post(HERE),
        html! {
            (text(lang, &Field::new("title", lang.pick("用途", "What it is for")), &Input::new("")))
            (text(lang, &Field::new("days", lang.pick("有效天数", "Days")), &Input::new("180")))
            (actions(submit(&Button::new(lang.pick("生成密钥", "Make a key")))))
        },
    )
}

fn held(frame: &Frame<'_>, keys: &[Key]) -> Markup {
    let lang = frame.lang;
    if keys.is_empty() {
        return html! { p { (lang.pick("还没有密钥。", "You have no keys.")) } };
    }
    let rows = keys.iter().map(|key| {
        Row::new(vec![
            html! { (key.title) },
            html! { (china_date(key.expires)) },
            html! { (key.used) " / " (key.daily) },
            taken_back(frame, key),
        ])
    });
    let grid = Table {
        caption: lang.pick("密钥", "Keys").into(),
        columns: vec![
            Column::head(lang.pick("用途", "For")),
            Column::new(lang.pick("到期", "Ends")),
            Column::number(lang.pick("今天用量", "Used today")),
            Column::new(lang.pick("状态", "State")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &grid))
}

fn taken_back(frame: &Frame<'_>, key: &Key) -> Markup {
    let lang: Lang = frame.lang;
    if let Some(at) = key.revoked {
        return html! { (lang.pick("已停用 ", "revoked ")) (china_date(at)) };
    }
    let to = format!("/api/keys/{}/revoke", key.id);
    form(
        frame,
        &Form::post(to),
        html! {
            (hidden("key", &key.id.to_string()))
            (submit(&Button::quiet(lang.pick("停用", "Revoke"))))
        },
    )
}
