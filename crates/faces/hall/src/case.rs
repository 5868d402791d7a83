//! A case as its applicant sees it: where it stands, by when, what to do, and the receipt.

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use maud::{Markup, html};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Lang};
use zhengtong_calendar::Unit;
use zhengtong_casework::{Case, CaseView, ClockDecl, State, Todo};
use zhengtong_http::{
    Answer, App, Fault, Fields, Uploads, Visit, clock_time, day, month_day, redirect, see,
};
use zhengtong_service::Sent;
use zhengtong_ui::field::error_summary;
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Heading, Title, page, section, split, title};
use zhengtong_ui::list::{FileEntry, files};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::outcome::{Confirm, Receipt, confirm, receipt};
use zhengtong_ui::panel::{Open, Panel, fold, panel};
use zhengtong_ui::press::{Button, actions, link_button, print_button};
use zhengtong_ui::step::{Node, Step, line, way};
use zhengtong_ui::summary::{Answer as Line, answers};
use zhengtong_ui::{Place, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/case/{no}", get(progress))
        .route("/my/case/{no}/receipt", get(receipt_page))
        .route("/my/case/{no}/supply", post(supply))
        .route("/my/case/{no}/withdraw", get(ask_withdraw).post(withdraw))
        .route("/my/case/{no}/paper/{seq}", get(paper))
}

async fn progress(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, &[], "").await
}

pub(crate) async fn show(visit: &Visit, no: &str, errors: &[FieldError], words: &str) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let view = zhengtong_casework::view(&mut ctx, no).await?;
    let contacts = zhengtong_rating::of_case(&mut ctx, &view).await?;
    let wording = zhengtong_rating::wording(&ctx);
    let owing = crate::owed::load(&mut ctx, &view).await?;
    let charged = zhengtong_casework::charges(&mut ctx, no).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let name = view.case.title.get(lang);
    let mut frame = visit.frame(name, Place::Mine);
    frame.service = no.into();
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let now = visit.app.db.clock().now();
    let body = page(html! {
        (crumbs(lang, &[Link::new(lang.pick("我的", "My space"), "/my")], no))
        (error_summary(lang, &summary))
        (split(html! {
            (title(&Title::new(name).beside(state_lamp(lang, &view)).meta(html! { (no) " · " (view.case.applicant()) " · " (view.case.department_name) })))
            (panel(&Panel::default(), html! {
                (way(lang, &steps(lang, &view, now)))
                p { (promise(lang, &view, now)) }
            }))
            (crate::asked::to_do(lang, &frame, &view, (errors, words), now))
            (crate::owed::to_do(&frame, &view, &owing, errors, now))
            (standstill(lang, &view))
            (crate::moved::moved(lang, &view, now))
            (result(lang, &view))
            (crate::charge::charges(lang, &charged, now))
            @if !view.materials.is_empty() { (materials(visit, &view)) }
            (handed_in(lang, &view))
            (crate::rating::opinion(lang, &frame, no, &contacts, wording.as_deref()))
        }, aside(&frame, &view, now)))
    });
    let mut response = see(hall(&frame, body));
    if !errors.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Where a case stands, as a lamp; what needs the clocks is said with them.
pub(crate) fn case_lamp(lang: Lang, case: &Case) -> Markup {
    let title = case.state.title();
    let words = title.get(lang);
    match case.state {
        State::Correcting => lamp(Light::Near, words),
        State::Submitted => lamp(Light::None, words),
        State::Closed if refused(case) => {
            tag(Tone::Plain, lang.pick("已办结，请看决定", "Closed, see the decision"))
        }
        State::Closed | State::Decided | State::Accepted => lamp(Light::Ok, words),
        State::Declined | State::Withdrawn | State::Ended => tag(Tone::Plain, words),
    }
}

/// What was decided against whom the case is about, in the words of its kind: 不予许可, 给予行政处罚, 作出征收决定.
fn against(lang: Lang, view: &CaseView) -> &str {
    let refusal = view.events.iter().rev().find(|event| event.kind == "refuse");
    refusal.map_or_else(|| lang.pick("不予许可", "refused"), |event| event.text.get(lang))
}

