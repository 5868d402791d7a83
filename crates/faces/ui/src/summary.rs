//! Check your answers: each answer with the link that changes it.

use maud::{Markup, html};

use crate::icon::{Icon, icon};
use crate::navigate::Link;
use crate::words::Words;

/// One answer.
#[derive(Clone, Debug, Default)]
pub struct Answer<'a> {
    /// The question, short.
    pub question: Words<'a>,
    /// The answer.
    pub answer: Markup,
    /// The register it comes from; empty when the person wrote it.
    pub source: Words<'a>,
    /// 更改 or 异议.
    pub change: Option<Link<'a>>,
}

impl<'a> Answer<'a> {
    /// An answer in words.
    pub fn new(question: impl Into<Words<'a>>, answer: impl Into<Words<'a>>) -> Self {
        let answer: Words<'a> = answer.into();
        Self { question: question.into(), answer: html! { (answer) }, ..Self::default() }
    }

    /// Names the register it comes from.
    #[must_use]
    pub fn source(mut self, source: impl Into<Words<'a>>) -> Self {
        self.source = source.into();
        self
    }

    /// Adds the link that changes it.
    #[must_use]
    pub fn change(mut self, text: impl Into<Words<'a>>, href: impl Into<Words<'a>>) -> Self {
        self.change = Some(Link::new(text, href));
        self
    }
}

/// A group of answers under its heading.
pub fn answers(title: &str, answers: &[Answer<'_>]) -> Markup {
    html! {
        section.answers-group {
            @if !title.is_empty() { h2 { (title) } }
            dl.answers {
                @for one in answers {
                    div {
                        dt { (one.question) }
                        dd {
                            (one.answer)
                            @if !one.source.is_empty() { span.source { (icon(Icon::Check)) span { (one.source) } } }
                        }
                        @if let Some(change) = &one.change {
                            dd.answers-change {
                                a href=(change.href) { (change.text) span.unseen { " " (one.question) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_change_link_says_what_it_changes() {
        let list = [
            Answer::new("经营面积", "120 平方米").change("更改", "/my/drafts/7/area"),
            Answer::new("企业名称", "示例餐饮有限公司").source("市场主体登记库"),
        ];
        insta::assert_snapshot!(answers("经营场所", &list).into_string());
    }
}
