//! One line through everything: steps across, histories and plans down. Solid is done, a ring is now, dashed is to come,
//! a square is a stopped clock.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::words::Words;

/// Where a node stands on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Node {
    /// Done.
    #[default]
    Done,
    /// Now.
    Now,
    /// The clock stands here.
    Stopped,
    /// Still to come.
    Future,
}

impl Node {
    fn class(self) -> &'static str {
        match self {
            Self::Done => "node-done",
            Self::Now => "node-now",
            Self::Stopped => "node-stopped",
            Self::Future => "node-future",
        }
    }

    /// The state in words, for those who hear the page.
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Done => lang.pick("已完成", "done"),
            Self::Now => lang.pick("正在进行", "now"),
            Self::Stopped => lang.pick("停钟", "clock stopped"),
            Self::Future => lang.pick("还没到", "to come"),
        }
    }
}

/// One node.
#[derive(Clone, Debug, Default)]
pub struct Step<'a> {
    /// Where it stands.
    pub node: Node,
    /// What happens.
    pub name: Words<'a>,
    /// Who and when.
    pub note: Option<Markup>,
    /// More below, in histories.
    pub more: Option<Markup>,
}

impl<'a> Step<'a> {
    /// A node.
    pub fn new(node: Node, name: impl Into<Words<'a>>) -> Self {
        Self { node, name: name.into(), ..Self::default() }
    }

    /// Says who and when.
    #[must_use]
    pub fn note(mut self, note: impl Into<Words<'a>>) -> Self {
        let note: Words<'a> = note.into();
        self.note = Some(html! { (note) });
        self
    }

    /// Says who and when, with links.
    #[must_use]
    pub fn note_markup(mut self, note: Markup) -> Self {
        self.note = Some(note);
        self
    }

    /// Adds more below.
    #[must_use]
    pub fn more(mut self, more: Markup) -> Self {
        self.more = Some(more);
        self
    }
}

/// Three to seven steps across; down on phones.
pub fn way(lang: Lang, steps: &[Step<'_>]) -> Markup {
    html! { ol.way { @for step in steps { (item(lang, step)) } } }
}

/// A history (newest first) or a plan (oldest first), down.
pub fn line(lang: Lang, steps: &[Step<'_>]) -> Markup {
    html! { ol.line { @for step in steps { (item(lang, step)) } } }
}

fn item(lang: Lang, step: &Step<'_>) -> Markup {
    html! {
        li class=(step.node.class()) aria-current=[(step.node == Node::Now).then_some("step")] {
            b { (step.name) span.unseen { (lang.pick("（", " (")) (step.node.word(lang)) (lang.pick("）", ")")) } }
            @if let Some(note) = &step.note { span.meta { (note) } }
            @if let Some(more) = &step.more { div.line-more { (more) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_the_state_of_each_node() {
        let steps = [
            Step::new(Node::Done, "受理").note("11-16 周办员"),
            Step::new(Node::Now, "书面审查"),
            Step::new(Node::Future, "决定"),
        ];
        insta::assert_snapshot!(line(Lang::Zh, &steps).into_string());
    }
}
