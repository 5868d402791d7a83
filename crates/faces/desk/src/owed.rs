//! 容缺、告知承诺 at the counter: recording the undertaking that the applicant signed, taking the papers that are owed, and
//! deciding what becomes of a case whose owed papers are late.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang, Text};
use zhengtong_casework::{
    AsSeen, Deferred, Late, Owed, OwnAct, UNDERTAKE_DEFERRAL, UNDERTAKE_PROMISE, undertaking_basis,
    undertaking_words,
};
use zhengtong_http::{Answer, App, Fault, Fields, Uploads, Visit, clock_time, redirect};
use zhengtong_service::Sent;
use zhengtong_ui::field::{
    Field, Form, Input, Layout, Pick, Upload, Width, form, radios, text, upload,
};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, boxed, panel};
use zhengtong_ui::press::Button;
use zhengtong_ui::{Frame, Icon};

use crate::bench::staff_only;
use crate::casework::{Opened, address};
use crate::sheet::{self, Head};
use crate::typed::Typed;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/casework/{no}/undertake/{kind}", get(ask_undertaking).post(undertake))
        .route("/desk/casework/{no}/bring", get(ask_papers).post(bring))
        .route("/desk/casework/{no}/late/{todo}", get(ask_late).post(settle_late))
}

/// What an undertaking is called.
pub(crate) fn title(kind: &str) -> Text {
    match kind {
        UNDERTAKE_PROMISE => Text::new("告知承诺", "Promise in writing"),
        _ => Text::new("容缺补齐承诺", "Undertaking to bring the rest"),
    }
}

/// The lesser papers, each with where it stands, and what was undertaken.
pub(crate) fn papers(lang: Lang, opened: &Opened) -> Vec<Entry> {
    let state = |paper: &Deferred| match paper.state {
        Owed::Allowed => lamp(Light::None, lang.pick("缺，可以后补", "Missing, may come later")),
        Owed::Owed => lamp(Light::Near, lang.pick("欠交", "Owed")),
        Owed::Supplied => lamp(Light::Ok, lang.pick("已补齐", "Brought")),
    };
    let owed = opened.errands.pledged.deferred.iter();
    let owed = owed.map(|paper| Entry::new(html! { (paper.name.get(lang)) }).end(state(paper)));
    let signed = opened.errands.pledged.undertakings.iter().map(|one| {
        Entry::new(html! { (title(&one.kind).get(lang)) })
            .note(html! { (one.signed_by) " · " (clock_time(one.at)) })
            .end(lamp(Light::Ok, lang.pick("已承诺", "Undertaken")))
    });
    owed.chain(signed).collect()
}

async fn ask_undertaking(visit: Visit, Path((no, kind)): Path<(String, String)>) -> Answer {
    show_undertaking(&visit, (&no, &kind), Typed::default()).await
}

async fn show_undertaking(visit: &Visit, (no, kind): (&str, &str), typed: Typed) -> Answer {
    if ![UNDERTAKE_DEFERRAL, UNDERTAKE_PROMISE].contains(&kind) {
        return Err(Fault::absent());
    }
    let opened = Opened::shown(visit, no).await?;
    let lang = visit.lang();
    let name = title(kind);
    let head = Head::new(
        name.get(lang),
        lang.pick(
            "申请人当面在纸上签字，您核对本人、扫描上传。申请人也可以在“我的”里自己承诺。",
            "The applicant signs on paper before you: check who it is, scan it and attach it. They can also do it in My space.",
        ),
    );
    let said = opened.case_type.as_ref().and_then(|found| undertaking_words(found, kind));
    let main = |frame: &Frame<'_>| {
        if !opened.errands.pledged.may_undertake.contains(&kind) {
            return sheet::barred(
                lang,
                &typed,
                &opened.view.case,
                not_undertaken(lang, &opened, kind),
            );
        }
        html! {
            @if let Some(said) = said {
                (panel(&Panel::new(lang.pick("申请人要签的话", "What the applicant signs")), html! {
                    p { (said.get(lang)) }
                }))
            }
            (undertaking_form(frame, &opened, &typed, kind))
        }
    };
    let basis = opened.case_type.as_ref().and_then(|found| undertaking_basis(found, kind));
    let aside = html! {
        (sheet::follows(lang, &[match kind {
            UNDERTAKE_PROMISE => lang.pick("有了书面承诺，才能按承诺作决定；决定以后要核查，承诺不实的撤销。", "Only with it may it be decided on the promise; it is looked at afterwards, and a false one is revoked."),
            _ => lang.pick("有了书面承诺，才能容缺受理；受理以后按期补齐，证照等补齐再发。", "Only with it may the case be accepted with papers owed; the licence waits until they are there."),
        }]))
        (sheet::basis(lang, basis))
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside))))
}

