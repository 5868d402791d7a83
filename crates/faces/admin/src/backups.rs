//! Backups and drills: when the last one was, whether it was proven that it can be restored, what would be lost, how
//! long it would take, and the level that this reaches.

use axum::Router;
use axum::routing::{get, post};
use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_backup::{Run, Summary};
use zhengtong_base::{Lang, Page, Paging};
use zhengtong_db::Thing;
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_setting::{BACKUP_HOURS, Live};
use zhengtong_ui::figure::{Stat, stats};
use zhengtong_ui::frame::token;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Pager, pager};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs};
use zhengtong_ui::press::{Button, post as post_button};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Frame, Icon, Words};

use crate::bench::{Bench, acting, reading};
use crate::console::Console;

/// Runs that one page shows.
const ROWS: u32 = 20;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/backups", get(shown))
        .route("/admin/backups/take", post(take))
        .route("/admin/backups/drill", post(drill))
}

#[derive(Default, serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    page: u32,
}

/// What the page shows.
struct Seen {
    summary: Summary,
    history: Page<Run>,
    configured: bool,
    overdue_hours: i64,
    may_take: bool,
    may_drill: bool,
    now: OffsetDateTime,
}

async fn shown(visit: Visit, axum::extract::Query(wanted): axum::extract::Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let summary = zhengtong_backup::summary(&mut ctx).await?;
    let history = zhengtong_backup::history(&mut ctx, Paging::new(wanted.page, ROWS)).await?;
    let thing = Thing::new("platform", "backup");
    let seen = Seen {
        summary,
        history,
        configured: ctx.defs::<Console>()?.backup,
        overdue_hours: ctx.defs::<Live>()?.number(BACKUP_HOURS),
        may_take: ctx.may("backup.take", &thing),
        may_drill: ctx.may("backup.drill", &thing),
        now: ctx.now,
    };
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("备份和演练", "Backups and drills"));
    Ok(bench.page(&visit, &frame, page(&frame, &seen)))
}

async fn take(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    zhengtong_backup::ask_backup(&mut ctx).await?;
    ctx.commit().await?;
    Ok(redirect("/admin/backups"))
}

async fn drill(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    zhengtong_backup::ask_drill(&mut ctx).await?;
    ctx.commit().await?;
    Ok(redirect("/admin/backups"))
}

fn page(frame: &Frame<'_>, seen: &Seen) -> Markup {
    let lang = frame.lang;
    html! {
        (title(&Title::new(lang.pick("备份和演练", "Backups and drills")).meta(html! {
            (lang.pick("没有恢复成功过的备份不算备份：演练把最新的备份恢复到空目录，核对每一条记录",
                "A backup that was never restored is no backup: a drill restores the newest one into an empty folder and verifies every entry"))
        }).actions(buttons(frame, seen))))
        (troubles(lang, seen))
        (stats(&figures(lang, seen)))
        (level(lang, seen))
        @if seen.history.rows.is_empty() {
            (empty(&Empty { icon: Icon::Archive, title: lang.pick("还没有备份过", "Nothing was backed up yet").into(), body: Some(html! {
                p { (lang.pick("在配置里写上 [backup] 的目录和口令文件，到点自动备份；也可以在服务器上运行：", "Name a folder and a passphrase file under [backup], and it runs on schedule; or on the server:")) }
                p { span.code { "zhengtong backup --to /mnt/backup" } }
            }) }))
        } @else {
            (flush(&Panel::new(lang.pick("历次", "History")), table(lang, &runs(lang, &seen.history.rows))))
            (pager(lang, Pager { page: seen.history.page, pages: seen.history.pages(), href: "/admin/backups?page=" }))
        }
    }
}

fn buttons(frame: &Frame<'_>, seen: &Seen) -> Markup {
    let lang = frame.lang;
    if !seen.configured {
        return html! {};
    }
    html! {
        @if seen.may_drill && seen.summary.last_backup.is_some() {
            (post_button("/admin/backups/drill", token(frame), &Button::new(lang.pick("现在演练一次", "Drill now")).icon(Icon::ShieldCheck)))
        }
        @if seen.may_take {
            (post_button("/admin/backups/take", token(frame), &Button::secondary(lang.pick("现在备份", "Back up now")).icon(Icon::Archive)))
        }
    }
}

