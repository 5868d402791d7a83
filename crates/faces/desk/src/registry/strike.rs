//! Striking out a version of a record that was told with a wrong day: what it says, and why it is struck out.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;
use zhengtong_base::code::parse_date;
use zhengtong_base::{FieldError, Lang};
use zhengtong_http::{Answer, Fields, Visit, clock_time, redirect};
use zhengtong_registry::{Dataset, Error, RecordHistory, Told, Version};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Area, Form, date, form, hidden, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::words::encode;

use super::{RECORDS, named, record};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

/// The longest reason.
const REASON_CHARS: u32 = 500;

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// The number of the version.
    version: Option<usize>,
}

/// Where the version of a number is struck out.
pub(super) fn address(way: &str, number: usize) -> String {
    format!("{way}/strike?version={number}")
}

pub(super) async fn ask(
    visit: Visit,
    Path((id, record)): Path<(String, Uuid)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    show(&visit, (&id, record), wanted.version.unwrap_or(0), &Typed::default()).await
}

pub(super) async fn strike(
    visit: Visit,
    Path((id, record)): Path<(String, Uuid)>,
    fields: Fields,
) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let number = fields.get("version").parse().unwrap_or(0);
    let told = match told(&fields) {
        Ok(told) => told,
        Err(error) => {
            drop(ctx);
            return show(&visit, (&id, record), number, &Typed::wrong(fields, error)).await;
        }
    };
    let reason = fields.get("reason");
    match zhengtong_sharing::strike_out(&mut ctx, &id, record, told, reason).await {
        Ok(_) => {
            ctx.commit().await?;
            Ok(redirect(&record::address(&id, record)))
        }
        Err(zhengtong_sharing::Error::Registry(error)) => {
            let error = named(&mut ctx, error).await?;
            drop(ctx);
            show(&visit, (&id, record), number, &Typed::of(fields, error)?).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Which version was meant.
fn told(fields: &Fields) -> Result<Told, FieldError> {
    let day = parse_date(fields.get("valid_from").trim());
    let valid_from = day.map_err(|_shape| {
        FieldError::new("valid_from", "日期写成 2026-03-05 这样", "write a day like 2026-03-05")
    })?;
    let since = OffsetDateTime::parse(fields.get("since"), &Rfc3339);
    let since = since.map_err(|_shape| {
        let zh = "请回到历史，再选一次要划去的那一版";
        FieldError::new("since", zh, "go back to the history and choose the version again")
    })?;
    Ok(Told { valid_from, since })
}

async fn show(visit: &Visit, (id, record): (&str, Uuid), number: usize, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    if let Err(error) = zhengtong_registry::allow_strike(&ctx, id) {
        return Err(named(&mut ctx, error).await?.into());
    }
    let dataset = zhengtong_registry::table(&ctx, id)?;
    let history = zhengtong_registry::record_history(&mut ctx, id, record).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let version = history.versions.iter().find(|one| one.number == number && !one.ended);
    let version = version.ok_or_else(|| Error::NoRecord(id.to_owned()))?;
    let lang = visit.lang();
    let heading = lang.pick("划去一版", "Strike out a version");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let way = record::address(id, record);
    let up = [
        Link::new(lang.pick("登记记录", "Records"), format!("{RECORDS}?dataset={}", encode(id))),
        Link::new(dataset.title.get(lang), way.clone()),
    ];
    let lead = lang.pick(
        "起效日期登记错了的一版，划去以后不再算数，前一版一直有效到下一版。以前查到过什么，按那时所知还是那样；近一年用过这条记录的单位会收到通知。内容写错而日期没错的，不要划去，用同一个起效日再登记一次。",
        "A version whose day was put down wrongly counts no more once it is struck out, and the version before it holds until the next. What was known before stays as it was, and units that used the record within a year are told. Where the day is right and something else is wrong, do not strike it out; put down what is right for the same day.",
    );
    let body = html! {
        (crumbs(lang, &up, heading))
        (title(&Title::new(heading).lead(html! { (lead) }).meta(html! { (id) " · " (record) })))
        (typed.above(lang))
        (said(lang, &dataset, &history, version))
        @if version.struck.is_some() {
            (notice(&Notice::new(Mood::Info, lang.pick("这一版已经划去了", "This version was struck out already"))))
        } @else { (asked(&frame, &way, version, typed)) }
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

/// What the version says.
fn said(lang: Lang, dataset: &Dataset, history: &RecordHistory, version: &Version) -> Markup {
    let heading = match lang {
        Lang::Zh => format!("第 {} 版", version.number),
        Lang::En => format!("Version {}", version.number),
    };
    let mut rows = vec![
        (lang.pick("有效期", "Valid").into(), record::period(lang, history, version)),
        (lang.pick("登记时间", "Recorded").into(), html! { (clock_time(version.since)) }),
        (lang.pick("谁登记的", "By").into(), html! { (version.source) }),
    ];
    let fields = dataset.fields.iter().filter_map(|field| {
        let words = version.cells.get(&field.name)?.get(lang);
        (!words.is_empty()).then(|| (field.title.get(lang).into(), html! { (words) }))
    });
    rows.extend(fields);
    boxed(&Panel::new(heading), pairs(rows))
}

/// The form. A day that is personal stands on no page, so whoever strikes out the version writes it.
fn asked(frame: &Frame<'_>, way: &str, version: &Version, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let since = version.since.format(&Rfc3339).unwrap_or_default();
    let from =
        typed.field(lang, "valid_from", "这一版从哪天起有效", "The first day on which it holds");
    let from =
        from.hint(lang.pick("日期是个人信息，不在这里显示", "The day is personal and not shown"));
    let reason = typed.field(lang, "reason", "为什么划去", "Why it is struck out");
    let reason = reason.hint(lang.pick(
        "写进历史和存证，不要写个人信息",
        "It stands in the history and in the record; write no personal data",
    ));
    let area = Area {
        value: typed.value("reason").into(),
        length_max: Some(REASON_CHARS),
        ..Area::default()
    };
    let fields = html! {
        (hidden("version", &version.number.to_string()))
        (hidden("since", &since))
        @match version.valid_from {
            Some(day) => { (hidden("valid_from", &day.to_string())) },
            None => { (date(lang, &from, &typed.value("valid_from"))) },
        }
        (textarea(lang, &reason, &area))
        (actions(submit(&Button::new(lang.pick("划去这一版", "Strike it out")))))
    };
    panel(
        &Panel::new(lang.pick("划去", "Strike out")),
        form(frame, &Form::post(format!("{way}/strike")), fields),
    )
}
