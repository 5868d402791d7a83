//! Finding the way: crumbs, back, pages of a list, parts of a form, search.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::icon::{Icon, icon};
use crate::words::Words;

/// A link of words.
#[derive(Clone, Debug, Default)]
pub struct Link<'a> {
    /// Its words.
    pub text: Words<'a>,
    /// Where it leads.
    pub href: Words<'a>,
}

impl<'a> Link<'a> {
    /// A link.
    pub fn new(text: impl Into<Words<'a>>, href: impl Into<Words<'a>>) -> Self {
        Self { text: text.into(), href: href.into() }
    }
}

/// Draws a link.
pub fn link(link: &Link<'_>) -> Markup {
    html! { a href=(link.href) { (link.text) } }
}

/// The way from the start to this page; the last words are the page itself.
pub fn crumbs(lang: Lang, links: &[Link<'_>], here: &str) -> Markup {
    html! {
        nav.crumbs aria-label=(lang.pick("位置", "Breadcrumb")) {
            ol {
                @for one in links { li { (link(one)) } }
                li aria-current="page" { (here) }
            }
        }
    }
}

/// The link to the page before, above the title.
pub fn back(text: &str, href: &str) -> Markup {
    html! { a.back href=(href) { (icon(Icon::ChevronLeft)) (text) } }
}

/// How far one is in a form of several parts.
pub fn part(text: &str, done: u32, all: u32) -> Markup {
    html! {
        div.part {
            span { (text) }
            progress value=(done) max=(all.max(1)) aria-label=(text) {}
            span.nowrap { (done) " / " (all) }
        }
    }
}

/// Which page of a list is shown, and how the others are addressed.
#[derive(Clone, Copy, Debug)]
pub struct Pager<'a> {
    /// The page shown, from 1.
    pub page: u32,
    /// How many pages there are.
    pub pages: u32,
    /// The address of a page up to its number, such as `/desk/inbox?page=`.
    pub href: &'a str,
}

/// Draws a pager; nothing where everything is on one page.
pub fn pager(lang: Lang, pager: Pager<'_>) -> Markup {
    let Pager { page, pages, href } = pager;
    html! {
        @if pages > 1 {
            nav.pager aria-label=(lang.pick("翻页", "Pages")) {
                @if page > 1 { a rel="prev" href={ (href) (page - 1) } { (lang.pick("上一页", "Previous")) } }
                @for shown in page_numbers(page, pages) {
                    @if shown == 0 { span.pager-gap aria-hidden="true" { "…" } }
                    @else if shown == page { a href={ (href) (shown) } aria-current="page" { (shown) } }
                    @else { a href={ (href) (shown) } { (shown) } }
                }
                @if page < pages { a rel="next" href={ (href) (page + 1) } { (lang.pick("下一页", "Next")) } }
            }
        }
    }
}

/// The first, the last, and those around the one shown; 0 stands for a gap.
fn page_numbers(page: u32, pages: u32) -> Vec<u32> {
    let mut out = Vec::new();
    let mut last = 0;
    for number in 1..=pages {
        if number == 1 || number == pages || number.abs_diff(page) <= 1 {
            if number > last + 1 {
                out.push(if number == last + 2 { last + 1 } else { 0 });
            }
            out.push(number);
            last = number;
        }
        if out.len() > 16 {
            break;
        }
    }
    out
}

/// A search.
#[derive(Clone, Debug, Default)]
pub struct Search<'a> {
    /// Where it asks (`GET`, parameter `q`).
    pub action: Words<'a>,
    /// What can be searched, for those who hear the page.
    pub label: Words<'a>,
    /// What was searched.
    pub value: Words<'a>,
    /// An example.
    pub example: Words<'a>,
}

/// The large search box of the portal and of result pages.
pub fn search(lang: Lang, search: &Search<'_>) -> Markup {
    html! {
        form.find role="search" aria-label=(search.label) action=(search.action) {
            (icon(Icon::Search))
            label.unseen for="find" { (search.label) }
            input #find type="search" name="q" value=(search.value) placeholder=(search.example) maxlength="100" autocomplete="off" data-slash;
            button.button type="submit" { (lang.pick("搜索", "Search")) }
        }
    }
}

/// A small search within a list, in one row with its button.
pub fn narrow(lang: Lang, search: &Search<'_>) -> Markup {
    html! {
        form.narrow role="search" aria-label=(search.label) action=(search.action) {
            label.unseen for="narrow" { (search.label) }
            input.input #narrow type="search" name="q" value=(search.value) placeholder=(search.example) maxlength="100" data-slash;
            button.button.button-second type="submit" { (icon(Icon::Search)) (lang.pick("查找", "Find")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_numbers_keep_the_ends_and_the_neighbours() {
        assert_eq!(page_numbers(1, 1), [1]);
        assert_eq!(page_numbers(1, 3), [1, 2, 3]);
        assert_eq!(page_numbers(5, 9), [1, 0, 4, 5, 6, 0, 9]);
        assert_eq!(page_numbers(4, 9), [1, 2, 3, 4, 5, 0, 9]);
        assert_eq!(page_numbers(1, 10_000), [1, 2, 0, 10_000]);
    }
}