fn troubles(lang: Lang, seen: &Seen) -> Markup {
    let failing = seen.summary.failing.as_ref();
    html! {
        @if !seen.configured {
            (notice(&Notice::new(Mood::Warning, lang.pick("没有设定自动备份", "No backups are made on schedule")).body(html! {
                p { (lang.pick("这台机器坏了，数据就没了。在配置文件 [backup] 里写 folder、schedule 和口令文件。",
                    "If this machine is lost, so is the city's data. Set folder, schedule and the passphrase file under [backup].")) }
            })))
        }
        @if let Some(run) = failing {
            (notice(&Notice::new(Mood::Failure, match (run.kind.as_str(), lang) {
                ("drill", Lang::Zh) => "最近一次演练没有成功", ("drill", Lang::En) => "The last drill did not succeed",
                (_, Lang::Zh) => "最近一次备份没有成功", (_, Lang::En) => "The last backup did not succeed",
            }).body(html! {
                p { (clock_time(run.started)) " " (run.error.as_deref().unwrap_or(lang.pick("没有做完，多半是中途断电或重启", "it never ended; the machine may have stopped meanwhile"))) }
            })))
        }
    }
}

fn figures(lang: Lang, seen: &Seen) -> Vec<Stat<'static>> {
    let summary = &seen.summary;
    let fine = |good: bool, bad: (&'static str, &'static str)| {
        let light = if good { Light::Ok } else { Light::Over };
        Some(lamp(light, if good { lang.pick("正常", "Fine") } else { lang.pick(bad.0, bad.1) }))
    };
    let age = summary.last_backup.as_ref().map(|run| seen.now - run.instant.unwrap_or(run.started));
    let fresh = age.is_some_and(|age| age <= time::Duration::hours(seen.overdue_hours));
    let none = || lang.pick("没有", "None").to_owned();
    let at = |run: &Option<Run>| run.as_ref().map_or_else(none, |run| clock_time(run.started));
    let seconds = |value: Option<f64>| value.map_or_else(none, |value| span(lang, value));
    let limit = match lang {
        Lang::Zh => format!("超过 {} 小时没有就告警", seen.overdue_hours),
        Lang::En => format!("An alarm after {} hours without", seen.overdue_hours),
    };
    let verified = summary.last_drill.as_ref().and_then(|run| run.entries).map_or_else(
        || {
            lang.pick("从来没有证明过能恢复", "It was never proven that it can be restored")
                .to_owned()
        },
        |entries| match lang {
            Lang::Zh => format!("核对了 {entries} 条存证记录"),
            Lang::En => format!("{entries} entries of the record were verified"),
        },
    );
    vec![
        Stat {
            name: lang.pick("最近的备份", "Last backup").into(),
            value: at(&summary.last_backup).into(),
            note: limit.into(),
            lamp: fine(fresh, ("逾期", "Overdue")),
            ..Stat::default()
        },
        Stat {
            name: lang.pick("最近证明能恢复", "Last proven restore").into(),
            value: at(&summary.last_drill).into(),
            note: verified.into(),
            lamp: fine(summary.last_drill.is_some(), ("没有", "None")),
            ..Stat::default()
        },
        Stat {
            name: lang.pick("现在出事最多丢多少（RPO）", "Lost at most, now (RPO)").into(),
            value: seconds(summary.rpo_seconds).into(),
            note: match &summary.standby {
                Some(name) => {
                    format!("{}{name}", lang.pick("有同步备库 ", "A synchronous standby: "))
                }
                None => lang
                    .pick(
                        "没有同步备库，按最近的备份算",
                        "No synchronous standby; by the last backup",
                    )
                    .to_owned(),
            }
            .into(),
            ..Stat::default()
        },
        Stat {
            name: lang.pick("恢复要多久（RTO）", "Time to restore (RTO)").into(),
            value: seconds(summary.rto_seconds).into(),
            note: lang.pick("上次演练实测", "Measured in the last drill").into(),
            ..Stat::default()
        },
    ]
}

