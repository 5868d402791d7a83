//! The rows of what is found in the course of a case: figures stand with the answers and among the facts, and whom it
//! is about where applicants stand.

use serde_json::Value;
use sqlx::PgConnection;

use super::stored;
use crate::error::Result;
use crate::model::Applicant;

/// Adds figures to the answers of a case, and puts the facts as they are shown now. The case must be locked.
pub(crate) async fn keep_figures(
    conn: &mut PgConnection,
    no: &str,
    figures: &Value,
    facts: &Value,
) -> Result<()> {
    sqlx::query(r#"UPDATE casework."case" SET answers = answers || $2, facts = $3 WHERE no = $1"#)
        .bind(no)
        .bind(figures)
        .bind(facts)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Names the organisation that a case is about. The case must be locked.
pub(crate) async fn set_party(conn: &mut PgConnection, no: &str, party: &Applicant) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework."case" SET organisation = $2, organisation_name = $3, credit_code = $4
           WHERE no = $1"#,
    )
    .bind(no)
    .bind(party.id)
    .bind(&party.name)
    .bind(&party.credit_code)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}
