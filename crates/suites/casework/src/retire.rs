//! Cases whose time is over: what they hold about people goes, the number, the dates and the decision stay.

use time::Duration;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::part::Catalog;
use crate::store;

/// Cases that one step takes.
const ROWS_MAX: i64 = 500;

/// Takes away what cases hold about people once their time is over, some cases at once; gives how many. A job
/// calls it until it gives 0. The record of acts stays whole: it holds digests, never the data.
pub async fn retire(ctx: &mut Ctx) -> Result<u64> {
    let catalog = ctx.defs::<Catalog>()?;
    let mut count = 0;
    for (kind, case_type) in catalog.iter() {
        let Some(kept) = case_type.retention else { continue };
        ctx.allow("casework.retire", &Thing::new("case", kind))?;
        let now = ctx.now;
        let before = now - Duration::days(i64::from(kept.days()));
        for (no, instance) in store::retirable(ctx.conn(), kind, before, ROWS_MAX).await? {
            store::retire(ctx.conn(), &no, now).await?;
            store::retire_papers(ctx.conn(), &no, now).await?;
            zhengtong_process::forget(ctx, instance).await?;
            let why = format!(
                "办结已满 {0} 天，按保存期限删除个人信息 / personal data deleted {0} days after the end",
                kept.days()
            );
            let act = ctx.act("casework.retire", "case", no).because(why);
            zhengtong_ledger::append(ctx.conn(), &act).await?;
            count += 1;
        }
    }
    Ok(count)
}
