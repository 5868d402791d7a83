//! Lists of links: with a note, with a date, with an icon; the grid of life events; the list of frequent services.

use maud::{Markup, html};

use crate::icon::{Icon, IconSize, icon, icon_of};
use crate::navigate::{Link, link};
use crate::words::Words;

/// One entry of a list.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What it is, usually a link.
    pub title: Markup,
    /// Small words below.
    pub note: Option<Markup>,
    /// A date or a link at the other end.
    pub end: Option<Markup>,
    /// An icon before it.
    pub icon: Option<Icon>,
    /// A lamp or tag above it.
    pub above: Option<Markup>,
}

impl Entry {
    /// An entry of markup.
    pub fn new(title: Markup) -> Self {
        Self { title, ..Self::default() }
    }

    /// An entry that is a link.
    pub fn link(text: &str, href: &str) -> Self {
        Self::new(html! { a href=(href) { (text) } })
    }

    /// Adds small words below.
    #[must_use]
    pub fn note(mut self, note: Markup) -> Self {
        self.note = Some(note);
        self
    }

    /// Adds something at the other end.
    #[must_use]
    pub fn end(mut self, end: Markup) -> Self {
        self.end = Some(end);
        self
    }

    /// Adds an icon.
    #[must_use]
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Adds a lamp or tag above.
    #[must_use]
    pub fn above(mut self, above: Markup) -> Self {
        self.above = Some(above);
        self
    }
}

/// A list with hairlines between its entries.
pub fn list(entries: &[Entry]) -> Markup {
    html! {
        ul.list {
            @for entry in entries {
                li {
                    @if let Some(symbol) = entry.icon { (icon(symbol)) }
                    div.list-text {
                        @if let Some(above) = &entry.above { div.row.row-tight { (above) } }
                        div { (entry.title) }
                        @if let Some(note) = &entry.note { p.meta { (note) } }
                    }
                    @if let Some(end) = &entry.end { div.list-end { (end) } }
                }
            }
        }
    }
}

/// One life event of the portal.
#[derive(Clone, Debug)]
pub struct LifeEvent<'a> {
    /// Its icon.
    pub icon: Icon,
    /// Its name and address.
    pub link: Link<'a>,
    /// Services in it; not shown in 长辈模式.
    pub inside: Vec<Link<'a>>,
    /// What belongs to it, in words, as long as there is no service to name.
    pub about: Words<'a>,
}

/// The grid of life events.
pub fn life_events(events: &[LifeEvent<'_>]) -> Markup {
    html! {
        ul.life {
            @for event in events {
                li {
                    (icon_of(event.icon, IconSize::Large))
                    div {
                        h3 { (link(&event.link)) }
                        @if !event.inside.is_empty() {
                            ul.life-inside.no-elder { @for one in &event.inside { li { (link(one)) } } }
                        } @else if !event.about.is_empty() {
                            p.life-about.no-elder { (event.about) }
                        }
                    }
                }
            }
        }
    }
}

/// One service in a list of services.
#[derive(Clone, Debug, Default)]
pub struct ServiceEntry<'a> {
    /// Its name and address.
    pub link: Link<'a>,
    /// What it takes: 4 份材料，3 份免提交.
    pub note: Words<'a>,
    /// How long, as a tag.
    pub tag: Option<Markup>,
}

/// A list of services.
pub fn services(entries: &[ServiceEntry<'_>]) -> Markup {
    html! {
        ul.services {
            @for entry in entries {
                li {
                    div { (link(&entry.link)) p.meta { (entry.note) } }
                    @if let Some(tag) = &entry.tag { div { (tag) } }
                }
            }
        }
    }
}

/// Files: name, note, what can be done or is true.
#[derive(Clone, Debug, Default)]
pub struct FileEntry<'a> {
    /// The name, as a link when it can be opened.
    pub name: Markup,
    /// Size, date.
    pub note: Words<'a>,
    /// A tag or link at the other end.
    pub end: Option<Markup>,
}

/// A list of files.
pub fn files(entries: &[FileEntry<'_>]) -> Markup {
    html! {
        ul.files {
            @for entry in entries {
                li {
                    (icon(Icon::FileText))
                    span.file-name { (entry.name) @if !entry.note.is_empty() { " " span.meta { (entry.note) } } }
                    @if let Some(end) = &entry.end { span.push { (end) } }
                }
            }
        }
    }
}
