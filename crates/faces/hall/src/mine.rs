//! My space: what I must do, what is under way, licences, who used my data.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{Lang, Page, Paging};
use zhengtong_casework::{Case, State, Todo};
use zhengtong_document::Document;
use zhengtong_form::DraftLine;
use zhengtong_http::{Answer, App, Visit, clock_time, day, month_day, redirect, see};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Heading, Title, page, section, split, title};
use zhengtong_ui::licence::{Force, Licence, licence};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Pager, pager};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, actions, link_button, post};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Frame, Icon, Place, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/my", get(space)).route("/my/cases", get(cases))
}

/// Everything the page shows.
struct Mine {
    waiting: Vec<(Case, Todo)>,
    cases: Page<Case>,
    drafts: Vec<DraftLine>,
    documents: Vec<Document>,
    used: Page<zhengtong_ledger::Entry>,
    behalfs: Vec<zhengtong_party::BehalfCard>,
    unread: i64,
}

async fn space(visit: Visit) -> Answer {
    visit.known()?;
    if visit.is_staff() {
        return Ok(redirect("/desk"));
    }
    let mut ctx = visit.ctx().await?;
    let mine = Mine {
        waiting: zhengtong_casework::to_do(&mut ctx).await?,
        cases: zhengtong_casework::mine(&mut ctx, 1).await?,
        drafts: zhengtong_form::mine(&mut ctx).await?,
        documents: zhengtong_document::mine(&mut ctx, Paging::new(1, 20)).await?.rows,
        used: used(&mut ctx).await?,
        behalfs: zhengtong_party::behalfs(&mut ctx).await?,
        unread: zhengtong_notice::unread(&mut ctx).await?,
    };
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = visit.frame(lang.pick("我的", "My space"), Place::Mine);
    Ok(see(hall(&frame, body(&visit, &frame, &mine))))
}

/// Who read data about me: everyone but myself.
async fn used(
    ctx: &mut zhengtong_db::Ctx,
) -> Result<Page<zhengtong_ledger::Entry>, zhengtong_http::Fault> {
    let Some(person) = ctx.actor.person else {
        return Ok(Page::new(Vec::new(), 0, Paging::new(1, 1)));
    };
    let mut page = zhengtong_ledger::by_subject(ctx.conn(), person, Paging::new(1, 50)).await?;
    page.rows.retain(|entry| entry.act.person != Some(person));
    page.rows.truncate(10);
    Ok(page)
}

fn body(visit: &Visit, frame: &Frame<'_>, mine: &Mine) -> Markup {
    let lang = visit.lang();
    let now = visit.app.db.clock().now();
    let name = &visit.actor.name;
    page(html! {
        (title(&Title::new(match lang {
            Lang::Zh => format!("{name}，您好"),
            Lang::En => format!("Hello, {name}"),
        }).meta(html! {
            @match &visit.actor.behalf {
                Some(behalf) => { (lang.pick("正在代办：", "Acting for ")) strong { (behalf.name) } },
                None => { (lang.pick("正在办本人的事", "Acting for yourself")) },
            }
        }).actions(switch(lang, frame, mine))))
        (waiting(lang, mine, now))
        (split(html! {
            (under_way(lang, mine, now))
            (used_table(lang, mine))
        }, html! {
            (licences(lang, mine, now))
            (panel(&Panel::new(lang.pick("消息和设置", "Messages and settings")), list(&[
                Entry::link(&match (lang, mine.unread) {
                    (Lang::Zh, 0) => "消息".to_owned(),
                    (Lang::Zh, unread) => format!("消息（{unread} 条没读）"),
                    (Lang::En, unread) => format!("Messages ({unread} unread)"),
                }, "/my/messages"),
                Entry::link(lang.pick("登录的设备", "Signed-in devices"), "/my/sessions"),
                Entry::link(lang.pick("改密码", "Change password"), "/my/password"),
            ])))
        }))
    })
}

