//! My space: what I must do, what is under way, licences, who used my data.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{Lang, Page, Paging, Text};
use zhengtong_casework::{Case, Todo};
use zhengtong_document::Document;
use zhengtong_form::DraftLine;
use zhengtong_http::{Answer, App, Visit, clock_time, day, month_day, redirect, see};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Heading, Title, page, section, split, title};
use zhengtong_ui::licence::{Force, Licence, licence};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Pager, pager};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Open, Panel, flush, fold, panel};
use zhengtong_ui::press::{Button, actions, link_button, post};
use zhengtong_ui::step::way;
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Frame, Icon, Place, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/my", get(space)).route("/my/cases", get(cases))
}

/// So many lines of the record of use.
const USED_ROWS: usize = 8;
/// Of so many of the newest acts about the person.
const USED_LOOKED_AT: i64 = 50;
/// So many cases under way are drawn with their way.
const WAYS_MAX: usize = 3;
/// So many drafts are shown at once; the others unfold.
const DRAFTS_SHOWN: usize = 3;
/// So many cases that are over.
const OVER_ROWS: usize = 5;

/// Everything the page shows.
struct Mine {
    waiting: Vec<(Case, Todo)>,
    cases: Page<Case>,
    drafts: Vec<(DraftLine, Text)>,
    documents: Vec<Document>,
    used: Vec<zhengtong_ledger::Entry>,
    behalfs: Vec<zhengtong_party::BehalfCard>,
    unread: i64,
}

async fn space(visit: Visit) -> Answer {
    visit.known()?;
    if visit.is_staff() {
        return Ok(redirect("/desk"));
    }
    let mut ctx = visit.ctx().await?;
    let cases = zhengtong_casework::mine(&mut ctx, 1).await?;
    let mine = Mine {
        waiting: zhengtong_casework::to_do(&mut ctx, &cases.rows).await?,
        cases,
        drafts: drafts(&mut ctx).await?,
        documents: zhengtong_document::licences(&mut ctx, Paging::new(1, 20)).await?.rows,
        used: used(&mut ctx).await?,
        behalfs: zhengtong_party::behalfs(&mut ctx).await?,
        unread: zhengtong_notice::unread(&mut ctx).await?,
    };
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = visit.frame(lang.pick("我的", "My space"), Place::Mine);
    Ok(see(hall(&frame, body(&visit, &frame, &mine))))
}

/// The applications that were not handed in, with the names of their items.
async fn drafts(
    ctx: &mut zhengtong_db::Ctx,
) -> Result<Vec<(DraftLine, Text)>, zhengtong_http::Fault> {
    let drafts = zhengtong_form::mine(ctx).await?;
    let items = ctx.defs::<zhengtong_service::Catalog>()?;
    let named = drafts.into_iter().map(|draft| {
        let name = items.get(&draft.item).map(|listed| listed.item.name.clone());
        (draft, name.unwrap_or_else(|| Text::new("没交的申请", "An application")))
    });
    Ok(named.collect())
}

