//! A page for one act on a case: its heading, its form with the version it was opened at, and what comes back when the
//! act is refused. The acts themselves stand in the modules of their nouns.

use axum::response::Response;
use maud::{Markup, html};
use zhengtong_base::{Failure, Lang, Limits, Text};
use zhengtong_casework::Case;
use zhengtong_db::Ctx;
use zhengtong_http::{Fault, Fields, Visit};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Area, Field, hidden, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};

use crate::casework::{Opened, address};
use crate::typed::Typed;

/// Commits what was done, or gives back what was typed and why it was refused.
pub(crate) async fn settle<T, E>(
    ctx: Ctx,
    outcome: Result<T, E>,
    fields: Fields,
) -> Result<Result<T, Typed>, Fault>
where
    E: Failure,
    Fault: From<E>,
{
    match outcome {
        Ok(done) => {
            ctx.commit().await?;
            Ok(Ok(done))
        }
        Err(error) => {
            drop(ctx);
            Typed::of(fields, error).map(Err)
        }
    }
}

/// The version of the case on the page. A form without one is as stale as any.
pub(crate) fn seen(fields: &Fields) -> i64 {
    fields.get("seen").parse().unwrap_or(0)
}

/// The version of the case, as a field of the form.
pub(crate) fn version(case: &Case) -> Markup {
    hidden("seen", &case.version.to_string())
}

/// What a page is called, and what is said below that.
pub(crate) struct Head<'a> {
    pub(crate) name: &'a str,
    pub(crate) lead: &'a str,
}

impl<'a> Head<'a> {
    pub(crate) fn new(name: &'a str, lead: &'a str) -> Self {
        Self { name, lead }
    }
}

/// Draws the page: what is wrong, what is asked, and beside it what follows.
pub(crate) fn draw(
    visit: &Visit,
    opened: &Opened,
    head: &Head<'_>,
    typed: &Typed,
    (main, aside): (impl FnOnce(&Frame<'_>) -> Markup, Option<Markup>),
) -> Response {
    let lang = visit.lang();
    let case = &opened.view.case;
    let mut frame = opened.bench().frame(visit, head.name);
    if typed.refused() {
        frame.standing = Standing::Faulty;
    }
    let links = [
        Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox"),
        Link::new(case.no.as_str(), address(&case.no)),
    ];
    let main = html! {
        (typed.above(lang))
        (main(&frame))
    };
    let mut heading = Title::new(head.name).meta(html! {
        (case.title.get(lang)) " · " (case.applicant()) " · " (case.no)
    });
    if !head.lead.is_empty() {
        heading = heading.lead(html! { (head.lead) });
    }
    let body = html! {
        (crumbs(lang, &links, head.name))
        (title(&heading))
        @match aside {
            Some(aside) => (split(main, aside)),
            None => (main),
        }
    };
    opened.bench().answer(visit, &frame, body, typed.kind)
}

/// Why there is nothing to do here, and what to do instead.
pub(crate) fn barred(lang: Lang, typed: &Typed, case: &Case, why: &str) -> Markup {
    html! {
        @if !typed.refused() { (notice(&Notice::new(Mood::Warning, why.to_owned()))) }
        (actions(link_button(&Button::new(lang.pick("回到办件，看最新进展", "Back to the case")), &address(&case.no))))
    }
}

/// The reason, or another long word.
pub(crate) fn words(lang: Lang, field: &Field<'_>, typed: &Typed, rows: u32) -> Markup {
    let most = u32::try_from(Limits::default().text_chars).unwrap_or(u32::MAX);
    let value = typed.value(&field.name).into();
    textarea(lang, field, &Area { value, rows, length_max: Some(most), ..Area::default() })
}

/// The reason that the applicant reads.
pub(crate) fn reason(lang: Lang, typed: &Typed) -> Markup {
    let field = typed.field(lang, "reason", "理由", "Reason").hint(
        lang.pick("申请人会看到您写的话和您的名字", "The applicant will read it, with your name"),
    );
    words(lang, &field, typed, 4)
}

/// The button of the act, and the way back.
pub(crate) fn ends(lang: Lang, button: Button<'_>, case: &Case) -> Markup {
    actions(html! {
        (submit(&button.size(Size::Large)))
        (link_button(&Button::quiet(lang.pick("先不办，回到办件", "Not now, back to the case")), &address(&case.no)))
    })
}

/// A law or rule behind an act.
pub(crate) fn basis(lang: Lang, basis: Option<&Text>) -> Markup {
    html! {
        @if let Some(basis) = basis {
            (panel(&Panel::new(lang.pick("依据", "Legal basis")), html! { p { (basis.get(lang)) } }))
        }
    }
}

/// What follows from an act, in paragraphs.
pub(crate) fn follows(lang: Lang, lines: &[&str]) -> Markup {
    panel(
        &Panel::new(lang.pick("办了以后", "What follows")),
        html! { @for line in lines { p { (line) } } },
    )
}
