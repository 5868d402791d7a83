//! The list of tasks of an application, the check of its answers, and handing it in.

use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang};
use zhengtong_casework::Promised;
use zhengtong_form::{PageRef, StepStatus};
use zhengtong_http::Visit;
use zhengtong_service::{Consent, Listed};
use zhengtong_ui::field::{Field, Form, consent, error_summary, form};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, Title, page as wrap, section, split, title};
use zhengtong_ui::list::{FileEntry, files};
use zhengtong_ui::navigate::{Link, back};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, post as post_button, submit};
use zhengtong_ui::step::{Node, Step, line};
use zhengtong_ui::summary::{Answer as Line, answers};
use zhengtong_ui::task::{Progress, Task, tasks};
use zhengtong_ui::{Frame, Place, hall};

use crate::apply::{Open, address, for_whom};
use crate::case::span;
use crate::question;

/// The page: what is done, what comes next, and once all is done the answers to check.
pub(crate) fn page(visit: &Visit, open: &Open, errors: &[FieldError], consent: Consent) -> Markup {
    let lang = visit.lang();
    let heading = lang.pick("办理清单", "Your tasks");
    let mut frame = visit.frame(heading, Place::Services);
    let name = open.listed.item.name.get(lang);
    frame.service = name.into();
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let today = zhengtong_form::today(visit.app.db.clock().now());
    let steps = zhengtong_form::progress(&open.form, &open.draft.answers, &open.draft.known, today);
    let done = steps.iter().filter(|step| step.status == StepStatus::Done).count();
    let ready = done == steps.len();
    let id = open.draft.id;
    let mut rows = sections(lang, id, &steps);
    let parts = rows.len() + 1;
    let finished = rows.iter().filter(|row| row.progress == Progress::Done).count();
    let more = steps.iter().any(|step| step.status == StepStatus::CannotStart);
    let next = steps
        .iter()
        .find(|step| matches!(step.status, StepStatus::NotStarted | StepStatus::InProgress));
    let below = format!("/my/draft/{id}#check");
    rows.push(if ready {
        Task::new(Progress::Now, lang.pick("核对并提交", "Check and hand in"), below).note(
            lang.pick("看一遍，改不对的，然后提交", "read it, change what is wrong, hand it in"),
        )
    } else {
        Task::new(Progress::Waiting, lang.pick("核对并提交", "Check and hand in"), below)
    });
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let body = wrap(split(
        html! {
            (error_summary(lang, &summary))
            div.flow-l {
                div {
                    (back(name, &format!("/hall/{}", open.listed.slug)))
                    (title(&Title::new(heading).lead(html! { (for_whom(visit)) @match lang {
                        Lang::Zh => { (parts) " 部分做完 " (finished) " 部分。" },
                        Lang::En => { " " (finished) " of " (parts) " parts done." },
                    } })))
                }
                (tasks(lang, &rows))
                @if let Some(step) = next {
                    div.flow-s {
                        (actions(link_button(&Button::new(match (lang, done) {
                            (Lang::Zh, 0) => format!("开始填：{}", step.title.zh),
                            (Lang::Zh, _) => format!("接着填：{}", step.title.zh),
                            (Lang::En, 0) => format!("Begin: {}", step.title.en),
                            (Lang::En, _) => format!("Go on: {}", step.title.en),
                        }).size(Size::Large), &address(id, &step.page))))
                        @if more { p.meta { (lang.pick("有一两页看您前面怎么答才出现，不用的不会问。", "Some pages appear only if your answers need them.")) } }
                    }
                }
            }
            @if ready { (check(visit, &frame, open, errors, consent)) }
        },
        aside(lang, &open.listed, &frame, id),
    ));
    hall(&frame, body)
}

