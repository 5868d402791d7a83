//! The officer's inbox: mine or free for me, due first, one page after the other without counting everything.

use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Limits, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Thing};

use crate::assisted;
use crate::clocks;
use crate::error::Result;
use crate::flow;
use crate::law::law;
use crate::model::{State, Todo};
use crate::part::Catalog;
use crate::presence;
use crate::store::{self, InboxQuery};

/// What is counted at most; a count that reaches it reads "999+".
pub const COUNT_MAX: i64 = 1_000;
/// The most rows of a page.
pub const ROWS_MAX: u32 = 1_000;
/// The most days ahead that a filter may ask for.
const WITHIN_DAYS_MAX: u16 = 366;
/// The role of those who see what waits in all hands of the department.
const HEAD: &str = "head";

/// A filter of the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Mine and free for me.
    #[default]
    All,
    /// Taken by me.
    Mine,
    /// Free for me.
    Free,
    /// Late, the clock running.
    Over,
    /// Due today or tomorrow, the clock running.
    Near,
    /// Cases of the department that wait for papers of the applicant.
    Correcting,
    /// What my roles have to do in the department, in whosever hands; for heads everything of the department.
    Unit,
}

impl Filter {
    /// All filters.
    pub const ALL: [Self; 7] =
        [Self::All, Self::Mine, Self::Free, Self::Over, Self::Near, Self::Correcting, Self::Unit];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mine => "mine",
            Self::Free => "free",
            Self::Over => "over",
            Self::Near => "near",
            Self::Correcting => "correcting",
            Self::Unit => "unit",
        }
    }

    /// Reads the word; anything else is [`Filter::All`].
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|filter| filter.word() == word).unwrap_or_default()
    }
}

/// Whether the clock of a case runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Either way.
    #[default]
    Any,
    /// The clock stands still.
    Stopped,
    /// It runs.
    Running,
}

/// What an officer looks for in the inbox, and from where on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sought {
    /// Whose tasks.
    #[serde(default)]
    pub filter: Filter,
    /// Only cases of this type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only tasks of this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Only what is due within so many days, or late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<u16>,
    /// Only where the clock stands, or runs.
    #[serde(default)]
    pub standing: Standing,
    /// Only what the applicant has urged.
    #[serde(default)]
    pub urged: bool,
    /// The place after which the page begins; none at the start.
    #[serde(skip)]
    pub after: Option<Spot>,
    /// Rows of a page; 0 for the usual number.
    #[serde(skip)]
    pub rows: u32,
}

impl From<Filter> for Sought {
    fn from(filter: Filter) -> Self {
        Self { filter, ..Self::default() }
    }
}

impl Sought {
    /// The same question without a place in it, as it is compared and kept.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self { after: None, rows: 0, ..self.clone() }
    }

    /// How many rows a page has.
    pub fn rows(&self) -> u32 {
        if self.rows == 0 { Limits::default().page_rows } else { self.rows.min(ROWS_MAX) }
    }
}

/// A place in the order of the inbox. It stays true when rows before it are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    due: Option<Date>,
    opened: OffsetDateTime,
    id: Uuid,
}

impl Spot {
    /// The place of a task.
    pub fn of(todo: &Todo) -> Self {
        Self { due: todo.due_day, opened: todo.opened_at, id: todo.id }
    }

    /// The place as it stands in an address.
    pub fn word(&self) -> String {
        let due = self.due.map_or_else(|| "-".to_owned(), |due| due.to_julian_day().to_string());
        let micros = self.opened.unix_timestamp_nanos().div_euclid(1_000);
        format!("{due}_{micros}_{}", self.id.simple())
    }

    /// Reads a place of an address; what is none is the start.
    pub fn parse(word: &str) -> Option<Self> {
        let mut parts = word.split('_');
        let (due, micros, id) = (parts.next()?, parts.next()?, parts.next()?);
        let due = match due {
            "-" => None,
            day => Some(Date::from_julian_day(day.parse().ok()?).ok()?),
        };
        let nanos = micros.parse::<i128>().ok()?.checked_mul(1_000)?;
        let opened = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
        Some(Self { due, opened, id: id.parse().ok()? })
    }

