//! Whether data arrives as often as its resource says: by what stands in the dataset, never by what somebody says. Looked
//! at every hour, and when something was loaded or put.

use serde_json::{Value, json};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::jobs::{CronEntry, Job, Work};
use zhengtong_db::{Ctx, Db, Thing};
use zhengtong_registry::{Catalog, Counted};

use crate::error::{Error, Result};
use crate::kinds::Cycle;
use crate::model::{Arrival, Body, Resource};
use crate::part::{Directory, InForce};
use crate::store::{self, Watched};

/// The job that looks at all.
const LOOK: &str = "catalog.look";
/// The job that looks at one dataset, because something arrived.
const ARRIVED: &str = "catalog.arrived";
/// Resources that one transaction takes.
const ROWS_MAX: i64 = 500;
/// Transactions of one run; the next run goes on.
const ROUNDS_MAX: usize = 1_000;

/// Adds the jobs of this suite.
#[must_use]
pub fn attach(work: Work) -> Work {
    work.on(LOOK, |db, _job| async move { rounds(&db, None).await })
        .on(ARRIVED, |db, job| async move { rounds(&db, dataset(&job)).await })
        .subscribe("registry.load", ARRIVED)
        .at(CronEntry { name: LOOK, pattern: "25 * * * *", job: LOOK })
}

/// The dataset an event is about.
fn dataset(job: &Job) -> Option<String> {
    let payload = job.payload.get("payload");
    let named =
        payload.and_then(|payload| payload.get("dataset")).or_else(|| job.payload.get("thing"));
    named.and_then(Value::as_str).map(str::to_owned)
}

async fn rounds(db: &Db, dataset: Option<String>) -> std::result::Result<(), String> {
    let mut after = Uuid::nil();
    for _ in 0..ROUNDS_MAX {
        let mut ctx = db.begin_system(LOOK).await.map_err(|error| error.to_string())?;
        let next = look(&mut ctx, dataset.as_deref(), after).await;
        let next = next.map_err(|error| error.to_string())?;
        ctx.commit().await.map_err(|error| error.to_string())?;
        match next {
            Some(next) => after = next,
            None => break,
        }
    }
    Ok(())
}

/// Begins to watch the data of a resource in force, when it stands in a dataset of the platform.
pub(crate) async fn begin(ctx: &mut Ctx, resource: &Resource, body: &Body) -> Result<()> {
    let Some(dataset) = &body.dataset else {
        return store::watch(ctx.conn(), resource.id, None).await;
    };
    let watched = Watched {
        resource: resource.id,
        dataset: dataset.clone(),
        provider: resource.provider,
        cycle: body.cycle,
        since: ctx.now,
        overdue: false,
    };
    store::watch(ctx.conn(), resource.id, Some(&watched)).await
}

/// Looks at some resources whose data is watched, after one; where the next begin.
pub async fn look(ctx: &mut Ctx, dataset: Option<&str>, after: Uuid) -> Result<Option<Uuid>> {
    ctx.allow("catalog.watch", &Thing::new("platform", "catalog"))?;
    let some = store::watched(ctx.conn(), dataset, after, ROWS_MAX).await?;
    let Some(last) = some.last().map(|watched| watched.resource) else { return Ok(None) };
    let counted = counted(ctx, &some).await?;
    let today = china_date(ctx.now);
    let none = || Error::Definition(format!("no limits of the directory are in force on {today}"));
    let limits = ctx.defs::<Directory>()?.limits(today).ok_or_else(none)?;
    for watched in &some {
        let newest = counted.iter().find(|one| one.dataset == watched.dataset);
        let arrival = arrival(watched, newest.and_then(|one| one.arrived), &limits, today);
        store::write_arrival(ctx.conn(), watched.resource, &arrival).await?;
        if arrival.overdue && !watched.overdue {
            tell(ctx, watched, &arrival).await?;
        }
    }
    Ok((some.len() == usize::try_from(ROWS_MAX).unwrap_or(usize::MAX)).then_some(last))
}

/// When data last arrived, and when it is late. Data that never arrived is late once the resource has been in force that long.
pub(crate) fn arrival(
    watched: &Watched,
    at: Option<OffsetDateTime>,
    limits: &InForce,
    today: Date,
) -> Arrival {
    let days = match watched.cycle {
        Cycle::Irregular => None,
        cycle => limits.late.get(&cycle),
    };
    let from = at.map_or(watched.since, |at| at);
    let due = days.map(|days| china_date(from) + Duration::days(i64::from(*days)));
    Arrival { at, due, overdue: due.is_some_and(|due| due < today) }
}

async fn counted(ctx: &mut Ctx, watched: &[Watched]) -> Result<Vec<Counted>> {
    let registry = ctx.defs::<Catalog>()?;
    if watched.iter().all(|one| registry.dataset(&one.dataset).is_none()) {
        return Ok(Vec::new());
    }
    Ok(zhengtong_registry::count(ctx).await?)
}

/// Tells once of data that became late.
async fn tell(ctx: &mut Ctx, watched: &Watched, arrival: &Arrival) -> Result<()> {
    let id = watched.resource.to_string();
    let act = ctx.act("catalog.watch", "resource", id.clone()).because(watched.dataset.clone());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let news = json!({
        "dataset": watched.dataset, "provider": watched.provider,
        "due": arrival.due.map(|due| due.to_string()),
    });
    ctx.emit("catalog.late", &id, &news).await?;
    Ok(())
}
