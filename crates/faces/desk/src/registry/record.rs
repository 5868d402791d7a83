//! One record of a dataset: what it says today, all that is known of it in both times, and what held on a day as it was
//! known at a moment. Personal values are masked, and each look is on record.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use time::macros::offset;
use time::{Date, OffsetDateTime, Time};
use uuid::Uuid;
use zhengtong_base::code::parse_date;
use zhengtong_base::{FieldError, Lang};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, Fields, Visit, clock_time, redirect};
use zhengtong_registry::{AsOf, Dataset, Error, RecordHistory, RecordOn, Version};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Input, Pick, date, form, hidden, select, text};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Phone, Row, Table, table};
use zhengtong_ui::words::encode;

use super::{RECORDS, strike};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

/// The days of a question as they were typed.
#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    /// The dataset of which a record is looked for.
    dataset: Option<String>,
    valid_on: Option<String>,
    known_at: Option<String>,
}

/// The page on which a record is found by its key.
pub(super) async fn find(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    ask(&visit, wanted.dataset.as_deref().unwrap_or_default(), &Typed::default()).await
}

/// Goes to the record with a key. The key may be the number of a person, so it stands in no address.
pub(super) async fn found(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let id = fields.get("dataset").to_owned();
    let dataset = zhengtong_registry::table(&ctx, &id)?;
    let key: Vec<(&str, &str)> =
        dataset.key.iter().map(|name| (name.as_str(), fields.get(name).trim())).collect();
    let error = match zhengtong_registry::named_record(&mut ctx, &id, &key).await {
        Ok(Some(record)) => {
            ctx.commit().await?;
            return Ok(redirect(&address(&id, record)));
        }
        Ok(None) => {
            ctx.commit().await?;
            let name = dataset.key.first().map_or("dataset", String::as_str).to_owned();
            Typed::wrong(fields, FieldError::new(name, "没有这条记录", "there is no such record"))
        }
        Err(error) => Typed::of(fields, error)?,
    };
    ask(&visit, &id, &error).await
}

async fn ask(visit: &Visit, id: &str, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let all = zhengtong_registry::tables_in_past(&ctx)?;
    let chosen = all.iter().find(|dataset| dataset.id == id);
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("登记记录", "Records");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let picks: Vec<Pick<'_>> =
        all.iter().map(|one| Pick::new(one.id.as_str(), one.title.get(lang))).collect();
    let which = Field::new("dataset", lang.pick("数据集", "Dataset"));
    let body = html! {
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "按主键找一条记录，看它哪天起有效、什么时候登记的、改过什么，也可以问某一天、按某个时刻所知是什么样。",
            "Find a record by its key, and see from when each version holds, since when it is known and what it changed; or ask what held on a day as was known at a moment.",
        )) })))
        (typed.above(lang))
        (panel(&Panel::new(lang.pick("选数据集", "Choose a dataset")), form(&frame, &Form::get(RECORDS), html! {
            (select(lang, &which, &picks, id))
            (actions(submit(&Button::secondary(lang.pick("选好了", "This one")))))
        })))
        @if let Some(dataset) = chosen { (key_form(&frame, dataset, typed)) }
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn key_form(frame: &Frame<'_>, dataset: &Dataset, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let parts = dataset.key.iter().filter_map(|name| dataset.field(name));
    panel(
        &Panel::new(dataset.title.get(lang)),
        form(
            frame,
            &Form::post(RECORDS),
            html! {
                (hidden("dataset", &dataset.id))
                @for part in parts {
                    (text(lang, &Field::new(part.name.as_str(), part.title.get(lang)).errors(&typed.errors, lang),
                        &Input::new(typed.fields.get(&part.name))))
                }
                (actions(submit(&Button::new(lang.pick("找记录", "Find the record")))))
            },
        ),
    )
}

