//! Reading items: the list, a search, one by its address.

use std::sync::Arc;

use zhengtong_base::Limits;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::find::find;
use crate::part::{Catalog, Listed};
use crate::store;

/// Items that fit a search; open to everyone. A search without a hit is counted, never who searched.
pub async fn items(ctx: &mut Ctx, query: &str) -> Result<Vec<Arc<Listed>>> {
    ctx.allow("service.read", &Thing::new("item", "all"))?;
    let found = find(&*ctx.defs::<Catalog>()?, query);
    if found.is_empty() && !query.trim().is_empty() {
        let words: String = query.trim().chars().take(Limits::default().query_chars).collect();
        let day = zhengtong_calendar::china_date(ctx.now);
        store::miss(ctx.conn(), day, &words).await?;
    }
    let mut today = Vec::with_capacity(found.len());
    for listed in found {
        today.push(as_today(ctx, listed).await?);
    }
    Ok(today)
}

/// An item by its name in addresses.
pub async fn by_slug(ctx: &mut Ctx, slug: &str) -> Result<Arc<Listed>> {
    ctx.allow("service.read", &Thing::new("item", slug))?;
    let found = ctx.defs::<Catalog>()?.by_slug(slug);
    let listed = found.ok_or_else(|| zhengtong_db::Error::absent("item", slug))?;
    as_today(ctx, listed).await
}

/// The item with the limits that a case of today gets: administrators may have changed what the pack says.
async fn as_today(ctx: &mut Ctx, listed: Arc<Listed>) -> Result<Arc<Listed>> {
    let said = (listed.promised, listed.statutory);
    let today = zhengtong_casework::limits_today(ctx, &listed.case(), said).await?;
    if today == said {
        return Ok(listed);
    }
    let (promised, statutory) = today;
    Ok(Arc::new(Listed { statutory, promised, ..Listed::clone(&listed) }))
}
