//! 收费登记: what was charged beside what the published list says, putting a charge down from its receipt, and striking out
//! one that was put down wrongly.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use time::Date;
use time::macros::format_description;
use zhengtong_base::{Lang, Text};
use zhengtong_casework::{Charge, Charges, Charging, ListedFee, OFF_LIST, Struck};
use zhengtong_casework::{charge, fen, strike, yuan};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_ui::field::{Form, Input, Kind, Layout, Pick, Width, date, form, radios, text};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, boxed, pairs};
use zhengtong_ui::press::Button;
use zhengtong_ui::{Frame, Icon};

use crate::bench::staff_only;
use crate::casework::{Opened, address};
use crate::sheet::{self, Head};
use crate::typed::Typed;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/casework/{no}/charge", get(ask).post(record))
        .route("/desk/casework/{no}/charge/{seq}", get(ask_strike).post(struck_out))
}

/// Where the charges stand, for the page of the case; nothing of a free service.
pub(crate) fn standing(lang: Lang, opened: &Opened) -> Option<Entry> {
    let charges = &opened.errands.charges;
    if charges.listed.is_empty() && charges.made.is_empty() {
        return None;
    }
    let href = format!("{}/charge", address(&opened.view.case.no));
    let stands = charges.standing().next().is_some();
    let note = match (stands, lang) {
        (false, _) if charges.made.is_empty() => {
            lang.pick("还没有登记", "None on record").to_owned()
        }
        (false, _) => lang.pick("登记过的都划掉了", "All on record are struck out").to_owned(),
        (true, Lang::Zh) => format!("已收 {} 元", yuan(charges.total())),
        (true, Lang::En) => format!("{} yuan charged", yuan(charges.total())),
    };
    let entry = Entry::link(lang.pick("收费", "Charges"), &href).note(html! { (note) });
    Some(match charges.standing().any(|one| too_much(charges, one)) {
        true => entry.end(lamp(Light::Over, lang.pick("和清单不符", "Off the list"))),
        false if stands => entry.end(lamp(Light::Ok, lang.pick("按清单收", "By the list"))),
        false => entry,
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
            (made(lang, no, charges))
            @if charges.may { (charge_form(frame, &opened, &typed)) }
            @else { (sheet::barred(lang, &typed, &opened.view.case, why_not(lang, &opened))) }
        }
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside(lang, charges)))))
}

/// The charges, the latest first, and what they come to.
fn made(lang: Lang, no: &str, charges: &Charges) -> Markup {
    if charges.made.is_empty() {
        return html! {};
    }
    let entries: Vec<Entry> =
        charges.made.iter().rev().map(|one| entry(lang, no, charges, one)).collect();
    let sum = html! { span.soft {
        (lang.pick("合计 ", "In all ")) strong.nowrap { (money(lang, charges.total())) }
        @if charges.standing().count() < charges.made.len() {
            (lang.pick("，划掉的不算", ", without what is struck out"))
        }
    } };
    boxed(&Panel::new(lang.pick("已登记的", "On record")).note(sum), list(&entries))
}

fn entry(lang: Lang, no: &str, charges: &Charges, one: &Charge) -> Entry {
    let title = html! { strong.nowrap { (money(lang, one.amount)) } " " (one.title.get(lang)) };
    let recorded = html! {
        (one.on) " · " (lang.pick("票据号 ", "receipt ")) (one.receipt)
        " · " (lang.pick("登记：", "recorded by ")) (one.by) " " (clock_time(one.at))
    };
    if let Some(struck) = &one.struck {
        let what =
            html! { del { (title) } p { (lang.pick("理由：", "Reason: ")) (struck.reason) } };
        return Entry::new(what)
            .above(tag(Tone::Plain, lang.pick("已划掉", "Struck out")))
            .note(html! { (recorded) br; (struck_by(lang, struck)) });
    }
    let mut entry = Entry::new(title).note(recorded);
    if too_much(charges, one) {
        entry = entry.above(match one.listed {
            Some(_) => lamp(Light::Over, lang.pick("高于清单", "Above the list")),
            None if one.basis.is_some() => {
                lamp(Light::Over, lang.pick("没有核定就收", "Charged before it was assessed"))
            }
            None => lamp(Light::Over, lang.pick("清单上没有", "Not on the list")),
        });
    }
    if !charges.may_strike {
        return entry;
    }
    entry.end(html! {
        a.button.button-quiet href={ (address(no)) "/charge/" (one.seq) } {
            (lang.pick("更正", "Correct")) span.unseen { (lang.pick("票据号 ", " receipt ")) (one.receipt) }
        }
    })
}

