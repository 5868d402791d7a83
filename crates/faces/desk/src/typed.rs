//! What comes back with a form that was refused: what was typed, and what is wrong with it.

use maud::{Markup, html};
use zhengtong_base::{Failure, FieldError, Kind, Lang, Text};
use zhengtong_http::{Fault, Fields};
use zhengtong_ui::field::{Field, errors};
use zhengtong_ui::notice::{Mood, Notice, notice};

/// What was typed, and why it was not done.
#[derive(Default)]
pub(crate) struct Typed {
    pub(crate) fields: Fields,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) said: Option<Text>,
    pub(crate) kind: Option<Kind>,
}

impl Typed {
    /// What failed and can be put right on the same page; other failures go on.
    pub(crate) fn of<E>(fields: Fields, error: E) -> Result<Self, Fault>
    where
        E: Failure,
        Fault: From<E>,
    {
        let kind = error.kind();
        if !matches!(kind, Kind::Invalid | Kind::Conflict | Kind::TooLarge) {
            return Err(error.into());
        }
        let errors = error.fields();
        let said = errors.is_empty().then(|| error.text());
        Ok(Self { fields, errors, said, kind: Some(kind) })
    }

    /// What came back with one thing wrong that no verb needs to say.
    pub(crate) fn wrong(fields: Fields, error: FieldError) -> Self {
        Self { fields, errors: vec![error], said: None, kind: Some(Kind::Invalid) }
    }

    /// What was typed, on a page that asks for more of it; nothing is wrong.
    pub(crate) fn again(fields: Fields) -> Self {
        Self { fields, ..Self::default() }
    }

    /// A field, with what is wrong with it.
    pub(crate) fn field<'a>(
        &'a self,
        lang: Lang,
        name: &'static str,
        zh: &'static str,
        en: &'static str,
    ) -> Field<'a> {
        Field::new(name, lang.pick(zh, en)).errors(&self.errors, lang)
    }

    /// What stands above a form: what is wrong with its fields, or with the whole.
    pub(crate) fn above(&self, lang: Lang) -> Markup {
        html! {
            (errors(lang, &self.errors))
            @if let Some(said) = &self.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        }
    }

    /// Whether something was refused.
    pub(crate) fn refused(&self) -> bool {
        self.kind.is_some()
    }

    /// What was typed in a field.
    pub(crate) fn value(&self, name: &str) -> String {
        self.fields.get(name).to_owned()
    }
}
