//! The form of a request: first which dataset, then what of it, what for, how long.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use time::{Date, Duration};
use zhengtong_base::Lang;
use zhengtong_base::code::parse_date;
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, Fields, Visit, redirect};
use zhengtong_registry::{Dataset, Sharing};
use zhengtong_sharing::{NewRequest, Way};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Area, Field, Form, Input, Kind as InputKind, Layout, Pick, Width, checkboxes, date, fieldset,
    form, hidden, radios, text, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, Search, crumbs, search};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::{HOME, Names, all};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

#[derive(Deserialize)]
pub(super) struct Wanted {
    dataset: Option<String>,
    q: Option<String>,
}

pub(super) async fn begin(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let words = wanted.q.unwrap_or_default();
    let dataset = wanted.dataset.unwrap_or_default();
    page(&visit, (&dataset, words.trim()), Typed::default()).await
}

pub(super) async fn begun(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let new = request_of(&fields);
    let dataset = new.dataset.clone();
    match zhengtong_sharing::ask(&mut ctx, new).await {
        Ok(no) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/{no}")))
        }
        Err(error) => {
            drop(ctx);
            page(&visit, (&dataset, ""), Typed::of(fields, error)?).await
        }
    }
}

/// What the form says; what cannot be read comes back as what breaks a rule.
fn request_of(fields: &Fields) -> NewRequest {
    let text = |name: &str| fields.get(name).trim().to_owned();
    let day = |name: &str| parse_date(fields.get(name)).unwrap_or(Date::MIN);
    NewRequest {
        dataset: text("dataset"),
        purpose: text("purpose"),
        basis: text("basis"),
        serves: text("serves"),
        fields: all(fields, "fields").into_iter().map(str::to_owned).collect(),
        way: Way::parse(fields.get("way")).unwrap_or(Way::Verify),
        first: day("first"),
        last: day("last"),
        quota: fields.get("quota").trim().parse().unwrap_or(0),
    }
}

