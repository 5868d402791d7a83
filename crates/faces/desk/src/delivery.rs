//! 送达: how a decision was sent and whether it has arrived; sending it, and recording its arrival with the proof.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use time::Date;
use time::macros::format_description;
use zhengtong_base::{FieldError, Lang};
use zhengtong_casework::{Arrival, Delivery, Sending, Way};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_ui::field::{Field, Form, Input, Layout, Pick, date, form, radios, text};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, boxed, pairs};
use zhengtong_ui::press::{Button, link_button};
use zhengtong_ui::{Frame, Icon};

use crate::bench::staff_only;
use crate::casework::{Opened, address};
use crate::sheet::{self, Head};
use crate::typed::Typed;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/casework/{no}/delivery", get(all).post(send))
        .route("/desk/casework/{no}/delivery/{seq}", get(ask).post(arrived))
}

async fn all(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, Typed::default()).await
}

async fn show(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let lang = visit.lang();
    let head = Head::new(
        lang.pick("送达", "Delivery"),
        lang.pick(
            "决定要送到申请人手上才算数。每次送出和签收都记在这里，申请人看得到。",
            "A decision counts when it has reached the applicant. Each sending and each arrival is kept here, and the applicant sees it.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        html! {
            (sent(lang, &opened))
            @if opened.errands.ways.is_empty() { (nothing_to_send(lang, &opened, &typed)) }
            @else { (send_form(frame, &opened, &typed)) }
        }
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside(lang, &opened)))))
}

/// The sendings, the latest first.
fn sent(lang: Lang, opened: &Opened) -> Markup {
    let found = &opened.errands.deliveries;
    if found.is_empty() {
        return html! {};
    }
    let entries: Vec<Entry> =
        found.iter().rev().map(|delivery| entry(lang, opened, delivery)).collect();
    boxed(&Panel::new(lang.pick("送出和签收", "Sent and received")), list(&entries))
}

fn entry(lang: Lang, opened: &Opened, delivery: &Delivery) -> Entry {
    let entry = Entry::new(html! {
        strong { (delivery.way.title().get(lang)) }
        @if !delivery.words.is_empty() { " " (delivery.words) }
        p { (standing(lang, delivery)) }
    })
    .note(html! {
        (lang.pick("送出：", "Sent: ")) (clock_time(delivery.sent_at)) " · " (delivery.sender(lang))
        @if let Some((proof, by)) = delivery.receipt(lang) {
            " · " (lang.pick("证明：", "Proof: ")) (proof) " · " (lang.pick("登记：", "recorded by ")) (by)
        }
    });
    if delivery.served_on.is_some() || !opened.errands.may_serve {
        return entry;
    }
    let href = format!("{}/delivery/{}", address(&opened.view.case.no), delivery.seq);
    entry.end(link_button(&Button::secondary(lang.pick("登记签收", "Record the arrival")), &href))
}

/// Where a sending stands.
pub(crate) fn standing(lang: Lang, delivery: &Delivery) -> Markup {
    match (delivery.served_on, delivery.counts_on) {
        (Some(on), _) => lamp(Light::Ok, &format!("{} {on}", lang.pick("已送达", "Arrived"))),
        (None, Some(day)) => match lang {
            Lang::Zh => lamp(Light::Hold, &format!("公告中，{day} 视为送达")),
            Lang::En => lamp(Light::Hold, &format!("Announced, counts as delivered on {day}")),
        },
        (None, None) => lamp(Light::Near, lang.pick("在途，等签收", "On its way")),
    }
}

fn nothing_to_send(lang: Lang, opened: &Opened, typed: &Typed) -> Markup {
    let case = &opened.view.case;
    let declared = opened.case_type.as_ref().is_some_and(|found| found.delivery.is_some());
    let decided = case.decided_at.is_some() || case.state == zhengtong_casework::State::Declined;
    let why = if !declared {
        lang.pick(
            "这类事项没有声明送达方式。要另外送达，请系统管理员在事项里写明方式和依据",
            "This kind of matter declares no way of delivery. If it needs one, the administrator adds it with its law",
        )
    } else if !decided {
        lang.pick(
            "还没有作出决定，没有东西可送。决定以后再来",
            "There is no decision to send yet. Come back when there is one",
        )
    } else {
        lang.pick(
            "送达由承办单位的窗口或负责人办理，请转告他们",
            "The window or the head of the department in charge sends it: tell them",
        )
    };
    sheet::barred(lang, typed, case, why)
}

