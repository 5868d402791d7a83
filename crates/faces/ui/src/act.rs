//! What an officer may do now: each act with its legal basis; and the bar that acts on chosen rows; and key hints.

use maud::{Markup, html};

use crate::icon::{Icon, icon};
use crate::words::Words;

/// One act on a case.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// Its icon.
    pub icon: Icon,
    /// The act.
    pub name: Words<'a>,
    /// What follows and which law allows it.
    pub note: Words<'a>,
    /// The page where it is done.
    pub href: Words<'a>,
    /// Whether it is the one to do next.
    pub rank: Rank,
}

/// Which act comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rank {
    /// One of the acts.
    #[default]
    Other,
    /// The act to do next.
    First,
}

/// The acts below each other, and why some cannot be done.
pub fn acts(acts: &[Act<'_>], barred: &[Words<'_>]) -> Markup {
    html! {
        ul.acts {
            @for act in acts {
                li {
                    a class=(if act.rank == Rank::First { "act act-first" } else { "act" }) href=(act.href) {
                        b { (icon(act.icon)) (act.name) }
                        span.meta { (act.note) }
                    }
                }
            }
        }
        @for reason in barred { p.act-barred { (reason) } }
    }
}

/// The bar above a table: what is chosen, what can be done with it, and tools at the other end.
pub fn toolbar(chosen: Markup, tools: Markup) -> Markup {
    html! { div.toolbar { div.row { (chosen) } div.row.push { (tools) } } }
}

/// Three zones of a case: facts, documents, acts. They stand below each other where there is no room.
pub fn zones(facts: Markup, documents: Markup, acts: Markup) -> Markup {
    html! {
        div.zones {
            div.zone-facts.flow { (facts) }
            div.zone-documents.flow { (documents) }
            div.zone-acts.flow { (acts) }
        }
    }
}

/// A key as it stands on the keyboard.
pub fn key(words: &str) -> Markup {
    html! { kbd.key { (words) } }
}

/// Keys and what they do, in one line.
pub fn key_hints(hints: &[(&[&str], &str)]) -> Markup {
    html! {
        ul.key-hints {
            @for (keys, words) in hints { li { @for one in *keys { (key(one)) } " " (words) } }
        }
    }
}
