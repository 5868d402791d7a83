//! One resource of the directory: its metadata, its items, its versions, the way of its data.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_catalog::{
    Arrival, Item, Linked, Shown, State, Tie, sensitivity_title, sharing_title,
};
use zhengtong_http::{Answer, Visit, see_same};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Heading, Title, page, section, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, flush, pairs, panel};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Place, hall};

use super::tags;
use super::way::Way;

#[derive(Deserialize)]
pub(super) struct Wanted {
    version: Option<i32>,
}

pub(super) async fn shown(
    visit: Visit,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let shown = zhengtong_catalog::resource(&mut ctx, &code, wanted.version).await?;
    let way = Way::load(&mut ctx, &shown).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let body = &shown.version.body;
    let name = body.title.get(lang);
    let frame = visit.frame(name, Place::Elsewhere);
    let up = [
        Link::new(lang.pick("首页", "Home"), "/"),
        Link::new(lang.pick("信息资源目录", "Directory"), "/data"),
    ];
    let body = page(html! {
        (crumbs(lang, &up, name))
        (title(&Title::new(name).lead(html! { (body.summary.get(lang)) })
            .beside(tags(lang, body.sharing.kind, body.openness.kind))))
        (standing(lang, &shown))
        (split(html! {
            (metadata(lang, &shown))
            (items(lang, &body.items))
            (links(lang, &shown.links))
        }, html! {
            (arrival(lang, &shown))
            (quality(lang, &shown))
            (versions(lang, &shown))
        }))
        @if let Some(way) = &way { (way.draw(lang)) }
    });
    Ok(see_same(hall(&frame, body)))
}

/// What somebody must know who reads an old version, or one that is no more.
fn standing(lang: Lang, shown: &Shown) -> Markup {
    let code = shown.resource.slug.as_deref().unwrap_or_default();
    match shown.version.state {
        State::Withdrawn => {
            let reason = shown.version.end_reason.as_deref().unwrap_or_default();
            notice(
                &Notice::new(Mood::Warning, lang.pick("这个资源已撤销", "This resource was withdrawn"))
                    .body(html! { p lang="zh-CN" { (reason) } }),
            )
        }
        State::Replaced => notice(
            &Notice::new(Mood::Info, lang.pick("这是旧版本", "This is an old version")).body(html! {
                p { a href={ "/data/" (code) } { (lang.pick("看现在的版本", "See the version in force")) } }
            }),
        ),
        _ => html! {},
    }
}

fn metadata(lang: Lang, shown: &Shown) -> Markup {
    let body = &shown.version.body;
    let code = shown.resource.code.as_deref().unwrap_or("–");
    let published = shown.version.published.as_ref().map(|(at, _)| china_date(*at));
    let mut rows = vec![
        (lang.pick("信息资源代码", "Code"), html! { (code) }),
        (
            lang.pick("分类", "Class"),
            html! {
                @for (at, (code, title)) in shown.classes.iter().enumerate() {
                    @if at > 0 { " › " }
                    a href={ "/data?class=" (code) } { (title.get(lang)) }
                }
            },
        ),
        (
            lang.pick("提供方", "Provider"),
            html! { a href={ "/data?unit=" (shown.resource.provider) } { (shown.provider.get(lang)) } },
        ),
        (
            lang.pick("提供方代码", "Credit code"),
            html! { (shown.provider_code.as_deref().unwrap_or("–")) },
        ),
        (lang.pick("格式", "Format"), html! { (body.format.title().get(lang)) }),
        (lang.pick("共享类型", "Sharing"), html! { (sharing_title(body.sharing.kind).get(lang)) }),
    ];
    let mut words = |zh: &'static str, en: &'static str, text: &str| {
        if !text.is_empty() {
            rows.push((lang.pick(zh, en), html! { span lang="zh-CN" { (text) } }));
        }
    };
    words("共享条件", "Condition of sharing", &body.sharing.condition);
    words("不予共享依据", "Law for not sharing", &body.sharing.basis);
    words("来源系统", "System", &body.system);
    rows.push((
        lang.pick("共享方式", "Way of sharing"),
        html! { (body.sharing.way.title().get(lang)) },
    ));
    rows.push((lang.pick("开放", "Openness"), html! {
        (body.openness.kind.title().get(lang))
        @if !body.openness.condition.is_empty() { "：" span lang="zh-CN" { (body.openness.condition) } }
    }));
    rows.push((lang.pick("更新周期", "Update cycle"), html! { (body.cycle.title().get(lang)) }));
    rows.push((
        lang.pick("发布日期", "Published"),
        html! {
            @match published { Some(day) => (day), None => "–" }
        },
    ));
    let rows = rows.into_iter().map(|(name, value)| (name.into(), value));
    panel(&Panel::new(lang.pick("元数据", "Metadata")), pairs(rows))
}

