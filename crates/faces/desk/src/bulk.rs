//! Acts on the ticked rows of the inbox, what they did, and how they are undone.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;
use maud::{Markup, html};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang};
use zhengtong_casework::{Bulk, BulkAct, BulkState, Colleague};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Layout, Pick, errors, form, hidden, radios};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::press::{Button, Size, actions, link_button, post as post_button, submit};

use crate::bench::{Bench, reading, staff_only};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/inbox/undo/{id}", post(undo))
        .route("/desk/inbox/assign", post(assign))
}

/// Only to the inbox, with what is told there.
fn back(fields: &Fields, bulk: Option<Uuid>) -> Response {
    let to = Some(fields.get("back")).filter(|to| to.starts_with("/desk/inbox?"));
    let to = to.unwrap_or("/desk/inbox?filter=all");
    match bulk {
        Some(id) => redirect(&format!("{to}&bulk={id}")),
        None => redirect(to),
    }
}

/// The tasks that were ticked.
fn chosen(fields: &Fields) -> Vec<Uuid> {
    let ticked = fields.0.iter().filter(|(name, _)| name == "todo");
    ticked.filter_map(|(_, id)| id.parse().ok()).collect()
}

/// What the button under the table asks for.
pub(crate) async fn act(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let todos = chosen(&fields);
    if fields.get("act") == "assign" && !todos.is_empty() {
        return ask(&visit, &fields, &todos, &[]).await;
    }
    let mut ctx = visit.act(&fields).await?;
    let done = match fields.get("act") {
        "accept" => zhengtong_casework::accept_all(&mut ctx, &todos).await?,
        _ => zhengtong_casework::claim_all(&mut ctx, &todos).await?,
    };
    ctx.commit().await?;
    Ok(back(&fields, Some(done.id)))
}

