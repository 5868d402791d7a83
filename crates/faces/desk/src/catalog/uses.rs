//! Beside a resource: how good the data of its dataset is, and who uses it.

use std::collections::BTreeMap;

use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Lang, Text};
use zhengtong_casework::USED_MAX;
use zhengtong_catalog::Body;
use zhengtong_db::Ctx;
use zhengtong_exchange::{ItemDecl, Plan, Way};
use zhengtong_http::{Fault, clock_time};
use zhengtong_registry::{Catalog, Scores};
use zhengtong_service::Reader;
use zhengtong_sharing::Grant;
use zhengtong_ui::layout::{Heading, section};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::words::counted;

use crate::exchange::channel;

/// What is known of the dataset behind a resource.
pub(super) struct Uses {
    scores: Option<Scores>,
    readers: Vec<Reader>,
    cases: BTreeMap<String, i64>,
    grants: Vec<(Grant, i64)>,
    units: BTreeMap<Uuid, Text>,
    exchanged: Vec<Exchanged>,
}

/// An item of the exchange that carries data of the dataset, with the systems on the other side.
struct Exchanged {
    title: Text,
    way: Way,
    purpose: String,
    systems: Vec<Text>,
}

impl Uses {
    /// None for data that does not stand on the platform.
    pub(super) async fn load(ctx: &mut Ctx, body: &Body) -> Result<Option<Self>, Fault> {
        let catalog = ctx.defs::<Catalog>()?;
        let dataset = body.dataset.as_deref().and_then(|name| catalog.dataset(name));
        let Some(dataset) = dataset else { return Ok(None) };
        let scores = zhengtong_registry::scores(ctx, &dataset.id).await?;
        let readers = zhengtong_service::readers(ctx, &dataset.id)?;
        let cases = zhengtong_service::cases_of(ctx, &dataset.id, &readers).await?;
        let grants = zhengtong_sharing::grants_of(ctx, &dataset.id).await?;
        let units =
            if grants.is_empty() { Vec::new() } else { zhengtong_party::departments(ctx).await? };
        let units = units.into_iter().map(|unit| (unit.id, unit.name)).collect();
        let exchanged = exchanged(&*ctx.defs::<Plan>()?, &dataset.id);
        Ok(Some(Self { scores, readers, cases, grants, units, exchanged }))
    }

    /// The scores, for the side of the page.
    pub(super) fn quality(&self, lang: Lang) -> Markup {
        let percent = |share: f64| html! { (format!("{:.2}%", share * 100.0)) };
        let body = match &self.scores {
            None => html! { p.soft { (lang.pick("还没查过。", "Not looked at yet.")) } },
            Some(scores) => pairs([
                (lang.pick("完整", "Complete").into(), percent(scores.completeness)),
                (lang.pick("一致", "Consistent").into(), percent(scores.consistency)),
                (lang.pick("及时", "In time").into(), percent(scores.timeliness)),
                (lang.pick("检查时间", "Looked at").into(), html! { (clock_time(scores.at)) }),
            ]),
        };
        panel(&Panel::new(lang.pick("数据质量", "Quality of data")), body)
    }

    /// Units with a grant, systems that exchange it, and items that use it, with how many cases did in the last year.
    pub(super) fn users(&self, lang: Lang) -> Markup {
        let grant = |(grant, uses): &(Grant, i64)| {
            let unit = self.units.get(&grant.unit).map_or("–", |name| name.get(lang));
            let href = format!("/desk/sharing/grants/{}", grant.no);
            Entry::link(unit, &href).note(html! {
                span lang="zh-CN" { (grant.purpose) } " · "
                @match lang {
                    Lang::Zh => { "到 " (grant.last) "，用过 " (uses) " 次" },
                    Lang::En => { "until " (grant.last) ", used " (uses) " times" },
                }
            })
        };
        let item = |reader: &Reader| {
            let href = format!("/hall/{}", reader.slug);
            let papers = reader.papers.iter().map(|paper| paper.get(lang));
            let papers: Vec<&str> = papers.collect();
            let cases = self.cases.get(&reader.id).copied().unwrap_or(0);
            let cases = counted(cases, Some(USED_MAX + 1));
            Entry::link(reader.name.get(lang), &href).note(html! {
                @match lang {
                    Lang::Zh => {
                        "办事指南 · 免交材料 " (papers.len()) " 件，自动填 " (reader.answers) " 项，办结写入 " (reader.writes) " 处；近一年 " (cases) " 件办件用过"
                    },
                    Lang::En => {
                        "guide · papers saved: " (papers.len()) ", answers filled in: " (reader.answers) ", acts that write: " (reader.writes) "; cases in the last year: " (cases)
                    },
                }
                @if !papers.is_empty() { br; (papers.join(lang.pick("、", ", "))) }
            })
        };
        let exchanged = |item: &Exchanged| {
            let systems: Vec<&str> = item.systems.iter().map(|name| name.get(lang)).collect();
            Entry::new(html! { (item.title.get(lang)) }).note(html! {
                @match lang {
                    Lang::Zh => { "数据交换 · " (way(lang, item.way)) " · " (systems.len()) " 个系统" },
                    Lang::En => { "exchange · " (way(lang, item.way)) " · " (systems.len()) " systems" },
                }
                " · " span lang="zh-CN" { (item.purpose) }
                br; (systems.join(lang.pick("、", ", ")))
            })
        };
        let mut entries: Vec<Entry> = self.grants.iter().map(grant).collect();
        entries.extend(self.exchanged.iter().map(exchanged));
        entries.extend(self.readers.iter().map(item));
        section(
            &Heading::new("users", lang.pick("谁在用", "Who uses it")),
            if entries.is_empty() {
                html! { p.soft { (lang.pick("没有在用的授权，没有系统交换它，也没有事项用它。", "No grant is in force, no system exchanges it, and no item uses it.")) } }
            } else {
                list(&entries)
            },
        )
    }
}

fn exchanged(plan: &Plan, dataset: &str) -> Vec<Exchanged> {
    let item = |item: &ItemDecl| {
        let systems = item.with.iter().filter_map(|code| plan.systems.get(code));
        Exchanged {
            title: item.title.clone(),
            way: item.way,
            purpose: item.purpose.clone(),
            systems: systems.map(|system| system.title.clone()).collect(),
        }
    };
    plan.carrying(dataset).map(item).collect()
}

fn way(lang: Lang, way: Way) -> &'static str {
    way.mode().map_or(lang.pick("调用", "calls"), |mode| channel::mode(lang, mode))
}
