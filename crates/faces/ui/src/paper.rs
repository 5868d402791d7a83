//! Sealed official papers. Serif type and seal mean "a sealed document"; they stay white in every theme.

use maud::{Markup, html};

use crate::words::Words;

/// A paper.
#[derive(Clone, Debug, Default)]
pub struct Paper<'a> {
    /// Its title.
    pub title: Words<'a>,
    /// Its number; may be empty.
    pub number: Words<'a>,
    /// Its text.
    pub body: Markup,
    /// Who signs and when, each a line.
    pub signed: Vec<Words<'a>>,
    /// The name on the seal; empty for none.
    pub seal: Words<'a>,
}

/// Draws a paper.
pub fn paper(paper: &Paper<'_>) -> Markup {
    html! {
        article.paper {
            h3 { (paper.title) }
            @if !paper.number.is_empty() { p.paper-number { (paper.number) } }
            div.paper-body { (paper.body) }
            div.paper-sign {
                @for line in &paper.signed { p { (line) } }
                @if !paper.seal.is_empty() { (seal(&paper.seal)) }
            }
        }
    }
}

/// A line of name and value in a paper, not indented.
pub fn paper_line(words: &str) -> Markup {
    html! { p.paper-line { (words) } }
}

fn seal(name: &str) -> Markup {
    html! {
        svg.seal viewBox="0 0 120 120" aria-hidden="true" focusable="false" {
            defs { path #seal-arc d="M18 66a42 42 0 1 1 84 0" {} }
            circle cx="60" cy="60" r="56" {}
            text.seal-name { textPath href="#seal-arc" startOffset="50%" { (name) } }
            path.seal-sign d="M48 56h24M60 56v26M53 67v15M44 82h32M61 69h15" {}
        }
    }
}
