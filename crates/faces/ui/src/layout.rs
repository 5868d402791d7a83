//! Where things stand on a page: columns, bands, sections, rhythm. The only vertical spaces are those of `Gap`.

use maud::{Markup, html};

use crate::words::Words;

/// The space between things that follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gap {
    /// Within a group.
    Small,
    /// Between the parts of a block.
    #[default]
    Normal,
    /// Between groups.
    Large,
    /// Between sections.
    Section,
}

impl Gap {
    fn class(self) -> &'static str {
        match self {
            Self::Small => "flow-s",
            Self::Normal => "flow",
            Self::Large => "flow-l",
            Self::Section => "flow-xl",
        }
    }
}

/// The ground of a band that runs over the whole width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    /// The paper of the page.
    #[default]
    Paper,
    /// White, with hairlines above and below.
    Surface,
    /// Darker than the page.
    Sunken,
}

/// Who sees a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Not in 长辈模式, which keeps to the essentials.
    ExceptElder,
    /// Only in 长辈模式.
    OnlyElder,
}

/// Things one below the other.
pub fn stack(gap: Gap, body: Markup) -> Markup {
    html! { div class=(gap.class()) { (body) } }
}

/// Things beside each other, wrapping.
pub fn row(body: Markup) -> Markup {
    html! { div.row { (body) } }
}

/// Equal columns that become one where there is no room.
pub fn columns(body: Markup) -> Markup {
    html! { div.columns { (body) } }
}

/// The text with an aside of a third beside it; on phones below it.
pub fn split(main: Markup, aside: Markup) -> Markup {
    html! {
        div.split {
            div.flow-xl { (main) }
            div.split-aside.flow { (aside) }
        }
    }
}

/// Two parts, seven twelfths and five twelfths.
pub fn halves(first: Markup, second: Markup) -> Markup {
    html! { div.halves { div { (first) } div { (second) } } }
}

/// Three equal columns of sections.
pub fn thirds(parts: [Markup; 3]) -> Markup {
    html! { div.thirds { @for part in parts { div { (part) } } } }
}

/// A band over the whole width of a public page.
pub fn band(ground: Ground, body: Markup) -> Markup {
    let class = match ground {
        Ground::Paper => "band",
        Ground::Surface => "band band-surface",
        Ground::Sunken => "band band-sunken",
    };
    html! { div class=(class) { div.wrap { (body) } } }
}

/// The usual body of a public page that is not made of bands.
pub fn page(body: Markup) -> Markup {
    html! { div.wrap.page { (body) } }
}

/// A block that is seen only in some modes.
pub fn only(seen: Seen, body: Markup) -> Markup {
    let class = match seen {
        Seen::ExceptElder => "no-elder",
        Seen::OnlyElder => "only-elder",
    };
    html! { div class=(class) { (body) } }
}

/// The title of a page with a sentence below and actions or facts beside it.
#[derive(Clone, Debug, Default)]
pub struct Title<'a> {
    /// The one `h1`.
    pub text: Words<'a>,
    /// A sentence that answers first.
    pub lead: Option<Markup>,
    /// Small words below.
    pub meta: Option<Markup>,
    /// Lamps beside the title.
    pub beside: Option<Markup>,
    /// Buttons at the other end.
    pub actions: Option<Markup>,
}

impl<'a> Title<'a> {
    /// A title of words alone.
    pub fn new(text: impl Into<Words<'a>>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Adds a lead.
    #[must_use]
    pub fn lead(mut self, lead: Markup) -> Self {
        self.lead = Some(lead);
        self
    }

    /// Adds small words below.
    #[must_use]
    pub fn meta(mut self, meta: Markup) -> Self {
        self.meta = Some(meta);
        self
    }

    /// Adds lamps or tags beside the title.
    #[must_use]
    pub fn beside(mut self, beside: Markup) -> Self {
        self.beside = Some(beside);
        self
    }

    /// Adds actions at the other end.
    #[must_use]
    pub fn actions(mut self, actions: Markup) -> Self {
        self.actions = Some(actions);
        self
    }
}

/// Draws the title of a page.
pub fn title(title: &Title<'_>) -> Markup {
    html! {
        div.title-bar {
            div.flow-s {
                div.row { h1 { (title.text) } @if let Some(beside) = &title.beside { (beside) } }
                @if let Some(lead) = &title.lead { p.lead { (lead) } }
                @if let Some(meta) = &title.meta { p.meta { (meta) } }
            }
            @if let Some(actions) = &title.actions { div.row.title-actions { (actions) } }
        }
    }
}

/// The heading of a section: words, a note or links at the other end.
#[derive(Clone, Debug, Default)]
pub struct Heading<'a> {
    /// The words of the `h2`.
    pub text: Words<'a>,
    /// The id of the section, for links and labels; must be given.
    pub id: Words<'a>,
    /// A link or note at the other end.
    pub aside: Option<Markup>,
    /// A sentence below.
    pub note: Option<Markup>,
}

impl<'a> Heading<'a> {
    /// A heading with the id of its section.
    pub fn new(id: impl Into<Words<'a>>, text: impl Into<Words<'a>>) -> Self {
        Self { text: text.into(), id: id.into(), ..Self::default() }
    }

    /// Adds a link or note at the other end.
    #[must_use]
    pub fn aside(mut self, aside: Markup) -> Self {
        self.aside = Some(aside);
        self
    }

    /// Adds a sentence below.
    #[must_use]
    pub fn note(mut self, note: Markup) -> Self {
        self.note = Some(note);
        self
    }
}

/// A section with its heading.
pub fn section(heading: &Heading<'_>, body: Markup) -> Markup {
    html! {
        section id=(heading.id) aria-labelledby={ (heading.id) "-title" } {
            div.heading {
                h2 id={ (heading.id) "-title" } { (heading.text) }
                @if let Some(aside) = &heading.aside { div.row.heading-aside { (aside) } }
                @if let Some(note) = &heading.note { p.heading-note { (note) } }
            }
            (body)
        }
    }
}

/// A bar that stays at the lower edge of a phone's screen, for the one act a long page is about; not on wide screens,
/// where an aside holds it.
pub fn phone_bar(body: Markup) -> Markup {
    html! { div.phone-bar { (body) } }
}

/// A region that scrolls sideways by itself and can be reached with the keyboard.
pub fn scroll(label: &str, body: Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(label) { (body) } }
}