/// Whom I act for: myself or an organisation.
fn switch(lang: Lang, frame: &Frame<'_>, mine: &Mine) -> Markup {
    let token = || zhengtong_ui::frame::token(frame);
    html! {
        @if !mine.behalfs.is_empty() {
            div.row role="group" aria-label=(lang.pick("为谁办", "Acting for")) {
                @if mine.behalfs.iter().any(|behalf| behalf.chosen) {
                    (post("/my/act-for", token(), &Button::quiet(lang.pick("切换回本人", "Back to myself"))))
                }
                @for behalf in mine.behalfs.iter().filter(|behalf| !behalf.chosen) {
                    (post("/my/act-for", token(), &Button::secondary(match lang {
                        Lang::Zh => format!("切换到 {}", behalf.name.get(lang)),
                        Lang::En => format!("Act for {}", behalf.name.get(lang)),
                    }).sends("organisation", behalf.organisation.to_string())))
                }
            }
        }
    }
}

fn waiting(lang: Lang, mine: &Mine, now: time::OffsetDateTime) -> Markup {
    if mine.waiting.is_empty() {
        return html! {};
    }
    let heading = match lang {
        Lang::Zh => format!("要您做的 {} 件事", mine.waiting.len()),
        Lang::En => format!("{} things for you to do", mine.waiting.len()),
    };
    section(
        &Heading::new("to-do", heading),
        html! { div.flow {
            @for (case, todo) in &mine.waiting {
                (notice(&Notice::new(Mood::Warning, todo.title.get(lang).to_owned()).body(html! {
                    p {
                        (case.title.get(lang)) " · " (case.no)
                        @if let Some(due) = todo.due_day { (lang.pick("。请在 ", ". Before ")) strong { (day(lang, due, now)) } (lang.pick(" 前补上。", ".")) }
                    }
                    (actions(link_button(&Button::new(lang.pick("现在补材料", "Add papers now")), &format!("/my/case/{}#supply", case.no))))
                })))
            }
        } },
    )
}

fn under_way(lang: Lang, mine: &Mine, now: time::OffsetDateTime) -> Markup {
    let entries: Vec<Entry> = mine.cases.rows.iter().map(|case| entry(lang, case, now)).collect();
    let drafts: Vec<Entry> = mine
        .drafts
        .iter()
        .map(|draft| {
            Entry::link(
                lang.pick("接着填没交的申请", "Go on with an application"),
                &format!("/my/draft/{}", draft.id),
            )
            .note(html! { (lang.pick("存于 ", "saved ")) (clock_time(draft.updated)) })
            .above(html! { (lamp(Light::None, lang.pick("没提交", "Not handed in"))) })
        })
        .collect();
    section(
        &Heading::new("cases", lang.pick("办的事", "Cases")).aside(html! {
            @if mine.cases.total > 0 { a href="/my/cases" { (lang.pick("全部 ", "All ")) (mine.cases.total) (lang.pick(" 件", "")) } }
        }),
        html! { div.flow {
            @if !drafts.is_empty() { (list(&drafts)) }
            @if entries.is_empty() {
                (empty(&Empty {
                    icon: Icon::Inbox,
                    title: lang.pick("还没有办过事", "No cases yet").into(),
                    body: Some(html! { p { a href="/hall" { (lang.pick("去找要办的事", "Find a service")) } } }),
                }))
            } @else { (list(&entries)) }
        } },
    )
}

fn entry(lang: Lang, case: &Case, now: time::OffsetDateTime) -> Entry {
    let words = case.state.title();
    let words = words.get(lang);
    let mark = match case.state {
        State::Correcting => lamp(Light::Near, words),
        State::Submitted => lamp(Light::None, words),
        State::Accepted | State::Decided | State::Closed => lamp(Light::Ok, words),
        State::Declined | State::Withdrawn => tag(Tone::Plain, words),
    };
    Entry::new(html! { a href={ "/my/case/" (case.no) } { strong { (case.title.get(lang)) } } })
        .above(html! { (mark) span.meta { (month_day(lang, case.submitted_at, now)) (lang.pick(" 提交", "")) } })
        .note(html! { (case.no) " · " (case.applicant()) })
}

