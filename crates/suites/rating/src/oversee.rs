//! The office that watches over ratings: sends bad ones to departments, judges appeals, takes over what replies did
//! not help, and may learn who rated, for a reason that stands in the record.

use time::Duration;
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_notice::{To, Vars};

use crate::error::Result;
use crate::matter::{
    as_platform, called_back, for_change, in_standing, known, of_matter, step, written,
};
use crate::model::{Matter, Standing, StepKind};
use crate::store;

/// Days over which cases of an item are counted before a department learns the item.
const CROWD_DAYS: i64 = 90;
/// The role that answers for a department.
const HEAD: &str = "head";

/// Who rated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The case; of visits and calls, the number that stands for them.
    pub subject: String,
    /// The person, when it is known.
    pub person: Option<Uuid>,
    /// The organisation for which they acted.
    pub organisation: Option<Uuid>,
}

/// Sends a bad rating to the department.
pub async fn dispatch(ctx: &mut Ctx, no: &str) -> Result<()> {
    let (matter, _) = for_change(ctx, "rating.dispatch", no).await?;
    sent(ctx, &matter).await
}

/// Sends it: the department learns the item only where others hide in the crowd.
pub(crate) async fn sent(ctx: &mut Ctx, matter: &Matter) -> Result<()> {
    in_standing(matter, &[Standing::Received])?;
    let today = china_date(ctx.now);
    let rules = of_matter(ctx, matter).await?;
    let rating = store::rating(ctx, matter.rating).await?;
    if let Some(item) = rating.and_then(|rating| rating.item) {
        let from = today.checked_sub(Duration::days(CROWD_DAYS)).unwrap_or(today);
        if store::crowd(ctx.conn(), &item, (from, today)).await? >= rules.shown_min() {
            store::show_item(ctx.conn(), &matter.no, &item).await?;
        }
    }
    step(ctx, "rating.dispatch", matter, (StepKind::Dispatched, "")).await?;
    tell_department(ctx, matter, "dispatched").await?;
    ctx.emit("rating.dispatched", &matter.no, &matter.department).await?;
    Ok(())
}

/// Judges an appeal, with the reason and by name. When it was right, the rating does not count.
pub async fn decide_appeal(ctx: &mut Ctx, no: &str, upheld: bool, reason: &str) -> Result<()> {
    let (matter, _) = for_change(ctx, "rating.oversee", no).await?;
    in_standing(&matter, &[Standing::Appealed])?;
    let reason = written("reason", reason)?;
    let kind = if upheld { StepKind::Excluded } else { StepKind::Kept };
    if upheld {
        store::exclude(ctx.conn(), matter.rating).await?;
    }
    step(ctx, "rating.oversee", &matter, (kind, &reason)).await?;
    tell_department(ctx, &matter, "appeal-decided").await?;
    if upheld {
        ctx.emit("rating.excluded", no, &matter.department).await?;
    }
    Ok(())
}

/// Orders the department to put it right once more.
pub async fn order(ctx: &mut Ctx, no: &str, words: &str) -> Result<()> {
    let (matter, _) = for_change(ctx, "rating.oversee", no).await?;
    in_standing(&matter, &[Standing::Escalated])?;
    let words = written("words", words)?;
    step(ctx, "rating.oversee", &matter, (StepKind::Ordered, &words)).await?;
    tell_department(ctx, &matter, "ordered").await
}

/// Ends what was raised: with the reason and by name.
pub async fn conclude(ctx: &mut Ctx, no: &str, words: &str) -> Result<()> {
    let (matter, _) = for_change(ctx, "rating.oversee", no).await?;
    in_standing(&matter, &[Standing::Escalated])?;
    let words = written("words", words)?;
    step(ctx, "rating.oversee", &matter, (StepKind::Concluded, &words)).await?;
    ctx.emit("rating.closed", no, &matter.department).await?;
    Ok(())
}

/// Writes down what a call back by telephone said.
pub async fn record_call_back(ctx: &mut Ctx, no: &str, settled: bool, words: &str) -> Result<()> {
    let (matter, _) = for_change(ctx, "rating.oversee", no).await?;
    let words = written("words", words)?;
    called_back(ctx, "rating.oversee", &matter, settled, &words).await
}

/// Tells who rated, for calling them back; the reason stands in the record, and the person sees it.
pub async fn identity(ctx: &mut Ctx, no: &str, why: &str) -> Result<Identity> {
    let (_, rater) = known(ctx, "rating.identity", no).await?;
    let why = written("why", why)?;
    let act = ctx.act("rating.identity", "matter", no).about(rater.person).because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let (subject, person, organisation) = (rater.subject, rater.person, rater.organisation);
    Ok(Identity { subject, person, organisation })
}

/// A message to those who answer for the department.
pub(crate) async fn tell_department(ctx: &mut Ctx, matter: &Matter, message: &str) -> Result<()> {
    let template = format!("public-eval:{message}");
    let link = format!("/desk/ratings/{}", matter.no);
    as_platform(ctx, async |ctx| {
        let serving = zhengtong_party::serving(ctx, matter.department, HEAD).await?;
        let mut people: Vec<Uuid> = serving.into_iter().map(|one| one.person).collect();
        people.sort_unstable();
        people.dedup();
        let vars = Vars::default().same("no", matter.no.clone());
        for person in people {
            zhengtong_notice::send(ctx, To::Person(person), &template, &vars, Some(&link)).await?;
        }
        Ok(())
    })
    .await
}
