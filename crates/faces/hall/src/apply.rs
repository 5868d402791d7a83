//! An application: the start, one page of questions at a time, the list of tasks, check and hand in.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Lang};
use zhengtong_db::Ctx;
use zhengtong_form::{Draft, FieldKind, Form as FormDef, PageRef, StepStatus};
use zhengtong_http::{Answer, App, Fault, Fields, Uploads, Visit, month_day, redirect, see};
use zhengtong_service::{Consent, Listed, Sent};
use zhengtong_ui::field::{Field, Form, consent, error_summary, form};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, Title, page, section, split, title};
use zhengtong_ui::list::{FileEntry, files};
use zhengtong_ui::navigate::{Link, back, crumbs, part};
use zhengtong_ui::notice::{Mood, Notice, notice, saved};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, post as post_button, submit};
use zhengtong_ui::step::{Node, Step, line};
use zhengtong_ui::summary::{Answer as Line, answers};
use zhengtong_ui::task::{Progress, Task, tasks};
use zhengtong_ui::{Frame, Place, hall};

use crate::question;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/hall/{slug}/start", get(start).post(begin))
        .route("/my/draft/{id}", get(overview))
        .route("/my/draft/{id}/page/{page}", get(ask).post(answer))
        .route("/my/draft/{id}/page/{page}/add", post(add))
        .route("/my/draft/{id}/page/{page}/remove/{number}", post(remove))
        .route("/my/draft/{id}/submit", get(overview_redirect).post(hand_in))
        .route("/my/draft/{id}/discard", post(discard))
}

/// A draft with its item and its form.
struct Open {
    draft: Draft,
    listed: std::sync::Arc<Listed>,
    form: std::sync::Arc<FormDef>,
}

async fn open(ctx: &mut Ctx, id: Uuid) -> Result<Open, Fault> {
    let draft = zhengtong_form::open(ctx, id).await?;
    let listed =
        ctx.defs::<zhengtong_service::Catalog>()?.get(&draft.item).ok_or_else(Fault::absent)?;
    let form =
        ctx.defs::<zhengtong_form::Catalog>()?.form(&draft.form).ok_or_else(Fault::absent)?;
    Ok(Open { draft, listed, form })
}

