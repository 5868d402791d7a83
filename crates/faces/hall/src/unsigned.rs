//! Without a login: writing a letter, looking it up with its code, and what was published.

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use zhengtong_base::{Failure as _, FieldError, Lang, Text};
use zhengtong_form::Asked;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, see};
use zhengtong_service::{Listed, Looked, Published, PublishedRule, Slip};
use zhengtong_ui::field::{Field, Form, Input, Kind, Width, errors, form, text};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, page, split, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::outcome::{Receipt, receipt};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, print_button, submit};
use zhengtong_ui::summary::{Answer as Line, answers};
use zhengtong_ui::{Frame, Place, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/hall/{slug}/write", get(ask).post(write))
        .route("/hall/{slug}/look", get(which).post(look))
        .route("/hall/{slug}/published", get(published))
}

/// The item, when it may be handed in without a login.
async fn item(visit: &Visit, slug: &str) -> Result<std::sync::Arc<Listed>, Fault> {
    let mut ctx = visit.ctx().await?;
    let listed = zhengtong_service::by_slug(&mut ctx, slug).await?;
    ctx.commit().await?;
    if listed.item.unsigned.is_none() {
        return Err(Fault::absent());
    }
    Ok(listed)
}

async fn ask(visit: Visit, Path(slug): Path<String>) -> Answer {
    sheet(&visit, &slug, &Fields::default(), &[]).await
}

