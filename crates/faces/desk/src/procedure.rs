//! 特别程序: what was asked for, approved and found in each; beginning one with all that the national standard asks,
//! approving one, ending one with its result and the opinion on it.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang};
use zhengtong_calendar::Unit;
use zhengtong_casework::{Finishing, OwnAct, Procedure, Stop, Suspending};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_ui::field::{Field, Form, Input, Layout, Pick, Width, form, radios, text};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::panel::{Panel, boxed, pairs};
use zhengtong_ui::press::{Button, actions, link_button};
use zhengtong_ui::{Frame, Icon, Words};

use crate::bench::staff_only;
use crate::casework::{Opened, address};
use crate::sheet::{self, Head};
use crate::typed::Typed;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/casework/{no}/procedure", get(all).post(begin))
        .route("/desk/casework/{no}/procedure/{seq}", get(ask_end).post(end))
        .route("/desk/casework/{no}/approve/{todo}", get(ask_approval).post(approve))
}

/// Whether it runs now.
pub(crate) fn runs(procedure: &Procedure) -> bool {
    procedure.state == "running"
}

/// Whether its result and the opinion on it must be written when it ends.
pub(crate) fn owes_result(opened: &Opened, procedure: &Procedure) -> bool {
    let declared = opened.case_type.as_ref().and_then(|found| found.stops.get(&procedure.kind));
    declared.is_some_and(|stop| stop.result)
}

/// The page on which a procedure is ended.
pub(crate) fn end_address(no: &str, procedure: &Procedure) -> String {
    format!("{}/procedure/{}", address(no), procedure.seq)
}

/// Where it stands.
pub(crate) fn standing(lang: Lang, procedure: &Procedure) -> Markup {
    match procedure.state.as_str() {
        "requested" => lamp(Light::Near, lang.pick("等批准", "Waits for approval")),
        "running" => lamp(Light::Hold, lang.pick("进行中", "Running")),
        "refused" => tag(Tone::Plain, lang.pick("没有批准", "Not approved")),
        _ => lamp(Light::Ok, lang.pick("已结束", "Ended")),
    }
}

async fn all(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, Typed::default()).await
}

async fn show(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let lang = visit.lang();
    let head = Head::new(
        lang.pick("特别程序", "Special procedures"),
        lang.pick(
            "听证、检验检测、专家评审、公示等：谁申请、谁批准、什么时候开始和结束、结果如何，都记在这里。",
            "Hearings, tests, reviews by experts, public notices: who asked, who approved, when it began and ended, and what came of it.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        html! {
            @for procedure in opened.errands.procedures.iter().rev() {
                (one(lang, &opened, procedure))
            }
            @if opened.view.stops.is_empty() {
                (sheet::barred(lang, &typed, &opened.view.case, why_not(lang, &opened)))
            } @else { (begin_form(frame, &opened, &typed)) }
        }
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, None)))
}

fn why_not(lang: Lang, opened: &Opened) -> &'static str {
    let declared = opened.case_type.as_ref().is_some_and(|found| !found.stops.is_empty());
    if !declared {
        lang.pick("这类事项没有声明特别程序", "This kind of matter declares no special procedures")
    } else if opened.view.case.state == zhengtong_casework::State::Accepted {
        lang.pick(
            "特别程序由承办单位的审查、核查人员或负责人提出，请转告他们",
            "The reviewer, the inspector or the head of the department in charge orders it: tell them",
        )
    } else {
        lang.pick(
            "只有办理中的件能启动特别程序：受理以后、决定以前",
            "Only a case under review has special procedures: after acceptance and before the decision",
        )
    }
}

