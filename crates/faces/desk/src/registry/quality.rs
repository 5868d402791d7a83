//! 数据质量: how complete, consistent and fresh each dataset is, how that went over time, and the records that fail, which
//! go back to the unit that answers for them.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_http::{Answer, Fields, Visit, clock_time, redirect};
use zhengtong_registry::{Catalog, Dataset, Field, QualityRun, Row as Record, RuleResult};
use zhengtong_ui::Frame;
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, actions, post as post_button};
use zhengtong_ui::table::{Column, Phone, Row, Table, table};

use super::QUALITY;
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

/// Fields of a failing record that are shown.
const SHOWN: usize = 6;

pub(super) async fn listed(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let runs = zhengtong_registry::quality(&mut ctx).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("数据质量", "Quality of data");
    let frame = bench.frame(&visit, heading);
    let rows = catalog.datasets.values().map(|dataset| {
        let run = runs.iter().find(|run| run.dataset == dataset.id);
        let mut cells = vec![html! { a href={ (QUALITY) "/" (dataset.id) } { (dataset.title.get(lang)) } }];
        cells.extend(scores(run));
        cells.push(html! { @match run { Some(run) => (clock_time(run.at)), None => (lang.pick("还没查过", "Not yet")) } });
        Row::new(cells)
    });
    let mut columns = vec![Column::head(lang.pick("数据集", "Dataset"))];
    columns.extend(heads(lang));
    let shown =
        Table { caption: heading.into(), columns, rows: rows.collect(), ..Table::default() };
    let body = html! {
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "每天凌晨检查一次，也可以随时查。违反规则的每条记录都留着，改好后再查就少了。",
            "Looked at every night and whenever you ask. Every record that breaks a rule is kept until it is corrected.",
        )) })))
        (flush(&Panel::default(), table(lang, &shown)))
    };
    Ok(bench.page(&visit, &frame, body))
}

/// The heads of the columns of a look.
fn heads(lang: Lang) -> Vec<Column<'static>> {
    vec![
        Column::number(lang.pick("记录", "Records")),
        Column::number(lang.pick("完整", "Complete")),
        Column::number(lang.pick("一致", "Consistent")),
        Column::number(lang.pick("及时", "In time")),
        Column::new(lang.pick("检查时间", "Looked at")).tight(),
    ]
}

fn scores(run: Option<&QualityRun>) -> Vec<Markup> {
    let Some(run) = run else { return vec![html! { "–" }; 4] };
    let percent = |share: f64| html! { (format!("{:.2}%", share * 100.0)) };
    vec![
        html! { (run.records) },
        percent(run.completeness),
        percent(run.consistency),
        percent(run.timeliness),
    ]
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// The rule whose records are shown.
    rule: Option<String>,
    /// The record after which they go on.
    after: Option<Uuid>,
    /// The record that is sent back to its source.
    back: Option<Uuid>,
}

pub(super) async fn open(
    visit: Visit,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    show(&visit, &id, &wanted, &Typed::default()).await
}

async fn show(visit: &Visit, id: &str, wanted: &Wanted, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let runs = zhengtong_registry::quality_of(&mut ctx, id).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let rule = wanted.rule.as_deref().unwrap_or_default();
    let (mut failing, mut open) = (Vec::new(), BTreeMap::new());
    if !rule.is_empty() {
        let after = wanted.after.unwrap_or_default();
        failing = zhengtong_registry::quality_faults(&mut ctx, id, rule, after).await?;
        let ids: Vec<Uuid> = failing.iter().map(|record| record.id).collect();
        open = zhengtong_sharing::marks(&mut ctx, id, &ids).await?;
    }
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let Some(dataset) = catalog.dataset(id) else { return Err(zhengtong_http::Fault::absent()) };
    let heading = dataset.title.get(lang);
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let way = format!("{QUALITY}/{id}");
    let button = Button::new(lang.pick("现在检查", "Look now"));
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据质量", "Quality of data"), QUALITY)], heading))
        (typed.above(lang))
        (title(&Title::new(heading).meta(html! { (id) })))
        (actions(post_button(&way, token(&frame), &button)))
        @if let Some(run) = runs.first() { (results(lang, run, &way)) }
        @else { p.soft { (lang.pick("还没查过。", "Not looked at yet.")) } }
        @if !rule.is_empty() { (records(&frame, dataset, (&failing, &open), (&way, rule))) }
        @if runs.len() > 1 { (trend(lang, &runs)) }
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

/// Looks at the dataset now, or sends one failing record back to its source.
pub(super) async fn check(
    visit: Visit,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    fields: Fields,
) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let (Some(record), Some(rule)) = (wanted.back, wanted.rule.as_deref()) else {
        zhengtong_registry::check_quality(&mut ctx, &id).await?;
        ctx.commit().await?;
        return Ok(redirect(&format!("{QUALITY}/{id}")));
    };
    match zhengtong_sharing::send_back(&mut ctx, &id, rule, record).await {
        Ok(raised) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/desk/sharing/objections/{}", raised.no())))
        }
        Err(error) => {
            drop(ctx);
            show(&visit, &id, &wanted, &Typed::of(fields, error)?).await
        }
    }
}

