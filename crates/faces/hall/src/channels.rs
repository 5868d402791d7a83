//! Where one hears of messages besides the inbox: an e-mail address and a mobile number, each proven by a code.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, month_day, redirect, see};
use zhengtong_notice::{Channel, Way};
use zhengtong_ui::field::{
    Field, Form, Input, Kind as InputKind, Layout, Pick, Width, code, error_summary, form, hidden,
    radios, text,
};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::navigate::back as back_link;
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{Button, actions, post as post_button, submit};
use zhengtong_ui::{Frame, Place, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/channels", get(shown).post(choose))
        .route("/my/channels/code/{id}", post(prove))
        .route("/my/channels/end/{way}", post(end))
}

async fn shown(visit: Visit) -> Answer {
    show(&visit, &Fields::default(), &[]).await
}

async fn show(visit: &Visit, fields: &Fields, errors: &[FieldError]) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let channels = zhengtong_notice::channels(&mut ctx).await?;
    let (ways, now) = (zhengtong_notice::ways(&ctx), ctx.now);
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("通知方式", "Notifications");
    let mut frame = visit.frame(heading, Place::Mine);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let whose = visit.actor.behalf.as_ref().map(|behalf| behalf.name.as_str());
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), "/my"))
        (error_summary(lang, &summary))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "消息总会放进“消息”里。想同时收到短信或邮件，在这里打开；里面只写一句提醒和网址，不写办件内容。",
            "Every message stands in your inbox. Here you may also have a text or a mail: a hint and a link, never what the case is about.",
        )) })))
        @if let Some(whose) = whose {
            (notice(&Notice::new(Mood::Info, html! { (lang.pick("现在设置的是：", "These are the channels of: ")) (whose) }.into_string())))
        }
        @if ways.is_empty() {
            p.soft { (lang.pick("本市还没有开通短信和邮件，消息请在网站上看。", "The city sends no texts and mails yet; please read your messages here.")) }
        }
        @for way in ways {
            @let channel = channels.iter().find(|channel| channel.way == way);
            (one(&frame, way, channel, (fields, errors), now))
        }
    });
    let mut response: Response = see(hall(&frame, body));
    if !errors.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn one(
    frame: &Frame<'_>,
    way: Way,
    channel: Option<&Channel>,
    (fields, errors): (&Fields, &[FieldError]),
    now: time::OffsetDateTime,
) -> Markup {
    let lang = frame.lang;
    let name = way.title();
    let here = fields.get("way") == way.word();
    let errors = if here { errors } else { &[] };
    let body = match channel {
        Some(channel) if channel.confirmed_at.is_some() => on(frame, channel, now),
        Some(channel) => waiting(frame, channel, errors),
        None => ask(lang, frame, way, fields.get(way.word()), errors),
    };
    let state = match channel {
        Some(channel) if channel.confirmed_at.is_some() => {
            tag(Tone::Good, lang.pick("已打开", "On"))
        }
        Some(_) => tag(Tone::Warn, lang.pick("等您输验证码", "Waiting for the code")),
        None => tag(Tone::Plain, lang.pick("没打开", "Off")),
    };
    panel(&Panel::new(name.get(lang)).note(state), body)
}

fn on(frame: &Frame<'_>, channel: &Channel, now: time::OffsetDateTime) -> Markup {
    let lang = frame.lang;
    let language = match channel.lang {
        Lang::Zh => lang.pick("中文", "Chinese"),
        Lang::En => lang.pick("英文", "English"),
    };
    let since = channel.confirmed_at.map(|at| month_day(lang, at, now)).unwrap_or_default();
    html! {
        (pairs([
            (lang.pick("发到", "Sent to").into(), html! { span.nowrap { (channel.shown) } }),
            (lang.pick("语言", "Language").into(), html! { (language) }),
            (lang.pick("打开日期", "On since").into(), html! { (since) }),
        ]))
        (post_button(&format!("/my/channels/end/{}", channel.way.word()), token(frame), &Button::secondary(lang.pick("关闭", "Switch off"))))
    }
}

fn waiting(frame: &Frame<'_>, channel: &Channel, errors: &[FieldError]) -> Markup {
    let lang = frame.lang;
    html! {
        p { (lang.pick("验证码已发到 ", "A code was sent to ")) span.nowrap { (channel.shown) } (lang.pick("，10 分钟内有效。", ", for 10 minutes.")) }
        (form(frame, &Form::post(format!("/my/channels/code/{}", channel.id)), html! {
            (hidden("way", channel.way.word()))
            (code(lang, &Field::new("code", lang.pick("验证码", "Code")).errors(errors, lang)))
            (actions(submit(&Button::new(lang.pick("验证", "Confirm")))))
        }))
        (post_button(&format!("/my/channels/end/{}", channel.way.word()), token(frame), &Button::quiet(lang.pick("换一个地址，或者不要了", "Another address, or none"))))
    }
}

fn ask(lang: Lang, frame: &Frame<'_>, way: Way, typed: &str, errors: &[FieldError]) -> Markup {
    let (label, kind, width) = match way {
        Way::Mail => (lang.pick("邮箱地址", "E-mail address"), InputKind::Email, Width::Long),
        Way::Sms => (lang.pick("手机号码", "Mobile number"), InputKind::Phone, Width::Short),
    };
    let field = Field::new(way.word(), label).errors(errors, lang);
    let languages = [Pick::new("zh", "中文"), Pick::new("en", "English")];
    let chosen = lang.pick("zh", "en");
    let language = language_field(way);
    html! {
        (form(frame, &Form::post("/my/channels"), html! {
            (hidden("way", way.word()))
            (text(lang, &field, &Input::new(typed).kind(kind).width(width)))
            (radios(lang, &Field::new(language, lang.pick("用什么语言", "In which language")), &languages, chosen, Layout::Across))
            (actions(submit(&Button::new(lang.pick("发验证码", "Send me a code")))))
        }))
    }
}

/// Both ways stand on one page: each field has a name of its own.
fn language_field(way: Way) -> &'static str {
    match way {
        Way::Mail => "mail-lang",
        Way::Sms => "sms-lang",
    }
}

async fn choose(visit: Visit, fields: Fields) -> Answer {
    let way = Way::parse(fields.get("way")).ok_or_else(Fault::absent)?;
    let lang = if fields.get(language_field(way)) == "en" { Lang::En } else { Lang::Zh };
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_notice::set_channel(&mut ctx, way, fields.get(way.word()), lang).await {
        Ok(_channel) => {
            ctx.commit().await?;
            Ok(redirect("/my/channels"))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            let mut errors = error.fields();
            for error in errors.iter_mut().filter(|error| error.field == "address") {
                way.word().clone_into(&mut error.field);
            }
            show(&visit, &fields, &errors).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn prove(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let proven = zhengtong_notice::confirm_channel(&mut ctx, id, fields.get("code")).await?;
    // A wrong code is counted, so it is committed as well.
    ctx.commit().await?;
    match proven {
        Ok(()) => Ok(redirect("/my/channels")),
        Err(error) => show(&visit, &fields, &error.fields()).await,
    }
}

async fn end(visit: Visit, Path(way): Path<String>, fields: Fields) -> Answer {
    let way = Way::parse(&way).ok_or_else(Fault::absent)?;
    let mut ctx = visit.act(&fields).await?;
    zhengtong_notice::drop_channel(&mut ctx, way).await?;
    ctx.commit().await?;
    Ok(redirect("/my/channels"))
}
