//! The first page: who this administrator is, what they may do, and what needs a look.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::Lang;
use zhengtong_db::{Ctx, jobs};
use zhengtong_http::{Answer, App, Fault, Visit, clock_time};
use zhengtong_party::Catalog;
use zhengtong_ui::figure::{Stat, stats};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::words::number;

use crate::bench::{Bench, Room, platform, reading};
use crate::checklist::Checklist;
use crate::jobs::ROWS;
use crate::packs::PackList;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin", get(overview))
}

/// What the page counts; none where it is not the actor's to see.
#[derive(Default)]
struct Figures {
    failed: Option<usize>,
    waiting: Option<usize>,
    packs: Option<Arc<PackList>>,
    rows: Option<i64>,
    sealed: Option<Sealed>,
}

/// How much of the record is sealed, and since when.
#[derive(Default)]
struct Sealed {
    entries: u64,
    at: Option<OffsetDateTime>,
}

async fn overview(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    ctx.allow("admin.overview", &platform())?;
    let bench = Bench::of(&ctx);
    let figures = figures(&mut ctx, &bench).await?;
    let setup = if bench.has(Room::Packs) && bench.has(Room::Backups) {
        Some(Checklist::of(&mut ctx).await?)
    } else {
        None
    };
    let roles = ctx.defs::<Catalog>()?;
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("管理概览", "Administration"));
    let held = &visit.actor.roles;
    let body = page(visit.lang(), held, &roles, &figures, &bench, setup.as_ref());
    Ok(bench.page(&visit, &frame, body))
}

async fn figures(ctx: &mut Ctx, bench: &Bench) -> Result<Figures, Fault> {
    let mut figures = Figures::default();
    if bench.has(Room::Jobs) {
        figures.failed = Some(jobs::dead(ctx.conn(), ROWS).await?.len());
        figures.waiting = Some(jobs::waiting(ctx.conn(), ROWS).await?.len());
    }
    if bench.has(Room::Packs) {
        figures.packs = Some(ctx.defs::<PackList>()?);
    }
    if bench.has(Room::Datasets) {
        let counted = zhengtong_registry::count(ctx).await?;
        figures.rows = Some(counted.iter().map(|counted| counted.rows).sum());
    }
    if bench.has(Room::Record) {
        let last = zhengtong_ledger::last_checkpoint(ctx.conn()).await?;
        figures.sealed = Some(last.map_or_else(Sealed::default, |last| {
            let nanos = i128::from(last.checkpoint.time_us) * 1_000;
            let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
            Sealed { entries: last.checkpoint.size, at }
        }));
    }
    Ok(figures)
}

fn page(
    lang: Lang,
    held: &[String],
    roles: &Catalog,
    figures: &Figures,
    bench: &Bench,
    setup: Option<&Checklist>,
) -> Markup {
    let duties: Vec<Entry> = held
        .iter()
        .filter_map(|role| roles.roles.get(role))
        .map(|role| {
            Entry::new(html! { strong { (role.title.get(lang)) } })
                .note(html! { (role.summary.get(lang)) })
        })
        .collect();
    html! {
        (title(&Title::new(lang.pick("管理概览", "Administration"))))
        (notice(&Notice::new(Mood::Info, lang.pick("三员分立", "Three administrators")).body(html! { p { (lang.pick(
            "系统、安全、审计三种管理员互相排斥，谁也不能给自己授权，谁也不经手办件；每一步都记在存证里，谁也关不掉。",
            "System, security and audit administrators exclude each other; nobody gives rights to themselves or takes part in cases, and every step is on a record that nobody can switch off.",
        )) } })))
        (stats(&numbers(lang, figures)))
        @if let Some(setup) = setup { (setup.draw(lang)) }
        (panel(&Panel::new(lang.pick("您的职责", "Your duties")), list(&duties)))
        (panel(&Panel::new(lang.pick("从这里开始", "Start here")), list(&places(lang, bench))))
    }
}