fn undertaking_form(frame: &Frame<'_>, opened: &Opened, typed: &Typed, kind: &str) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    form(
        frame,
        &Form::post(format!("{}/undertake/{kind}", address(&case.no))).files(),
        html! {
            (sheet::version(case))
            (upload(lang, &typed.field(lang, "file", "签了字的承诺书", "The signed undertaking"), &Upload::scan(lang)))
            (sheet::ends(lang, Button::new(lang.pick("记下承诺", "Record it")).icon(Icon::FileCheck), case))
        },
    )
}

fn not_undertaken(lang: Lang, opened: &Opened, kind: &str) -> &'static str {
    let there = opened.errands.pledged.undertakings.iter().any(|one| one.kind == kind);
    let declared =
        opened.case_type.as_ref().is_some_and(|found| undertaking_words(found, kind).is_some());
    if there {
        lang.pick("申请人已经承诺过，可以接着办", "It was undertaken already: go on with the case")
    } else if !declared {
        lang.pick(
            "这类事项没有这种承诺。材料不齐的，一次告知补正",
            "Nothing of this kind is undertaken in this matter. Ask for what is missing instead",
        )
    } else {
        lang.pick(
            "现在不用承诺，或者不由您记：材料齐了直接受理，已经受理或决定的不再承诺；窗口可以记",
            "It is not needed now, or not yours to record: what is complete is accepted as it is, and the window records it before acceptance",
        )
    }
}

async fn undertake(
    visit: Visit,
    Path((no, kind)): Path<(String, String)>,
    sent: Uploads,
) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&sent.fields).await?;
    let signed = sent.files.iter().find(|file| file.field == "file" && !file.bytes.is_empty());
    let signed = signed.map(|file| Sent { name: &file.name, bytes: &file.bytes });
    let at = AsSeen::from((no.as_str(), sheet::seen(&sent.fields)));
    let outcome = zhengtong_service::undertake(&mut ctx, at, &kind, signed).await;
    match sheet::settle(ctx, outcome, sent.fields).await? {
        Ok(_case) => Ok(redirect(&address(&no))),
        Err(typed) => show_undertaking(&visit, (&no, &kind), typed).await,
    }
}

async fn ask_papers(visit: Visit, Path(no): Path<String>) -> Answer {
    show_papers(&visit, &no, Typed::default()).await
}

async fn show_papers(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let (lang, case) = (visit.lang(), &opened.view.case);
    let head = Head::new(
        lang.pick("收补交的材料", "Take papers that are owed"),
        lang.pick(
            "申请人把容缺的材料送到窗口，您扫描上传。来几份收几份。",
            "The applicant brings owed papers to the counter: scan and attach those that came.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        if !opened.errands.pledged.may_bring {
            return sheet::barred(lang, &typed, case, lang.pick(
                "没有欠交的材料，或者不由您收：欠交的由承办单位的窗口收，申请人也可以在“我的”里上传",
                "No paper is owed, or it is not yours to take: the window in charge takes it, and the applicant can upload it in My space",
            ));
        }
        let owed = opened.errands.pledged.deferred.iter().filter(|paper| paper.state == Owed::Owed);
        form(
            frame,
            &Form::post(format!("{}/bring", address(no))).files(),
            html! {
                (sheet::version(case))
                @for paper in owed { (one_paper(lang, &typed, paper)) }
                (sheet::ends(lang, Button::new(lang.pick("收下", "Take them")).icon(Icon::Upload), case))
            },
        )
    };
    let aside = html! {
        (sheet::follows(lang, &[lang.pick(
            "补齐以后，补交的时钟结束，压着的证照接着办。",
            "When all is there, the clock of the applicant ends and what was withheld goes on.",
        )]))
        (boxed(&Panel::new(lang.pick("可以后补的材料", "Papers that may come later")), list(&papers(lang, &opened))))
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside))))
}