/// The page of a record.
pub(super) async fn open(
    visit: Visit,
    Path((id, record)): Path<(String, Uuid)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let mut ctx = reading(&visit).await?;
    let dataset = zhengtong_registry::table(&ctx, &id)?;
    let today = china_date(visit.app.db.clock().now());
    let history = zhengtong_registry::record_history(&mut ctx, &id, record).await?;
    let (as_of, errors) = question(&wanted, visit.app.db.clock().now());
    let found = match zhengtong_registry::record_on(&mut ctx, &id, record, as_of).await {
        Ok(found) => Some(found),
        Err(Error::NoRecord(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = dataset.title.get(lang);
    let mut frame = bench.frame(&visit, heading);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let day = as_of.map_or(today, |as_of| as_of.valid_on);
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("登记记录", "Records"), format!("{RECORDS}?dataset={}", encode(&id)))], heading))
        (title(&Title::new(heading).meta(html! { (id) " · " (record) })))
        (zhengtong_ui::field::errors(lang, &errors))
        (shown(lang, &dataset, as_of, found.as_ref()))
        (times(&frame, &address(&id, record), &wanted, &errors))
        (listed(lang, &history, &address(&id, record), day))
    };
    Ok(bench.answer(
        &visit,
        &frame,
        body,
        (!errors.is_empty()).then_some(zhengtong_base::Kind::Invalid),
    ))
}

/// The day and the moment that are asked for. One that is not given is now; without both it is the record of today.
fn question(wanted: &Wanted, now: OffsetDateTime) -> (Option<AsOf>, Vec<FieldError>) {
    let (day, moment) = (given(wanted.valid_on.as_deref()), given(wanted.known_at.as_deref()));
    if day.is_none() && moment.is_none() {
        return (None, Vec::new());
    }
    let mut errors = Vec::new();
    let valid_on = match day.map(parse_date) {
        None => china_date(now),
        Some(Ok(day)) => day,
        Some(Err(_)) => {
            let text = ("日期写成 2026-03-05 这样", "write a day like 2026-03-05");
            errors.push(FieldError::new("valid_on", text.0, text.1));
            china_date(now)
        }
    };
    let known_at = match moment.map(known) {
        None => now,
        Some(Some(moment)) => moment,
        Some(None) => {
            let zh = "写成 2026-03-06 或 2026-03-06 18:00 这样";
            errors.push(FieldError::new(
                "known_at",
                zh,
                "write it like 2026-03-06 or 2026-03-06 18:00",
            ));
            now
        }
    };
    let as_of = errors.is_empty().then_some(AsOf { valid_on, known_at });
    (as_of, errors)
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// A moment as people write it in this country; a day alone is its end.
fn known(text: &str) -> Option<OffsetDateTime> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment);
    }
    let (day, clock) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let day: Date = parse_date(day).ok()?;
    if clock.is_empty() {
        return Some(
            day.next_day()?.midnight().assume_offset(offset!(+8)) - time::Duration::MICROSECOND,
        );
    }
    let mut parts = clock.trim().splitn(3, ':').map(|part| part.parse::<u8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().map_or(Some(0), |second| second)?;
    let clock = Time::from_hms(hour, minute, second).ok()?;
    Some(day.with_time(clock).assume_offset(offset!(+8)))
}

/// What the record says: today, or as was asked.
fn shown(lang: Lang, dataset: &Dataset, as_of: Option<AsOf>, found: Option<&RecordOn>) -> Markup {
    let heading = match (as_of, lang) {
        (None, _) => lang.pick("今天的内容", "What it says today").to_owned(),
        (Some(as_of), Lang::Zh) => {
            format!("{} 有效、{} 所知的内容", as_of.valid_on, clock_time(as_of.known_at))
        }
        (Some(as_of), Lang::En) => {
            format!("What held on {}, as known {}", as_of.valid_on, clock_time(as_of.known_at))
        }
    };
    let Some(found) = found else {
        let words = match as_of {
            None => lang.pick("这条记录已经结束", "The record has ended"),
            Some(_) => lang.pick(
                "那一天没有内容：还没有起效，已经失效，或者那时还没有登记",
                "Nothing held on that day: it did not hold yet or no more, or it was not known then",
            ),
        };
        return boxed(&Panel::new(heading), notice(&Notice::new(Mood::Info, words)));
    };
    let rows = dataset.fields.iter().filter_map(|field| {
        let words = found.cells.get(&field.name)?.get(lang);
        (!words.is_empty()).then(|| (field.title.get(lang).into(), html! { (words) }))
    });
    boxed(&Panel::new(heading), pairs(rows))
}

