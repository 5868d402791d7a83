//! The board of supervision: the numbers of every department, each leading to its rows; the same on a wall, by itself.

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use time::macros::format_description;
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Fields, Visit, clock_time};
use zhengtong_supervision::{Board, Card, Counts, DepartmentRow, Period, Pile, What};
use zhengtong_ui::field::{Field, Form, Input, form, hidden, text};
use zhengtong_ui::figure::{Stat, stats};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, stack, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::notice::{Mood, Notice, notice, stale};
use zhengtong_ui::panel::{Panel, boxed, flush};
use zhengtong_ui::press::{Button, Choice, actions, link_button, segment, submit};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, table};
use zhengtong_ui::words::{encode, number};
use zhengtong_ui::{Frame, Icon, RailItem};

use crate::bench::{Bench, reading, staff_only};
use crate::supervision::level;

mod course;
mod duty;
mod finding;
mod grades;
mod rows;
mod rules;
mod samples;

/// How often a wall draws itself again, in seconds.
const WALL_SECONDS: u32 = 30;
/// Cards that the board shows.
const CARDS_SHOWN: usize = 6;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/board/supervision", get(shown))
        .route("/board/supervision/wall", get(wall))
        .route("/board/supervision/export", post(export))
        .merge(rows::routes())
        .merge(course::routes())
        .merge(rules::routes())
        .merge(grades::routes())
        .merge(samples::routes())
        .merge(duty::routes())
        .merge(finding::routes())
}

/// Whether the actor watches all departments.
pub(crate) fn supervises(visit: &Visit) -> bool {
    visit.actor.roles.iter().any(|role| role == "supervisor")
}

/// The places of a supervisor.
pub(crate) fn places(lang: Lang, path: &str) -> Vec<RailItem<'static>> {
    let item = |icon, zh: &'static str, en: &'static str, href: &'static str| {
        RailItem::new(icon, lang.pick(zh, en), href).at(path)
    };
    let mut board = item(Icon::ChartNoAxesColumn, "监督看板", "Board", "/board/supervision");
    let below = path.strip_prefix("/board/supervision").unwrap_or_default();
    board.current = path.starts_with("/board/supervision")
        && (below.is_empty() || below.starts_with(['?', '#']) || below.starts_with("/wall"));
    vec![
        board,
        item(Icon::ShieldAlert, "监察牌", "Cards", "/board/supervision/cards"),
        item(Icon::Flag, "登记线索", "Findings", "/board/supervision/find"),
        item(Icon::ListChecks, "抽查", "Spot checks", "/board/supervision/samples"),
        item(Icon::Star, "季度考核", "Grades", "/board/supervision/grades"),
        item(Icon::Phone, "值班处置", "On duty", "/board/supervision/duty"),
        item(Icon::Scale, "发牌规则", "Rules", "/board/supervision/rules"),
    ]
}

/// A period as an address asks for it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// `month`, `quarter` or `year`.
    #[serde(default)]
    of: String,
    /// A day of it.
    #[serde(default)]
    day: String,
    /// Or the first day …
    #[serde(default)]
    from: String,
    /// … and the last.
    #[serde(default)]
    to: String,
    #[serde(default)]
    view: u8,
}

/// Reads a day such as `2026-03-02`.
pub(crate) fn read_day(typed: &str) -> Option<Date> {
    Date::parse(typed.trim(), format_description!("[year]-[month]-[day]")).ok()
}

impl Asked {
    /// The period; the month of today when nothing else is asked for.
    pub(crate) fn period(&self, today: Date) -> Period {
        if let (Some(from), Some(to)) = (read_day(&self.from), read_day(&self.to))
            && from <= to
        {
            return Period { from, to };
        }
        let day = read_day(&self.day).unwrap_or(today);
        match self.of.as_str() {
            "quarter" => Period::quarter_of(day),
            "year" => Period::year_of(day),
            _ => Period::month_of(day),
        }
    }
}

/// A period in an address.
pub(crate) fn in_address(period: Period) -> String {
    format!("from={}&to={}", period.from, period.to)
}

