//! Numbers that lead somewhere: value, unit, what it means, who answers for it.

use maud::{Markup, html};

use crate::words::Words;

/// One number of a board.
#[derive(Clone, Debug, Default)]
pub struct Stat<'a> {
    /// What is counted.
    pub name: Words<'a>,
    /// The number.
    pub value: Words<'a>,
    /// Its unit.
    pub unit: Words<'a>,
    /// Target and comparison.
    pub note: Words<'a>,
    /// One sentence why.
    pub why: Words<'a>,
    /// Owner and date.
    pub owner: Words<'a>,
    /// A lamp beside the name.
    pub lamp: Option<Markup>,
    /// A link to what was counted.
    pub link: Option<Markup>,
}

/// Draws the numbers beside each other.
pub fn stats(stats: &[Stat<'_>]) -> Markup {
    html! { div.stats { @for one in stats { (stat(one)) } } }
}

fn stat(stat: &Stat<'_>) -> Markup {
    html! {
        section.stat.panel.panel-body aria-label=(stat.name) {
            div.stat-head { p.stat-name { (stat.name) } @if let Some(lamp) = &stat.lamp { (lamp) } }
            p.stat-value { (stat.value) small { (stat.unit) } }
            @if !stat.note.is_empty() { p.meta { (stat.note) } }
            @if !stat.why.is_empty() { p { (stat.why) } }
            div.stat-foot {
                span.meta { (stat.owner) }
                @if let Some(link) = &stat.link { (link) }
            }
        }
    }
}

/// A share of a whole as a bar with its number beside.
pub fn share(label: &str, part: u64, whole: u64) -> Markup {
    html! {
        div.share {
            progress value=(part.min(whole)) max=(whole.max(1)) aria-label=(label) {}
            span { (part) " / " (whole) }
        }
    }
}
