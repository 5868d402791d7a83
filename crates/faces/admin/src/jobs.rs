//! Work for later: what waits, what died after all its attempts, putting it back, or ending it with a reason.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{FieldError, Kind, Lang};
use zhengtong_crypto::Digest;
use zhengtong_db::Ctx;
use zhengtong_db::jobs::{self, JobRow, KindRow};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_ui::field::{Area, Field, Form, errors, form, textarea};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::Light;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, flush, pairs, panel};
use zhengtong_ui::press::{Button, Choice, actions, filters, post as post_button, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::words::encode;
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, Typed, acting, platform, reading};

/// Jobs that one page shows of each kind.
pub(crate) const ROWS: i64 = 100;
/// The shortest and the longest reason for giving a job up, in characters.
const REASON_CHARS_MIN: usize = 4;
const REASON_CHARS_MAX: usize = 500;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/jobs", get(shown))
        .route("/admin/jobs/{id}/revive", post(revive))
        .route("/admin/jobs/{id}/drop", get(ask).post(give_up))
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    kind: String,
}

/// What the page shows.
#[derive(Default)]
struct Queue {
    kind: String,
    kinds: Vec<KindRow>,
    waiting: Vec<JobRow>,
    dead: Vec<JobRow>,
}

impl Queue {
    async fn load(ctx: &mut Ctx, kind: &str) -> Result<Self, Fault> {
        ctx.allow("admin.jobs", &platform())?;
        let kinds = jobs::kinds(ctx.conn()).await?;
        let (waiting, dead) = if kind.is_empty() {
            let waiting = jobs::waiting(ctx.conn(), ROWS).await?;
            (waiting, jobs::dead(ctx.conn(), ROWS).await?)
        } else {
            let waiting = jobs::waiting_of(ctx.conn(), kind, ROWS).await?;
            (waiting, jobs::dead_of(ctx.conn(), kind, ROWS).await?)
        };
        Ok(Self { kind: kind.to_owned(), kinds, waiting, dead })
    }
}

async fn shown(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let queue = Queue::load(&mut ctx, &wanted.kind).await?;
    let (bench, now) = (Bench::of(&ctx), ctx.now);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("后台任务", "Jobs"));
    Ok(bench.page(&visit, &frame, page(&frame, &queue, now)))
}

/// Asks why a dead job is ended for good.
async fn ask(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    asked(&visit, id, &Typed::default()).await
}

async fn asked(visit: &Visit, id: Uuid, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    ctx.allow("admin.drop", &platform())?;
    let found = jobs::dead_letter(ctx.conn(), id).await?;
    let (job, _payload) = found.ok_or_else(Fault::absent)?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let mut frame = Bench::frame(visit, visit.lang().pick("不再做这个任务", "Give up a job"));
    if typed.errors.is_empty() {
        return Ok(bench.page(visit, &frame, drop_page(&frame, &job, typed)));
    }
    frame.standing = Standing::Faulty;
    Ok(bench.refused(visit, &frame, drop_page(&frame, &job, typed)))
}

async fn give_up(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let reason = fields.get("reason").trim().to_owned();
    if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        let errors = vec![FieldError::new(
            "reason",
            format!("写明为什么不再做，{REASON_CHARS_MIN} 到 {REASON_CHARS_MAX} 个字"),
            format!("say why, in {REASON_CHARS_MIN} to {REASON_CHARS_MAX} characters"),
        )];
        return asked(&visit, id, &Typed { fields, errors, said: None }).await;
    }
    let mut ctx = acting(&visit, &fields).await?;
    discard(&mut ctx, id, &reason).await?;
    ctx.commit().await?;
    Ok(redirect("/admin/jobs"))
}