/// A period in words.
pub(crate) fn in_words(lang: Lang, period: Period) -> String {
    let (from, to) = (period.from, period.to);
    if period == Period::month_of(from) {
        let month = u8::from(from.month());
        return match lang {
            Lang::Zh => format!("{}年{month}月", from.year()),
            Lang::En => format!("{}-{month:02}", from.year()),
        };
    }
    if period == Period::year_of(from) {
        return match lang {
            Lang::Zh => format!("{}年", from.year()),
            Lang::En => from.year().to_string(),
        };
    }
    format!("{from} – {to}")
}

async fn shown(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let period = asked.period(china_date(ctx.now));
    let board = zhengtong_supervision::board(&mut ctx, period).await?;
    let cards = zhengtong_supervision::cards(&mut ctx, Pile::All, None, 1).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("监督看板", "Supervision board"));
    Ok(bench.page(&visit, &frame, page(&frame, &board, &cards.rows)))
}

/// The board by itself, drawn again every half minute: numbers, then cards, then grades.
async fn wall(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let period = asked.period(china_date(ctx.now));
    let board = zhengtong_supervision::board(&mut ctx, period).await?;
    let cards = zhengtong_supervision::cards(&mut ctx, Pile::All, None, 1).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("监督看板", "Supervision board"));
    let body = stack(
        zhengtong_ui::layout::Gap::Large,
        html! {
            (title(&Title::new(heading(lang, period)).meta(as_of(lang, &board)).actions(html! {
                (link_button(&Button::quiet(lang.pick("退出大屏", "Leave the wall")), "/board/supervision"))
            })))
            @if asked.view % 2 == 0 { (total(lang, &board)) (departments(lang, &board)) }
            @else { (latest(lang, &cards.rows)) }
        },
    );
    let mut response = bench.page(&visit, &frame, body);
    let next = format!(
        "{WALL_SECONDS}; url=/board/supervision/wall?{}&view={}",
        in_address(period),
        (asked.view + 1) % 2
    );
    if let Ok(value) = HeaderValue::from_str(&next) {
        response.headers_mut().insert(HeaderName::from_static("refresh"), value);
    }
    Ok(response)
}

async fn export(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let asked = Asked {
        from: fields.get("from").to_owned(),
        to: fields.get("to").to_owned(),
        ..Asked::default()
    };
    let mut ctx = visit.act(&fields).await?;
    let period = asked.period(china_date(ctx.now));
    let taken = zhengtong_supervision::export(&mut ctx, period, fields.get("reason")).await?;
    ctx.commit().await?;
    let name = format!("supervision-{}-{}.csv", period.from, period.to);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, zhengtong_http::mark(&taken.csv, taken.entry)).into_response())
}

fn heading(lang: Lang, period: Period) -> String {
    format!("{} · {}", lang.pick("电子监察", "Supervision"), in_words(lang, period))
}

fn page(frame: &Frame<'_>, board: &Board, cards: &[Card]) -> Markup {
    let lang = frame.lang;
    html! {
        (title(&Title::new(heading(lang, board.period)).meta(as_of(lang, board)).actions(html! {
            (link_button(&Button::secondary(lang.pick("大屏", "Wall")).icon(Icon::Monitor), &format!("/board/supervision/wall?{}", in_address(board.period))))
            (link_button(&Button::secondary(lang.pick("规则", "Rules")).icon(Icon::Scale), "/board/supervision/rules"))
        })))
        (periods(lang, board))
        @if board.waiting > 0 {
            (notice(&Notice::new(Mood::Warning, format!("{}{}{}", lang.pick("有 ", ""), board.waiting, lang.pick(" 张牌等监察人员处理", " cards wait for a supervisor"))).body(html! {
                p { a href="/board/supervision/cards?pile=supervisor" { (lang.pick("去处理", "Open them")) } }
            })))
        }
        (total(lang, board))
        (departments(lang, board))
        (compared(lang, board))
        (latest(lang, cards))
        (take_away(frame, board.period))
        (checked(lang, board))
    }
}

/// When the numbers were counted, and whether they are old.
fn as_of(lang: Lang, board: &Board) -> Markup {
    html! {
        @if let Some(since) = board.behind_since { (stale(lang, &clock_time(since))) }
        @else { (lang.pick("数据截至 ", "As of ")) (clock_time(board.at)) }
        (lang.pick("；每个数点进去就是那些件", "; every number leads to its rows"))
    }
}

