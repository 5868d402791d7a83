//! The six lists of a unit: looked at, entered, struck.

use std::collections::BTreeMap;

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Lang, Page, Text};
use zhengtong_calendar::china_date;
use zhengtong_catalog::{Entry, ListKind, NewEntry, PowerList, Result};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, Fields, Visit, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Area, Field, Form, Input, Pick, Width, form, hidden, select, text, textarea,
};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::panel::{Panel, flush, panel};
use zhengtong_ui::press::{Button, Choice, actions, submit, tabs};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::{HOME, units};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

#[derive(Deserialize)]
pub(super) struct Wanted {
    list: Option<String>,
    page: Option<u32>,
}

pub(super) async fn shown(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let list = wanted.list.as_deref().and_then(ListKind::parse).unwrap_or(ListKind::Duty);
    show(&visit, list, wanted.page.unwrap_or(1), Typed::default()).await
}

pub(super) async fn act(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let list = ListKind::parse(fields.get("list")).unwrap_or(ListKind::Duty);
    match done(&mut ctx, list, &fields).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&address(list)))
        }
        Err(error) => {
            drop(ctx);
            show(&visit, list, 1, Typed::of(fields, error)?).await
        }
    }
}

async fn done(ctx: &mut Ctx, list: ListKind, fields: &Fields) -> Result<()> {
    if let Ok(id) = fields.get("strike").parse::<Uuid>() {
        return zhengtong_catalog::strike(ctx, id).await;
    }
    let some = |name: &str| Some(fields.get(name).to_owned());
    let new = NewEntry {
        title: fields.get("title").to_owned(),
        note: fields.get("note").to_owned(),
        item: some("item"),
        resource: some("resource"),
        other: some("other"),
    };
    zhengtong_catalog::enter(ctx, list, new).await.map(drop)
}

fn address(list: ListKind) -> String {
    format!("{HOME}/lists?list={}", list.word())
}

async fn show(visit: &Visit, list: ListKind, number: u32, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let page = zhengtong_catalog::entries(&mut ctx, list, number).await?;
    let power = ctx.defs::<PowerList>()?;
    let names = units(&mut ctx).await?;
    let others = zhengtong_party::departments(&mut ctx).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("六张清单", "Six lists");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let steward = visit.actor.roles.iter().any(|role| role == "steward");
    let others: Vec<(String, String)> = others
        .into_iter()
        .filter_map(|unit| Some((unit.short?, unit.name.get(lang).to_owned())))
        .collect();
    let kinds: Vec<Choice<'_>> = ListKind::ALL
        .iter()
        .map(|kind| {
            let choice = Choice::new(kind.title().get(lang).to_owned(), address(*kind));
            if *kind == list { choice.current() } else { choice }
        })
        .collect();
    let href = format!("{}&page=", address(list));
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据目录", "Directory of data"), HOME)], heading))
        (typed.above(lang))
        (title(&Title::new(heading).lead(html! { (about(lang, list)) })))
        (tabs(heading, &kinds))
        (split(html! {
            (rows(&frame, &page, (&names, &power), steward))
            (pager(lang, Pager { page: page.page, pages: page.pages(), href: &href }))
        }, html! {
            @if steward { (entry_form(&frame, list, (&power, &others), &typed)) }
        }))
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn about(lang: Lang, list: ListKind) -> &'static str {
    match list {
        ListKind::Duty => lang.pick(
            "依法要做的事，对应权力清单的事项。",
            "What the unit does by law, tied to the power list.",
        ),
        ListKind::System => lang.pick("正在用的信息系统。", "The systems in use."),
        ListKind::Data => lang.pick(
            "职责和系统产生的数据，对应目录里的资源。",
            "The data that duties and systems bring forth, tied to resources.",
        ),
        ListKind::Demand => {
            lang.pick("办事要用、别的单位有的数据。", "Data needed from other units.")
        }
        ListKind::Responsibility => {
            lang.pick("哪个单位对哪项数据负责。", "Which unit answers for which data.")
        }
        ListKind::Negative => lang.pick("依法不能共享的数据。", "Data that by law is not shared."),
    }
}