fn struck_by(lang: Lang, struck: &Struck) -> Markup {
    html! { (lang.pick("划掉：", "struck out by ")) (struck.by) " " (clock_time(struck.at)) }
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
        (sheet::follows(lang, &[
            lang.pick(
                "登记的金额、票据号和您的姓名改不掉，申请人在“我的”里看得到。",
                "Amount, number and your name stay, and the applicant sees them in My space.",
            ),
            lang.pick(
                "写错了的，在那一笔上按“更正”，写明理由划掉，再照票据登记一笔。划掉的照样留着，监察会收到。",
                "What was put down wrongly is struck out with a reason by \"Correct\" beside it, and recorded anew from the receipt. It stays to be seen, and supervision hears of it.",
            ),
        ]))
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

async fn ask_strike(visit: Visit, Path((no, seq)): Path<(String, i32)>) -> Answer {
    show_strike(&visit, (&no, seq), Typed::default()).await
}

/// The page on which a charge is struck out.
async fn show_strike(visit: &Visit, (no, seq): (&str, i32), typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let (lang, charges) = (visit.lang(), &opened.errands.charges);
    let found = charges.made.iter().find(|one| one.seq == seq);
    let one = found.ok_or_else(Fault::absent)?;
    let head = Head::new(
        lang.pick("更正收费登记", "Correct a charge"),
        lang.pick(
            "金额、票据号或收费项目写错了的，写明理由划掉，再照票据登记一笔。收了又退的是退费，不在这里划掉。",
            "If the amount, the number or the fee was put down wrongly, strike it out with the reason, and record it anew from the receipt. Money that is given back is a refund and is not struck out.",
        ),
    );
    let may = charges.may_strike && one.struck.is_none();
    let main = |frame: &Frame<'_>| {
        html! {
            (boxed(&Panel::new(lang.pick("这一笔", "This charge")), facts(lang, one)))
            @if may { (strike_form(frame, &opened, one, &typed)) }
            @else { (sheet::barred(lang, &typed, &opened.view.case, why_no_strike(lang, &opened, one))) }
        }
    };
    let aside = may.then(|| strike_follows(lang));
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, aside)))
}

fn strike_form(frame: &Frame<'_>, opened: &Opened, one: &Charge, typed: &Typed) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let reason = typed.field(lang, "reason", "理由", "Reason").hint(lang.pick(
        "写明哪里写错了、票据上是多少。申请人会看到您写的话和您的名字",
        "Say what is wrong and what the receipt says. The applicant will read it, with your name",
    ));
    form(
        frame,
        &Form::post(format!("{}/charge/{}", address(&case.no), one.seq)),
        html! {
            (sheet::version(case))
            (sheet::words(lang, &reason, typed, 4))
            (sheet::ends(lang, Button::danger(lang.pick("划掉这一笔", "Strike it out")).icon(Icon::Ban), case))
        },
    )
}

/// The charge as it was recorded, and that it was struck out.
fn facts(lang: Lang, one: &Charge) -> Markup {
    let mut rows = vec![
        (lang.pick("收的哪一项", "What for").into(), html! { (one.title.get(lang)) }),
        (lang.pick("实收金额", "Amount charged").into(), html! { (money(lang, one.amount)) }),
        (lang.pick("票据号", "Number of the receipt").into(), html! { (one.receipt) }),
        (lang.pick("哪天收的", "On which day").into(), html! { (one.on) }),
        (
            lang.pick("登记", "Recorded").into(),
            html! { (one.by) " " span.nowrap { (clock_time(one.at)) } },
        ),
    ];
    if let Some(struck) = &one.struck {
        rows.push((
            lang.pick("划掉", "Struck out").into(),
            html! { (struck.by) " " span.nowrap { (clock_time(struck.at)) } p.soft { (struck.reason) } },
        ));
    }
    pairs(rows)
}

fn strike_follows(lang: Lang) -> Markup {
    sheet::follows(
        lang,
        &[
            lang.pick(
                "划掉的不再计入合计，同一票据号可以重新登记。原来写的、为什么划掉和您的姓名改不掉，申请人看得到，监察会收到。",
                "It counts in no total any more, and its receipt may be recorded again. What was put down, why it was struck out and your name stay: the applicant sees them, and supervision hears of it.",
            ),
            lang.pick(
                "因为这一笔已经发了牌的，牌不会跟着撤销：单位在牌里答复说明，由监察人员决定。",
                "A card that was raised because of it stays: your unit explains in its answer, and a supervisor decides.",
            ),
            lang.pick(
                "钱收了又退给申请人的，不要划掉。那是退费，按退付的手续办；收过的这一笔照实留着。",
                "Money that was taken and is given back is a refund, not a mistake: it has its own procedure, and the charge stays as it was.",
            ),
        ],
    )
}

/// Why it cannot be struck out by the reader now, and what to do.
fn why_no_strike(lang: Lang, opened: &Opened, one: &Charge) -> &'static str {
    if one.struck.is_some() {
        lang.pick(
            "这一笔已经划掉了。要补的，照票据再登记一笔",
            "This charge was struck out already. What is missing is recorded from its receipt",
        )
    } else if opened.errands.archived.is_some() {
        lang.pick(
            "这件已经归档，收费登记不能再更正",
            "The case is archived, and its charges are corrected no more",
        )
    } else {
        lang.pick(
            "收费由承办单位的窗口登记和更正，请转告他们",
            "The window of the department in charge records and corrects charges: tell them",
        )
    }
}

async fn struck_out(visit: Visit, Path((no, seq)): Path<(String, i32)>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let at = (no.as_str(), sheet::seen(&fields));
    let outcome = strike(&mut ctx, at, seq, fields.get("reason")).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(()) => Ok(redirect(&format!("{}/charge", address(&no)))),
        Err(typed) => show_strike(&visit, (&no, seq), typed).await,
    }
}
