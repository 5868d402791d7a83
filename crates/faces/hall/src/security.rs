//! Account security: the second factor, recovery codes, a recovery that goes on, and how well the name is proven.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect, see};
use zhengtong_party::{AccountCard, Enrolment, Recovery, RecoveryCodes, Tried, level_title};
use zhengtong_ui::field::{Field, Form, Input, code, error_summary, form, text};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::back as back_link;
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{
    Button, actions, link_button, post as post_button, print_button, submit,
};
use zhengtong_ui::{Frame, Place, hall};

use crate::login::with_session;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/security", get(security))
        .route("/my/security/factor", get(ask_factor).post(begin_factor))
        .route("/my/security/factor/code", post(confirm_factor))
        .route("/my/security/codes", post(renew_codes))
        .route("/my/security/recovery/{id}", post(stop_recovery))
        .route("/my/level", get(level))
}

/// What the page shows.
struct Shown {
    account: AccountCard,
    codes: RecoveryCodes,
    recovery: Option<Recovery>,
}

async fn security(visit: Visit) -> Answer {
    show(&visit, &[]).await
}

async fn show(visit: &Visit, errors: &[FieldError]) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let shown = Shown {
        account: zhengtong_party::my_account(&mut ctx).await?,
        codes: zhengtong_party::recovery_codes(&mut ctx).await?,
        recovery: zhengtong_party::my_recovery(&mut ctx).await?,
    };
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("账号安全", "Account security");
    let mut frame = visit.frame(heading, Place::Mine);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let home = if visit.is_staff() { "/desk/me" } else { "/my" };
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), home))
        (error_summary(lang, &summary))
        (title(&Title::new(heading).meta(html! { (visit.actor.name) " · " (shown.account.login) })))
        @if let Some(recovery) = &shown.recovery { (going_on(&frame, recovery, errors)) }
        (factor_panel(visit, lang, &shown))
        (codes_panel(&frame, &shown))
        (panel(&Panel::new(lang.pick("密码和设备", "Password and devices")), list(&ways(lang, visit.is_staff()))))
    });
    Ok(see(hall(&frame, body)))
}

/// The other pages about how one signs in.
fn ways(lang: Lang, staff: bool) -> Vec<Entry> {
    let mut ways = vec![
        Entry::link(lang.pick("改密码", "Change password"), "/my/password"),
        Entry::link(lang.pick("通行密钥", "Passkeys"), "/my/passkeys"),
        Entry::link(lang.pick("登录的设备", "Signed-in devices"), "/my/sessions"),
    ];
    if staff {
        ways.insert(2, Entry::link(lang.pick("数字证书", "Certificates"), "/my/certificates"));
    }
    ways
}

fn factor_panel(visit: &Visit, lang: Lang, shown: &Shown) -> Markup {
    let state = if shown.account.second_factor {
        lamp(Light::Ok, lang.pick("已开通", "Set up"))
    } else {
        lamp(Light::Near, lang.pick("未开通", "Not set up"))
    };
    let href = if visit.is_staff() { "/desk/me#factor" } else { "/my/security/factor" };
    let words = if shown.account.second_factor {
        lang.pick("换一部手机", "Use another phone")
    } else {
        lang.pick("开通动态码", "Set up the code")
    };
    panel(
        &Panel::new(lang.pick("第二重验证", "Second factor")).note(state),
        html! {
            p { (lang.pick(
                "开通以后，登录除了密码，还要手机验证器上的 6 位动态码。别人拿到密码也进不来。",
                "With it, signing in takes the six digits of your authenticator besides the password.",
            )) }
            (actions(link_button(&Button::secondary(words), href)))
        },
    )
}