async fn start(visit: Visit, Path(slug): Path<String>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let listed = zhengtong_service::by_slug(&mut ctx, &slug).await?;
    let drafts = zhengtong_form::mine(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let name = listed.item.name.get(lang);
    let frame = visit.frame(name, Place::Services);
    let mine: Vec<Link<'_>> = drafts
        .iter()
        .filter(|draft| draft.item == listed.id)
        .map(|draft| {
            let day = month_day(lang, draft.updated, visit.app.db.clock().now());
            let words = match lang {
                Lang::Zh => format!("接着填 {day} 存下的那份"),
                Lang::En => format!("Go on with the one saved on {day}"),
            };
            Link::new(words, format!("/my/draft/{}", draft.id))
        })
        .collect();
    let body = page(split(
        html! {
            (crumbs(lang, &[Link::new(lang.pick("办事", "Services"), "/hall"), Link::new(name, format!("/hall/{slug}"))], lang.pick("开始办理", "Start")))
            (title(&Title::new(name).lead(html! { (for_whom(&visit)) })))
            @for link in &mine { p { a href=(link.href) { (link.text) } } }
            (post_button(
                &format!("/hall/{slug}/start"),
                zhengtong_ui::frame::token(&frame),
                &Button::new(lang.pick("开始填写", "Begin")).size(Size::Large),
            ))
            p.meta { @match lang {
                Lang::Zh => { "约 " (listed.item.minutes) " 分钟。每一页填完就存，可以换手机接着填，30 天内有效。" },
                Lang::En => { "About " (listed.item.minutes) " minutes. Every page is saved; go on from another device within 30 days." },
            } }
        },
        html! { (panel(&Panel::new(lang.pick("会用到哪些数据", "Which data is used")), html! { p.soft { (lang.pick(
            "我们会从登记库取出已经知道的内容替您填好，取用的时间和原因会记下来，您在“我的”里能看到。",
            "What the registries know is filled in for you. When and why it was read is recorded, and you can see it in My space.",
        )) } })) },
    ));
    Ok(see(hall(&frame, body)))
}

fn for_whom(visit: &Visit) -> Markup {
    let lang = visit.lang();
    html! { @match &visit.actor.behalf {
        Some(behalf) => { (lang.pick("为 ", "For ")) strong { (behalf.name) } (lang.pick(" 办理，经办人 ", ", by ")) (visit.actor.name) (lang.pick("。", ".")) },
        None => { (lang.pick("为 ", "For ")) strong { (visit.actor.name) } (lang.pick("（本人）办理。", " (yourself).")) },
    } }
}

async fn begin(visit: Visit, Path(slug): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let listed = zhengtong_service::by_slug(&mut ctx, &slug).await?;
    let draft = zhengtong_service::begin(&mut ctx, &listed.id).await?;
    ctx.commit().await?;
    Ok(redirect(&format!("/my/draft/{}", draft.id)))
}

#[derive(Deserialize)]
struct Where {
    entry: Option<u32>,
    change: Option<String>,
}

async fn ask(
    visit: Visit,
    Path((id, page)): Path<(Uuid, String)>,
    Query(at): Query<Where>,
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let open = open(&mut ctx, id).await?;
    ctx.commit().await?;
    let place = PageRef { page, entry: at.entry };
    wizard(&visit, &open, &place, at.change.as_deref(), &[], &[])
}

async fn answer(
    visit: Visit,
    Path((id, page)): Path<(Uuid, String)>,
    Query(at): Query<Where>,
    sent: Uploads,
) -> Answer {
    let mut ctx = visit.act(&sent.fields).await?;
    let place = PageRef { page, entry: at.entry };
    let before = open(&mut ctx, id).await?;
    if let Ok(file) = sent.fields.get("remove").parse() {
        zhengtong_form::detach(&mut ctx, id, file).await?;
        ctx.commit().await?;
        return Ok(redirect(&address(id, &place)));
    }
    let mut refused = Vec::new();
    for (field, place_of_file) in carried(&before, &sent.fields) {
        let (name, bytes) = crate::upload::finished(&visit, &place_of_file).await?;
        let upload = Sent { name: &name, bytes: &bytes };
        let kept = zhengtong_service::attach(&mut ctx, id, &field, place.entry, upload).await;
        refused.extend(refusal(kept)?);
    }
    for file in &sent.files {
        if file.bytes.is_empty() {
            refused.push(FieldError::new(
                &file.field,
                "这个文件是空的，请打开看看再选",
                "this file is empty; open it, and choose again",
            ));
            continue;
        }
        let upload = Sent { name: &file.name, bytes: &file.bytes };
        let kept = zhengtong_service::attach(&mut ctx, id, &file.field, place.entry, upload).await;
        refused.extend(refusal(kept)?);
    }
    let today = zhengtong_form::today(ctx.now);
    let inputs = with_known(&before, &place, sent.fields.inputs(), today);
    let seen = sent.fields.get("seen").parse().unwrap_or(before.draft.version);
    let saved = zhengtong_form::save_page(&mut ctx, id, &place, &inputs, seen).await?;
    ctx.commit().await?;
    let mut errors = saved.errors;
    errors.retain(|error| !refused.iter().any(|refused| refused.field == error.field));
    errors.extend(refused);
    let leave = sent.fields.has("then", "leave");
    if leave || (errors.is_empty() && saved.clashes.is_empty()) {
        let next = match (&saved.next, leave || sent.fields.has("then", "list")) {
            (Some(next), false) if !sent.fields.has("then", "check") => address(id, next),
            _ => format!("/my/draft/{id}"),
        };
        return Ok(redirect(&next));
    }
    let after = Open { draft: saved.draft, ..before };
    let mut page = wizard(&visit, &after, &place, None, &errors, &saved.clashes)?;
    if !errors.is_empty() {
        *page.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(page)
}

/// Files that were sent in pieces before: the form carries their addresses under the names of the fields.
fn carried(open: &Open, fields: &Fields) -> Vec<(String, String)> {
    let is_file =
        |name: &str| open.form.field(name).is_some_and(|(_, field)| field.kind == FieldKind::File);
    let found = fields.0.iter().filter(|(name, value)| is_file(name) && !value.is_empty());
    found.cloned().collect()
}

/// What is wrong with a file, for the field it was sent in.
fn refusal<T>(kept: Result<T, zhengtong_service::Error>) -> Result<Vec<FieldError>, Fault> {
    match kept {
        Ok(_) => Ok(Vec::new()),
        Err(error) if error.fields().is_empty() => Err(error.into()),
        Err(error) => Ok(error.fields()),
    }
}

/// Values that the city holds and the person left as they are need not be sent: they are what is kept.
fn with_known(
    open: &Open,
    at: &PageRef,
    mut inputs: Vec<(String, String)>,
    today: time::Date,
) -> Vec<(String, String)> {
    let (answers, known) = (&open.draft.answers, &open.draft.known);
    for asked in zhengtong_form::asked(&open.form, at, answers, known, today).unwrap_or_default() {
        let key = &asked.field.key;
        let sent =
            inputs.iter().any(|(name, _)| name == key || name.starts_with(&format!("{key}-")));
        if asked.source.is_some() && !sent {
            inputs.extend(asked.input.into_iter().map(|value| (key.clone(), value)));
        }
    }
    inputs
}

pub(crate) fn address(id: Uuid, at: &PageRef) -> String {
    match at.entry {
        Some(number) => format!("/my/draft/{id}/page/{}?entry={number}", at.page),
        None => format!("/my/draft/{id}/page/{}", at.page),
    }
}

fn wizard(
    visit: &Visit,
    open: &Open,
    at: &PageRef,
    change: Option<&str>,
    errors: &[FieldError],
    clashes: &[zhengtong_form::Clash],
) -> Answer {
    let lang = visit.lang();
    let today = zhengtong_form::today(visit.app.db.clock().now());
    let answers = (&open.draft.answers, &open.draft.known);
    let asked = zhengtong_form::asked(&open.form, at, answers.0, answers.1, today)
        .ok_or_else(Fault::absent)?;
    let def = open.form.page(&at.page).ok_or_else(Fault::absent)?;
    let heading = def.title.get(lang);
    let mut frame = visit.frame(heading, Place::Services);
    frame.service = open.listed.item.name.get(lang).into();
    let shown = question::errors(&asked, errors, lang);
    if !shown.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let pages = zhengtong_form::visible_pages(&open.form, answers.0, answers.1);
    let id = open.draft.id;
    let place = pages.iter().position(|page| page == at).unwrap_or(0);
    let before = place.checked_sub(1).and_then(|place| pages.get(place));
    let previous = before.map_or_else(|| format!("/my/draft/{id}"), |page| address(id, page));
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let summary: Vec<(&str, &str)> =
        shown.iter().map(|(field, words)| (field.as_str(), words.as_str())).collect();
    let section = def.section.as_ref().map_or(heading, |section| section.get(lang));
    let list = def.repeat.is_some() && at.entry.is_none();
    let body = html! { div.flow {
        div { (back(lang.pick("上一步", "Back"), &previous)) (part(section, count(place + 1), count(pages.len()))) }
        (error_summary(lang, &summary))
        @if !clashes.is_empty() { (clash(lang, clashes)) }
        @if list {
            (question::entries(&frame, &open.draft, def, at))
        } @else {
            (form(&frame, &Form::post(address(id, at)).files(), html! {
                h1 { (heading) }
                (zhengtong_ui::field::hidden("seen", &open.draft.version.to_string()))
                (question::fields(&frame, &question::Shown { visit, draft: &open.draft, at, change, errors: &shown }, &asked))
                (actions(html! {
                    (submit(&Button::new(lang.pick("保存并继续", "Save and continue")).size(Size::Large)))
                    (submit(&Button::quiet(lang.pick("先到这里，下次再填", "Stop here for now")).sends("then", "leave")))
                }))
            }))
        }
        (saved(&match lang {
            Lang::Zh => format!("{} 已保存，换手机登录也能接着填", zhengtong_http::clock_time(open.draft.updated)),
            Lang::En => format!("Saved {}; you can go on from another device", zhengtong_http::clock_time(open.draft.updated)),
        }))
    } };
    let aside = html! {
        @if let Some(why) = &def.why { (panel(&Panel::new(lang.pick("为什么问这个", "Why we ask")), html! { p.soft { (why.get(lang)) } })) }
        (panel(&Panel::new(lang.pick("需要人帮忙", "Need help")), html! { p.soft { (lang.pick(
            "拨 12345，说您要办的事和本页编号，有人帮您看是哪一步。您没提交的内容他们看不到。",
            "Call 12345 with the name of the service and the page number. They cannot see what you have not handed in.",
        )) } }))
    };
    Ok(see(hall(&frame, page(split(body, aside)))))
}

fn clash(lang: Lang, clashes: &[zhengtong_form::Clash]) -> Markup {
    notice(
        &Notice::new(Mood::Warning, lang.pick("您在另一个窗口也改了这一页", "You changed this page in another window too"))
            .body(html! {
                p { (lang.pick("现在存下的是这次填的。上次填的是：", "What you just sent is kept. Before, it was:")) }
                ul { @for clash in clashes { li { (clash.label.get(lang)) "：" (clash.earlier) " → " (clash.later) } } }
            }),
    )
}

async fn add(visit: Visit, Path((id, page)): Path<(Uuid, String)>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let (_, at) = zhengtong_form::add_entry(&mut ctx, id, &page).await?;
    ctx.commit().await?;
    Ok(redirect(&address(id, &at)))
}

async fn remove(
    visit: Visit,
    Path((id, page, number)): Path<(Uuid, String, u32)>,
    fields: Fields,
) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_form::remove_entry(&mut ctx, id, &page, number).await?;
    ctx.commit().await?;
    Ok(redirect(&address(id, &PageRef::page(page))))
}

async fn overview(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let open = open(&mut ctx, id).await?;
    ctx.commit().await?;
    if let Some(no) = &open.draft.submitted_case {
        return Ok(redirect(&format!("/my/case/{no}/receipt")));
    }
    Ok(see(checklist(&visit, &open, &[], Consent { sharing: false, truth: false })))
}

async fn overview_redirect(Path(id): Path<Uuid>) -> Answer {
    Ok(redirect(&format!("/my/draft/{id}")))
}

async fn hand_in(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let consent =
        Consent { sharing: fields.has("sharing", "yes"), truth: fields.has("truth", "yes") };
    match zhengtong_service::submit(&mut ctx, id, consent).await {
        Ok(no) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/my/case/{no}/receipt")))
        }
        Err(error) if !error.fields().is_empty() => {
            let errors = error.fields();
            drop(ctx);
            let mut ctx = visit.ctx().await?;
            let open = open(&mut ctx, id).await?;
            ctx.commit().await?;
            let mut page = see(checklist(&visit, &open, &errors, consent));
            *page.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok(page)
        }
        Err(error) => Err(error.into()),
    }
}

