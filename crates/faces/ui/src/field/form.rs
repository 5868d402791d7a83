//! The form around fields, and the summary of what is wrong with it.

use maud::{Markup, html};
use zhengtong_base::{FieldError, Lang};

use crate::frame::{Frame, token};
use crate::lamp::{Light, glyph};
use crate::words::Words;

/// How a form is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Changes something.
    #[default]
    Post,
    /// Only asks.
    Get,
}

/// How a form is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Names and values.
    #[default]
    Plain,
    /// With files.
    Files,
}

/// A form.
#[derive(Clone, Debug, Default)]
pub struct Form<'a> {
    /// Where it is sent.
    pub action: Words<'a>,
    /// How it is sent.
    pub method: Method,
    /// How it is packed.
    pub encoding: Encoding,
    /// The id, for buttons outside it; may be empty.
    pub id: Words<'a>,
}

impl<'a> Form<'a> {
    /// A form that changes something.
    pub fn post(action: impl Into<Words<'a>>) -> Self {
        Self { action: action.into(), ..Self::default() }
    }

    /// A form that only asks.
    pub fn get(action: impl Into<Words<'a>>) -> Self {
        Self { action: action.into(), method: Method::Get, ..Self::default() }
    }

    /// Carries files.
    #[must_use]
    pub fn files(mut self) -> Self {
        self.encoding = Encoding::Files;
        self
    }
}

/// Draws a form; the browser's own bubbles are off, and a second press sends nothing twice.
pub fn form(frame: &Frame<'_>, form: &Form<'_>, body: Markup) -> Markup {
    let (method, token) = match form.method {
        Method::Post => ("post", token(frame)),
        Method::Get => ("get", html! {}),
    };
    let encoding = (form.encoding == Encoding::Files).then_some("multipart/form-data");
    html! {
        form.form.flow-l method=(method) action=(form.action) enctype=[encoding] id=[(!form.id.is_empty()).then_some(&form.id)]
            novalidate data-once[form.method == Method::Post] {
            (token)
            (body)
        }
    }
}

/// Fields that belong together.
pub fn fieldset(legend: &str, body: Markup) -> Markup {
    html! { fieldset.fieldset { legend { (legend) } div.flow-l { (body) } } }
}

/// The summary of errors from those of a failure; nothing when there are none.
pub fn errors(lang: Lang, errors: &[FieldError]) -> Markup {
    let list: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    error_summary(lang, &list)
}

/// The summary of errors: pairs of field name and words; each leads to its field, and it is announced first.
pub fn error_summary(lang: Lang, errors: &[(&str, &str)]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.error-summary role="alert" tabindex="-1" data-focus aria-labelledby="error-summary-title" {
                h2 #error-summary-title {
                    (glyph(Light::Over))
                    @match lang {
                        Lang::Zh => { "有 " (errors.len()) " 处要改" },
                        Lang::En => { (errors.len()) @if errors.len() == 1 { " thing to correct" } @else { " things to correct" } },
                    }
                }
                ul {
                    @for (field, words) in errors {
                        li { @if field.is_empty() { (words) } @else { a href={ "#" (field) } { (words) } } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_leads_to_the_fields_in_the_same_words() {
        let found = [FieldError::new("area", "请填写经营面积", "Enter the floor area")];
        insta::assert_snapshot!(errors(Lang::Zh, &found).into_string());
        assert_eq!(errors(Lang::Zh, &[]).into_string(), "");
    }

    #[test]
    fn only_forms_that_change_something_carry_the_token() {
        let mut frame = Frame::new(Lang::Zh, "x");
        frame.csrf = "secret".into();
        assert!(form(&frame, &Form::post("/x"), html! {}).into_string().contains("secret"));
        assert!(!form(&frame, &Form::get("/x"), html! {}).into_string().contains("secret"));
    }
}
