//! The way of the data of a resource: where it comes from, where it stands, by which routes it goes, which units use it, and
//! for which items, with how many cases of the last year. Numbers only: nobody's case is named.

use std::collections::BTreeMap;

use maud::{Markup, html};
use zhengtong_base::{Lang, Text};
use zhengtong_casework::USED_MAX;
use zhengtong_catalog::{Lineage, Shown};
use zhengtong_db::Ctx;
use zhengtong_exchange::{ItemDecl, Plan, Way as Carried};
use zhengtong_http::Fault;
use zhengtong_service::Reader;
use zhengtong_ui::layout::{Heading, section};
use zhengtong_ui::lineage::{Stage, lineage};
use zhengtong_ui::list::Entry;
use zhengtong_ui::words::counted;

/// What is known of the way of the data.
pub(super) struct Way {
    lineage: Lineage,
    resource: Text,
    carried: Vec<ItemDecl>,
    grants: i64,
    consumers: Vec<Consumer>,
    readers: Vec<Reader>,
    cases: BTreeMap<String, i64>,
}

/// A unit that uses the data, and by what.
struct Consumer {
    unit: Text,
    exchanged: usize,
    grants: i64,
    items: usize,
}

impl Consumer {
    fn uses(&self) -> bool {
        self.exchanged > 0 || self.grants > 0 || self.items > 0
    }
}

impl Way {
    /// None for data that does not stand on the platform.
    pub(super) async fn load(ctx: &mut Ctx, shown: &Shown) -> Result<Option<Self>, Fault> {
        let Some(lineage) = shown.lineage.clone() else { return Ok(None) };
        let name = lineage.dataset.clone();
        let readers = zhengtong_service::readers(ctx, &name)?;
        let cases = zhengtong_service::cases_of(ctx, &name, &readers).await?;
        let granted = zhengtong_sharing::consumers(ctx, &name).await?;
        let granted: BTreeMap<_, _> = granted.into_iter().collect();
        let plan = ctx.defs::<Plan>()?;
        let carried: Vec<ItemDecl> = plan.carrying(&name).cloned().collect();
        let departments = zhengtong_party::departments(ctx).await?;
        let consumer = |unit: zhengtong_party::Organisation| {
            let is = |short: &str| unit.short.as_deref() == Some(short);
            let takes = |item: &&ItemDecl| {
                let mut systems = item.with.iter().filter_map(|code| plan.systems.get(code));
                systems.any(|system| is(&system.department))
            };
            Consumer {
                exchanged: carried.iter().filter(takes).count(),
                grants: granted.get(&unit.id).copied().unwrap_or(0),
                items: readers.iter().filter(|reader| is(&reader.department)).count(),
                unit: unit.name.clone(),
            }
        };
        Ok(Some(Self {
            consumers: departments.into_iter().map(consumer).filter(Consumer::uses).collect(),
            grants: granted.values().sum(),
            resource: shown.version.body.title.clone(),
            lineage,
            carried,
            readers,
            cases,
        }))
    }

    /// The picture, with a heading.
    pub(super) fn draw(&self, lang: Lang) -> Markup {
        let t = |zh, en| lang.pick(zh, en);
        let stages = [
            Stage::new(
                t("数据从哪里来", "Where the data comes from"),
                t("各项都以本数据集为准", "It is itself the authority for all its fields"),
            )
            .entries(self.sources(lang)),
            Stage::new(t("资源和数据集", "Resource and dataset"), "").entries(vec![
                Entry::new(html! { (self.resource.get(lang)) }),
                Entry::new(html! { (self.lineage.title.get(lang)) })
                    .note(html! { code { (self.lineage.dataset) } }),
            ]),
            Stage::new(
                t("走哪些通道", "By which routes it goes"),
                t("没有交换，也没有共享授权", "It is not exchanged, and no grant is in force"),
            )
            .entries(self.routes(lang)),
            Stage::new(
                t("哪些单位用它", "Units that use it"),
                t("没有单位在用", "No unit uses it"),
            )
            .entries(self.consumers.iter().map(|one| consumer(lang, one)).collect()),
            Stage::new(
                t("哪些事项用它", "Items that use it"),
                t("没有事项用它", "No item uses it"),
            )
            .note(self.sum(lang))
            .entries(self.readers.iter().map(|reader| self.item(lang, reader)).collect()),
        ];
        let heading = t("数据从哪里来、到哪里去", "The way of the data");
        let note = html! { (t(
            "从来源到办件。办件只计数，不涉及任何人。",
            "From its source to the cases. Cases are counted only; nobody is named.",
        )) };
        section(&Heading::new("lineage", heading).note(note), lineage(&stages))
    }

