//! 收费登记: what was charged beside what the published list says, and putting a charge down from its receipt.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use time::Date;
use time::macros::format_description;
use zhengtong_base::{Lang, Text};
use zhengtong_casework::{Charge, Charges, Charging, ListedFee, OFF_LIST, charge, fen, yuan};
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_ui::field::{Form, Input, Kind, Layout, Pick, Width, date, form, radios, text};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, boxed};
use zhengtong_ui::press::Button;
use zhengtong_ui::{Frame, Icon};

use crate::bench::staff_only;
use crate::casework::{Opened, address};
use crate::sheet::{self, Head};
use crate::typed::Typed;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk/casework/{no}/charge", get(ask).post(record))
}

/// Where the charges stand, for the page of the case; nothing of a free service.
pub(crate) fn standing(lang: Lang, opened: &Opened) -> Option<Entry> {
    let charges = &opened.errands.charges;
    if charges.listed.is_empty() && charges.made.is_empty() {
        return None;
    }
    let href = format!("{}/charge", address(&opened.view.case.no));
    let note = match (charges.made.is_empty(), lang) {
        (true, _) => lang.pick("还没有登记", "None on record").to_owned(),
        (false, Lang::Zh) => format!("已收 {} 元", yuan(charges.total())),
        (false, Lang::En) => format!("{} yuan charged", yuan(charges.total())),
    };
    let entry = Entry::link(lang.pick("收费", "Charges"), &href).note(html! { (note) });
    Some(match charges.made.iter().any(|one| too_much(charges, one)) {
        true => entry.end(lamp(Light::Over, lang.pick("和清单不符", "Off the list"))),
        false if charges.made.is_empty() => entry,
        false => entry.end(lamp(Light::Ok, lang.pick("按清单收", "By the list"))),
    })
}

/// Whether a charge stands on no list, or is above it together with the others of its item.
fn too_much(charges: &Charges, one: &Charge) -> bool {
    let of_item = one.item.as_deref().map_or(one.amount, |item| charges.charged_of(item));
    one.listed.is_none_or(|listed| of_item > listed)
}

async fn ask(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, Typed::default()).await
}

async fn show(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let lang = visit.lang();
    let charges = &opened.errands.charges;
    let head = Head::new(
        lang.pick("收费", "Charges"),
        lang.pick(
            "照票据登记实际收了多少。申请人看得到；收得比清单多、或者清单上没有的，监察会收到。",
            "What the receipt says was charged. The applicant sees it; what is above the list or off it comes to supervision.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        html! {
            (made(lang, charges))
            @if charges.may { (charge_form(frame, &opened, &typed)) }
            @else { (sheet::barred(lang, &typed, &opened.view.case, why_not(lang, &opened))) }
        }
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside(lang, charges)))))
}

/// The charges, the latest first.
fn made(lang: Lang, charges: &Charges) -> Markup {
    if charges.made.is_empty() {
        return html! {};
    }
    let entries: Vec<Entry> =
        charges.made.iter().rev().map(|one| entry(lang, charges, one)).collect();
    boxed(&Panel::new(lang.pick("已登记的", "On record")), list(&entries))
}

fn entry(lang: Lang, charges: &Charges, one: &Charge) -> Entry {
    let entry = Entry::new(html! {
        strong.nowrap { (money(lang, one.amount)) } " " (one.title.get(lang))
    })
    .note(html! {
        (one.on) " · " (lang.pick("票据号 ", "receipt ")) (one.receipt)
        " · " (lang.pick("登记：", "recorded by ")) (one.by) " " (clock_time(one.at))
    });
    if too_much(charges, one) {
        return entry.end(match one.listed {
            Some(_) => lamp(Light::Over, lang.pick("高于清单", "Above the list")),
            None if one.basis.is_some() => {
                lamp(Light::Over, lang.pick("没有核定就收", "Charged before it was assessed"))
            }
            None => lamp(Light::Over, lang.pick("清单上没有", "Not on the list")),
        });
    }
    entry
}

fn money(lang: Lang, amount: i64) -> String {
    format!("{} {}", yuan(amount), lang.pick("元", "yuan"))
}

fn why_not(lang: Lang, opened: &Opened) -> &'static str {
    let declared = opened.case_type.as_ref().is_some_and(|found| !found.fee.is_empty());
    if !declared {
        lang.pick(
            "这类事项不收费。已经收了的，退还申请人，并报告监察人员",
            "This service is free. Give back what was taken, and tell the supervisors",
        )
    } else if opened.errands.archived.is_some() {
        lang.pick("这件已经归档，不能再登记收费", "The case is archived and takes no more charges")
    } else {
        lang.pick(
            "收费由承办单位的窗口登记，请转告他们",
            "The window of the department in charge records charges: tell them",
        )
    }
}