/// The form that asks in both times.
fn times(frame: &Frame<'_>, way: &str, wanted: &Wanted, faults: &[FieldError]) -> Markup {
    let lang = frame.lang;
    let valid = Field::new("valid_on", lang.pick("某日有效", "Held on"))
        .hint(lang.pick("那一天是什么样；不写就是今天", "What held on that day; today when empty"))
        .errors(faults, lang);
    let known = Field::new("known_at", lang.pick("某时所知", "Known at"))
        .hint(lang.pick(
            "只看那时已经登记的，如 2026-03-06 或 2026-03-06 18:00；不写就是现在",
            "Only what was on record by then, like 2026-03-06 or 2026-03-06 18:00; now when empty",
        ))
        .errors(faults, lang);
    let fields = html! {
        (date(lang, &valid, wanted.valid_on.as_deref().unwrap_or_default()))
        (text(lang, &known, &Input::new(wanted.known_at.as_deref().unwrap_or_default().to_owned())))
        (actions(submit(&Button::secondary(lang.pick("看那时的内容", "Look")))))
    };
    panel(
        &Panel::new(lang.pick("某日有效、某时所知", "On a day, as known at a moment")),
        form(frame, &Form::get(way.to_owned()), fields),
    )
}

fn listed(lang: Lang, history: &RecordHistory, way: &str, day: Date) -> Markup {
    let row = |one: &Version| {
        let moment = one.since.format(&Rfc3339).unwrap_or_default();
        let href = format!("{way}?valid_on={day}&known_at={}", encode(&moment));
        let known = match lang {
            Lang::Zh => format!("第 {} 版登记时所知", one.number),
            Lang::En => format!("As known with version {}", one.number),
        };
        let mut cells = vec![
            html! { (one.number) },
            html! { (period(lang, history, one)) " " (mark(lang, one)) },
            html! {
                (clock_time(one.since))
                @if let Some(corrected) = one.corrected { " " span.soft { (lang.pick("更正于 ", "corrected ")) (clock_time(corrected)) } }
                @if let Some(struck) = one.struck { " " span.soft { (lang.pick("划去于 ", "struck out ")) (clock_time(struck)) } }
            },
            html! { (one.source) @if let Some(case) = &one.by_case { " " span.soft { (case) } } },
            changes(lang, history, one),
            html! { a href=(href) { (known) } },
        ];
        if history.may_strike {
            let stands = !one.ended && one.struck.is_none() && one.corrected.is_none();
            cells.push(html! { @if stands { a href=(strike::address(way, one.number)) { (striking(lang, one)) } } });
        }
        Row::new(cells)
    };
    let heading = lang.pick("历史", "History");
    let mut columns = vec![
        Column::head(lang.pick("版本", "Version")).tight(),
        Column::new(lang.pick("有效期", "Valid")),
        Column::new(lang.pick("登记时间", "Recorded")).tight(),
        Column::new(lang.pick("谁登记的", "By")),
        Column::new(lang.pick("改了什么", "What changed")),
        Column::new(lang.pick("那时所知", "As known then")).tight(),
    ];
    if history.may_strike {
        columns.push(Column::new(lang.pick("划去", "Strike out")).tight());
    }
    let shown = Table {
        caption: heading.into(),
        columns,
        rows: history.versions.iter().map(row).collect(),
        phone: Phone::Scroll,
        ..Table::default()
    };
    html! {
        (flush(&Panel::new(heading), table(lang, &shown)))
        @if history.cut { p.soft { (lang.pick("更早的没有列出。", "Earlier versions are not listed.")) } }
    }
}

