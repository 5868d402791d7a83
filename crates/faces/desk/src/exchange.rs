//! The exchange between systems, for who runs it: owners and systems, keys, services and rights. The log and the channels
//! stand in rooms of their own.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{FieldError, Kind, Lang, Text};
use zhengtong_calendar::china_midnight;
use zhengtong_db::Ctx;
use zhengtong_exchange as exchange;
use zhengtong_exchange::{
    Endpoint, Error, Keep, NewAccess, NewMember, NewService, State, System, SystemView, What,
};
use zhengtong_http::{Answer, App, Fields, Visit, redirect};
use zhengtong_ui::field::{
    Area, Field, Form, Input, Pick, date, form, hidden, select, text, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, reveal};
use zhengtong_ui::press::{Button, actions, link_button, submit};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, code, cut, table};
use zhengtong_ui::{Frame, Icon, RailItem};

use crate::bench::{Bench, administers, reading, staff_only};
use crate::board::read_day;
use crate::typed::Typed;

pub(crate) mod channel;
mod log;
mod view;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/exchange", get(listed).post(enter))
        .route("/desk/exchange/systems/{id}", get(shown).post(act))
        .merge(log::routes())
        .merge(channel::routes())
}

/// The places of the exchange for whoever has a part in it.
pub(crate) fn places(visit: &Visit, lang: Lang, path: &str) -> Vec<RailItem<'static>> {
    let item = |icon, zh: &'static str, en: &'static str, href: &'static str| {
        RailItem::new(icon, lang.pick(zh, en), href).at(path)
    };
    let has = |role: &str| visit.actor.roles.iter().any(|one| one == role);
    let mut items = Vec::new();
    if administers(visit) {
        let mut register = item(Icon::Link, "接入系统", "Systems", "/desk/exchange");
        register.current = path == "/desk/exchange" || path.starts_with("/desk/exchange/systems");
        items.push(register);
    }
    if has("audit-admin") || has("head") {
        items.push(item(Icon::FileText, "交换日志", "Exchange log", "/desk/exchange/log"));
    }
    if administers(visit) || has("head") {
        items.push(item(Icon::ArrowRightLeft, "数据通道", "Channels", "/desk/exchange/channels"));
    }
    items
}

fn line(
    lang: Lang,
    seen: &Typed,
    name: &'static str,
    zh: &'static str,
    en: &'static str,
) -> Markup {
    text(lang, &seen.field(lang, name, zh, en), &Input::new(seen.value(name)))
}

fn answer(
    bench: &Bench,
    visit: &Visit,
    (heading, seen): (&str, &Typed),
    body: impl FnOnce(&Frame<'_>) -> Markup,
) -> Response {
    let mut frame = bench.frame(visit, heading);
    if seen.refused() {
        frame.standing = Standing::Faulty;
    }
    let body = body(&frame);
    let failed = seen.refused().then_some(Kind::Invalid);
    bench.answer(visit, &frame, body, failed)
}

async fn listed(visit: Visit) -> Answer {
    list_page(&visit, &Typed::default()).await
}

async fn list_page(visit: &Visit, seen: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let systems = exchange::systems(&mut ctx).await?;
    let bench = Bench::beside(&mut ctx).await?;
    let may = ctx.may("exchange.propose", &zhengtong_db::Thing::new("exchange", ""));
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("接入系统", "Systems that take part");
    Ok(answer(&bench, visit, (heading, seen), |frame| {
        html! {
            (seen.above(lang))
            (title(&Title::new(heading).lead(html! { (lang.pick(
                "各单位的系统登记后，由另一人批准才能收发；每次调用都有签名、有记录。",
                "A system is entered, then approved by somebody else; every call is signed and on record.",
            )) })))
            (flush(&Panel::default(), rows(lang, &systems)))
            @if may { (new_system(frame, seen)) }
        }
    }))
}

fn standing(lang: Lang, state: State) -> Markup {
    match state {
        State::Proposed => lamp(Light::Near, lang.pick("等批准", "Waits for approval")),
        State::Approved => lamp(Light::Ok, lang.pick("已接入", "Takes part")),
        State::Disabled => lamp(Light::Over, lang.pick("已停用", "Disabled")),
    }
}

fn rows(lang: Lang, systems: &[System]) -> Markup {
    let rows = systems.iter().map(|one| {
        Row::new(vec![
            html! {
                a href=(format!("/desk/exchange/systems/{}", one.id)) { (one.name.get(lang)) }
                br; span.meta { (one.member.name.get(lang)) }
            },
            standing(lang, one.state),
            cut(&one.full_name().to_string()),
        ])
    });
    let column = |zh: &'static str, en: &'static str| Column::new(lang.pick(zh, en));
    let found = Table {
        caption: lang.pick("接入系统", "Systems").into(),
        columns: vec![
            Column::head(lang.pick("系统", "System")).slot(Slot::Full(1)),
            column("状态", "State").tight(),
            column("协议里的名字", "Name in the protocol"),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    table(lang, &found)
}

fn new_system(frame: &Frame<'_>, seen: &Typed) -> Markup {
    let lang = frame.lang;
    let classes = [
        Pick::new("GOV", lang.pick("机关 GOV", "Government body")),
        Pick::new("PUB", lang.pick("事业单位 PUB", "Public institution")),
        Pick::new("COM", lang.pick("企业 COM", "Company")),
    ];
    let class = Field::new("class", lang.pick("单位类别", "Class")).errors(&seen.errors, lang);
    boxed(
        &Panel::new(lang.pick("登记系统", "Enter a system")),
        form(
            frame,
            &Form::post("/desk/exchange"),
            html! {
                (line(lang, seen, "organisation", "单位简称，例如 civil-affairs", "Short word of the organisation, such as civil-affairs"))
                (line(lang, seen, "instance", "行政区划代码", "Code of the division"))
                (select(lang, &class, &classes, seen.fields.get("class")))
                (line(lang, seen, "code", "系统编码", "Code of the system"))
                (line(lang, seen, "name_zh", "系统名称", "Name in Chinese"))
                (line(lang, seen, "name_en", "英文名称", "Name in English"))
                (actions(submit(&Button::new(lang.pick("登记，等批准", "Enter it")))))
            },
        ),
    )
}

async fn enter(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match entered(&mut ctx, &fields).await {
        Ok(id) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/desk/exchange/systems/{id}")))
        }
        Err(error) => {
            drop(ctx);
            list_page(&visit, &Typed::of(fields, error)?).await
        }
    }
}

async fn entered(ctx: &mut Ctx, fields: &Fields) -> Result<Uuid, Error> {
    let short = fields.get("organisation").trim();
    let found = zhengtong_party::organisation_by_short(ctx, short).await?;
    let Some(found) = found else {
        return Err(Error::Invalid(vec![FieldError::new(
            "organisation",
            "没有这个简称的单位",
            "there is no organisation with this short word",
        )]));
    };
    let member = NewMember {
        instance: fields.get("instance").trim().to_owned(),
        class: fields.get("class").to_owned(),
        code: found.credit_code.unwrap_or_default(),
        name: found.name,
        organisation: Some(found.id),
    };
    let member = exchange::add_member(ctx, &member).await?;
    let name = Text::new(fields.get("name_zh"), fields.get("name_en"));
    exchange::propose_system(ctx, member, fields.get("code").trim(), &name).await
}

async fn shown(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    system_page(&visit, id, &Typed::default()).await
}

async fn system_page(visit: &Visit, id: Uuid, seen: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let view = exchange::system(&mut ctx, id).await?;
    let services = exchange::services(&mut ctx).await?;
    let now = ctx.now;
    let thing = zhengtong_db::Thing::new("exchange", "");
    let may = view::May {
        propose: ctx.may("exchange.propose", &thing),
        approve: ctx.may("exchange.approve", &thing),
    };
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = view.system.name.get(lang).to_owned();
    Ok(answer(&bench, visit, (&heading, seen), |frame| {
        html! {
            (crumbs(lang, &[Link::new(lang.pick("接入系统", "Systems"), "/desk/exchange")], &heading))
            (seen.above(lang))
            (view::page(frame, (&view, &services), may, seen, now))
        }
    }))
}

async fn act(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match done(&mut ctx, id, &fields).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/desk/exchange/systems/{id}")))
        }
        Err(error) => {
            drop(ctx);
            system_page(&visit, id, &Typed::of(fields, error)?).await
        }
    }
}

