//! What a case asks of its applicant, or of whom it is about: papers that are missing, or an answer.

use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::{FieldError, Lang};
use zhengtong_casework::{CaseView, Side};
use zhengtong_http::day;
use zhengtong_ui::field::{Area, Field, Form, Upload, form, hidden, textarea, upload};
use zhengtong_ui::layout::{Heading, section};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::press::{Button, Size, actions, submit};

use crate::case::asked_of_me;

/// The step that waits for the applicant, as a form.
pub(crate) fn to_do(
    lang: Lang,
    frame: &zhengtong_ui::Frame<'_>,
    view: &CaseView,
    (errors, words): (&[FieldError], &str),
    now: OffsetDateTime,
) -> Markup {
    // Papers that are owed have a form of their own.
    let mut tasks = view.tasks.iter().filter(|task| !crate::owed::is_here(task));
    let mine = tasks.find(|task| task.todo.side == Side::Applicant);
    let Some(task) = mine else { return html! {} };
    if !task.todo.outcomes.iter().any(|outcome| outcome == "supply") {
        return to_answer(lang, frame, view, task, (errors, words), now);
    }
    let asked = view.events.iter().rev().find(|event| event.kind == "correct");
    let reason = asked.and_then(|event| event.reason.as_deref()).unwrap_or_default();
    let no = &view.case.no;
    section(
        &Heading::new("supply", asked_of_me(lang, &task.todo)),
        html! { div.flow {
            (notice(&Notice::new(Mood::Warning, lang.pick("还差这些，补上就行", "What is still missing")).body(html! {
                p { (reason) }
                @if let Some(due) = task.todo.due_day {
                    p { (lang.pick("请在 ", "Please before ")) strong { (day(lang, due, now)) } (lang.pick(" 前补上。补上以后接着办，不用重新申请。", ". It goes on from here; you need not apply again.")) }
                }
            })))
            (form(frame, &Form::post(format!("/my/case/{no}/supply")).files(), html! {
                (hidden("todo", &task.todo.id.to_string()))
                (upload(lang, &Field::new("files", lang.pick("补充材料", "Papers to add")).errors(errors, lang), &Upload {
                    accept: ".pdf,.png,.jpg,.jpeg".into(),
                    limits: lang.pick("PDF、PNG、JPEG，每份不超过 20 MB", "PDF, PNG, JPEG, at most 20 MB each").into(),
                    endpoint: "".into(),
                    bytes_max: 20 << 20,
                    files: Vec::new(),
                    several: true,
                }))
                (textarea(lang, &Field::new("words", lang.pick("说明", "Explanation")).optional().errors(errors, lang), &Area { value: words.to_owned().into(), rows: 3, ..Area::default() }))
                (actions(submit(&Button::new(lang.pick("补交材料", "Hand in")).size(Size::Large))))
            }))
        } },
    )
}

/// A step of the applicant, or of whom the case is about, in which they answer: object, ask for a hearing, give it up.
fn to_answer(
    lang: Lang,
    frame: &zhengtong_ui::Frame<'_>,
    view: &CaseView,
    task: &zhengtong_casework::OpenTask,
    (errors, words): (&[FieldError], &str),
    now: OffsetDateTime,
) -> Markup {
    let no = &view.case.no;
    // What was charged is no question to the applicant.
    let asks = |event: &&zhengtong_casework::Event| {
        event.public
            && event.reason.is_some()
            && !matches!(event.kind.as_str(), "charge" | "strike")
    };
    let told = view.events.iter().rev().find(asks);
    let reason = told.and_then(|event| event.reason.as_deref()).unwrap_or_default();
    let buttons = task.choices.iter().enumerate().map(|(order, choice)| {
        let name = choice.title.get(lang);
        let first = order == 0 && !task.todo.is_standing();
        let button = if first { Button::new(name) } else { Button::secondary(name) };
        submit(&button.sends("outcome", choice.outcome.as_str()))
    });
    let standing = task.todo.is_standing();
    let (mood, words_above) = if standing {
        (Mood::Info, lang.pick("随时可以办，不办也不影响", "At any time, and only if you want to"))
    } else {
        (Mood::Warning, lang.pick("这一步等您", "This step is yours"))
    };
    let reason = if standing { "" } else { reason };
    section(
        &Heading::new("supply", asked_of_me(lang, &task.todo)),
        html! { div.flow {
            (notice(&Notice::new(mood, words_above).body(html! {
                @if !reason.is_empty() { p { (reason) } }
                @if let Some(due) = task.todo.due_day {
                    p { (lang.pick("请在 ", "Please before ")) strong { (day(lang, due, now)) } (lang.pick(" 前答复。", ".")) }
                }
                @for choice in &task.choices { p.meta { (choice.title.get(lang)) (lang.pick("：", ": ")) (choice.basis.get(lang)) } }
            })))
            (form(frame, &Form::post(format!("/my/case/{no}/supply")).files(), html! {
                (hidden("todo", &task.todo.id.to_string()))
                (textarea(lang, &Field::new("words", lang.pick("您的意见", "What you say")).optional().errors(errors, lang), &Area { value: words.to_owned().into(), rows: 5, ..Area::default() }))
                @if !standing {
                    (upload(lang, &Field::new("files", lang.pick("证据或材料", "Evidence or papers")).optional().errors(errors, lang), &Upload {
                        accept: ".pdf,.png,.jpg,.jpeg".into(),
                        limits: lang.pick("PDF、PNG、JPEG，每份不超过 20 MB", "PDF, PNG, JPEG, at most 20 MB each").into(),
                        endpoint: "".into(),
                        bytes_max: 20 << 20,
                        files: Vec::new(),
                        several: true,
                    }))
                }
                (actions(html! { @for button in buttons { (button) } }))
            }))
        } },
    )
}