fn results(lang: Lang, run: &QualityRun, way: &str) -> Markup {
    let rows = run.results.iter().map(|one| {
        let by = if one.by == "sql" {
            lang.pick("数据库一次扫描", "One scan of the database")
        } else {
            lang.pick(
                "程序逐条（加密或需计算）",
                "The program, record by record (sealed or computed)",
            )
        };
        Row::new(vec![html! { (one.title.get(lang)) }, broken(lang, one, way), html! { (by) }])
    });
    let shown = Table {
        caption: lang.pick("规则", "Rules").into(),
        columns: vec![
            Column::head(lang.pick("规则", "Rule")),
            Column::number(lang.pick("违反", "Broken by")),
            Column::new(lang.pick("怎么查的", "Looked at by")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    flush(&Panel::new(lang.pick("规则", "Rules")), table(lang, &shown))
}

/// How many records break a rule, with the way to them; a rule about all of them is met or not.
fn broken(lang: Lang, one: &RuleResult, way: &str) -> Markup {
    match (one.broken > 0, one.whole) {
        (false, _) => html! { "0" },
        (true, true) => html! { (lang.pick("没达到", "Not met")) },
        (true, false) => html! { a href={ (way) "?rule=" (one.rule) } { (one.broken) } },
    }
}

fn records(
    frame: &Frame<'_>,
    dataset: &Dataset,
    (rows, open): (&[Record], &BTreeMap<Uuid, BTreeSet<String>>),
    (way, rule): (&str, &str),
) -> Markup {
    let lang = frame.lang;
    let about = field_of(dataset, rule);
    let is_key = |name: &str| dataset.key.iter().any(|key| key == name);
    // The key first, then what the rule is about, then what people know the record by.
    let mut fields: Vec<_> = dataset.fields.iter().filter(|field| is_key(&field.name)).collect();
    fields.extend(about.filter(|field| !is_key(&field.name)));
    for field in dataset.fields.iter().filter(|field| field.required) {
        if fields.len() < SHOWN && fields.iter().all(|shown| shown.name != field.name) {
            fields.push(field);
        }
    }
    // A wrong key is another record: that is put right at the source, by a load.
    let about = about.filter(|field| !is_key(&field.name));
    let mut columns: Vec<Column<'_>> =
        fields.iter().map(|field| Column::new(field.title.get(lang))).collect();
    if about.is_some() {
        columns.push(Column::new(lang.pick("更正", "Correction")).quiet());
    }
    let line = |row: &Record| {
        let cell = |name: &str| row.cells.get(name).map_or("", |text| text.get(lang));
        let mut cells: Vec<Markup> =
            fields.iter().map(|field| html! { (cell(&field.name)) }).collect();
        if let Some(first) = cells.first_mut() {
            let words = std::mem::take(first);
            *first = html! { a href=(super::record::address(&dataset.id, row.id)) { (words) } };
        }
        if let Some(field) = about {
            let is_open = open.get(&row.id).is_some_and(|names| names.contains(&field.name));
            let address = format!("{way}?rule={rule}&back={}", row.id);
            let button = Button::secondary(lang.pick("退回来源单位", "Send back"));
            cells.push(html! {
                @if is_open { (tag(Tone::Warn, lang.pick("核实中", "Being looked into"))) }
                @else { (post_button(&address, token(frame), &button)) }
            });
        }
        Row::new(cells)
    };
    let shown = Table {
        caption: lang.pick("违反规则的记录", "Records that break the rule").into(),
        columns,
        rows: rows.iter().map(line).collect(),
        phone: Phone::Scroll,
        ..Table::default()
    };
    let last = rows.last().filter(|_| rows.len() >= 100);
    html! {
        (flush(&Panel::new(lang.pick("违反规则的记录（个人信息已遮盖）", "Records that break the rule (personal values masked)")), table(lang, &shown)))
        @if let Some(last) = last {
            p { a href={ (way) "?rule=" (rule) "&after=" (last.id) } { (lang.pick("再看后面的", "More")) } }
        }
    }
}

/// The field that a rule is about; none for rules about a record or a dataset as a whole.
fn field_of<'a>(dataset: &'a Dataset, rule: &str) -> Option<&'a Field> {
    let declared = dataset.rules.iter().find(|one| one.id == rule);
    let name = declared.map_or_else(|| rule.split('.').next(), |one| one.field.as_deref());
    dataset.field(name?)
}

fn trend(lang: Lang, runs: &[QualityRun]) -> Markup {
    let rows = runs.iter().map(|run| {
        let mut cells = scores(Some(run));
        cells.push(html! { (clock_time(run.at)) });
        Row::new(cells)
    });
    let shown = Table {
        caption: lang.pick("历次检查", "Looks before").into(),
        columns: heads(lang),
        rows: rows.collect(),
        ..Table::default()
    };
    flush(&Panel::new(lang.pick("历次检查", "Looks before")), table(lang, &shown))
}
