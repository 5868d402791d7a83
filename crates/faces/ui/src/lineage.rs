//! The way of data, stage by stage: where it comes from, where it stands, by which routes it goes, who uses it and for what.
//! Stages stand beside each other with arrows between, and one below the other where there is no room.

use maud::{Markup, html};

use crate::list::{Entry, list};
use crate::words::Words;

/// One stage.
#[derive(Clone, Debug, Default)]
pub struct Stage<'a> {
    /// What it is.
    pub name: Words<'a>,
    /// A sentence below, such as a sum.
    pub note: Words<'a>,
    /// What is there.
    pub entries: Vec<Entry>,
    /// What is said where nothing is there.
    pub none: Words<'a>,
}

impl<'a> Stage<'a> {
    /// A stage, with what is said where nothing is there.
    pub fn new(name: impl Into<Words<'a>>, none: impl Into<Words<'a>>) -> Self {
        Self { name: name.into(), none: none.into(), ..Self::default() }
    }

    /// Adds a sentence below the name.
    #[must_use]
    pub fn note(mut self, note: impl Into<Words<'a>>) -> Self {
        self.note = note.into();
        self
    }

    /// Adds what is there.
    #[must_use]
    pub fn entries(mut self, entries: Vec<Entry>) -> Self {
        self.entries = entries;
        self
    }
}

/// Draws the stages in their order.
pub fn lineage(stages: &[Stage<'_>]) -> Markup {
    html! {
        ol.lineage {
            @for stage in stages {
                li {
                    h3 { (stage.name) }
                    @if !stage.note.is_empty() { p.meta { (stage.note) } }
                    @if stage.entries.is_empty() { p.soft { (stage.none) } }
                    @else { (list(&stage.entries)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_stand_in_order_and_an_empty_one_says_so() {
        let stages = [
            Stage::new("数据集", "").entries(vec![Entry::link("法人登记", "/data/1")]),
            Stage::new("用途", "没有").note("近一年 0 件"),
        ];
        let html = lineage(&stages).into_string();
        let place = |words: &str| html.find(words).unwrap_or_else(|| panic!("{words}: {html}"));
        assert!(place("数据集") < place("法人登记") && place("法人登记") < place("用途"));
        assert!(place("近一年 0 件") < place("没有"));
        assert_eq!(html.matches("<h3>").count(), 2);
        assert_eq!(html.matches("class=\"soft\"").count(), 1);
    }
}
