//! The page on which an official revokes a licence: what it means for the holder, the law, the reason, the act.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Limits, Text};
use zhengtong_document::{Document, How};
use zhengtong_http::{Answer, App, Fields, Visit, day, redirect};
use zhengtong_ui::field::{Area, Field, Form, errors, form, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};
use zhengtong_ui::{Frame, Icon};

use crate::bench::staff_only;
use crate::casework::{Opened, address};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk/casework/{no}/revoke", get(ask).post(revoke))
}

/// What came back with a refused act.
#[derive(Debug, Default)]
struct Typed {
    reason: String,
    errors: Vec<FieldError>,
    said: Option<Text>,
}

async fn ask(visit: Visit, Path(no): Path<String>) -> Answer {
    let opened = Opened::shown(&visit, &no).await?;
    let frame = opened.bench().frame(&visit, heading(visit.lang()));
    let body = page(&visit, &frame, &opened, &Typed::default());
    Ok(opened.bench().page(&visit, &frame, body))
}

async fn revoke(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let reason = fields.get("reason").to_owned();
    match zhengtong_casework::revoke(&mut ctx, &no, &reason).await {
        Ok(_case) => {
            ctx.commit().await?;
            Ok(redirect(&address(&no)))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let (kind, errors) = (error.kind(), error.fields());
            let said = errors.is_empty().then(|| error.text());
            drop(ctx);
            let mut ctx = visit.ctx().await?;
            let opened = Opened::load(&mut ctx, &no).await?;
            ctx.commit().await?;
            let mut frame = opened.bench().frame(&visit, heading(visit.lang()));
            frame.standing = Standing::Faulty;
            let body = page(&visit, &frame, &opened, &Typed { reason, errors, said });
            Ok(opened.bench().refused(&visit, &frame, body, kind))
        }
        Err(error) => Err(error.into()),
    }
}

fn heading(lang: Lang) -> &'static str {
    lang.pick("撤销证照", "Revoke the licence")
}

fn page(visit: &Visit, frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let links = [
        Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox"),
        Link::new(case.no.as_str(), address(&case.no)),
    ];
    let main = html! {
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        @if opened.view.may_revoke { (question(frame, opened, typed)) }
        @else { (barred(lang, opened)) }
    };
    let aside = html! {
        @if let Some(paper) = &opened.view.licence {
            (panel(&Panel::new(lang.pick("这张证照", "This licence")), facts(visit, paper)))
        }
        (consequences(lang, opened))
    };
    html! {
        (crumbs(lang, &links, heading(lang)))
        (title(&Title::new(heading(lang)).meta(html! {
            (case.title.get(lang)) " · " (case.applicant()) " · " (case.no)
        })))
        (split(main, aside))
    }
}

fn question(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let base = address(&opened.view.case.no);
    let field = Field::new("reason", lang.pick("撤销的理由", "Reason"))
        .hint(lang.pick(
            "写明事实和依据。持证人会看到您写的话和您的名字",
            "State the facts and the law. The holder will read it, with your name",
        ))
        .errors(&typed.errors, lang);
    let most = u32::try_from(Limits::default().text_chars).unwrap_or(u32::MAX);
    let area = Area {
        value: typed.reason.as_str().into(),
        rows: 6,
        length_max: Some(most),
        ..Area::default()
    };
    let button = Button::danger(heading(lang)).size(Size::Large).icon(Icon::Ban);
    form(
        frame,
        &Form::post(format!("{base}/revoke")),
        html! {
            (textarea(lang, &field, &area))
            (actions(html! {
                (submit(&button))
                (link_button(&Button::quiet(lang.pick("不撤销，回到办件", "Do not revoke, back to the case")), &base))
            }))
        },
    )
}

/// Why there is nothing to do here.
fn barred(lang: Lang, opened: &Opened) -> Markup {
    let words = match &opened.view.licence {
        None => lang.pick("这件没有发出证照", "No licence came of this case"),
        Some(paper) if paper.revoked.is_some() => {
            lang.pick("这张证照已经失效", "This licence is out of force already")
        }
        Some(_) => lang.pick(
            "撤销证照由本单位的审批负责人决定",
            "Only the deciding officer of the unit can revoke a licence",
        ),
    };
    html! {
        (notice(&Notice::new(Mood::Warning, words)))
        (actions(link_button(&Button::new(lang.pick("回到办件", "Back to the case")), &address(&opened.view.case.no))))
    }
}

fn consequences(lang: Lang, opened: &Opened) -> Markup {
    let rule = opened.case_type.as_ref().and_then(|case_type| case_type.revocation.as_ref());
    html! {
        (panel(&Panel::new(lang.pick("撤销以后", "What follows")), html! {
            p { (lang.pick(
                "证照立即失效，任何人扫码都会看到“已撤销”。持证人收到消息，里面有理由和救济途径。撤销不能收回，您的姓名和时间改不掉。",
                "The licence ends at once, and everybody who scans it reads that it was revoked. The holder gets a message with the reason and the ways to object. It cannot be undone; your name and the time stay for good.",
            )) }
        }))
        @if let Some(rule) = rule {
            (panel(&Panel::new(lang.pick("依据", "Legal basis")), html! { p { (rule.basis.get(lang)) } }))
        }
    }
}

fn facts(visit: &Visit, paper: &Document) -> Markup {
    let (lang, now) = (visit.lang(), visit.app.db.clock().now());
    let until = paper
        .valid_to
        .map_or_else(|| lang.pick("长期", "no end").to_owned(), |last| day(lang, last, now));
    pairs([
        (lang.pick("证照", "Licence").into(), html! { (paper.title.get(lang)) }),
        (lang.pick("编号", "Number").into(), html! { (paper.number) }),
        (lang.pick("持有者", "Holder").into(), html! { (paper.holder_name) }),
        (lang.pick("有效期至", "Valid until").into(), html! { (until) }),
    ])
}

/// How a licence stopped being in force.
fn ended(lang: Lang, how: How) -> &'static str {
    match how {
        How::Revoked => lang.pick("已撤销", "Revoked"),
        How::Replaced => lang.pick("已换发", "Replaced"),
        How::Cancelled => lang.pick("已注销", "Given up"),
    }
}

/// The licence of a case on its page, and the way to revoke it for who may.
pub(crate) fn licence_panel(visit: &Visit, opened: &Opened) -> Markup {
    let lang = visit.lang();
    let Some(paper) = &opened.view.licence else { return html! {} };
    boxed(
        &Panel::new(lang.pick("发出的证照", "The licence")),
        html! {
            (facts(visit, paper))
            @if let Some(revoked) = &paper.revoked {
                p { (lamp(Light::None, ended(lang, revoked.how))) }
                p { (revoked.reason) }
                p.meta { (zhengtong_http::clock_time(revoked.at)) " · " (revoked.by) }
            }
            (actions(html! {
                (link_button(&Button::quiet(lang.pick("查验页", "Verification page")), &format!("/verify/{}", paper.code)))
                @if opened.view.may_revoke {
                    (link_button(&Button::quiet(lang.pick("撤销这张证照", "Revoke this licence")), &format!("{}/revoke", address(&opened.view.case.no))))
                }
            }))
        },
    )
}
