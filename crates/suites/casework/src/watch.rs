//! A case as supervision sees it: its course, its clocks and its stops, without a person, an answer or a word that
//! somebody wrote. Only the platform reads it; what it gives away may be copied.

use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::model::State;
use crate::store;

/// The course of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The case number.
    pub no: String,
    /// The case type.
    pub kind: String,
    /// The item.
    pub item: String,
    /// What it is called.
    pub title: Text,
    /// The organisation that handles it.
    pub department: Uuid,
    /// Its name.
    pub department_name: String,
    /// Where it stands.
    pub state: State,
    /// `granted` or `refused`.
    pub decision: Option<String>,
    /// Working days promised.
    pub promised_days: u32,
    /// Working days the law gives.
    pub statutory_days: u32,
    /// When it was handed in.
    pub submitted_at: OffsetDateTime,
    /// When it was accepted.
    pub accepted_at: Option<OffsetDateTime>,
    /// When it was decided.
    pub decided_at: Option<OffsetDateTime>,
    /// When it was over.
    pub closed_at: Option<OffsetDateTime>,
    /// What happened, in order.
    pub events: Vec<WatchedEvent>,
    /// Every clock that has run, in the order in which they started.
    pub clocks: Vec<WatchedClock>,
    /// The rungs that have fired, in order.
    pub rungs: Vec<WatchedRung>,
    /// The stops of its clocks, in order.
    pub stops: Vec<WatchedStop>,
    /// The tasks of officers, in order.
    pub tasks: Vec<WatchedTask>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedEvent {
    /// Its place in the order.
    pub seq: i32,
    /// The kind, such as `accept`.
    pub kind: String,
    /// When.
    pub at: OffsetDateTime,
    /// At which node of the process.
    pub node: Option<String>,
    /// What the timeline says.
    pub text: Text,
    /// How many characters the written reason has; none where none was written.
    pub reason_chars: Option<u32>,
}

/// A clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedClock {
    /// The identifier.
    pub id: Uuid,
    /// Its name, such as `promised`.
    pub name: String,
    /// Which of that name.
    pub seq: i32,
    /// `office` or `applicant`.
    pub side: String,
    /// The task it runs over.
    pub todo: Option<Uuid>,
    /// When it started.
    pub started_at: OffsetDateTime,
    /// When it ended.
    pub ended_at: Option<OffsetDateTime>,
    /// When its time is up; none while it stands.
    pub due_at: Option<OffsetDateTime>,
    /// The last day.
    pub due_day: Option<Date>,
}

/// A rung that has fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedRung {
    /// The clock.
    pub clock: Uuid,
    /// The rung.
    pub rung: String,
    /// When it fired.
    pub at: OffsetDateTime,
}

/// A stop of the clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedStop {
    /// Its place in the order.
    pub seq: i32,
    /// The special procedure.
    pub kind: String,
    /// Since when.
    pub from: OffsetDateTime,
    /// Until when.
    pub to: Option<OffsetDateTime>,
    /// How many days the applicant was told.
    pub told_days: i32,
    /// The last of these days.
    pub told_until: Option<Date>,
    /// When it was found to last longer.
    pub overlong_at: Option<OffsetDateTime>,
}

/// A task of an officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedTask {
    /// The identifier.
    pub id: Uuid,
    /// The node of the process.
    pub node: String,
    /// The role that does it.
    pub role: String,
    /// The organisation that does it.
    pub department: Uuid,
    /// The account that has it or had it.
    pub assignee: Option<Uuid>,
    /// When it came.
    pub opened_at: OffsetDateTime,
    /// When it was done.
    pub closed_at: Option<OffsetDateTime>,
}

/// The course of a case; none when there is no such case.
pub async fn watch(ctx: &mut Ctx, no: &str) -> Result<Option<Watched>> {
    ctx.allow("casework.watch", &Thing::new("platform", "supervision"))?;
    store::watched(ctx, no).await
}

/// Numbers of cases in order after one, for who looks at all of them.
pub async fn watch_after(ctx: &mut Ctx, after: &str, most: i64) -> Result<Vec<String>> {
    ctx.allow("casework.watch", &Thing::new("platform", "supervision"))?;
    store::numbers_after(ctx.conn(), after, most).await
}
