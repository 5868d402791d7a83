//! Half-written reasons. They are kept for the officer alone until the task is done, so that nothing typed is lost; nobody
//! decides by them and nobody else reads them, so they leave no line in the record.

use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use crate::act::{bounded, case_type, known};
use crate::error::Result;
use crate::store;

/// A half-written reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The task.
    pub todo: Uuid,
    /// The decision it is for.
    pub outcome: String,
    /// What is written so far.
    pub words: String,
    /// When it was kept.
    pub at: OffsetDateTime,
}

/// Keeps what an officer has written so far; nothing written removes it. Only for tasks that are open.
pub async fn keep_draft(
    ctx: &mut Ctx,
    no: &str,
    todo: Uuid,
    outcome: &str,
    words: &str,
) -> Result<()> {
    known(ctx, "casework.note", no).await?;
    let words = bounded("reason", words)?;
    let missing = || zhengtong_db::Error::absent("task", todo.to_string());
    let account = ctx.actor.account.ok_or_else(missing)?;
    let task = store::todo(ctx.conn(), todo).await?.filter(|task| task.case == no);
    let task = task.ok_or_else(missing)?;
    if !task.outcomes.iter().any(|word| word == outcome) {
        return Err(missing().into());
    }
    let draft = Draft { todo, outcome: outcome.to_owned(), words: words.to_owned(), at: ctx.now };
    if draft.words.is_empty() {
        return store::drop_draft(ctx.conn(), todo, account, outcome).await;
    }
    store::put_draft(ctx, no, account, &draft).await
}

/// The actor's half-written reasons at the open tasks of a case.
pub async fn drafts(ctx: &mut Ctx, no: &str) -> Result<Vec<Draft>> {
    known(ctx, "casework.note", no).await?;
    let Some(account) = ctx.actor.account else { return Ok(Vec::new()) };
    store::drafts(ctx, no, account).await
}

/// The message that the applicant would get for a decision with these words; none where none is sent.
pub async fn message(
    ctx: &mut Ctx,
    no: &str,
    outcome: &str,
    words: &str,
) -> Result<Option<(Text, Text)>> {
    let case = known(ctx, "casework.note", no).await?;
    let case_type = case_type(ctx, &case)?;
    let notice = case_type.outcome.get(outcome).and_then(|outcome| outcome.notice.as_deref());
    let Some(notice) = notice else { return Ok(None) };
    let (pack, _) = case.kind.split_once(':').unwrap_or_default();
    let catalog = ctx.defs::<zhengtong_notice::Catalog>()?;
    let Some((template, declared)) = catalog.find(pack, notice) else { return Ok(None) };
    let vars = zhengtong_notice::Vars::default()
        .same("no", no)
        .with("title", case.title.clone())
        .same("reason", words.trim())
        .same("licence", "")
        .same("department", &case.department_name);
    Ok(Some(declared.fill(template, &vars)?))
}
