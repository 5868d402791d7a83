//! Licences: the holder's page, the PDF, and the page on which anyone verifies one.

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_document::{How, Public, State};
use zhengtong_http::{Answer, App, Visit, day, see};
use zhengtong_ui::field::{Field, Form, Input, Kind, Width, form, text};
use zhengtong_ui::layout::{Title, page, split, title};
use zhengtong_ui::navigate::back;
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{Button, actions, link_button, submit};
use zhengtong_ui::{Frame, Place, Words, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/document/{id}", get(document))
        .route("/my/document/{id}/pdf", get(pdf))
        .route("/verify", get(ask))
        .route("/verify/{code}", get(verify))
}

async fn document(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let document = zhengtong_document::open(&mut ctx, id).await?;
    let settings = ctx.defs::<zhengtong_document::Settings>()?;
    let picture = PreEscaped(zhengtong_document::qr(&settings, &document.code)?);
    ctx.commit().await?;
    let lang = visit.lang();
    let name = document.title.get(lang);
    let frame = visit.frame(name, Place::Mine);
    let now = visit.app.db.clock().now();
    let body = page(split(
        html! {
            (back(lang.pick("我的", "My space"), "/my"))
            (title(&Title::new(name).lead(html! { (lang.pick("电子证，和纸质证效力相同。", "An electronic licence with the force of a paper one.")) })))
            @if let Some(revoked) = &document.revoked {
                (notice(&Notice::new(Mood::Failure, ended(lang, revoked.how)).body(html! {
                    p { (lang.pick("理由：", "Reason: ")) span lang="zh-CN" { (revoked.reason) } }
                    p.meta { (zhengtong_http::clock_time(revoked.at)) " · " (document.issuer_name) " · " (revoked.by) }
                })))
            }
            (crate::mine::card(lang, &document, crate::mine::CardPlace::Own, now, Some(picture)))
            p.meta { (lang.pick("查验码 ", "Verification code ")) span.code { (grouped(&document.code)) } }
            (actions(html! {
                (link_button(&Button::new(lang.pick("打开电子证（PDF）", "Open the licence (PDF)")), &format!("/my/document/{id}/pdf")))
                (link_button(&Button::quiet(lang.pick("查验页", "Verification page")), &format!("/verify/{}", document.code)))
            }))
        },
        html! { (panel(&Panel::new(lang.pick("怎么让别人相信", "How others can trust it")), html! { p.soft {
            (lang.pick("证上的二维码通向查验页，任何人扫码都能看到它现在有没有效。", "The code on the licence leads to a page on which anyone sees whether it is valid now."))
        } })) },
    ));
    Ok(see(hall(&frame, body)))
}

/// That it is out of force, and how that came.
fn ended(lang: Lang, how: How) -> &'static str {
    match how {
        How::Revoked => lang.pick("这张证已撤销，不能再用", "This licence was revoked"),
        How::Replaced => {
            lang.pick("这张证已换发新证，请用新的", "A newer licence took its place; use that one")
        }
        How::Cancelled => lang.pick("这张证已注销，不能再用", "This licence was given up"),
    }
}

/// A code in groups of four, as people read it aloud.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

async fn pdf(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let bytes = zhengtong_document::pdf(&mut ctx, id).await?;
    ctx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"licence.pdf\""),
    ];
    Ok((headers, bytes).into_response())
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    code: String,
}

async fn ask(visit: Visit, Query(typed): Query<Typed>) -> Answer {
    if typed.code.trim().is_empty() {
        let lang = visit.lang();
        let heading = lang.pick("查验证照", "Verify a licence");
        let frame = visit.frame(heading, Place::Elsewhere);
        return Ok(see(hall(
            &frame,
            page(html! {
                (title(&Title::new(heading).lead(html! { (lang.pick("看一张本市签发的证照现在有没有效。不用登录。", "Whether a licence of this city is valid now. No login.")) })))
                (question(&frame))
            }),
        )));
    }
    show(&visit, &typed.code).await
}

async fn verify(visit: Visit, Path(code): Path<String>) -> Answer {
    show(&visit, &code).await
}