fn charge_form(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let charges = &opened.errands.charges;
    let mut picks: Vec<Pick<'_>> = charges
        .listed
        .iter()
        .map(|fee| Pick::new(fee.name.as_str(), fee.title.get(lang)).hint(left(lang, charges, fee)))
        .collect();
    picks.push(Pick::new(OFF_LIST, lang.pick("清单上没有这一项", "It stands on no list")).hint(
        lang.pick(
            "照实登记；监察会收到，下面要写明收的什么",
            "Recorded as it is; supervision hears of it, and you say below what for",
        ),
    ));
    let chosen = match (typed.refused(), charges.listed.first()) {
        (false, Some(fee)) => fee.name.clone(),
        _ => typed.value("item"),
    };
    let today = opened.today.to_string();
    let on = if typed.refused() { typed.value("on") } else { today };
    let amount = Input::new(typed.value("amount")).kind(Kind::Decimal).width(Width::Short);
    let receipt = typed
        .field(lang, "receipt", "票据号", "Number of the receipt")
        .hint(lang.pick("照票据或缴款书填", "As it stands on the receipt or the payment slip"));
    let words = typed.field(lang, "words", "说明", "Remark").optional().hint(lang.pick(
        "清单上没有的必须写；申请人会看到",
        "Needed for what stands on no list; the applicant reads it",
    ));
    let ask = form(
        frame,
        &Form::post(format!("{}/charge", address(&case.no))),
        html! {
            (sheet::version(case))
            (radios(lang, &typed.field(lang, "item", "收的哪一项", "What for"), &picks, &chosen, Layout::Down))
            (text(lang, &typed.field(lang, "amount", "实收金额", "Amount charged"), &amount.unit(lang.pick("元", "yuan"))))
            (text(lang, &receipt, &Input::new(typed.value("receipt")).length_max(40)))
            (date(lang, &typed.field(lang, "on", "哪天收的", "On which day"), &on))
            (text(lang, &words, &Input::new(typed.value("words")).length_max(200)))
            (sheet::ends(lang, Button::new(lang.pick("登记收费", "Record the charge")).icon(Icon::FileCheck), case))
        },
    );
    let name = if charges.made.is_empty() {
        lang.pick("登记一笔", "Record one")
    } else {
        lang.pick("再登记一笔", "Record another one")
    };
    boxed(&Panel::new(name), ask)
}

/// What the list gives for this case, and what of it was charged.
fn left(lang: Lang, charges: &Charges, fee: &ListedFee) -> String {
    let Some(amount) = fee.amount else {
        return lang
            .pick("还没有核定出金额，先核定再收", "Not worked out yet: assess it first")
            .to_owned();
    };
    let before = charges.charged_of(&fee.name);
    match (before, lang) {
        (0, Lang::Zh) => format!("这件按清单是 {} 元", yuan(amount)),
        (0, Lang::En) => format!("By the list {} yuan for this case", yuan(amount)),
        (_, Lang::Zh) => format!("这件按清单是 {} 元，已经登记 {} 元", yuan(amount), yuan(before)),
        (_, Lang::En) => {
            format!("By the list {} yuan, {} yuan on record", yuan(amount), yuan(before))
        }
    }
}

/// The list, with its standard and its law.
fn aside(lang: Lang, charges: &Charges) -> Markup {
    let lines = |fee: &ListedFee| -> [Text; 2] { [fee.standard.clone(), fee.basis.clone()] };
    html! {
        @for fee in &charges.listed {
            (boxed(&Panel::new(fee.title.get(lang)), html! {
                @for line in lines(fee) { p { (line.get(lang)) } }
            }))
        }
        (sheet::follows(lang, &[lang.pick(
            "登记的金额、票据号和您的姓名改不掉，申请人在“我的”里看得到。登记错了的，请负责人向监察人员说明。",
            "Amount, number and your name stay, and the applicant sees them in My space. Of a mistake the head tells the supervisors.",
        )]))
    }
}

async fn record(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let form = format_description!("[year]-[month]-[day]");
    let on = Date::parse(fields.get("on").trim(), form).ok();
    let mut ctx = visit.act(&fields).await?;
    let charging = Charging {
        item: fields.get("item"),
        amount: fen(fields.get("amount")),
        receipt: fields.get("receipt"),
        on,
        words: fields.get("words"),
    };
    let outcome = charge(&mut ctx, (no.as_str(), sheet::seen(&fields)), charging).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(()) => Ok(redirect(&format!("{}/charge", address(&no)))),
        Err(typed) => show(&visit, &no, typed).await,
    }
}
