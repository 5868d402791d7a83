//! What came of it: the receipt after handing in, and the page that asks before an act is done.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::frame::{Frame, token};
use crate::lamp::{Light, glyph};
use crate::navigate::Link;
use crate::press::{Button, actions, submit};
use crate::words::Words;

/// A receipt.
#[derive(Clone, Debug, Default)]
pub struct Receipt<'a> {
    /// What was done, as the title of the page: 提交好了.
    pub title: Words<'a>,
    /// What the number is: 受理号, 收件号.
    pub number_label: Words<'a>,
    /// The number.
    pub number: Words<'a>,
    /// What happens next and by when, in a sentence.
    pub next: Words<'a>,
    /// A picture of a code that leads to the status, if there is one.
    pub code: Option<Markup>,
}

/// The first block of the page after handing in.
pub fn receipt(receipt: &Receipt<'_>) -> Markup {
    html! {
        div.receipt role="status" {
            (glyph(Light::Ok))
            div.receipt-text {
                h1 { (receipt.title) }
                p.receipt-label { (receipt.number_label) }
                p.receipt-number { (receipt.number) }
                p { (receipt.next) }
            }
            @if let Some(code) = &receipt.code { div.code-picture { (code) } }
        }
    }
}

/// A question before an act.
#[derive(Clone, Debug, Default)]
pub struct Confirm<'a> {
    /// The question, as the title of the page.
    pub title: Words<'a>,
    /// What will happen, and what cannot be taken back.
    pub body: Markup,
    /// Where the yes is posted.
    pub action: Words<'a>,
    /// The yes, named by its act.
    pub yes: Button<'a>,
    /// The way back.
    pub no: Link<'a>,
    /// Hidden fields that travel with the yes.
    pub carries: Vec<(Words<'a>, Words<'a>)>,
}

/// The page that asks, instead of a dialog.
pub fn confirm(frame: &Frame<'_>, confirm: &Confirm<'_>) -> Markup {
    html! {
        form.form.flow-l method="post" action=(confirm.action) data-once {
            (token(frame))
            @for (name, value) in &confirm.carries { input type="hidden" name=(name) value=(value); }
            h1 { (confirm.title) }
            div.flow { (confirm.body) }
            (actions(html! {
                (submit(&confirm.yes))
                a.button.button-quiet href=(confirm.no.href) { (confirm.no.text) }
            }))
        }
    }
}

/// A picture of a code with words that say where it leads.
pub fn code_picture(lang: Lang, svg: Markup, leads_to: &str) -> Markup {
    html! {
        figure.code-figure {
            div.code-picture role="img" aria-label={ (lang.pick("二维码：", "QR code: ")) (leads_to) } { (svg) }
            figcaption.meta { (leads_to) }
        }
    }
}