fn send_form(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let days = announced_days(opened);
    let picks: Vec<Pick<'_>> = opened
        .errands
        .ways
        .iter()
        .map(|way| {
            Pick::new(way.word(), way.title().get(lang).to_owned()).hint(hint(lang, *way, days))
        })
        .collect();
    let words = typed
        .field(lang, "words", "单号、公告处或领取人", "Number, place or who comes")
        .hint(lang.pick(
            "快递写单号，公告写登在哪里，窗口领取写谁来领；电子送达不用填",
            "The number of the parcel, where it is announced, or who comes; nothing for electronic delivery",
        ));
    let ask = form(
        frame,
        &Form::post(format!("{}/delivery", address(&case.no))),
        html! {
            (sheet::version(case))
            (radios(lang, &typed.field(lang, "way", "怎么送", "How"), &picks, typed.fields.get("way"), Layout::Down))
            (text(lang, &words, &Input::new(typed.value("words")).length_max(200)))
            (sheet::ends(lang, Button::new(lang.pick("送出决定", "Send the decision")).icon(Icon::Send), case))
        },
    );
    let name = if opened.errands.deliveries.is_empty() {
        lang.pick("送出", "Send")
    } else {
        lang.pick("再送一次", "Send it once more")
    };
    boxed(&Panel::new(name), ask)
}

fn hint(lang: Lang, way: Way, days: u32) -> String {
    match (way, lang) {
        (Way::Electronic, Lang::Zh) => "放进申请人的“我的”，马上算送达".to_owned(),
        (Way::Electronic, Lang::En) => {
            "Into My space of the applicant; it has arrived at once".to_owned()
        }
        (Way::Window, Lang::Zh) => "本人或受托人到窗口签收后，再登记签收".to_owned(),
        (Way::Window, Lang::En) => "Record the arrival when they have signed for it".to_owned(),
        (Way::Express, Lang::Zh) => "查到签收后，再登记签收".to_owned(),
        (Way::Express, Lang::En) => "Record the arrival when the mail shows it".to_owned(),
        (Way::Announcement, Lang::Zh) => {
            format!("别的方式都送不到时才用，满 {days} 天视为送达")
        }
        (Way::Announcement, Lang::En) => {
            format!("Only where nobody can be reached; counts as delivered after {days} days")
        }
    }
}

fn announced_days(opened: &Opened) -> u32 {
    let decl = opened.case_type.as_ref().and_then(|found| found.delivery.as_ref());
    decl.map_or(30, |decl| decl.announced_days)
}

/// What is sent, and the law.
fn aside(lang: Lang, opened: &Opened) -> Markup {
    let base = address(&opened.view.case.no);
    let papers: Vec<Entry> = opened
        .view
        .given
        .iter()
        .map(|paper| {
            Entry::link(paper.title.get(lang), &format!("{base}/given/{}", paper.document))
                .note(html! { (paper.number) " · " (clock_time(paper.at)) })
        })
        .collect();
    let decl = opened.case_type.as_ref().and_then(|found| found.delivery.as_ref());
    html! {
        @if !papers.is_empty() {
            (boxed(&Panel::new(lang.pick("给申请人的文书", "Papers for the applicant")), list(&papers)))
        }
        (sheet::basis(lang, decl.map(|decl| &decl.basis)))
    }
}

async fn send(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let Some(way) = Way::parse(fields.get("way")) else {
        let missing = FieldError::new("way", "请选怎么送", "choose how to send it");
        return show(&visit, &no, Typed::wrong(fields, missing)).await;
    };
    let mut ctx = visit.act(&fields).await?;
    let sending = Sending { way, words: fields.get("words") };
    let at = (no.as_str(), sheet::seen(&fields));
    let outcome = zhengtong_casework::dispatch(&mut ctx, at, sending).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(()) => Ok(redirect(&format!("{}/delivery", address(&no)))),
        Err(typed) => show(&visit, &no, typed).await,
    }
}

