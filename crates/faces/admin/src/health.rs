//! How the platform stands now: everything that `zhengtong doctor` looks at and what only a running server can know,
//! each with what to do.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::Lang;
use zhengtong_http::{Answer, App, Visit, clock_time};
use zhengtong_ui::Icon;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, flush};
use zhengtong_ui::press::{Button, link_button};
use zhengtong_ui::table::{Column, Row, Table, table};

use crate::bench::{Bench, platform, reading};
use crate::console::{Check, Console, Standing};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/health", get(shown))
}

async fn shown(visit: Visit) -> Answer {
    let ctx = reading(&visit).await?;
    ctx.allow("admin.health", &platform())?;
    let console = ctx.defs::<Console>()?;
    let (bench, now) = (Bench::of(&ctx), ctx.now);
    ctx.commit().await?;
    // After the commit: the checks take connections of their own.
    let checks = (console.look)(visit.app.db.clone()).await;
    let frame = Bench::frame(&visit, visit.lang().pick("健康", "Health"));
    Ok(bench.page(&visit, &frame, page(visit.lang(), &console.version, &checks, now)))
}

fn page(lang: Lang, version: &str, checks: &[Check], now: OffsetDateTime) -> Markup {
    let faulty: Vec<&Check> =
        checks.iter().filter(|check| check.standing != Standing::Sound).collect();
    let sound: Vec<&Check> =
        checks.iter().filter(|check| check.standing == Standing::Sound).collect();
    let worst = checks.iter().map(|check| check.standing).max().unwrap_or(Standing::Sound);
    let again = link_button(
        &Button::secondary(lang.pick("再看一次", "Look again")).icon(Icon::RefreshCw),
        "/admin/health",
    );
    html! {
        (title(&Title::new(lang.pick("健康", "Health")).beside(verdict(lang, worst, faulty.len())).meta(html! {
            (lang.pick("刚刚逐项查过 · ", "Looked at just now · ")) (clock_time(now))
            " · " (lang.pick("版本 ", "version ")) (version)
        }).actions(again)))
        @if worst == Standing::Broken {
            (notice(&Notice::new(Mood::Failure, lang.pick("有的地方坏了，先办红色的", "Something is broken; mend what is red first"))))
        }
        @if !faulty.is_empty() {
            (flush(&Panel::new(lang.pick("要处理的", "To be mended")), table(lang, &faulty_table(lang, &faulty))))
        }
        (flush(&Panel::new(lang.pick("正常的", "Sound")), table(lang, &sound_table(lang, &sound))))
        (boxed(&Panel::new(lang.pick("在服务器上看", "On the server")), html! {
            p { (lang.pick("服务停了也能查：下面的命令逐项检查并说明怎么修。机器监控用 /metrics，告警规则和看板随安装包提供。",
                "This also works while the server is stopped: it looks at each thing and says how to mend it. Machines watch /metrics; alarms and a dashboard come with the product.")) }
            p { span.code { "zhengtong doctor" } }
        }))
    }
}

fn verdict(lang: Lang, worst: Standing, count: usize) -> Markup {
    match (worst, lang) {
        (Standing::Sound, _) => lamp(Light::Ok, lang.pick("全部正常", "All sound")),
        (_, Lang::Zh) => lamp(light(worst), &format!("{count} 项要处理")),
        (_, Lang::En) => lamp(light(worst), &format!("{count} to be mended")),
    }
}

fn light(standing: Standing) -> Light {
    match standing {
        Standing::Sound => Light::Ok,
        Standing::Look => Light::Near,
        Standing::Broken => Light::Over,
    }
}

fn state(lang: Lang, standing: Standing) -> Markup {
    let words = match standing {
        Standing::Sound => lang.pick("正常", "Sound"),
        Standing::Look => lang.pick("留意", "Look at it"),
        Standing::Broken => lang.pick("坏了", "Broken"),
    };
    lamp(light(standing), words)
}

fn faulty_table<'a>(lang: Lang, checks: &[&Check]) -> Table<'a> {
    let mut checks = checks.to_vec();
    checks.sort_by_key(|check| std::cmp::Reverse(check.standing));
    let rows = checks.iter().map(|check| {
        Row::new(vec![
            html! { strong { (check.what.get(lang)) } },
            state(lang, check.standing),
            html! { (check.detail.get(lang)) },
            html! { (check.mend.get(lang)) },
        ])
    });
    Table {
        caption: lang.pick("要处理的", "To be mended").into(),
        columns: vec![
            Column::head(lang.pick("检查项", "What")),
            Column::new(lang.pick("状态", "State")).tight(),
            Column::new(lang.pick("现在", "Now")),
            Column::new(lang.pick("怎么办", "What to do")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn sound_table<'a>(lang: Lang, checks: &[&Check]) -> Table<'a> {
    let rows = checks.iter().map(|check| {
        Row::new(vec![
            html! { (check.what.get(lang)) },
            state(lang, check.standing),
            html! { (check.detail.get(lang)) },
        ])
    });
    Table {
        caption: lang.pick("正常的", "Sound").into(),
        columns: vec![
            Column::head(lang.pick("检查项", "What")),
            Column::new(lang.pick("状态", "State")).tight(),
            Column::new(lang.pick("现在", "Now")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

#[cfg(test)]
mod tests {
    use zhengtong_base::Text;

    use super::*;

    fn check(what: &str, standing: Standing) -> Check {
        Check {
            what: Text::same(what),
            standing,
            detail: Text::same("<detail>"),
            mend: Text::same(format!("mend-{what}")),
        }
    }

    #[test]
    fn the_worst_comes_first_and_only_what_is_faulty_is_mended() {
        let checks = [
            check("disk", Standing::Look),
            check("fonts", Standing::Sound),
            check("database", Standing::Broken),
        ];
        let html = page(Lang::Zh, "1.0", &checks, OffsetDateTime::UNIX_EPOCH).into_string();
        assert!(html.contains("2 项要处理") && html.contains("&lt;detail&gt;"));
        assert!(html.contains("mend-disk") && !html.contains("mend-fonts"));
        assert!(html.find("mend-database") < html.find("mend-disk"));
        let sound = page(Lang::En, "1.0", &checks[1..2], OffsetDateTime::UNIX_EPOCH).into_string();
        assert!(sound.contains("All sound") && !sound.contains("To be mended"));
    }
}
