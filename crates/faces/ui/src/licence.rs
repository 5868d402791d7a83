//! A licence as a card: what it is, whose, its number, until when, and the code that proves it.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::lamp::{Light, lamp};
use crate::words::Words;

/// Whether a licence is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Force {
    /// In force.
    #[default]
    Valid,
    /// Ends soon.
    Ending,
    /// Ended or withdrawn.
    Ended,
    /// For the moment not in force.
    Suspended,
}

/// A licence.
#[derive(Clone, Debug, Default)]
pub struct Licence<'a> {
    /// Its name.
    pub name: Words<'a>,
    /// Where it opens; empty for none.
    pub href: Words<'a>,
    /// Whose it is.
    pub holder: Words<'a>,
    /// Its number.
    pub number: Words<'a>,
    /// Until when, in words.
    pub until: Words<'a>,
    /// Whether it is in force.
    pub force: Force,
    /// The picture of the code, if it is shown.
    pub code: Option<Markup>,
}

/// Draws the card.
pub fn licence(lang: Lang, licence: &Licence<'_>) -> Markup {
    html! {
        article.licence {
            div {
                p.licence-name { @if licence.href.is_empty() { (licence.name) } @else { a href=(licence.href) { (licence.name) } } }
                p { (licence.holder) }
                p.code { (licence.number) }
                p.meta { (licence.until) }
                @match licence.force {
                    Force::Valid => {}
                    Force::Ending => p { (lamp(Light::Near, lang.pick("快到期", "Ends soon"))) },
                    Force::Ended => p { (lamp(Light::None, lang.pick("已失效", "No longer valid"))) },
                    Force::Suspended => p { (lamp(Light::Hold, lang.pick("暂停", "Suspended"))) },
                }
            }
            @if let Some(code) = &licence.code { div.code-picture { (code) } }
        }
    }
}