/// The one act that a form of the page of a system asks for.
async fn done(ctx: &mut Ctx, id: Uuid, fields: &Fields) -> Result<(), Error> {
    let target: Uuid = fields.get("target").parse().unwrap_or(id);
    let reason = fields.get("reason");
    match fields.get("act") {
        "approve" => exchange::approve(ctx, What::System, id).await,
        "disable" => exchange::disable(ctx, What::System, id, reason).await,
        "approve-service" => exchange::approve(ctx, What::Service, target).await,
        "disable-service" => exchange::disable(ctx, What::Service, target, reason).await,
        "move" => exchange::relocate(ctx, target, fields.get("url").trim()).await,
        "key" => exchange::add_key(ctx, id, fields.get("pem"), last_day(fields)).await.map(drop),
        "revoke-key" => exchange::revoke_key(ctx, id, fields.get("key"), reason).await,
        "grant" => exchange::grant(ctx, &wanted(id, fields)).await.map(drop),
        "revoke" => exchange::revoke_access(ctx, target, reason).await,
        "service" => exchange::propose_service(ctx, &offered(id, fields)).await.map(drop),
        _ => Err(Error::Invalid(vec![FieldError::new("act", "没有这个操作", "no such act")])),
    }
}

/// The end of the day that was typed, in China; a day that cannot be read is long past and refused as such.
fn last_day(fields: &Fields) -> OffsetDateTime {
    let day = read_day(fields.get("valid_to")).and_then(time::Date::next_day);
    day.map_or(OffsetDateTime::UNIX_EPOCH, china_midnight)
}

fn wanted(client: Uuid, fields: &Fields) -> NewAccess {
    NewAccess {
        client,
        service: fields.get("service").parse().unwrap_or_default(),
        endpoint: endpoint(fields.get("path")),
        purpose: fields.get("purpose").to_owned(),
        basis: fields.get("basis").to_owned(),
        valid_to: last_day(fields),
    }
}

/// Reads `GET /people/*`.
fn endpoint(line: &str) -> Endpoint {
    let (method, path) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    Endpoint { method: method.to_owned(), path: path.trim().to_owned() }
}

fn offered(system: Uuid, fields: &Fields) -> NewService {
    let lines = fields.get("endpoints").lines().filter(|line| !line.trim().is_empty());
    NewService {
        system,
        code: fields.get("service_code").trim().to_owned(),
        title: Text::new(fields.get("name_zh"), fields.get("name_en")),
        url: fields.get("url").trim().to_owned(),
        keep: match fields.get("keep") {
            "full" => Keep::Full,
            "none" => Keep::None,
            _ => Keep::Digest,
        },
        endpoints: lines.map(endpoint).collect(),
        openapi: None,
    }
}
