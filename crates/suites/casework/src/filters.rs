//! What officers arrange for themselves: filters under names, the columns and rows of their inbox.

use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::inbox::{self, ROWS_MAX, Sought};
use crate::store;

/// Filters that an officer may keep.
const FILTERS_MAX: usize = 20;
/// Characters of the name of a filter.
const NAME_CHARS_MAX: usize = 20;
/// Columns that an arrangement may name.
const COLUMNS_MAX: usize = 20;
/// Characters of the word of a column.
const COLUMN_CHARS_MAX: usize = 20;

/// A filter under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    /// The identifier.
    pub id: Uuid,
    /// The name its officer gave it.
    pub name: String,
    /// What it looks for.
    pub sought: Sought,
    /// Whether the inbox opens with it.
    pub first: bool,
}

/// Which columns an officer wants to see, in order, and how many rows on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// The words of the columns; empty for the usual ones.
    pub columns: Vec<String>,
    /// Rows of a page; 0 for the usual number.
    pub rows: u32,
}

/// The actor's own filters, in the order in which they were made.
pub async fn filters(ctx: &mut Ctx) -> Result<Vec<SavedFilter>> {
    ctx.allow("casework.inbox", &inbox::own(ctx))?;
    let Some(account) = ctx.actor.account else { return Ok(Vec::new()) };
    store::filters(ctx.conn(), account).await
}

/// Keeps a filter under a name; one of the same name is replaced. With `first` the inbox opens with it.
pub async fn save_filter(ctx: &mut Ctx, name: &str, sought: &Sought, first: bool) -> Result<Uuid> {
    let account = arranging(ctx)?;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Error::Invalid(vec![FieldError::new(
            "name",
            format!("给筛选起个名字，1 到 {NAME_CHARS_MAX} 个字"),
            format!("give the filter a name of 1 to {NAME_CHARS_MAX} characters"),
        )]));
    }
    let kept = store::filters(ctx.conn(), account).await?;
    let same = kept.iter().find(|filter| filter.name == name).map(|filter| filter.id);
    if same.is_none() && kept.len() >= FILTERS_MAX {
        return Err(Error::State(Text::new(
            format!("最多存 {FILTERS_MAX} 个筛选，请先删掉不用的"),
            format!("at most {FILTERS_MAX} filters are kept; remove one first"),
        )));
    }
    let filter =
        SavedFilter { id: same.unwrap_or_else(|| ctx.id()), name, sought: sought.plain(), first };
    let now = ctx.now;
    store::put_filter(ctx.conn(), account, &filter, now).await?;
    arranged(ctx, "filter", filter.id).await?;
    Ok(filter.id)
}

/// Makes one of the actor's filters the one with which the inbox opens, or none.
pub async fn open_with(ctx: &mut Ctx, filter: Option<Uuid>) -> Result<()> {
    let account = arranging(ctx)?;
    if !store::set_first(ctx.conn(), account, filter).await? {
        return Err(absent(filter));
    }
    arranged(ctx, "filter", filter.unwrap_or_default()).await
}

/// Removes one of the actor's filters.
pub async fn drop_filter(ctx: &mut Ctx, filter: Uuid) -> Result<()> {
    let account = arranging(ctx)?;
    if !store::drop_filter(ctx.conn(), account, filter).await? {
        return Err(absent(Some(filter)));
    }
    arranged(ctx, "filter", filter).await
}

/// How the actor's inbox is arranged.
pub async fn arrangement(ctx: &mut Ctx) -> Result<Arrangement> {
    ctx.allow("casework.inbox", &inbox::own(ctx))?;
    let Some(account) = ctx.actor.account else { return Ok(Arrangement::default()) };
    store::arrangement(ctx.conn(), account).await
}

/// Keeps how the actor's inbox is arranged.
pub async fn arrange(ctx: &mut Ctx, arrangement: &Arrangement) -> Result<()> {
    let account = arranging(ctx)?;
    let odd = |column: &String| {
        column.is_empty()
            || column.len() > COLUMN_CHARS_MAX
            || !column.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
    };
    if arrangement.columns.len() > COLUMNS_MAX || arrangement.columns.iter().any(odd) {
        return Err(Error::Invalid(vec![FieldError::new(
            "columns",
            "没有这样的列",
            "there is no such column",
        )]));
    }
    if arrangement.rows > ROWS_MAX {
        return Err(Error::Invalid(vec![FieldError::new(
            "rows",
            format!("一页最多 {ROWS_MAX} 行"),
            format!("at most {ROWS_MAX} rows on a page"),
        )]));
    }
    store::put_arrangement(ctx.conn(), account, arrangement).await?;
    arranged(ctx, "columns", account).await
}

/// The account of whoever may arrange an inbox.
pub(crate) fn arranging(ctx: &Ctx) -> Result<Uuid> {
    let verb = "casework.arrange";
    ctx.allow(verb, &inbox::own(ctx))?;
    let missing = || zhengtong_db::Error::Unauthenticated { verb: verb.to_owned() };
    Ok(ctx.actor.account.ok_or_else(missing)?)
}

/// One line of the record about what somebody arranged for themselves.
pub(crate) async fn arranged(ctx: &mut Ctx, what: &str, id: Uuid) -> Result<()> {
    let act = ctx.act("casework.arrange", "inbox", format!("{what}/{id}"));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

fn absent(filter: Option<Uuid>) -> Error {
    zhengtong_db::Error::absent("filter", filter.unwrap_or_default().to_string()).into()
}
