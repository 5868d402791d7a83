//! What waits at a unit and at the directory's office, with the last day of each review, and whose data is late.

use uuid::Uuid;
use zhengtong_base::{Limits, Page, Paging};
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Thing};

use crate::compile::known;
use crate::error::{Error, Result};
use crate::kinds::State;
use crate::model::{Resource, Waiting};
use crate::part::Directory;
use crate::review::due;
use crate::store;

/// What a list at the desk shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Versions in a state.
    State(State),
    /// Resources whose data is late.
    Late,
}

/// How much stands on each shelf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Being compiled.
    pub drafts: i64,
    /// To be reviewed.
    pub submitted: i64,
    /// To be published.
    pub reviewed: i64,
    /// Whose data is late.
    pub late: i64,
}

/// A shelf of the actor's unit, or of all units for the directory's office.
pub async fn waiting(ctx: &mut Ctx, shelf: Shelf, page: u32) -> Result<Page<Waiting>> {
    let unit = whose(ctx)?;
    let paging = Paging::new(page, Limits::default().page_rows);
    let Shelf::State(state) = shelf else {
        let total = store::late_count(ctx.conn(), unit).await?;
        let rows = store::late(ctx.conn(), unit, paging).await?;
        return Ok(Page::new(rows, total, paging));
    };
    let (mut rows, total) = store::waiting(ctx.conn(), unit, state, paging).await?;
    if state == State::Submitted {
        let law = zhengtong_casework::law(ctx).await?;
        let directory = ctx.defs::<Directory>()?;
        let today = china_date(ctx.now);
        for row in &mut rows {
            let Some(submitted) = row.submitted else { continue };
            let day = china_date(submitted);
            let none =
                || Error::Definition(format!("no limits of the directory are in force on {day}"));
            let limits = directory.limits(day).ok_or_else(none)?;
            row.due = due(&limits, law.china(), submitted)?;
            row.overdue = row.due.is_some_and(|due| due < today);
        }
    }
    Ok(Page::new(rows, total, paging))
}

/// How much stands on each shelf.
pub async fn standing(ctx: &mut Ctx) -> Result<Standing> {
    let unit = whose(ctx)?;
    let late = store::late_count(ctx.conn(), unit).await?;
    let mut standing = Standing { late, ..Standing::default() };
    for (state, count) in store::counts(ctx.conn(), unit).await? {
        match State::parse(&state) {
            Some(State::Draft) => standing.drafts = count,
            Some(State::Submitted) => standing.submitted = count,
            Some(State::Reviewed) => standing.reviewed = count,
            _ => {}
        }
    }
    Ok(standing)
}

/// A resource with everything that happened to it, for those who work at it.
pub async fn open(ctx: &mut Ctx, id: Uuid) -> Result<Resource> {
    known(ctx, "catalog.list", id, false).await
}

/// The last day of the review of a resource, while it waits for one.
pub async fn due_day(ctx: &mut Ctx, resource: &Resource) -> Result<Option<time::Date>> {
    let waiting = resource.open().filter(|version| version.state == State::Submitted);
    let Some(submitted) = waiting.and_then(|version| version.submitted) else { return Ok(None) };
    let day = china_date(submitted);
    let none = || Error::Definition(format!("no limits of the directory are in force on {day}"));
    let limits = ctx.defs::<Directory>()?.limits(day).ok_or_else(none)?;
    let law = zhengtong_casework::law(ctx).await?;
    due(&limits, law.china(), submitted)
}

/// Whose resources the actor works at: those of the own unit, or all.
pub(crate) fn whose(ctx: &Ctx) -> Result<Option<Uuid>> {
    if ctx.may("catalog.list", &Thing::new("resource", "all")) {
        return Ok(None);
    }
    let unit = ctx.actor.organisation;
    ctx.allow("catalog.list", &Thing::new("resource", "own").handled_by(unit))?;
    Ok(unit)
}
