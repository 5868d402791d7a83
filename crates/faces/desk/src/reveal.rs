//! The protected values of a case: masked on its page, and in full for a reason that the applicant will read.

use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use maud::{Markup, html};
use zhengtong_base::{Failure as _, Kind, Lang};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit};
use zhengtong_ui::field::{Area, Field, Form, form, textarea};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Open, fold, pairs};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::code;
use zhengtong_ui::{Frame, Words};

use crate::bench::staff_only;
use crate::casework::{Opened, Typed, address, again, page};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk/casework/{no}/reveal", post(reveal))
}

/// What was asked for with a reason.
pub(crate) struct Plain {
    /// The numbers of the applicant; none when the person is not on record.
    person: Option<zhengtong_party::PersonPlain>,
    /// The protected answers.
    answers: Vec<zhengtong_casework::Revealed>,
}

/// The page with the protected values in full, once: nothing of them stands in an address, and the page hides
/// them when it is loaded again.
async fn reveal(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let why = fields.get("why");
    let plain = match seen(&mut ctx, &no, why).await {
        Err(fault) if fault.kind == Kind::Invalid => {
            drop(ctx);
            let typed = Typed { errors: fault.fields, why: why.to_owned(), ..Typed::default() };
            return again(&visit, &no, Kind::Invalid, typed).await;
        }
        outcome => outcome?,
    };
    let mut opened = Opened::load(&mut ctx, &no).await?;
    ctx.commit().await?;
    opened.plain = Some(plain);
    let frame = opened.bench().frame(&visit, opened.view.case.title.get(visit.lang()));
    let body = page(&visit, &frame, &opened, None, &Typed::default());
    Ok(opened.bench().page(&visit, &frame, body))
}

async fn seen(ctx: &mut Ctx, no: &str, why: &str) -> Result<Plain, Fault> {
    let answers = zhengtong_casework::reveal(ctx, no, why).await?;
    match zhengtong_casework::reveal_person(ctx, no, why).await {
        Ok(person) => Ok(Plain { person: Some(person), answers }),
        Err(error) if error.kind() == Kind::NotFound => Ok(Plain { person: None, answers }),
        Err(error) => Err(error.into()),
    }
}

/// The numbers of the applicant: masked, or in full where they were asked for.
pub(crate) fn numbers(lang: Lang, opened: &Opened) -> Vec<(Words<'_>, Markup)> {
    let (number, phone) = match (&opened.plain, &opened.contact) {
        (Some(Plain { person: Some(plain), .. }), _) => (&plain.id_number, &plain.phone),
        (_, Some(card)) => (&card.id_number, &card.phone),
        _ => return Vec::new(),
    };
    let shown = |value: &Option<String>| code(value.as_deref().unwrap_or("–"));
    vec![
        (lang.pick("证件号码", "Identity number").into(), shown(number)),
        (lang.pick("手机", "Mobile").into(), shown(phone)),
    ]
}

/// The protected answers where they were asked for, else the way to ask.
pub(crate) fn in_full(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let lang = frame.lang;
    if let Some(plain) = &opened.plain {
        let answers = plain.answers.iter();
        let rows = answers
            .map(|answer| (Words::from(answer.label.get(lang)), html! { (answer.value) }))
            .collect::<Vec<_>>();
        return html! {
            @if !rows.is_empty() { (pairs(rows)) }
            @if plain.person.is_none() && opened.contact.is_some() {
                (notice(&Notice::new(Mood::Warning, lang.pick(
                    "证件号码和手机号码只给手上正办着这件的人看全文，别的人仍是遮盖的。",
                    "Identity and mobile numbers are shown in full only to whoever has the case in hand; for others they stay masked.",
                ))))
            }
            (notice(&Notice::new(Mood::Info, lang.pick(
                "正在显示全文。这次查看和理由已记入存证，本人看得到；刷新后恢复遮盖。",
                "Shown in full. This look and its reason are on record and the person can see them; reload to hide.",
            ))))
        };
    }
    if opened.contact.is_none() && zhengtong_casework::sealed_keys(&opened.view.case).is_empty() {
        return html! {};
    }
    let open =
        if typed.errors.iter().any(|error| error.field == "why") { Open::Yes } else { Open::No };
    fold(
        lang.pick("要看全文", "See in full"),
        open,
        form(
            frame,
            &Form::post(format!("{}/reveal", address(&opened.view.case.no))),
            html! {
                (textarea(
                    lang,
                    &Field::new("why", lang.pick("为什么要看", "Why you need to see it"))
                        .hint(lang.pick("至少 4 个字，本人看得到这句话", "At least 4 characters; the person can read it"))
                        .errors(&typed.errors, lang),
                    &Area { value: typed.why.as_str().into(), rows: 2, ..Area::default() },
                ))
                (actions(submit(&Button::secondary(lang.pick("记入存证并显示", "Record it and show")))))
            },
        ),
    )
}
