//! Quarterly grades, with the sum of every department.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Visit};
use zhengtong_supervision::{Graded, Grades};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Choice, segment};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, table};

use super::read_day;
use crate::bench::{Bench, reading};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/board/supervision/grades", get(shown))
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    day: String,
}

async fn shown(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let today = china_date(ctx.now);
    let day = read_day(&wanted.day).unwrap_or(today);
    let grades = zhengtong_supervision::grades(&mut ctx, day).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("季度考核", "Quarterly grades"));
    let (now, before) = (
        zhengtong_supervision::Period::quarter_of(today),
        zhengtong_supervision::Period::quarter_of(today).before(),
    );
    let choice = |words: &'static str, period: zhengtong_supervision::Period| {
        let choice = Choice::new(words, format!("/board/supervision/grades?day={}", period.from));
        if period == grades.period { choice.current() } else { choice }
    };
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("监督看板", "Board"), "/board/supervision")], &frame.title))
        (title(&Title::new(frame.title.as_ref()).meta(html! {
            (grades.period.from) " – " (grades.period.to)
            @if let Some(grading) = &grades.grading { " · " (grading.basis.get(lang)) }
        })))
        (segment(lang.pick("哪个季度", "Quarter"), &[choice(lang.pick("本季", "This quarter"), now), choice(lang.pick("上季", "Last quarter"), before)]))
        (flush(&Panel::default(), listed(lang, &grades)))
    };
    Ok(bench.page(&visit, &frame, body))
}

fn listed(lang: Lang, grades: &Grades) -> Markup {
    if grades.rows.is_empty() {
        return html! { div.panel-body { p.soft { (lang.pick("这个季度没有数。", "Nothing in this quarter.")) } } };
    }
    let full = grades.grading.as_ref().map_or(0, |grading| grading.full);
    let rows = grades.rows.iter().map(|row| {
        Row::new(vec![
            html! { (row.name) },
            html! { strong { (row.grade.get(lang)) } },
            html! { (row.points) },
            html! { (sum(lang, full, row)) },
        ])
    });
    let found = Table {
        caption: lang.pick("各单位等次", "Grades").into(),
        columns: vec![
            Column::head(lang.pick("单位", "Department")).slot(Slot::Left(1)),
            Column::new(lang.pick("等次", "Grade")).tight().slot(Slot::Right(1)),
            Column::number(lang.pick("得分", "Points")).tight(),
            Column::new(lang.pick("怎么算的", "The sum")),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    table(lang, &found)
}

/// `100 − 黄牌 3×1 − 红牌 1×3 = 94`.
fn sum(lang: Lang, full: i64, row: &Graded) -> String {
    let mut parts = vec![full.to_string()];
    for line in row.lines.iter().filter(|line| line.count > 0) {
        let most = if line.count * line.each > line.taken {
            format!("（{} {}）", lang.pick("封顶", "at most"), line.taken)
        } else {
            String::new()
        };
        let title = line.title.get(lang);
        parts.push(format!("{title} {}×{}{most}", line.count, line.each));
    }
    format!("{} = {}", parts.join(" − "), row.points)
}

#[cfg(test)]
mod tests {
    use zhengtong_base::Text;
    use zhengtong_supervision::Line;

    use super::*;

    #[test]
    fn the_sum_is_written_out() {
        let line =
            |title: &str, count, each, taken| Line { title: Text::same(title), count, each, taken };
        let row = Graded {
            department: uuid::Uuid::nil(),
            name: "示例局".to_owned(),
            lines: vec![line("黄牌", 3, 1, 3), line("红牌", 0, 3, 0), line("超期", 33, 1, 20)],
            points: 77,
            grade: Text::same("合格"),
        };
        assert_eq!(sum(Lang::Zh, 100, &row), "100 − 黄牌 3×1 − 超期 33×1（封顶 20） = 77");
    }
}