/// The tasks: the pages that belong together are one, with each page as a link.
fn sections<'a>(lang: Lang, id: Uuid, steps: &'a [zhengtong_form::Step]) -> Vec<Task<'a>> {
    let mut rows: Vec<(&'a str, Vec<&'a zhengtong_form::Step>)> = Vec::new();
    for step in steps {
        let name = step.section.as_ref().unwrap_or(&step.title).get(lang);
        match rows.last_mut() {
            Some((last, pages)) if *last == name => pages.push(step),
            _ => rows.push((name, vec![step])),
        }
    }
    rows.into_iter()
        .map(|(name, pages)| {
            let asked: Vec<_> =
                pages.into_iter().filter(|step| step.status != StepStatus::CannotStart).collect();
            let task = Task::new(overall(&asked), name, "");
            asked.into_iter().fold(task, |task, step| {
                let link = Link::new(step.title.get(lang), address(id, &step.page));
                task.part(progress(step.status), link)
            })
        })
        .collect()
}

fn progress(status: StepStatus) -> Progress {
    match status {
        StepStatus::Done => Progress::Done,
        StepStatus::InProgress => Progress::Now,
        StepStatus::NotStarted => Progress::Open,
        StepStatus::CannotStart => Progress::Waiting,
    }
}

/// How far the pages of one task are together.
fn overall(pages: &[&zhengtong_form::Step]) -> Progress {
    let all = |status| pages.iter().all(|step| step.status == status);
    if pages.is_empty() {
        Progress::Waiting
    } else if all(StepStatus::Done) {
        Progress::Done
    } else if all(StepStatus::NotStarted) {
        Progress::Open
    } else {
        Progress::Now
    }
}

fn aside(lang: Lang, listed: &Listed, frame: &Frame<'_>, id: Uuid) -> Markup {
    let mut steps = vec![
        Step::new(Node::Now, lang.pick("提交", "Hand in"))
            .note(lang.pick("当场拿到受理号", "you get a number at once")),
    ];
    steps.extend(
        listed
            .item
            .step
            .iter()
            .skip(1)
            .map(|step| Step::new(Node::Future, step.name.get(lang)).note(step.who.get(lang))),
    );
    html! {
        (panel(&Panel::new(lang.pick("提交以后", "Afterwards")), line(lang, &steps)))
        (panel(&Panel::new(lang.pick("不办了？", "Changed your mind?")), post_button(
            &format!("/my/draft/{id}/discard"),
            zhengtong_ui::frame::token(frame),
            &Button::quiet(lang.pick("删掉这份草稿", "Delete this draft")),
        )))
    }
}

fn check(
    visit: &Visit,
    frame: &Frame<'_>,
    open: &Open,
    errors: &[FieldError],
    agreed: Consent,
) -> Markup {
    let lang = visit.lang();
    let form_facts =
        zhengtong_form::facts(&open.form, &open.draft.answers, &open.draft.known, lang);
    let id = open.draft.id;
    let now = visit.app.db.clock().now();
    let shared: Vec<&str> = open
        .listed
        .item
        .material
        .iter()
        .filter(|rule| rule.source != "applicant")
        .map(|rule| rule.name.get(lang))
        .collect();
    section(
        &Heading::new("check", lang.pick("提交前请核对", "Check your answers")).note(
            html! { (lang.pick(
                "点“更改”会直接回到那一题，改完再回到这里，其他内容不会丢。",
                "“Change” leads to that question and back here; nothing else is lost.",
            )) },
        ),
        html! { div.flow-l {
            @for part in &form_facts { (facts_of(lang, id, part, now)) }
            section.flow { h3 { (lang.pick("材料", "Papers")) } (files(&papers(lang, open))) }
            (panel(&Panel::default(), form(frame, &Form::post(format!("/my/draft/{id}/submit")), html! {
                div.flow-s {
                    (consent(lang, &Field::new("sharing", match lang {
                        Lang::Zh => format!("同意为办这件事，从登记库取用上面 {} 份材料。", shared.len()),
                        Lang::En => format!("I agree that {} papers are taken from the registries for this case.", shared.len()),
                    }).hint(lang.pick("用途、时间会记入“我的数据使用记录”。", "Purpose and time are recorded and shown to you.")).errors(errors, lang), if agreed.sharing { "yes" } else { "" }))
                    (consent(lang, &Field::new("truth", lang.pick("以上内容属实。", "Everything above is true.")).errors(errors, lang), if agreed.truth { "yes" } else { "" }))
                }
                div.flow {
                    (actions(submit(&Button::new(match lang {
                        Lang::Zh => format!("提交{}申请", open.listed.item.name.zh.split('（').next().unwrap_or_default()),
                        Lang::En => format!("Hand in: {}", open.listed.item.name.en),
                    }).size(Size::Large))))
                    p.meta { (promise(lang, &open.promised, now)) }
                }
            })))
        } },
    )
}