fn codes_panel(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = frame.lang;
    let left = shown.codes.left;
    let state = match left {
        0 => lamp(Light::Near, lang.pick("没有", "None")),
        1..=3 => lamp(Light::Near, &left_words(lang, left)),
        _ => lamp(Light::Ok, &left_words(lang, left)),
    };
    let button = if left == 0 {
        Button::secondary(lang.pick("生成恢复码", "Make recovery codes"))
    } else {
        Button::secondary(lang.pick("重新生成，旧的作废", "Make new ones, the old end"))
    };
    panel(
        &Panel::new(lang.pick("恢复码", "Recovery codes")).note(state),
        html! {
            p { (lang.pick(
                "手机丢了或者忘了密码时用。一共 10 个，每个只能用一次。抄下来或打印，放在安全的地方，不要拍照存在手机里。",
                "For when the phone or the password is lost. There are ten, each works once. Write them down and keep them safe.",
            )) }
            @if let Some(made) = shown.codes.made { p.soft { (lang.pick("生成于 ", "Made ")) (clock_time(made)) } }
            (actions(post_button("/my/security/codes", token(frame), &button)))
        },
    )
}

fn left_words(lang: Lang, left: i64) -> String {
    match lang {
        Lang::Zh => format!("还剩 {left} 个"),
        Lang::En => format!("{left} left"),
    }
}

async fn renew_codes(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let codes = zhengtong_party::renew_recovery_codes(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("您的恢复码", "Your recovery codes");
    let frame = visit.frame(heading, Place::Mine);
    let body = page(html! {
        (title(&Title::new(heading)))
        (notice(&Notice::new(Mood::Warning, lang.pick("只显示这一次，现在就抄下来或打印", "Shown this once: write them down or print them now")).body(html! { p { (lang.pick(
            "以前生成的恢复码都作废了。我们不会向您要恢复码。",
            "Codes made before have ended. We never ask you for one.",
        )) } })))
        (panel(&Panel::default(), html! { ol { @for code in &codes { li { span.code { (code) } } } } }))
        (actions(html! {
            (print_button(lang.pick("打印", "Print")))
            (link_button(&Button::new(lang.pick("我保存好了", "I have kept them")), "/my/security"))
        }))
    });
    Ok(see(hall(&frame, body)))
}

/// The reason's field stands in the notice itself: whoever did not ask for it says so in one step.
fn going_on(frame: &Frame<'_>, recovery: &Recovery, errors: &[FieldError]) -> Markup {
    let lang = frame.lang;
    notice(&Notice::new(Mood::Warning, lang.pick("有人在窗口申请找回您的账号", "Somebody asks at a counter to get your account back")).body(html! {
        p {
            (lang.pick("发起于 ", "Begun ")) (clock_time(recovery.started))
            @if let Some(ready) = recovery.ready { (lang.pick("，可领链接的时间 ", ", the link from ")) (clock_time(ready)) }
            (lang.pick("。不是您本人的，请马上停止并改密码。", ". If it was not you, stop it now and change your password."))
        }
        (form(frame, &Form::post(format!("/my/security/recovery/{}", recovery.id)), html! {
            (text(lang, &Field::new("why", lang.pick("说一句原因", "Say why")).errors(errors, lang), &Input::new(lang.pick("我没有申请找回", "I did not ask for it").to_owned())))
            (actions(submit(&Button::danger(lang.pick("不是我，停止找回", "It was not me: stop it")))))
        }))
    }))
}

async fn stop_recovery(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_party::stop_recovery(&mut ctx, id, fields.get("why")).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect("/my/security"))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            show(&visit, &error.fields()).await
        }
        Err(error) => Err(Fault::from(error)),
    }
}

async fn ask_factor(visit: Visit) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let pending = zhengtong_party::pending_totp(&mut ctx).await?;
    ctx.commit().await?;
    Ok(factor_page(&visit, pending.as_ref(), &[]))
}

async fn begin_factor(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_party::enrol_totp(&mut ctx).await?;
    ctx.commit().await?;
    Ok(redirect("/my/security/factor"))
}