fn places(lang: Lang, bench: &Bench) -> Vec<Entry> {
    let place = |shown: bool, zh, en, href, note_zh, note_en| {
        shown.then(|| {
            Entry::link(lang.pick(zh, en), href).note(html! { (lang.pick(note_zh, note_en)) })
        })
    };
    [
        place(
            bench.has(Room::People),
            "查人员和账号",
            "People and accounts",
            "/admin/people",
            "按姓名或账号找，查过谁都有记录",
            "Find by name or login; every look is on record",
        ),
        place(
            true,
            "看单位和岗位",
            "Units and posts",
            "/admin/organisations",
            "单位树、岗位、谁在任",
            "The tree of units, posts and who holds them",
        ),
        place(
            bench.has(Room::Health),
            "看健康状况",
            "Health",
            "/admin/health",
            "逐项检查，写明怎么修",
            "Everything is looked at, with what to do",
        ),
        place(
            bench.has(Room::Backups),
            "看备份和演练",
            "Backups and drills",
            "/admin/backups",
            "最近的备份、证明过的恢复、能到哪一级",
            "The last backup, the last proven restore, the level reached",
        ),
        place(
            bench.has(Room::Jobs),
            "看后台任务",
            "Jobs",
            "/admin/jobs",
            "失败的修好原因再放回",
            "Put failed jobs back once their cause is gone",
        ),
        place(
            bench.has(Room::Record),
            "查存证记录",
            "Record of acts",
            "/admin/record",
            "谁在何时做了什么，能离线核验",
            "Who did what when; it verifies offline",
        ),
        place(
            true,
            "看标准和代码",
            "Standards and codes",
            "/admin/standards",
            "哪些有效，何时换版",
            "What holds, and when it changes",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn numbers(lang: Lang, figures: &Figures) -> Vec<Stat<'static>> {
    let link = |href: &'static str| Some(html! { a href=(href) { (lang.pick("去看", "Look")) } });
    let stat =
        |zh: &'static str, en: &'static str, value: String, unit: (&'static str, &'static str)| {
            Stat {
                name: lang.pick(zh, en).into(),
                value: value.into(),
                unit: lang.pick(unit.0, unit.1).into(),
                ..Stat::default()
            }
        };
    let mut out = Vec::new();
    if let Some(failed) = figures.failed {
        let light = if failed == 0 { Light::Ok } else { Light::Over };
        let words =
            if failed == 0 { lang.pick("正常", "Fine") } else { lang.pick("要办", "To do") };
        let waiting = figures.waiting.unwrap_or(0);
        out.push(Stat {
            lamp: Some(lamp(light, words)),
            note: format!("{}{waiting}", lang.pick("等待中 ", "Waiting ")).into(),
            link: link("/admin/jobs"),
            ..stat("失败的任务", "Failed jobs", failed.to_string(), ("个", "jobs"))
        });
    }
    if let Some(packs) = &figures.packs {
        let findings = packs.findings();
        let light = if findings == 0 { Light::Ok } else { Light::Near };
        let words = match (lang, findings) {
            (Lang::Zh, 0) => "没有发现问题".to_owned(),
            (Lang::En, 0) => "Nothing found".to_owned(),
            (Lang::Zh, _) => format!("{findings} 处要看"),
            (Lang::En, _) => format!("{findings} findings"),
        };
        out.push(Stat {
            lamp: Some(lamp(light, &words)),
            link: link("/admin/packs"),
            ..stat("生效的包", "Packs in force", packs.0.len().to_string(), ("个", "packs"))
        });
    }
    if let Some(rows) = figures.rows {
        out.push(Stat {
            link: link("/admin/datasets"),
            ..stat("登记库", "Registries", number(rows), ("条", "rows"))
        });
    }
    if let Some(sealed) = &figures.sealed {
        let note = match sealed.at {
            Some(at) => format!("{}{}", lang.pick("最近封存 ", "Last sealed "), clock_time(at)),
            None => lang.pick("还没有封存过", "Never sealed yet").to_owned(),
        };
        let size = number(i64::try_from(sealed.entries).unwrap_or(i64::MAX));
        out.push(Stat {
            note: note.into(),
            link: link("/admin/record"),
            ..stat("已封存的记录", "Sealed entries", size, ("条", "entries"))
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_one_may_see_is_counted() {
        assert!(numbers(Lang::Zh, &Figures::default()).is_empty());
        let audit = Figures { sealed: Some(Sealed::default()), ..Figures::default() };
        let shown = numbers(Lang::Zh, &audit);
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].note, "还没有封存过");
    }
}
