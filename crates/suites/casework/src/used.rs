//! How much a dataset is used by cases: numbers, never whose they are.

use std::collections::{BTreeMap, BTreeSet};

use time::Duration;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::model::{Case, Opening};
use crate::store;

/// Days that are counted back.
const DAYS: i64 = 365;
/// Up to how many cases of an item are counted.
pub const USED_MAX: i64 = 10_000;

/// How many cases of each item used a dataset in the last year, for everybody: took a paper or an answer from it, or wrote
/// their result to it. One above [`USED_MAX`] stands for more; items without such a case are left out.
pub async fn used(ctx: &mut Ctx, dataset: &str, items: &[&str]) -> Result<BTreeMap<String, i64>> {
    ctx.allow("casework.used", &Thing::new("dataset", dataset))?;
    let since = ctx.now - Duration::days(DAYS);
    let found = store::used(ctx.conn(), dataset, items, (since, USED_MAX + 1)).await?;
    Ok(found.into_iter().collect())
}

/// Puts down what a new case took from registers.
pub(crate) async fn from_opening(ctx: &mut Ctx, no: &str, opening: &Opening) -> Result<()> {
    let papers = opening.materials.iter().map(|paper| paper.source.as_str());
    // Papers of the applicant and of the office come from no dataset; the names of datasets hold their pack.
    let mut datasets: BTreeSet<&str> = papers.filter(|source| source.contains(':')).collect();
    datasets.extend(opening.reads.iter().map(String::as_str));
    let now = ctx.now;
    store::add_used(ctx.conn(), (no, &opening.item), &datasets, now).await
}

/// Puts down that a case wrote its result to a dataset.
pub(crate) async fn written(ctx: &mut Ctx, case: &Case, dataset: &str) -> Result<()> {
    let now = ctx.now;
    store::add_used(ctx.conn(), (&case.no, &case.item), &BTreeSet::from([dataset]), now).await
}
