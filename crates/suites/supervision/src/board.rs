//! The board: the numbers of every department, the rows behind each number, the course of a case without people.

use time::{Date, Month, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Limits, Page, Paging};
use zhengtong_calendar::china_midnight;
use zhengtong_db::Ctx;

use crate::error::Result;
use crate::follow::platform;
use crate::model::{Behind, Card, Counts, DepartmentRow, Period, Seen, Standing, What};
use crate::store;

/// How long news of cases may wait before the board is marked as old.
const LAG: time::Duration = time::Duration::minutes(5);

/// The board over a period.
#[derive(Clone, Debug)]
pub struct Board {
    /// The period.
    pub period: Period,
    /// Every department with a number.
    pub rows: Vec<DepartmentRow>,
    /// All together.
    pub total: Counts,
    /// The period before, of the same length or the same name.
    pub before: (Period, Counts),
    /// The same period a year ago.
    pub year_ago: (Period, Counts),
    /// When the numbers were counted.
    pub at: OffsetDateTime,
    /// The last look whether the numbers equal the record.
    pub audit: Option<LastAudit>,
    /// Cards that wait for a supervisor.
    pub waiting: i64,
    /// Since when news of cases waits to be taken in, where it waits too long.
    pub behind_since: Option<OffsetDateTime>,
}

/// A look whether the numbers equal the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastAudit {
    /// When.
    pub at: OffsetDateTime,
    /// Cases that were looked at.
    pub cases: i32,
    /// Cards that were judged again.
    pub cards: i32,
    /// What differed.
    pub differ: i32,
    /// The first that did.
    pub first: Option<String>,
}

impl Period {
    /// The month of a day.
    pub fn month_of(day: Date) -> Self {
        let from = day.replace_day(1).unwrap_or(day);
        let to = day.replace_day(day.month().length(day.year())).unwrap_or(day);
        Self { from, to }
    }

    /// The quarter of a day.
    pub fn quarter_of(day: Date) -> Self {
        let first = u8::from(day.month()).saturating_sub(1) / 3 * 3 + 1;
        let month = |number: u8| Month::try_from(number).unwrap_or(Month::January);
        let from = Date::from_calendar_date(day.year(), month(first), 1).unwrap_or(day);
        let to = Self::month_of(
            Date::from_calendar_date(day.year(), month(first + 2), 1).unwrap_or(day),
        );
        Self { from, to: to.to }
    }

    /// The year of a day.
    pub fn year_of(day: Date) -> Self {
        let on = |month, number| Date::from_calendar_date(day.year(), month, number).unwrap_or(day);
        Self { from: on(Month::January, 1), to: on(Month::December, 31) }
    }

    /// The period before: the month before a month, the quarter before a quarter, else as many days before.
    #[must_use]
    pub fn before(self) -> Self {
        let Some(last) = self.from.previous_day() else { return self };
        for of in [Self::month_of, Self::quarter_of, Self::year_of] {
            if of(self.from) == self {
                return of(last);
            }
        }
        let days = self.to - self.from;
        Self { from: last.checked_sub(days).unwrap_or(last), to: last }
    }

    /// The same period a year ago.
    #[must_use]
    pub fn year_ago(self) -> Self {
        let back = |day: Date| {
            let year = day.year() - 1;
            let most = day.month().length(year);
            Date::from_calendar_date(year, day.month(), day.day().min(most)).unwrap_or(day)
        };
        Self { from: back(self.from), to: back(self.to) }
    }

    /// From the first moment to the first moment after, in China.
    pub(crate) fn moments(self) -> (OffsetDateTime, OffsetDateTime) {
        (china_midnight(self.from), china_midnight(self.to.next_day().unwrap_or(self.to)))
    }
}

/// The numbers of a period, by department and together, with those of the period before and of a year ago.
pub async fn board(ctx: &mut Ctx, period: Period) -> Result<Board> {
    ctx.allow("supervision.board", &platform())?;
    let rows = figures(ctx, period).await?;
    let (before, year_ago) = (period.before(), period.year_ago());
    Ok(Board {
        total: sum(&rows),
        before: (before, sum(&figures(ctx, before).await?)),
        year_ago: (year_ago, sum(&figures(ctx, year_ago).await?)),
        rows,
        period,
        at: ctx.now,
        audit: store::last_audit(ctx.conn()).await?,
        waiting: store::waiting(ctx.conn()).await?,
        behind_since: behind_since(ctx).await?,
    })
}

