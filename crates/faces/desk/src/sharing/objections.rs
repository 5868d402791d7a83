//! Objections at the workbench: raised from a case, settled by the unit that answers for the source.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use zhengtong_base::{Lang, Page};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, Fields, Visit, redirect};
use zhengtong_sharing::{Objection, ObjectionSeen, ObjectionState};
use zhengtong_ui::Frame;
use zhengtong_ui::Icon;
use zhengtong_ui::field::{Field, Form, Input, Width, form, text};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Heading, Title, section, split, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Panel, flush, pairs, panel, reveal};
use zhengtong_ui::press::{Button, Choice, actions, filters, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::act::{area, course};
use super::{HOME, Names};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

/// Where objections stand.
const PLACE: &str = "/desk/sharing/objections";

#[derive(Deserialize)]
pub(super) struct Wanted {
    show: Option<String>,
    page: Option<u32>,
}

pub(super) async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let open = wanted.show.as_deref() != Some("done");
    list(&visit, open, wanted.page.unwrap_or(1), Typed::default()).await
}

/// Raises one from a case.
pub(super) async fn raise(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let key: Vec<(&str, &str)> =
        fields.get("key").split(';').filter_map(|part| part.trim().split_once(':')).collect();
    let said = (fields.get("field"), fields.get("claimed"), fields.get("why"));
    let case = Some(fields.get("case").trim()).filter(|case| !case.is_empty());
    let dataset = fields.get("dataset");
    let raised = zhengtong_sharing::object_by_key(&mut ctx, dataset, &key, said, case).await;
    match raised {
        Ok(raised) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{PLACE}/{}", raised.no())))
        }
        Err(error) => {
            drop(ctx);
            list(&visit, true, 1, Typed::of(fields, error)?).await
        }
    }
}

async fn list(visit: &Visit, open: bool, number: u32, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let page = zhengtong_sharing::objections(&mut ctx, open, number).await?;
    let names = Names::load(&mut ctx).await?;
    let today = china_date(ctx.now);
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("数据异议", "Objections");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let choice = |here: bool, zh: &'static str, en: &'static str, href: &'static str| {
        let choice = Choice::new(lang.pick(zh, en), href);
        if here { choice.current() } else { choice }
    };
    let shown = [
        choice(open, "核实中", "Open", PLACE),
        choice(!open, "已办结", "Settled", "/desk/sharing/objections?show=done"),
    ];
    let href = format!("{PLACE}?show={}&page=", if open { "open" } else { "done" });
    let office = visit.actor.roles.iter().all(|role| role == "cataloguer");
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据共享", "Data on request"), HOME)], heading))
        (typed.above(lang))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "登记的内容被指有错的，由源头单位核实；更正后，用过的单位都会收到通知。",
            "What is said to be wrong is looked into at its source; once corrected, every unit that used it is told.",
        )) })))
        (filters(lang.pick("显示", "Show"), &shown))
        @if page.rows.is_empty() {
            (empty(&Empty { icon: Icon::Check, title: lang.pick("这里没有异议", "Nothing here").into(), body: None }))
        } @else { (rows(lang, &page, &names, today)) }
        (pager(lang, Pager { page: page.page, pages: page.pages(), href: &href }))
        @if !office { (panel(&Panel::default(), reveal(lang.pick("办件中发现数据有错", "Something is wrong in a case"), raising(&frame, &typed)))) }
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn raising(frame: &Frame<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let line = |name: &'static str, label: &'static str, hint: &'static str| {
        let field = Field::new(name, label).hint(hint).errors(&typed.errors, lang);
        let value = typed.fields.get(name).to_owned();
        text(lang, &field, &Input::new(value).width(Width::Full).length_max(200))
    };
    form(
        frame,
        &Form::post(PLACE),
        html! {
            (line("dataset", lang.pick("数据集", "Dataset"), "base-population:resident"))
            (line("key", lang.pick("主键", "Key"), lang.pick("信息项:值，例如 id_number:…", "field:value, such as id_number:…")))
            (line("field", lang.pick("哪一项不对", "Which field"), lang.pick("信息项代号，例如 phone", "its name, such as phone")))
            (line("claimed", lang.pick("正确的内容", "What it should be"), ""))
            (line("case", lang.pick("办件号", "Case"), lang.pick("没有可不写", "if there is one")))
            (area(lang, typed, "why", lang.pick("理由", "Why")))
            (actions(submit(&Button::new(lang.pick("提出异议", "Object")))))
        },
    )
}

fn rows(lang: Lang, page: &Page<Objection>, names: &Names, today: Date) -> Markup {
    let row = |one: &Objection| {
        Row::new(vec![
            html! {
                a href={ (PLACE) "/" (one.no) } {
                    (names.dataset(lang, &one.dataset)) " · " (names.field(lang, &one.dataset, &one.field))
                }
                br; span.meta { (one.no) }
            },
            html! { (names.unit(lang, one.source)) },
            html! { @match one.unit { Some(unit) => (names.unit(lang, unit)), None => (lang.pick("本人", "The person")) } },
            standing(lang, one, today),
            html! { @match one.due { Some(day) => (day), None => "–" } },
        ])
    };
    let shown = Table {
        caption: lang.pick("数据异议", "Objections").into(),
        columns: vec![
            Column::head(lang.pick("哪一项", "What")),
            Column::new(lang.pick("源头单位", "Source")),
            Column::new(lang.pick("谁提的", "Raised by")),
            Column::new(lang.pick("进展", "Where it stands")).tight(),
            Column::new(lang.pick("期限", "Due")).tight(),
        ],
        rows: page.rows.iter().map(row).collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &shown))
}