fn items(lang: Lang, items: &[Item]) -> Markup {
    let row = |item: &Item| {
        Row::new(vec![
            html! { (item.name.get(lang)) @if let Some(element) = &item.element { br; code { (element) } } },
            html! { (item.kind.title().get(lang)) },
            html! { @match item.length { Some(length) => (length), None => "–" } },
            html! {
                @let title = sensitivity_title(item.sensitivity);
                (tag(if item.sensitivity.is_masked() { Tone::Warn } else { Tone::Line }, title.get(lang)))
            },
        ])
    };
    let shown = Table {
        caption: lang.pick("信息项", "Information items").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("数据类型", "Type")),
            Column::number(lang.pick("长度", "Length")),
            Column::new(lang.pick("敏感级别", "Sensitivity")).tight(),
        ],
        rows: items.iter().map(row).collect(),
        ..Table::default()
    };
    section(
        &Heading::new("items", lang.pick("信息项", "Information items")),
        flush(&Panel::default(), table(lang, &shown)),
    )
}

/// How good the data is, by the last look at its dataset.
fn quality(lang: Lang, shown: &Shown) -> Markup {
    if shown.lineage.is_none() {
        return html! {};
    }
    let percent = |share: f64| html! { (format!("{:.2}%", share * 100.0)) };
    let body = match &shown.scores {
        None => html! { p.soft { (lang.pick("还没检查过。", "Not looked at yet.")) } },
        Some(scores) => pairs([
            (lang.pick("完整", "Complete").into(), percent(scores.completeness)),
            (lang.pick("一致", "Consistent").into(), percent(scores.consistency)),
            (lang.pick("及时", "In time").into(), percent(scores.timeliness)),
            (lang.pick("检查日期", "Looked at").into(), html! { (china_date(scores.at)) }),
        ]),
    };
    panel(&Panel::new(lang.pick("数据质量", "Quality of the data")), body)
}

fn links(lang: Lang, links: &[Linked]) -> Markup {
    if links.is_empty() {
        return html! {};
    }
    let entry = |link: &Linked| {
        let how = match link.tie {
            Tie::Related => lang.pick("相关资源", "Related"),
            Tie::Source => lang.pick("本资源由它加工而成", "This resource is made from it"),
            Tie::Product => lang.pick("由本资源加工而成", "It is made from this resource"),
        };
        let title = link.title.get(lang);
        let entry = match &link.slug {
            Some(slug) => Entry::link(title, &format!("/data/{slug}")),
            None => Entry::new(html! { (title) }),
        };
        entry.note(html! { (how) " · " (link.code) })
    };
    let entries: Vec<Entry> = links.iter().map(entry).collect();
    section(&Heading::new("links", lang.pick("关联资源", "Tied resources")), list(&entries))
}

fn arrival(lang: Lang, shown: &Shown) -> Markup {
    let heading = lang.pick("实际更新", "Actual updates");
    let words = |arrival: &Arrival| match arrival.at {
        Some(at) => china_date(at).to_string(),
        None => lang.pick("还没有数据", "no data yet").to_owned(),
    };
    panel(
        &Panel::new(heading),
        match &shown.arrival {
            None => html! { p.soft { (lang.pick(
                "数据不在平台上，看不到它实际什么时候更新。",
                "The data does not stand on the platform, so its updates cannot be seen.",
            )) } },
            Some(arrival) => html! {
                p { (lang.pick("最新数据：", "Newest data: ")) strong { (words(arrival)) } }
                @if let Some(due) = arrival.due {
                    p { (lang.pick("下次不晚于：", "Next not after: ")) (due) }
                }
                @if arrival.overdue { p { (lamp(Light::Over, lang.pick("逾期未更新", "Late"))) } }
            },
        },
    )
}

fn versions(lang: Lang, shown: &Shown) -> Markup {
    let slug = shown.resource.slug.as_deref().unwrap_or_default();
    let entries: Vec<Entry> = shown
        .resource
        .versions
        .iter()
        .map(|version| {
            let name = match lang {
                Lang::Zh => format!("第 {} 版", version.number),
                Lang::En => format!("Version {}", version.number),
            };
            let href = format!("/data/{slug}?version={}", version.number);
            let here = version.number == shown.version.number;
            let entry = if here {
                Entry::new(html! { strong { (name) } })
            } else {
                Entry::link(&name, &href)
            };
            let day = version.published.as_ref().map(|(at, _)| china_date(*at).to_string());
            entry.note(html! { (version.state.title().get(lang)) " · " (day.unwrap_or_default()) })
        })
        .collect();
    panel(&Panel::new(lang.pick("版本", "Versions")), list(&entries))
}
