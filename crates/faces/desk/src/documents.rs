//! The middle zone of a case: the papers one by one, each read in place, and what the answers were checked against.

use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_casework::{CaseView, Fact, Material, MaterialFile, NewMaterial, OFFICE, OpenTask};
use zhengtong_http::clock_time;
use zhengtong_registry::Catalog;
use zhengtong_ui::lamp::{Light, bare_lamp};
use zhengtong_ui::layout::row;
use zhengtong_ui::list::{FileEntry, files};
use zhengtong_ui::panel::{Panel, flush, pairs};
use zhengtong_ui::press::{Button, Choice, actions, link_button, tabs};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Frame, Icon, Words, icon};

use crate::attach::way;
use crate::casework::{Opened, address};
use crate::reader;

/// The source of papers that the applicant brought.
const APPLICANT: &str = "applicant";

/// The papers with the chosen one open, and the table of checks. A file is fetched only when its paper was chosen: the
/// look is recorded.
pub(crate) fn documents_zone(frame: &Frame<'_>, opened: &Opened, chosen: Option<i32>) -> Markup {
    let (lang, view) = (frame.lang, &opened.view);
    let base = address(&view.case.no);
    let asked = chosen.and_then(|seq| view.materials.iter().find(|paper| paper.seq == seq));
    // Where nobody chose, the first that can be read stands before what came from registries.
    let first = view.materials.iter().find(|paper| paper.paper.file.is_some());
    let shown = asked.or(first).or_else(|| view.materials.first());
    let choices: Vec<Choice<'_>> = view
        .materials
        .iter()
        .map(|paper| {
            let href = format!("{base}?paper={}#papers", paper.seq);
            let choice = Choice::new(paper.paper.name.get(lang), href).light(light(paper).0);
            let current = shown.is_some_and(|shown| shown.seq == paper.seq);
            if current { choice.current() } else { choice }
        })
        .collect();
    flush(
        &Panel::default().id("papers"),
        html! {
            @if !choices.is_empty() { (tabs(lang.pick("材料", "Papers"), &choices)) }
            div.panel-body.flow {
                @if let (Some(paper), Some(file)) = (asked, asked.and_then(|paper| paper.paper.file.as_ref())) {
                    (reader::steps(lang, &base, &view.materials.iter().collect::<Vec<_>>(), paper.seq))
                    (reader::open_file(lang, &view.case.no, paper, file))
                }
                @match shown {
                    Some(paper) => (open_paper(lang, &base, paper, (note_of(lang, &opened.registries, &paper.paper).as_deref(), asked.is_some()))),
                    None => { p.soft { (lang.pick("这件不用交材料，都从登记库取得了。", "No papers were needed: everything came from registries.")) } },
                }
                (add_one(lang, view))
                (checks(frame, view))
            }
        },
    )
}

/// The way to papers of the office's own, at each step at which the reader may add some.
fn add_one(lang: Lang, view: &CaseView) -> Markup {
    let steps: Vec<&OpenTask> = view.tasks.iter().filter(|task| task.may_attach).collect();
    html! {
        @if !steps.is_empty() {
            (row(html! {
                @for task in &steps {
                    @let words = match (lang, steps.len()) {
                        (Lang::Zh, 1) => "加入材料（现场照片、笔录…）".to_owned(),
                        (Lang::En, 1) => "Add a paper (site photographs, records …)".to_owned(),
                        (Lang::Zh, _) => format!("在“{}”加入材料", task.todo.title.zh),
                        (Lang::En, _) => format!("Add a paper at \"{}\"", task.todo.title.en),
                    };
                    (link_button(&Button::secondary(words).icon(Icon::Plus), &way(&view.case.no, task.todo.id)))
                }
            }))
        }
    }
}

/// Whether a paper is there, and in which words that is said.
fn light(paper: &Material) -> (Light, (&'static str, &'static str)) {
    match (&paper.paper.file, paper.paper.source.as_str()) {
        (_, OFFICE) => (Light::Ok, ("本单位加入", "Added by the office")),
        (_, source) if source != APPLICANT => {
            (Light::Ok, ("取自登记库，免提交", "From a registry, not asked for"))
        }
        (Some(_), _) => (Light::Ok, ("申请人提交", "Handed in")),
        (None, _) => (Light::None, ("没有文件", "No file")),
    }
}

/// Where a paper was taken from, in the reader's language; as it was noted on the day where the registry is gone.
fn note_of(lang: Lang, registries: &Catalog, paper: &NewMaterial) -> Option<String> {
    let title = registries.datasets.get(&paper.source).map(|dataset| dataset.title.get(lang));
    title.map(str::to_owned).or_else(|| paper.source_note.clone())
}