fn level(lang: Lang, seen: &Seen) -> Markup {
    let level = &seen.summary.level;
    let mut rows: Vec<(Words<'_>, Markup)> = vec![
        (
            lang.pick("依据", "Judged by").into(),
            html! { (level.standard) " " span.meta { (level.note.get(lang)) } },
        ),
        (
            lang.pick("现行版本", "In force").into(),
            html! { (level.in_force) @if let Some(note) = &level.in_force_note { " " span.meta { (note.get(lang)) } } },
        ),
    ];
    if !level.missing.is_empty() {
        rows.push((
            lang.pick("到下一级还差", "Missing for the next").into(),
            html! { ul { @for missing in &level.missing { li { (missing.get(lang)) } } } },
        ));
    }
    rows.push((
        lang.pick("程序看不到的", "What no program sees").into(),
        html! { (level.unseen.get(lang)) },
    ));
    let name = match lang {
        Lang::Zh => format!("灾难恢复能力：第 {} 级 {}", level.level, level.name.zh),
        Lang::En => format!("Disaster recovery: level {} {}", level.level, level.name.en),
    };
    boxed(&Panel::new(name), pairs(rows))
}

fn runs<'a>(lang: Lang, rows: &[Run]) -> Table<'a> {
    let rows = rows.iter().map(|run| {
        let kind = match run.kind.as_str() {
            "drill" => lang.pick("演练", "Drill"),
            _ => lang.pick("备份", "Backup"),
        };
        let state = match run.ok {
            Some(true) => lamp(Light::Ok, lang.pick("成功", "Succeeded")),
            Some(false) => lamp(Light::Over, lang.pick("失败", "Failed")),
            None => lamp(Light::Hold, lang.pick("没有结束", "Not ended")),
        };
        let took = run.finished.map(|finished| (finished - run.started).as_seconds_f64());
        let number = |value: Option<i64>| value.map(zhengtong_ui::words::number).unwrap_or_default();
        Row::new(vec![
            html! { (clock_time(run.started)) },
            html! { (kind) },
            state,
            html! { (took.map(|took| span(lang, took)).unwrap_or_default()) },
            html! { (run.bytes.map(size).unwrap_or_default()) },
            html! { (number(run.entries)) },
            html! { @if let Some(error) = &run.error { (error) } @else { span.meta { (run.path.as_deref().unwrap_or_default()) } } },
        ])
    });
    Table {
        caption: lang.pick("历次备份和演练", "Backups and drills").into(),
        columns: vec![
            Column::head(lang.pick("开始", "Began")).tight(),
            Column::new(lang.pick("种类", "Kind")).tight(),
            Column::new(lang.pick("结果", "Outcome")).tight(),
            Column::number(lang.pick("用时", "Took")).tight(),
            Column::number(lang.pick("大小", "Size")).tight(),
            Column::number(lang.pick("记录条数", "Entries")).tight(),
            Column::new(lang.pick("文件或原因", "File or reason")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// A length of time as people say it.
fn span(lang: Lang, seconds: f64) -> String {
    let (value, zh, en) = if seconds < 60.0 {
        (seconds, "秒", "s")
    } else if seconds < 3_600.0 {
        (seconds / 60.0, "分钟", "min")
    } else if seconds < 172_800.0 {
        (seconds / 3_600.0, "小时", "h")
    } else {
        (seconds / 86_400.0, "天", "days")
    };
    let number = if value.fract() < 0.05 || value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    };
    format!("{number} {}", lang.pick(zh, en))
}

#[expect(clippy::cast_precision_loss, reason = "sizes are shown to one decimal")]
fn size(bytes: i64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in units {
        unit = next;
        if value < 1_000.0 {
            break;
        }
        if next != "TB" {
            value /= 1_000.0;
        }
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sizes_are_said_as_people_do() {
        assert_eq!(span(Lang::Zh, 0.0), "0 秒");
        assert_eq!(span(Lang::En, 28.34), "28.3 s");
        assert_eq!(span(Lang::Zh, 5_400.0), "1.5 小时");
        assert_eq!(span(Lang::En, 864_000.0), "10 days");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_500), "1.5 KB");
        assert_eq!(size(12_300_000_000), "12.3 GB");
        assert_eq!(size(4_000_000_000_000_000), "4000.0 TB");
    }
}