fn periods(lang: Lang, board: &Board) -> Markup {
    let today = china_date(board.at);
    let choice = |of: &str, words: &'static str, period: Period| {
        let href = format!("/board/supervision?of={of}&day={}", period.from);
        let choice = Choice::new(words, href);
        if period == board.period { choice.current() } else { choice }
    };
    let month = Period::month_of(today);
    segment(
        lang.pick("看哪段时间", "Period"),
        &[
            choice("month", lang.pick("本月", "This month"), month),
            choice("month", lang.pick("上月", "Last month"), month.before()),
            choice("quarter", lang.pick("本季", "This quarter"), Period::quarter_of(today)),
            choice("year", lang.pick("今年", "This year"), Period::year_of(today)),
        ],
    )
}

/// The address of the rows behind a number.
fn behind(what: What, department: Option<Uuid>, period: Period) -> String {
    let of = department.map(|id| format!("&department={id}")).unwrap_or_default();
    format!("/board/supervision/rows?what={}{of}&{}", what.word(), in_address(period))
}

fn light(what: What, count: i64) -> Option<Light> {
    match what {
        What::Overdue | What::Red if count > 0 => Some(Light::Over),
        What::Yellow if count > 0 => Some(Light::Near),
        _ => None,
    }
}

fn percent(counts: &Counts) -> String {
    counts
        .on_time_per_mille()
        .map_or_else(|| "—".to_owned(), |mille| format!("{}.{}%", mille / 10, mille % 10))
}

fn total(lang: Lang, board: &Board) -> Markup {
    let shown =
        [What::Accepted, What::OnTime, What::Overdue, What::Notice, What::Yellow, What::Red];
    let all = shown.map(|what| {
        let count = board.total.get(what);
        let before = board.before.1.get(what);
        let note = format!("{} {}", lang.pick("上期", "before"), number(before));
        let note = match what {
            What::OnTime => format!("{} {} · {note}", lang.pick("按时办结率", "on time"), percent(&board.total)),
            _ => note,
        };
        let words = what.title().get(lang).to_owned();
        Stat {
            name: words.clone().into(),
            value: number(count).into(),
            unit: lang.pick("件", "").into(),
            note: note.into(),
            lamp: light(what, count).map(|light| lamp(light, lang.pick("关注", "Look"))),
            link: Some(html! { a href=(behind(what, None, board.period)) { (lang.pick("查到件", "Rows")) span.unseen { " " (words) } } }),
            ..Stat::default()
        }
    });
    stats(&all)
}

fn departments(lang: Lang, board: &Board) -> Markup {
    let cell = |what: What, row: &DepartmentRow| {
        let count = row.counts.get(what);
        let link = behind(what, Some(row.id), board.period);
        counted(lang, (what, count), &link, &row.name, light(what, count))
    };
    let column = |what: What| Column::number(what.title().get(lang).to_owned()).tight();
    let mut columns = vec![Column::head(lang.pick("单位", "Department")).slot(Slot::Full(1))];
    columns.extend(What::ALL.map(column));
    columns.push(Column::number(lang.pick("按时办结率", "On time")).tight());
    let rows = board.rows.iter().map(|row| {
        let mut cells = vec![html! { (row.name) }];
        cells.extend(What::ALL.map(|what| cell(what, row)));
        cells.push(html! { (percent(&row.counts)) });
        Row::new(cells)
    });
    let all = lang.pick("合计", "All");
    let mut foot = vec![html! { (all) }];
    foot.extend(What::ALL.map(|what| {
        let link = behind(what, None, board.period);
        counted(lang, (what, board.total.get(what)), &link, all, None)
    }));
    foot.push(html! { (percent(&board.total)) });
    let found = Table {
        caption: lang.pick("各单位", "Departments").into(),
        columns,
        rows: rows.collect(),
        foot: vec![Row::new(foot)],
        phone: Phone::Stack,
        ..Table::default()
    };
    flush(
        &Panel::new(lang.pick("各单位", "Departments")),
        html! {
            @if board.rows.is_empty() { div.panel-body { p.soft { (lang.pick("这段时间没有数。", "Nothing in this period.")) } } }
            @else { (table(lang, &found)) }
        },
    )
}

/// A number with the way to what it counts.
fn counted(
    lang: Lang,
    (what, count): (What, i64),
    link: &str,
    whose: &str,
    light: Option<Light>,
) -> Markup {
    if count == 0 {
        return html! { "0" };
    }
    let words = format!("{whose} {} {count}", what.title().get(lang));
    let shown =
        light.map_or_else(|| html! { (number(count)) }, |light| lamp(light, &number(count)));
    html! { a href=(link) aria-label=(words) { (shown) } }
}