    pub(crate) fn parts(&self) -> (String, OffsetDateTime, Uuid) {
        (day_word(self.due, "infinity"), self.opened, self.id)
    }
}

/// A row of the inbox.
#[derive(Clone, Debug)]
pub struct InboxItem {
    /// The task.
    pub todo: Todo,
    /// The case type.
    pub kind: String,
    /// What the case is called.
    pub title: Text,
    /// Who applies.
    pub applicant: String,
    /// Where the case stands.
    pub state: State,
    /// Working days left, negative when late.
    pub days_left: Option<i64>,
    /// Working days promised.
    pub promised_days: u32,
    /// When the case was accepted.
    pub accepted_at: Option<OffsetDateTime>,
    /// When the case was handed in.
    pub submitted_at: OffsetDateTime,
    /// For what the clock stands still and since when.
    pub stopped: Option<(Text, Date)>,
    /// How often the applicant has urged and when last.
    pub urged: Option<(i64, Date)>,
    /// A colleague who looks at the case now.
    pub looking: Option<String>,
}

/// A page of the inbox.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    /// Its rows, due first.
    pub rows: Vec<InboxItem>,
    /// Where the next page begins; none at the end.
    pub next: Option<Spot>,
}

/// How many tasks each filter shows, each at most [`COUNT_MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Mine and free for me.
    pub all: i64,
    /// Taken by me.
    pub mine: i64,
    /// Free for me.
    pub free: i64,
    /// Late.
    pub over: i64,
    /// Due today or tomorrow.
    pub near: i64,
    /// Waiting for papers of the applicant.
    pub correcting: i64,
    /// In the department, in whosever hands.
    pub unit: i64,
}

impl Counts {
    /// The count of a filter.
    pub fn of(&self, filter: Filter) -> i64 {
        match filter {
            Filter::All => self.all,
            Filter::Mine => self.mine,
            Filter::Free => self.free,
            Filter::Over => self.over,
            Filter::Near => self.near,
            Filter::Correcting => self.correcting,
            Filter::Unit => self.unit,
        }
    }
}

/// A page of the inbox of the actor's post.
pub async fn inbox(ctx: &mut Ctx, sought: impl Into<Sought>) -> Result<Inbox> {
    let sought = sought.into();
    let Some(query) = query(ctx, &sought)? else { return Ok(Inbox::default()) };
    let most = usize::try_from(sought.rows()).unwrap_or(usize::MAX);
    let mut rows = store::inbox(ctx, &query).await?;
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| Spot::of(&row.todo));
    let catalog = ctx.defs::<Catalog>()?;
    let law = law(ctx).await?;
    let now = ctx.now;
    let rows = rows
        .into_iter()
        .map(|row| InboxItem {
            stopped: row
                .stopped
                .map(|(kind, since)| (stop_title(&catalog, &row.kind, &kind), since)),
            days_left: clocks::days_left(law.china(), &row.todo, now),
            title: row.case_title,
            applicant: match catalog.get(&row.kind) {
                Some(kind) if !row.todo.place.lead && assisted::hides_applicant(&kind) => {
                    assisted::hidden()
                }
                _ => row.applicant,
            },
            state: row.state,
            promised_days: row.promised_days,
            todo: row.todo,
            kind: row.kind,
            accepted_at: row.accepted_at,
            submitted_at: row.submitted_at,
            urged: row.urged,
            looking: row.looking,
        })
        .collect();
    Ok(Inbox { rows, next })
}

/// How many tasks each filter of the actor's inbox shows.
pub async fn counts(ctx: &mut Ctx) -> Result<Counts> {
    let Some(query) = query(ctx, &Sought::default())? else { return Ok(Counts::default()) };
    store::inbox_counts(ctx.conn(), &query).await
}

/// How many tasks a question finds, at most [`COUNT_MAX`].
pub async fn count(ctx: &mut Ctx, sought: &Sought) -> Result<i64> {
    let sought = sought.plain();
    let Some(query) = query(ctx, &sought)? else { return Ok(0) };
    store::inbox_count(ctx.conn(), &query).await
}

