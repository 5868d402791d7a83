//! The officer's inbox: mine or free for me, due first; many tasks are taken at once.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Lang, Limits, Page};
use zhengtong_calendar::china_date;
use zhengtong_casework::{Counts, Filter, InboxItem, Side};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect, short};
use zhengtong_ui::act::{key_hints, toolbar};
use zhengtong_ui::frame::token;
use zhengtong_ui::lamp::{Light, Tone, clock_legend, lamp, tag};
use zhengtong_ui::layout::{Title, row, title};
use zhengtong_ui::navigate::{Pager, pager};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, Choice, filters, submit};
use zhengtong_ui::table::{Column, Keys, Phone, Row, Slot, Table, code, cut, table, tick};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, administers, reading, staff_only};
use crate::clock::{held, task_clock, urgency};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk", get(home)).route("/desk/inbox", get(inbox).post(claim))
}

/// The start of the workbench: administrators have theirs elsewhere.
async fn home(visit: Visit) -> Answer {
    staff_only(&visit)?;
    if administers(&visit) {
        return Ok(redirect("/admin"));
    }
    if visit.actor.roles.is_empty() {
        return Ok(redirect("/desk/me"));
    }
    Ok(redirect("/desk/inbox"))
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    filter: String,
    #[serde(default)]
    page: u32,
    taken: Option<u32>,
    missed: Option<u32>,
}

async fn inbox(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let filter = Filter::parse(&wanted.filter);
    let (page, counts) = zhengtong_casework::inbox(&mut ctx, filter, wanted.page).await?;
    let bench = Bench::load(&mut ctx).await?;
    let now = ctx.now;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("收件箱", "Inbox"));
    let shown = Shown { lang, filter, counts, today: china_date(now) };
    let body = html! {
        (title(&Title::new(lang.pick("收件箱", "Inbox")).meta(html! {
            (lang.pick("归我或待领，先到期的在前 · ", "Mine or free for me, due first · ")) (clock_time(now))
        })))
        (outcome(lang, &wanted))
        (pills(&shown))
        (bench_table(&frame, &shown, &page))
    };
    Ok(bench.page(&visit, &frame, body))
}

async fn claim(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let chosen = chosen(&fields);
    let (taken, missed) = claim_all(&mut ctx, &chosen).await?;
    ctx.commit().await?;
    let filter = Filter::parse(fields.get("filter")).word();
    Ok(redirect(&format!("/desk/inbox?filter={filter}&taken={taken}&missed={missed}")))
}

