//! Blocks that speak: notices, the empty state, what is loading, what is out of date.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::icon::{Icon, IconSize, icon, icon_of};
use crate::lamp::{Light, glyph};
use crate::words::Words;

/// What a notice is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Something to know.
    #[default]
    Info,
    /// It is done.
    Done,
    /// Something runs out.
    Warning,
    /// It did not work; outside forms at most one on a page.
    Failure,
    /// The clock stands.
    Stopped,
}

/// A notice.
#[derive(Clone, Debug, Default)]
pub struct Notice<'a> {
    /// What it is about.
    pub mood: Mood,
    /// Its first, bold line.
    pub title: Words<'a>,
    /// More, and links or buttons.
    pub body: Option<Markup>,
    /// Another icon than the mood's.
    pub icon: Option<Icon>,
}

impl<'a> Notice<'a> {
    /// A notice of a mood.
    pub fn new(mood: Mood, title: impl Into<Words<'a>>) -> Self {
        Self { mood, title: title.into(), ..Self::default() }
    }

    /// Adds more.
    #[must_use]
    pub fn body(mut self, body: Markup) -> Self {
        self.body = Some(body);
        self
    }

    /// Uses another icon.
    #[must_use]
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }
}

/// Draws a notice.
pub fn notice(notice: &Notice<'_>) -> Markup {
    let (class, light) = match notice.mood {
        Mood::Info => ("notice", None),
        Mood::Done => ("notice notice-ok", Some(Light::Ok)),
        Mood::Warning => ("notice notice-near", Some(Light::Near)),
        Mood::Failure => ("notice notice-over", Some(Light::Over)),
        Mood::Stopped => ("notice notice-hold", Some(Light::Hold)),
    };
    let role = match notice.mood {
        Mood::Failure => Some("alert"),
        Mood::Done => Some("status"),
        _ => None,
    };
    html! {
        div class=(class) role=[role] {
            @if let Some(symbol) = notice.icon { (icon(symbol)) }
            @else if let Some(light) = light { (glyph(light)) }
            @else { (icon(Icon::Info)) }
            div {
                @if !notice.title.is_empty() { p.notice-title { (notice.title) } }
                @if let Some(body) = &notice.body { div.flow-s { (body) } }
            }
        }
    }
}

/// Nothing is here: says that it is fine, or what to do.
#[derive(Clone, Debug)]
pub struct Empty<'a> {
    /// One icon.
    pub icon: Icon,
    /// What is so.
    pub title: Words<'a>,
    /// What to do.
    pub body: Option<Markup>,
}

/// Draws the empty state.
pub fn empty(empty: &Empty<'_>) -> Markup {
    html! {
        div.empty {
            (icon_of(empty.icon, IconSize::Large))
            p.empty-title { (empty.title) }
            @if let Some(body) = &empty.body { p { (body) } }
        }
    }
}

/// Grey lines in the shape of what is coming.
pub fn loading(words: &str, lines: usize) -> Markup {
    html! {
        div.loading aria-busy="true" {
            @for _ in 0..lines.min(12) { span.bone {} }
            p.meta role="status" { (words) }
        }
    }
}

/// The value stays, and the reader is told how old it is.
pub fn stale(lang: Lang, as_of: &str) -> Markup {
    html! {
        span.stale {
            span.lamp.near { (glyph(Light::Near)) (lang.pick("断更", "Out of date")) }
            " " span.meta { (lang.pick("数据截至 ", "As of ")) (as_of) }
        }
    }
}

/// A line with an icon that a form was saved.
pub fn saved(words: &str) -> Markup {
    html! { p.source { (icon(Icon::CloudCheck)) span { (words) } } }
}
