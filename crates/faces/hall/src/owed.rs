//! 容缺、告知承诺 for the applicant: undertaking in writing to bring a lesser paper later or to keep what is promised, and
//! bringing the papers that are owed.

use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::{FieldError, Lang, Text};
use zhengtong_casework::{
    AsSeen, CaseType, CaseView, Deferred, OpenTask, Owed, OwnAct, Pledged, UNDERTAKE_PROMISE,
    undertaking_basis, undertaking_words,
};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Uploads, Visit, day};
use zhengtong_service::Sent;
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Upload, consent, form, hidden, upload};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Heading, section};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed};
use zhengtong_ui::press::{Button, Size, actions, submit};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/case/{no}/bring", post(bring))
        .route("/my/case/{no}/undertake", post(undertake))
}

/// What the applicant owes and may undertake, with the words of the case type.
#[derive(Default)]
pub(crate) struct Owing {
    pledged: Pledged,
    offers: Vec<Offer>,
}

/// Something that may be undertaken.
struct Offer {
    kind: &'static str,
    words: Text,
    basis: Text,
}

pub(crate) async fn load(ctx: &mut Ctx, view: &CaseView) -> Result<Owing, Fault> {
    let pledged = zhengtong_casework::pledged(ctx, view).await?;
    let case_type = ctx.defs::<zhengtong_casework::Catalog>()?.get(&view.case.kind);
    let Some(case_type) = case_type else { return Ok(Owing::default()) };
    let offers = pledged.may_undertake.iter().filter_map(|kind| offer(&case_type, kind)).collect();
    Ok(Owing { pledged, offers })
}

fn offer(case_type: &CaseType, kind: &'static str) -> Option<Offer> {
    let words = undertaking_words(case_type, kind)?.clone();
    let basis = undertaking_basis(case_type, kind)?.clone();
    Some(Offer { kind, words, basis })
}

/// Whether a task is done here.
pub(crate) fn is_here(task: &OpenTask) -> bool {
    task.own == Some(OwnAct::Bring)
}

/// What may be undertaken, and what is owed.
pub(crate) fn to_do(
    frame: &Frame<'_>,
    view: &CaseView,
    owing: &Owing,
    errors: &[FieldError],
    now: OffsetDateTime,
) -> Markup {
    html! {
        @for offer in &owing.offers { (to_undertake(frame, view, owing, offer, errors)) }
        @if owing.pledged.may_bring { (to_bring(frame, view, owing, errors, now)) }
    }
}

fn to_undertake(
    frame: &Frame<'_>,
    view: &CaseView,
    owing: &Owing,
    offer: &Offer,
    errors: &[FieldError],
) -> Markup {
    let lang = frame.lang;
    let promise = offer.kind == UNDERTAKE_PROMISE;
    let heading = if promise {
        lang.pick("可以告知承诺", "You may promise in writing")
    } else {
        lang.pick("缺的材料可以后补", "What is missing may come later")
    };
    let lead = if promise {
        lang.pick(
            "您承诺符合条件，就可以先作决定、后核查。承诺不实的，证照会被撤销。不承诺也可以，照一般程序办。",
            "Promise that the conditions are met, and it may be decided first and looked at later; a false promise costs the licence. You need not: the usual course is open too.",
        )
    } else {
        lang.pick(
            "您承诺按期补齐，窗口就可以先受理。不承诺的，等材料齐了再受理。",
            "Undertake to bring it in time and the window may accept the case now. Otherwise it is accepted when all is there.",
        )
    };
    let missing = owing.pledged.deferred.iter().filter(|paper| paper.state == Owed::Allowed);
    let missing: Vec<Entry> = missing
        .map(|paper| {
            Entry::new(html! { (paper.name.get(lang)) })
                .end(lamp(Light::Near, lang.pick("还没有交", "Not here yet")))
        })
        .collect();
    let name = format!("agree-{}", offer.kind);
    let agree = Field::new(name.as_str(), offer.words.get(lang).to_owned()).errors(errors, lang);
    let words = if promise {
        lang.pick("作出承诺", "Make the promise")
    } else {
        lang.pick("承诺按期补齐", "Undertake to bring it in time")
    };
    section(
        &Heading::new(format!("undertake-{}", offer.kind), heading),
        html! { div.flow {
            p { (lead) }
            @if !promise { (boxed(&Panel::default(), list(&missing))) }
            (form(frame, &Form::post(format!("/my/case/{}/undertake", view.case.no)), html! {
                (hidden("kind", offer.kind))
                (hidden("seen", &view.case.version.to_string()))
                (consent(lang, &agree, ""))
                p.meta { (offer.basis.get(lang)) }
                (actions(submit(&Button::new(words).size(Size::Large))))
            }))
        } },
    )
}