/// The tasks that were ticked, always in the same order, so that two officers never wait for each other.
fn chosen(fields: &Fields) -> Vec<Uuid> {
    let rows = usize::try_from(Limits::default().page_rows).unwrap_or(usize::MAX);
    let ticked = fields.0.iter().filter(|(name, _)| name == "todo");
    let mut chosen: Vec<Uuid> = ticked.filter_map(|(_, id)| id.parse().ok()).take(rows).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// Takes each; one that a colleague was faster with does not hinder the others.
async fn claim_all(ctx: &mut Ctx, chosen: &[Uuid]) -> Result<(u32, u32), Fault> {
    let (mut taken, mut missed) = (0, 0);
    for todo in chosen {
        match zhengtong_casework::claim(ctx, *todo).await {
            Ok(_) => taken += 1,
            Err(error) if matches!(error.kind(), Kind::Conflict | Kind::NotFound) => missed += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok((taken, missed))
}

struct Shown {
    lang: Lang,
    filter: Filter,
    counts: Counts,
    today: Date,
}

/// What the last claim did.
fn outcome(lang: Lang, wanted: &Wanted) -> Markup {
    let (Some(taken), Some(missed)) = (wanted.taken, wanted.missed) else { return html! {} };
    let words = match (lang, taken, missed) {
        (_, 0, 0) => {
            let words =
                lang.pick("没有选中任何一件，请先勾选", "Nothing was ticked; tick some rows first");
            return notice(&Notice::new(Mood::Warning, words));
        }
        (Lang::Zh, _, 0) => format!("已领取 {taken} 件"),
        (Lang::En, _, 0) => format!("{taken} taken"),
        (Lang::Zh, ..) => format!("已领取 {taken} 件，另有 {missed} 件已被同事领走或已办完"),
        (Lang::En, ..) => {
            format!("{taken} taken; {missed} were taken by colleagues or are done already")
        }
    };
    notice(&Notice::new(if missed == 0 { Mood::Done } else { Mood::Warning }, words))
}

fn pills(shown: &Shown) -> Markup {
    let (lang, counts) = (shown.lang, shown.counts);
    let pill = |filter: Filter, zh: &'static str, en: &'static str, count: i64| {
        let href = format!("/desk/inbox?filter={}", filter.word());
        let choice = Choice::new(lang.pick(zh, en), href).count(count);
        if shown.filter == filter { choice.current() } else { choice }
    };
    filters(
        lang.pick("筛选", "Filter"),
        &[
            pill(Filter::All, "归我和待领", "Mine and free", counts.all),
            pill(Filter::Over, "超期", "Overdue", counts.over).light(Light::Over),
            pill(Filter::Near, "今明到期", "Due soon", counts.near).light(Light::Near),
            pill(Filter::Mine, "我的", "Mine", counts.mine),
            pill(Filter::Free, "待领", "Free", counts.free),
            pill(Filter::Correcting, "补正中", "Waiting for papers", counts.correcting),
        ],
    )
}

fn bench_table(frame: &Frame<'_>, shown: &Shown, page: &Page<InboxItem>) -> Markup {
    let lang = shown.lang;
    if page.rows.is_empty() {
        return nothing(lang, shown.filter);
    }
    let href = format!("/desk/inbox?filter={}&page=", shown.filter.word());
    html! {
        form method="post" action="/desk/inbox" data-once {
            (token(frame))
            (zhengtong_ui::field::hidden("filter", shown.filter.word()))
            (flush(&Panel::default(), html! {
                (toolbar(
                    html! { @if shown.filter == Filter::Correcting {
                        span.meta { (lang.pick("等申请人补材料；补齐后回到受理窗口", "These wait for papers of the applicant, then come back to the window")) }
                    } @else {
                        (submit(&Button::new(lang.pick("领取选中的", "Take the ticked")).key('e').sends("act", "claim")))
                        span.meta { (lang.pick("领取后归您办，可以再放回", "Taken tasks are yours; you can give them back")) }
                    } },
                    html! { span.meta { (lang.pick("共 ", "")) (page.total) (lang.pick(" 件", " in all")) } },
                ))
                (table(lang, &rows(shown, page)))
            }))
        }
        (row(html! {
            (clock_legend(lang))
            div.push { (pager(lang, Pager { page: page.page, pages: page.pages(), href: &href })) }
        }))
        (hints(lang))
    }
}

fn nothing(lang: Lang, filter: Filter) -> Markup {
    let all = filter == Filter::All;
    empty(&Empty {
        icon: Icon::Inbox,
        title: if all {
            lang.pick("收件箱是空的，都办完了", "The inbox is empty: everything is done").into()
        } else {
            lang.pick("这个筛选下没有办件", "Nothing under this filter").into()
        },
        body: (!all).then(|| {
            html! {
                a href="/desk/inbox" { (lang.pick("看全部", "Show all")) }
            }
        }),
    })
}

fn hints(lang: Lang) -> Markup {
    key_hints(&[
        (&["j", "k"], lang.pick("上下", "down, up")),
        (&["o"], lang.pick("打开", "open")),
        (&["x"], lang.pick("勾选", "tick")),
        (&["e"], lang.pick("领取", "take")),
        (&["/"], lang.pick("按办件号打开", "open by number")),
    ])
}

fn rows<'a>(shown: &Shown, page: &'a Page<InboxItem>) -> Table<'a> {
    let lang = shown.lang;
    let column = |zh: &'static str, en: &'static str| Column::new(lang.pick(zh, en));
    Table {
        caption: lang.pick("收件箱", "Inbox").into(),
        columns: vec![
            column("时限", "Limit").tight().slot(Slot::Left(1)),
            column("选择", "Tick").quiet().tight().slot(Slot::Away),
            Column::head(lang.pick("事项", "Service")).slot(Slot::Left(2)),
            column("办件号", "Number").tight().slot(Slot::Left(4)),
            column("申请人", "Applicant").slot(Slot::Left(3)),
            column("环节", "Step").tight().slot(Slot::Right(3)),
            column("本环节工作日", "Days of this step").tight().slot(Slot::Right(4)),
            column("到期", "Due").tight().slot(Slot::Right(1)),
            column("承办", "Officer").tight().slot(Slot::Right(2)),
        ],
        rows: page.rows.iter().map(|item| table_row(shown, item)).collect(),
        phone: Phone::Card,
        keys: Keys::On,
        ..Table::default()
    }
}

fn table_row(shown: &Shown, item: &InboxItem) -> Row {
    let (lang, todo) = (shown.lang, &item.todo);
    let (light, words) = match &item.stopped {
        Some((title, since)) => held(lang, title, *since, shown.today),
        None => urgency(lang, todo.due_day, item.days_left, shown.today),
    };
    let applicant = todo.side == Side::Applicant;
    let free = todo.assignee.is_none() && !applicant;
    let tick_words = format!("{} {}", lang.pick("选择", "Tick"), todo.case);
    Row::new(vec![
        lamp(light, &words),
        html! { @if free { (tick("todo", &todo.id.to_string(), &tick_words)) } },
        html! { a href={ "/desk/casework/" (todo.case) } { (item.title.get(lang)) } },
        code(&todo.case),
        cut(&item.applicant),
        html! { (todo.title.get(lang)) },
        task_clock(todo, &words, shown.today),
        html! { (todo.due_day.map(short).unwrap_or_default()) },
        html! { @if free { (tag(Tone::Line, lang.pick("待领", "Free"))) } @else if applicant { (tag(Tone::Plain, lang.pick("申请人", "Applicant"))) } @else { (lang.pick("我", "Me")) } },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticked_rows_are_taken_once_and_in_order() {
        let field = |value: &str| ("todo".to_owned(), value.to_owned());
        let (one, two) = (Uuid::from_u128(1).to_string(), Uuid::from_u128(2).to_string());
        let fields = Fields(vec![field(&two), field(&one), field(&two), field("x")]);
        assert_eq!(chosen(&fields), [Uuid::from_u128(1), Uuid::from_u128(2)]);
        let many = (0..200).map(|number| field(&Uuid::from_u128(number).to_string()));
        assert_eq!(chosen(&Fields(many.collect())).len(), 50);
    }

    #[test]
    fn the_outcome_of_a_claim_is_told() {
        let said = |taken, missed| {
            let wanted = Wanted { taken: Some(taken), missed: Some(missed), ..Wanted::default() };
            outcome(Lang::Zh, &wanted).into_string()
        };
        assert!(said(2, 0).contains("已领取 2 件"));
        assert!(said(1, 1).contains("另有 1 件"));
        assert!(said(0, 0).contains("请先勾选"));
        assert!(outcome(Lang::Zh, &Wanted::default()).into_string().is_empty());
    }
}
