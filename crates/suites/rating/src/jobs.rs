//! What happens without anybody: contacts are written down as cases go on, bad ratings are sent to departments twice a
//! day, and what was not put right in time is told to supervision.

use serde_json::{Value, json};
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::jobs::{CronEntry, Job, Work};
use zhengtong_db::{Ctx, Db, Thing};

use crate::error::Result;
use crate::model::{ContactKind, Place, StepKind};
use crate::oversee::{sent, tell_department};
use crate::rate::supply;
use crate::store::{self, Offered};
use crate::{matter, model};

/// The job that writes contacts down.
const OFFER: &str = "rating.offer";
/// The job that sends bad ratings to departments.
const DISPATCH: &str = "rating.dispatch";
/// The job that looks for what is overdue.
const OVERDUE: &str = "rating.overdue";
/// Rows that one transaction takes.
const ROWS_MAX: i64 = 200;
/// Transactions of one run; the next run goes on.
const ROUNDS_MAX: usize = 500;

/// Adds the jobs of this suite. Sending twice a day and not at once mixes what comes in.
#[must_use]
pub fn attach(work: Work) -> Work {
    work.on(OFFER, |db, job| async move { offered(&db, &job).await })
        .subscribe("casework.opened", OFFER)
        // Of all that is recorded of a case, only supplied papers are a contact.
        .subscribe_to("casework.recorded", "supply", OFFER)
        .subscribe("casework.closed", OFFER)
        .gather(OFFER)
        .on(DISPATCH, |db, _job| async move { rounds(&db, DISPATCH).await })
        .on(OVERDUE, |db, _job| async move { rounds(&db, OVERDUE).await })
        .at(CronEntry { name: DISPATCH, pattern: "0 9,14 * * *", job: DISPATCH })
        .at(CronEntry { name: OVERDUE, pattern: "15 * * * *", job: OVERDUE })
}

async fn offered(db: &Db, job: &Job) -> std::result::Result<(), String> {
    let text = |name: &str| job.payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut ctx = db.begin_system(OFFER).await.map_err(|error| error.to_string())?;
    follow(&mut ctx, text("thing")).await.map_err(|error| error.to_string())?;
    ctx.commit().await.map_err(|error| error.to_string())
}

async fn rounds(db: &Db, what: &str) -> std::result::Result<(), String> {
    for _ in 0..ROUNDS_MAX {
        let mut ctx = db.begin_system(what).await.map_err(|error| error.to_string())?;
        let done = if what == DISPATCH {
            dispatch_waiting(&mut ctx).await
        } else {
            fire_overdue(&mut ctx).await
        };
        let done = done.map_err(|error| error.to_string())?;
        ctx.commit().await.map_err(|error| error.to_string())?;
        if done == 0 {
            break;
        }
    }
    Ok(())
}

/// Writes the contacts of a case down, so that it can be told how many of them were rated.
pub async fn follow(ctx: &mut Ctx, no: &str) -> Result<()> {
    ctx.allow("rating.offer", &Thing::new("platform", "rating"))?;
    let case = zhengtong_casework::outline(ctx, no).await?;
    let today = china_date(ctx.now);
    let submitted = china_date(case.submitted_at);
    let mut had = vec![("application".to_owned(), ContactKind::Application, submitted)];
    had.extend((1..=case.supplies).map(|number| (supply(number), ContactKind::Supply, today)));
    if let Some(at) = case.closed_at.filter(|_| case.state.over()) {
        had.push(("result".to_owned(), ContactKind::Result, china_date(at)));
    }
    for (contact, kind, day) in had {
        let offered = Offered {
            subject: no.to_owned(),
            contact,
            kind,
            place: Place::Online,
            item: Some(case.item.clone()),
            department: case.department,
            region: case.region.clone(),
            day,
            person: Some(case.person),
            organisation: case.organisation,
        };
        store::offer(ctx.conn(), &offered).await?;
    }
    Ok(())
}

/// Sends bad ratings that wait to their departments; gives how many.
pub async fn dispatch_waiting(ctx: &mut Ctx) -> Result<usize> {
    ctx.allow("rating.dispatch", &Thing::new("matter", "all"))?;
    let waiting = store::waiting(ctx.conn(), ROWS_MAX).await?;
    for no in &waiting {
        if let Some(matter) = store::matter(ctx.conn(), no).await? {
            sent(ctx, &matter).await?;
        }
    }
    Ok(waiting.len())
}

/// Tells of what was not put right in time, once for each time that ran out; gives how many.
pub async fn fire_overdue(ctx: &mut Ctx) -> Result<usize> {
    ctx.allow("rating.overdue", &Thing::new("platform", "rating"))?;
    let today = china_date(ctx.now);
    let mut fired = 0;
    for no in store::past_due(ctx.conn(), today, ROWS_MAX).await? {
        // A change of the calendar may have moved the day: it is worked out before it is believed.
        matter::write(ctx, &no).await?;
        let Some(matter) = store::matter(ctx.conn(), &no).await? else { continue };
        let Some(due) = matter.course.due.filter(|due| due.day < today) else { continue };
        fire(ctx, &matter, due.day).await?;
        fired += 1;
    }
    Ok(fired)
}

async fn fire(ctx: &mut Ctx, matter: &model::Matter, due: time::Date) -> Result<()> {
    let (no, now) = (&matter.no, ctx.now);
    store::add_step(ctx, no, StepKind::Overdue, (now, "", "")).await?;
    matter::write(ctx, no).await?;
    let act = ctx.act("rating.overdue", "matter", no);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let news = json!({
        "matter": no, "department": matter.department, "due": due.to_string(), "round": matter.course.round,
    });
    ctx.emit("rating.overdue", no, &news).await?;
    tell_department(ctx, matter, "overdue").await
}

/// Seals the words of some ratings again under the newest keys; where the next begin.
pub async fn reseal(ctx: &mut Ctx, after: Uuid) -> Result<Option<Uuid>> {
    ctx.allow("rating.reseal", &Thing::new("platform", "rating"))?;
    store::reseal(ctx, after, ROWS_MAX).await
}
