//! The mark: the five strokes of 正, by which people here tally, the fourth running out of its frame: 通.

use maud::{Markup, html};
use zhengtong_base::Lang;

/// The mark alone, beside its words.
pub fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 48 48" aria-hidden="true" focusable="false" {
            path.mark-strokes d="M7 8.5h34M24 8.5v30.8M13.2 21.5v17.8M4.8 39.3h38.4" {}
            path.mark-runner d="M26.2 24H46" {}
        }
    }
}

/// The mark with the name of the product and two short lines beside it, as a link to the start.
pub fn brand(lang: Lang, href: &str, lines: &[&str]) -> Markup {
    html! {
        a.brand href=(href) {
            (mark())
            b { (lang.pick("政通", "Zhengtong")) }
            @if !lines.is_empty() {
                span { @for line in lines { span.brand-line { (line) } } }
            }
        }
    }
}
