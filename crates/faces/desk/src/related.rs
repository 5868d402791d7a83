//! Other cases of the same applicant in the same department, for a reason that the applicant reads.

use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use maud::{Markup, html};
use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::Related;
use zhengtong_http::{Answer, App, Fields, Visit, month_day};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Area, Field, Form, form, textarea};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Open, Panel, fold, panel};
use zhengtong_ui::press::{Button, actions, submit};

use crate::bench::{Bench, staff_only};
use crate::casework::{Opened, Typed, address, again};
use crate::clock::state_words;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk/casework/{no}/related", post(related))
}

/// The way to ask, on the page of the case.
pub(crate) fn way(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let errors: Vec<_> =
        typed.errors.iter().filter(|error| error.field == "why_related").cloned().collect();
    fold(
        lang.pick("这个申请人在本单位的别的件", "Other cases of this applicant here"),
        if errors.is_empty() { Open::No } else { Open::Yes },
        form(
            frame,
            &Form::post(format!("{}/related", address(&opened.view.case.no))),
            html! {
                (textarea(
                    lang,
                    &Field::new("why_related", lang.pick("为什么要查其他办件", "Why you need to see the others"))
                        .hint(lang.pick("至少 4 个字，本人看得到这句话", "At least 4 characters; the person can read it"))
                        .errors(&errors, lang),
                    &Area { value: typed.why_related.as_str().into(), rows: 2, ..Area::default() },
                ))
                (actions(submit(&Button::secondary(lang.pick("记入存证并查看", "Record it and look")))))
            },
        ),
    )
}

async fn related(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let why = fields.get("why_related").to_owned();
    let found = match zhengtong_casework::related(&mut ctx, &no, &why).await {
        Ok(found) => found,
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            let mut errors = error.fields();
            for error in &mut errors {
                "why_related".clone_into(&mut error.field);
            }
            let typed = Typed { errors, why_related: why, ..Typed::default() };
            return again(&visit, &no, Kind::Invalid, typed).await;
        }
        Err(error) => return Err(error.into()),
    };
    let bench = Bench::load(&mut ctx).await?;
    let now = ctx.now;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("这个申请人在本单位的别的件", "Other cases of this applicant here");
    let frame = bench.frame(&visit, heading);
    let entry = |one: &Related| {
        Entry::link(one.title.get(lang), &address(&one.no))
            .note(html! { (one.no) " · " (lang.pick("提交于 ", "handed in ")) (month_day(lang, one.submitted_at, now)) })
            .end(tag(Tone::Plain, state_words(lang, one.state)))
    };
    let body = html! {
        (crumbs(lang, &[Link::new(no.as_str(), address(&no))], heading))
        (title(&Title::new(heading)))
        (notice(&Notice::new(Mood::Info, lang.pick("这次查看和理由已记入存证，本人看得到。", "This look and its reason are on record, and the person can see them."))))
        (panel(&Panel::default(), html! {
            @if found.is_empty() { p.soft { (lang.pick("没有别的件。", "There are no others.")) } }
            (list(&found.iter().map(entry).collect::<Vec<_>>()))
        }))
    };
    Ok(bench.page(&visit, &frame, body))
}
