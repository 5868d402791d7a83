//! The results that everybody may read: by department, by item, and what was said and answered.

use std::collections::{BTreeMap, btree_map};

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use time::{Date, Duration};
use uuid::Uuid;
use zhengtong_base::{Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, Visit, see_same};
use zhengtong_rating::{Comment, Counts, Line, Results};
use zhengtong_service::Catalog;
use zhengtong_ui::figure::{Stat, stats};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, Title, page, section, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Choice, segment};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Place, hall};

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// `month`, `quarter` or `year`.
    over: Option<String>,
}

/// Names of what the results are about.
struct Names {
    departments: BTreeMap<Uuid, Text>,
    items: BTreeMap<String, (Text, String)>,
}

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let over = match wanted.over.as_deref() {
        Some("month") => "month",
        Some("quarter") => "quarter",
        _ => "year",
    };
    let mut ctx = visit.ctx().await?;
    let today = china_date(ctx.now);
    let results = zhengtong_rating::results(&mut ctx, first(today, over), today).await?;
    let mut names = Names { departments: BTreeMap::new(), items: BTreeMap::new() };
    let shown = results.departments.iter().map(|line| line.of);
    for id in shown.chain(results.comments.iter().map(|comment| comment.department)) {
        if let btree_map::Entry::Vacant(place) = names.departments.entry(id) {
            place.insert(zhengtong_party::organisation(&mut ctx, id).await?.name);
        }
    }
    for listed in ctx.defs::<Catalog>()?.iter() {
        names.items.insert(listed.id.clone(), (listed.item.name.clone(), listed.slug.clone()));
    }
    ctx.commit().await?;
    let frame =
        visit.frame(visit.lang().pick("好差评结果", "Ratings of services"), Place::Services);
    Ok(see_same(hall(&frame, body(visit.lang(), over, &results, &names))))
}

fn first(today: Date, over: &str) -> Date {
    let days = match over {
        "month" => 30,
        "quarter" => 91,
        _ => 365,
    };
    today.checked_sub(Duration::days(days)).unwrap_or(Date::MIN)
}

fn body(lang: Lang, over: &str, results: &Results, names: &Names) -> Markup {
    let choice = |word: &'static str, zh: &'static str, en: &'static str| {
        let choice = Choice::new(lang.pick(zh, en), format!("/hall/ratings?over={word}"));
        if word == over { choice.current() } else { choice }
    };
    let periods = [
        choice("month", "近一个月", "A month"),
        choice("quarter", "近三个月", "Three months"),
        choice("year", "近一年", "A year"),
    ];
    let heading = lang.pick("好差评结果", "Ratings of services");
    page(html! {
        (crumbs(lang, &[Link::new(lang.pick("首页", "Home"), "/"), Link::new(lang.pick("办事", "Services"), "/hall")], heading))
        (title(&Title::new(heading).meta(html! { (results.from) (lang.pick(" 至 ", " to ")) (results.to) }).lead(html! { (lang.pick(
            "办过事的人怎么评，单位怎么改。数字由系统直接统计，单位改不了。",
            "What people say and what departments did about it. The figures are counted by the platform; departments cannot change them.",
        )) })))
        (segment(lang.pick("时间", "Period"), &periods))
        @match &results.city {
            Some(city) => { (stats(&figures(lang, city))) }
            None => { p.soft { (few(lang, results.shown_min)) } }
        }
        (section(&Heading::new("departments", lang.pick("各单位", "Departments")), lines(lang, (lang.pick("各单位", "Departments"), results.shown_min), &results.departments, |id| {
            html! { (names.departments.get(id).map_or("–", |name| name.get(lang))) }
        })))
        (section(&Heading::new("items", lang.pick("各事项", "Items")), lines(lang, (lang.pick("各事项", "Items"), results.shown_min), &results.items, |id| {
            html! {
                @if let Some((name, slug)) = names.items.get(id) { a href={ "/hall/" (slug) } { (name.get(lang)) } }
                @else { (id) }
            }
        })))
        (section(&Heading::new("comments", lang.pick("群众评价和单位答复", "What was said and answered")), html! {
            @if results.comments.is_empty() { p.soft { (lang.pick("还没有公开的评价。", "Nothing has been published yet.")) } }
            (list(&results.comments.iter().map(|comment| said(lang, comment, names)).collect::<Vec<_>>()))
        }))
        p.meta { (few(lang, results.shown_min)) " " (lang.pick(
            "统计到昨天为止。评价的话由评价管理机构去掉个人信息后公开，好话坏话一样公开。",
            "Figures end yesterday. Words are published, good and bad alike, after the rating office has taken out what is personal.",
        )) }
    })
}

