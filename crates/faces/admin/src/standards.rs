//! Standards and code lists with the days on which they hold, and how much each dataset holds.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use time::Date;
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Visit, clock_time};
use zhengtong_registry::{Catalog, CodeList, Counted, Standard};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::words::number;

use crate::bench::{Bench, platform, reading};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/standards", get(standards)).route("/admin/datasets", get(datasets))
}

async fn standards(visit: Visit) -> Answer {
    let ctx = reading(&visit).await?;
    ctx.allow("admin.standards", &platform())?;
    let catalog = ctx.defs::<Catalog>()?;
    let (bench, today) = (Bench::of(&ctx), china_date(ctx.now));
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("标准和代码", "Standards and codes"));
    Ok(bench.page(&visit, &frame, standards_page(visit.lang(), &catalog, today)))
}

async fn datasets(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let counted = zhengtong_registry::count(&mut ctx).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("数据集", "Datasets"));
    Ok(bench.page(&visit, &frame, datasets_page(visit.lang(), &catalog, &counted)))
}

fn standards_page(lang: Lang, catalog: &Catalog, today: Date) -> Markup {
    let mut standards: Vec<&Standard> = catalog.standards.values().collect();
    standards.sort_by_key(|standard| (!standard.holds(today), standard.id.as_str()));
    let mut lists: Vec<&CodeList> = catalog.lists.values().collect();
    lists.sort_by_key(|list| list.id.as_str());
    html! {
        (title(&Title::new(lang.pick("标准和代码", "Standards and codes")).meta(html! {
            (lang.pick("办件按它当天有效的版本判断；换版不改程序，改包里的日期 · ", "A case is judged by what held on its day; a new edition is a change of dates in a pack · "))
            (today)
        })))
        (flush(&Panel::new(lang.pick("标准", "Standards")), table(lang, &standards_table(lang, &standards, today))))
        (flush(&Panel::new(lang.pick("代码表", "Code lists")), table(lang, &lists_table(lang, &lists, today))))
    }
}