async fn page(visit: &Visit, (id, words): (&str, &str), typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let names = Names::load(&mut ctx).await?;
    let own = match ctx.actor.organisation {
        Some(unit) => zhengtong_party::organisation(&mut ctx, unit).await?.short,
        None => None,
    };
    let today = china_date(ctx.now);
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("申请数据", "Ask for data");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let dataset = names.catalog.dataset(id);
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据共享", "Data on request"), HOME)], heading))
        (typed.above(lang))
        @match dataset {
            Some(dataset) => (chosen(&frame, dataset, &typed, today)),
            None => (choose(lang, &names, own.as_deref(), words)),
        }
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

/// The datasets of other units whose name, summary or unit holds what is looked for.
fn choose(lang: Lang, names: &Names, own: Option<&str>, words: &str) -> Markup {
    let sought = words.to_lowercase();
    let fits = |one: &&Dataset| {
        let summary = one.summary.as_ref().map_or("", |summary| summary.get(lang));
        let unit = names.units_by_short(lang, &one.authority);
        let all = format!("{}\n{}\n{summary}\n{unit}", one.title.zh, one.title.en);
        Some(one.authority.as_str()) != own && all.to_lowercase().contains(&sought)
    };
    let others: Vec<&Dataset> = names.catalog.datasets.values().filter(fits).collect();
    let nothing = others.is_empty();
    let row = |one: &Dataset| {
        let unit = names.units_by_short(lang, &one.authority);
        Row::new(vec![
            html! {
                @if one.sharing == Sharing::None { (one.title.get(lang)) }
                @else { a href={ (HOME) "/new?dataset=" (one.id) } { (one.title.get(lang)) } }
                @if let Some(summary) = &one.summary { br; span.meta { (summary.get(lang)) } }
            },
            html! { (unit) },
            match one.sharing {
                Sharing::Unconditional => {
                    tag(Tone::Good, lang.pick("无条件共享", "Without condition"))
                }
                Sharing::Conditional => tag(Tone::Line, lang.pick("有条件共享", "On a condition")),
                Sharing::None => tag(Tone::Plain, lang.pick("不予共享", "Not shared")),
            },
        ])
    };
    let shown = Table {
        caption: lang.pick("数据集", "Datasets").into(),
        columns: vec![
            Column::head(lang.pick("数据集", "Dataset")),
            Column::new(lang.pick("提供单位", "Provider")),
            Column::new(lang.pick("共享类型", "Sharing")).tight(),
        ],
        rows: others.into_iter().map(row).collect(),
        ..Table::default()
    };
    html! {
        (title(&Title::new(lang.pick("要哪个数据集", "Which dataset")).lead(html! { (lang.pick(
            "选一个。无条件共享的审核通过当场开通，有条件共享的由提供单位答复。",
            "Choose one. What is shared without a condition opens with the check; for the rest the provider replies.",
        )) })))
        (search(lang, &Search {
            action: format!("{HOME}/new").into(),
            label: lang.pick("查找数据集", "Find datasets").into(),
            value: words.into(),
            example: lang.pick("例如：营业执照、民政局", "such as: licence, civil affairs").into(),
        }))
        @if nothing {
            p { (lang.pick("没有找到，换个词试试。", "Nothing was found; try another word.")) }
        } @else {
            (flush(&Panel::default(), table(lang, &shown)))
        }
    }
}

fn chosen(frame: &Frame<'_>, dataset: &Dataset, typed: &Typed, today: Date) -> Markup {
    let lang = frame.lang;
    html! {
        (title(&Title::new(dataset.title.get(lang)).lead(html! { (lang.pick(
            "只要办事必需的信息项。写得越清楚，答复越快。",
            "Only what the work needs. The clearer it is, the sooner the reply.",
        )) })))
        (form(frame, &Form::post(format!("{HOME}/new")), html! {
            (hidden("dataset", &dataset.id))
            (what(frame, dataset, typed))
            (why(frame, typed))
            (how_long(frame, typed, today))
            (actions(submit(&Button::new(lang.pick("提交申请", "Ask")))))
        }))
    }
}

fn what(frame: &Frame<'_>, dataset: &Dataset, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let picks: Vec<Pick<'_>> = dataset
        .fields
        .iter()
        .map(|field| Pick::new(field.name.as_str(), field.title.get(lang)))
        .collect();
    let ways: Vec<Pick<'_>> = Way::ALL
        .iter()
        .map(|way| Pick::new(way.word(), way.title().get(lang).to_owned()))
        .collect();
    let way = if typed.kind.is_some() { typed.fields.get("way") } else { Way::Query.word() };
    let field = |name: &'static str, label: &'static str| {
        Field::new(name, label).errors(&typed.errors, lang)
    };
    fieldset(
        lang.pick("要什么", "What"),
        html! {
            (checkboxes(lang, &field("fields", lang.pick("信息项", "Fields")), &picks, &all(&typed.fields, "fields"), Layout::Across))
            (radios(lang, &field("way", lang.pick("方式", "How")), &ways, way, Layout::Across))
        },
    )
}

fn why(frame: &Frame<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let area = |name: &'static str, label: &'static str, hint: &'static str| {
        let field = Field::new(name, label).hint(hint).errors(&typed.errors, lang);
        let value = typed.fields.get(name).to_owned();
        textarea(lang, &field, &Area { value: value.into(), rows: 2, ..Area::default() })
    };
    fieldset(
        lang.pick("为什么要", "Why"),
        html! {
            (area("purpose", lang.pick("用途", "Purpose"), lang.pick("本人在“我的数据”里会看到这句话", "The person it is about reads this")))
            (area("basis", lang.pick("法律依据", "Legal basis"), lang.pick("写到条款", "Name the clause")))
            (area("serves", lang.pick("用在什么事项", "Item or case type it serves"), lang.pick("例如：食品经营许可（新办）", "For instance: food business licence (new)")))
        },
    )
}

fn how_long(frame: &Frame<'_>, typed: &Typed, today: Date) -> Markup {
    let lang = frame.lang;
    let value = |name: &str, usual: String| match typed.kind {
        Some(_) => typed.fields.get(name).to_owned(),
        None => usual,
    };
    let field = |name: &'static str, label: &'static str| {
        Field::new(name, label).errors(&typed.errors, lang)
    };
    let year = (today + Duration::days(365)).to_string();
    let quota =
        Input::new(value("quota", "100".to_owned())).kind(InputKind::Whole).width(Width::Short);
    fieldset(
        lang.pick("用多久、用多少", "How long and how often"),
        html! {
            (date(lang, &field("first", lang.pick("开始日期", "First day")), &value("first", today.to_string())))
            (date(lang, &field("last", lang.pick("结束日期", "Last day")), &value("last", year)))
            (text(lang, &field("quota", lang.pick("每天最多几次", "Uses a day at most")), &quota))
        },
    )
}

impl Names {
    fn units_by_short(&self, lang: Lang, short: &str) -> String {
        self.shorts.get(short).map_or_else(|| short.to_owned(), |name| name.get(lang).to_owned())
    }
}
