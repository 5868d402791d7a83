//! An application: the start, one page of questions at a time, the list of tasks, check and hand in.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Lang};
use zhengtong_casework::Promised;
use zhengtong_db::Ctx;
use zhengtong_form::{Draft, FieldKind, Form as FormDef, PageRef};
use zhengtong_http::{Answer, App, Fault, Fields, Uploads, Visit, month_day, redirect, see};
use zhengtong_party::BehalfCard;
use zhengtong_service::{Consent, Listed, Object, Sent};
use zhengtong_ui::field::{Form, error_summary, form};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, page, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, back, crumbs, part};
use zhengtong_ui::notice::{Mood, Notice, notice, saved};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, post as post_button, submit};
use zhengtong_ui::{Frame, Place, hall};

use crate::{question, tasks};

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
pub(crate) struct Open {
    pub(crate) draft: Draft,
    pub(crate) listed: std::sync::Arc<Listed>,
    pub(crate) form: std::sync::Arc<FormDef>,
    /// What is promised, by the limit and the calendar in force today.
    pub(crate) promised: Promised,
    /// Elements of which somebody says that what the city holds is wrong.
    disputed: std::collections::BTreeSet<String>,
}

async fn open(ctx: &mut Ctx, id: Uuid) -> Result<Open, Fault> {
    let draft = zhengtong_form::open(ctx, id).await?;
    let listed =
        ctx.defs::<zhengtong_service::Catalog>()?.get(&draft.item).ok_or_else(Fault::absent)?;
    let form =
        ctx.defs::<zhengtong_form::Catalog>()?.form(&draft.form).ok_or_else(Fault::absent)?;
    let promised = zhengtong_casework::promised(ctx, &listed.case(), listed.promised).await?;
    let disputed = if ctx.actor.person.is_some() && !draft.known.is_empty() {
        zhengtong_sharing::my_marks(ctx).await?
    } else {
        std::collections::BTreeSet::new()
    };
    Ok(Open { draft, listed, form, promised, disputed })
}

async fn start(visit: Visit, Path(slug): Path<String>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let listed = zhengtong_service::by_slug(&mut ctx, &slug).await?;
    let drafts = zhengtong_form::mine(&mut ctx).await?;
    let behalfs = match Object::of(&visit.actor) {
        // What is not begun by duty is asked for by people and organisations.
        Object::Official if listed.item.object.contains(&Object::Official) => Vec::new(),
        Object::Official | Object::Natural | Object::Legal => {
            zhengtong_party::behalfs(&mut ctx).await?
        }
    };
    let held = if fits(&visit, &listed) {
        zhengtong_service::licences(&mut ctx, &listed).await?
    } else {
        Vec::new()
    };
    ctx.commit().await?;
    let lang = visit.lang();
    let name = listed.item.name.get(lang);
    let frame = visit.frame(name, Place::Services);
    let now = visit.app.db.clock().now();
    let mine: Vec<Entry> = drafts
        .iter()
        .filter(|draft| draft.item == listed.id)
        .map(|draft| {
            let day = month_day(lang, draft.updated, now);
            let words = match lang {
                Lang::Zh => format!("接着填 {day} 存下的那份"),
                Lang::En => format!("Go on with the one saved on {day}"),
            };
            Entry::link(&words, &format!("/my/draft/{}", draft.id))
        })
        .collect();
    let minutes = listed.item.minutes;
    let main = html! {
        (crumbs(lang, &[Link::new(lang.pick("办事", "Services"), "/hall"), Link::new(name, format!("/hall/{slug}"))], lang.pick("开始办理", "Start")))
        div.flow-l {
            (title(&Title::new(name).lead(html! { (for_whom(&visit)) })))
            (whose(&visit, &frame, &listed, &behalfs))
            @if !mine.is_empty() {
                (panel(&Panel::new(lang.pick("您有没填完的", "Not finished yet")), list(&mine)))
            }
            @if fits(&visit, &listed) { div.flow {
                @if listed.item.licence.is_some() {
                    (crate::licence::which(&visit, &frame, &listed, &held))
                } @else {
                    (post_button(
                        &format!("/hall/{slug}/start"),
                        zhengtong_ui::frame::token(&frame),
                        &Button::new(lang.pick("开始填写", "Begin")).size(Size::Large),
                    ))
                }
                p.meta { @match lang {
                    Lang::Zh => { "约 " (minutes) " 分钟。每一页填完就存，可以换手机接着填，30 天内有效。" },
                    Lang::En => { "About " (minutes) " minutes. Every page is saved; go on from another device within 30 days." },
                } }
            } }
        }
    };
    let known = panel(
        &Panel::new(lang.pick("会用到哪些数据", "Which data is used")),
        html! { p.soft { (lang.pick(
            "我们会从登记库取出已经知道的内容替您填好，取用的时间和原因会记下来，您在“我的”里能看到。",
            "What the registries know is filled in for you. When and why it was read is recorded, and you can see it in My space.",
        )) } },
    );
    Ok(see(hall(&frame, page(split(main, known)))))
}

