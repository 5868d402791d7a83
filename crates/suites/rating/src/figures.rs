//! What ratings come to: counted by the database for pages, counted again from the record for whoever doubts it, and
//! never shown where so few rated that a figure would say who.

use std::collections::BTreeMap;

use time::Date;
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Thing};

use crate::course::course;
use crate::error::Result;
use crate::model::{Comment, Opinion, is_bad};
use crate::rules;
use crate::store::{self, RecountRow};

/// Words on the guide of an item.
const GUIDE_WORDS: i64 = 5;
/// Words on the page of results.
const RESULT_WORDS: i64 = 20;
/// Rows that the recount reads at once.
const RECOUNT_ROWS: i64 = 2_000;
/// Days that the guide of an item looks back.
const GUIDE_DAYS: i64 = 365;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Contacts that could be rated.
    pub contacts: i64,
    /// Ratings that count.
    pub rated: i64,
    /// How many of each level, the best first.
    pub levels: [i64; 5],
    /// Ratings that were excluded after an appeal.
    pub excluded: i64,
    /// Bad ratings that count.
    pub bad: i64,
    /// Bad ratings that are put right.
    pub rectified: i64,
    /// Bad ratings that were answered.
    pub answered: i64,
    /// Bad ratings whose rater was called back.
    pub called_back: i64,
    /// Bad ratings whose time is over or was kept.
    pub judged: i64,
    /// Those of them that were answered in time.
    pub in_time: i64,
}

impl Counts {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.contacts += other.contacts;
        self.rated += other.rated;
        for (mine, theirs) in self.levels.iter_mut().zip(other.levels) {
            *mine += theirs;
        }
        self.excluded += other.excluded;
        self.bad += other.bad;
        self.rectified += other.rectified;
        self.answered += other.answered;
        self.called_back += other.called_back;
        self.judged += other.judged;
        self.in_time += other.in_time;
    }

    /// 主动评价率 in tenths of a percent; nobody is ever rated for.
    pub fn active_rate(&self) -> Option<i64> {
        share(self.rated, self.contacts)
    }

    /// 好评率: the first three levels.
    pub fn good_rate(&self) -> Option<i64> {
        share(self.levels.iter().take(3).sum(), self.rated)
    }

    /// 差评整改率.
    pub fn rectified_rate(&self) -> Option<i64> {
        share(self.rectified, self.bad)
    }

    /// 差评回访率.
    pub fn called_back_rate(&self) -> Option<i64> {
        share(self.called_back, self.answered)
    }

    /// 按期整改率.
    pub fn in_time_rate(&self) -> Option<i64> {
        share(self.in_time, self.judged)
    }

    /// The mean level in tenths: 10 is the best.
    pub fn mean_tenths(&self) -> i64 {
        let sum: i64 = (1_i64..).zip(self.levels).map(|(level, times)| level * times).sum();
        if self.rated == 0 { 0 } else { (sum * 10 + self.rated / 2) / self.rated }
    }
}

fn share(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 1_000 + whole / 2) / whole)
}

/// What was counted of an item of a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The department.
    pub department: Uuid,
    /// The item; none for visits and calls without one.
    pub item: Option<String>,
    /// What was counted.
    pub counts: Counts,
}

/// A row of the results: without counts where there are too few to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<K> {
    /// Of what.
    pub of: K,
    /// What was counted; none where fewer than `shown_min` rated.
    pub counts: Option<Counts>,
}

/// The results that everybody may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results {
    /// The first day.
    pub from: Date,
    /// The last day: never today, so that nobody sees a figure change when somebody has just been there.
    pub to: Date,
    /// How many there must be before a figure is shown.
    pub shown_min: i64,
    /// The whole city; none while too few rated.
    pub city: Option<Counts>,
    /// By department.
    pub departments: Vec<Line<Uuid>>,
    /// By item.
    pub items: Vec<Line<String>>,
    /// The latest words with their replies.
    pub comments: Vec<Comment>,
}

