//! 好差评 for the public: rating a contact, following what became of it, a visit by its code, and the results that
//! everybody may read.

mod follow;
mod results;
mod visit;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{Failure as _, FieldError, Lang};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, redirect, see};
use zhengtong_rating::{Channel, Contact, ContactKind, InForce, Place as Where, Said};
use zhengtong_ui::field::{
    Area, Field, Form, Layout, Pick, errors, form, hidden, radios, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Open, Panel, fold, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::{Frame, Place, hall};

/// How the fields of indicators begin.
const INDICATOR: &str = "about_";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/case/{no}/rate", get(ask).post(rate))
        .route("/my/ratings", get(follow::mine))
        .route("/my/ratings/{no}", get(follow::open))
        .route("/my/ratings/{no}/follow", post(follow::follow))
        .route("/rate/{code}", get(visit::open).post(visit::rate))
        .route("/rate/{code}/follow", post(visit::follow))
        .route("/hall/ratings", get(results::show))
}

#[derive(Deserialize)]
struct Wanted {
    contact: Option<String>,
}

async fn ask(visit: Visit, Path(no): Path<String>, Query(wanted): Query<Wanted>) -> Answer {
    visit.known()?;
    let contact = wanted.contact.unwrap_or_default();
    show(&visit, &no, &contact, &Fields::default(), &[]).await
}