fn to_bring(
    frame: &Frame<'_>,
    view: &CaseView,
    owing: &Owing,
    errors: &[FieldError],
    now: OffsetDateTime,
) -> Markup {
    let lang = frame.lang;
    let due = view.tasks.iter().find(|task| is_here(task)).and_then(|task| task.todo.due_day);
    let owed = owing.pledged.deferred.iter().filter(|paper| paper.state == Owed::Owed);
    let owed: Vec<&Deferred> = owed.collect();
    let several = owed.len() > 1;
    section(
        &Heading::new("supply", lang.pick("补齐容缺材料", "Bring the papers that are owed")),
        html! { div.flow {
            (notice(&Notice::new(Mood::Warning, lang.pick("您承诺后补的材料", "What you undertook to bring")).body(html! {
                @if let Some(due) = due {
                    p { (lang.pick("请在 ", "Please before ")) strong { (day(lang, due, now)) } (lang.pick(" 前补齐。来几份收几份，补齐以前证照不发。", ". Hand in what you have; the licence waits until all is there.")) }
                } @else {
                    p { (lang.pick("来几份收几份，补齐以前证照不发。", "Hand in what you have; the licence waits until all is there.")) }
                }
            })))
            (form(frame, &Form::post(format!("/my/case/{}/bring", view.case.no)).files(), html! {
                (hidden("seen", &view.case.version.to_string()))
                @for paper in owed { (one_paper(lang, paper, several, errors)) }
                (actions(submit(&Button::new(lang.pick("补交这些", "Hand these in")).size(Size::Large))))
            }))
        } },
    )
}

/// Of several papers each may stay away once more; a single one is what is asked for.
fn one_paper(lang: Lang, paper: &Deferred, several: bool, errors: &[FieldError]) -> Markup {
    let name = format!("file-{}", paper.seq);
    let field = Field::new(name.as_str(), paper.name.get(lang).to_owned()).errors(errors, lang);
    let field = if several { field.optional() } else { field };
    upload(lang, &field, &Upload::scan(lang))
}

/// The case as it was on the page of the applicant.
fn at<'a>(no: &'a str, fields: &Fields) -> AsSeen<'a> {
    AsSeen::from((no, fields.get("seen").parse().unwrap_or(0)))
}

async fn bring(visit: Visit, Path(no): Path<String>, sent: Uploads) -> Answer {
    visit.known()?;
    let mut ctx = visit.act(&sent.fields).await?;
    let files = sent.numbered("file-");
    let files: Vec<_> =
        files.map(|(place, file)| (place, Sent { name: &file.name, bytes: &file.bytes })).collect();
    let outcome = zhengtong_service::bring(&mut ctx, at(&no, &sent.fields), &files).await;
    crate::case::done(&visit, ctx, &no, outcome).await
}

async fn undertake(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    visit.known()?;
    let kind = fields.get("kind").to_owned();
    let agree = format!("agree-{kind}");
    if fields.get(&agree).is_empty() {
        let text = Text::new("请勾选，表示您承诺", "tick the box to undertake it");
        return crate::case::show(&visit, &no, &[FieldError { field: agree, text }], "").await;
    }
    let mut ctx = visit.act(&fields).await?;
    let outcome = zhengtong_service::undertake(&mut ctx, at(&no, &fields), &kind, None).await;
    crate::case::done(&visit, ctx, &no, outcome).await
}