/// Ends a dead job for good, with a reason; what it was about is in the record as a digest.
async fn discard(ctx: &mut Ctx, id: Uuid, reason: &str) -> Result<(), Fault> {
    ctx.allow("admin.drop", &platform())?;
    let found = jobs::dead_letter(ctx.conn(), id).await?;
    let (job, payload) = found.ok_or_else(gone)?;
    if !jobs::discard(ctx.conn(), id).await? {
        return Err(gone());
    }
    let before = Digest::of(payload.to_string().as_bytes()).to_string();
    let act = ctx
        .act("admin.drop", "job", format!("{} {id}", job.kind))
        .because(reason)
        .change(Some(before), None);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

fn gone() -> Fault {
    Fault::new(
        Kind::Conflict,
        "这个任务已经放回或者不做了，请看现在的列表",
        "this job was put back or given up already; look at the list",
    )
}

async fn revive(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    put_back(&mut ctx, id).await?;
    ctx.commit().await?;
    Ok(redirect("/admin/jobs"))
}

/// Puts a dead job back in the queue, and says so in the record.
async fn put_back(ctx: &mut Ctx, id: Uuid) -> Result<(), Fault> {
    ctx.allow("admin.retry", &platform())?;
    let now = ctx.now;
    if !jobs::revive(ctx.conn(), id, now).await? {
        return Err(gone());
    }
    let act = ctx.act("admin.retry", "job", id.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

fn page(frame: &Frame<'_>, queue: &Queue, now: OffsetDateTime) -> Markup {
    let lang = frame.lang;
    let (waiting, dead) = (&queue.waiting, &queue.dead);
    html! {
        (title(&Title::new(lang.pick("后台任务", "Jobs")).meta(html! {
            (lang.pick("失败的会自己重试，越等越久；次数用完的列在下面，修好原因再放回 · ", "Failures are tried again by themselves; those out of attempts are below · "))
            (clock_time(now))
        })))
        @if queue.kinds.len() > 1 || !queue.kind.is_empty() { (filters(lang.pick("按种类看", "By kind"), &kinds(lang, queue))) }
        @if dead.is_empty() {
            (empty(&Empty { icon: Icon::CircleCheck, title: lang.pick("没有失败的任务", "No job has failed").into(), body: None }))
        } @else {
            (flush(&Panel::new(lang.pick("失败的", "Failed")), table(lang, &dead_table(frame, dead))))
        }
        (flush(&Panel::new(lang.pick("等待中的", "Waiting")), html! {
            @if waiting.is_empty() {
                div.panel-body { p.soft { (lang.pick("没有任务在等。", "None.")) } }
            } @else {
                (table(lang, &waiting_table(lang, waiting)))
            }
        }))
    }
}

/// Every kind with how many of it died, and all of them.
fn kinds(lang: Lang, queue: &Queue) -> Vec<Choice<'static>> {
    let all = Choice::new(lang.pick("全部", "All"), "/admin/jobs");
    let all = if queue.kind.is_empty() { all.current() } else { all };
    let mut choices = vec![all];
    for row in &queue.kinds {
        let href = format!("/admin/jobs?kind={}", encode(&row.kind));
        let choice = Choice::new(row.kind.clone(), href).count(row.waiting + row.dead);
        let choice = if row.dead > 0 { choice.light(Light::Over) } else { choice };
        choices.push(if row.kind == queue.kind { choice.current() } else { choice });
    }
    choices
}

fn drop_page(frame: &Frame<'_>, job: &JobRow, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let links = [Link::new(lang.pick("后台任务", "Jobs"), "/admin/jobs")];
    let field = Field::new("reason", lang.pick("为什么不再做", "Why"))
        .hint(lang.pick(
            "例如：收件人已注销，消息不必再发",
            "Such as: the recipient has gone, the message is not needed",
        ))
        .errors(&typed.errors, lang);
    let area = Area {
        value: typed.value("reason").into(),
        rows: 3,
        length_max: Some(500),
        ..Area::default()
    };
    html! {
        (crumbs(lang, &links, &job.kind))
        (title(&Title::new(frame.title.as_ref())))
        (errors(lang, &typed.errors))
        (notice(&Notice::new(Mood::Warning, lang.pick("不再做就不能恢复；原因修得好的，请放回队列", "This cannot be undone; if its cause can be mended, put it back instead"))))
        (panel(&Panel::default(), pairs([
            (lang.pick("种类", "Kind").into(), code(&job.kind)),
            (lang.pick("排队", "Queued").into(), html! { (clock_time(job.created)) }),
            (lang.pick("试过", "Attempts").into(), html! { (job.attempts) }),
            (lang.pick("最后的错", "Last error").into(), html! { (job.error.as_deref().unwrap_or_default()) }),
        ])))
        (panel(&Panel::default(), form(frame, &Form::post(format!("/admin/jobs/{}/drop", job.id)), html! {
            (textarea(lang, &field, &area))
            (actions(submit(&Button::danger(lang.pick("不再做", "Give it up")))))
        })))
    }
}

fn dead_table<'a>(frame: &Frame<'_>, rows: &'a [JobRow]) -> Table<'a> {
    let lang = frame.lang;
    let rows = rows.iter().map(|job| {
        let again = post_button(
            &format!("/admin/jobs/{}/revive", job.id),
            token(frame),
            &Button::secondary(lang.pick("放回队列", "Put back")).icon(Icon::RotateCcw),
        );
        Row::new(vec![
            code(&job.kind),
            html! { (job.error.as_deref().unwrap_or_default()) },
            html! { (job.attempts) },
            html! { (clock_time(job.at)) },
            html! { div.row.row-tight { (again) a href={ "/admin/jobs/" (job.id) "/drop" } { (lang.pick("不再做", "Give up")) span.unseen { " " (job.kind) } } } },
        ])
    });
    Table {
        caption: lang.pick("失败的任务", "Failed jobs").into(),
        columns: vec![
            Column::head(lang.pick("种类", "Kind")).tight(),
            Column::new(lang.pick("原因", "Reason")),
            Column::number(lang.pick("试过", "Attempts")).tight(),
            Column::new(lang.pick("时间", "Time")).tight(),
            Column::new(lang.pick("处理", "What to do")).quiet(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn waiting_table(lang: Lang, rows: &[JobRow]) -> Table<'_> {
    let rows = rows.iter().map(|job| {
        Row::new(vec![
            code(&job.kind),
            html! { (clock_time(job.at)) },
            html! { (job.attempts) },
            html! { (job.error.as_deref().unwrap_or_default()) },
        ])
    });
    Table {
        caption: lang.pick("等待中的任务", "Waiting jobs").into(),
        columns: vec![
            Column::head(lang.pick("种类", "Kind")).tight(),
            Column::new(lang.pick("何时做", "Due")).tight(),
            Column::number(lang.pick("试过", "Attempts")).tight(),
            Column::new(lang.pick("上次的错", "Last error")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_jobs_can_be_put_back_and_their_errors_are_escaped() {
        let job = JobRow {
            id: Uuid::nil(),
            kind: "document.render".to_owned(),
            attempts: 8,
            error: Some("<no font>".to_owned()),
            created: OffsetDateTime::UNIX_EPOCH,
            at: OffsetDateTime::UNIX_EPOCH,
        };
        let frame = Frame::new(Lang::Zh, "后台任务");
        let queue = Queue { dead: vec![job], ..Queue::default() };
        let html = page(&frame, &queue, OffsetDateTime::UNIX_EPOCH).into_string();
        assert!(html.contains("&lt;no font&gt;"));
        assert!(html.contains("/admin/jobs/00000000-0000-0000-0000-000000000000/revive"));
        assert!(html.contains("没有任务在等"));
    }
}