async fn rate(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    visit.known()?;
    let mut ctx = visit.act(&fields).await?;
    let (contact, said) = (fields.get("contact").to_owned(), said(&fields));
    match zhengtong_rating::rate(&mut ctx, &no, &contact, channel(&visit), &said).await {
        Ok(_rating) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/my/case/{no}")))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            show(&visit, &no, &contact, &fields, &error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn show(
    visit: &Visit,
    no: &str,
    contact: &str,
    fields: &Fields,
    faults: &[FieldError],
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let contacts = zhengtong_rating::contacts(&mut ctx, no).await?;
    let wording = zhengtong_rating::wording(&ctx).ok_or_else(Fault::absent)?;
    ctx.commit().await?;
    let open = |one: &&Contact| one.rating.is_none();
    let chosen = contacts.iter().filter(open).find(|one| one.contact == contact);
    let chosen = chosen.or_else(|| contacts.iter().rev().find(open)).ok_or_else(Fault::absent)?;
    let lang = visit.lang();
    let heading = lang.pick("评一评这次服务", "Rate this service");
    let mut frame = visit.frame(heading, Place::Mine);
    frame.service = no.into();
    if !faults.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let case = format!("/my/case/{no}");
    let body = page(html! {
        (crumbs(lang, &[Link::new(lang.pick("我的", "My space"), "/my"), Link::new(no, case.as_str())], heading))
        (errors(lang, faults))
        (title(&Title::new(heading).meta(html! { (kind_words(lang, chosen)) })))
        (panel(&Panel::default(), form(&frame, &Form::post(format!("{case}/rate")), html! {
            (hidden("contact", &chosen.contact))
            (questions(lang, &wording, Where::Online, fields, faults))
            (actions(submit(&Button::new(lang.pick("提交评价", "Send rating")))))
        })))
        (promise(lang))
    });
    let mut response = see(hall(&frame, body));
    if !faults.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The part of the page of a case in which its contacts are rated. Nothing waits for it.
pub(crate) fn opinion(
    lang: Lang,
    frame: &Frame<'_>,
    no: &str,
    contacts: &[Contact],
    wording: Option<&InForce>,
) -> Markup {
    let open: Vec<&Contact> = contacts.iter().filter(|one| one.rating.is_none()).collect();
    let done = contacts.len() - open.len();
    let result = open.iter().find(|one| one.kind == ContactKind::Result);
    let others: Vec<Entry> = open
        .iter()
        .filter(|one| one.kind != ContactKind::Result)
        .map(|one| {
            let href = format!("/my/case/{no}/rate?contact={}", one.contact);
            Entry::link(&kind_words(lang, one), &href)
        })
        .collect();
    html! {
        @if done > 0 {
            p.soft { (lang.pick("您评价过这件事，谢谢。", "You have rated this case. Thank you.")) " " a href="/my/ratings" { (lang.pick("看我的评价", "My ratings")) } }
        }
        @if let (Some(result), Some(wording)) = (result, wording) {
            (panel(
                &Panel::new(lang.pick("办得怎么样？", "How was it?")).id("rate"),
                form(frame, &Form::post(format!("/my/case/{no}/rate")), html! {
                    (hidden("contact", &result.contact))
                    (questions(lang, wording, Where::Online, &Fields::default(), &[]))
                    (actions(submit(&Button::secondary(lang.pick("提交评价", "Send rating")))))
                    p.meta { (lang.pick("打不打分都不影响您办事；办件的人看不到是谁评的。", "Rating is voluntary; those who are rated do not see who rated.")) }
                }),
            ))
        }
        @if !others.is_empty() {
            (fold(lang.pick("评一评某一步", "Rate one step"), Open::No, list(&others)))
        }
    }
}

/// The questions of a rating: the level, what is asked about, words.
fn questions(
    lang: Lang,
    wording: &InForce,
    place: Where,
    fields: &Fields,
    faults: &[FieldError],
) -> Markup {
    let level = fields.get("level").to_owned();
    let picks: Vec<Pick<'_>> = wording
        .rules
        .level
        .iter()
        .map(|level| Pick::new(level.code.to_string(), level.title.get(lang)))
        .collect();
    let words = lang.pick("想说的话", "Your words");
    html! {
        (radios(
            lang,
            &Field::new("level", lang.pick("总的来说，您满意吗？", "All in all, how satisfied are you?")).errors(faults, lang),
            &picks,
            &level,
            Layout::Across,
        ))
        (fold(lang.pick("分项评价（可不填）", "In detail (optional)"), Open::No, html! {
            @for indicator in wording.indicators(place) {
                @let name = format!("{INDICATOR}{}", indicator.id);
                (radios(
                    lang,
                    &Field::new(name.as_str(), indicator.title.get(lang)).optional(),
                    &picks,
                    fields.get(&name),
                    Layout::Across,
                ))
            }
        }))
        (textarea(
            lang,
            &Field::new("words", words).optional().errors(faults, lang).hint(lang.pick(
                "别写姓名、电话和办件号。给差评的，请说说哪里没做好，单位要据此整改",
                "No names, numbers or case numbers please. If you are not satisfied, say what went wrong",
            )),
            &Area { value: fields.get("words").into(), ..Area::default() },
        ))
    }
}

fn promise(lang: Lang) -> Markup {
    html! { p.meta { (lang.pick(
        "评不评、怎么评，都不影响您办事。被评的单位看不到是谁评的；您写的话先由评价管理机构看过，去掉个人信息，才会公开。",
        "Whether and how you rate changes nothing in your case. The department does not see who rated; what you write is read by the rating office and shown without what is personal.",
    )) } }
}

/// What was filled in.
fn said(fields: &Fields) -> Said {
    let indicators = fields.0.iter().filter_map(|(name, value)| {
        let id = name.strip_prefix(INDICATOR)?;
        Some((id.to_owned(), value.parse().ok()?))
    });
    Said {
        level: fields.get("level").parse().unwrap_or(0),
        indicators: indicators.collect(),
        words: fields.get("words").to_owned(),
    }
}

/// The way it came, as far as a browser tells.
fn channel(visit: &Visit) -> Channel {
    let agent = &visit.agent;
    if ["Mobile", "Android", "iPhone"].iter().any(|word| agent.contains(word)) {
        Channel::Mobile
    } else {
        Channel::Pc
    }
}

fn kind_words(lang: Lang, contact: &Contact) -> String {
    let title = contact.kind.title();
    match contact.contact.strip_prefix("supply-").filter(|number| *number != "1") {
        Some(number) => format!("{} {number}", title.get(lang)),
        None => title.get(lang).to_owned(),
    }
}
