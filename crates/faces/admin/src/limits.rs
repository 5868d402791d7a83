//! How much time the clocks of case types have: what packs and items say, what an administrator has put in force from a
//! day on, and the form that changes it.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use time::format_description::well_known::Iso8601;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang};
use zhengtong_calendar::china_date;
use zhengtong_casework::{CalendarsView, ClockLimit, Limit};
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Field, Form, Input, Kind as Typing, Pick, Width, date, errors, form, select, text,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};

use crate::bench::{Bench, acting, reading};

/// The page; below that of calendars, with which it shares its place.
pub(crate) const PAGE: &str = "/admin/calendars/limits";
/// Between the case type and the clock in the value of a choice.
const BETWEEN: char = '|';
/// Most characters of the grounds.
const REASON_CHARS_MAX: u32 = 200;

pub(crate) fn routes() -> Router<App> {
    Router::new().route(PAGE, get(shown).post(put))
}

/// What the form holds, and what is wrong with it.
#[derive(Debug, Default, Deserialize)]
struct Typed {
    #[serde(skip)]
    errors: Vec<FieldError>,
    #[serde(default)]
    clock: String,
    #[serde(default)]
    limit: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    reason: String,
}

async fn shown(visit: Visit, Query(typed): Query<Typed>) -> Answer {
    show(&visit, &typed).await
}

async fn show(visit: &Visit, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let view = zhengtong_casework::calendars(&mut ctx).await?;
    let (bench, today) = (Bench::of(&ctx), china_date(ctx.now));
    ctx.commit().await?;
    let mut frame = Bench::frame(visit, heading(visit.lang()));
    if typed.errors.is_empty() {
        let body = page(&frame, &view, typed, today);
        return Ok(bench.page(visit, &frame, body));
    }
    frame.standing = Standing::Faulty;
    let body = page(&frame, &view, typed, today);
    Ok(bench.refused(visit, &frame, body))
}

