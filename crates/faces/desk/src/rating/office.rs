//! The rating office: reading words before the public does, writing calls down, who rated. And the code of a window.

use axum::extract::Path;
use maud::{Markup, PreEscaped, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Lang};
use zhengtong_http::{Answer, Fields, Visit, redirect};
use zhengtong_rating::{Channel, InForce, Place as Where, Said, Unread};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Area, Field, Form, Layout, Pick, errors, form, radios, select, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::outcome::code_picture;
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, actions, submit};

use super::acts::Typed;
use super::{names, show, words_field};
use crate::bench::{Bench, reading, staff_only};

pub(super) async fn words(visit: Visit) -> Answer {
    words_page(&visit, None, &Typed::default()).await
}

async fn words_page(visit: &Visit, at: Option<Uuid>, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let unread = zhengtong_rating::unread(&mut ctx).await?;
    let names = names(&mut ctx, unread.iter().map(|one| one.department).collect()).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("审看评价的话", "Words to be read");
    let mut frame = bench.frame(visit, heading);
    let faulty = !typed.errors.is_empty() || typed.said.is_some();
    if faulty {
        frame.standing = Standing::Faulty;
    }
    let empty = Typed::default();
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("差评整改", "Bad ratings"), "/desk/ratings")], heading))
        (errors(lang, &typed.errors))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "只去掉姓名、电话、办件号这些个人信息，别改意思。好话坏话一样公开。",
            "Take out names and numbers only, and do not change what is meant. Good and bad words are shown alike.",
        )) })))
        @if unread.is_empty() { p.soft { (lang.pick("都看完了。", "All read.")) } }
        @for one in &unread {
            @let typed = if at == Some(one.rating) { typed } else { &empty };
            (panel(&Panel::new(names.get(&one.department).map_or("–", |name| name.get(lang)).to_owned()), html! {
                p { (tag(if zhengtong_rating::is_bad(one.level) { Tone::Warn } else { Tone::Good }, if zhengtong_rating::is_bad(one.level) { lang.pick("差评", "Bad") } else { lang.pick("好评", "Good") })) }
                blockquote lang="zh-CN" { (one.words) }
                (review_form(lang, &frame, one, typed))
            }))
        }
    };
    if faulty {
        return Ok(bench.refused(visit, &frame, body, Kind::Invalid));
    }
    Ok(bench.page(visit, &frame, body))
}

fn review_form(lang: Lang, frame: &Frame<'_>, one: &Unread, typed: &Typed) -> Markup {
    // Several forms stand on the page: the name of a field is its own.
    let area = |name: &'static str, label: &'static str, usual: &str| {
        let name = own(name, one.rating);
        let sent = typed.fields.get(&name).to_owned();
        let value = if sent.is_empty() { usual.to_owned() } else { sent };
        let field = Field::new(name, label).errors(&typed.errors, lang);
        textarea(lang, &field, &Area { value: value.into(), rows: 2, ..Area::default() })
    };
    form(
        frame,
        &Form::post(format!("/desk/ratings/words/{}", one.rating)),
        html! {
            (area("shown", lang.pick("公开的话", "What is shown"), &one.words))
            @if let Some(reply) = &one.reply {
                (area("reply", lang.pick("公开的答复", "The reply that is shown"), reply))
            }
            (area("reason", lang.pick("不公开的理由（不公开才写）", "Why it is held back (only then)"), ""))
            (actions(html! {
                (submit(&Button::new(lang.pick("公开", "Show")).sends("do", "show")))
                (submit(&Button::secondary(lang.pick("不公开", "Hold back")).sends("do", "hold")))
            }))
        },
    )
}

/// The name of a field in the form of one rating.
fn own(name: &str, rating: Uuid) -> String {
    format!("{name}-{}", rating.simple())
}

