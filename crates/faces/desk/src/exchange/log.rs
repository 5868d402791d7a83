//! The log of the exchange: by system, service, case and time. Each look stands in the record.

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_calendar::china_midnight;
use zhengtong_exchange as exchange;
use zhengtong_exchange::{Asked, LogPage, MessageRow, MessageView, Opened};
use zhengtong_http::{Answer, App, Fields, Visit, clock_time};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Input, date, form, text};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, code, cut, table};
use zhengtong_ui::words::encode;

use super::{answer, line};
use crate::bench::{Bench, reading, staff_only};
use crate::board::read_day;
use crate::typed::Typed;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/exchange/log", get(listed))
        .route("/desk/exchange/messages/{id}", get(shown).post(opened))
        .route("/desk/exchange/messages/{id}/evidence", post(evidence))
}

/// What an address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    system: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    issue: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    failed: String,
    #[serde(default)]
    page: Option<u32>,
}

impl Wanted {
    fn asked(&self) -> Asked {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Asked {
            system: some(&self.system),
            service: some(&self.service),
            issue: some(&self.issue),
            from: read_day(&self.from).map(china_midnight),
            to: read_day(&self.to).and_then(time::Date::next_day).map(china_midnight),
            failed: self.failed == "yes",
            page: self.page.unwrap_or(1),
        }
    }

    /// The address of a page, up to its number.
    fn pages(&self) -> String {
        let pairs = [
            ("system", &self.system),
            ("service", &self.service),
            ("issue", &self.issue),
            ("from", &self.from),
            ("to", &self.to),
            ("failed", &self.failed),
        ];
        let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
        let mut address = "/desk/exchange/log?".to_owned();
        for (name, value) in pairs {
            address.extend([*name, "=", &encode(value), "&"]);
        }
        address.push_str("page=");
        address
    }
}

async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let page = exchange::log(&mut ctx, &wanted.asked()).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("交换日志", "Exchange log");
    Ok(answer(&bench, &visit, (heading, &Typed::default()), |frame| {
        html! {
            (title(&Title::new(heading).lead(html! { (lang.pick(
                "每条消息都有签名和存证编号。查看会记录在案。",
                "Every message has its signatures and its entry in the record. Looking is on record too.",
            )) })))
            (filter(frame, &wanted))
            (flush(&Panel::default(), rows(lang, &page)))
            @let at = wanted.page.unwrap_or(1).max(1);
            (pager(lang, Pager { page: at, pages: at + u32::from(page.more), href: &wanted.pages() }))
        }
    }))
}

fn filter(frame: &Frame<'_>, wanted: &Wanted) -> Markup {
    let lang = frame.lang;
    let line = |name: &'static str, zh: &'static str, en: &'static str, value: &str| {
        text(lang, &Field::new(name, lang.pick(zh, en)).optional(), &Input::new(value.to_owned()))
    };
    boxed(
        &Panel::default(),
        form(
            frame,
            &Form::get("/desk/exchange/log"),
            html! {
                (zhengtong_ui::layout::halves(
                    html! {
                        (line("issue", "办件号", "Case number", &wanted.issue))
                        (line("system", "系统（协议里的名字）", "System (name in the protocol)", &wanted.system))
                    },
                    html! {
                        (date(lang, &Field::new("from", lang.pick("从", "From")).optional(), &wanted.from))
                        (date(lang, &Field::new("to", lang.pick("到", "To")).optional(), &wanted.to))
                    },
                ))
                (actions(html! {
                    (submit(&Button::new(lang.pick("查", "Search"))))
                    (submit(&Button::secondary(lang.pick("只看失败的", "Only what failed")).sends("failed", "yes")))
                }))
            },
        ),
    )
}

fn outcome(lang: Lang, row: &MessageRow) -> Markup {
    match (&row.error, row.status) {
        (Some(error), _) => {
            html! { (lamp(Light::Over, lang.pick("失败", "Failed"))) br; (code(error)) }
        }
        (None, Some(status)) => lamp(Light::Ok, &status.to_string()),
        (None, None) => lamp(Light::Near, lang.pick("等应答", "Under way")),
    }
}