fn rows(
    frame: &Frame<'_>,
    page: &Page<Entry>,
    (names, power): (&BTreeMap<Uuid, Text>, &PowerList),
    steward: bool,
) -> Markup {
    let lang = frame.lang;
    if page.rows.is_empty() {
        return html! { p.soft { (lang.pick("还没有。", "None yet.")) } };
    }
    let tied = |entry: &Entry| {
        let item = entry.new.item.as_ref().and_then(|item| power.0.get(item));
        html! {
            @if let Some(item) = item { (item.get(lang)) br; }
            @if let Some(code) = &entry.new.resource { a href={ "/data/" (zhengtong_catalog::slug(code)) } { (code) } br; }
            @if let Some(other) = &entry.new.other { (other) }
        }
    };
    let row = |entry: &Entry| {
        let mut cells = vec![
            html! { span lang="zh-CN" { (entry.new.title) } br; span.meta { (names.get(&entry.unit).map_or("–", |name| name.get(lang))) " · " (china_date(entry.since)) } },
            html! { span lang="zh-CN" { (entry.new.note) } },
            tied(entry),
        ];
        if steward {
            cells.push(html! {
                form method="post" action={ (HOME) "/lists" } data-once {
                    (token(frame)) (hidden("list", entry.list.word())) (hidden("strike", &entry.id.to_string()))
                    (submit(&Button::quiet(lang.pick("去掉", "Strike"))))
                }
            });
        }
        Row::new(cells)
    };
    let mut columns = vec![
        Column::head(lang.pick("名称", "Name")),
        Column::new(lang.pick("说明", "Note")),
        Column::new(lang.pick("对应", "Tied to")),
    ];
    if steward {
        columns.push(Column::new(lang.pick("操作", "Do")).tight());
    }
    let shown = Table {
        caption: lang.pick("清单", "The list").into(),
        columns,
        rows: page.rows.iter().map(row).collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &shown))
}

fn entry_form(
    frame: &Frame<'_>,
    list: ListKind,
    (power, others): (&PowerList, &[(String, String)]),
    typed: &Typed,
) -> Markup {
    let lang = frame.lang;
    let value = |name: &str| typed.fields.get(name).to_owned();
    let field = |name: &'static str, label: &'static str| {
        Field::new(name, label).errors(&typed.errors, lang)
    };
    let items: Vec<Pick<'_>> = power
        .0
        .iter()
        .map(|(id, title)| Pick::new(id.as_str(), title.get(lang).to_owned()))
        .collect();
    let units: Vec<Pick<'_>> =
        others.iter().map(|(short, name)| Pick::new(short.as_str(), name.as_str())).collect();
    let needs_unit = matches!(list, ListKind::Demand | ListKind::Responsibility);
    let needs_resource =
        matches!(list, ListKind::Data | ListKind::Responsibility | ListKind::Negative);
    let note = match list {
        ListKind::Duty | ListKind::Negative => lang.pick("法律依据", "The law"),
        ListKind::Demand => lang.pick("办什么事要用", "What it is needed for"),
        _ => lang.pick("说明", "Note"),
    };
    panel(
        &Panel::new(lang.pick("加一条", "Enter")),
        form(
            frame,
            &Form::post(format!("{HOME}/lists")),
            html! {
                (hidden("list", list.word()))
                (text(lang, &field("title", lang.pick("名称", "Name")), &Input::new(value("title")).width(Width::Full).length_max(200)))
                (textarea(lang, &field("note", note), &Area { value: value("note").into(), rows: 2, ..Area::default() }))
                @if matches!(list, ListKind::Duty | ListKind::Demand) {
                    (select(lang, &field("item", lang.pick("权力清单的事项", "Item of the power list")).optional(), &items, &value("item")))
                }
                @if needs_resource {
                    (text(lang, &field("resource", lang.pick("资源代码", "Code of the resource")), &Input::new(value("resource")).width(Width::Long)))
                }
                @if needs_unit { (select(lang, &field("other", lang.pick("单位", "Unit")), &units, &value("other"))) }
                (actions(submit(&Button::new(lang.pick("加进清单", "Enter")))))
            },
        ),
    )
}