fn refused(case: &Case) -> bool {
    case.decision.as_deref() == Some("refused")
}

fn state_lamp(lang: Lang, view: &CaseView) -> Markup {
    if view.stopped {
        return lamp(Light::Hold, lang.pick("停钟", "Clock stopped"));
    }
    if view.case.state == State::Closed && refused(&view.case) {
        return tag(Tone::Plain, against(lang, view));
    }
    let Some(clocks) = view.clocks.as_ref().filter(|_| view.case.state == State::Accepted) else {
        return case_lamp(lang, &view.case);
    };
    let reading = &clocks.promised.reading;
    let days = |count: u32| span(lang, count, clocks.promised.unit);
    let (late, left) = (days(reading.overdue), days(reading.remaining));
    match (reading.overdue, reading.remaining) {
        (1.., _) => lamp(Light::Over, &format!("{}{late}", lang.pick("比承诺晚了 ", "late by "))),
        (0, 0) => lamp(Light::Near, lang.pick("承诺今天办完", "promised for today")),
        (0, 1) => lamp(
            Light::Near,
            &format!("{}{left}", lang.pick("办理中，剩 ", "under review, left: ")),
        ),
        _ => {
            lamp(Light::Ok, &format!("{}{left}", lang.pick("办理中，剩 ", "under review, left: ")))
        }
    }
}

/// What an open step asks of its applicant, in a word that is not the trade's.
pub(crate) fn asked_of_me(lang: Lang, todo: &Todo) -> String {
    if todo.outcomes.iter().any(|outcome| outcome == "supply") {
        return lang.pick("补材料", "Hand in what is missing").to_owned();
    }
    todo.title.get(lang).to_owned()
}

/// The way of a case in five steps, with what its open steps and its clocks say.
fn steps<'a>(lang: Lang, view: &CaseView, now: OffsetDateTime) -> Vec<Step<'a>> {
    let reviewing: Vec<&str> = view.tasks.iter().map(|task| task.todo.title.get(lang)).collect();
    let promised = view
        .clocks
        .as_ref()
        .and_then(|clocks| clocks.promised.reading.deadline)
        .map(|estimate| day(lang, estimate.date, now));
    let expected = promised.map_or_else(String::new, |day| match lang {
        Lang::Zh => format!("承诺 {day} 前"),
        Lang::En => format!("promised by {day}"),
    });
    let reviewing = reviewing.join(lang.pick("、", ", "));
    let against = format!("{}{}", against(lang, view), lang.pick("，", ", "));
    let waiting = Waiting { reviewing, expected, against, stopped: view.stopped };
    course(lang, &view.case, &waiting, now)
}

/// What a case waits for, in words; nothing of it is needed to draw its way.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    reviewing: String,
    expected: String,
    /// What was decided against whom it is about; empty where only the case is known.
    against: String,
    stopped: bool,
}