    /// The datasets that its fields come from.
    fn sources(&self, lang: Lang) -> Vec<Entry> {
        let entry = |title: &Text, dataset: &str, zh: &str, en: &str| {
            let note = lang.pick(zh, en).to_owned();
            Entry::new(html! { (title.get(lang)) }).note(html! { code { (dataset) } br; (note) })
        };
        let authorities = self.lineage.authorities.iter().map(|(field, dataset, title)| {
            let en = format!("It is the authority for “{}”", field.en);
            entry(title, dataset, &format!("“{}”以它为准", field.zh), &en)
        });
        let references = self.lineage.references.iter().map(|(field, dataset, title)| {
            let en = format!("“{}” names a record of it", field.en);
            entry(title, dataset, &format!("“{}”指向它的记录", field.zh), &en)
        });
        authorities.chain(references).collect()
    }

    /// The items of the exchange that carry it, and the grants of it.
    fn routes(&self, lang: Lang) -> Vec<Entry> {
        let exchanged = |item: &ItemDecl| {
            Entry::new(html! { (item.title.get(lang)) }).note(html! {
                @match lang {
                    Lang::Zh => { "数据交换 · " (carried(lang, item.way)) " · " (item.with.len()) " 个系统" },
                    Lang::En => { "exchange · " (carried(lang, item.way)) " · systems: " (item.with.len()) },
                }
            })
        };
        let mut routes: Vec<Entry> = self.carried.iter().map(exchanged).collect();
        if self.grants > 0 {
            let granted = Entry::new(html! { (lang.pick("依申请共享", "Sharing on request")) });
            routes.push(granted.note(html! {
                @match lang {
                    Lang::Zh => { "在用授权 " (self.grants) " 份" },
                    Lang::En => { "grants in force: " (self.grants) },
                }
            }));
        }
        routes
    }

    /// How many cases there were of all items.
    fn sum(&self, lang: Lang) -> String {
        if self.readers.is_empty() {
            return String::new();
        }
        let sum: i64 = self.cases.values().map(|cases| cases.min(&USED_MAX)).sum();
        let more = if self.cases.values().any(|cases| *cases > USED_MAX) { "+" } else { "" };
        let sum = counted(sum, None);
        match lang {
            Lang::Zh => format!("近一年共 {sum}{more} 件办件用过"),
            Lang::En => format!("Used by {sum}{more} cases in the last year"),
        }
    }

    fn item(&self, lang: Lang, reader: &Reader) -> Entry {
        let papers: Vec<&str> = reader.papers.iter().map(|paper| paper.get(lang)).collect();
        let mut how = Vec::new();
        if !papers.is_empty() {
            let papers = papers.join(lang.pick("、", ", "));
            how.push(format!("{}{papers}", lang.pick("不用交：", "Not to be brought: ")));
        }
        if reader.answers > 0 {
            how.push(match lang {
                Lang::Zh => format!("自动填 {} 项", reader.answers),
                Lang::En => format!("answers filled in: {}", reader.answers),
            });
        }
        let said = [
            (reader.licence, "办这里登记的证照", "about a licence that stands here"),
            (reader.publishes, "公开这里的内容", "publishes what stands here"),
            (reader.writes > 0, "办理结果写进来", "writes its result here"),
        ];
        let said = said.into_iter().filter(|(so, ..)| *so);
        how.extend(said.map(|(_, zh, en)| lang.pick(zh, en).to_owned()));
        let cases = self.cases.get(&reader.id).copied().unwrap_or(0);
        let cases = counted(cases, Some(USED_MAX + 1));
        Entry::link(reader.name.get(lang), &format!("/hall/{}", reader.slug)).note(html! {
            (how.join(" · ")) br;
            @match lang {
                Lang::Zh => { "近一年 " (cases) " 件" },
                Lang::En => { "cases in the last year: " (cases) },
            }
        })
    }
}

fn consumer(lang: Lang, one: &Consumer) -> Entry {
    let mut by = Vec::new();
    let mut count = |many: i64, zh: (&str, &str), en: &str| {
        if many > 0 {
            by.push(match lang {
                Lang::Zh => format!("{} {many} {}", zh.0, zh.1),
                Lang::En => format!("{en}: {many}"),
            });
        }
    };
    count(i64::try_from(one.exchanged).unwrap_or(i64::MAX), ("交换", "项"), "exchanged");
    count(one.grants, ("授权", "份"), "grants");
    count(i64::try_from(one.items).unwrap_or(i64::MAX), ("事项", "个"), "items");
    Entry::new(html! { (one.unit.get(lang)) }).note(html! { (by.join(" · ")) })
}

fn carried(lang: Lang, way: Carried) -> &'static str {
    match way {
        Carried::Call => lang.pick("调用", "calls"),
        Carried::Message => lang.pick("消息", "messages"),
        Carried::Table => lang.pick("库表", "tables"),
        Carried::File => lang.pick("文件", "files"),
    }
}
