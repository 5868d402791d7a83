//! The page on which an officer adds a paper of the office's own at a task: photographs of an inspection, the record of
//! a hearing.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Limits, Text};
use zhengtong_casework::NAME_CHARS_MAX;
use zhengtong_http::{Answer, App, Fault, Uploads, Visit, redirect};
use zhengtong_service::Sent;
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Area, Field, Form, Input, Upload, Width, errors, form, text, textarea, upload,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};

use crate::bench::staff_only;
use crate::casework::{Opened, address};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk/casework/{no}/attach/{todo}", get(ask).post(add))
}

/// Where a paper is added at a task.
pub(crate) fn way(no: &str, todo: Uuid) -> String {
    format!("{}/attach/{todo}", address(no))
}

#[derive(Default)]
struct Typed {
    name: String,
    words: String,
    errors: Vec<FieldError>,
    said: Option<Text>,
    kind: Option<Kind>,
}

async fn ask(visit: Visit, Path((no, todo)): Path<(String, Uuid)>) -> Answer {
    show(&visit, &no, todo, Typed::default()).await
}

async fn show(visit: &Visit, no: &str, todo: Uuid, typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let lang = visit.lang();
    let heading = lang.pick("加入材料", "Add a paper");
    let mut frame = opened.bench().frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = page(&frame, &opened, todo, &typed);
    Ok(opened.bench().answer(visit, &frame, body, typed.kind))
}

fn page(frame: &Frame<'_>, opened: &Opened, todo: Uuid, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let case = &opened.view.case;
    let heading = lang.pick("加入材料", "Add a paper");
    let task = opened.view.tasks.iter().find(|task| task.todo.id == todo && task.may_attach);
    let links = [
        Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox"),
        Link::new(case.no.as_str(), address(&case.no)),
    ];
    let main = html! {
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        @if task.is_some() { (fields(frame, &way(&case.no, todo), typed)) }
        @else {
            @if typed.said.is_none() {
                (notice(&Notice::new(Mood::Warning, lang.pick(
                    "这一步现在不能由您加材料：可能已经办过，或正由同事办理",
                    "You cannot add a paper at this step now: it is done already or a colleague has it",
                ))))
            }
            (actions(link_button(&Button::new(lang.pick("回到办件", "Back to the case")), &address(&case.no))))
        }
    };
    let step = task.map(|task| task.todo.title.get(lang)).unwrap_or_default();
    html! {
        (crumbs(lang, &links, heading))
        (title(&Title::new(heading).meta(html! {
            (case.title.get(lang)) " · " (case.applicant()) " · " (case.no)
        })))
        (split(main, kept(lang, step)))
    }
}

fn fields(frame: &Frame<'_>, action: &str, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let bytes_max = Limits::default().file_bytes;
    let limits = match lang {
        Lang::Zh => format!("PDF、PNG、JPEG，每份不超过 {} MB", bytes_max >> 20),
        Lang::En => format!("PDF, PNG, JPEG, at most {} MB each", bytes_max >> 20),
    };
    let name = Field::new("name", lang.pick("这是什么材料", "What it is"))
        .hint(lang.pick(
            "例如：现场勘查照片、听证笔录",
            "Such as site photographs, record of the hearing",
        ))
        .errors(&typed.errors, lang);
    let words = Field::new("words", lang.pick("说明", "What it shows"))
        .hint(lang.pick(
            "在哪里、什么时候、拍的是什么。单位内可见",
            "Where, when and what is on it. Seen within the unit",
        ))
        .optional()
        .errors(&typed.errors, lang);
    let files = Field::new("files", lang.pick("文件", "Files")).errors(&typed.errors, lang);
    let place = Upload {
        accept: ".pdf,.png,.jpg,.jpeg".into(),
        limits: limits.into(),
        bytes_max,
        several: true,
        ..Upload::default()
    };
    let length_max = u32::try_from(NAME_CHARS_MAX).unwrap_or(u32::MAX);
    form(
        frame,
        &Form::post(action).files(),
        html! {
            (text(lang, &name, &Input::new(typed.name.as_str()).width(Width::Long).length_max(length_max)))
            (upload(lang, &files, &place))
            (textarea(lang, &words, &Area { value: typed.words.as_str().into(), rows: 3, ..Area::default() }))
            (actions(submit(&Button::new(lang.pick("加入这件的材料", "Add to the case")).size(Size::Large))))
        },
    )
}

/// What is kept of it, before it is sent.
fn kept(lang: Lang, step: &str) -> Markup {
    panel(
        &Panel::new(lang.pick("会记下什么", "What is kept")),
        html! {
            @if !step.is_empty() { p { (lang.pick("环节：", "Step: ")) strong { (step) } } }
            p { (lang.pick(
                "谁、什么时候、在哪一步加的，连同文件指纹记入办件，加了就不能删。",
                "Who added it, when and at which step, with the digest of the file. What is added stays.",
            )) }
            p { (lang.pick(
                "申请人看不到，结案时一并归档。",
                "The applicant does not see it; it is archived with the case.",
            )) }
        },
    )
}

async fn add(visit: Visit, Path((no, todo)): Path<(String, Uuid)>, sent: Uploads) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&sent.fields).await?;
    let files: Vec<Sent<'_>> =
        sent.files.iter().map(|file| Sent { name: &file.name, bytes: &file.bytes }).collect();
    let (name, words) = (sent.fields.get("name"), sent.fields.get("words"));
    match zhengtong_service::add_papers(&mut ctx, (&no, todo), (name, words), &files).await {
        Ok(_case) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{}#papers", address(&no))))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let (kind, errors) = (Some(error.kind()), error.fields());
            let said = errors.is_empty().then(|| error.text());
            let typed =
                Typed { name: name.to_owned(), words: words.to_owned(), errors, said, kind };
            show(&visit, &no, todo, typed).await
        }
        Err(error) => Err(Fault::from(error)),
    }
}
