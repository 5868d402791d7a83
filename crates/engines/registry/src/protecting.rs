//! What the platform does by itself to protect records: seals fields that became sensitive, seals again under
//! newer keys, and takes records away when their time is over.

use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::model::{Catalog, Dataset};
use crate::reading::named;
use crate::sealed::Sealing;
use crate::store;

/// Rows that one step takes away.
const ROWS_MAX: i64 = 5_000;

/// Moves the fields whose sensitivity changed into the columns of their declaration; gives how many values were
/// moved. Called at the start, after the tables were brought up to date and before anybody reads.
pub async fn protect(ctx: &mut Ctx) -> Result<u64> {
    ctx.allow("registry.protect", &Thing::new("platform", ""))?;
    let (catalog, ring) = (ctx.defs::<Catalog>()?, ctx.keyring()?);
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let mut count = 0;
    for step in store::moves(ctx.conn(), &catalog).await? {
        let Some(dataset) = catalog.dataset(&step.dataset) else { continue };
        let Some(field) = dataset.field(&step.field) else { continue };
        let moved = store::move_field(ctx.conn(), &sealing, dataset, field).await?;
        let what = if step.seal { "sealed" } else { "opened" };
        let act = ctx
            .act("registry.protect", "dataset", dataset.id.clone())
            .because(format!("{}: {moved} values {what}, as the packs declare it", field.name));
        zhengtong_ledger::append(ctx.conn(), &act).await?;
        count += moved;
    }
    Ok(count)
}

/// Seals a field of a dataset again under its newest key, one page of records after one; gives where the
/// next page begins.
pub async fn reseal(
    ctx: &mut Ctx,
    dataset: &str,
    field: &str,
    after: Uuid,
) -> Result<Option<Uuid>> {
    ctx.allow("registry.protect", &Thing::new("platform", ""))?;
    let (catalog, ring) = (ctx.defs::<Catalog>()?, ctx.keyring()?);
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let dataset = named(&catalog, dataset)?;
    let Some(field) = dataset.field(field).filter(|field| catalog.is_sealed(field)) else {
        return Ok(None);
    };
    store::reseal_page(ctx.conn(), &sealing, dataset, field, after).await
}

/// Takes away the records whose time is over, some at once; gives how many. A job calls it until it gives 0.
pub async fn retire(ctx: &mut Ctx) -> Result<u64> {
    let catalog = ctx.defs::<Catalog>()?;
    let mut count = 0;
    for dataset in catalog.datasets.values() {
        let Some(days) = dataset.retention_days else { continue };
        ctx.allow("registry.retire", &Thing::new("dataset", &dataset.id))?;
        let before = ctx.now - time::Duration::days(i64::from(days));
        count += retire_one(ctx, dataset, before).await?;
    }
    Ok(count)
}

async fn retire_one(ctx: &mut Ctx, dataset: &Dataset, before: OffsetDateTime) -> Result<u64> {
    let records = store::take_down(ctx.conn(), dataset, before, ROWS_MAX).await?;
    let older = store::erase_older(ctx.conn(), dataset, before, ROWS_MAX).await?;
    if records + older > 0 {
        let why = format!(
            "保存期满，删除 {records} 条记录、{older} 条旧状态 / kept long enough: {records} records and {older} earlier states deleted"
        );
        let act = ctx.act("registry.retire", "dataset", dataset.id.clone()).because(why);
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(records + older)
}