async fn confirm_factor(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    let tried = zhengtong_party::confirm_totp(&mut ctx, fields.get("code")).await?;
    // A wrong code is counted, so this is kept in both cases.
    ctx.commit().await?;
    match tried {
        Tried::Done(token) => Ok(with_session(&visit, redirect("/my/security"), &token)),
        Tried::Refused(error) => {
            let mut ctx = visit.ctx().await?;
            let pending = zhengtong_party::pending_totp(&mut ctx).await?;
            ctx.commit().await?;
            let wrong = FieldError { field: "code".to_owned(), text: error.text() };
            Ok(factor_page(&visit, pending.as_ref(), &[wrong]))
        }
    }
}

fn factor_page(visit: &Visit, pending: Option<&Enrolment>, errors: &[FieldError]) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("动态码", "One-time code");
    let mut frame = visit.frame(heading, Place::Mine);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let body = page(html! {
        (back_link(lang.pick("账号安全", "Account security"), "/my/security"))
        (error_summary(lang, &summary))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "先在手机上装一个验证器（常见的都可以），再把下面的密钥输进去。",
            "Install any authenticator on your phone, then give it the key below.",
        )) })))
        @match pending {
            Some(pending) => {
                (panel(&Panel::default(), html! {
                    (pairs([(lang.pick("密钥", "Key").into(), html! { @for group in in_groups(&pending.secret) { span.code { (group) } " " } })]))
                    p { a href=(pending.url) { (lang.pick("在这部手机上直接打开验证器", "Open the authenticator on this phone")) } }
                }))
                (form(&frame, &Form::post("/my/security/factor/code"), html! {
                    (code(lang, &Field::new("code", lang.pick("验证器显示的 6 位数字", "The six digits it shows")).errors(errors, lang)))
                    (actions(submit(&Button::new(lang.pick("开通", "Set up")))))
                }))
            },
            None => (actions(post_button("/my/security/factor", token(&frame), &Button::new(lang.pick("显示密钥", "Show the key"))))),
        }
    });
    see(hall(&frame, body))
}

/// The letters in groups of four, so that a line may break between them.
fn in_groups(secret: &str) -> Vec<String> {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect()).collect()
}

async fn level(visit: Visit) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let me = zhengtong_party::my_identity(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("实名等级", "How well your name is proven");
    let frame = visit.frame(heading, Place::Mine);
    let rows: Vec<Entry> = (0..=3)
        .map(|level| {
            let entry = Entry::new(html! {
                strong { (level) " · " (level_title(level).get(lang)) }
                @if level == me.person.level { " " (tag(Tone::Active, lang.pick("您现在是这一级", "yours"))) }
            });
            entry.note(html! { (how(lang, level)) })
        })
        .collect();
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), "/my"))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "有的事要求更高的等级，办事指南上写着。等级只升不降，每次变化都会告诉您。",
            "Some services ask for a higher level; the guide says so. It never falls, and you are told of every change.",
        )) })))
        (panel(&Panel::default(), list(&rows)))
    });
    Ok(see(hall(&frame, body)))
}

/// How one comes to a level.
fn how(lang: Lang, level: i16) -> &'static str {
    match level {
        0 => lang.pick("可以看指南、查进度。", "Read guides, follow cases."),
        1 => lang.pick(
            "注册时填的姓名和证件号码与户籍登记相符，自动获得。",
            "Given when name and number agree with the population register.",
        ),
        2 => lang.pick(
            "带证件到任一政务服务窗口，工作人员核对证件和本人，当场提升。",
            "Come to any counter with your document; the clerk compares it with you and raises it at once.",
        ),
        _ => lang.pick(
            "用电子营业执照、数字证书或本市认可的其他证书登录后获得。",
            "Given after signing in with a digital certificate that the city accepts.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_in_groups() {
        assert_eq!(in_groups("GEZDGNBVGY"), ["GEZD", "GNBV", "GY"]);
    }
}
