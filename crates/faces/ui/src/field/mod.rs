//! Fields of a form: label, hint, error, control, always in this order; the same words in the summary of errors.

mod choice;
mod date;
mod entry;
mod file;
mod form;

use maud::{Markup, html};
use zhengtong_base::{FieldError, Lang};

pub use choice::{Layout, Pick, checkboxes, consent, radios, select};
pub use date::{DateParts, date, date_parts};
pub use entry::{Area, Input, Kind, Width, code, hidden, password, text, textarea};
pub use file::{Upload, Uploaded, upload};
pub use form::{Encoding, Form, Method, error_summary, errors, fieldset, form};

use crate::lamp::{Light, glyph};
use crate::words::Words;

/// How large a label is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Label {
    /// As large as text.
    #[default]
    Normal,
    /// It is the title of the page: one thing a page.
    Title,
    /// Only for those who hear the page.
    Unseen,
}

/// Whether an answer is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Need {
    /// It is.
    #[default]
    Required,
    /// It may be left out, and the label says so.
    Optional,
}

/// What every field has.
#[derive(Clone, Debug, Default)]
pub struct Field<'a> {
    /// The name that is sent, and the id of the field.
    pub name: Words<'a>,
    /// The question.
    pub label: Words<'a>,
    /// How large the label is.
    pub size: Label,
    /// What to write and why; may be empty.
    pub hint: Words<'a>,
    /// What is wrong and how to put it right.
    pub error: Option<Words<'a>>,
    /// Whether an answer is needed.
    pub need: Need,
}

impl<'a> Field<'a> {
    /// A field that needs an answer.
    pub fn new(name: impl Into<Words<'a>>, label: impl Into<Words<'a>>) -> Self {
        Self { name: name.into(), label: label.into(), ..Self::default() }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Words<'a>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Says what is wrong.
    #[must_use]
    pub fn error(mut self, error: impl Into<Words<'a>>) -> Self {
        self.error = Some(error.into());
        self
    }

    /// Takes the error that belongs to this field out of those of a failure.
    #[must_use]
    pub fn errors(mut self, errors: &'a [FieldError], lang: Lang) -> Self {
        self.error = errors
            .iter()
            .find(|error| error.field == self.name)
            .map(|error| error.text.get(lang).into());
        self
    }

    /// Says that it may be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.need = Need::Optional;
        self
    }

    /// Makes the label the title of the page.
    #[must_use]
    pub fn titled(mut self) -> Self {
        self.size = Label::Title;
        self
    }

    /// Shows the label only to those who hear the page.
    #[must_use]
    pub fn unlabelled(mut self) -> Self {
        self.size = Label::Unseen;
        self
    }

    fn class(&self) -> &'static str {
        if self.error.is_some() { "field field-bad" } else { "field" }
    }

    /// The ids that describe the control.
    fn described(&self) -> Option<String> {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.name));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| "true")
    }
}

/// A field with one control.
fn single(lang: Lang, field: &Field<'_>, control: Markup) -> Markup {
    html! {
        div class=(field.class()) {
            @match field.size {
                Label::Title => h1.label-title { label for=(field.name) { (words(lang, field)) } },
                Label::Normal => label.label for=(field.name) { (words(lang, field)) },
                Label::Unseen => label.unseen for=(field.name) { (words(lang, field)) },
            }
            (said(lang, field))
            (control)
        }
    }
}

/// A field with several controls.
fn group(lang: Lang, field: &Field<'_>, controls: Markup) -> Markup {
    html! {
        fieldset class=(field.class()) id=(field.name) tabindex="-1" aria-describedby=[field.described()] {
            @match field.size {
                Label::Title => legend { h1.label-title { (words(lang, field)) } },
                Label::Normal => legend.label { (words(lang, field)) },
                Label::Unseen => legend.unseen { (words(lang, field)) },
            }
            (said(lang, field))
            (controls)
        }
    }
}

fn words(lang: Lang, field: &Field<'_>) -> Markup {
    html! {
        (field.label)
        @if field.need == Need::Optional { span.label-note { (lang.pick("（可不填）", " (optional)")) } }
    }
}

/// Hint and error.
fn said(lang: Lang, field: &Field<'_>) -> Markup {
    html! {
        @if !field.hint.is_empty() { p.hint id={ (field.name) "-hint" } { (field.hint) } }
        @if let Some(error) = &field.error {
            p.error id={ (field.name) "-error" } {
                (glyph(Light::Over))
                span { span.unseen { (lang.pick("错误：", "Error: ")) } (error) }
            }
        }
    }
}