/// The way of a case in five steps, whatever its process looks like inside.
pub(crate) fn course<'a>(
    lang: Lang,
    case: &Case,
    waiting: &Waiting,
    now: OffsetDateTime,
) -> Vec<Step<'a>> {
    let at = |moment: Option<OffsetDateTime>| {
        moment.map(|moment| month_day(lang, moment, now)).unwrap_or_default()
    };
    let node = |done: bool, current: bool| match (done, current) {
        (true, _) => Node::Done,
        (false, true) if waiting.stopped => Node::Stopped,
        (false, true) => Node::Now,
        (false, false) => Node::Future,
    };
    let mut steps = vec![
        Step::new(Node::Done, lang.pick("提交", "Handed in")).note(at(Some(case.submitted_at))),
    ];
    if matches!(case.state, State::Declined | State::Withdrawn | State::Ended) {
        let title = case.state.title();
        steps.push(Step::new(Node::Done, title.get(lang).to_owned()).note(at(case.closed_at)));
        return steps;
    }
    let (accepted, decided) = (case.accepted_at.is_some(), case.decided_at.is_some());
    let closed = case.state == State::Closed;
    steps.push(Step::new(node(accepted, !accepted), lang.pick("受理", "Accepted")).note(
        match case.state {
            State::Submitted => {
                lang.pick("窗口在看材料", "the window looks at the papers").to_owned()
            }
            State::Correcting => lang.pick("等您补材料", "waits for your papers").to_owned(),
            _ => at(case.accepted_at),
        },
    ));
    let review = if accepted && !decided { waiting.reviewing.clone() } else { String::new() };
    steps.push(
        Step::new(node(decided, accepted && !decided), lang.pick("审查", "Review")).note(review),
    );
    let decision = match (decided, refused(case)) {
        (true, true) => {
            format!("{}{}", waiting.against, at(case.decided_at))
        }
        (true, false) => format!("{}{}", lang.pick("准予，", "granted, "), at(case.decided_at)),
        (false, _) => waiting.expected.clone(),
    };
    steps.push(Step::new(node(decided, false), lang.pick("决定", "Decision")).note(decision));
    steps.push(
        Step::new(node(closed, decided && !closed), lang.pick("办结", "Done"))
            .note(at(case.closed_at)),
    );
    steps
}

fn promise(lang: Lang, view: &CaseView, now: OffsetDateTime) -> Markup {
    let Some(clocks) = &view.clocks else {
        return html! { @match view.case.state {
            State::Declined | State::Withdrawn | State::Ended => {},
            State::Correcting => (lang.pick(
                "补齐以后窗口接着看，齐了就受理，从受理那天起算办理时间。",
                "Once everything is there the window goes on; the clock starts on the day of acceptance.",
            )),
            _ => (lang.pick(
                "窗口先看材料齐不齐，齐了就受理，从受理那天起算办理时间。",
                "The window first looks whether everything is there; the clock starts on the day of acceptance.",
            )),
        } };
    };
    if view.case.decided_at.is_some() {
        return spent(lang, clocks);
    }
    let reading = &clocks.promised.reading;
    let until = reading.deadline.map(|estimate| {
        let words = day(lang, estimate.date, now);
        if estimate.provisional {
            match lang {
                Lang::Zh => format!("预计 {words}"),
                Lang::En => format!("about {words}"),
            }
        } else {
            words
        }
    });
    html! { @match lang {
        Lang::Zh => {
            "承诺 " (span(lang, clocks.promised.budget, clocks.promised.unit)) "，已用 " (reading.consumed) " 个"
            @if let Some(until) = &until { "，" strong { (until) "前" } "办完" }
            "；法律规定最长 " (span(lang, clocks.statutory.budget, clocks.statutory.unit)) "。"
            @if view.stopped { "现在停着钟，停的天数不算。" }
        },
        Lang::En => {
            (span(lang, clocks.promised.budget, clocks.promised.unit)) " promised, " (reading.consumed) " used"
            @if let Some(until) = &until { "; decided by " strong { (until) } }
            ". The law allows " (span(lang, clocks.statutory.budget, clocks.statutory.unit)) "."
            @if view.stopped { " The clock stands still; these days do not count." }
        },
    } }
}

/// How much time, in words.
pub(crate) fn span(lang: Lang, count: u32, unit: Unit) -> String {
    match lang {
        Lang::Zh => format!("{count} {}", unit.zh()),
        Lang::En if count == 1 => format!("1 {}", unit.en().trim_end_matches('s')),
        Lang::En => format!("{count} {}", unit.en()),
    }
}

/// How long it took, once it is decided.
fn spent(lang: Lang, clocks: &zhengtong_casework::Clocks) -> Markup {
    let used = clocks.promised.reading.consumed;
    let unit = clocks.promised.unit;
    let (budget, took) = (span(lang, clocks.promised.budget, unit), span(lang, used, unit));
    html! { @match (lang, used) {
        (Lang::Zh, 0) => { "受理当天就作出了决定，承诺的是 " (budget) "。" },
        (Lang::Zh, _) => { "受理后 " strong { (took) } "作出决定，承诺的是 " (budget) "。" },
        (Lang::En, 0) => { "Decided on the day of acceptance; " (budget) " were promised." },
        (Lang::En, _) => { "Decided after " strong { (took) } "; " (budget) " were promised." },
    } }
}

