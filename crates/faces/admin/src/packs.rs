//! The packs in force: what each is for, which version, what it builds on, and what was found wrong in it.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::{Lang, Text};
use zhengtong_http::{Answer, App, Visit};
use zhengtong_pack::{Finding, Packs, Report, Severity};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::table::{Column, Row, Table, code, table};

use crate::bench::{Bench, platform, reading};

/// One pack, as its administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackCard {
    /// The name of its folder.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// One sentence for the officer who runs it.
    pub summary: Text,
    /// The organisation that answers for it.
    pub owner: String,
    /// Its version.
    pub version: String,
    /// The requirement rows it fulfils.
    pub rows: Vec<String>,
    /// The packs it builds on.
    pub needs: Vec<String>,
    /// Whether it takes new applications.
    pub enabled: bool,
    /// What was found in it when it was read.
    pub findings: Vec<Finding>,
}

/// The packs in force; the wiring puts this on the shelf beside the definitions that came from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackList(pub Vec<PackCard>);

impl PackList {
    /// The packs with what was found in each.
    pub fn of(packs: &Packs, report: &Report) -> Self {
        let card = |pack: &zhengtong_pack::Pack| {
            let manifest = &pack.manifest;
            let folder = format!("{}/", pack.id());
            let findings = report.findings.iter().filter(|found| found.file.starts_with(&folder));
            PackCard {
                id: pack.id().to_owned(),
                title: manifest.title.clone(),
                summary: manifest.summary.clone(),
                owner: manifest.owner.clone(),
                version: manifest.version.clone(),
                rows: manifest.rows.clone(),
                needs: manifest.needs.clone(),
                enabled: manifest.enabled,
                findings: findings.cloned().collect(),
            }
        };
        Self(packs.iter().map(card).collect())
    }

    /// How many findings there are in all packs.
    pub fn findings(&self) -> usize {
        self.0.iter().map(|card| card.findings.len()).sum()
    }
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/packs", get(packs))
}

async fn packs(visit: Visit) -> Answer {
    let ctx = reading(&visit).await?;
    ctx.allow("admin.packs", &platform())?;
    let packs = ctx.defs::<PackList>()?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("包", "Packs"));
    Ok(bench.page(&visit, &frame, page(visit.lang(), &packs)))
}

fn page(lang: Lang, packs: &PackList) -> Markup {
    let meta = match lang {
        Lang::Zh => {
            format!("共 {} 个。一个包就是一个城市系统：文件放进去就生效，不用改程序", packs.0.len())
        }
        Lang::En => format!(
            "{} in force. One pack is one system of the city, made of files alone",
            packs.0.len()
        ),
    };
    let findings: Vec<&Finding> = packs.0.iter().flat_map(|card| &card.findings).collect();
    html! {
        (title(&Title::new(lang.pick("包", "Packs")).meta(html! { (meta) })))
        (flush(&Panel::default(), table(lang, &table_of(lang, &packs.0))))
        @if !findings.is_empty() {
            (flush(&Panel::new(lang.pick("检查发现", "Findings")), table(lang, &findings_of(lang, &findings))))
        }
    }
}

fn table_of<'a>(lang: Lang, cards: &[PackCard]) -> Table<'a> {
    let rows = cards.iter().map(|card| {
        let count = card.findings.len();
        let state = if !card.enabled {
            lamp(Light::None, lang.pick("已停用，在办的照办", "Switched off, running cases go on"))
        } else if count == 0 {
            lamp(Light::Ok, lang.pick("没有发现问题", "Nothing found"))
        } else {
            let words = match lang {
                Lang::Zh => format!("{count} 处要看"),
                Lang::En => format!("{count} to look at"),
            };
            lamp(worst(&card.findings), &words)
        };
        let needs = card.needs.join(lang.pick("、", ", "));
        Row::new(vec![
            html! { strong { (card.title.get(lang)) } p.meta { (card.summary.get(lang)) } },
            code(&card.id),
            html! { (card.version) },
            html! { (card.owner) },
            html! { (needs) },
            html! { (card.rows.len()) },
            state,
        ])
    });
    Table {
        caption: lang.pick("包", "Packs").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("目录", "Folder")).tight(),
            Column::new(lang.pick("版本", "Version")).tight(),
            Column::new(lang.pick("负责单位", "Owner")),
            Column::new(lang.pick("依赖", "Builds on")),
            Column::number(lang.pick("需求行", "Requirements")).tight(),
            Column::new(lang.pick("检查", "Check")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn worst(findings: &[Finding]) -> Light {
    let broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    if broken { Light::Over } else { Light::Near }
}

fn findings_of<'a>(lang: Lang, findings: &[&Finding]) -> Table<'a> {
    let rows = findings.iter().map(|finding| {
        let place = format!("{}:{}:{}", finding.file, finding.line, finding.column);
        let suggestion = finding.suggestion.as_deref().unwrap_or_default();
        Row::new(vec![
            html! { span.code { (place) } },
            html! { (finding.text.get(lang)) },
            html! { (suggestion) },
        ])
    });
    Table {
        caption: lang.pick("检查发现", "Findings").into(),
        columns: vec![
            Column::head(lang.pick("位置", "Place")),
            Column::new(lang.pick("问题", "What is wrong")),
            Column::new(lang.pick("是不是想写", "Perhaps meant")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn findings_go_to_the_pack_they_were_found_in() {
        let manifest = "id = \"a\"\nowner = \"data\"\nversion = \"1.0.0\"\nneeds = []\n\
                        title = { zh = \"包\", en = \"Pack\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
        let files: BTreeMap<String, Vec<u8>> =
            [("pack.toml".to_owned(), manifest.as_bytes().to_vec())].into();
        let mut report = Report::default();
        let packs = Packs::from_files(BTreeMap::from([("a".to_owned(), files)]), &mut report);
        let found = |file: &str| Finding {
            severity: Severity::Warning,
            file: file.to_owned(),
            line: 1,
            column: 2,
            text: Text::same("看一看"),
            suggestion: None,
        };
        report.push(found("a/form/x.toml"));
        report.push(found("ab/form/x.toml"));
        let list = PackList::of(&packs, &report);
        assert_eq!((list.0.len(), list.findings()), (1, 1));
        let html = page(Lang::Zh, &list).into_string();
        assert!(html.contains("a/form/x.toml:1:2") && html.contains("1 处要看"));
    }
}
