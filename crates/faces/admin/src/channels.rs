//! How mail and text messages stand: where they go, what was carried, a trial, and what the simulator kept.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::{Failure as _, Kind, Lang};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_notice::{Delivery, DeliveryState, Outside, Standing, Way};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Field, Form, Input, Kind as InputKind, Width, errors, form, hidden, text,
};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::panel::{Panel, flush, pairs, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};

use crate::bench::{Bench, Typed, acting, reading};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/channels", get(shown).post(try_out))
}

async fn shown(visit: Visit) -> Answer {
    show(&visit, &Typed::default()).await
}

async fn show(visit: &Visit, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let outside = zhengtong_notice::outside(&mut ctx).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let mut frame = Bench::frame(visit, visit.lang().pick("短信和邮件", "Texts and mails"));
    if typed.errors.is_empty() {
        return Ok(bench.page(visit, &frame, page(&frame, &outside, typed)));
    }
    frame.standing = zhengtong_ui::frame::Standing::Faulty;
    Ok(bench.refused(visit, &frame, page(&frame, &outside, typed)))
}

async fn try_out(visit: Visit, fields: Fields) -> Answer {
    let way = Way::parse(fields.get("way")).ok_or_else(Fault::absent)?;
    let mut ctx = acting(&visit, &fields).await?;
    match zhengtong_notice::try_out(&mut ctx, way, fields.get(way.word())).await {
        Ok(_delivery) => {
            ctx.commit().await?;
            Ok(redirect("/admin/channels"))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            let mut errors = error.fields();
            for error in errors.iter_mut().filter(|error| error.field == "address") {
                way.word().clone_into(&mut error.field);
            }
            show(&visit, &Typed { fields, errors, said: None }).await
        }
        Err(error) => Err(error.into()),
    }
}

fn page(frame: &Frame<'_>, outside: &Outside, typed: &Typed) -> Markup {
    let lang = frame.lang;
    html! {
        (title(&Title::new(frame.title.as_ref()).meta(html! {
            (lang.pick("消息总在站内；这里是同时发出去的。地址只显示一部分，发出后不再保存", "Messages always stand inside; these went out as well. Addresses are masked and not kept once sent"))
        })))
        (errors(lang, &typed.errors))
        @for standing in &outside.ways { (way(frame, standing, typed)) }
        (flush(&Panel::new(lang.pick("最近发出的", "Carried last")), html! {
            @if outside.deliveries.is_empty() {
                div.panel-body { p.soft { (lang.pick("还没有发过。", "Nothing yet.")) } }
            } @else {
                (table(lang, &deliveries(lang, &outside.deliveries)))
            }
        }))
    }
}

fn way(frame: &Frame<'_>, standing: &Standing, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let name = standing.way.title();
    let [waiting, sent, failed] = standing.counts;
    let state = match (&standing.place, standing.simulated) {
        (None, _) => tag(Tone::Plain, lang.pick("没有配置", "Not configured")),
        (Some(_), true) => {
            tag(Tone::Warn, lang.pick("模拟器，不真发", "Simulator, nothing is sent"))
        }
        (Some(_), false) => tag(Tone::Good, lang.pick("已配置", "Configured")),
    };
    let counts = match lang {
        Lang::Zh => format!("等待 {waiting} · 已发 {sent} · 没发出 {failed}"),
        Lang::En => format!("{waiting} waiting · {sent} sent · {failed} failed"),
    };
    let section = match standing.way {
        Way::Mail => "[mail]",
        Way::Sms => "[sms]",
    };
    panel(
        &Panel::new(name.get(lang)).note(state),
        html! {
            (pairs([
                (lang.pick("服务器", "Server").into(), html! { @match &standing.place {
                    Some(place) => (code(place)),
                    None => { (lang.pick("在配置文件的 ", "Set it in ")) (code(section)) (lang.pick(" 里填写", " of the configuration")) },
                } }),
                (lang.pick("发件人或签名", "Sender").into(), html! { (standing.sender.as_deref().filter(|name| !name.is_empty()).unwrap_or("—")) }),
                (lang.pick("最近 24 小时", "Last 24 hours").into(), html! { (counts) }),
            ]))
            @if standing.place.is_some() { (trial(frame, standing.way, typed)) }
        },
    )
}

fn trial(frame: &Frame<'_>, way: Way, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let here = typed.value("way") == way.word();
    let wrong = if here { typed.errors.as_slice() } else { &[] };
    let (label, kind) = match way {
        Way::Mail => (lang.pick("发一封测试邮件到", "Send a test mail to"), InputKind::Email),
        Way::Sms => (lang.pick("发一条测试短信到", "Send a test text to"), InputKind::Phone),
    };
    let value = if here { typed.value(way.word()) } else { String::new() };
    let id = Field::new(way.word(), label).errors(wrong, lang);
    form(
        frame,
        &Form::post("/admin/channels"),
        html! {
            (hidden("way", way.word()))
            (text(lang, &id, &Input::new(value).kind(kind).width(Width::Long)))
            (actions(submit(&Button::secondary(lang.pick("测试", "Test")))))
        },
    )
}

fn deliveries(lang: Lang, rows: &[Delivery]) -> Table<'_> {
    let rows = rows.iter().map(|one| {
        let tone = match one.state {
            DeliveryState::Queued => Tone::Active,
            DeliveryState::Sent => Tone::Good,
            DeliveryState::Failed => Tone::Warn,
        };
        let name = one.way.title();
        let state = one.state.title();
        Row::new(vec![
            html! { (clock_time(one.queued)) },
            html! { (name.get(lang)) },
            html! { span.nowrap { (one.shown) } },
            html! { (tag(tone, state.get(lang))) @if let Some(reason) = &one.reason { p.meta { (reason) } } },
            html! { (one.attempts) },
            html! { @if let Some(words) = &one.text { p { (words) } } },
        ])
    });
    Table {
        caption: lang.pick("最近发出的短信和邮件", "Texts and mails carried last").into(),
        columns: vec![
            Column::head(lang.pick("时间", "Time")).tight(),
            Column::new(lang.pick("方式", "Way")).tight(),
            Column::new(lang.pick("发到", "To")).tight(),
            Column::new(lang.pick("结果", "Result")),
            Column::number(lang.pick("试过", "Attempts")).tight(),
            Column::new(lang.pick("模拟器里的内容", "Words in the simulator")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}