fn open_paper(
    lang: Lang,
    base: &str,
    paper: &Material,
    (note, is_open): (Option<&str>, bool),
) -> Markup {
    let (light, (zh, en)) = light(paper);
    let mut rows: Vec<(Words<'_>, Markup)> = vec![
        (lang.pick("材料", "Paper").into(), html! { strong { (paper.paper.name.get(lang)) } }),
        (
            lang.pick("来源", "Source").into(),
            html! {
                (bare_lamp(light, lang.pick(zh, en)))
                @if let Some(note) = note {
                    @if paper.added.is_some() { p { (note) } }
                    @else { span.source { (icon(Icon::Check)) span { (note) } } }
                }
            },
        ),
        (lang.pick("时间", "Received").into(), html! { (clock_time(paper.at)) }),
    ];
    if let Some(added) = &paper.added {
        rows.push((
            lang.pick("谁在哪一步加的", "Added by, at").into(),
            html! { (added.by) " · " (added.step.get(lang)) },
        ));
    }
    if let Some(file) = &paper.paper.file {
        rows.push((
            lang.pick("指纹（SM3）", "Digest (SM3)").into(),
            html! { span.code { (file.digest.get(..16).unwrap_or(&file.digest)) "…" } },
        ));
    }
    html! {
        (pairs(rows))
        @if let Some(file) = &paper.paper.file {
            @if !is_open && reader::is_shown(file) {
                (actions(link_button(&Button::secondary(lang.pick("在这里打开，边看边办", "Open it here, beside the acts")).icon(Icon::Eye), &format!("{base}?paper={}#papers", paper.seq))))
            }
            (files(&[FileEntry {
                name: html! { a href={ (base) "/paper/" (paper.seq) } { (file.name) } },
                note: file_note(file).into(),
                end: Some(html! { span.meta { (lang.pick("打开会留下记录", "Opening is recorded")) } }),
            }]))
        }
    }
}

fn file_note(file: &MaterialFile) -> String {
    let kind = file.name.rsplit_once('.').map_or("", |(_, ending)| ending).to_uppercase();
    format!("{kind} {}", size(file.size))
}

/// A size in words.
fn size(bytes: i64) -> String {
    if bytes < 1 << 20 {
        return format!("{} KB", (bytes + 1023).max(1024) / 1024);
    }
    let tenths = bytes.saturating_mul(10) / (1 << 20);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// Each answer beside what is known of it: what a registry gave is right until somebody objects, what was
/// typed is for the officer to judge.
fn checks(frame: &Frame<'_>, view: &CaseView) -> Markup {
    let lang = frame.lang;
    let facts: Vec<&Fact> = view.case.facts.iter().flat_map(|section| &section.rows).collect();
    if facts.is_empty() {
        return html! {};
    }
    let known = facts.iter().filter(|fact| fact.source.is_some()).count();
    let typed = facts.len() - known;
    let heading = match lang {
        Lang::Zh => format!("逐项核对：{known} 项取自登记库，{typed} 项由申请人填写，请您判断"),
        Lang::En => format!(
            "Checks: {known} from registries, {typed} typed by the applicant for you to judge"
        ),
    };
    let rows = facts.iter().map(|fact| {
        let check = match &fact.source {
            Some(source) => bare_lamp(Light::Ok, &matches_words(lang, source.get(lang))),
            None => bare_lamp(Light::None, lang.pick("申请人填写", "Typed by the applicant")),
        };
        Row::new(vec![html! { (fact.label.get(lang)) }, html! { (fact.value.get(lang)) }, check])
    });
    html! {
        p { strong { (heading) } }
        (table(lang, &Table {
            caption: lang.pick("核对表", "Checks").into(),
            columns: vec![
                Column::head(lang.pick("项目", "Item")),
                Column::new(lang.pick("填报", "Answer")),
                Column::new(lang.pick("核对", "Check")),
            ],
            rows: rows.collect(),
            ..Table::default()
        }))
    }
}

fn matches_words(lang: Lang, source: &str) -> String {
    match lang {
        Lang::Zh => format!("与{source}一致"),
        Lang::En => format!("As in {source}"),
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use zhengtong_base::Text;

    use super::*;

    #[test]
    fn a_paper_from_a_registry_needs_no_file() {
        let paper = |source: &str, file: Option<MaterialFile>| Material {
            seq: 1,
            paper: NewMaterial {
                name: Text::same("营业执照"),
                source: source.to_owned(),
                source_note: None,
                file,
            },
            at: OffsetDateTime::UNIX_EPOCH,
            added: None,
        };
        let file = MaterialFile {
            digest: "ab".repeat(32),
            name: "平面图.pdf".to_owned(),
            size: 2_500_000,
            mime: "application/pdf".to_owned(),
        };
        assert_eq!(light(&paper("base-legal:organisation", None)).0, Light::Ok);
        assert_eq!(light(&paper(APPLICANT, None)).0, Light::None);
        let one = paper(APPLICANT, Some(file));
        let html = open_paper(Lang::Zh, "/desk/casework/1", &one, (None, false)).into_string();
        assert!(html.contains("href=\"/desk/casework/1?paper=1#papers\""));
        assert!(html.contains("href=\"/desk/casework/1/paper/1\""));
        assert!(html.contains("PDF 2.3 MB"));
    }

    #[test]
    fn sizes_are_told_in_words() {
        let rows = [(0, "1 KB"), (1_025, "2 KB"), (1 << 20, "1.0 MB"), (15 << 19, "7.5 MB")];
        for (bytes, words) in rows {
            assert_eq!(size(bytes), words);
        }
    }
}