fn standing(lang: Lang, one: &Objection, today: Date) -> Markup {
    let words = one.state.title();
    let words = words.get(lang);
    match (one.state, one.due) {
        (_, Some(due)) if due < today => lamp(Light::Over, lang.pick("超期", "Overdue")),
        (ObjectionState::Open, _) => tag(Tone::Warn, words),
        (ObjectionState::Corrected, _) => tag(Tone::Good, words),
        (ObjectionState::Kept, _) => tag(Tone::Plain, words),
    }
}

pub(super) async fn open(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, Typed::default()).await
}

pub(super) async fn act(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let (reason, words) = (fields.get("reason"), fields.get("words"));
    let done = match fields.get("do") {
        "correct" => zhengtong_sharing::correct(&mut ctx, &no, fields.get("claimed"), words).await,
        "extend" => zhengtong_sharing::extend(&mut ctx, &no, reason).await,
        _ => zhengtong_sharing::keep(&mut ctx, &no, reason).await,
    };
    match done {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{PLACE}/{no}")))
        }
        Err(error) => {
            drop(ctx);
            show(&visit, &no, Typed::of(fields, error)?).await
        }
    }
}

async fn show(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let seen = zhengtong_sharing::objection(&mut ctx, no).await?;
    let names = Names::load(&mut ctx).await?;
    let today = china_date(ctx.now);
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let one = &seen.objection;
    let name = names.field(lang, &one.dataset, &one.field);
    let mut frame = bench.frame(visit, name);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let trail = [
        Link::new(lang.pick("数据共享", "Data on request"), HOME),
        Link::new(lang.pick("数据异议", "Objections"), PLACE),
    ];
    let meta = format!("{} · {no}", names.dataset(lang, &one.dataset));
    let body = html! {
        (crumbs(lang, &trail, no))
        (typed.above(lang))
        (title(&Title::new(name).beside(standing(lang, one, today)).meta(html! { (meta) })))
        (split(html! {
            (what(lang, &seen, &names))
            (section(&Heading::new("course", lang.pick("办理过程", "Course")), course(lang, &seen.steps)))
        }, html! {
            @if let Some(due) = one.due { p { (lang.pick("期限：", "Due: ")) strong { (due) } } }
            @if seen.may_settle { (settling(&frame, &seen, &typed)) }
        }))
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn what(lang: Lang, seen: &ObjectionSeen, names: &Names) -> Markup {
    let one = &seen.objection;
    let mut rows = vec![
        (lang.pick("源头单位", "Source"), html! { (names.unit(lang, one.source)) }),
        (lang.pick("在哪里看到的", "Seen in"), html! { (names.dataset(lang, &one.seen_in)) }),
    ];
    if let Some(held) = &seen.held {
        rows.push((lang.pick("现在登记的", "Held now"), html! { (held.get(lang)) }));
    }
    if !seen.claimed.is_empty() {
        rows.push((
            lang.pick("认为应当是", "Said to be"),
            html! { span lang="zh-CN" { (seen.claimed) } },
        ));
    }
    if let Some(case) = &one.case {
        rows.push((lang.pick("办件号", "Case"), html! { (case) }));
    }
    if one.told > 0 {
        rows.push((lang.pick("已告知单位数", "Units told"), html! { (one.told) }));
    }
    let rows = rows.into_iter().map(|(name, value)| (name.into(), value));
    panel(&Panel::new(lang.pick("异议内容", "The objection")), pairs(rows))
}

fn settling(frame: &Frame<'_>, seen: &ObjectionSeen, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let action = format!("{PLACE}/{}", seen.objection.no);
    let claimed = match typed.kind {
        Some(_) => typed.fields.get("claimed").to_owned(),
        None => seen.claimed.clone(),
    };
    let field =
        Field::new("claimed", lang.pick("更正为", "Corrected to")).errors(&typed.errors, lang);
    let second = |word: &'static str, words: &'static str| {
        submit(&Button::secondary(words).sends("do", word))
    };
    html! {
        (panel(&Panel::new(lang.pick("更正", "Correct it")), form(frame, &Form::post(action.clone()), html! {
            (text(lang, &field, &Input::new(claimed).width(Width::Full).length_max(200)))
            (area(lang, typed, "words", lang.pick("核实情况", "What was found")))
            (actions(submit(&Button::new(lang.pick("更正并告知", "Correct and tell")).sends("do", "correct"))))
        })))
        (panel(&Panel::new(lang.pick("维持，或者延长", "Keep it, or take more time")), form(frame, &Form::post(action), html! {
            (area(lang, typed, "reason", lang.pick("理由", "Reason")))
            (actions(html! {
                (second("keep", lang.pick("维持原记录", "Keep as it is")))
                @if seen.may_extend { (second("extend", lang.pick("延长一次", "Extend once"))) }
            }))
        })))
    }
}