/// Why the clock stands: the procedure that runs, in the words of the officer.
fn standstill(lang: Lang, view: &CaseView) -> Markup {
    let Some(event) = view.events.iter().rev().find(|event| event.kind == "suspend") else {
        return html! {};
    };
    if !view.stopped {
        return html! {};
    }
    notice(&Notice::new(Mood::Stopped, event.text.get(lang).to_owned()).body(html! {
        @if let Some(reason) = &event.reason { p { (reason) } }
        p.soft { (lang.pick("这段时间不算在办理期限里，恢复那天会告诉您。您不用做什么。", "These days do not count; you are told when the clock runs again. You need not do anything.")) }
    }))
}

fn remedies(lang: Lang) -> &'static str {
    lang.pick(
        "不同意的，60 日内可以申请行政复议，6 个月内可以起诉。",
        "If you disagree you may ask for administrative review within 60 days or sue within 6 months.",
    )
}

fn result(lang: Lang, view: &CaseView) -> Markup {
    let case = &view.case;
    let against = |kind: &str| matches!(kind, "refuse" | "decline");
    let refusal = view.events.iter().rev().find(|event| against(&event.kind));
    let revoked = view.events.iter().rev().find(|event| event.kind == "revoke");
    html! {
        @if let (Some(event), Some(document)) = (revoked, case.document) {
            (notice(&Notice::new(Mood::Failure, event.text.get(lang).to_owned()).body(html! {
                @if let Some(reason) = &event.reason { p { (lang.pick("理由：", "Reason: ")) (reason) } }
                p { (remedies(lang)) }
                (actions(link_button(&Button::secondary(lang.pick("看证照", "See the licence")), &format!("/my/document/{document}"))))
            })))
        } @else if let (Some(_), Some(document)) = (refusal, case.document) {
            (notice(&Notice::new(Mood::Info, lang.pick("文书已经送达", "The paper is delivered")).body(html! {
                p { (lang.pick("决定的内容、依据和怎么提意见，都在文书里。", "What was decided, the law and how to object stand on the paper.")) }
                (actions(link_button(&Button::new(lang.pick("打开文书", "Open the paper")), &format!("/my/document/{document}"))))
            })))
        } @else if let Some(document) = case.document {
            (notice(&Notice::new(Mood::Done, lang.pick("证照已经办好", "Your licence is ready")).body(html! {
                p { (lang.pick("电子证和纸质证效力相同，打开就能用，也能下载打印。", "The electronic licence has the force of a paper one; open it, show it, or print it.")) }
                (actions(link_button(&Button::new(lang.pick("打开证照", "Open the licence")), &format!("/my/document/{document}"))))
            })))
        }
        @if let Some(event) = refusal {
            (notice(&Notice::new(Mood::Failure, event.text.get(lang).to_owned()).body(html! {
                @if let Some(reason) = &event.reason { p { (lang.pick("理由：", "Reason: ")) (reason) } }
                p {
                    @if case.document.is_none() { (lang.pick("按理由改好以后，可以重新申请。", "Once this is put right you can apply again. ")) }
                    (remedies(lang))
                }
            })))
        }
    }
}

/// What the person may say about the service, once the case is over.
/// The answers as they were handed in: background, folded.
fn handed_in(lang: Lang, view: &CaseView) -> Markup {
    let answers: usize = view.case.facts.iter().map(|part| part.rows.len()).sum();
    if answers == 0 {
        return html! {};
    }
    let title = match lang {
        Lang::Zh => format!("您交的申请内容（{answers} 项）"),
        Lang::En => format!("What you handed in ({answers} answers)"),
    };
    fold(&title, Open::No, html! { @for part in &view.case.facts { (facts_of(lang, part)) } })
}