async fn write(visit: Visit, Path(slug): Path<String>, fields: Fields) -> Answer {
    let listed = item(&visit, &slug).await?;
    let mut ctx = visit.act(&fields).await?;
    let given = fields.typed();
    match zhengtong_service::write(&mut ctx, &listed.id, &given, fields.get("address")).await {
        Ok(slip) => {
            ctx.commit().await?;
            Ok(kept(&visit, &listed, &slip))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            sheet(&visit, &slug, &fields, &error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn sheet(visit: &Visit, slug: &str, sent: &Fields, faults: &[FieldError]) -> Answer {
    let listed = item(visit, slug).await?;
    let defs = visit.app.db.defs::<zhengtong_form::Catalog>()?;
    let form_def = defs.form(&listed.form()).ok_or_else(Fault::absent)?;
    let lang = visit.lang();
    let here = listed.item.unsigned.as_ref().map_or("", |rule| rule.title.get(lang));
    let heading = format!("{}{}{here}", listed.item.name.get(lang), lang.pick("：", ": "));
    let mut frame = visit.frame(&heading, Place::Services);
    if !faults.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let shown: Vec<(String, String)> =
        faults.iter().map(|fault| (fault.field.clone(), fault.text.get(lang).to_owned())).collect();
    let typed = |key: &str| {
        sent.0.iter().filter(|(name, _)| name == key).map(|(_, value)| value.clone()).collect()
    };
    let asked: Vec<Asked<'_>> = zhengtong_service::unsigned_fields(&form_def)
        .map(|field| Asked {
            field,
            input: typed(&field.key),
            error: None,
            source: None,
            files: Vec::new(),
        })
        .collect();
    let body = page(html! {
        (way(lang, &listed, here))
        (errors(lang, faults))
        (split(html! {
            (title(&Title::new(&heading).lead(html! { (lang.pick(
                "不用登录，也不问您是谁。留一个手机号码或邮箱，有答复时告诉您；凭查询码随时看进度。",
                "No login, and nobody asks who you are. Leave a mobile number or an e-mail address to hear of the answer; with the code you look it up at any time.",
            )) })))
            (form(&frame, &Form::post(format!("/hall/{slug}/write")), html! {
                @for one in &asked { (crate::question::one(lang, one, &shown)) }
                (text(lang, &Field::new("address", lang.pick("手机号码或邮箱", "Mobile number or e-mail address")).hint(lang.pick(
                    "只用来告诉您有答复了，加密保存，承办单位看不到。",
                    "Only to tell you that there is an answer. Kept sealed; the unit that answers does not see it.",
                )).errors(faults, lang), &Input::new(sent.get("address")).width(Width::Long).length_max(100)))
                (actions(submit(&Button::new(lang.pick("寄出", "Send")).size(Size::Large))))
            }))
        }, html! { (panel(&Panel::new(lang.pick("先看一眼", "Before you write")), html! {
            p { (lang.pick("要附照片、文件的，请登录后写。", "To attach photographs or files, sign in first.")) }
            p { a href={ "/hall/" (slug) "/look" } { (lang.pick("凭查询码查进度", "Look it up with the code")) } }
            p { a href={ "/hall/" (slug) } { (lang.pick("办事指南", "The guide")) } }
        })) }))
    });
    Ok(answered(hall(&frame, body), faults))
}

fn answered(body: Markup, faults: &[FieldError]) -> Response {
    let mut response = see(body);
    if !faults.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

fn way(lang: Lang, listed: &Listed, here: &str) -> Markup {
    let name = listed.item.name.get(lang);
    crumbs(
        lang,
        &[
            Link::new(lang.pick("首页", "Home"), "/"),
            Link::new(lang.pick("办事", "Services"), "/hall"),
            Link::new(name, format!("/hall/{}", listed.slug)),
        ],
        here,
    )
}

/// The receipt: the only page that shows the code.
fn kept(visit: &Visit, listed: &Listed, slip: &Slip) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("收到了", "We have it");
    let next = listed.item.unsigned.as_ref().map_or("", |rule| rule.next.get(lang));
    let frame = visit.frame(heading, Place::Services);
    see(hall(
        &frame,
        page(html! {
            (way(lang, listed, heading))
            (receipt(&Receipt {
                title: heading.into(),
                number_label: lang.pick("受理号", "Number").into(),
                number: slip.no.as_str().into(),
                next: next.into(),
                code: None,
            }))
            (notice(&Notice::new(Mood::Warning, lang.pick("请记下查询码，只显示这一次", "Write the code down: it is shown only once")).body(html! {
                p { strong.code.query-code { (slip.code) } }
                p { (lang.pick("凭受理号和查询码看进度和答复。谁有查询码谁就能看，请不要给别人；丢了找不回来。", "Number and code open it. Whoever has the code can read it; it cannot be given again.")) }
            })))
            (actions(html! {
                (print_button(lang.pick("打印", "Print")))
                (link_button(&Button::secondary(lang.pick("查进度", "Look it up")), &format!("/hall/{}/look", listed.slug)))
            }))
        }),
    ))
}

async fn which(visit: Visit, Path(slug): Path<String>) -> Answer {
    let listed = item(&visit, &slug).await?;
    Ok(question(&visit, &listed, &Fields::default(), &[]))
}

async fn look(visit: Visit, Path(slug): Path<String>, fields: Fields) -> Answer {
    let listed = item(&visit, &slug).await?;
    let mut ctx = visit.act(&fields).await?;
    ctx.key = None;
    let (no, code) = (fields.get("no"), fields.get("code"));
    let found = zhengtong_service::look(&mut ctx, &listed.id, no, code).await?;
    ctx.commit().await?;
    let Some(found) = found else {
        let fault = FieldError {
            field: "code".to_owned(),
            text: Text::new(
                "受理号和查询码对不上。请核对，查询码分四组，每组四位",
                "number and code do not fit; the code has four groups of four",
            ),
        };
        return Ok(question(&visit, &listed, &fields, &[fault]));
    };
    let frame = visit.frame(&found.no, Place::Services);
    Ok(see(hall(&frame, page(letter(visit.lang(), &listed, &found)))))
}

fn question(visit: &Visit, listed: &Listed, sent: &Fields, faults: &[FieldError]) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("凭查询码查进度", "Look it up with the code");
    let mut frame = visit.frame(heading, Place::Services);
    if !faults.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let body = page(html! {
        (way(lang, listed, heading))
        (errors(lang, faults))
        (title(&Title::new(heading)))
        (form(&frame, &Form::post(format!("/hall/{}/look", listed.slug)), html! {
            (text(lang, &Field::new("no", lang.pick("受理号", "Number")), &Input::new(sent.get("no")).width(Width::Long).length_max(40)))
            (text(lang, &Field::new("code", lang.pick("查询码", "Code")).errors(faults, lang), &Input::new("").kind(Kind::Code).width(Width::Long).autocomplete("off")))
            (actions(submit(&Button::new(lang.pick("查询", "Look up")))))
        }))
        p.soft { (lang.pick("登录后写的，在“我的”里看。", "What you wrote after signing in is in My space.")) }
    });
    answered(hall(&frame, body), faults)
}

fn letter(lang: Lang, listed: &Listed, found: &Looked) -> Markup {
    let mine: Vec<Line<'_>> = found
        .facts
        .iter()
        .flat_map(|section| &section.rows)
        .map(|fact| Line::new(fact.label.get(lang), fact.value.get(lang)))
        .collect();
    html! {
        (way(lang, listed, &found.no))
        (title(&Title::new(found.title.get(lang)).meta(html! { (found.no) " · " (stands(lang, found)) })))
        @if let Some(answer) = &found.answer {
            (notice(&Notice::new(Mood::Done, lang.pick("答复", "The answer")).body(html! { p { (answer.get(lang)) } })))
        }
        (answers(lang.pick("您写的", "What you wrote"), &mine))
        (panel(&Panel::new(lang.pick("进度", "Its course")), html! {
            @for (at, words, reason) in &found.events {
                p { span.meta { (clock_time(*at)) } " " (words.get(lang))
                    @if let Some(reason) = reason { "：" (reason) } }
            }
        }))
    }
}

/// Where a letter stands, in words that fit one.
fn stands(lang: Lang, found: &Looked) -> String {
    use zhengtong_casework::State;
    match found.state {
        State::Submitted => lang.pick("已收到，等分派", "received").to_owned(),
        State::Declined => lang.pick("不予办理", "not handled").to_owned(),
        other => other.title().get(lang).to_owned(),
    }
}

#[derive(Deserialize)]
struct Wanted {
    q: Option<String>,
    page: Option<u32>,
}

async fn published(visit: Visit, Path(slug): Path<String>, Query(wanted): Query<Wanted>) -> Answer {
    let words = wanted.q.unwrap_or_default();
    let mut ctx = visit.ctx().await?;
    let listed = zhengtong_service::by_slug(&mut ctx, &slug).await?;
    let number = wanted.page.unwrap_or(1).max(1);
    let (rule, found) = zhengtong_service::published(&mut ctx, &slug, &words, number).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = rule.title.get(lang);
    let frame = visit.frame(heading, Place::Services);
    let body = page(html! {
        (way(lang, &listed, heading))
        (title(&Title::new(heading).lead(html! { (rule.lead.get(lang)) })))
        (search(&frame, &slug, rule.search.get(lang), &words))
        @if found.rows.is_empty() {
            p.soft { @if words.is_empty() { (lang.pick("还没有公开的。", "Nothing has been published yet.")) }
                @else { (lang.pick("没有找到，换个词试试。", "Nothing found; try another word.")) } }
        } @else {
            p.meta { @match lang { Lang::Zh => { "共 " (found.total) " 条" }, Lang::En => { (found.total) " published" } } }
        }
        @for one in &found.rows { (entry(lang, &rule, one)) }
        (pager(lang, Pager { page: number, pages: found.pages(), href: &address(&slug, &words) }))
    });
    Ok(see(hall(&frame, body)))
}

/// The address of a page of results up to its number.
fn address(slug: &str, words: &str) -> String {
    let words = utf8_percent_encode(words, NON_ALPHANUMERIC);
    format!("/hall/{slug}/published?q={words}&page=")
}

fn search(frame: &Frame<'_>, slug: &str, label: &str, words: &str) -> Markup {
    let lang = frame.lang;
    form(
        frame,
        &Form::get(format!("/hall/{slug}/published")),
        html! {
            (text(lang, &Field::new("q", label).optional(), &Input::new(words).width(Width::Long).length_max(100)))
            (actions(submit(&Button::secondary(lang.pick("搜索", "Search")))))
        },
    )
}

fn entry(lang: Lang, rule: &PublishedRule, one: &Published) -> Markup {
    let name = one.question.get(lang);
    panel(
        &Panel::default(),
        html! {
            p { (tag(Tone::Line, one.class.get(lang))) " " span.meta { (one.day.get(lang)) } }
            p { strong { @match &one.link {
                Some(link) => { a href=(link) rel="noopener nofollow ugc" { (name) } },
                None => { (name) },
            } } }
            p { (rule.before_answer.as_ref().map_or("", |words| words.get(lang))) (one.answer.get(lang)) }
            @for (label, said) in &one.more { p.meta { (label.get(lang)) (lang.pick("：", ": ")) (said.get(lang)) } }
        },
    )
}