/// How long it takes once it is accepted, and until which day if that is today; of a year whose days off are not known
/// yet the day is an estimate.
fn promise(lang: Lang, promised: &Promised, now: time::OffsetDateTime) -> Markup {
    let time = span(lang, promised.limit.days, promised.limit.unit);
    let day = promised.day.map(|day| zhengtong_http::day(lang, day, now));
    let about = if promised.provisional { lang.pick("预计 ", "about ") } else { "" };
    html! { @match lang {
        Lang::Zh => {
            "提交后当场给您受理号。受理后承诺 " strong { (time) } "内办完"
            @if let Some(day) = day { "，今天受理的话" (about) " " (day) " 前" } "。"
        },
        Lang::En => {
            "You get a number at once. Once accepted it is decided within " strong { (time) }
            @if let Some(day) = day { ", by " (about) (day) " if accepted today" } "."
        },
    } }
}

fn facts_of(
    lang: Lang,
    id: Uuid,
    part: &zhengtong_form::Section,
    now: time::OffsetDateTime,
) -> Markup {
    let href = address(id, &part.page);
    let rows: Vec<Line<'_>> = part
        .rows
        .iter()
        .filter(|fact| fact.files.is_empty() && fact.material.is_none())
        .map(|fact| {
            // What was typed is shown as it was typed, or nobody could check it.
            let masked = fact.masked.as_deref().filter(|_| fact.source.is_some());
            let value = masked.unwrap_or(&fact.value);
            let shown = if value.is_empty() { lang.pick("没有填", "not given") } else { value };
            let line = Line::new(fact.label.get(lang), shown);
            match &fact.source {
                Some(source) => line.source(question::sourced(lang, source, now)).change(
                    lang.pick("异议", "Object"),
                    format!(
                        "{href}{}change={}",
                        if href.contains('?') { "&" } else { "?" },
                        fact.key
                    ),
                ),
                None => line.change(lang.pick("更改", "Change"), href.clone()),
            }
        })
        .collect();
    html! { @if !rows.is_empty() { (answers(part.title.get(lang), &rows)) } }
}

fn papers(lang: Lang, open: &Open) -> Vec<FileEntry<'_>> {
    let mut entries: Vec<FileEntry<'_>> = open
        .listed
        .item
        .material
        .iter()
        .filter(|rule| rule.source != "applicant")
        .map(|rule| FileEntry {
            name: html! { (rule.name.get(lang)) },
            note: "".into(),
            end: Some(tag(Tone::Good, lang.pick("免提交", "Not needed"))),
        })
        .collect();
    for attached in &open.draft.answers.files {
        let at = open
            .form
            .field(&attached.field)
            .map(|(page, _)| PageRef { page: page.id.clone(), entry: attached.entry });
        entries.push(FileEntry {
            name: html! { (attached.file.name) },
            note: question::size(attached.file.size).into(),
            end: at.map(|at| html! { a href=(address(open.draft.id, &at)) { (lang.pick("更改", "Change")) } }),
        });
    }
    entries
}
