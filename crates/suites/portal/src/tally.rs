//! Rows counted by the values of a column, for a chart.

use zhengtong_base::Text;
use zhengtong_db::Ctx;
use zhengtong_registry::Tallied;

use crate::error::Result;
use crate::rows::{Wanted, asked, known_columns, table_of};
use crate::{platform, store};

/// Values that rows are counted by at most.
const TALLY_MAX: usize = zhengtong_registry::TALLY_MAX;
/// How many rows have each value of a column, the most first, and what a number of theirs adds up to; with whether there are more
/// values than are given.
pub async fn tally(
    ctx: &mut Ctx,
    id: &str,
    wanted: &Wanted,
    by: &str,
    of: Option<&str>,
) -> Result<(Vec<Tallied>, bool)> {
    let (package, resource, shape) = table_of(ctx, id).await?;
    let also = std::iter::once(by).chain(of);
    known_columns(&shape, wanted, also)?;
    if let Some(dataset) = &package.body.dataset {
        return platform::tally(ctx, dataset, wanted, (by, of)).await;
    }
    let asked = asked(&shape, wanted)?;
    let most = i64::try_from(TALLY_MAX).unwrap_or(i64::MAX);
    let columns = (by, of.unwrap_or_default());
    let mut found = store::tally(ctx.conn(), resource.id, &asked, columns, most + 1).await?;
    let cut = found.len() > TALLY_MAX;
    found.truncate(TALLY_MAX);
    let tally = |(value, count, sum): (Option<String>, i64, Option<String>)| Tallied {
        words: Text::same(value.clone().unwrap_or_default()),
        value,
        count,
        sum,
    };
    Ok((found.into_iter().map(tally).collect(), cut))
}
