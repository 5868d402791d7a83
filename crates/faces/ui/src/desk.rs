//! The frame of a staff page: the dark bar with search, the rail with counts, the bench.

use maud::{Markup, html};

use crate::frame::{Density, Frame, document, leave, outages, request_id};
use crate::icon::{Icon, icon};
use crate::mark::brand;
use crate::preference;
use crate::words::{Words, counted, number};

/// One place on the rail.
#[derive(Clone, Debug)]
pub struct RailItem<'a> {
    /// Its icon.
    pub icon: Icon,
    /// Its words.
    pub text: Words<'a>,
    /// Where it leads.
    pub href: Words<'a>,
    /// How many things wait there, if that is known.
    pub count: Option<i64>,
    /// The number from which on nobody counted further.
    pub counted_to: Option<i64>,
    /// Whether the page is there.
    pub current: bool,
}

impl<'a> RailItem<'a> {
    /// A place without a count that is not the current one.
    pub fn new(icon: Icon, text: impl Into<Words<'a>>, href: impl Into<Words<'a>>) -> Self {
        Self {
            icon,
            text: text.into(),
            href: href.into(),
            count: None,
            counted_to: None,
            current: false,
        }
    }

    /// Adds a count.
    #[must_use]
    pub fn count(mut self, count: i64) -> Self {
        self.count = Some(count);
        self
    }

    /// Says that nobody counted further than this: `999+`.
    #[must_use]
    pub fn counted_to(mut self, most: i64) -> Self {
        self.counted_to = Some(most);
        self
    }

    /// Marks the place as current when `path` is its address or lies below it.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        self.current = path == self.href
            || path.strip_prefix(self.href.as_ref()).is_some_and(|rest| rest.starts_with('/'));
        self
    }
}

/// A group of places.
#[derive(Clone, Debug, Default)]
pub struct RailGroup<'a> {
    /// Its heading.
    pub title: Words<'a>,
    /// Its places.
    pub items: Vec<RailItem<'a>>,
}

/// The search box of the bar.
#[derive(Clone, Debug)]
pub struct BarSearch<'a> {
    /// Where it asks (`GET`, parameter `q`).
    pub action: Words<'a>,
    /// What can be searched, in words.
    pub label: Words<'a>,
    /// What was searched.
    pub value: Words<'a>,
}

/// What stands around the bench.
#[derive(Clone, Debug, Default)]
pub struct Rail<'a> {
    /// The name of this part beside the mark, such as 工作台.
    pub part: Words<'a>,
    /// Where the mark leads.
    pub home: Words<'a>,
    /// The places.
    pub groups: Vec<RailGroup<'a>>,
    /// The search box.
    pub search: Option<BarSearch<'a>>,
    /// The address of the messages and how many are unread.
    pub messages: Option<(Words<'a>, i64)>,
    /// Where the list of keyboard shortcuts stands.
    pub keys: Option<Words<'a>>,
}

/// A page for staff.
pub fn desk(frame: &Frame<'_>, rail: &Rail<'_>, body: Markup) -> Markup {
    document(
        frame,
        Density::Desk,
        html! {
            (bar(frame, rail))
            (outages(frame))
            div.bench {
                nav.rail aria-label=(frame.lang.pick("工作台", "Workbench")) {
                    @for group in &rail.groups { (group_of(group)) }
                }
                main.bench-main #main tabindex="-1" { (body) }
            }
            (foot(frame))
        },
    )
}

fn group_of(group: &RailGroup<'_>) -> Markup {
    html! {
        div.rail-group {
            @if !group.title.is_empty() { h2 { (group.title) } }
            ul {
                @for item in &group.items {
                    li {
                        a href=(item.href) aria-current=[item.current.then_some("page")] {
                            (icon(item.icon)) span { (item.text) }
                            @if let Some(count) = item.count { b { (counted(count, item.counted_to)) } }
                        }
                    }
                }
            }
        }
    }
}

fn bar(frame: &Frame<'_>, rail: &Rail<'_>) -> Markup {
    let lang = frame.lang;
    let home = if rail.home.is_empty() { "/desk" } else { rail.home.as_ref() };
    html! {
        header.bar {
            (brand(lang, home, &[&rail.part]))
            @if let Some(search) = &rail.search {
                form.bar-find role="search" aria-label=(search.label) action=(search.action) {
                    (icon(Icon::Search))
                    label.unseen for="bar-find" { (search.label) }
                    input #bar-find type="search" name="q" value=(search.value) placeholder=(search.label) data-slash;
                    kbd.key aria-hidden="true" { "/" }
                }
            }
            div.bar-tools {
                @if let Some(keys) = &rail.keys {
                    a.tool.tool-wide href=(keys) data-key="?" { kbd.key { "?" } (lang.pick("快捷键", "Shortcuts")) }
                }
                @if let Some((href, count)) = &rail.messages {
                    a.tool href=(href) { (icon(Icon::Bell)) (lang.pick("消息", "Messages")) " " (number(*count)) }
                }
                @if let Some(person) = &frame.person {
                    a.tool href=(person.home) { (icon(Icon::UserRound)) (person.name) }
                    @if !person.note.is_empty() { span.bar-note { (person.note) } }
                    (leave(frame, person))
                }
            }
        }
    }
}

fn foot(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    html! {
        footer.bench-foot {
            span { (lang.pick("找人帮忙 ", "Help ")) a href="tel:12345" { "12345" } }
            a href=(preference::page_href(frame)) { (lang.pick("显示方式", "Display")) }
            (preference::language_link(frame))
            (request_id(frame))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_current_for_its_own_address_and_below() {
        let current = |path| RailItem::new(Icon::Inbox, "收件箱", "/desk/inbox").at(path).current;
        assert!(current("/desk/inbox"));
        assert!(current("/desk/inbox?page=2"));
        assert!(current("/desk/inbox/7"));
        assert!(!current("/desk/inboxes"));
        assert!(!current("/desk"));
    }
}