async fn discard(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_form::discard(&mut ctx, id).await?;
    ctx.commit().await?;
    Ok(redirect("/my"))
}

fn checklist(visit: &Visit, open: &Open, errors: &[FieldError], consent: Consent) -> Markup {
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
    let mut rows: Vec<Task<'_>> = steps
        .iter()
        .map(|step| {
            let progress = match step.status {
                StepStatus::Done => Progress::Done,
                StepStatus::InProgress => Progress::Now,
                StepStatus::NotStarted => Progress::Open,
                StepStatus::CannotStart => Progress::Waiting,
            };
            let href = address(id, &step.page);
            let task = Task::new(progress, step.title.get(lang), href);
            match &step.section {
                Some(section) => task.note(section.get(lang)),
                None => task,
            }
        })
        .collect();
    rows.push(Task::new(
        if ready { Progress::Now } else { Progress::Waiting },
        lang.pick("核对并提交", "Check and hand in"),
        format!("/my/draft/{id}#check"),
    ));
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let body = page(split(
        html! {
            (error_summary(lang, &summary))
            div.flow-l {
                div {
                    (back(name, &format!("/hall/{}", open.listed.slug)))
                    (title(&Title::new(heading).lead(html! { (for_whom(visit)) @match lang {
                        Lang::Zh => { (steps.len() + 1) " 步做完 " (done) " 步。" },
                        Lang::En => { " " (done) " of " (steps.len() + 1) " steps done." },
                    } })))
                }
                (tasks(lang, &rows))
            }
            (check(visit, &frame, open, ready, errors, consent))
        },
        aside(lang, &open.listed, &frame, id),
    ));
    hall(&frame, body)
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
    ready: bool,
    errors: &[FieldError],
    agreed: Consent,
) -> Markup {
    let lang = visit.lang();
    if !ready {
        return section(
            &Heading::new("check", lang.pick("提交前请核对", "Check your answers")),
            html! { p.soft { (lang.pick("上面的每一步做完后，在这里核对并提交。", "When every step above is done, check and hand in here.")) } },
        );
    }
    let form_facts =
        zhengtong_form::facts(&open.form, &open.draft.answers, &open.draft.known, lang);
    let id = open.draft.id;
    let now = visit.app.db.clock().now();
    let day = zhengtong_casework::promised_day(
        open.listed.promised.days,
        zhengtong_calendar::china_date(now),
    );
    let promised = day.map(|day| zhengtong_http::day(lang, day.date, now)).unwrap_or_default();
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
            @for part in &form_facts { (facts_of(lang, id, part)) }
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
                    p.meta { @match lang {
                        Lang::Zh => { "提交后当场给您受理号。受理后承诺 " strong { (open.listed.promised.days) " 个工作日" } "内办完，今天受理的话 " (promised) " 前。" },
                        Lang::En => { "You get a number at once. Once accepted it is decided within " strong { (open.listed.promised.days) " working days" } ", by " (promised) " if accepted today." },
                    } }
                }
            })))
        } },
    )
}

fn facts_of(lang: Lang, id: Uuid, part: &zhengtong_form::Section) -> Markup {
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
                Some(source) => line.source(source.title.get(lang)).change(
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
