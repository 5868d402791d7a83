//! Channels: what is carried later, how far it is, what both sides counted, and what waits for a person.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_db::Ctx;
use zhengtong_exchange as exchange;
use zhengtong_exchange::{Channel, ChannelView, Count, Error, Mode, Parcel, ParcelView, Stage};
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Input, form, hidden, text};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, reveal};
use zhengtong_ui::press::{Button, Choice, actions, segment, submit};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, code, table};

use super::{answer, line};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/exchange/channels", get(listed))
        .route("/desk/exchange/channels/{code}", get(shown).post(act))
        .route("/desk/exchange/channels/{code}/{id}", get(parcel))
}

async fn listed(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let channels = exchange::channels(&mut ctx).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("数据通道", "Channels");
    Ok(answer(&bench, &visit, (heading, &Typed::default()), |_frame| {
        html! {
            (title(&Title::new(heading).lead(html! { (lang.pick(
                "按顺序送达，断了接着送；送不到的留下来等人处理，两边数目随时对账。",
                "Carried in order and resumed where it stopped; what cannot arrive waits for a person, and both sides compare what they counted.",
            )) })))
            (flush(&Panel::default(), rows(lang, &channels)))
        }
    }))
}

pub(crate) fn mode(lang: Lang, mode: Mode) -> &'static str {
    match mode {
        Mode::Message => lang.pick("消息", "messages"),
        Mode::Table => lang.pick("库表", "tables"),
        Mode::File => lang.pick("文件", "files"),
    }
}

fn running(lang: Lang, channel: &Channel) -> Markup {
    if channel.paused {
        lamp(Light::Hold, lang.pick("已暂停", "Paused"))
    } else {
        lamp(Light::Ok, lang.pick("运行中", "Open"))
    }
}