fn standards_table<'a>(lang: Lang, standards: &[&Standard], today: Date) -> Table<'a> {
    let rows = standards.iter().map(|standard| {
        Row::new(vec![
            html! { strong { (standard.id) } p.meta { (standard.title.get(lang)) } },
            html! { (kind_words(lang, &standard.kind)) },
            state(lang, standard, today),
            html! { (standard.in_force) },
            html! {
                @if let Some(day) = standard.replaced { (day) }
                @if let Some(by) = &standard.replaced_by { " → " (by) }
            },
            html! { (standard.checks.join(", ")) },
            html! { (standard.source.get(lang)) },
            verified(lang, standard.verified),
        ])
    });
    Table {
        caption: lang.pick("标准", "Standards").into(),
        columns: vec![
            Column::head(lang.pick("编号和名称", "Number and name")),
            Column::new(lang.pick("类别", "Kind")).tight(),
            Column::new(lang.pick("状态", "State")).tight(),
            Column::new(lang.pick("实施", "In force")).tight(),
            Column::new(lang.pick("废止和替代", "Replaced")),
            Column::new(lang.pick("校验", "Checks")),
            Column::new(lang.pick("出处", "Source")),
            Column::new(lang.pick("核实", "Verified")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn state(lang: Lang, standard: &Standard, today: Date) -> Markup {
    if standard.holds(today) {
        let ends = standard.replaced.is_some();
        return if ends {
            lamp(Light::Near, lang.pick("有效，将废止", "In force, will end"))
        } else {
            lamp(Light::Ok, lang.pick("有效", "In force"))
        };
    }
    if standard.in_force > today {
        return lamp(Light::None, lang.pick("未实施", "Not yet"));
    }
    lamp(Light::None, lang.pick("已废止", "Replaced"))
}

fn verified(lang: Lang, verified: bool) -> Markup {
    if verified {
        tag(Tone::Good, lang.pick("已对原文", "Against the text"))
    } else {
        tag(Tone::Warn, lang.pick("待核实", "To be verified"))
    }
}

fn kind_words(lang: Lang, kind: &str) -> String {
    let known = [
        ("national-mandatory", "强制性国标", "National, mandatory"),
        ("national-recommended", "推荐性国标", "National, recommended"),
        ("trade", "行业标准", "Trade"),
        ("local", "地方标准", "Local"),
        ("rule", "主管部门规则", "Rule of an authority"),
    ];
    let found = known.iter().find(|(word, ..)| *word == kind.replace('_', "-"));
    found.map_or_else(|| kind.to_owned(), |(_, zh, en)| lang.pick(zh, en).to_owned())
}

fn lists_table<'a>(lang: Lang, lists: &[&CodeList], today: Date) -> Table<'a> {
    let rows = lists.iter().map(|list| {
        let now = list.on(today).count();
        let rest = list.entries.len() - now;
        Row::new(vec![
            html! { strong { (list.title.get(lang)) } p.meta { (list.id) } },
            html! { (list.standard.as_deref().unwrap_or_default()) },
            code(&list.pack),
            html! { (now) },
            html! { (rest) },
            verified(lang, list.verified),
        ])
    });
    Table {
        caption: lang.pick("代码表", "Code lists").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("标准", "Standard")),
            Column::new(lang.pick("包", "Pack")).tight(),
            Column::number(lang.pick("今天有效", "Hold today")).tight(),
            Column::number(lang.pick("其他时候有效", "Held or will hold")).tight(),
            Column::new(lang.pick("核实", "Verified")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn datasets_page(lang: Lang, catalog: &Catalog, counted: &[Counted]) -> Markup {
    let rows = counted.iter().map(|counted| {
        let dataset = catalog.dataset(&counted.dataset);
        let personal = dataset.is_some_and(|dataset| {
            dataset.fields.iter().any(|field| {
                catalog
                    .element(&field.element)
                    .is_some_and(|element| element.sensitivity.is_masked())
            })
        });
        let open = dataset.is_some_and(|dataset| dataset.open);
        Row::new(vec![
            html! { strong { (counted.title.get(lang)) } p.meta { (counted.dataset) } },
            html! { (dataset.map_or("", |dataset| dataset.authority.as_str())) },
            html! { (number(counted.rows)) },
            html! { (counted.updated.map(clock_time).unwrap_or_default()) },
            html! { span.row.row-tight {
                @if personal { (tag(Tone::Warn, lang.pick("含个人信息", "Personal"))) }
                @if open { (tag(Tone::Good, lang.pick("开放", "Open"))) }
            } },
        ])
    });
    let total: i64 = counted.iter().map(|counted| counted.rows).sum();
    let list = Table {
        caption: lang.pick("数据集", "Datasets").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("权威来源", "Authority")),
            Column::number(lang.pick("条数", "Rows")).tight(),
            Column::new(lang.pick("更新", "Updated")).tight(),
            Column::new(lang.pick("性质", "Nature")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    html! {
        (title(&Title::new(lang.pick("数据集", "Datasets")).meta(html! {
            (lang.pick("共 ", "")) (number(total)) (lang.pick(" 条。这里只有条数，内容由数据管理员查，每次都留记录", " rows. Here are numbers only; stewards look inside, on record"))
        })))
        (flush(&Panel::default(), table(lang, &list)))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use zhengtong_base::Text;

    use super::*;

    fn standard(in_force: Date, replaced: Option<Date>) -> Standard {
        Standard {
            id: "GB 3095-2026".to_owned(),
            pack: "house-rules".to_owned(),
            title: Text::new("环境空气质量标准", "Ambient air quality"),
            kind: "national-mandatory".to_owned(),
            in_force,
            replaced,
            replaced_by: None,
            source: Text::same("公告"),
            verified: true,
            checks: Vec::new(),
            vectors: Vec::new(),
        }
    }

    #[test]
    fn a_standard_says_whether_it_holds_today() {
        let today = date!(2026 - 11 - 23);
        let rows = [
            (standard(date!(2026 - 03 - 01), None), "有效"),
            (standard(date!(2012 - 02 - 29), Some(date!(2026 - 03 - 01))), "已废止"),
            (standard(date!(2020 - 01 - 01), Some(date!(2027 - 01 - 01))), "将废止"),
            (standard(date!(2027 - 01 - 01), None), "未实施"),
        ];
        for (standard, words) in rows {
            assert!(state(Lang::Zh, &standard, today).into_string().contains(words), "{words}");
        }
    }

    #[test]
    fn kinds_have_words_and_unknown_ones_stay() {
        assert_eq!(kind_words(Lang::Zh, "national-mandatory"), "强制性国标");
        assert_eq!(kind_words(Lang::En, "other"), "other");
    }
}