fn few(lang: Lang, least: i64) -> String {
    match lang {
        Lang::Zh => format!("评价不到 {least} 条的不显示数字，免得猜出是谁评的。"),
        Lang::En => {
            format!("No figure is shown of fewer than {least} ratings: it might tell who rated.")
        }
    }
}

fn percent(rate: Option<i64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{}.{}%", rate / 10, rate % 10))
}

fn figures(lang: Lang, counts: &Counts) -> Vec<Stat<'static>> {
    let stat = |zh: &'static str, en: &'static str, value: String, note: String| Stat {
        name: lang.pick(zh, en).into(),
        value: value.into(),
        note: note.into(),
        ..Stat::default()
    };
    let of = |part: i64, whole: i64| match lang {
        Lang::Zh => format!("{whole} 件中 {part} 件"),
        Lang::En => format!("{part} of {whole}"),
    };
    let good = counts.levels.iter().take(3).sum();
    vec![
        stat(
            "主动评价率",
            "Rated",
            percent(counts.active_rate()),
            of(counts.rated, counts.contacts),
        ),
        stat("好评率", "Satisfied", percent(counts.good_rate()), of(good, counts.rated)),
        stat(
            "差评整改率",
            "Put right",
            percent(counts.rectified_rate()),
            of(counts.rectified, counts.bad),
        ),
        stat(
            "差评回访率",
            "Called back",
            percent(counts.called_back_rate()),
            of(counts.called_back, counts.answered),
        ),
        stat(
            "按期整改率",
            "In time",
            percent(counts.in_time_rate()),
            of(counts.in_time, counts.judged),
        ),
    ]
}

fn lines<K>(
    lang: Lang,
    (caption, least): (&'static str, i64),
    all: &[Line<K>],
    name: impl Fn(&K) -> Markup,
) -> Markup {
    let hidden = || html! { span.soft { (lang.pick("少于 ", "fewer than ")) (least) } };
    let row = |line: &Line<K>| {
        let counts = line.counts.as_ref();
        let cell = |value: Option<String>| html! { (value.as_deref().unwrap_or("–")) };
        Row::new(vec![
            name(&line.of),
            counts.map_or_else(hidden, |counts| html! { (counts.rated) }),
            cell(counts.map(|counts| percent(counts.good_rate()))),
            cell(counts.map(|counts| percent(counts.active_rate()))),
            cell(counts.map(|counts| percent(counts.rectified_rate()))),
            cell(counts.map(|counts| percent(counts.in_time_rate()))),
        ])
    };
    let columns = vec![
        Column::head(lang.pick("名称", "Name")),
        Column::number(lang.pick("评价数", "Ratings")),
        Column::number(lang.pick("好评率", "Satisfied")),
        Column::number(lang.pick("主动评价率", "Rated")),
        Column::number(lang.pick("差评整改率", "Put right")),
        Column::number(lang.pick("按期整改率", "In time")),
    ];
    let table_of = Table {
        caption: caption.into(),
        columns,
        rows: all.iter().map(row).collect(),
        ..Table::default()
    };
    html! {
        @if all.is_empty() { p.soft { (lang.pick("还没有评价。", "No ratings yet.")) } }
        @else { (flush(&Panel::default(), table(lang, &table_of))) }
    }
}

fn said(lang: Lang, comment: &Comment, names: &Names) -> Entry {
    let department =
        names.departments.get(&comment.department).map_or("–", |name| name.get(lang));
    let item = comment.item.as_ref().and_then(|id| names.items.get(id));
    let entry = Entry::new(html! {
        "“" span lang="zh-CN" { (comment.words) } "”"
        @if let Some(reply) = &comment.reply { p.soft { (lang.pick("单位答复：", "Reply: ")) span lang="zh-CN" { (reply) } } }
    });
    let entry = entry.note(html! {
        (department) @if let Some((name, _)) = item { " · " (name.get(lang)) } " · " (comment.day)
    });
    let bad = zhengtong_rating::is_bad(comment.level);
    let words = if bad { lang.pick("差评", "Bad") } else { lang.pick("好评", "Good") };
    entry.end(tag(if bad { Tone::Plain } else { Tone::Line }, words))
}