fn licences(lang: Lang, mine: &Mine, now: time::OffsetDateTime) -> Markup {
    section(
        &Heading::new("licences", lang.pick("证照", "Licences")),
        html! { div.flow {
            @for document in &mine.documents { (card(lang, document, now)) }
            @if mine.documents.is_empty() { p.soft { (lang.pick("还没有证照。办好的会出现在这里。", "No licences yet. They appear here when issued.")) } }
        } },
    )
}

pub(crate) fn card(lang: Lang, document: &Document, now: time::OffsetDateTime) -> Markup {
    let ended = document.revoked.is_some()
        || document.valid_to.is_some_and(|last| last < zhengtong_calendar::china_date(now));
    licence(
        lang,
        &Licence {
            name: document.title.get(lang).into(),
            href: format!("/my/document/{}", document.id).into(),
            holder: document.holder_name.as_str().into(),
            number: document.number.as_str().into(),
            until: match document.valid_to {
                Some(last) => match lang {
                    Lang::Zh => format!("有效至 {}", day(lang, last, now)).into(),
                    Lang::En => format!("valid until {}", day(lang, last, now)).into(),
                },
                None => lang.pick("长期有效", "no end").into(),
            },
            force: if ended { Force::Ended } else { Force::Valid },
            code: None,
        },
    )
}

fn used_table(lang: Lang, mine: &Mine) -> Markup {
    let rows = mine
        .used
        .rows
        .iter()
        .map(|entry| {
            Row::new(vec![
                html! { (clock_time(entry.act.at)) },
                html! { (entry.act.name) },
                html! { (what(lang, &entry.act.verb)) },
                html! { (entry.act.reason.as_deref().unwrap_or_default()) },
            ])
        })
        .collect::<Vec<_>>();
    section(
        &Heading::new("used", lang.pick("谁用过我的数据", "Who used my data")),
        html! {
            @if rows.is_empty() {
                p.soft { (lang.pick("最近没有别人看过您的数据。", "Nobody else has looked at your data lately.")) }
            } @else {
                (table(lang, &Table {
                    caption: lang.pick("谁用过我的数据", "Who used my data").into(),
                    columns: vec![
                        Column::head(lang.pick("时间", "When")).tight(),
                        Column::new(lang.pick("谁", "Who")),
                        Column::new(lang.pick("做了什么", "What")),
                        Column::new(lang.pick("为什么", "Why")),
                    ],
                    rows,
                    ..Table::default()
                }))
            }
        },
    )
}

/// A verb in the words of the person it is about.
fn what(lang: Lang, verb: &str) -> String {
    let words = match verb {
        "casework.read" => ("看了您的办件", "read your case"),
        "casework.accept" => ("受理了您的申请", "accepted your application"),
        "casework.correct" => ("请您补材料", "asked you for papers"),
        "casework.pass" => ("审查了您的申请", "reviewed your application"),
        "casework.grant" => ("作出准予决定", "granted your application"),
        "casework.refuse" | "casework.decline" => ("作出不予决定", "refused your application"),
        "casework.claim" => ("领取了您的办件", "took your case in hand"),
        "registry.read" => ("取用登记信息", "read registry data"),
        "document.issue" => ("给您发证", "issued your licence"),
        "document.verify" => ("查验了您的证照", "verified your licence"),
        "party.reveal" => ("看了证件号全文", "revealed an id number"),
        other => return other.to_owned(),
    };
    lang.pick(words.0, words.1).to_owned()
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    page: u32,
}

async fn cases(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_casework::mine(&mut ctx, wanted.page).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("全部办件", "All cases");
    let frame = visit.frame(heading, Place::Mine);
    let now = visit.app.db.clock().now();
    let entries: Vec<Entry> = found.rows.iter().map(|case| entry(lang, case, now)).collect();
    let body = page(html! {
        (zhengtong_ui::navigate::back(lang.pick("我的", "My space"), "/my"))
        (title(&Title::new(heading)))
        (list(&entries))
        (pager(lang, Pager { page: found.page, pages: found.pages(), href: "/my/cases?page=" }))
    });
    Ok(see(hall(&frame, body)))
}
