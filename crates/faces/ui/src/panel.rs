//! Panels, facts, folds: what holds content together.

use maud::{Markup, html};

use crate::words::Words;

/// A panel.
#[derive(Clone, Debug, Default)]
pub struct Panel<'a> {
    /// Its heading; empty for none.
    pub title: Words<'a>,
    /// The id, for links; empty for none.
    pub id: Words<'a>,
    /// A tag or note after the heading.
    pub note: Option<Markup>,
    /// A link at the other end.
    pub aside: Option<Markup>,
    /// How it lies.
    pub depth: Depth,
    /// The level of its heading.
    pub level: Level,
}

/// How a panel lies on the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// On the page, with a hairline.
    #[default]
    Flat,
    /// Over the page.
    Lifted,
}

/// The level of a heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// `h2`.
    #[default]
    Two,
    /// `h3`.
    Three,
}

impl<'a> Panel<'a> {
    /// A panel with a heading.
    pub fn new(title: impl Into<Words<'a>>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Sets the id.
    #[must_use]
    pub fn id(mut self, id: impl Into<Words<'a>>) -> Self {
        self.id = id.into();
        self
    }

    /// Adds a tag or note after the heading.
    #[must_use]
    pub fn note(mut self, note: Markup) -> Self {
        self.note = Some(note);
        self
    }

    /// Adds a link at the other end.
    #[must_use]
    pub fn aside(mut self, aside: Markup) -> Self {
        self.aside = Some(aside);
        self
    }

    /// Lets it float over the page.
    #[must_use]
    pub fn lifted(mut self) -> Self {
        self.depth = Depth::Lifted;
        self
    }

    /// Makes the heading an `h3`.
    #[must_use]
    pub fn within(mut self) -> Self {
        self.level = Level::Three;
        self
    }
}

/// A panel with its heading inside the margin.
pub fn panel(panel: &Panel<'_>, body: Markup) -> Markup {
    frame(
        panel,
        "panel panel-body flow",
        html! {
            @if !panel.title.is_empty() { div.panel-title { (head(panel)) } }
            (body)
        },
    )
}

/// A panel whose heading, where it has one, is a row of its own with a hairline below.
pub fn boxed(panel: &Panel<'_>, body: Markup) -> Markup {
    frame(
        panel,
        "panel",
        html! {
            @if !panel.title.is_empty() { div.panel-head { (head(panel)) } }
            div.panel-body.flow { (body) }
        },
    )
}

/// A panel whose content runs to its edges: tables, lists of acts. Bleeds over the margin on phones.
pub fn flush(panel: &Panel<'_>, body: Markup) -> Markup {
    frame(
        panel,
        "panel panel-flush",
        html! {
            @if !panel.title.is_empty() { div.panel-head { (head(panel)) } }
            (body)
        },
    )
}

fn frame(panel: &Panel<'_>, class: &str, body: Markup) -> Markup {
    let lift = if panel.depth == Depth::Lifted { " panel-lift" } else { "" };
    let id = (!panel.id.is_empty()).then_some(&panel.id);
    html! {
        @if panel.title.is_empty() {
            div id=[id] class={ (class) (lift) } { (body) }
        } @else {
            section id=[id] class={ (class) (lift) } aria-label=(panel.title) { (body) }
        }
    }
}

fn head(panel: &Panel<'_>) -> Markup {
    html! {
        @match panel.level {
            Level::Two => h2 { (panel.title) },
            Level::Three => h3 { (panel.title) },
        }
        @if let Some(note) = &panel.note { (note) }
        @if let Some(aside) = &panel.aside { div.push { (aside) } }
    }
}

/// One fact of a strip: name, value, a note below.
#[derive(Clone, Debug, Default)]
pub struct Fact<'a> {
    /// Its name: 多久办完.
    pub name: Words<'a>,
    /// Its value: 5 个工作日.
    pub value: Words<'a>,
    /// A note below: 法律规定最长 20 个.
    pub note: Words<'a>,
}

impl<'a> Fact<'a> {
    /// A fact.
    pub fn new(
        name: impl Into<Words<'a>>,
        value: impl Into<Words<'a>>,
        note: impl Into<Words<'a>>,
    ) -> Self {
        Self { name: name.into(), value: value.into(), note: note.into() }
    }
}

/// A strip of facts that answers first: how long, how much, how many visits, who.
pub fn facts(facts: &[Fact<'_>]) -> Markup {
    html! {
        dl.facts {
            @for fact in facts {
                div {
                    dt { (fact.name) }
                    dd { (fact.value) }
                    @if !fact.note.is_empty() { dd.fact-note { (fact.note) } }
                }
            }
        }
    }
}

/// Names and values below each other.
pub fn pairs<'a>(rows: impl IntoIterator<Item = (Words<'a>, Markup)>) -> Markup {
    html! {
        dl.pairs { @for (name, value) in rows { dt { (name) } dd { (value) } } }
    }
}

/// Whether a fold is open at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Open {
    /// Closed.
    #[default]
    No,
    /// Open.
    Yes,
}

/// A heading that opens.
pub fn fold(title: &str, open: Open, body: Markup) -> Markup {
    html! {
        details.fold open[open == Open::Yes] {
            summary { span { (title) } }
            div.flow.prose { (body) }
        }
    }
}

/// A small line that opens, such as 看成清单.
pub fn reveal(title: &str, body: Markup) -> Markup {
    html! { details.reveal { summary { (title) } div.flow { (body) } } }
}