/// From when to when a version holds; a day that is personal is masked.
pub(super) fn period(lang: Lang, history: &RecordHistory, one: &Version) -> Markup {
    let Some(from) = one.valid_from else {
        let masked = history.valid_from.as_ref().and_then(|name| one.cells.get(name));
        return html! { (masked.map_or("–", |words| words.get(lang))) };
    };
    html! {
        (from) (lang.pick(" 起", " on"))
        @if let Some(last) = one.valid_to { (lang.pick("，至 ", ", to ")) (last) }
    }
}

fn mark(lang: Lang, one: &Version) -> Markup {
    html! {
        @if one.current { (tag(Tone::Good, lang.pick("现行", "Current"))) }
        @if one.late { (tag(Tone::Line, lang.pick("补记", "Late"))) }
        @if one.ended { (tag(Tone::Plain, lang.pick("结束", "Ended"))) }
        @if one.corrected.is_some() { (tag(Tone::Plain, lang.pick("已更正", "Corrected"))) }
        @if one.struck.is_some() { (tag(Tone::Warn, lang.pick("已划去", "Struck out"))) }
    }
}

/// The words of the link by which a version is struck out; those who hear the page hear which.
fn striking(lang: Lang, one: &Version) -> Markup {
    html! {
        (lang.pick("划去", "Strike out"))
        span.unseen { @match lang { Lang::Zh => { "第 " (one.number) " 版" }, Lang::En => { " version " (one.number) } } }
    }
}

/// What differs from the version that held before.
fn changes(lang: Lang, history: &RecordHistory, one: &Version) -> Markup {
    if one.ended {
        return html! { (lang.pick("记录结束", "The record ended")) };
    }
    if let Some(why) = &one.why_struck {
        return html! { (lang.pick("划去：", "Struck out: ")) span lang="zh-CN" { (why) } };
    }
    if one.changed.is_empty() {
        return html! { (lang.pick("最早的一版", "The earliest version")) };
    }
    let fields = history.fields.iter().filter(|field| one.changed.contains(&field.name));
    html! {
        @for field in fields {
            @let words = one.cells.get(&field.name).map_or("", |words| words.get(lang));
            p {
                (field.title.get(lang)) (lang.pick("：", ": "))
                @if words.is_empty() { (lang.pick("（没有）", "(none)")) } @else { (words) }
            }
        }
    }
}

/// Where a record is shown.
pub(super) fn address(dataset: &str, record: Uuid) -> String {
    format!("{RECORDS}/{}/{record}", encode(dataset))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let rows = [
            ("2026-03-06", Some(datetime!(2026-03-06 23:59:59.999999 +8))),
            ("2026-03-06 18:05", Some(datetime!(2026-03-06 18:05 +8))),
            ("2026-03-06 18:05:09", Some(datetime!(2026-03-06 18:05:09 +8))),
            ("2026-03-06T10:05:09Z", Some(datetime!(2026-03-06 18:05:09 +8))),
            ("2026-03-06 24:00", None),
            ("2026-03-06 18", None),
            ("2026-02-30", None),
            ("昨天", None),
        ];
        for (text, expected) in rows {
            assert_eq!(known(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_asked_is_now() {
        let now = datetime!(2026-03-10 09:00 +8);
        let ask = |valid_on: &str, known_at: &str| {
            let wanted = Wanted {
                dataset: None,
                valid_on: Some(valid_on.to_owned()),
                known_at: Some(known_at.to_owned()),
            };
            question(&wanted, now)
        };
        assert_eq!(ask("", " "), (None, Vec::new()));
        let (found, _) = ask("2026-03-05", "");
        assert_eq!(found.map(|found| (found.valid_on.day(), found.known_at)), Some((5, now)));
        let (found, _) = ask("", "2026-03-06");
        assert_eq!(found.map(|found| found.valid_on.day()), Some(10));
        let (found, errors) = ask("5 March", "later");
        let names: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!((found, names), (None, vec!["valid_on", "known_at"]));
    }
}