fn question(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    form(
        frame,
        &Form::get("/verify"),
        html! {
            (text(lang, &Field::new("code", lang.pick("查验码", "Verification code")).hint(lang.pick("证照二维码下面的 26 位字母和数字。", "The 26 letters and digits below the code on the licence.")), &Input::new("").kind(Kind::Code).width(Width::Long)))
            (actions(submit(&Button::new(lang.pick("查验", "Verify")))))
        },
    )
}

async fn show(visit: &Visit, code: &str) -> Answer {
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_document::verify(&mut ctx, code).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("查验证照", "Verify a licence");
    let frame = visit.frame(heading, Place::Elsewhere);
    let now = visit.app.db.clock().now();
    let body = page(html! {
        (title(&Title::new(heading).lead(html! { (lang.pick("看一张本市签发的证照现在有没有效。", "Whether a licence of this city is valid now.")) })))
        @match &found {
            Some(public) => (result(lang, public, now)),
            None => {
                (notice(&Notice::new(Mood::Failure, lang.pick("查不到这张证照", "There is no such licence")).body(html! {
                    p { (lang.pick("请核对查验码。如果是别人出示的，这张证照不是本市签发的。", "Check the code. If somebody showed it to you, it was not issued by this city.")) }
                })))
                (question(&frame))
            },
        }
    });
    Ok(see(hall(&frame, body)))
}

/// What the day on which it stopped being in force is called.
fn ended_on(lang: Lang, state: State) -> &'static str {
    match state {
        State::Replaced => lang.pick("换发日期", "Replaced on"),
        State::Cancelled => lang.pick("注销日期", "Given up on"),
        _ => lang.pick("撤销日期", "Revoked on"),
    }
}

fn result(lang: Lang, public: &Public, now: time::OffsetDateTime) -> Markup {
    let (mood, words) = match public.state {
        State::Valid => (Mood::Done, lang.pick("这张证现在有效", "This licence is valid")),
        State::Expired => {
            (Mood::Warning, lang.pick("这张证已过有效期", "This licence has expired"))
        }
        State::Revoked => {
            (Mood::Failure, lang.pick("这张证已撤销，不能再用", "This licence was revoked"))
        }
        State::Replaced => (
            Mood::Warning,
            lang.pick(
                "这张证已换发新证，请出示新的",
                "A newer licence took its place; ask for that one",
            ),
        ),
        State::Cancelled => {
            (Mood::Failure, lang.pick("这张证已注销，不能再用", "This licence was given up"))
        }
        State::Coming => (Mood::Info, lang.pick("这张证还没生效", "This licence is not valid yet")),
    };
    let until = public
        .valid_to
        .map_or_else(|| lang.pick("长期", "no end").to_owned(), |last| day(lang, last, now));
    let revoked: Option<(Words<'_>, Markup)> = public
        .revoked
        .map(|date| (ended_on(lang, public.state).into(), html! { (day(lang, date, now)) }));
    let checked = zhengtong_http::clock_time(now);
    html! { div.flow {
        (notice(&Notice::new(mood, words).body(html! { p { @match lang {
            Lang::Zh => { "本市登记的内容如下，" (checked) " 查到。请和出示的证对一对。" },
            Lang::En => { "This is what the city has on record, as of " (checked) ". Compare it with what you were shown." },
        } } })))
        (panel(&Panel::default(), html! {
            (pairs(revoked.into_iter().chain([
                (lang.pick("证照", "Licence").into(), html! { (public.title.get(lang)) }),
                (lang.pick("编号", "Number").into(), html! { (public.number) }),
                (lang.pick("持有者", "Holder").into(), html! { (public.holder) }),
                (lang.pick("签发机关", "Issuer").into(), html! { (public.issuer) }),
                (lang.pick("签发日期", "Issued").into(), html! { (day(lang, public.issued, now)) }),
                (lang.pick("有效期至", "Valid until").into(), html! { (until) }),
            ])))
        }))
        p.meta { (lang.pick("不一致的，可能是伪造的，请打 12345 告诉我们。", "If it differs it may be forged; please call 12345.")) }
    } }
}
