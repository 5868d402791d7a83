//! Which of the licences held an application is about: one button for each, and why one cannot be chosen now.

use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_http::{Visit, day};
use zhengtong_service::{Held, Listed};
use zhengtong_ui::Frame;
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::press::{Button, Size, submit};

/// The choice on the start page of an item about a licence given before.
pub(crate) fn which(visit: &Visit, frame: &Frame<'_>, listed: &Listed, held: &[Held]) -> Markup {
    let lang = visit.lang();
    if held.is_empty() {
        let words = lang.pick("没有查到可以办这件事的证", "No licence of yours for this");
        return notice(&Notice::new(Mood::Info, words).body(html! { p { (lang.pick(
            "登记库里没有您单位有效的这种证：还没有办过，或者已经注销、过期。过期的要重新申请。",
            "The register holds no such licence of your organisation in force: there is none, or it was given up or has expired. Once expired a new one is needed.",
        )) } }));
    }
    let now = visit.app.db.clock().now();
    html! { @for one in held {
        @let until = one.valid_to.map(|last| day(lang, last, now));
        div.flow {
            p { strong.code { (one.number) }
                @if let Some(until) = &until { (lang.pick("，有效至 ", ", valid until ")) (until) } }
            @match &one.barred {
                Some(why) => (notice(&Notice::new(Mood::Info, why.get(lang).to_owned()))),
                None => form.post method="post" action=(format!("/hall/{}/start", listed.slug)) data-once {
                    (zhengtong_ui::frame::token(frame))
                    (submit(&Button::new(words(lang, &one.number)).size(Size::Large).sends("licence", one.number.as_str())))
                },
            }
        }
    } }
}

fn words(lang: Lang, number: &str) -> String {
    match lang {
        Lang::Zh => format!("开始填写，办 {number}"),
        Lang::En => format!("Begin, for {number}"),
    }
}
