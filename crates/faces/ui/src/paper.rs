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
            p.paper-title { (paper.title) }
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

/// A round seal: the name along the upper arc, each character turned to its place, and the sign in the middle.
fn seal(name: &str) -> Markup {
    let count = u32::try_from(name.chars().count()).unwrap_or(1).max(1);
    let step = (250.0 / f64::from(count)).min(26.0);
    let first = -step * (f64::from(count) - 1.0) / 2.0;
    html! {
        svg.seal viewBox="0 0 120 120" aria-hidden="true" focusable="false" {
            circle cx="60" cy="60" r="56" {}
            @for (index, character) in (0_u32..).zip(name.chars()) {
                text.seal-name x="60" y="22" transform={ "rotate(" (first + step * f64::from(index)) " 60 60)" } { (character) }
            }
            path.seal-sign d="M46 46h28M60 46v30M52 57v19M42 76h36M61 60h13" {}
        }
    }
}