/// Who read data about me: everyone but myself.
async fn used(
    ctx: &mut zhengtong_db::Ctx,
) -> Result<Vec<zhengtong_ledger::Entry>, zhengtong_http::Fault> {
    let Some(person) = ctx.actor.person else { return Ok(Vec::new()) };
    let mut rows = zhengtong_ledger::by_subject(ctx.conn(), person, USED_LOOKED_AT).await?;
    rows.retain(|entry| entry.act.person != Some(person));
    for entry in &mut rows {
        ctx.unveil(&mut entry.act)?;
    }
    rows.dedup_by_key(|entry| {
        (entry.act.name.clone(), entry.act.verb.clone(), entry.act.thing.clone())
    });
    rows.truncate(USED_ROWS);
    Ok(rows)
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
            (over(lang, mine, now))
        }, html! {
            (licences(lang, mine, now))
            (panel(&Panel::new(lang.pick("消息和设置", "Messages and settings")), list(&[
                Entry::link(&match (lang, mine.unread) {
                    (Lang::Zh, 0) => "消息".to_owned(),
                    (Lang::Zh, unread) => format!("消息（{unread} 条没读）"),
                    (Lang::En, unread) => format!("Messages ({unread} unread)"),
                }, "/my/messages"),
                Entry::link(lang.pick("登录的设备", "Signed-in devices"), "/my/sessions"),
                Entry::link(lang.pick("通行密钥", "Passkeys"), "/my/passkeys"),
                Entry::link(lang.pick("其他登录方式", "Other ways to sign in"), "/my/links"),
                Entry::link(lang.pick("授权过的系统", "Systems you agreed to"), "/my/systems"),
                Entry::link(lang.pick("账号安全：动态码、恢复码、密码", "Account security"), "/my/security"),
                Entry::link(lang.pick("通知方式", "Notifications"), "/my/channels"),
                Entry::link(lang.pick("代办授权", "Acting for others"), "/my/delegations"),
                Entry::link(lang.pick("实名等级", "How well my name is proven"), "/my/level"),
                Entry::link(lang.pick("显示方式", "Display"), "/preferences?back=/my"),
            ])))
        }))
        (used_table(lang, mine))
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
        Lang::En if mine.waiting.len() == 1 => "One thing for you to do".to_owned(),
        Lang::En => format!("{} things for you to do", mine.waiting.len()),
    };
    section(
        &Heading::new("to-do", heading),
        html! { div.flow {
            @for (case, todo) in &mine.waiting {
                (notice(&Notice::new(Mood::Warning, crate::case::asked_of_me(lang, todo)).body(html! {
                    p {
                        (case.title.get(lang)) " · " (case.no)
                        @if let Some(due) = todo.due_day { (lang.pick("。请在 ", ". Before ")) strong { (day(lang, due, now)) } (lang.pick(" 前补上，补上就接着办。", ".")) }
                    }
                    (actions(link_button(&Button::new(lang.pick("现在补材料", "Add papers now")), &format!("/my/case/{}#supply", case.no))))
                })))
            }
        } },
    )
}

fn under_way(lang: Lang, mine: &Mine, now: time::OffsetDateTime) -> Markup {
    let open: Vec<&Case> = mine.cases.rows.iter().filter(|case| !case.state.over()).collect();
    let drafts: Vec<Entry> =
        mine.drafts.iter().map(|(draft, name)| draft_entry(lang, draft, name)).collect();
    section(
        &Heading::new("cases", lang.pick("正在办的事", "Under way")).aside(html! {
            @if mine.cases.total > 0 { a href="/my/cases" { (lang.pick("全部 ", "All ")) (mine.cases.total) (lang.pick(" 件", "")) } }
        }),
        html! { div.flow {
            @if !drafts.is_empty() { (panel(&Panel::default(), html! {
                (list(drafts.get(..DRAFTS_SHOWN).unwrap_or(&drafts)))
                @if let Some(more) = drafts.get(DRAFTS_SHOWN..).filter(|more| !more.is_empty()) {
                    (fold(&match lang {
                        Lang::Zh => format!("还有 {} 份没提交的", more.len()),
                        Lang::En if more.len() == 1 => "One more not handed in".to_owned(),
                        Lang::En => format!("{} more not handed in", more.len()),
                    }, Open::No, list(more)))
                }
            })) }
            @for case in open.iter().take(WAYS_MAX) { (case_panel(lang, case, now)) }
            @if open.len() > WAYS_MAX {
                (list(&open.iter().skip(WAYS_MAX).map(|case| entry(lang, case, now)).collect::<Vec<_>>()))
            }
            @if drafts.is_empty() && open.is_empty() {
                (empty(&Empty {
                    icon: Icon::Inbox,
                    title: lang.pick("现在没有在办的事", "Nothing under way").into(),
                    body: Some(html! { p { a href="/hall" { (lang.pick("去找要办的事", "Find a service")) } } }),
                }))
            }
        } },
    )
}

