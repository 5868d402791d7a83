//! Grants: who may read what until when, how it is used, one query by hand, and the end.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use zhengtong_base::{Failure as _, Kind, Lang, Page, Text};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, Fields, Visit, clock_time, redirect};
use zhengtong_sharing::{Given, Grant, Shared, Used, Way};
use zhengtong_ui::Frame;
use zhengtong_ui::Icon;
use zhengtong_ui::field::{Field, Form, Input, Pick, Width, form, select, text};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, flush, pairs, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::act::area;
use super::{HOME, Names};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

#[derive(Deserialize)]
pub(super) struct Wanted {
    page: Option<u32>,
}

/// What a query by hand found.
enum Outcome {
    Record(Shared),
    None,
    Agrees(bool),
}

pub(super) async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let page = zhengtong_sharing::grants(&mut ctx, wanted.page.unwrap_or(1)).await?;
    let names = Names::load(&mut ctx).await?;
    let today = china_date(ctx.now);
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("共享授权", "Grants");
    let frame = bench.frame(&visit, heading);
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据共享", "Data on request"), HOME)], heading))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "谁能用什么数据、到哪天、用了多少次。",
            "Who may read what until when, and how often it was used.",
        )) })))
        @if page.rows.is_empty() {
            (empty(&Empty { icon: Icon::Check, title: lang.pick("还没有授权", "No grants yet").into(), body: None }))
        } @else { (rows(lang, &page, &names, today)) }
        (pager(lang, Pager { page: page.page, pages: page.pages(), href: "/desk/sharing/grants?page=" }))
    };
    Ok(bench.page(&visit, &frame, body))
}

fn rows(lang: Lang, page: &Page<(Grant, i64)>, names: &Names, today: Date) -> Markup {
    let row = |(one, uses): &(Grant, i64)| {
        Row::new(vec![
            html! {
                a href={ (HOME) "/grants/" (one.no) } { (names.dataset(lang, &one.dataset)) }
                br; span.meta { (one.no) }
            },
            html! { (names.unit(lang, one.unit)) },
            html! { (names.unit(lang, one.provider)) },
            html! { (one.last) },
            html! { (uses) },
            given(lang, one.on(today)),
        ])
    };
    let shown = Table {
        caption: lang.pick("共享授权", "Grants").into(),
        columns: vec![
            Column::head(lang.pick("数据", "Data")),
            Column::new(lang.pick("使用单位", "Used by")),
            Column::new(lang.pick("提供单位", "Provider")),
            Column::new(lang.pick("到期", "Until")).tight(),
            Column::number(lang.pick("用过次数", "Uses")),
            Column::new(lang.pick("状态", "State")).tight(),
        ],
        rows: page.rows.iter().map(row).collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &shown))
}

fn given(lang: Lang, given: Given) -> Markup {
    match given {
        Given::InForce => tag(Tone::Good, lang.pick("生效中", "In force")),
        Given::Waiting => tag(Tone::Line, lang.pick("未到开始日期", "Not yet")),
        Given::Expired => tag(Tone::Plain, lang.pick("已到期", "Run out")),
        Given::Ended => tag(Tone::Warn, lang.pick("已收回", "Ended")),
    }
}

pub(super) async fn open(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, Typed::default(), None).await
}

pub(super) async fn act(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let outcome = match fields.get("do") {
        "end" => {
            let ended = zhengtong_sharing::end(&mut ctx, &no, fields.get("reason")).await;
            ended.map(|()| None)
        }
        "verify" => {
            let (key, claim) = (key(&fields), (fields.get("field"), fields.get("value")));
            let agrees = zhengtong_sharing::verify(&mut ctx, &no, &borrowed(&key), claim).await;
            agrees.map(|agrees| Some(Outcome::Agrees(agrees)))
        }
        _ => {
            let key = key(&fields);
            let found = zhengtong_sharing::records(&mut ctx, &no, &borrowed(&key), &[]).await;
            found.map(|found| Some(found.map_or(Outcome::None, Outcome::Record)))
        }
    };
    match outcome {
        Ok(None) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/grants/{no}")))
        }
        Ok(found) => {
            ctx.commit().await?;
            show(&visit, &no, Typed::default(), found).await
        }
        // What was used up is told on the page: the officer can do nothing else there today.
        Err(error) if error.kind() == Kind::TooMany => {
            drop(ctx);
            let (said, kind) = (Some(error.text()), Some(Kind::TooMany));
            show(&visit, &no, Typed { fields, said, kind, ..Typed::default() }, None).await
        }
        Err(error) => {
            drop(ctx);
            show(&visit, &no, Typed::of(fields, error)?, None).await
        }
    }
}