fn facts_of(lang: Lang, part: &zhengtong_casework::FactSection) -> Markup {
    let rows: Vec<Line<'_>> = part
        .rows
        .iter()
        .map(|fact| {
            let line = Line::new(fact.label.get(lang), fact.value.get(lang));
            match &fact.source {
                Some(source) => line.source(source.get(lang)),
                None => line,
            }
        })
        .collect();
    answers(part.title.get(lang), &rows)
}

/// The name of the registry a paper was taken from: that of today in the reader's language, or the one that was noted.
fn registry_words(visit: &Visit, source: &str, noted: Option<&str>) -> String {
    let catalog = visit.app.db.defs::<zhengtong_registry::Catalog>().ok();
    let title = catalog
        .and_then(|catalog| Some(catalog.datasets.get(source)?.title.get(visit.lang()).to_owned()));
    title.unwrap_or_else(|| noted.unwrap_or_default().to_owned())
}

fn materials(visit: &Visit, view: &CaseView) -> Markup {
    let lang = visit.lang();
    let rows: Vec<FileEntry<'_>> = view
        .materials
        .iter()
        .map(|material| match &material.paper.file {
            Some(file) => FileEntry {
                name: html! { a href={ "/my/case/" (view.case.no) "/paper/" (material.seq) } { (material.paper.name.get(lang)) " · " (file.name) } },
                note: crate::question::size(u64::try_from(file.size).unwrap_or(0)).into(),
                end: None,
            },
            None => FileEntry {
                name: html! { (material.paper.name.get(lang)) },
                note: registry_words(visit, &material.paper.source, material.paper.source_note.as_deref()).into(),
                end: Some(tag(Tone::Good, lang.pick("免提交", "Not needed"))),
            },
        })
        .collect();
    section(&Heading::new("papers", lang.pick("材料", "Papers")), files(&rows))
}

fn aside(frame: &zhengtong_ui::Frame<'_>, view: &CaseView, now: OffsetDateTime) -> Markup {
    let lang = frame.lang;
    let events: Vec<Step<'_>> = view
        .events
        .iter()
        .rev()
        .map(|event| {
            let note = format!("{} · {}", clock_time(event.at), event.who(lang));
            let step = Step::new(Node::Done, event.text.get(lang)).note(note);
            match &event.reason {
                Some(reason) => step.more(html! { p.soft { (reason) } }),
                None => step,
            }
        })
        .collect();
    html! {
        (crate::urge::papers(lang, view))
        (panel(&Panel::new(lang.pick("经过", "History")), line(lang, &events)))
        (crate::urge::urging(frame, view, now))
        @if view.may_withdraw {
            (panel(&Panel::new(lang.pick("弄错了？", "A mistake?")), html! {
                p { a href={ "/my/case/" (view.case.no) "/withdraw" } { (lang.pick("撤回这份申请", "Take this application back")) } }
            }))
        }
    }
}

async fn receipt_page(visit: Visit, Path(no): Path<String>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let view = zhengtong_casework::view(&mut ctx, &no).await?;
    let case_type = ctx.defs::<zhengtong_casework::Catalog>()?.get(&view.case.kind);
    let unit = case_type
        .and_then(|case_type| case_type.clock.get("promised").map(ClockDecl::unit))
        .unwrap_or(Unit::WorkingDay);
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("提交好了", "Handed in");
    let mut frame = visit.frame(heading, Place::Mine);
    frame.service = view.case.title.get(lang).into();
    let now = visit.app.db.clock().now();
    let promised = span(lang, view.case.promised_days, unit);
    let body = page(split(
        html! { div.flow-l {
            div data-receipt=(no) { (receipt(&Receipt {
                title: heading.into(),
                number_label: lang.pick("受理号", "Number").into(),
                number: no.as_str().into(),
                next: match lang {
                    Lang::Zh => format!("窗口会先看材料，1 个工作日内告诉您收不收；受理后承诺 {promised}办完。").into(),
                    Lang::En => format!("The window answers within one working day; once accepted it is decided within {promised}.").into(),
                },
                code: None,
            })) }
            (actions(html! {
                (link_button(&Button::new(lang.pick("看办理进度", "Follow the case")), &format!("/my/case/{no}")))
                (print_button(lang.pick("打印本页", "Print this page")))
            }))
            (section(&Heading::new("next", lang.pick("接下来", "What happens next")), panel(&Panel::default(), way(lang, &steps(lang, &view, now)))))
            (notice(&Notice::new(Mood::Info, lang.pick("不用一直等在这里", "No need to wait here")).body(html! { p {
                (lang.pick("有变化会在“我的”里给您消息；这一页随时能再打开。", "You get a message in My space when something changes; this page can be opened again at any time."))
            } })))
        } },
        html! { (panel(&Panel::new(lang.pick("弄错了？", "A mistake?")), html! { p.soft {
            (lang.pick("决定之前可以自己", "Before the decision you can ")) a href={ "/my/case/" (no) "/withdraw" } { (lang.pick("撤回", "take it back")) } (lang.pick("，改完再交，不影响什么。", ", change it and hand it in again."))
        } })) },
    ));
    Ok(see(hall(&frame, body)))
}