/// Whether the item is for the one in whose name the visitor acts now.
fn fits(visit: &Visit, listed: &Listed) -> bool {
    listed.item.object.contains(&Object::of(&visit.actor))
}

/// A matter of organisations that somebody begins for themselves: says so, and lets them change for whom.
fn whose(visit: &Visit, frame: &Frame<'_>, listed: &Listed, behalfs: &[BehalfCard]) -> Markup {
    let lang = visit.lang();
    if fits(visit, listed) {
        return html! {};
    }
    if listed.item.object.contains(&Object::Official) {
        let words = lang.pick("这件事由行政机关依职权办", "This is begun by the office itself");
        return notice(&Notice::new(Mood::Info, words).body(html! { p { (lang.pick(
            "不用申请。发现违法线索或有要反映的，请打 12345，或者写信给市长信箱。",
            "Nobody applies for it. To report something call 12345 or write to the mayor's mailbox.",
        )) } }));
    }
    let back = format!("/hall/{}/start", listed.slug);
    if visit.actor.behalf.is_some() {
        return notice(
            &Notice::new(Mood::Info, lang.pick("这件事由个人办", "This is for individuals")).body(html! {
                p { (lang.pick("您现在在代办单位的事。先切换回本人：", "You are acting for an organisation. Change back to yourself first:")) }
                form.post method="post" action="/my/act-for" data-once {
                    (zhengtong_ui::frame::token(frame))
                    (zhengtong_ui::field::hidden("back", &back))
                    (submit(&Button::secondary(lang.pick("切换回本人", "Back to myself"))))
                }
            }),
        );
    }
    notice(
        &Notice::new(Mood::Info, lang.pick("这件事要以单位的名义办", "This is done in the name of an organisation")).body(html! {
            @if behalfs.is_empty() {
                p { (lang.pick(
                    "您名下还没有能代办的单位。请法定代表人在“我的”里授权给您，或者由他自己登录来办。",
                    "No organisation has given you leave yet. Its legal representative can do so in My space, or apply in person.",
                )) }
                p { a href="/my" { (lang.pick("去“我的”看看", "To My space")) } }
            } @else {
                p { (lang.pick("您现在用的是本人身份。先选好为谁办：", "You are signed in for yourself. Choose for whom:")) }
                @for behalf in behalfs {
                    form.post method="post" action="/my/act-for" data-once {
                        (zhengtong_ui::frame::token(frame))
                        (zhengtong_ui::field::hidden("back", &back))
                        (submit(&Button::secondary(match lang {
                            Lang::Zh => format!("为 {} 办", behalf.name.get(lang)),
                            Lang::En => format!("For {}", behalf.name.get(lang)),
                        }).sends("organisation", behalf.organisation.to_string())))
                    }
                }
            }
        }),
    )
}

/// In whose name it is done.
pub(crate) fn for_whom(visit: &Visit) -> Markup {
    let lang = visit.lang();
    html! { @match &visit.actor.behalf {
        Some(behalf) => { (lang.pick("为 ", "For ")) strong { (behalf.name) } (lang.pick(" 办理，经办人 ", ", by ")) (visit.actor.name) (lang.pick("。", ".")) },
        None => { (lang.pick("为 ", "For ")) strong { (visit.actor.name) } (lang.pick("（本人）办理。", " (yourself).")) },
    } }
}

async fn begin(visit: Visit, Path(slug): Path<String>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let listed = zhengtong_service::by_slug(&mut ctx, &slug).await?;
    let draft = zhengtong_service::begin_with(&mut ctx, &listed.id, fields.get("licence")).await?;
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
                (question::fields(&frame, &question::Shown { visit, draft: &open.draft, at, change, errors: &shown, disputed: &open.disputed }, &asked))
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
    Ok(see(tasks::page(&visit, &open, &[], Consent { sharing: false, truth: false })))
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
            let mut page = see(tasks::page(&visit, &open, &errors, consent));
            *page.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok(page)
        }
        Err(error) => {
            drop(ctx);
            // Another window was faster: the same application has its number already.
            handed_in(&visit, id)
                .await
                .map_or_else(|| Err(error.into()), |receipt| Ok(redirect(&receipt)))
        }
    }
}

/// The receipt of a draft that was handed in.
async fn handed_in(visit: &Visit, id: Uuid) -> Option<String> {
    let mut ctx = visit.ctx().await.ok()?;
    let draft = zhengtong_form::open(&mut ctx, id).await.ok()?;
    ctx.commit().await.ok()?;
    draft.submitted_case.map(|no| format!("/my/case/{no}/receipt"))
}

async fn discard(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_form::discard(&mut ctx, id).await?;
    ctx.commit().await?;
    Ok(redirect("/my"))
}
