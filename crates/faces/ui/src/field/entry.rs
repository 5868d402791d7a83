//! Fields one types into.

use maud::{Markup, html};
use zhengtong_base::Lang;

use super::{Field, single};
use crate::words::Words;

/// What is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    #[default]
    Words,
    /// A whole number.
    Whole,
    /// A number with decimals, money.
    Decimal,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A number of an identity document or an organisation: letters and digits, never corrected.
    Code,
    /// An address on the net.
    Address,
}

/// How wide the control is: it shows how long the answer is expected to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// The whole column.
    #[default]
    Full,
    /// About twenty digits.
    Long,
    /// About ten digits.
    Short,
    /// About five digits.
    Tiny,
}

impl Width {
    fn class(self) -> &'static str {
        match self {
            Self::Full => "input",
            Self::Long => "input input-long",
            Self::Short => "input input-short",
            Self::Tiny => "input input-tiny",
        }
    }
}

/// One line of text.
#[derive(Clone, Debug, Default)]
pub struct Input<'a> {
    /// What was answered.
    pub value: Words<'a>,
    /// What is typed.
    pub kind: Kind,
    /// How wide.
    pub width: Width,
    /// The unit after the number; may be empty.
    pub unit: Words<'a>,
    /// The `autocomplete` token, such as `name` or `tel`; may be empty.
    pub autocomplete: Words<'a>,
    /// The most characters, if there is a limit.
    pub length_max: Option<u32>,
}

impl<'a> Input<'a> {
    /// A line of words that holds a value.
    pub fn new(value: impl Into<Words<'a>>) -> Self {
        Self { value: value.into(), ..Self::default() }
    }

    /// Says what is typed.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Says how wide.
    #[must_use]
    pub fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// Adds a unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<Words<'a>>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Adds an `autocomplete` token.
    #[must_use]
    pub fn autocomplete(mut self, token: impl Into<Words<'a>>) -> Self {
        self.autocomplete = token.into();
        self
    }

    /// Limits the length.
    #[must_use]
    pub fn length_max(mut self, characters: u32) -> Self {
        self.length_max = Some(characters);
        self
    }
}

/// A field of one line.
pub fn text(lang: Lang, field: &Field<'_>, input: &Input<'_>) -> Markup {
    let (of_type, mode) = match input.kind {
        Kind::Words | Kind::Code => ("text", None),
        Kind::Whole => ("text", Some("numeric")),
        Kind::Decimal => ("text", Some("decimal")),
        Kind::Phone => ("tel", None),
        Kind::Email => ("email", None),
        Kind::Address => ("url", None),
    };
    let plain = (input.kind != Kind::Words).then_some("false");
    let unit = (!input.unit.is_empty()).then(|| format!("{}-unit", field.name));
    let described =
        [field.described(), unit.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let control = html! {
        input id=(field.name) name=(field.name) type=(of_type) class=(input.width.class()) value=(input.value)
            inputmode=[mode] spellcheck=[plain] autocapitalize=[plain.map(|_| "none")]
            autocomplete=[(!input.autocomplete.is_empty()).then_some(&input.autocomplete)]
            maxlength=[input.length_max] aria-invalid=[field.invalid()]
            aria-describedby=[(!described.is_empty()).then_some(&described)];
    };
    single(
        lang,
        field,
        html! {
            @if input.unit.is_empty() { (control) }
            @else { div.with-unit { (control) span id=[unit] { (input.unit) } } }
        },
    )
}

/// Several lines of text.
#[derive(Clone, Debug, Default)]
pub struct Area<'a> {
    /// What was answered.
    pub value: Words<'a>,
    /// How many lines are seen; 0 is read as 4.
    pub rows: u32,
    /// The most characters, if there is a limit.
    pub length_max: Option<u32>,
    /// An example inside the empty field; may be empty.
    pub example: Words<'a>,
}

/// A field of several lines.
pub fn textarea(lang: Lang, field: &Field<'_>, area: &Area<'_>) -> Markup {
    let rows = if area.rows == 0 { 4 } else { area.rows };
    single(
        lang,
        field,
        html! {
            // The first line break after the tag is not part of the value, so one is given away.
            textarea.input.area id=(field.name) name=(field.name) rows=(rows) maxlength=[area.length_max]
                placeholder=[(!area.example.is_empty()).then_some(&area.example)]
                aria-invalid=[field.invalid()] aria-describedby=[field.described()] { "\n" (area.value) }
            @if let Some(most) = area.length_max {
                p.meta { (lang.pick("最多 ", "At most ")) (most) (lang.pick(" 字", " characters")) }
            }
        },
    )
}

/// A password, which may be pasted; `new` ones are offered to be kept by the browser.
pub fn password(lang: Lang, field: &Field<'_>, autocomplete: &str) -> Markup {
    single(
        lang,
        field,
        html! {
            input.input id=(field.name) name=(field.name) type="password" autocomplete=(autocomplete) maxlength="256"
                aria-invalid=[field.invalid()] aria-describedby=[field.described()];
        },
    )
}

/// A one-time code of six digits, which may be pasted.
pub fn code(lang: Lang, field: &Field<'_>) -> Markup {
    single(
        lang,
        field,
        html! {
            input.input.input-code id=(field.name) name=(field.name) type="text" inputmode="numeric" maxlength="16"
                autocomplete="one-time-code" spellcheck="false" aria-invalid=[field.invalid()] aria-describedby=[field.described()];
        },
    )
}

/// A value that travels unseen.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}