fn rows(lang: Lang, channels: &[Channel]) -> Markup {
    let rows = channels.iter().map(|one| {
        Row::new(vec![
            html! {
                a href=(format!("/desk/exchange/channels/{}", one.code)) { (one.title.get(lang)) }
                br; span.meta { (mode(lang, one.mode)) }
            },
            html! { (one.sender_name.get(lang)) " → " (one.receiver_name.get(lang)) },
            running(lang, one),
        ])
    });
    let found = Table {
        caption: lang.pick("数据通道", "Channels").into(),
        columns: vec![
            Column::head(lang.pick("通道", "Channel")).slot(Slot::Full(1)),
            Column::new(lang.pick("从哪到哪", "From, to")),
            Column::new(lang.pick("状态", "State")).tight(),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    table(lang, &found)
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    stage: String,
}

async fn shown(visit: Visit, Path(code): Path<String>, Query(wanted): Query<Wanted>) -> Answer {
    channel_page(&visit, &code, &wanted, &Typed::default()).await
}

async fn channel_page(visit: &Visit, code: &str, wanted: &Wanted, seen: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let stage = (wanted.stage == "dead").then_some(Stage::Dead);
    let view = exchange::channel(&mut ctx, code, stage).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = view.channel.title.get(lang).to_owned();
    Ok(answer(&bench, visit, (&heading, seen), |frame| {
        html! {
            (crumbs(lang, &[Link::new(lang.pick("数据通道", "Channels"), "/desk/exchange/channels")], &heading))
            (seen.above(lang))
            (page(frame, &view, stage.is_some(), seen))
        }
    }))
}

fn page(frame: &Frame<'_>, view: &ChannelView, dead: bool, seen: &Typed) -> Markup {
    let lang = frame.lang;
    let channel = &view.channel;
    let to = format!("/desk/exchange/channels/{}", channel.code);
    let choice = |words: &'static str, href: String, current: bool| {
        let choice = Choice::new(words, href);
        if current { choice.current() } else { choice }
    };
    let choices = [
        choice(lang.pick("全部", "All"), to.clone(), !dead),
        choice(lang.pick("死信", "Dead letters"), format!("{to}?stage=dead"), dead),
    ];
    html! {
        (title(&Title::new(channel.title.get(lang)).meta(running(lang, channel))))
        (boxed(&Panel::default(), pairs([
            (lang.pick("从哪到哪", "From, to").into(), html! { (channel.sender_name.get(lang)) " → " (channel.receiver_name.get(lang)) }),
            (lang.pick("方式", "Mode").into(), html! { (mode(lang, channel.mode)) }),
            (lang.pick("依据", "Basis").into(), html! { span lang="zh-CN" { (channel.basis) } }),
        ])))
        (segment(lang.pick("看哪些", "Which"), &choices))
        (flush(&Panel::new(lang.pick("最近的批次", "Latest parcels")), parcels(lang, &to, &view.parcels)))
        (steer(frame, &to, channel, seen))
    }
}

/// How far a parcel is, in words of the exchange.
fn stage(lang: Lang, stage: Stage) -> Markup {
    let (light, words) = match stage {
        Stage::Filling => (Light::None, lang.pick("上传中", "Coming in")),
        Stage::Sent => (Light::Near, lang.pick("已发送", "Sent")),
        Stage::Received => (Light::Ok, lang.pick("已接收", "Received")),
        Stage::Stored => (Light::Ok, lang.pick("已入库", "Stored")),
        Stage::Processed => (Light::Ok, lang.pick("已处理", "Processed")),
        Stage::Dead => (Light::Over, lang.pick("死信", "Dead letter")),
    };
    lamp(light, words)
}

fn counted(lang: Lang, parcel: &Parcel) -> Markup {
    match parcel.agrees() {
        None => html! { span.soft { (lang.pick("对方还没回数", "not counted there yet")) } },
        Some(true) => lamp(Light::Ok, lang.pick("一致", "Agrees")),
        Some(false) => lamp(Light::Over, lang.pick("不一致", "Differs")),
    }
}

fn parcels(lang: Lang, to: &str, parcels: &[Parcel]) -> Markup {
    if parcels.is_empty() {
        return html! { p.soft { (lang.pick("没有。", "None.")) } };
    }
    let rows = parcels.iter().map(|one| {
        Row::new(vec![
            html! {
                a href=(format!("{to}/{}", one.id)) { @if one.seq > 0 { "#" (one.seq) } @else { "–" } }
                br; span.meta { (clock_time(one.at)) }
            },
            code(&one.key),
            html! { (one.here.rows.map_or_else(|| "–".to_owned(), |rows| rows.to_string())) },
            stage(lang, one.stage),
            counted(lang, one),
        ])
    });
    let found = Table {
        caption: lang.pick("批次", "Parcels").into(),
        columns: vec![
            Column::head(lang.pick("序号", "Number")).tight().slot(Slot::Full(1)),
            Column::new(lang.pick("批次号", "Key")).cut(),
            Column::number(lang.pick("行数", "Rows")).tight(),
            Column::new(lang.pick("到哪一步", "Stage")).tight(),
            Column::new(lang.pick("对账", "Count")).tight(),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    table(lang, &found)
}

fn steer(frame: &Frame<'_>, to: &str, channel: &Channel, seen: &Typed) -> Markup {
    let lang = frame.lang;
    let (act, words) = if channel.paused {
        ("go-on", lang.pick("恢复通道", "Let it go on"))
    } else {
        ("pause", lang.pick("暂停通道", "Pause it"))
    };
    let reason = || line(lang, seen, "reason", "理由", "Reason");
    let number = |name: &'static str, zh: &'static str, en: &'static str| {
        let field = Field::new(name, lang.pick(zh, en)).errors(&seen.errors, lang);
        text(lang, &field, &Input::new(seen.fields.get(name).to_owned()))
    };
    boxed(
        &Panel::new(lang.pick("管通道", "Steer")),
        html! {
            (reveal(words, form(frame, &Form::post(to.to_owned()), html! {
                (hidden("act", act)) (reason())
                (actions(submit(&Button::secondary(words))))
            })))
            (reveal(lang.pick("重放一段", "Carry a span again"), form(frame, &Form::post(to.to_owned()), html! {
                (hidden("act", "replay"))
                (number("from", "从第几号", "From number"))
                (number("to", "到第几号", "To number"))
                (reason())
                (actions(submit(&Button::secondary(lang.pick("重放", "Carry again")))))
            })))
        },
    )
}

async fn parcel(visit: Visit, Path((code, id)): Path<(String, Uuid)>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let view = exchange::parcel(&mut ctx, &code, id).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = format!("{} #{}", lang.pick("批次", "Parcel"), view.parcel.seq);
    let to = format!("/desk/exchange/channels/{code}");
    Ok(answer(&bench, &visit, (&heading, &Typed::default()), |frame| {
        html! {
            (crumbs(lang, &[Link::new(lang.pick("数据通道", "Channels"), "/desk/exchange/channels"), Link::new(code.clone(), to.clone())], &heading))
            (title(&Title::new(heading.clone()).meta(stage(lang, view.parcel.stage))))
            (parcel_body(frame, &to, &view))
        }
    }))
}

fn count_rows(lang: Lang, count: &Count) -> Markup {
    html! {
        @if let Some(rows) = count.rows { (rows) (lang.pick(" 行", " rows")) br; }
        @if let Some(sums) = &count.sums { (code(&sums.to_string())) br; }
        @if let Some(digest) = &count.digest { (code(digest)) }
        @if *count == Count::default() { "–" }
    }
}

fn parcel_body(frame: &Frame<'_>, to: &str, view: &ParcelView) -> Markup {
    let lang = frame.lang;
    let parcel = &view.parcel;
    let mut facts = vec![
        (lang.pick("批次号", "Key").into(), code(&parcel.key)),
        (
            lang.pick("大小", "Size").into(),
            html! { (parcel.bytes) " B · " (view.delivered) "/" (parcel.chunks) (lang.pick(" 块已到", " chunks there")) },
        ),
        (lang.pick("发送方数目", "Counted here").into(), count_rows(lang, &parcel.here)),
        (lang.pick("接收方数目", "Counted there").into(), count_rows(lang, &parcel.there)),
        (lang.pick("对账", "Count").into(), counted(lang, parcel)),
    ];
    if let Some(fault) = &parcel.fault {
        facts.push((
            lang.pick("没送到的原因", "Why it did not arrive").into(),
            html! { (fault) " · " (parcel.attempts) (lang.pick(" 次", " tries")) },
        ));
    }
    let receipts = view.receipts.iter().map(|one| {
        (clock_time(one.at).into(), html! { (stage(lang, one.stage)) " " span.meta { (lang.pick("存证第 ", "entry ")) (one.entry) } })
    });
    html! {
        (boxed(&Panel::default(), pairs(facts)))
        (boxed(&Panel::new(lang.pick("回执", "Receipts")), pairs(receipts)))
        @if parcel.stage == Stage::Dead {
            (boxed(&Panel::new(lang.pick("再发一次", "Send again")), form(frame, &Form::post(to.to_owned()), html! {
                (hidden("act", "resend"))
                (hidden("parcel", &parcel.id.to_string()))
                (text(lang, &Field::new("reason", lang.pick("理由", "Reason")), &Input::new(String::new())))
                (actions(submit(&Button::new(lang.pick("重发", "Send again")))))
            })))
        }
    }
}

async fn act(visit: Visit, Path(code): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match done(&mut ctx, &code, &fields).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/desk/exchange/channels/{code}")))
        }
        Err(error) => {
            drop(ctx);
            channel_page(&visit, &code, &Wanted::default(), &Typed::of(fields, error)?).await
        }
    }
}

async fn done(ctx: &mut Ctx, code: &str, fields: &Fields) -> Result<(), Error> {
    let reason = fields.get("reason");
    let number = |name: &str| fields.get(name).trim().parse::<i64>().unwrap_or(0);
    match fields.get("act") {
        "pause" => exchange::pause(ctx, code, true, reason).await,
        "go-on" => exchange::pause(ctx, code, false, reason).await,
        "replay" => {
            exchange::replay(ctx, code, (number("from"), number("to")), reason).await.map(drop)
        }
        "resend" => {
            let parcel = fields.get("parcel").parse().unwrap_or_default();
            exchange::resend(ctx, code, parcel, reason).await
        }
        _ => Err(Error::Invalid(vec![zhengtong_base::FieldError::new(
            "act",
            "没有这个操作",
            "no such act",
        )])),
    }
}
