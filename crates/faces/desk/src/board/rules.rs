//! The rules of supervision as they are in force: when, which card, to whom, by which law.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use time::Date;
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Visit};
use zhengtong_supervision::{Addressee, Ready};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed, flush};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, code, table};

use crate::bench::{Bench, reading};
use crate::supervision::level;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/board/supervision/rules", get(shown))
}

async fn shown(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let catalog = zhengtong_supervision::rules(&mut ctx)?;
    let today = china_date(ctx.now);
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("发牌规则", "Rules"));
    let rules: Vec<&Ready> = catalog.rules().map(AsRef::as_ref).collect();
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("监督看板", "Board"), "/board/supervision")], &frame.title))
        (title(&Title::new(frame.title.as_ref()).meta(html! { (lang.pick("写在规则包里，改文件就生效；阈值带生效日期", "They stand in packs; thresholds have their first day")) })))
        (flush(&Panel::default(), listed(lang, today, &rules)))
        @if let Some(grading) = catalog.grading(today) {
            (boxed(&Panel::new(lang.pick("季度考核", "Quarterly grading")), html! {
                p { (lang.pick("满分 ", "From ")) (grading.full) (lang.pick(" 分起扣：", " points are taken: ")) }
                ul { @for one in &grading.deduct { li { (one.title.get(lang)) "：−" (one.points) (lang.pick("，最多 −", ", at most −")) (one.most) } } }
                ul { @for one in &grading.grade { li { (one.title.get(lang)) " ≥ " (one.least) } } }
                p.meta { (grading.basis.get(lang)) }
            }))
        }
    };
    Ok(bench.page(&visit, &frame, body))
}

fn listed(lang: Lang, today: Date, rules: &[&Ready]) -> Markup {
    let column = |zh: &'static str, en: &'static str| Column::new(lang.pick(zh, en));
    let rows = rules.iter().map(|ready| {
        let rule = &ready.rule;
        let thresholds: Vec<String> =
            ready.thresholds(today).iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let to: Vec<&str> = rule.to.iter().map(|to| addressee(lang, *to)).collect();
        Row::new(vec![
            level(lang, rule.card),
            html! {
                strong { (rule.title.get(lang)) }
                br; (code(&rule.id))
                br; span.meta { (rule.basis.get(lang)) }
            },
            html! {
                (occasion(lang, ready))
                @if let Some(condition) = &rule.condition { br; (code(condition)) }
                @if let Some(table) = &rule.table { br; (lang.pick("决策表 ", "Table ")) (code(table)) }
                @if !thresholds.is_empty() { br; span.meta { (thresholds.join("；")) } }
            },
            html! { (to.join("、")) },
            html! { @match rule.answer_days { Some(days) => { (days) (lang.pick(" 个工作日", " working days")) } None => { "—" } } },
        ])
    });
    let found = Table {
        caption: lang.pick("发牌规则", "Rules").into(),
        columns: vec![
            column("牌", "Card").tight().slot(Slot::Left(1)),
            Column::head(lang.pick("规则", "Rule")).slot(Slot::Full(2)),
            column("什么时候", "When"),
            column("发给谁", "To").tight(),
            column("答复", "Answer").tight(),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    table(lang, &found)
}

fn addressee(lang: Lang, to: Addressee) -> &'static str {
    match to {
        Addressee::Handler => lang.pick("承办人", "handler"),
        Addressee::Head => lang.pick("负责人", "head"),
    }
}

fn occasion(lang: Lang, ready: &Ready) -> String {
    let when = &ready.rule.when;
    if let Some(rung) = &when.rung {
        let clock = when.clock.as_deref().unwrap_or("*");
        return format!("{} {clock} / {rung}", lang.pick("期限", "clock"));
    }
    if let Some(finding) = &when.finding {
        return format!("{} {finding}", lang.pick("监察人员登记", "finding"));
    }
    if let Some(news) = &when.news {
        return format!("{} {news}", lang.pick("消息", "news"));
    }
    if when.daily {
        return lang.pick("每晚巡查", "every night").to_owned();
    }
    format!("{} {}", lang.pick("办理记录", "record"), when.event.join("、"))
}
