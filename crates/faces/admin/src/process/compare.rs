//! Two versions side by side: a table of what changed, and with the script the two drawings with the changes marked.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::Lang;
use zhengtong_http::{Answer, Fault, Visit};
use zhengtong_process::{
    Change, Changed, Language, decision_difference, difference, examine, sheets,
};
use zhengtong_ui::frame::Tool;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed, flush, reveal};
use zhengtong_ui::table::{Column, Row, Table, code, table};

use super::{address, aside, sheets, words};
use crate::bench::{Bench, reading};

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

pub(super) async fn shown(
    visit: Visit,
    Path((pack, name)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let (lang, name) = (visit.lang(), format!("{pack}:{name}"));
    let mut ctx = reading(&visit).await?;
    let before = zhengtong_process::text(&mut ctx, &name, Some(&wanted.from)).await?;
    let after = zhengtong_process::text(&mut ctx, &name, Some(&wanted.to)).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let label = |digest: &str| format!("{} {}", lang.pick("版本", "Version"), words::short(digest));
    let (first, second) = ((label(&wanted.from), before), (label(&wanted.to), after));
    let sides = Sides::of(lang, &name, first, second).await?;
    let mut frame = Bench::frame(&visit, lang.pick("比较两个版本", "Two versions"));
    if Language::of(&name) == Language::Bpmn {
        frame.tool = Tool::Designer;
    }
    let links = [
        Link::new(lang.pick("流程", "Processes"), "/admin/process"),
        Link::new(name.as_str(), address(&name)),
    ];
    let heading = lang.pick("比较两个版本", "Two versions");
    let body = html! {
        (crumbs(lang, &links, heading))
        (title(&Title::new(heading).meta(html! { (sides.first) " → " (sides.second) })))
        (comparison(lang, &sides))
    };
    Ok(bench.page(&visit, &frame, body))
}

/// Two texts of a definition with what changed between them.
pub(super) struct Sides {
    pub(super) first: String,
    pub(super) second: String,
    /// The two texts, where the script can draw them.
    texts: Option<(String, String)>,
    drawings: (Markup, Markup),
    changes: Vec<Change>,
}

impl Sides {
    /// Compares two texts of a definition.
    pub(super) async fn of(
        lang: Lang,
        name: &str,
        (first, before): (String, String),
        (second, after): (String, String),
    ) -> Result<Self, Fault> {
        let language = Language::of(name);
        let work = move || match language {
            Language::Bpmn => {
                let (old, new) = (examine(&before).model?, examine(&after).model?);
                let changes = difference(&old, &new);
                let drawings = (words::drawing(lang, &old), words::drawing(lang, &new));
                Some(Self { first, second, texts: Some((before, after)), drawings, changes })
            }
            Language::Dmn => {
                let changes = decision_difference(&before, &after)?;
                let drawn = |xml: &str| sheets(xml).map(|all| sheets::drawn(lang, &all));
                let drawings = (drawn(&before)?, drawn(&after)?);
                Some(Self { first, second, texts: None, drawings, changes })
            }
        };
        aside(work).await?.ok_or_else(Fault::absent)
    }
}

/// The table, and the place where the script shows the two drawings.
pub(super) fn comparison(lang: Lang, sides: &Sides) -> Markup {
    html! {
        @if let Some((before, after)) = &sides.texts {
            (boxed(&Panel::new(lang.pick("两张图", "Both drawings")).note(legend(lang)), html! {
                div.designer-halves data-designer="compare" {
                    (reveal(&sides.first, sides.drawings.0.clone()))
                    (reveal(&sides.second, sides.drawings.1.clone()))
                }
                textarea hidden readonly data-version="before" data-label=(sides.first) aria-label=(sides.first) { "\n" (before) }
                textarea hidden readonly data-version="after" data-label=(sides.second) aria-label=(sides.second) { "\n" (after) }
            }))
        } @else {
            (boxed(&Panel::new(lang.pick("两个版本的表", "Both tables")), html! {
                (reveal(&sides.first, sides.drawings.0.clone()))
                (reveal(&sides.second, sides.drawings.1.clone()))
            }))
        }
        @if sides.changes.is_empty() {
            (boxed(&Panel::new(lang.pick("改动", "Changes")), html! { p { (lang.pick("没有改动。", "Nothing changed.")) } }))
        } @else {
            (flush(&Panel::new(lang.pick("改动", "Changes")), table(lang, &changes(lang, &sides.changes))))
        }
    }
}

fn legend(lang: Lang) -> Markup {
    html! {
        span.meta { (lang.pick("新增绿粗线，删除红点线，改动黄虚线，移动灰点线", "New: green line; gone: red dots; altered: amber dashes; moved: grey dots")) }
    }
}

fn changes<'a>(lang: Lang, changes: &[Change]) -> Table<'a> {
    let rows = changes.iter().map(|change| {
        let name = if change.name.is_empty() { &change.element } else { &change.name };
        Row::new(vec![
            html! { span data-element=(change.element) data-changed=(change.changed.word()) { (name) } p.meta { (code(&change.element)) } },
            html! { (change.kind.get(lang)) },
            how(lang, change.changed),
            html! {
                @for detail in &change.details {
                    p { strong { (detail.what.get(lang)) } "：" (shown_value(lang, &detail.before)) " → " (shown_value(lang, &detail.after)) }
                }
            },
        ])
    });
    Table {
        caption: lang.pick("改动", "Changes").into(),
        columns: vec![
            Column::head(lang.pick("元素", "Element")),
            Column::new(lang.pick("种类", "Kind")).tight(),
            Column::new(lang.pick("怎么变", "How")).tight(),
            Column::new(lang.pick("变了什么", "What")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn shown_value(lang: Lang, value: &str) -> Markup {
    html! { @if value.is_empty() { span.meta { (lang.pick("没有", "nothing")) } } @else { (value) } }
}

fn how(lang: Lang, changed: Changed) -> Markup {
    match changed {
        Changed::Added => tag(Tone::Good, lang.pick("新增", "New")),
        Changed::Removed => tag(Tone::Line, lang.pick("删除", "Gone")),
        Changed::Altered => tag(Tone::Warn, lang.pick("改动", "Altered")),
        Changed::Moved => tag(Tone::Plain, lang.pick("移动", "Moved")),
    }
}