/// The parts of the key, by the names of their fields.
fn key(fields: &Fields) -> Vec<(String, String)> {
    let parts = fields.0.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix("key-")?.to_owned(), value.trim().to_owned()))
    });
    parts.collect()
}

fn borrowed(key: &[(String, String)]) -> Vec<(&str, &str)> {
    key.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

async fn show(visit: &Visit, no: &str, typed: Typed, found: Option<Outcome>) -> Answer {
    let mut ctx = reading(visit).await?;
    let used = zhengtong_sharing::grant(&mut ctx, no).await?;
    let names = Names::load(&mut ctx).await?;
    let today = china_date(ctx.now);
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let name = names.dataset(lang, &used.grant.dataset);
    let mut frame = bench.frame(visit, name);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let trail = [
        Link::new(lang.pick("数据共享", "Data on request"), HOME),
        Link::new(lang.pick("共享授权", "Grants"), "/desk/sharing/grants"),
    ];
    let body = html! {
        (crumbs(lang, &trail, no))
        (typed.above(lang))
        @if let Some(found) = &found { (result(lang, found)) }
        (title(&Title::new(name).beside(given(lang, used.grant.on(today))).meta(html! { (no) })))
        (split(html! {
            (whole(lang, &used, &names))
            (days(lang, &used))
        }, html! {
            @if used.may_use { (query(&frame, &used, (&names, &typed))) }
            @if used.may_end { (panel(&Panel::new(lang.pick("收回或不再使用", "End it")), form(&frame, &Form::post(format!("{HOME}/grants/{no}")), html! {
                (area(lang, &typed, "reason", lang.pick("理由", "Reason")))
                (actions(submit(&Button::secondary(lang.pick("立即停用", "End now")).sends("do", "end"))))
            }))) }
        }))
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn whole(lang: Lang, used: &Used, names: &Names) -> Markup {
    let grant = &used.grant;
    let zh = |words: &str| html! { span lang="zh-CN" { (words) } };
    let mut rows = vec![
        (lang.pick("使用单位", "Used by"), html! { (names.unit(lang, grant.unit)) }),
        (lang.pick("提供单位", "Provider"), html! { (names.unit(lang, grant.provider)) }),
        (
            lang.pick("信息项", "Fields"),
            html! { (names.fields(lang, &grant.dataset, &grant.fields)) },
        ),
        (
            lang.pick("其中脱敏", "Of these masked"),
            html! {
                @if grant.masked.is_empty() { "–" } @else { (names.fields(lang, &grant.dataset, &grant.masked)) }
            },
        ),
        (lang.pick("方式", "How"), html! { (grant.way.title().get(lang)) }),
        (lang.pick("用途", "Purpose"), zh(&grant.purpose)),
        (lang.pick("法律依据", "Legal basis"), zh(&grant.basis)),
        (lang.pick("期限", "Period"), html! { (grant.first) " – " (grant.last) }),
        (lang.pick("今天用了", "Used today"), html! { (used.today) " / " (grant.quota) }),
        (lang.pick("一共用了", "Used in all"), html! { (used.total) }),
        (lang.pick("涉及记录", "Different records"), html! { (used.records) }),
        (lang.pick("批准人", "Granted by"), html! { (grant.given_by) }),
        (
            lang.pick("申请", "Request"),
            html! { a href={ (HOME) "/" (grant.request) } { (grant.request) } },
        ),
        (
            lang.pick("接口", "Interface"),
            html! { code { "/api/v1/shared/" (grant.no) @if grant.way == Way::Query { "/records" } @else { "/verify" } } },
        ),
    ];
    if let Some((at, by, reason)) = &grant.ended {
        rows.push((
            lang.pick("收回", "Ended"),
            html! { (clock_time(*at)) " · " (by) " · " span lang="zh-CN" { (reason) } },
        ));
    }
    let rows = rows.into_iter().map(|(name, value)| (name.into(), value));
    panel(&Panel::new(lang.pick("授权内容", "What was granted")), pairs(rows))
}

fn days(lang: Lang, used: &Used) -> Markup {
    if used.days.is_empty() {
        return html! {};
    }
    let shown = Table {
        caption: lang.pick("每天用了多少次", "Uses by day").into(),
        columns: vec![
            Column::head(lang.pick("日期", "Day")),
            Column::number(lang.pick("次数", "Uses")),
        ],
        rows: used
            .days
            .iter()
            .map(|(day, uses)| Row::new(vec![html! { (day) }, html! { (uses) }]))
            .collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &shown))
}

fn query(frame: &Frame<'_>, used: &Used, (names, typed): (&Names, &Typed)) -> Markup {
    let (lang, grant) = (frame.lang, &used.grant);
    let Some(dataset) = names.catalog.dataset(&grant.dataset) else { return html! {} };
    let line = |name: String, label: String| {
        let field = Field::new(name.clone(), label).errors(&typed.errors, lang);
        let value = typed.fields.get(&name).to_owned();
        text(lang, &field, &Input::new(value).width(Width::Full).length_max(100))
    };
    let picks: Vec<Pick<'_>> = grant
        .fields
        .iter()
        .map(|name| Pick::new(name.as_str(), names.field(lang, &grant.dataset, name)))
        .collect();
    let action = format!("{HOME}/grants/{}", grant.no);
    panel(
        &Panel::new(lang.pick("查一条", "One record")),
        form(
            frame,
            &Form::post(action),
            html! {
                @for name in &dataset.key {
                    (line(format!("key-{name}"), names.field(lang, &grant.dataset, name).to_owned()))
                }
                @if grant.way == Way::Verify {
                    (select(lang, &Field::new("field", lang.pick("核验哪一项", "Field")), &picks, typed.fields.get("field")))
                    (line("value".to_owned(), lang.pick("是不是", "Does it hold").to_owned()))
                    (actions(submit(&Button::new(lang.pick("核验", "Verify")).sends("do", "verify"))))
                } @else {
                    (actions(submit(&Button::new(lang.pick("查询", "Query")).sends("do", "query"))))
                }
                p.meta { (lang.pick("每查一次都记录用途，本人看得到。", "Each query is recorded with its purpose, and the person sees it.")) }
            },
        ),
    )
}

fn result(lang: Lang, found: &Outcome) -> Markup {
    let said = |mood, text: Text| notice(&Notice::new(mood, text.get(lang).to_owned()));
    match found {
        Outcome::None => said(Mood::Warning, Text::new("没有这条记录", "There is no such record")),
        Outcome::Agrees(true) => said(Mood::Done, Text::new("一致", "They agree")),
        Outcome::Agrees(false) => said(
            Mood::Warning,
            Text::new("不一致，或者没有这条记录", "They do not agree, or there is no such record"),
        ),
        Outcome::Record(shared) => {
            let rows = shared.values.iter().map(|value| {
                let words = value.words.get(lang);
                (value.title.get(lang).to_owned().into(), html! {
                    @if words.is_empty() { "–" } @else { (words) }
                    @if value.disputed { " " (tag(Tone::Warn, lang.pick("有异议，核实中", "Disputed"))) }
                })
            });
            panel(
                &Panel::new(lang.pick("查询结果", "The record")),
                html! {
                    (pairs(rows.collect::<Vec<_>>()))
                    p.meta { (lang.pick("更新于 ", "As of ")) (clock_time(shared.updated)) " · " (lang.pick("今天还剩 ", "left today: ")) (shared.left) }
                },
            )
        }
    }
}
