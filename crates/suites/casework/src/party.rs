//! Whom a case is about that an officer began by duty: named when the law says that they are told, not before.

use serde_json::Value;
use zhengtong_db::Ctx;

use crate::error::Result;
use crate::model::{Applicant, Case};
use crate::{sealed, store};

/// Names the organisation with the credit code of an answer as the one that the case is about. One that the platform
/// does not know changes nothing: papers go to it by hand.
pub(crate) async fn name(ctx: &mut Ctx, case: &mut Case, key: &str) -> Result<()> {
    if case.organisation.is_some() {
        return Ok(());
    }
    let answers = sealed::opened(ctx, case)?;
    let Some(code) = answers.get(key).and_then(Value::as_str) else { return Ok(()) };
    let Some(found) = zhengtong_party::organisation_by_code(ctx, code).await? else {
        return Ok(());
    };
    let party = Applicant { id: found.id, name: found.name.zh, credit_code: code.to_owned() };
    store::set_party(ctx.conn(), &case.no, &party).await?;
    case.organisation = Some(party);
    Ok(())
}