fn draft_entry(lang: Lang, draft: &DraftLine, name: &Text) -> Entry {
    let (saved, kept) = (clock_time(draft.updated), zhengtong_calendar::china_date(draft.expires));
    let (month, day) = (u8::from(kept.month()), kept.day());
    Entry::new(html! { a href={ "/my/draft/" (draft.id) } { strong { (name.get(lang)) } } })
        .above(html! { (lamp(Light::None, lang.pick("没提交，接着填", "Not handed in"))) })
        .note(html! { @match lang {
            Lang::Zh => { (saved) " 存下，替您留到 " (month) " 月 " (day) " 日" },
            Lang::En => { "saved " (saved) ", kept until " (day) "/" (month) },
        } })
}

/// A case under way, with its line.
fn case_panel(lang: Lang, case: &Case, now: time::OffsetDateTime) -> Markup {
    // With the number, so that two cases of one kind are told apart also by those who hear the page.
    let title = format!("{} · {}", case.title.get(lang), case.no);
    let aside = crate::case::case_lamp(lang, case);
    let steps = crate::case::course(lang, case, &crate::case::Waiting::default(), now);
    panel(
        &Panel::new(title).aside(aside),
        html! { div.flow {
            (way(lang, &steps))
            p.row {
                a href={ "/my/case/" (case.no) } { (lang.pick("看办到哪了", "Follow it")) span.unseen { " " (case.no) } }
                span.meta { (case.applicant()) }
            }
        } },
    )
}

fn over(lang: Lang, mine: &Mine, now: time::OffsetDateTime) -> Markup {
    let over = mine.cases.rows.iter().filter(|case| case.state.over());
    let rows: Vec<Entry> = over.take(OVER_ROWS).map(|case| entry(lang, case, now)).collect();
    if rows.is_empty() {
        return html! {};
    }
    section(&Heading::new("over", lang.pick("办完的事", "Done")), list(&rows))
}

fn entry(lang: Lang, case: &Case, now: time::OffsetDateTime) -> Entry {
    let mark = crate::case::case_lamp(lang, case);
    Entry::new(html! { a href={ "/my/case/" (case.no) } { strong { (case.title.get(lang)) } } })
        .above(html! { (mark) span.meta { (month_day(lang, case.submitted_at, now)) (lang.pick(" 提交", "")) } })
        .note(html! { (case.no) " · " (case.applicant()) })
}

fn licences(lang: Lang, mine: &Mine, now: time::OffsetDateTime) -> Markup {
    section(
        &Heading::new("licences", lang.pick("证照", "Licences")),
        html! { div.flow {
            @for document in &mine.documents { (card(lang, document, CardPlace::Listed, now, None)) }
            @if mine.documents.is_empty() { p.soft { (lang.pick("还没有证照。办好的会出现在这里。", "No licences yet. They appear here when issued.")) } }
        } },
    )
}

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CardPlace {
    /// In a list of licences.
    Listed,
    /// On the page of the licence itself.
    Own,
}

/// The card of a licence; on its own page it is no link.
pub(crate) fn card(
    lang: Lang,
    document: &Document,
    place: CardPlace,
    now: time::OffsetDateTime,
    code: Option<Markup>,
) -> Markup {
    let linked = place == CardPlace::Listed;
    let ended = document.revoked.is_some()
        || document.valid_to.is_some_and(|last| last < zhengtong_calendar::china_date(now));
    licence(
        lang,
        &Licence {
            name: document.title.get(lang).into(),
            href: if linked { format!("/my/document/{}", document.id).into() } else { "".into() },
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
            code,
        },
    )
}

