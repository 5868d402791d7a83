//! Striking out a version that was told with a wrong day, and telling the units that used the record.

use std::collections::BTreeSet;

use serde_json::json;
use time::Duration;
use uuid::Uuid;
use zhengtong_db::Ctx;
use zhengtong_notice::Vars;
use zhengtong_registry::{Catalog, Told};

use crate::ask::{as_platform, dataset, provider, tell_with};
use crate::error::Result;
use crate::object::USED_DAYS;
use crate::using::users;

/// Strikes out a version of a record, as [`zhengtong_registry::strike_out`] does, and tells every unit that used the record
/// under a grant in the last year, as after a correction. Gives how many were told.
pub async fn strike_out(
    ctx: &mut Ctx,
    id: &str,
    record: Uuid,
    told: Told,
    reason: &str,
) -> Result<usize> {
    zhengtong_registry::strike_out(ctx, id, record, told, reason).await?;
    let since = ctx.now - Duration::days(USED_DAYS);
    let mut units: BTreeSet<Uuid> = users(ctx, record, since).await?.into_iter().collect();
    if units.is_empty() {
        return Ok(0);
    }
    let catalog = ctx.defs::<Catalog>()?;
    let source = dataset(&catalog, id)?;
    let own = as_platform(ctx, async |ctx| provider(ctx, source).await).await?;
    units.remove(&own);
    let name = format!("{id}/{record}");
    for unit in &units {
        let payload = json!({ "unit": unit, "dataset": id, "record": record });
        ctx.emit("sharing.struck", &name, &payload).await?;
        let vars = Vars::default().with("dataset", source.title.clone());
        tell_with(ctx, *unit, "used-struck", &vars, "/desk/sharing/grants").await?;
    }
    Ok(units.len())
}