/// Since when news of cases waits, when it waits longer than it should.
async fn behind_since(ctx: &mut Ctx) -> Result<Option<OffsetDateTime>> {
    let late = ctx.now - LAG;
    let waiting = zhengtong_db::jobs::waiting_of(ctx.conn(), crate::attach::FOLLOW, 100).await?;
    Ok(waiting.iter().map(|job| job.created).filter(|created| *created < late).min())
}

/// The numbers of every department over a period.
pub(crate) async fn figures(ctx: &mut Ctx, period: Period) -> Result<Vec<DepartmentRow>> {
    let ((from, to), now) = (period.moments(), ctx.now);
    store::figures(ctx.conn(), from, to, now).await
}

pub(crate) fn sum(rows: &[DepartmentRow]) -> Counts {
    let mut total = Counts::default();
    for row in rows {
        for what in What::ALL {
            total.add(what, row.counts.get(what));
        }
    }
    total
}

/// The rows behind a number, the latest first.
pub async fn behind(
    ctx: &mut Ctx,
    what: What,
    department: Option<Uuid>,
    period: Period,
    page: u32,
) -> Result<Page<Behind>> {
    ctx.allow("supervision.board", &platform())?;
    let paging = Paging::new(page, Limits::default().page_rows);
    let ((from, to), now) = (period.moments(), ctx.now);
    let (rows, total) =
        store::behind(ctx.conn(), (what.word(), department), (from, to, now), paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// The rules as they are in force: for supervisors.
pub fn rules(ctx: &mut Ctx) -> Result<std::sync::Arc<crate::part::Catalog>> {
    ctx.allow("supervision.board", &platform())?;
    Ok(ctx.defs::<crate::part::Catalog>()?)
}

/// The course of a case as a supervisor sees it: no person, no answer, no written word.
#[derive(Clone, Debug)]
pub struct Course {
    /// Where it stands.
    pub standing: Standing,
    /// What was seen, in order.
    pub seen: Vec<Seen>,
    /// Its cards.
    pub cards: Vec<Card>,
    /// Whether it is late now.
    pub overdue: bool,
}

/// Opens the course of a case. That a supervisor looked stands in the record.
pub async fn course(ctx: &mut Ctx, no: &str) -> Result<Course> {
    ctx.allow_or_absent("supervision.course", &zhengtong_db::Thing::new("course", no))?;
    let found = store::standing(ctx.conn(), no).await?;
    let standing = found.ok_or_else(|| zhengtong_db::Error::absent("case", no))?;
    let seen = store::seen(ctx.conn(), no).await?;
    let cards = store::cards_of_case(ctx.conn(), no).await?;
    let overdue = standing.over_from.is_some_and(|from| from <= ctx.now);
    let act = ctx.act("supervision.course", "case", no);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Course { standing, seen, cards, overdue })
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn period(from: Date, to: Date) -> Period {
        Period { from, to }
    }

    #[test]
    fn periods_have_one_before_and_one_a_year_ago() {
        let march = Period::month_of(date!(2024 - 03 - 15));
        assert_eq!(march, period(date!(2024 - 03 - 01), date!(2024 - 03 - 31)));
        assert_eq!(march.before(), period(date!(2024 - 02 - 01), date!(2024 - 02 - 29)));
        assert_eq!(march.before().year_ago(), period(date!(2023 - 02 - 01), date!(2023 - 02 - 28)));
        let quarter = Period::quarter_of(date!(2026 - 11 - 22));
        assert_eq!(quarter, period(date!(2026 - 10 - 01), date!(2026 - 12 - 31)));
        assert_eq!(quarter.before(), period(date!(2026 - 07 - 01), date!(2026 - 09 - 30)));
        let year = Period::year_of(date!(2026 - 11 - 22));
        assert_eq!(year.before(), Period::year_of(date!(2025 - 01 - 01)));
        let week = period(date!(2026 - 03 - 09), date!(2026 - 03 - 15));
        assert_eq!(week.before(), period(date!(2026 - 03 - 02), date!(2026 - 03 - 08)));
    }
}