fn used_table(lang: Lang, mine: &Mine) -> Markup {
    let rows: Vec<Row> = mine
        .used
        .iter()
        .map(|entry| {
            let act = &entry.act;
            Row::new(vec![
                html! { (clock_time(act.at)) },
                html! { (who(lang, act)) },
                html! { (what(lang, &act.verb)) },
                html! { (why(lang, act)) },
            ])
        })
        .collect();
    section(
        &Heading::new("used", lang.pick("谁用过我的数据", "Who used my data")).note(html! { (lang.pick(
            "别人每看一次、每用一次都有记录，谁也改不掉。觉得不该看的，打 12345 提出来。",
            "Every use by others is recorded, and nobody can change the record. If one seems wrong, call 12345.",
        )) }).aside(html! { a href="/my/data" { (lang.pick("全部记录", "The whole record")) } }),
        html! {
            @if rows.is_empty() {
                p.soft { (lang.pick("最近没有别人看过您的数据。", "Nobody else has looked at your data lately.")) }
            } @else {
                (flush(&Panel::default(), table(lang, &Table {
                    caption: lang.pick("谁用过我的数据", "Who used my data").into(),
                    columns: vec![
                        Column::head(lang.pick("时间", "When")).tight(),
                        Column::new(lang.pick("谁", "Who")),
                        Column::new(lang.pick("做了什么", "What")),
                        Column::new(lang.pick("为什么", "Why")),
                    ],
                    rows,
                    ..Table::default()
                })))
            }
        },
    )
}

/// Who it was: a person by name, the platform's own steps as such.
fn who(lang: Lang, act: &zhengtong_base::Act) -> String {
    if act.account.is_none() && act.name.is_ascii() {
        return lang.pick("自动办理", "Done automatically").to_owned();
    }
    act.name.clone()
}

/// Why it was done: the reason as it was recorded, in Chinese, or else the thing it was done to.
fn why(lang: Lang, act: &zhengtong_base::Act) -> Markup {
    html! { @match act.reason.as_deref().filter(|reason| !reason.is_empty()) {
        Some(reason) => span lang="zh-CN" { (reason) },
        None if act.thing_kind == "case" => (act.thing),
        None => (lang.pick("办理您的申请", "to handle your application")),
    } }
}

/// A verb in the words of the person it is about.
pub(crate) fn what(lang: Lang, verb: &str) -> String {
    let words = match verb {
        "casework.read" | "casework.open" => ("看了您的办件", "read your case"),
        "casework.accept" => ("受理了您的申请", "accepted your application"),
        "casework.correct" => ("请您补材料", "asked you for papers"),
        "casework.pass" => ("审查了您的申请", "reviewed your application"),
        "casework.grant" => ("作出准予决定", "granted your application"),
        "casework.refuse" => ("作出不予决定", "refused your application"),
        "casework.decline" => ("决定不予受理", "did not accept your application"),
        "casework.claim" | "casework.release" => ("分派您的办件", "assigned your case"),
        "casework.suspend" | "casework.resume" => {
            ("停止或恢复计时", "stopped or started the clock")
        }
        "casework.note" => ("写了内部便签", "wrote a note"),
        "registry.read" | "registry.prefill" | "registry.search" => {
            ("取用登记信息", "read registry data")
        }
        "registry.verify" => ("核对登记信息", "checked registry data"),
        "registry.put" => ("登记结果", "registered the result"),
        "registry.end" => ("结束一条登记", "ended a record"),
        "document.issue" | "document.render" => ("给您发证", "issued your licence"),
        "document.verify" => ("查验了您的证照", "verified your licence"),
        "document.open" | "document.pdf" => ("打开了您的证照", "opened your licence"),
        "document.revoke" => ("撤销了您的证照", "revoked your licence"),
        "document.end" => ("换发或注销了您的证照", "replaced or ended your licence"),
        "notice.send" => ("给您发消息", "sent you a message"),
        "party.reveal" => ("看了证件号和手机号全文", "saw your numbers in full"),
        "casework.reveal" => ("看了您申请里的加密内容", "saw protected answers in full"),
        "party.person" | "party.people" => ("看了您的基本信息", "read your basic data"),
        other => match other.split('.').next().unwrap_or_default() {
            "casework" => ("办理您的申请", "handled your application"),
            "document" => ("办理您的证照", "handled your licence"),
            "registry" => ("使用登记信息", "used registry data"),
            "party" => ("办理您的账号", "handled your account"),
            _ => ("办理您的事", "handled your matter"),
        },
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
