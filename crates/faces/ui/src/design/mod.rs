//! The page `/design`: all components in all states.

use maud::{Markup, html};

use crate::frame::Frame;

/// The body of the catalogue.
pub fn catalogue(frame: &Frame<'_>) -> Markup {
    html! { h1 { (frame.title) } }
}
