//! Calendars: which years are known, what an administrator has put in force, and what waits for a year that is not
//! known yet. A year without a table of days off is an alarm.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::{Failure, FieldError, Kind, Lang};
use zhengtong_casework::CalendarsView;
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Area, Field, Form, Input, Pick, errors, form, select, text, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, flush};
use zhengtong_ui::press::{Button, actions, link_button, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};

use crate::bench::{Bench, acting, reading};

const PAGE: &str = "/admin/calendars";

pub(crate) fn routes() -> Router<App> {
    Router::new().route(PAGE, get(shown).post(put))
}

/// What was typed and what is wrong with it, when the form comes back.
#[derive(Debug, Default)]
struct Typed {
    errors: Vec<FieldError>,
    calendar: String,
    rows: String,
    reason: String,
}

async fn shown(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let view = zhengtong_casework::calendars(&mut ctx).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, heading(visit.lang()));
    let body = page(&frame, &view, &Typed::default());
    Ok(bench.page(&visit, &frame, body))
}

async fn put(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let (calendar, rows, reason) =
        (fields.get("calendar"), fields.get("rows"), fields.get("reason"));
    let outcome = zhengtong_casework::set_days(&mut ctx, calendar, rows, reason).await;
    match outcome {
        Ok(_revision) => {
            ctx.commit().await?;
            Ok(redirect(PAGE))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            let typed = Typed {
                errors: error.fields(),
                calendar: calendar.to_owned(),
                rows: rows.to_owned(),
                reason: reason.to_owned(),
            };
            let mut ctx = reading(&visit).await?;
            let view = zhengtong_casework::calendars(&mut ctx).await?;
            let bench = Bench::of(&ctx);
            ctx.commit().await?;
            let mut frame = Bench::frame(&visit, heading(visit.lang()));
            frame.standing = Standing::Faulty;
            let body = page(&frame, &view, &typed);
            Ok(bench.refused(&visit, &frame, body))
        }
        Err(error) => Err(error.into()),
    }
}

fn heading(lang: Lang) -> &'static str {
    lang.pick("日历和时限", "Calendars and limits")
}

fn page(frame: &Frame<'_>, view: &CalendarsView, typed: &Typed) -> Markup {
    let lang = frame.lang;
    html! {
        (errors(lang, &typed.errors))
        (title(&Title::new(heading(lang)).meta(html! {
            (lang.pick("所有在办时钟按这里的日历重新推算，每次改动都写明依据并留痕", "Every open clock is worked out from these calendars; each change has its grounds and is on record"))
        }).actions(link_button(&Button::secondary(lang.pick("改办理时限", "Change time limits")), crate::limits::PAGE))))
        (alarm(lang, view))
        (flush(&Panel::new(lang.pick("日历", "Calendars")), table(lang, &calendars_table(lang, view))))
        (boxed(&Panel::new(lang.pick("录入放假通知或临时调整", "Enter the notice of a year, or a change")), form(frame, &Form::post(PAGE), html! {
            (select(lang, &Field::new("calendar", lang.pick("日历", "Calendar")).errors(&typed.errors, lang), &options(lang, view), &typed.calendar))
            (textarea(
                lang,
                &Field::new("rows", lang.pick("日期", "Days"))
                    .hint(lang.pick(
                        "一行一天：日期、类别、中文名、英文名，用制表符分开。类别：holiday 放假，workday 调休上班，morning 只上午上班，afternoon 只下午上班，ordinary 恢复平常",
                        "One day in a line: date, kind, Chinese name, English name, tabs between. Kinds: holiday, workday, morning, afternoon, ordinary",
                    ))
                    .errors(&typed.errors, lang),
                &Area { value: typed.rows.as_str().into(), rows: 8, example: "2027-01-01\tholiday\t元旦\tNew Year's Day".into(), ..Area::default() },
            ))
            (text(lang, &Field::new("reason", lang.pick("依据", "Grounds")).hint(lang.pick("例如国务院办公厅通知的文号", "such as the number of the notice")).errors(&typed.errors, lang), &Input::new(typed.reason.as_str()).length_max(200)))
            (actions(submit(&Button::new(lang.pick("生效并重新推算", "Put in force")))))
        })))
        @if view.changes.iter().any(|change| change.limit.is_none()) {
            (flush(&Panel::new(lang.pick("改动记录", "Changes")), table(lang, &changes_table(lang, view))))
        }
    }
}

/// What is missing, said before anything else.
fn alarm(lang: Lang, view: &CalendarsView) -> Markup {
    html! {
        @if !view.missing.is_empty() {
            (notice(&Notice::new(Mood::Warning, lang.pick("缺少放假安排", "Days off are missing").to_owned()).body(html! {
                @for (id, year) in &view.missing {
                    p { @match lang {
                        Lang::Zh => { (id) " 没有 " (year) " 年的放假安排。" },
                        Lang::En => { (id) " has no days off for " (year) "." },
                    } }
                }
                p { (lang.pick("国务院办公厅的通知一公布就录入；此前跨年的期限都标为“预计”。", "Enter the notice as soon as it is published; until then deadlines beyond the year are marked as estimates.")) }
            })))
        }
        p {
            (lang.pick("暂按周末推算的在办时钟：", "Open clocks that rest on weekends alone: ")) strong { (view.provisional) }
            " · "
            (lang.pick("等待重新推算：", "waiting to be worked out again: ")) strong { (view.stale) }
        }
    }
}

fn options(lang: Lang, view: &CalendarsView) -> Vec<Pick<'_>> {
    let all = view.law.calendars().iter();
    all.map(|(id, title, _)| Pick::new(id, format!("{} ({id})", title.get(lang)))).collect()
}

fn calendars_table<'a>(lang: Lang, view: &CalendarsView) -> Table<'a> {
    let rows = view.law.calendars().iter().map(|(id, name, calendar)| {
        let years: Vec<String> = calendar.years().map(|year| year.to_string()).collect();
        let missing = view.missing.iter().any(|(of, _)| of == id);
        Row::new(vec![
            html! { strong { (name.get(lang)) } p.meta { (code(id)) } },
            html! { (years.join(lang.pick("、", ", "))) },
            html! { (calendar.days().count()) },
            if missing {
                lamp(Light::Over, lang.pick("缺年份", "A year is missing"))
            } else {
                lamp(Light::Ok, lang.pick("齐全", "Complete"))
            },
        ])
    });
    Table {
        caption: lang.pick("日历", "Calendars").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("已知年份", "Years known")),
            Column::number(lang.pick("特殊日", "Special days")).tight(),
            Column::new(lang.pick("状态", "State")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn changes_table<'a>(lang: Lang, view: &CalendarsView) -> Table<'a> {
    let rows = view.changes.iter().filter(|change| change.limit.is_none()).map(|change| {
        let lines = change.rows.lines().count();
        let first = change.rows.lines().next().unwrap_or_default().replace('\t', " ");
        Row::new(vec![
            html! { strong { (change.reason) } p.meta { (change.by) " · " (clock_time(change.at)) } },
            code(&change.what),
            html! { (first) @if lines > 1 { " …" } },
            html! { (lines) },
        ])
    });
    Table {
        caption: lang.pick("改动记录", "Changes").into(),
        columns: vec![
            Column::head(lang.pick("依据", "Grounds")),
            Column::new(lang.pick("改了什么", "What")).tight(),
            Column::new(lang.pick("内容", "Rows")),
            Column::number(lang.pick("天数", "Days")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}