async fn put(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let view = zhengtong_casework::calendars(&mut ctx).await?;
    let sent = |name: &str| fields.get(name).trim().to_owned();
    let typed = Typed {
        errors: Vec::new(),
        clock: sent("clock"),
        limit: sent("limit"),
        from: sent("from"),
        reason: sent("reason"),
    };
    let wrong = match parsed(&view, &typed) {
        Ok((clock, limit, from)) => {
            let at = (clock.kind.as_str(), clock.clock.as_str());
            match zhengtong_casework::set_limit(&mut ctx, at, limit, from, &typed.reason).await {
                Ok(_revision) => {
                    ctx.commit().await?;
                    return Ok(redirect(PAGE));
                }
                Err(error) if error.kind() == Kind::Invalid => error.fields(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(wrong) => wrong,
    };
    drop(ctx);
    show(&visit, &Typed { errors: wrong, ..typed }).await
}

/// The clock that was chosen, how much time, and from which day.
fn parsed<'a>(
    view: &'a CalendarsView,
    typed: &Typed,
) -> Result<(&'a ClockLimit, Limit, Date), Vec<FieldError>> {
    let clock = view.limits.iter().find(|one| value_of(one) == typed.clock);
    let days: Option<u32> = typed.limit.parse().ok();
    let from = Date::parse(&typed.from, &Iso8601::DATE).ok();
    match (clock, days, from) {
        (Some(clock), Some(days), Some(from)) => {
            Ok((clock, Limit { days, unit: clock.unit }, from))
        }
        (clock, days, from) => {
            let missing = [
                clock.is_none().then(|| {
                    FieldError::new("clock", "请选哪类事项的哪个时限", "choose the clock")
                }),
                days.is_none()
                    .then(|| FieldError::new("limit", "请写整数", "write a whole number")),
                from.is_none().then(|| {
                    FieldError::new(
                        "from",
                        "请写日期，例如 2027-01-01",
                        "write a day, such as 2027-01-01",
                    )
                }),
            ];
            Err(missing.into_iter().flatten().collect())
        }
    }
}

fn heading(lang: Lang) -> &'static str {
    lang.pick("办理时限", "Time limits")
}

fn value_of(one: &ClockLimit) -> String {
    format!("{}{BETWEEN}{}", one.kind, one.clock)
}

fn name_of(lang: Lang, one: &ClockLimit) -> String {
    format!("{} · {}", one.title.get(lang), one.clock_title.get(lang))
}

/// How much time, in words.
fn span(lang: Lang, limit: Limit) -> String {
    format!("{} {}", limit.days, lang.pick(limit.unit.zh(), limit.unit.en()))
}

fn page(frame: &Frame<'_>, view: &CalendarsView, typed: &Typed, today: Date) -> Markup {
    let lang = frame.lang;
    let above = [Link::new(lang.pick("日历和时限", "Calendars and limits"), "/admin/calendars")];
    html! {
        (crumbs(lang, &above, heading(lang)))
        (errors(lang, &typed.errors))
        (title(&Title::new(heading(lang)).lead(html! {
            (lang.pick(
                "法律改了、承诺提速了，在这里改天数：从哪天起受理的件按新的算，写明依据。包和实施清单里写的不动。",
                "When the law changes or more is promised, change the days here: cases from a day on have the new limit, with its grounds. What packs and items say stays as it is.",
            ))
        })))
        (boxed(&Panel::new(lang.pick("改一个时限", "Change a limit")).id("change"), asked(frame, view, typed, today)))
        (flush(&Panel::new(lang.pick("各类事项的时限", "Limits of all kinds of case")), table(lang, &limits_table(lang, view))))
        @if view.changes.iter().any(|change| change.limit.is_some()) {
            (flush(&Panel::new(lang.pick("改动记录", "Changes")), table(lang, &changes_table(lang, view))))
        }
    }
}

fn asked(frame: &Frame<'_>, view: &CalendarsView, typed: &Typed, today: Date) -> Markup {
    let lang = frame.lang;
    let options: Vec<Pick<'_>> = view
        .limits
        .iter()
        .map(|one| {
            let unit = lang.pick(one.unit.zh(), one.unit.en());
            Pick::new(value_of(one), format!("{}（{unit}）", name_of(lang, one)))
        })
        .collect();
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let from = if typed.from.is_empty() { today.to_string() } else { typed.from.clone() };
    let clock = field("clock", "哪类事项的哪个时限", "Which limit of which kind of case");
    let limit = field("limit", "改成多少", "How much")
        .hint(lang.pick("单位就是上面括号里的", "In the unit that stands in brackets above"));
    let since = field("from", "从哪天起", "From which day").hint(lang.pick(
        "这一天和以后开始计时的件按新的算，已在办的也重新推算；以前的不变",
        "Clocks that start on this day or later have it, also of open cases; earlier ones stay as they are",
    ));
    let reason = field("reason", "依据", "Grounds").hint(
        lang.pick("例如法规条款、文号", "Such as the article of the law, the number of the notice"),
    );
    form(
        frame,
        &Form::post(PAGE),
        html! {
            (select(lang, &clock, &options, &typed.clock))
            (text(lang, &limit, &Input::new(typed.limit.as_str()).kind(Typing::Whole).width(Width::Tiny)))
            (date(lang, &since, &from))
            (text(lang, &reason, &Input::new(typed.reason.as_str()).length_max(REASON_CHARS_MAX)))
            (actions(submit(&Button::new(lang.pick("生效并重新推算", "Put in force")))))
        },
    )
}

fn limits_table<'a>(lang: Lang, view: &CalendarsView) -> Table<'a> {
    // One row for each kind of case: its clocks stand below each other.
    let rows = view.limits.chunk_by(|one, next| one.kind == next.kind).map(|clocks| {
        let kind = clocks.first().map(|one| {
            html! {
                strong { (one.title.get(lang)) } p.meta { (code(&one.kind)) }
            }
        });
        Row::new(vec![
            kind.unwrap_or_default(),
            pairs(clocks.iter().map(|one| (one.clock_title.get(lang).into(), in_force(lang, one)))),
        ])
    });
    Table {
        caption: lang.pick("各类事项的时限", "Limits of all kinds of case").into(),
        columns: vec![
            Column::head(lang.pick("事项", "Kind of case")),
            Column::new(lang.pick("今天起算的时限", "Limits of what begins today")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// What holds for a clock that starts today, and the way to change it.
fn in_force(lang: Lang, one: &ClockLimit) -> Markup {
    let declared = match one.declared {
        Some(limit) => span(lang, limit),
        None => lang.pick("按各事项的实施清单", "as its item says").to_owned(),
    };
    let way = format!("{PAGE}?clock={}#change", zhengtong_ui::words::encode(&value_of(one)));
    html! {
        @match one.set {
            Some(limit) => {
                strong { (span(lang, limit)) }
                " " span.meta { (lang.pick("（原来：", "(declared: ")) (declared) (lang.pick("）", ")")) }
            }
            None => { (declared) }
        }
        " " a href=(way) { (lang.pick("改", "Change")) span.unseen { " " (name_of(lang, one)) } }
    }
}

fn changes_table<'a>(lang: Lang, view: &CalendarsView) -> Table<'a> {
    let rows = view.changes.iter().filter_map(|change| {
        let limit = change.limit?;
        let what = view
            .limits
            .iter()
            .find(|one| format!("{} · {}", one.kind, one.clock) == change.what)
            .map_or_else(|| change.what.clone(), |one| name_of(lang, one));
        Some(Row::new(vec![
            html! { strong { (change.reason) } p.meta { (change.by) " · " (clock_time(change.at)) } },
            html! { (what) },
            html! { (span(lang, limit)) },
            html! { (change.from.map(|day| day.to_string()).unwrap_or_default()) },
        ]))
    });
    Table {
        caption: lang.pick("改动记录", "Changes").into(),
        columns: vec![
            Column::head(lang.pick("依据", "Grounds")),
            Column::new(lang.pick("改了什么", "What")),
            Column::new(lang.pick("改成", "To")).tight(),
            Column::new(lang.pick("从哪天起", "From")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}