pub(super) async fn review(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let typed = |name: &str| fields.get(&own(name, id)).to_owned();
    let shown = (fields.get("do") == "show").then(|| typed("shown"));
    let (reply, reason) = (typed("reply"), typed("reason"));
    match zhengtong_rating::review(&mut ctx, id, shown.as_deref(), &reply, &reason).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect("/desk/ratings/words"))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            let mut errors = error.fields();
            for error in &mut errors {
                error.field = own(&error.field, id);
            }
            words_page(&visit, Some(id), &Typed { fields, errors, ..Typed::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn rater(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_rating::identity(&mut ctx, &no, fields.get("why")).await {
        Ok(found) => {
            ctx.commit().await?;
            show(&visit, &no, &Typed { rater: Some(found), ..Typed::default() }).await
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            let errors = error.fields();
            show(&visit, &no, &Typed { fields, errors, ..Typed::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn recording(visit: Visit) -> Answer {
    recording_page(&visit, &Typed::default()).await
}

pub(super) async fn record(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let said = Said {
        level: fields.get("level").parse().unwrap_or(0),
        words: fields.get("words").to_owned(),
        ..Said::default()
    };
    let channel = Channel::parse(fields.get("channel")).unwrap_or(Channel::Pc);
    let Ok(department) = fields.get("department").parse::<Uuid>() else {
        drop(ctx);
        let missing =
            zhengtong_base::FieldError::new("department", "请选单位", "choose a department");
        return recording_page(
            &visit,
            &Typed { fields, errors: vec![missing], ..Typed::default() },
        )
        .await;
    };
    match zhengtong_rating::record(&mut ctx, department, None, channel, &said).await {
        Ok(_rating) => {
            ctx.commit().await?;
            Ok(redirect("/desk/ratings"))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            let errors = error.fields();
            recording_page(&visit, &Typed { fields, errors, ..Typed::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn recording_page(visit: &Visit, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let departments = zhengtong_party::departments(&mut ctx).await?;
    let wording = zhengtong_rating::wording(&ctx).ok_or_else(zhengtong_http::Fault::absent)?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("代录电话、短信评价", "Write a call down");
    let mut frame = bench.frame(visit, heading);
    if !typed.errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let units: Vec<Pick<'_>> = departments
        .iter()
        .map(|unit| Pick::new(unit.id.to_string(), unit.name.get(lang)))
        .collect();
    let ways: Vec<(Channel, zhengtong_base::Text)> =
        [Channel::Phone, Channel::Sms, Channel::Terminal].map(|way| (way, way.title())).into();
    let ways: Vec<Pick<'_>> =
        ways.iter().map(|(way, title)| Pick::new(way.word(), title.get(lang))).collect();
    let field = |name: &'static str, label: &'static str| {
        Field::new(name, label).errors(&typed.errors, lang)
    };
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("差评整改", "Bad ratings"), "/desk/ratings")], heading))
        (errors(lang, &typed.errors))
        (title(&Title::new(heading).lead(html! { (lang.pick("照对方的原话记。不问、也不记是谁。", "Write down what was said. Neither ask nor write who it is.")) })))
        (panel(&Panel::default(), form(&frame, &Form::post("/desk/ratings/record"), html! {
            (select(lang, &field("department", lang.pick("评的是哪个单位", "Department")), &units, typed.fields.get("department")))
            (radios(lang, &field("channel", lang.pick("怎么来的", "How it came")), &ways, typed.fields.get("channel"), Layout::Across))
            (radios(lang, &field("level", lang.pick("满意程度", "Level")), &levels(lang, &wording), typed.fields.get("level"), Layout::Across))
            (words_field(&frame, "words", lang.pick("说了什么", "What was said"), typed))
            (actions(submit(&Button::new(lang.pick("记下", "Write it down")))))
        })))
    };
    if typed.errors.is_empty() {
        return Ok(bench.page(visit, &frame, body));
    }
    Ok(bench.refused(visit, &frame, body, Kind::Invalid))
}

fn levels(lang: Lang, wording: &InForce) -> Vec<Pick<'_>> {
    let levels = wording.rules.level.iter();
    levels.map(|level| Pick::new(level.code.to_string(), level.title.get(lang))).collect()
}

pub(super) async fn asking(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("窗口评价码", "Code of the window"));
    Ok(bench.page(&visit, &frame, code_form(lang, &frame)))
}

fn code_form(lang: Lang, frame: &Frame<'_>) -> Markup {
    html! {
        (title(&Title::new(lang.pick("窗口评价码", "Code of the window")).lead(html! { (lang.pick(
            "办完一位，出一个码，请对方自己扫。一码一次，评不评由对方，不要催、不要代评。",
            "One code for each visitor, scanned by the visitor and used once. Rating is voluntary: do not press, do not rate for anybody.",
        )) })))
        (panel(&Panel::default(), form(frame, &Form::post("/desk/ratings/code"), html! {
            (actions(submit(&Button::new(lang.pick("出一个评价码", "Make a code")))))
        })))
    }
}

pub(super) async fn code(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let address = format!("{}/rate/", visit.app.settings.public_url);
    let ticket = zhengtong_rating::invite(&mut ctx, None, &address).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("窗口评价码", "Code of the window"));
    let path = format!("/rate/{}", ticket.code);
    let asked: Where = Where::Offline;
    let body = html! {
        (code_form(lang, &frame))
        (panel(&Panel::new(lang.pick("请扫码评价", "Scan to rate")).note(html! { (asked.title().get(lang)) }), html! {
            (code_picture(lang, PreEscaped(ticket.picture), lang.pick("扫码评一评", "Scan to rate")))
            p { (lang.pick("没有手机的，用大厅平板打开：", "On a tablet of the hall: ")) a href={ (path) "?by=tablet" } { (lang.pick("打开评价页", "open the page")) } }
            p.meta { (ticket.last) (lang.pick(" 前有效，只能用一次。", ": the last day; used once.")) }
        }))
    };
    Ok(bench.page(&visit, &frame, body))
}