/// The results of a period; open to everyone.
pub async fn results(ctx: &mut Ctx, from: Date, to: Date) -> Result<Results> {
    ctx.allow("rating.read", &Thing::new("results", "all"))?;
    let today = china_date(ctx.now);
    let to = to.min(today.previous_day().unwrap_or(today));
    let shown_min = rules(ctx, today)?.shown_min();
    let counted = store::figures(ctx.conn(), (from, to)).await?;
    let comments = store::comments(ctx.conn(), None, shown_min, RESULT_WORDS).await?;
    let mut city = Counts::default();
    let mut departments: BTreeMap<Uuid, Counts> = BTreeMap::new();
    let mut items: BTreeMap<String, Counts> = BTreeMap::new();
    for one in counted {
        city.add(&one.counts);
        departments.entry(one.department).or_default().add(&one.counts);
        if let Some(item) = one.item {
            items.entry(item).or_default().add(&one.counts);
        }
    }
    let departments = lines(departments, shown_min, &city);
    let items = lines(items, shown_min, &city);
    let city = (city.rated >= shown_min).then_some(city);
    Ok(Results { from, to, shown_min, city, departments, items, comments })
}

/// Hides what is too small, and one row more where only one is hidden: else it is the rest of the sum.
fn lines<K: Clone>(all: BTreeMap<K, Counts>, shown_min: i64, city: &Counts) -> Vec<Line<K>> {
    let small = |counts: &Counts| counts.rated < shown_min;
    let mut lines: Vec<Line<K>> = all
        .into_iter()
        .map(|(of, counts)| Line { of, counts: (!small(&counts)).then_some(counts) })
        .collect();
    let shown: i64 = lines.iter().filter_map(|line| line.counts).map(|counts| counts.rated).sum();
    let rest = city.rated - shown;
    if rest > 0 && rest < shown_min {
        let least = lines
            .iter_mut()
            .filter(|line| line.counts.is_some())
            .min_by_key(|line| line.counts.map_or(0, |counts| counts.rated));
        if let Some(least) = least {
            least.counts = None;
        }
    }
    lines
}

/// What people say of an item; open to everyone, for its guide.
pub async fn opinion(ctx: &mut Ctx, item: &str) -> Result<Opinion> {
    ctx.allow("rating.read", &Thing::new("results", item))?;
    let today = china_date(ctx.now);
    let Ok(rules) = rules(ctx, today) else { return Ok(Opinion::default()) };
    let shown_min = rules.shown_min();
    let from = today.checked_sub(time::Duration::days(GUIDE_DAYS)).unwrap_or(Date::MIN);
    let to = today.previous_day().unwrap_or(today);
    let counted = store::figures(ctx.conn(), (from, to)).await?;
    let mut counts = Counts::default();
    for one in counted.iter().filter(|one| one.item.as_deref() == Some(item)) {
        counts.add(&one.counts);
    }
    if counts.rated < shown_min {
        return Ok(Opinion::default());
    }
    let latest = store::comments(ctx.conn(), Some(item), shown_min, GUIDE_WORDS).await?;
    Ok(Opinion {
        count: Some(counts.rated),
        mean_tenths: counts.mean_tenths(),
        good: counts.good_rate().unwrap_or(0),
        latest,
    })
}

/// Where the figures and the record do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What: a matter, or a department with an item.
    pub of: String,
    /// What is kept.
    pub kept: String,
    /// What the record gives.
    pub recounted: String,
}

/// Counts all again from contacts, ratings and steps, one by one, and compares with what pages show.
pub async fn audit(ctx: &mut Ctx, from: Date, to: Date) -> Result<Vec<Mismatch>> {
    ctx.allow("rating.audit", &Thing::new("platform", "rating"))?;
    let mut counted: BTreeMap<(Uuid, Option<String>), Counts> = BTreeMap::new();
    let mut mismatches = Vec::new();
    let (mut subject, mut contact) = (String::new(), String::new());
    loop {
        let rows = store::recount(ctx.conn(), (&subject, &contact), RECOUNT_ROWS).await?;
        let Some(last) = rows.last() else { break };
        (subject, contact) = (last.subject.clone(), last.contact.clone());
        for row in rows {
            recount(ctx, &row, (from, to), &mut counted, &mut mismatches).await?;
        }
    }
    let mut kept: BTreeMap<(Uuid, Option<String>), Counts> = BTreeMap::new();
    for one in store::figures(ctx.conn(), (from, to)).await? {
        kept.insert((one.department, one.item), one.counts);
    }
    for key in kept.keys().chain(counted.keys()) {
        let (shown, again) = (kept.get(key), counted.get(key));
        if shown != again {
            mismatches.push(Mismatch {
                of: format!("{} {}", key.0, key.1.as_deref().unwrap_or("–")),
                kept: format!("{shown:?}"),
                recounted: format!("{again:?}"),
            });
        }
    }
    mismatches.dedup();
    Ok(mismatches)
}