async fn ask(visit: Visit, Path((no, seq)): Path<(String, i32)>) -> Answer {
    show_arrival(&visit, (&no, seq), Typed::default()).await
}

async fn show_arrival(visit: &Visit, (no, seq): (&str, i32), typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let found = opened.errands.deliveries.iter().find(|delivery| delivery.seq == seq);
    let delivery = found.cloned().ok_or_else(Fault::absent)?;
    Ok(arrival_page(visit, &opened, &delivery, &typed))
}

fn arrival_page(visit: &Visit, opened: &Opened, delivery: &Delivery, typed: &Typed) -> Response {
    let (lang, case) = (visit.lang(), &opened.view.case);
    let head = Head::new(
        lang.pick("登记签收", "Record the arrival"),
        lang.pick(
            "照着回执或签名填。登记以后改不掉。",
            "As the receipt or the signature says. It cannot be changed afterwards.",
        ),
    );
    let may = opened.errands.may_serve && delivery.served_on.is_none();
    let main = |frame: &Frame<'_>| {
        if !may && !typed.refused() {
            let why = if delivery.served_on.is_some() {
                lang.pick(
                    "这次送达已经登记过签收",
                    "The arrival of this sending is on record already",
                )
            } else {
                lang.pick(
                    "签收由承办单位的窗口或负责人登记，请转告他们",
                    "The window or the head of the department in charge records it: tell them",
                )
            };
            return sheet::barred(lang, typed, case, why);
        }
        arrival_form(frame, opened, delivery, typed)
    };
    let rows = [
        (lang.pick("怎么送的", "How").into(), html! { (delivery.way.title().get(lang)) }),
        (
            lang.pick("单号、公告处或领取人", "Number, place or who comes").into(),
            html! { (delivery.words) },
        ),
        (
            lang.pick("送出", "Sent").into(),
            html! { (clock_time(delivery.sent_at)) " · " (delivery.sender(lang)) },
        ),
        (lang.pick("状态", "State").into(), standing(lang, delivery)),
    ];
    let aside = boxed(&Panel::new(lang.pick("这次送出的", "This sending")), pairs(rows));
    sheet::draw(visit, opened, &head, typed, (main, Some(aside)))
}

fn arrival_form(frame: &Frame<'_>, opened: &Opened, delivery: &Delivery, typed: &Typed) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let today = opened.today.to_string();
    let on = if typed.refused() { typed.value("on") } else { today };
    let day: Field<'_> = typed
        .field(lang, "on", "哪天签收的", "On which day")
        .hint(lang.pick("在送出那天到今天之间", "Between the day of sending and today"));
    let proof = typed
        .field(lang, "proof", "谁签收的，或怎么知道送到了", "Who signed, or how it is known")
        .hint(lang.pick(
            "例如：本人签收；快递回执显示门卫代收",
            "Such as: signed in person; the receipt of the mail",
        ));
    form(
        frame,
        &Form::post(format!("{}/delivery/{}", address(&case.no), delivery.seq)),
        html! {
            (sheet::version(case))
            (date(lang, &day, &on))
            (text(lang, &proof, &Input::new(typed.value("proof")).length_max(200)))
            (sheet::ends(lang, Button::new(lang.pick("登记已送达", "Record it as delivered")).icon(Icon::CircleCheck), case))
        },
    )
}

async fn arrived(visit: Visit, Path((no, seq)): Path<(String, i32)>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let form = format_description!("[year]-[month]-[day]");
    let Ok(on) = Date::parse(fields.get("on").trim(), form) else {
        let wrong =
            FieldError::new("on", "日期写成 2026-03-02 这样", "write the day like 2026-03-02");
        return show_arrival(&visit, (&no, seq), Typed::wrong(fields, wrong)).await;
    };
    let mut ctx = visit.act(&fields).await?;
    let arrival = Arrival { on, proof: fields.get("proof") };
    let at = (no.as_str(), sheet::seen(&fields));
    let outcome = zhengtong_casework::served(&mut ctx, at, seq, arrival).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(()) => Ok(redirect(&format!("{}/delivery", address(&no)))),
        Err(typed) => show_arrival(&visit, (&no, seq), typed).await,
    }
}