/// Commits and goes back to the case, or shows it again with what is wrong beside its field.
pub(crate) async fn done<T>(
    visit: &Visit,
    ctx: zhengtong_db::Ctx,
    no: &str,
    outcome: zhengtong_service::Result<T>,
) -> Answer {
    match outcome {
        Ok(_done) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/my/case/{no}")))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            show(visit, no, &error.fields(), "").await
        }
        Err(error) => Err(error.into()),
    }
}

async fn supply(visit: Visit, Path(no): Path<String>, sent: Uploads) -> Answer {
    let mut ctx = visit.act(&sent.fields).await?;
    let todo: Uuid = sent.fields.get("todo").parse().map_err(|_not_an_id| Fault::absent())?;
    let files: Vec<Sent<'_>> =
        sent.files.iter().map(|file| Sent { name: &file.name, bytes: &file.bytes }).collect();
    let words = sent.fields.get("words");
    let outcome = sent.fields.get("outcome");
    match zhengtong_service::answer(&mut ctx, &no, todo, outcome, &files, words).await {
        Ok(_case) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/my/case/{no}")))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            show(&visit, &no, &error.fields(), words).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask_withdraw(visit: Visit, Path(no): Path<String>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let view = zhengtong_casework::view(&mut ctx, &no).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("撤回这份申请？", "Take this application back?");
    let mut frame = visit.frame(heading, Place::Mine);
    frame.service = view.case.title.get(lang).into();
    let asked = Confirm {
        title: heading.into(),
        body: html! { p { (lang.pick("受理号 ", "Number ")) strong.nowrap { (no) } (lang.pick("。撤回后这次申请就结束了，可以重新申请。", ". It ends here; you can apply again.")) } },
        action: format!("/my/case/{no}/withdraw").into(),
        yes: Button::danger(lang.pick("撤回申请", "Take it back")),
        no: Link::new(
            lang.pick("不撤回，回到进度", "No, back to the case"),
            format!("/my/case/{no}"),
        ),
        carries: Vec::new(),
    };
    Ok(see(hall(&frame, page(confirm(&frame, &asked)))))
}

async fn withdraw(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_casework::withdraw(&mut ctx, &no, fields.get("reason")).await?;
    ctx.commit().await?;
    Ok(redirect(&format!("/my/case/{no}")))
}

async fn paper(visit: Visit, Path((no, seq)): Path<(String, i32)>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let material = zhengtong_casework::material(&mut ctx, &no, seq).await?;
    ctx.commit().await?;
    let file = material.paper.file.ok_or_else(Fault::absent)?;
    let digest = file.digest.parse().map_err(|_digest| Fault::absent())?;
    let bytes = visit.app.blobs.get(digest).await?;
    let name = format!("inline; filename*=UTF-8''{}", zhengtong_ui::words::encode(&file.name));
    let headers = [(header::CONTENT_TYPE, file.mime), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}
