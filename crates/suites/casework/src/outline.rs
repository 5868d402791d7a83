//! A case without its content: what other suites of the platform go by when they follow it.

use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::model::State;
use crate::store;

/// What the platform knows of a case without opening anything that people wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The case number.
    pub no: String,
    /// The item, `pack:name`.
    pub item: String,
    /// What it is called.
    pub title: Text,
    /// The applicant or the agent.
    pub person: Uuid,
    /// The organisation that applies.
    pub organisation: Option<Uuid>,
    /// The organisation that handles it.
    pub department: Uuid,
    /// The region code.
    pub region: String,
    /// Where it stands.
    pub state: State,
    /// When it was handed in.
    pub submitted_at: OffsetDateTime,
    /// When it was over.
    pub closed_at: Option<OffsetDateTime>,
    /// How often the applicant supplied papers.
    pub supplies: u32,
}

/// The outline of a case; for the platform alone, so that following a case is not reading it.
pub async fn outline(ctx: &mut Ctx, no: &str) -> Result<Outline> {
    ctx.allow_or_absent("casework.outline", &Thing::new("case", no))?;
    let found = store::outline(ctx.conn(), no).await?;
    found.ok_or_else(|| zhengtong_db::Error::absent("case", no).into())
}

/// Numbers of cases of which something was recorded between two moments, in order after one; for the platform alone.
pub async fn changed(
    ctx: &mut Ctx,
    (from, to): (OffsetDateTime, OffsetDateTime),
    after: &str,
    most: u32,
) -> Result<Vec<String>> {
    ctx.allow("casework.outline", &Thing::new("case", "all"))?;
    store::changed(ctx.conn(), (from, to), after, i64::from(most)).await
}