fn one(lang: Lang, opened: &Opened, procedure: &Procedure) -> Markup {
    let base = address(&opened.view.case.no);
    let may_end = runs(procedure) && !opened.view.stops.is_empty();
    let waits = opened
        .view
        .tasks
        .iter()
        .find(|task| procedure.todo == Some(task.todo.id) && task.own == Some(OwnAct::Approve));
    boxed(
        &Panel::new(procedure.title.get(lang).to_owned()).note(standing(lang, procedure)),
        html! {
            (pairs(rows(lang, procedure)))
            @if may_end {
                (actions(link_button(&Button::new(lang.pick("结束，写结果", "End it, write the result")), &end_address(&opened.view.case.no, procedure))))
            }
            @if let Some(task) = waits {
                (actions(link_button(&Button::new(lang.pick("去批准", "Approve or not")), &format!("{base}/approve/{}", task.todo.id))))
            }
        },
    )
}

/// What is on record of it; what is empty is left out.
fn rows(lang: Lang, procedure: &Procedure) -> Vec<(Words<'_>, Markup)> {
    let unit = Unit::parse(&procedure.unit);
    let days = unit.map_or_else(
        || procedure.days.to_string(),
        |unit| format!("{} {}", procedure.days, lang.pick(unit.zh(), unit.en())),
    );
    let mut rows: Vec<(Words<'_>, Markup)> = vec![
        (lang.pick("理由", "Reason").into(), html! { (procedure.reason) }),
        (
            lang.pick("申请", "Asked for").into(),
            html! { (procedure.requested_by) " · " (clock_time(procedure.requested_at)) },
        ),
        (lang.pick("时限", "Time").into(), html! { (days) }),
    ];
    let mut put = |zh: &'static str, en: &'static str, value: Option<&String>| {
        if let Some(value) = value {
            rows.push((lang.pick(zh, en).into(), html! { (value) }));
        }
    };
    put("申请内容", "What for", procedure.content.as_ref());
    put("告知文书编号", "Number of the written notice", procedure.notice.as_ref());
    put("批准意见", "Words of the approver", procedure.approval.as_ref());
    put("结果", "Result", procedure.result.as_ref());
    put("办理意见", "Opinion", procedure.opinion.as_ref());
    let mut when = |zh: &'static str, en: &'static str, who: Option<&String>, at| {
        if let Some(at) = at {
            rows.push((
                lang.pick(zh, en).into(),
                html! { (clock_time(at)) @if let Some(who) = who { " · " (who) } },
            ));
        }
    };
    when("批准", "Approved", procedure.approved_by.as_ref(), procedure.approved_at);
    when("开始", "Began", None, procedure.begun_at);
    when("结束", "Ended", procedure.ended_by.as_ref(), procedure.ended_at);
    rows
}

fn begin_form(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let picks: Vec<Pick<'_>> = opened
        .view
        .stops
        .iter()
        .map(|(word, stop)| {
            Pick::new(word.as_str(), stop.title.get(lang)).hint(hint(lang, opened, stop))
        })
        .collect();
    let reason = typed
        .field(lang, "reason", "启动理由或依据", "Reason or law")
        .hint(lang.pick("申请人会看到", "The applicant will read it"));
    let content = typed.field(lang, "content", "要办什么", "What is to be done").optional();
    let by = typed
        .field(lang, "requested_by", "谁申请的", "Who asked for it")
        .hint(lang.pick(
            "申请人或利害关系人申请的，写他的名字；不填就是您",
            "The applicant or whom it concerns; you where nothing is written",
        ))
        .optional();
    let told = typed
        .field(lang, "told", "告知申请人需要几个工作日", "Working days the applicant is told")
        .hint(lang.pick("不填就按上面的一般天数", "The usual number where nothing is given"))
        .optional();
    let notice =
        typed.field(lang, "notice", "告知文书编号", "Number of the written notice").optional();
    let ask = form(
        frame,
        &Form::post(format!("{}/procedure", address(&case.no))),
        html! {
            (sheet::version(case))
            (radios(lang, &typed.field(lang, "kind", "哪一种", "Which"), &picks, typed.fields.get("kind"), Layout::Down))
            (sheet::words(lang, &reason, typed, 3))
            (sheet::words(lang, &content, typed, 2))
            (text(lang, &by, &Input::new(typed.value("requested_by")).length_max(60)))
            (text(lang, &told, &Input::new(typed.value("told")).width(Width::Short)))
            (text(lang, &notice, &Input::new(typed.value("notice")).length_max(60)))
            (sheet::ends(lang, Button::new(lang.pick("启动特别程序", "Begin it")).icon(Icon::Gavel), case))
        },
    );
    boxed(&Panel::new(lang.pick("启动一项", "Begin one")), ask)
}

