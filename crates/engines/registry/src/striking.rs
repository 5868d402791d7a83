//! Striking out a version that was told with a wrong day. It counts no more from now on, and what counts in its place is what
//! would count had it never been told; what was known before is answered as before.

use std::sync::Arc;

use serde::Serialize;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::history::{Past, in_order, seen_in_past, shows_days};
use crate::loads::of_unit;
use crate::matching::reasoned;
use crate::model::{Catalog, Dataset};
use crate::reading::record_name;
use crate::sealed::Sealing;
use crate::store::{self, Stored};
use crate::value::raw;
use crate::writing::digest;

/// Which version of a record is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Since when it is known.
    pub since: OffsetDateTime,
}

/// A version was struck out.
#[derive(Serialize)]
struct Happened<'a> {
    dataset: &'a str,
    record: String,
    /// Whether it was what the record said today.
    current: bool,
}

/// Whether the actor may strike out versions of a dataset, and why not.
pub fn allow_strike(ctx: &Ctx, dataset: &str) -> Result<()> {
    let catalog = ctx.defs::<Catalog>()?;
    strikeable(ctx, &catalog, dataset).map(drop)
}

/// Strikes out the version of a record that holds from a day on, with a reason: for stewards of the unit that answers for the
/// dataset. The version before it holds on until the next one. Refused for a version that does not count anyway, and for
/// the only one.
pub async fn strike_out(
    ctx: &mut Ctx,
    dataset: &str,
    record: Uuid,
    told: Told,
    reason: &str,
) -> Result<()> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = strikeable(ctx, &catalog, dataset)?;
    let reason = reasoned(reason)?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let target = (&sealing, dataset);
    let before = in_order(ctx, target, record).await?;
    let Some((_, any)) = before.versions.iter().find(|(_, one)| !one.ended) else {
        return Err(Error::NoRecord(dataset.id.clone()));
    };
    lock(ctx, dataset, any).await?;
    // Nobody else writes the record from here on.
    let mut found = in_order(ctx, target, record).await?;
    let place = which(&found.versions, told)?;
    let (current, struck) = found.versions.swap_remove(place);
    let now = ctx.now;
    let mut after = None;
    if current {
        let version = ctx.id();
        let stored = before_today(found.current, dataset)?;
        let times = (struck.valid_from, Some(now));
        store::keep(ctx.conn(), version, target, &stored, times).await?;
        store::strike(ctx.conn(), version, (now, Some(&reason))).await?;
        let wanted = [(record, Date::MAX)];
        let mut best = store::past_on(ctx.conn(), target, &wanted, now).await?;
        after = best.remove(&record);
        match after.clone() {
            Some(past) => {
                store::strike(ctx.conn(), past.id, (now, None)).await?;
                let again = Stored { updated: now, ..past.into_stored(record) };
                store::write(ctx.conn(), &sealing, dataset, &again).await?;
            }
            // It had ended before the version that is struck out.
            None => store::remove(ctx.conn(), dataset, record).await?,
        }
    } else {
        store::strike(ctx.conn(), struck.id, (now, Some(&reason))).await?;
    }

    let name = record_name(dataset, record);
    let why = if shows_days(&catalog, dataset) {
        format!("{} 起的一版：{reason}", struck.valid_from)
    } else {
        reason
    };
    let after = after.map(|past| digest(&past.into_stored(record))).transpose()?;
    let gone = digest(&struck.into_stored(record))?;
    let act =
        ctx.act("registry.strike", "record", name.clone()).because(why).change(Some(gone), after);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let happened = Happened { dataset: &dataset.id, record: record.to_string(), current };
    ctx.emit("registry.strike", &name, &happened).await?;
    Ok(())
}

fn strikeable<'a>(ctx: &Ctx, catalog: &'a Arc<Catalog>, id: &str) -> Result<&'a Dataset> {
    let dataset = seen_in_past(ctx, catalog, id)?;
    of_unit(ctx, "registry.strike", catalog, dataset)?;
    if dataset.valid_from.is_none() {
        return Err(Error::NotStruck(undated()));
    }
    Ok(dataset)
}

/// The place of the version that is meant, where it may be struck out.
fn which(versions: &[(bool, Past)], told: Told) -> Result<usize> {
    let of_the_day = |one: &Past| !one.ended && one.valid_from == told.valid_from;
    let meant = |one: &Past| of_the_day(one) && one.since == told.since;
    let counts = |one: &Past| !one.ended && one.struck.is_none();
    let refused = |text| Err(Error::NotStruck(text));
    let Some(place) = versions.iter().position(|(_, one)| meant(one) && counts(one)) else {
        let struck = versions.iter().any(|(_, one)| meant(one));
        return refused(if struck { struck_already() } else { gone() });
    };
    let after = versions.get(..place).unwrap_or_default();
    if after.iter().any(|(_, one)| of_the_day(one) && counts(one)) {
        return refused(corrected());
    }
    if versions.iter().filter(|(_, one)| counts(one)).count() == 1 {
        return refused(only());
    }
    Ok(place)
}

/// Waits until nobody else writes the record that has this version.
async fn lock(ctx: &mut Ctx, dataset: &Dataset, version: &Past) -> Result<()> {
    let part = |name: &String| {
        let value = version.values.get(name).and_then(raw).unwrap_or_default();
        (name.clone(), value)
    };
    let key: Vec<(String, String)> = dataset.key.iter().map(part).collect();
    let key: Vec<(&str, &str)> = key.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    store::lock(ctx.conn(), dataset, &key).await
}

fn before_today(current: Option<Stored>, dataset: &Dataset) -> Result<Stored> {
    current.ok_or_else(|| Error::NoRecord(dataset.id.clone()))
}

fn undated() -> Text {
    Text::new(
        "这个数据集没有写明从哪天起有效，各版都从登记那天算起，没有写错日期的。内容写错的，请把对的再登记一次",
        "this dataset does not say from which day its records hold, so no day can be wrong; put down what is right instead",
    )
}

fn gone() -> Text {
    Text::new(
        "历史里没有这一版，可能刚有变化。请刷新历史再看",
        "the history has no such version; it may have changed, so look at it again",
    )
}

fn struck_already() -> Text {
    Text::new("这一版已经划去了", "this version was struck out already")
}

fn corrected() -> Text {
    Text::new(
        "这一版已被同一天起效的另一版更正，本来就不算数，不用划去",
        "another version for the same day has taken its place; it does not count anyway",
    )
}

fn only() -> Text {
    Text::new(
        "这条记录只有这一版算数，不能划去。内容写错的，用同一个起效日把对的再登记一次；起效日写错的，先登记对的那一版，再回来划去这一版；整条记录不该有的，在下一次全量加载的文件里去掉它",
        "it is the only version of the record that counts. Where it says something wrong, put down what is right for the same day; where its day is wrong, put down the right version first and strike this one out then; where the record should not be at all, leave it out of the next full file",
    )
}