/// The period beside the one before and a year ago.
fn compared(lang: Lang, board: &Board) -> Markup {
    let row = |period: Period, counts: &Counts| {
        let (link, name) =
            (format!("/board/supervision?{}", in_address(period)), in_words(lang, period));
        let mut cells = vec![html! { a href=(link) { (name) } }];
        cells.extend(What::ALL.map(|what| {
            counted(lang, (what, counts.get(what)), &behind(what, None, period), &name, None)
        }));
        cells.push(html! { (percent(counts)) });
        Row::new(cells)
    };
    let mut columns = vec![Column::head(lang.pick("时间", "Period")).slot(Slot::Full(1))];
    columns.extend(What::ALL.map(|what| Column::number(what.title().get(lang).to_owned()).tight()));
    columns.push(Column::number(lang.pick("按时办结率", "On time")).tight());
    let found = Table {
        caption: lang.pick("比上期、比去年", "Compared").into(),
        columns,
        rows: vec![
            row(board.period, &board.total),
            row(board.before.0, &board.before.1),
            row(board.year_ago.0, &board.year_ago.1),
        ],
        phone: Phone::Stack,
        ..Table::default()
    };
    flush(&Panel::new(lang.pick("比上期、比去年", "Compared")), table(lang, &found))
}

fn latest(lang: Lang, cards: &[Card]) -> Markup {
    let entries: Vec<Entry> = cards
        .iter()
        .take(CARDS_SHOWN)
        .map(|card| {
            let entry = Entry::link(
                &format!("{} {}", card.rule_title.get(lang), card.case),
                &format!("/desk/supervision/{}", encode(&card.no)),
            );
            entry.above(level(lang, card.level)).note(html! {
                (card.department_name) " · " (clock_time(card.occurred_at)) " · " (card.state.title().get(lang))
            })
        })
        .collect();
    boxed(
        &Panel::new(lang.pick("最近的牌", "Latest cards"))
            .aside(html! { a href="/board/supervision/cards" { (lang.pick("全部", "All")) } }),
        html! {
            @if entries.is_empty() { p.soft { (lang.pick("还没有发过牌。", "No card was raised.")) } }
            @else { (list(&entries)) }
        },
    )
}

fn take_away(frame: &Frame<'_>, period: Period) -> Markup {
    let lang = frame.lang;
    let field = Field::new("reason", lang.pick("为什么导出", "Why")).hint(lang.pick(
        "导出谁、什么时候、为什么，都留记录，文件里有看不见的水印",
        "Who took it, when and why stays on record; the file carries a hidden mark",
    ));
    boxed(
        &Panel::new(lang.pick("导出监察记录（GB/T 39046）", "Take the cards away (GB/T 39046)")),
        form(
            frame,
            &Form::post("/board/supervision/export"),
            html! {
                (hidden("from", &period.from.to_string()))
                (hidden("to", &period.to.to_string()))
                (text(lang, &field, &Input::default().length_max(100)))
                (actions(submit(&Button::secondary(lang.pick("导出 CSV", "Export CSV")).icon(Icon::Download))))
            },
        ),
    )
}

/// Whether the numbers equal the record, as the last look found.
fn checked(lang: Lang, board: &Board) -> Markup {
    html! {
        p.meta {
            @match &board.audit {
                None => { (lang.pick("还没有和办件记录核对过；每天 4:40 核对一次。", "Not compared with the record yet; that is done every day at 4:40.")) }
                Some(audit) if audit.differ == 0 => {
                    (lang.pick("和办件记录核对一致：", "Equal to the record of cases: "))
                    (clock_time(audit.at)) "，" (number(i64::from(audit.cases))) (lang.pick(" 件，重判 ", " cases, judged again: "))
                    (number(i64::from(audit.cards))) (lang.pick(" 张牌", " cards"))
                }
                Some(audit) => {
                    (lamp(Light::Over, lang.pick("和办件记录有出入", "Differs from the record")))
                    " " (clock_time(audit.at)) " · " (audit.differ) " · " (audit.first.as_deref().unwrap_or_default())
                }
            }
        }
    }
}
