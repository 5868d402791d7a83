//! The city drawing of the portal: one line weight, three flat tints, one vermilion sun. A city may bring its own in
//! the same grammar.

use maud::{Markup, html};

use crate::frame::own;

const CITY: &str = include_str!("../assets/city.svg");

/// The first block of the portal: the question and the search on the city, with a panel beside them.
pub fn hero(question: Markup, beside: Markup) -> Markup {
    html! {
        div.hero {
            div.hero-art { (own(CITY.trim())) }
            div.wrap.hero-row {
                div.flow-l { (question) }
                div.hero-beside { (beside) }
            }
        }
    }
}

/// The drawing alone.
pub fn drawing() -> Markup {
    own(CITY.trim())
}
