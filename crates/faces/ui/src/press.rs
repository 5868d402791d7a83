//! What can be pressed: buttons, links that look like buttons, choices between views, filters.

use maud::{Markup, html};

use crate::icon::{Icon, icon};
use crate::lamp::{Light, glyph};
use crate::words::{Words, counted};

/// How loudly a button speaks. At most one primary stands on a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// The one thing to do here.
    #[default]
    Primary,
    /// Another thing one may do.
    Secondary,
    /// Leave, cancel, later.
    Quiet,
    /// Takes something away that does not come back.
    Danger,
}

/// How large a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// As the page has it.
    #[default]
    Normal,
    /// The end of a form, the start of a service.
    Large,
    /// Large and as wide as its panel.
    Wide,
}

/// Whether a button can be pressed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ready<'a> {
    /// It can.
    #[default]
    Yes,
    /// It was pressed and works.
    Busy,
    /// It cannot; the id names the sentence that says why.
    No(Words<'a>),
}

/// A button or a link that looks like one.
#[derive(Clone, Debug, Default)]
pub struct Button<'a> {
    /// Its words: the act, not 确定.
    pub text: Words<'a>,
    /// How loudly it speaks.
    pub weight: Weight,
    /// How large it is.
    pub size: Size,
    /// An icon before the words.
    pub icon: Option<Icon>,
    /// Name and value that it sends when pressed.
    pub sends: Option<(Words<'a>, Words<'a>)>,
    /// Another address for the form it stands in.
    pub action: Option<Words<'a>>,
    /// A key that presses it, with the script.
    pub key: Option<char>,
    /// Whether it can be pressed.
    pub ready: Ready<'a>,
}

impl<'a> Button<'a> {
    /// A primary button.
    pub fn new(text: impl Into<Words<'a>>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A secondary button.
    pub fn secondary(text: impl Into<Words<'a>>) -> Self {
        Self { weight: Weight::Secondary, ..Self::new(text) }
    }

    /// A quiet button.
    pub fn quiet(text: impl Into<Words<'a>>) -> Self {
        Self { weight: Weight::Quiet, ..Self::new(text) }
    }

    /// A button for what cannot be taken back.
    pub fn danger(text: impl Into<Words<'a>>) -> Self {
        Self { weight: Weight::Danger, ..Self::new(text) }
    }

    /// Adds an icon.
    #[must_use]
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Sets the size.
    #[must_use]
    pub fn size(mut self, size: Size) -> Self {
        self.size = size;
        self
    }

    /// Sends a name and a value when pressed.
    #[must_use]
    pub fn sends(mut self, name: impl Into<Words<'a>>, value: impl Into<Words<'a>>) -> Self {
        self.sends = Some((name.into(), value.into()));
        self
    }

    /// Posts to another address than the form it stands in.
    #[must_use]
    pub fn action(mut self, action: impl Into<Words<'a>>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// A key that presses it.
    #[must_use]
    pub fn key(mut self, key: char) -> Self {
        self.key = Some(key);
        self
    }

    /// Says whether it can be pressed.
    #[must_use]
    pub fn ready(mut self, ready: Ready<'a>) -> Self {
        self.ready = ready;
        self
    }

    fn class(&self) -> String {
        let weight = match self.weight {
            Weight::Primary => "",
            Weight::Secondary => " button-second",
            Weight::Quiet => " button-quiet",
            Weight::Danger => " button-danger",
        };
        let size = match self.size {
            Size::Normal => "",
            Size::Large => " button-large",
            Size::Wide => " button-large button-wide",
        };
        format!("button{weight}{size}")
    }

    fn inside(&self) -> Markup {
        html! {
            @if self.ready == Ready::Busy { (icon(Icon::LoaderCircle)) } @else if let Some(symbol) = self.icon { (icon(symbol)) }
            (self.text)
            @if let Some(key) = self.key { kbd.key aria-hidden="true" { (key) } }
        }
    }
}

/// A button that sends the form it stands in.
pub fn submit(button: &Button<'_>) -> Markup {
    let (name, value) =
        button.sends.as_ref().map_or((None, None), |(name, value)| (Some(name), Some(value)));
    let reason = if let Ready::No(id) = &button.ready { Some(id) } else { None };
    let key = button.key.map(String::from);
    html! {
        button class=(button.class()) type="submit" name=[name] value=[value] formaction=[&button.action]
            aria-busy=[(button.ready == Ready::Busy).then_some("true")]
            aria-disabled=[reason.map(|_| "true")] aria-describedby=[reason] data-key=[key] {
            (button.inside())
        }
    }
}

/// A link that looks like a button.
pub fn link_button(button: &Button<'_>, href: &str) -> Markup {
    let key = button.key.map(String::from);
    html! { a class=(button.class()) href=(href) data-key=[key] { (button.inside()) } }
}

/// A button that only prints the page; it appears when the script runs, and browsers print without it.
pub fn print_button(text: &str) -> Markup {
    html! { button.button.button-quiet type="button" data-print hidden { (icon(Icon::Printer)) (text) } }
}

/// The row of buttons at the end of a form.
pub fn actions(body: Markup) -> Markup {
    html! { div.actions { (body) } }
}

/// One form with one button, for acts outside a larger form.
pub fn post(action: &str, token: Markup, button: &Button<'_>) -> Markup {
    html! { form.post method="post" action=(action) data-once { (token) (submit(button)) } }
}

/// One view among a few.
#[derive(Clone, Debug, Default)]
pub struct Choice<'a> {
    /// Its words.
    pub text: Words<'a>,
    /// Where it leads.
    pub href: Words<'a>,
    /// How many things it holds.
    pub count: Option<i64>,
    /// The number from which on nobody counted further.
    pub counted_to: Option<i64>,
    /// A lamp before its words.
    pub light: Option<Light>,
    /// Whether it is the one shown.
    pub current: bool,
}

impl<'a> Choice<'a> {
    /// A choice that is not shown now.
    pub fn new(text: impl Into<Words<'a>>, href: impl Into<Words<'a>>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }

    /// Marks it as shown.
    #[must_use]
    pub fn current(mut self) -> Self {
        self.current = true;
        self
    }

    /// Adds how many things it holds.
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

    /// Adds a lamp.
    #[must_use]
    pub fn light(mut self, light: Light) -> Self {
        self.light = Some(light);
        self
    }
}

/// A few views, one of which is shown: 个人 · 企业.
pub fn segment(label: &str, choices: &[Choice<'_>]) -> Markup {
    html! { nav.segment aria-label=(label) { @for choice in choices { (choice_link(choice, "")) } } }
}

/// Saved filters with counts.
pub fn filters(label: &str, choices: &[Choice<'_>]) -> Markup {
    html! {
        nav.row.row-tight aria-label=(label) { @for choice in choices { (choice_link(choice, "chip")) } }
    }
}

/// Words others search for.
pub fn suggestions(label: &str, choices: &[Choice<'_>]) -> Markup {
    html! {
        div.row.row-tight {
            span.soft { (label) }
            @for choice in choices { (choice_link(choice, "chip")) }
        }
    }
}

/// Tabs are links: each view has its address.
pub fn tabs(label: &str, choices: &[Choice<'_>]) -> Markup {
    html! { nav.tabs aria-label=(label) { @for choice in choices { (choice_link(choice, "")) } } }
}

fn choice_link(choice: &Choice<'_>, class: &str) -> Markup {
    let class = (!class.is_empty()).then_some(class);
    html! {
        a class=[class] href=(choice.href) aria-current=[choice.current.then_some("true")] {
            @if let Some(light) = choice.light { (glyph(light)) }
            (choice.text)
            @if let Some(count) = choice.count { " " b { (counted(count, choice.counted_to)) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_that_cannot_be_pressed_names_the_reason() {
        let button = Button::new("准予许可").ready(Ready::No("why".into()));
        insta::assert_snapshot!(submit(&button).into_string());
    }

    #[test]
    fn a_submit_button_carries_what_it_sends() {
        let button = Button::secondary("受理").sends("act", "accept").key('e').icon(Icon::Check);
        insta::assert_snapshot!(submit(&button).into_string());
    }
}