/// The law, the usual time, and who approves it.
fn hint(lang: Lang, opened: &Opened, stop: &Stop) -> String {
    let basis = stop.basis.get(lang);
    let days = match lang {
        Lang::Zh => format!("一般 {} 个工作日，最多 {} 个", stop.told_days, stop.told_days_max),
        Lang::En => {
            format!("usually {} working days, {} at most", stop.told_days, stop.told_days_max)
        }
    };
    let approver = stop.approver.as_ref().map(|role| {
        let known = opened.roles.roles.get(role);
        let name = known.map_or(role.as_str(), |role| role.title.get(lang));
        match lang {
            Lang::Zh => format!("；由{name}批准，批准前时钟照走"),
            Lang::En => format!("; approved by the {name}, the clock runs until then"),
        }
    });
    format!("{basis}；{days}{}", approver.unwrap_or_default())
}

async fn begin(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let kind = fields.get("kind");
    if kind.is_empty() {
        let missing = FieldError::new("kind", "请选哪一种特别程序", "choose a special procedure");
        return show(&visit, &no, Typed::wrong(fields, missing)).await;
    }
    let mut ctx = visit.act(&fields).await?;
    let told = fields.get("told").trim();
    let stop = Suspending {
        content: fields.get("content"),
        requested_by: fields.get("requested_by"),
        notice: fields.get("notice"),
        // What is no number is refused as no time at all.
        told_days: (!told.is_empty()).then(|| told.parse().unwrap_or(0)),
        seen: Some(sheet::seen(&fields)),
        ..Suspending::new(kind, fields.get("reason"))
    };
    let outcome = zhengtong_casework::suspend(&mut ctx, &no, stop).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(()) => Ok(redirect(&format!("{}/procedure", address(&no)))),
        Err(typed) => show(&visit, &no, typed).await,
    }
}

async fn ask_end(visit: Visit, Path((no, seq)): Path<(String, i32)>) -> Answer {
    show_end(&visit, (&no, seq), Typed::default()).await
}

async fn show_end(visit: &Visit, (no, seq): (&str, i32), typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let found = opened.errands.procedures.iter().find(|one| one.seq == seq);
    let procedure = found.cloned().ok_or_else(Fault::absent)?;
    let (lang, case) = (visit.lang(), &opened.view.case);
    let head = Head::new(
        lang.pick("结束特别程序", "End the special procedure"),
        lang.pick(
            "写明结果和办理意见。它停着的时钟从现在起接着走，申请人会看到结果。",
            "Write the result and the opinion. The clocks it stops run again from now on, and the applicant reads the result.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        if !runs(&procedure) || opened.view.stops.is_empty() {
            return sheet::barred(lang, &typed, case, lang.pick(
                "这项特别程序不在进行中，或者不由您结束；承办单位的审查、核查人员和负责人可以办",
                "It does not run, or is not yours to end: the reviewer, the inspector or the head of the department in charge does",
            ));
        }
        let owed = owes_result(&opened, &procedure);
        let result = needed(typed.field(lang, "result", "结果", "Result"), owed);
        let opinion = needed(typed.field(lang, "opinion", "办理意见", "Opinion"), owed);
        form(
            frame,
            &Form::post(end_address(no, &procedure)),
            html! {
                (sheet::version(case))
                (sheet::words(lang, &result, &typed, 4))
                (sheet::words(lang, &opinion, &typed, 3))
                (sheet::ends(lang, Button::new(lang.pick("结束并记下结果", "End it and keep the result")).icon(Icon::Play), case))
            },
        )
    };
    let aside = boxed(
        &Panel::new(procedure.title.get(lang).to_owned()).note(standing(lang, &procedure)),
        pairs(rows(lang, &procedure)),
    );
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside))))
}

