//! Other cases of the same applicant in the same department: for a reason that the applicant reads. Nobody looks from a
//! person into other departments here.

use time::OffsetDateTime;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use crate::act::known;
use crate::error::Result;
use crate::model::State;
use crate::sealed;
use crate::store;

/// Another case of the same applicant in the same department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Its number.
    pub no: String,
    /// What it is called.
    pub title: Text,
    /// Where it stands.
    pub state: State,
    /// `granted` or `refused`.
    pub decision: Option<String>,
    /// When it was handed in.
    pub submitted_at: OffsetDateTime,
}

/// The other cases of the applicant of a case in the department that handles it, the latest first.
pub async fn related(ctx: &mut Ctx, no: &str, why: &str) -> Result<Vec<Related>> {
    let case = known(ctx, "casework.related", no).await?;
    let why = sealed::reason(why)?;
    let organisation = case.organisation.as_ref().map(|organisation| organisation.id);
    let found =
        store::related(ctx.conn(), no, (case.person, organisation), case.department).await?;
    let mut act = ctx.act("casework.related", "case", no).about(Some(case.person));
    act.reason = Some(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(found)
}