async fn recount(
    ctx: &mut Ctx,
    row: &RecountRow,
    (from, to): (Date, Date),
    counted: &mut BTreeMap<(Uuid, Option<String>), Counts>,
    mismatches: &mut Vec<Mismatch>,
) -> Result<()> {
    let within = |day: Date| (from..=to).contains(&day);
    let key = (row.department, row.item.clone());
    if within(row.day) {
        counted.entry(key.clone()).or_default().contacts += 1;
    }
    let (Some(rating), Some(day), Some(level)) = (row.rating, row.rated_day, row.level) else {
        return Ok(());
    };
    let matter = store::matter_of(ctx.conn(), rating).await?;
    let again = match &matter {
        Some(matter) => {
            let steps = store::steps(ctx, &matter.no).await?;
            let marks: Vec<_> = steps.iter().map(|step| (step.kind, step.at)).collect();
            let begun = marks.first().map_or(day, |(_, at)| china_date(*at));
            let law = zhengtong_casework::law(ctx).await?;
            let course = course(&marks, &*rules(ctx, begun)?, law.china())?;
            let days = |course: &crate::model::Course| course.due.map(|due| due.day);
            let same = days(&course) == days(&matter.course)
                && crate::model::Course { due: None, ..course.clone() }
                    == crate::model::Course { due: None, ..matter.course.clone() };
            if !same {
                mismatches.push(Mismatch {
                    of: matter.no.clone(),
                    kept: format!("{:?}", matter.course),
                    recounted: format!("{course:?}"),
                });
            }
            Some(course)
        }
        None => None,
    };
    if !within(day) {
        return Ok(());
    }
    let counts = counted.entry(key).or_default();
    let excluded =
        again.as_ref().is_some_and(|course| course.standing == crate::model::Standing::Excluded);
    if excluded {
        counts.excluded += 1;
        return Ok(());
    }
    let level = u8::try_from(level).unwrap_or(0);
    counts.rated += 1;
    if let Some(times) = counts.levels.get_mut(usize::from(level.saturating_sub(1))) {
        *times += 1;
    }
    if let (true, Some(course)) = (is_bad(level), again) {
        let one = i64::from;
        counts.bad += 1;
        counts.rectified += one(course.standing == crate::model::Standing::Closed);
        counts.answered += one(course.answered);
        counts.called_back += one(course.called_back);
        counts.judged += one(course.in_time.is_some());
        counts.in_time += one(course.in_time == Some(true));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rated: i64) -> Counts {
        Counts { rated, ..Counts::default() }
    }

    #[test]
    fn rates_are_rounded_and_none_of_nothing() {
        let counts = Counts { contacts: 9, rated: 3, levels: [1, 1, 0, 0, 1], ..Counts::default() };
        assert_eq!(counts.active_rate(), Some(333));
        assert_eq!(counts.good_rate(), Some(667));
        assert_eq!(counts.mean_tenths(), 27);
        assert_eq!(counts.rectified_rate(), None);
        assert_eq!(Counts::default().good_rate(), None);
    }

    #[test]
    fn what_is_hidden_is_not_the_rest_of_a_sum() {
        let all: BTreeMap<&str, Counts> = [("a", of(20)), ("b", of(7)), ("c", of(2))].into();
        let lines = lines(all, 5, &of(29));
        let shown: Vec<_> = lines.iter().map(|line| (line.of, line.counts.is_some())).collect();
        assert_eq!(shown, [("a", true), ("b", false), ("c", false)]);
    }

    #[test]
    fn with_enough_hidden_nothing_more_is() {
        let all: BTreeMap<&str, Counts> = [("a", of(20)), ("b", of(4)), ("c", of(4))].into();
        let lines = lines(all, 5, &of(28));
        assert_eq!(lines.iter().filter(|line| line.counts.is_some()).count(), 1);
    }
}
