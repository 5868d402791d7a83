//! The page of one load: how far it is, what it came to, and the rows that were not taken in.

use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse as _;
use maud::{Markup, html};
use zhengtong_base::{Lang, Text};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_registry::{Catalog, Load, LoadFault, LoadState};
use zhengtong_tabular::{Cell, Guess, write_csv};
use zhengtong_ui::Frame;
use zhengtong_ui::Icon;
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs, part};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs};
use zhengtong_ui::press::{Button, actions, link_button, post as post_button};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::{HOME, draft, name, named, state};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

/// Faults that the page shows; all of them are in the file.
const SHOWN: i64 = 50;
/// Faults that are read at once for the file.
const PIECE: i64 = 10_000;

pub(super) async fn open(visit: Visit, Path(no): Path<i64>) -> Answer {
    show(&visit, no, Typed::default()).await
}

pub(super) async fn cancel(visit: Visit, Path(no): Path<i64>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_registry::cancel_load(&mut ctx, no).await {
        Ok(_load) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/{no}")))
        }
        Err(error) => {
            let error = named(&mut ctx, error).await?;
            drop(ctx);
            show(&visit, no, Typed::of(fields, error)?).await
        }
    }
}

pub(super) async fn show(visit: &Visit, no: i64, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let load = zhengtong_registry::load_of(&mut ctx, no).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let own = zhengtong_registry::may_load(&ctx, &load.dataset)?;
    let preview = match load.state {
        LoadState::Draft if own => {
            Some(zhengtong_registry::preview_load(&mut ctx, &visit.app.blobs, no).await?)
        }
        _ => None,
    };
    let faults = if own && load.counts().faulty > 0 && !load.state.is_running() {
        zhengtong_registry::load_faults(&mut ctx, no, 0, SHOWN).await?
    } else {
        Vec::new()
    };
    let other = if own { None } else { Some(other(&mut ctx, &catalog, &load).await?) };
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = match lang {
        Lang::Zh => format!("第 {no} 次加载"),
        Lang::En => format!("Load {no}"),
    };
    let mut frame = bench.frame(visit, &heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据加载", "Loads"), HOME)], &heading))
        (typed.above(lang))
        (title(&Title::new(heading.as_str()).beside(state(lang, &load)).meta(html! {
            (name(lang, &catalog, &load)) " · " (load.file_name) " · " (load.layout.format.name()) " · " (clock_time(load.created))
        })))
        @if let Some(unit) = &other {
            (notice(&Notice::new(Mood::Info, match lang {
                Lang::Zh => format!("这个数据集由{}加载。没有收下的行也只有那里的数据管理员看", unit.zh),
                Lang::En => format!("This dataset is loaded by {}. Rows that were not taken in are for the data steward there as well", unit.en),
            })))
        }
        @match &preview {
            Some(preview) => (draft::page(&frame, &catalog, preview)),
            None => (course(&frame, &load, own)),
        }
        @if !faults.is_empty() { (listed(lang, &load, &faults)) }
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

/// The unit that loads a dataset.
async fn other(ctx: &mut Ctx, catalog: &Catalog, load: &Load) -> Result<Text, Fault> {
    let authority = catalog.dataset(&load.dataset).map_or("", |dataset| dataset.authority.as_str());
    let found = zhengtong_party::organisation_by_short(ctx, authority).await?;
    Ok(found.map_or_else(|| Text::same(authority), |found| found.name))
}

fn course(frame: &Frame<'_>, load: &Load, own: bool) -> Markup {
    let lang = frame.lang;
    let way = format!("{HOME}/{}", load.number);
    html! {
        @if let Some(error) = &load.error {
            (notice(&Notice::new(Mood::Failure, error.get(lang))))
        }
        @if load.state.is_running() {
            (part(lang.pick("已读取", "Read"), u32::from(load.percent()), 100))
            p.soft { (lang.pick("全部读完、检查完才一次生效，这期间看到的还是原来的数据。刷新页面看进度。", "It takes effect in one step after all was checked; until then the records are as before. Load the page again to see how far it is.")) }
            (actions(html! {
                (link_button(&Button::new(lang.pick("刷新", "Look again")), &way))
                @if own { (post_button(&format!("{way}/cancel"), token(frame), &Button::secondary(lang.pick("停止加载", "Stop")))) }
            }))
        }
        @if load.changed_nothing() {
            (notice(&Notice::new(Mood::Info, lang.pick("文件里的内容和登记的一样，没有变化", "The records say the same already; nothing changed"))))
        }
        @if load.ended_nobody() {
            (notice(&Notice::new(Mood::Warning, lang.pick("有的行连主键都读不出来，不知道是哪条记录，所以没有结束任何记录。改好文件再加载一次", "Of some rows not even the key could be read, so no record was ended. Correct the file and load it again"))))
        }
        (counts(lang, load))
    }
}

fn counts(lang: Lang, load: &Load) -> Markup {
    let counts = load.counts();
    let number = |zh: &'static str, en: &'static str, count: i64| {
        (lang.pick(zh, en).into(), html! { (count) })
    };
    boxed(
        &Panel::new(lang.pick("结果", "Outcome")),
        pairs([
            number("读到的行", "Rows read", counts.read),
            number("新增记录", "New records", counts.created),
            number("变更记录", "Changed records", counts.changed),
            number("补记到历史", "Late, into history", counts.late),
            number("没有变化", "Unchanged", counts.same),
            number("结束记录", "Ended records", counts.ended),
            number("跳过的旧行", "Old rows passed over", counts.skipped),
            number("没有收下的行", "Rows not taken in", counts.faulty),
        ]),
    )
}

fn listed(lang: Lang, load: &Load, faults: &[LoadFault]) -> Markup {
    let rows = faults.iter().map(|fault| {
        Row::new(vec![
            html! { (fault.line) },
            html! { (fault.field.as_deref().unwrap_or("–")) },
            html! { (fault.reason.get(lang)) },
        ])
    });
    let shown = Table {
        caption: lang.pick("没有收下的行", "Rows that were not taken in").into(),
        columns: vec![
            Column::head(lang.pick("行", "Line")).tight(),
            Column::new(lang.pick("字段", "Field")).tight(),
            Column::new(lang.pick("原因", "Reason")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    let href = format!("{HOME}/{}/faults.csv", load.number);
    let button =
        Button::secondary(lang.pick("下载全部（CSV）", "All of them (CSV)")).icon(Icon::Download);
    html! {
        (flush(&Panel::new(lang.pick("没有收下的行", "Rows that were not taken in")), table(lang, &shown)))
        (actions(link_button(&button, &href)))
    }
}

pub(super) async fn faults(visit: Visit, Path(no): Path<i64>) -> Answer {
    let lang = visit.lang();
    let mut ctx = reading(&visit).await?;
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        let piece = match zhengtong_registry::load_faults(&mut ctx, no, after, PIECE).await {
            Ok(piece) => piece,
            Err(error) => return Err(named(&mut ctx, error).await?.into()),
        };
        let Some(last) = piece.last() else { break };
        after = last.number;
        rows.extend(piece.into_iter().map(|fault| {
            vec![
                Cell::Number(fault.line.to_string()),
                Cell::Text(fault.field.unwrap_or_default()),
                Cell::Text(fault.reason.get(lang).to_owned()),
                Cell::Text(fault.raw),
            ]
        }));
    }
    ctx.commit().await?;
    let header = match lang {
        Lang::Zh => ["行", "字段", "原因", "原文"],
        Lang::En => ["line", "field", "reason", "row"],
    };
    let bytes = write_csv(&header.map(str::to_owned), &rows, true);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"load-{no}-faults.csv\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// What a column seems to hold, in words.
pub(super) fn guess(guess: &Guess) -> Text {
    match guess {
        Guess::Empty => Text::new("空", "Empty"),
        Guess::Integer => Text::new("整数", "Whole number"),
        Guess::Decimal => Text::new("小数", "Number"),
        Guess::Boolean => Text::new("是否", "Yes or no"),
        Guess::Date => Text::new("日期", "Date"),
        Guess::Checked("gb11643") => Text::new("公民身份号码", "Citizen number"),
        Guess::Checked("gb32100") => Text::new("统一社会信用代码", "Credit code"),
        Guess::Checked("mobile") => Text::new("手机号", "Mobile number"),
        Guess::Checked(_) => Text::new("有校验规则的号码", "Number with a check rule"),
        Guess::Code => Text::new("代码", "Code"),
        Guess::Text => Text::new("文字", "Text"),
    }
}