/// Whether the actor has an inbox, as a thing for policies.
pub(crate) fn own(ctx: &Ctx) -> Thing {
    Thing::new("inbox", "mine").handled_by(ctx.actor.organisation)
}

/// The question for the store; none for who has no post.
fn query(ctx: &Ctx, sought: &Sought) -> Result<Option<InboxQuery>> {
    ctx.allow("casework.inbox", &own(ctx))?;
    let (Some(department), Some(account)) = (ctx.actor.organisation, ctx.actor.account) else {
        return Ok(None);
    };
    let today = china_date(ctx.now);
    let (from, to) = days(sought, today, flow::tomorrow(ctx.now));
    let after = sought.after.map(|spot| spot.parts());
    let filter = sought.filter;
    let own = matches!(filter, Filter::All | Filter::Over | Filter::Near);
    let standing = match (filter, sought.standing) {
        (Filter::Over | Filter::Near, _) | (_, Standing::Running) => 2,
        (_, Standing::Stopped) => 1,
        (_, Standing::Any) => 0,
    };
    Ok(Some(InboxQuery {
        department,
        account,
        roles: ctx.actor.roles.clone(),
        mine: own || filter == Filter::Mine,
        free: own || filter == Filter::Free,
        unit: filter == Filter::Unit,
        waiting: filter == Filter::Correcting,
        heads: ctx.actor.roles.iter().any(|role| role == HEAD),
        from,
        to,
        standing,
        kind: sought.kind.clone(),
        role: sought.role.clone(),
        urged: sought.urged,
        after: after
            .unwrap_or_else(|| ("-infinity".to_owned(), OffsetDateTime::UNIX_EPOCH, Uuid::nil())),
        rows: i64::from(sought.rows()) + 1,
        today,
        tomorrow: flow::tomorrow(ctx.now),
        present: ctx.now - presence::FRESH,
    }))
}

/// From which to which day a task is due, as the store reads days.
fn days(sought: &Sought, today: Date, tomorrow: Date) -> (String, String) {
    let (from, mut to) = match sought.filter {
        Filter::Over => (None, today.previous_day()),
        Filter::Near => (Some(today), Some(tomorrow)),
        _ => (None, None),
    };
    if let Some(within) = sought.within {
        let last = today + Duration::days(i64::from(within.min(WITHIN_DAYS_MAX)));
        to = Some(to.map_or(last, |to| to.min(last)));
    }
    (day_word(from, "-infinity"), day_word(to, "infinity"))
}

fn day_word(day: Option<Date>, without: &str) -> String {
    day.map_or_else(|| without.to_owned(), |day| day.to_string())
}

fn stop_title(catalog: &Catalog, case_type: &str, kind: &str) -> Text {
    let case_type = catalog.get(case_type);
    let stop = case_type.as_ref().and_then(|case_type| case_type.stops.get(kind));
    stop.map_or_else(|| Text::same(kind), |stop| stop.title.clone())
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_spot_is_read_as_it_was_written_and_nothing_else_is_one() {
        for due in [Some(date!(2026 - 11 - 23)), None] {
            let spot =
                Spot { due, opened: datetime!(2026-11-20 01:02:03.456789 UTC), id: Uuid::max() };
            assert_eq!(Spot::parse(&spot.word()), Some(spot));
        }
        for wrong in ["", "x", "1_2", "a_b_c", "-_99999999999999999999999999_1", "99999999999_1_0"]
        {
            assert_eq!(Spot::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_of_a_question_meet_those_of_its_filter() {
        let (today, tomorrow) = (date!(2026 - 11 - 23), date!(2026 - 11 - 24));
        let days =
            |filter, within| days(&Sought { within, ..Sought::from(filter) }, today, tomorrow);
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(days(Filter::All, None), pair("-infinity", "infinity"));
        assert_eq!(days(Filter::Over, None), pair("-infinity", "2026-11-22"));
        assert_eq!(days(Filter::Near, Some(0)), pair("2026-11-23", "2026-11-23"));
        assert_eq!(days(Filter::Mine, Some(7)), pair("-infinity", "2026-11-30"));
        assert_eq!(days(Filter::Over, Some(7)), pair("-infinity", "2026-11-22"));
    }
}