fn rows(lang: Lang, page: &LogPage) -> Markup {
    if page.rows.is_empty() {
        return html! { p.soft { (lang.pick("没有这样的消息。", "No such message.")) } };
    }
    let rows = page.rows.iter().map(|row| {
        Row::new(vec![
            html! {
                a href=(format!("/desk/exchange/messages/{}", row.id)) { (clock_time(row.at)) }
                br; span.meta { (row.method) @if let Some(issue) = &row.issue { " · " (issue) } }
            },
            html! { (cut(&row.client)) },
            html! { (cut(&row.service)) },
            outcome(lang, row),
            html! { @if let Some(took) = row.took_us { (took / 1_000) " ms" } },
        ])
    });
    let found = Table {
        caption: lang.pick("消息", "Messages").into(),
        columns: vec![
            Column::head(lang.pick("时间", "Time")).tight().slot(Slot::Full(1)),
            Column::new(lang.pick("谁调用", "Client")).cut(),
            Column::new(lang.pick("调用什么", "Service")).cut(),
            Column::new(lang.pick("结果", "Outcome")).tight(),
            Column::new(lang.pick("用时", "Took")).tight(),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    table(lang, &found)
}

async fn shown(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    message_page(&visit, id, &Typed::default(), None).await
}

async fn opened(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match exchange::open(&mut ctx, id, fields.get("reason")).await {
        Ok(opened) => {
            ctx.commit().await?;
            message_page(&visit, id, &Typed::default(), Some(opened)).await
        }
        Err(error) => {
            drop(ctx);
            message_page(&visit, id, &Typed::of(fields, error)?, None).await
        }
    }
}

async fn evidence(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match exchange::evidence(&mut ctx, id, fields.get("reason")).await {
        Ok(found) => {
            ctx.commit().await?;
            let name = format!("attachment; filename=\"exchange-{id}.json\"");
            let headers = [
                (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            Ok((headers, format!("{found:#}")).into_response())
        }
        Err(error) => {
            drop(ctx);
            message_page(&visit, id, &Typed::of(fields, error)?, None).await
        }
    }
}

async fn message_page(visit: &Visit, id: Uuid, seen: &Typed, opened: Option<Opened>) -> Answer {
    let mut ctx = reading(visit).await?;
    let view = exchange::message(&mut ctx, id).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("一条消息", "One message");
    Ok(answer(&bench, visit, (heading, seen), |frame| {
        html! {
            (crumbs(lang, &[Link::new(lang.pick("交换日志", "Exchange log"), "/desk/exchange/log")], heading))
            (seen.above(lang))
            (title(&Title::new(heading).meta(outcome(lang, &view.row))))
            (whole(lang, &view))
            @if let Some(opened) = &opened { (contents(lang, opened)) }
            (forms(frame, id, &view, seen))
        }
    }))
}

fn whole(lang: Lang, view: &MessageView) -> Markup {
    let row = &view.row;
    let mut facts = vec![
        (lang.pick("时间", "Time").into(), html! { (clock_time(row.at)) }),
        (lang.pick("谁调用", "Client").into(), code(&row.client)),
        (lang.pick("调用什么", "Service").into(), html! { (row.method) " " (code(&row.service)) }),
        (lang.pick("消息编号", "Message").into(), code(&row.message_id)),
        (lang.pick("请求编号", "Request").into(), code(&row.id.to_string())),
    ];
    if let Some(issue) = &row.issue {
        facts.push((lang.pick("办件号", "Case").into(), code(issue)));
    }
    if let Some(entry) = row.entry {
        facts.push((
            lang.pick("存证", "Record").into(),
            html! {
                (lang.pick("第 ", "entry ")) (entry) (lang.pick(" 条", ""))
                @if view.sealed { " · " (lang.pick("已封存", "sealed")) } @else { " · " (lang.pick("等封存", "to be sealed within a minute")) }
            },
        ));
    }
    let proof = view.proof.iter().map(|(name, value)| (proof_name(lang, name).into(), code(value)));
    html! {
        (boxed(&Panel::default(), pairs(facts)))
        (boxed(&Panel::new(lang.pick("摘要和签名", "Digests and signatures")), pairs(proof)))
    }
}

fn proof_name(lang: Lang, name: &str) -> &'static str {
    match name {
        "request_digest" => lang.pick("请求摘要 SM3", "Request, SM3"),
        "request_hash" => lang.pick("请求哈希 SHA-512", "Request, SHA-512"),
        "request_bytes" => lang.pick("请求字节数", "Request, bytes"),
        "client_key" => lang.pick("调用方公钥", "Key of the client"),
        "client_signature" => lang.pick("调用方签名", "Signature of the client"),
        "response_digest" => lang.pick("应答摘要 SM3", "Answer, SM3"),
        "response_bytes" => lang.pick("应答字节数", "Answer, bytes"),
        "gateway_key" => lang.pick("平台公钥", "Key of the platform"),
        _ => lang.pick("平台签名", "Signature of the platform"),
    }
}

fn contents(lang: Lang, opened: &Opened) -> Markup {
    html! {
        @for (words, text) in [(lang.pick("请求", "Request"), &opened.request), (lang.pick("应答", "Answer"), &opened.response)] {
            (boxed(&Panel::new(words), html! {
                @match text {
                    Some(text) => { pre { (text) } }
                    None => { p.soft { (lang.pick("没有留存。", "Nothing was kept.")) } }
                }
            }))
        }
    }
}

fn forms(frame: &Frame<'_>, id: Uuid, view: &MessageView, seen: &Typed) -> Markup {
    let lang = frame.lang;
    let to = format!("/desk/exchange/messages/{id}");
    boxed(
        &Panel::new(lang.pick("打开内容、下载证据", "Open contents, take the evidence")),
        form(
            frame,
            &Form::post(to.clone()),
            html! {
                (line(lang, seen, "reason", "为什么要看（会记录）", "Why (on record)"))
                (actions(html! {
                    @if view.kept { (submit(&Button::new(lang.pick("打开内容", "Open")))) }
                    (submit(&Button::secondary(lang.pick("下载证据", "Evidence")).action(format!("{to}/evidence"))))
                }))
            },
        ),
    )
}
