//! Why the promised day of a case is another one now: each stop and each extension, in plain words.

use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::Lang;
use zhengtong_casework::{CaseView, ClockAct};
use zhengtong_http::day;
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Open, fold};

/// What has moved the promised day, the latest first; nothing when nothing has.
pub(crate) fn moved(lang: Lang, view: &CaseView, now: OffsetDateTime) -> Markup {
    let over_promised = |act: &&ClockAct| act.clocks.iter().any(|clock| clock == "promised");
    let entries: Vec<Entry> = view
        .clock_acts
        .iter()
        .rev()
        .filter(over_promised)
        .map(|act| entry(lang, act, now))
        .collect();
    if entries.is_empty() {
        return html! {};
    }
    fold(lang.pick("办结日期为什么变了", "Why the day has moved"), Open::Yes, list(&entries))
}

fn entry(lang: Lang, act: &ClockAct, now: OffsetDateTime) -> Entry {
    let date = |moment: OffsetDateTime| day(lang, zhengtong_calendar::china_date(moment), now);
    let told = act.told.and_then(|(_, until)| until).map(|until| day(lang, until, now));
    let what = match (act.more, act.until, lang) {
        (Some((amount, unit)), _, Lang::Zh) => {
            format!("{}经批准延长 {amount} {}", date(act.at), unit.zh())
        }
        (Some((amount, unit)), _, Lang::En) => {
            format!("{}: {amount} more {}, as approved", date(act.at), unit.en())
        }
        (None, Some(until), Lang::Zh) => {
            format!("{}停了钟：{}，{}恢复", date(act.at), act.title.zh, date(until))
        }
        (None, Some(until), Lang::En) => {
            format!("{}: {}, until {}", date(act.at), act.title.en, date(until))
        }
        (None, None, Lang::Zh) => format!("{}起停着钟：{}", date(act.at), act.title.zh),
        (None, None, Lang::En) => format!("stands still since {}: {}", date(act.at), act.title.en),
    };
    let stands = act.more.is_none() && act.until.is_none();
    Entry::new(html! { strong { (what) } p { (act.reason) } }).note(html! {
        @if let (true, Some(told)) = (stands, &told) {
            (lang.pick("预计到 ", "expected until ")) (told) " · "
        }
        (lang.pick("这些天依法不算在期限里，或经批准加上", "by law these days are not counted, or were added with approval"))
    })
}
