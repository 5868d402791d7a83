//! What an applicant is charged for a case, beside what the published list says.

use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::Lang;
use zhengtong_casework::{Charge, Charges, ListedFee, Struck, yuan};
use zhengtong_http::{clock_time, day};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, section};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, boxed};

/// The fees of a case and what was paid of them; nothing of a free service.
pub(crate) fn charges(lang: Lang, charges: &Charges, now: OffsetDateTime) -> Markup {
    let open = charges.listed.iter().filter(|fee| charges.charged_of(&fee.name) == 0);
    let struck = charges.made.iter().filter(|one| one.struck.is_some());
    // What counts comes first, and what was put down wrongly last.
    let entries: Vec<Entry> = charges
        .standing()
        .map(|one| made(lang, one, now))
        .chain(open.map(|fee| listed(lang, fee)))
        .chain(struck.clone().map(|one| made(lang, one, now)))
        .collect();
    if entries.is_empty() {
        return html! {};
    }
    section(
        &Heading::new("charges", lang.pick("费用", "Cost")),
        html! { div.flow {
            (boxed(&Panel::default(), list(&entries)))
            p.meta { (lang.pick(
                "只按公布的收费清单收，都给票据。收得比清单多、或者没有票据的，请打 12345。",
                "Only what the published list says is charged, always with a receipt. If it was more, or there was no receipt, call 12345.",
            )) }
            @if struck.count() > 0 {
                p.meta { (lang.pick(
                    "划掉的是窗口登记时写错的，不算收过。您要是真交过这笔钱，也请打 12345。",
                    "What is struck out was put down wrongly at the window and counts as not charged. If you did pay it, call 12345 too.",
                )) }
            }
        } },
    )
}

fn made(lang: Lang, one: &Charge, now: OffsetDateTime) -> Entry {
    let receipt = html! {
        (day(lang, one.on, now)) " · " (lang.pick("票据号 ", "receipt ")) (one.receipt)
    };
    if let Some(struck) = &one.struck {
        return struck_out(lang, one, struck, &receipt);
    }
    Entry::new(html! {
        (one.title.get(lang))
        p.soft {
            (receipt)
            @if let Some(listed) = one.listed { " · " (lang.pick("清单 ", "by the list ")) (money(lang, listed)) }
        }
    })
    .note(html! { @match &one.basis {
        Some(basis) => (basis.get(lang)),
        None => (lang.pick("收费清单上没有这一项", "It stands on no list of fees")),
    } })
    .end(html! { strong.nowrap { (money(lang, one.amount)) } })
}

/// A charge that was put down wrongly: still to be read, with why, by whom and when it was struck out.
fn struck_out(lang: Lang, one: &Charge, struck: &Struck, receipt: &Markup) -> Entry {
    Entry::new(html! {
        del { (one.title.get(lang)) }
        p.soft { (receipt) }
        p { (lang.pick("理由：", "Reason: ")) (struck.reason) }
    })
    .above(tag(Tone::Plain, lang.pick("登记错了，已划掉", "Put down wrongly, struck out")))
    .note(html! { (lang.pick("划掉：", "struck out by ")) (struck.by) " " (clock_time(struck.at)) })
    .end(html! { del.nowrap { (money(lang, one.amount)) } })
}

fn listed(lang: Lang, fee: &ListedFee) -> Entry {
    let entry = Entry::new(html! { (fee.title.get(lang)) p.soft { (fee.standard.get(lang)) } })
        .note(html! { (fee.basis.get(lang)) });
    entry.end(html! {
        @if let Some(amount) = fee.amount {
            span.nowrap { (lang.pick("应缴 ", "due ")) (money(lang, amount)) }
        } @else {
            span.soft { (lang.pick("还没有核定", "not worked out yet")) }
        }
    })
}

fn money(lang: Lang, amount: i64) -> String {
    format!("{} {}", yuan(amount), lang.pick("元", "yuan"))
}
