//! What an applicant is charged for a case, beside what the published list says.

use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::Lang;
use zhengtong_casework::{Charge, Charges, ListedFee, yuan};
use zhengtong_http::day;
use zhengtong_ui::layout::{Heading, section};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, boxed};

/// The fees of a case and what was paid of them; nothing of a free service.
pub(crate) fn charges(lang: Lang, charges: &Charges, now: OffsetDateTime) -> Markup {
    let open = charges.listed.iter().filter(|fee| charges.charged_of(&fee.name) == 0);
    let entries: Vec<Entry> = charges
        .made
        .iter()
        .map(|one| made(lang, one, now))
        .chain(open.map(|fee| listed(lang, fee)))
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
        } },
    )
}

fn made(lang: Lang, one: &Charge, now: OffsetDateTime) -> Entry {
    Entry::new(html! {
        (one.title.get(lang))
        p.soft {
            (day(lang, one.on, now)) " · " (lang.pick("票据号 ", "receipt ")) (one.receipt)
            @if let Some(listed) = one.listed { " · " (lang.pick("清单 ", "by the list ")) (money(lang, listed)) }
        }
    })
    .note(html! { @match &one.basis {
        Some(basis) => (basis.get(lang)),
        None => (lang.pick("收费清单上没有这一项", "It stands on no list of fees")),
    } })
    .end(html! { strong.nowrap { (money(lang, one.amount)) } })
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
