//! Other cases of one applicant in one department.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

use super::stored;
use crate::error::Result;
use crate::model::State;
use crate::related::Related;

pub(super) type RelatedRow = (String, String, String, String, Option<String>, OffsetDateTime);

pub(crate) async fn related(
    conn: &mut PgConnection,
    no: &str,
    (person, organisation): (Uuid, Option<Uuid>),
    department: Uuid,
) -> Result<Vec<Related>> {
    let rows: Vec<RelatedRow> = sqlx::query_as(
        r#"SELECT no, title_zh, title_en, state, decision, submitted_at FROM casework."case"
           WHERE department = $1 AND no <> $2
             AND (organisation = $4 OR ($4::uuid IS NULL AND person = $3 AND organisation IS NULL))
           ORDER BY submitted_at DESC, no DESC LIMIT 50"#,
    )
    .bind(department)
    .bind(no)
    .bind(person)
    .bind(organisation)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(related_line).collect())
}

pub(super) fn related_line((no, zh, en, state, decision, submitted_at): RelatedRow) -> Related {
    Related {
        no,
        title: Text::new(zh, en),
        state: State::parse(&state).unwrap_or(State::Submitted),
        decision,
        submitted_at,
    }
}
