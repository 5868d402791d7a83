//! What the city already knows: shown as facts with source and date, never as greyed inputs, and always with 异议 beside.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::icon::{Icon, icon};
use crate::words::Words;

/// One known value.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    /// Its name.
    pub label: Words<'a>,
    /// Its value, masked if it must be.
    pub value: Words<'a>,
    /// Which register it comes from.
    pub source: Words<'a>,
    /// When it was last changed there, in words.
    pub as_of: Words<'a>,
}

/// Known values in one box, and below it the way to say that one is wrong.
pub fn known(lang: Lang, values: &[Known<'_>], dispute: &str) -> Markup {
    html! {
        div.known {
            dl {
                @for value in values {
                    div {
                        dt { (value.label) }
                        dd { (value.value) }
                        dd.known-source { (source(lang, &value.source, &value.as_of)) }
                    }
                }
            }
            @if !dispute.is_empty() {
                p.meta {
                    (lang.pick("有不对的？", "Something wrong? "))
                    a href=(dispute) { (lang.pick("提出异议", "Raise an objection")) }
                    (lang.pick("，不影响您继续办。", ". You can go on meanwhile."))
                }
            }
        }
    }
}

/// Where a value comes from.
pub fn source(lang: Lang, register: &str, as_of: &str) -> Markup {
    html! {
        span.source {
            (icon(Icon::Check))
            span {
                (lang.pick("来自 ", "From ")) (register)
                @if !as_of.is_empty() { " · " (as_of) }
            }
        }
    }
}
