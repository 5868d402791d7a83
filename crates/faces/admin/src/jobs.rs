//! Work for later: what waits, what died after all its attempts, and putting it back.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use maud::{Markup, html};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Kind, Lang};
use zhengtong_db::Ctx;
use zhengtong_db::jobs::{self, JobRow};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_ui::frame::token;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, post as post_button};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, acting, platform, reading};

/// Jobs that one page shows of each kind.
pub(crate) const ROWS: i64 = 100;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/jobs", get(shown)).route("/admin/jobs/{id}/revive", post(revive))
}

async fn shown(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    ctx.allow("admin.jobs", &platform())?;
    let waiting = jobs::waiting(ctx.conn(), ROWS).await?;
    let dead = jobs::dead(ctx.conn(), ROWS).await?;
    let (bench, now) = (Bench::of(&ctx), ctx.now);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("后台任务", "Jobs"));
    Ok(bench.page(&visit, &frame, page(&frame, &waiting, &dead, now)))
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
        return Err(Fault::new(
            Kind::Conflict,
            "这个任务已经放回过了，请看等待中的任务",
            "this job was put back already; look at those that wait",
        ));
    }
    let act = ctx.act("admin.retry", "job", id.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

fn page(frame: &Frame<'_>, waiting: &[JobRow], dead: &[JobRow], now: OffsetDateTime) -> Markup {
    let lang = frame.lang;
    html! {
        (title(&Title::new(lang.pick("后台任务", "Jobs")).meta(html! {
            (lang.pick("失败的会自己重试，越等越久；次数用完的列在下面，修好原因再放回 · ", "Failures are tried again by themselves; those out of attempts are below · "))
            (clock_time(now))
        })))
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
            again,
        ])
    });
    Table {
        caption: lang.pick("失败的任务", "Failed jobs").into(),
        columns: vec![
            Column::head(lang.pick("种类", "Kind")).tight(),
            Column::new(lang.pick("原因", "Reason")),
            Column::number(lang.pick("试过", "Attempts")).tight(),
            Column::new(lang.pick("时间", "Time")).tight(),
            Column::new(lang.pick("放回", "Put back")).quiet().tight(),
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
        let html = page(&frame, &[], &[job], OffsetDateTime::UNIX_EPOCH).into_string();
        assert!(html.contains("&lt;no font&gt;"));
        assert!(html.contains("/admin/jobs/00000000-0000-0000-0000-000000000000/revive"));
        assert!(html.contains("没有任务在等"));
    }
}
