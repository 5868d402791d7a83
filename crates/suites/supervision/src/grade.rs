//! Quarterly grading: points by declared rules, with the sum that anybody can follow.

use std::collections::BTreeMap;

use time::Date;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use crate::board::figures;
use crate::error::Result;
use crate::follow::platform;
use crate::model::{Counts, Period};
use crate::part::{Catalog, Counted, Grading};
use crate::store;

/// The grading of a quarter.
#[derive(Clone, Debug)]
pub struct Grades {
    /// The quarter.
    pub period: Period,
    /// The rule; none when none is in force.
    pub grading: Option<Grading>,
    /// Every department, the best first.
    pub rows: Vec<Graded>,
}

/// A department with its grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graded {
    /// The department.
    pub department: Uuid,
    /// Its name.
    pub name: String,
    /// What took points away.
    pub lines: Vec<Line>,
    /// The points that stay.
    pub points: i64,
    /// The grade.
    pub grade: Text,
}

/// One line of the sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was counted.
    pub title: Text,
    /// How many.
    pub count: i64,
    /// Points for each.
    pub each: i64,
    /// Points taken away.
    pub taken: i64,
}

/// What grading knows of a department.
#[derive(Clone, Debug, Default)]
struct Known {
    name: String,
    counts: Counts,
    urged: i64,
    proposals: i64,
    flawed: i64,
}

/// Grades every department over the quarter of a day.
pub async fn grades(ctx: &mut Ctx, day: Date) -> Result<Grades> {
    ctx.allow("supervision.board", &platform())?;
    let period = Period::quarter_of(day);
    let catalog = ctx.defs::<Catalog>()?;
    let Some(grading) = catalog.grading(period.to).cloned() else {
        return Ok(Grades { period, grading: None, rows: Vec::new() });
    };
    let ((from, to), now) = (period.moments(), ctx.now);
    let mut known: BTreeMap<Uuid, Known> = BTreeMap::new();
    for row in figures(ctx, period).await? {
        known.insert(row.id, Known { name: row.name, counts: row.counts, ..Known::default() });
    }
    for sums in store::card_sums(ctx.conn(), from, to, now).await? {
        let one = known.entry(sums.department).or_default();
        one.name = sums.department_name;
        (one.counts.yellow, one.counts.red) = (sums.yellow, sums.red);
        (one.urged, one.proposals) = (sums.urged, sums.proposals);
    }
    for (department, flawed) in store::flawed(ctx.conn(), from, to).await? {
        known.entry(department).or_default().flawed = flawed;
    }
    let mut rows: Vec<Graded> =
        known.into_iter().map(|(department, one)| graded(&grading, department, one)).collect();
    rows.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.name.cmp(&b.name)));
    Ok(Grades { period, grading: Some(grading), rows })
}

fn graded(grading: &Grading, department: Uuid, known: Known) -> Graded {
    let lines = grading.deduct.iter().map(|deduction| {
        let count = counted(&known, deduction.what);
        Line {
            title: deduction.title.clone(),
            count,
            each: deduction.points,
            taken: (count * deduction.points).min(deduction.most),
        }
    });
    let lines: Vec<Line> = lines.collect();
    let points = (grading.full - lines.iter().map(|line| line.taken).sum::<i64>()).max(0);
    let grade = grading.grade.iter().find(|grade| points >= grade.least);
    Graded {
        department,
        name: known.name,
        lines,
        points,
        grade: grade.map_or_else(|| Text::same("—"), |grade| grade.title.clone()),
    }
}

fn counted(known: &Known, what: Counted) -> i64 {
    match what {
        Counted::Yellow => known.counts.yellow,
        Counted::Red => known.counts.red,
        Counted::Urged => known.urged,
        Counted::Proposal => known.proposals,
        Counted::Flawed => known.flawed,
        Counted::LatePercent => {
            let late = known.counts.decided - known.counts.on_time;
            if known.counts.decided > 0 { late * 100 / known.counts.decided } else { 0 }
        }
    }
}