/// To whom the ticked tasks go.
async fn ask(visit: &Visit, fields: &Fields, todos: &[Uuid], wrong: &[FieldError]) -> Answer {
    let mut ctx = reading(visit).await?;
    let colleagues = zhengtong_casework::colleagues(&mut ctx).await?;
    let roles = ctx.defs::<zhengtong_party::Catalog>()?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("交给哪位同事", "Give to which colleague");
    let mut frame = bench.frame(visit, heading);
    let count = todos.len();
    let words = match lang {
        Lang::Zh => {
            format!("选中 {count} 件。没有这一步岗位的同事接不了，会留在原处并告诉您几件。")
        }
        Lang::En => format!(
            "{count} ticked. A colleague without the role of a step cannot take it; you are told how many stayed."
        ),
    };
    let options = picks(lang, &colleagues, &roles);
    let field = Field::new("to", heading).unlabelled().errors(wrong, lang);
    let page = |frame: &Frame<'_>| {
        html! {
            (crumbs(lang, &[Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox")], heading))
            (errors(lang, wrong))
            (title(&Title::new(heading).lead(html! { (words) })))
            (form(frame, &Form::post("/desk/inbox/assign"), html! {
                (hidden("back", fields.get("back")))
                @for todo in todos { (hidden("todo", &todo.to_string())) }
                (radios(lang, &field, &options, fields.get("to"), Layout::Down))
                (actions(html! {
                    (submit(&Button::new(lang.pick("交给这位同事", "Give to this colleague")).size(Size::Large)))
                    (link_button(&Button::quiet(lang.pick("先不交", "Not now")), "/desk/inbox"))
                }))
            }))
        }
    };
    if wrong.is_empty() {
        return Ok(bench.page(visit, &frame, page(&frame)));
    }
    frame.standing = Standing::Faulty;
    Ok(bench.refused(visit, &frame, page(&frame), Kind::Invalid))
}

/// Colleagues to choose from, with what they can do.
pub(crate) fn picks(
    lang: Lang,
    colleagues: &[Colleague],
    roles: &zhengtong_party::Catalog,
) -> Vec<Pick<'static>> {
    let role = |word: &String| {
        let known = roles.roles.get(word);
        known.map_or_else(|| word.clone(), |role| role.title.get(lang).to_owned())
    };
    let all = colleagues.iter().map(|colleague| {
        let can: Vec<String> = colleague.roles.iter().map(role).collect();
        Pick::new(colleague.account.to_string(), colleague.name.clone())
            .hint(can.join(lang.pick("、", ", ")))
    });
    all.collect()
}

async fn assign(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let todos = chosen(&fields);
    let Ok(to) = fields.get("to").parse::<Uuid>() else {
        let missing = FieldError::new("to", "请选一位同事", "choose a colleague");
        return ask(&visit, &fields, &todos, &[missing]).await;
    };
    let mut ctx = visit.act(&fields).await?;
    let done = zhengtong_casework::assign_all(&mut ctx, &todos, to).await?;
    ctx.commit().await?;
    Ok(back(&fields, Some(done.id)))
}

async fn undo(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_casework::undo(&mut ctx, id).await {
        Ok(_undone) => ctx.commit().await?,
        // Too late: the inbox says what was carried out.
        Err(error) if error.kind() == Kind::Conflict => drop(ctx),
        Err(error) => return Err(Fault::from(error)),
    }
    Ok(back(&fields, Some(id)))
}

/// What an act on many tasks did, and the way to undo it.
pub(crate) fn outcome(frame: &Frame<'_>, bulk: &Bulk, now: OffsetDateTime, here: &str) -> Markup {
    let lang = frame.lang;
    if bulk.count == 0 && bulk.missed == 0 {
        let words =
            lang.pick("没有选中任何一件，请先勾选", "Nothing was ticked; tick some rows first");
        return notice(&Notice::new(Mood::Warning, words));
    }
    let waits =
        bulk.act == BulkAct::Accept && matches!(bulk.state, BulkState::Open | BulkState::Running);
    let mood = if bulk.missed == 0 { Mood::Done } else { Mood::Warning };
    let left = (bulk.until - now).whole_seconds().max(0);
    let then = format!("{here}&bulk={}", bulk.id);
    html! {
        div data-until=[bulk.can_be_undone(now).then_some(left)] data-then=[waits.then_some(&then)] {
            (notice(&Notice::new(mood, said(lang, bulk)).body(html! {
                @if waits && bulk.state == BulkState::Open {
                    p { (lang.pick("还有 ", "In ")) b data-left { (left) } (lang.pick(" 秒受理，开始计时并通知申请人；到时刷新就看到结果。", " seconds they are accepted, the clocks start and the applicants are told; refresh then to see the result.")) }
                }
                @if bulk.can_be_undone(now) {
                    (post_button(&format!("/desk/inbox/undo/{}", bulk.id), html! { (token(frame)) (hidden("back", here)) }, &Button::secondary(lang.pick("撤销", "Undo")).key('z')))
                }
            })))
        }
    }
}

fn said(lang: Lang, bulk: &Bulk) -> String {
    let (done, missed) = (bulk.done, bulk.missed);
    let words = match (bulk.state, bulk.act, lang) {
        (BulkState::Undone, BulkAct::Accept, Lang::Zh) => format!("已撤销，{done} 件都没受理"),
        (BulkState::Undone, BulkAct::Accept, Lang::En) => {
            format!("Undone: none of the {done} was accepted")
        }
        (BulkState::Undone, _, Lang::Zh) => format!("已撤销，{done} 件回到原处"),
        (BulkState::Undone, _, Lang::En) => format!("Undone: {done} are back where they were"),
        (BulkState::Done, BulkAct::Accept, Lang::Zh) => format!("已受理 {done} 件"),
        (BulkState::Done, BulkAct::Accept, Lang::En) => format!("{done} accepted"),
        (_, BulkAct::Accept, Lang::Zh) => format!("马上受理 {done} 件"),
        (_, BulkAct::Accept, Lang::En) => format!("{done} about to be accepted"),
        (_, BulkAct::Claim, Lang::Zh) => format!("已领取 {done} 件"),
        (_, BulkAct::Claim, Lang::En) => format!("{done} taken"),
        (_, BulkAct::Assign, Lang::Zh) => format!("已交给同事 {done} 件"),
        (_, BulkAct::Assign, Lang::En) => format!("{done} given to the colleague"),
    };
    match (missed, bulk.act, lang) {
        (0, _, _) => words,
        (_, BulkAct::Claim, Lang::Zh) => format!("{words}，另有 {missed} 件已被同事领走或已办完"),
        (_, _, Lang::Zh) => format!("{words}，另有 {missed} 件没办成：已有变化，或不归这个岗位"),
        (_, BulkAct::Claim, Lang::En) => {
            format!("{words}; {missed} were taken by colleagues or are done already")
        }
        (_, _, Lang::En) => {
            format!("{words}; {missed} were not: they have changed, or are not of this post")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_inbox_is_gone_back_to() {
        let fields = |to: &str| Fields(vec![("back".to_owned(), to.to_owned())]);
        let place = |to: &str| {
            let response = back(&fields(to), None);
            let place = response.headers().get("location").and_then(|to| to.to_str().ok());
            place.unwrap_or_default().to_owned()
        };
        assert_eq!(place("/desk/inbox?filter=mine"), "/desk/inbox?filter=mine");
        for odd in ["", "/admin", "https://example.org/desk/inbox?x", "//x"] {
            assert_eq!(place(odd), "/desk/inbox?filter=all", "{odd}");
        }
    }
}
