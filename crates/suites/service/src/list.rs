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
    Ok(found)
}

/// An item by its name in addresses.
pub async fn by_slug(ctx: &mut Ctx, slug: &str) -> Result<Arc<Listed>> {
    ctx.allow("service.read", &Thing::new("item", slug))?;
    ctx.defs::<Catalog>()?
        .by_slug(slug)
        .ok_or_else(|| zhengtong_db::Error::absent("item", slug).into())
}