fn one_paper(lang: Lang, typed: &Typed, paper: &Deferred) -> Markup {
    let name = format!("file-{}", paper.seq);
    let field = Field::new(name.as_str(), paper.name.get(lang).to_owned())
        .optional()
        .errors(&typed.errors, lang);
    upload(lang, &field, &Upload::scan(lang))
}

async fn bring(visit: Visit, Path(no): Path<String>, sent: Uploads) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&sent.fields).await?;
    let files = sent.numbered("file-");
    let files: Vec<_> =
        files.map(|(place, file)| (place, Sent { name: &file.name, bytes: &file.bytes })).collect();
    let at = AsSeen::from((no.as_str(), sheet::seen(&sent.fields)));
    let outcome = zhengtong_service::bring(&mut ctx, at, &files).await;
    match sheet::settle(ctx, outcome, sent.fields).await? {
        Ok(_case) => Ok(redirect(&address(&no))),
        Err(typed) => show_papers(&visit, &no, typed).await,
    }
}

async fn ask_late(visit: Visit, Path((no, todo)): Path<(String, Uuid)>) -> Answer {
    show_late(&visit, (&no, todo), Typed::default()).await
}

async fn show_late(visit: &Visit, (no, todo): (&str, Uuid), typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let (lang, case) = (visit.lang(), &opened.view.case);
    let mut tasks = opened.view.tasks.iter();
    let may = tasks.any(|task| task.todo.id == todo && task.own == Some(OwnAct::SettleLate));
    let head = Head::new(
        lang.pick("容缺材料逾期", "Owed papers are late"),
        lang.pick(
            "申请人承诺的日子过了，材料还没齐。再给一次时间，或者终止。",
            "The day that the applicant undertook is over and papers are missing: give more time once, or end the case.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        if !may {
            return sheet::barred(lang, &typed, case, lang.pick(
                "这一步已经办过，或者材料已经补齐，或者不由您决定；办件页上写着在等谁",
                "It is done already, or everything has come, or it is not yours to decide; the page of the case says who is to act",
            ));
        }
        late_form(frame, (no, todo), &opened, &typed)
    };
    let aside = boxed(
        &Panel::new(lang.pick("可以后补的材料", "Papers that may come later")),
        list(&papers(lang, &opened)),
    );
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside))))
}

fn late_form(
    frame: &Frame<'_>,
    (no, todo): (&str, Uuid),
    opened: &Opened,
    typed: &Typed,
) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let picks = [
        Pick::new("more", lang.pick("再给时间", "Give more time"))
            .hint(lang.pick("只能宽限一次", "Only once")),
        Pick::new("end", lang.pick("终止这一件", "End the case")).hint(lang.pick(
            "不能收回，申请人会看到理由",
            "It cannot be undone; the applicant reads the reason",
        )),
    ];
    let days = typed
        .field(lang, "days", "宽限多少", "How much more")
        .hint(lang.pick("选了“再给时间”才填，1 到 365", "For more time only, from 1 to 365"))
        .optional();
    form(
        frame,
        &Form::post(format!("{}/late/{todo}", address(no))),
        html! {
            (sheet::version(case))
            (radios(lang, &typed.field(lang, "what", "怎么办", "What becomes of it"), &picks, typed.fields.get("what"), Layout::Down))
            (text(lang, &days, &Input::new(typed.value("days")).width(Width::Short).unit(lang.pick("天", "days"))))
            (sheet::reason(lang, typed))
            (sheet::ends(lang, Button::new(lang.pick("决定", "Decide")).icon(Icon::Gavel), case))
        },
    )
}

async fn settle_late(
    visit: Visit,
    Path((no, todo)): Path<(String, Uuid)>,
    fields: Fields,
) -> Answer {
    staff_only(&visit)?;
    let what = match fields.get("what") {
        "end" => Late::End,
        // What is no number is refused as no time at all.
        "more" => Late::More(fields.get("days").trim().parse().unwrap_or(0)),
        _ => {
            let missing =
                FieldError::new("what", "请选再给时间，还是终止", "choose more time or the end");
            return show_late(&visit, (&no, todo), Typed::wrong(fields, missing)).await;
        }
    };
    let mut ctx = visit.act(&fields).await?;
    let at = (no.as_str(), todo, sheet::seen(&fields));
    let outcome = zhengtong_casework::settle_late(&mut ctx, at, what, fields.get("reason")).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(_case) => Ok(redirect(&address(&no))),
        Err(typed) => show_late(&visit, (&no, todo), typed).await,
    }
}