/// A field that may be left out where nothing is owed.
fn needed(field: Field<'_>, owed: bool) -> Field<'_> {
    if owed { field } else { field.optional() }
}

async fn end(visit: Visit, Path((no, seq)): Path<(String, i32)>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let ending = Finishing {
        seq: Some(seq),
        result: fields.get("result"),
        opinion: fields.get("opinion"),
        seen: Some(sheet::seen(&fields)),
    };
    let outcome = zhengtong_casework::finish(&mut ctx, &no, ending).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(()) => Ok(redirect(&format!("{}/procedure", address(&no)))),
        Err(typed) => show_end(&visit, (&no, seq), typed).await,
    }
}

async fn ask_approval(visit: Visit, Path((no, todo)): Path<(String, Uuid)>) -> Answer {
    show_approval(&visit, (&no, todo), Typed::default()).await
}

async fn show_approval(visit: &Visit, (no, todo): (&str, Uuid), typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let (lang, case) = (visit.lang(), &opened.view.case);
    let may = opened
        .view
        .tasks
        .iter()
        .any(|task| task.todo.id == todo && task.own == Some(OwnAct::Approve));
    let head = Head::new(
        lang.pick("批准特别程序", "Approve the special procedure"),
        lang.pick(
            "批准后马上开始，它停的时钟从现在起停下，申请人会收到告知。",
            "Once approved it begins at once: the clocks it stops stand still from now on, and the applicant is told.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        if !may {
            return sheet::barred(lang, &typed, case, lang.pick(
                "这项申请已经办过，或者不由您批准；办件页上写着在等谁",
                "It is done already, or not yours to approve; the page of the case says who is to act",
            ));
        }
        let words = typed
            .field(lang, "reason", "批准意见", "Your words")
            .hint(lang.pick("不批准要写理由", "Needed when you do not approve"))
            .optional();
        form(
            frame,
            &Form::post(format!("{}/approve/{todo}", address(no))),
            html! {
                (sheet::version(case))
                (sheet::words(lang, &words, &typed, 3))
                (actions(html! {
                    (zhengtong_ui::press::submit(&Button::new(lang.pick("批准", "Approve")).icon(Icon::Check).sends("yes", "1")))
                    (zhengtong_ui::press::submit(&Button::secondary(lang.pick("不批准", "Do not approve")).sends("yes", "0")))
                    (link_button(&Button::quiet(lang.pick("先不办，回到办件", "Not now, back to the case")), &address(no)))
                }))
            },
        )
    };
    let asked = opened.errands.procedures.iter().find(|one| one.todo == Some(todo));
    let aside = asked.map(|asked| {
        boxed(
            &Panel::new(asked.title.get(lang).to_owned()).note(standing(lang, asked)),
            pairs(rows(lang, asked)),
        )
    });
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, aside)))
}

async fn approve(visit: Visit, Path((no, todo)): Path<(String, Uuid)>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let yes = match fields.get("yes") {
        "1" => true,
        "0" => false,
        _ => {
            let missing = FieldError::new("reason", "请按“批准”或“不批准”", "approve it or not");
            return show_approval(&visit, (&no, todo), Typed::wrong(fields, missing)).await;
        }
    };
    let mut ctx = visit.act(&fields).await?;
    let at = (no.as_str(), todo, sheet::seen(&fields));
    let outcome = zhengtong_casework::approve(&mut ctx, at, yes, fields.get("reason")).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(()) => Ok(redirect(&address(&no))),
        Err(typed) => show_approval(&visit, (&no, todo), typed).await,
    }
}
