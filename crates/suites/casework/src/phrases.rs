//! Phrases for reasons: those that the pack of a case type declares, and those that an officer keeps for themselves.

use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::filters::{arranged, arranging};
use crate::inbox;
use crate::part::{Catalog, Effect};
use crate::store;

/// Own phrases that an officer may keep.
const PHRASES_MAX: i64 = 100;
/// Characters of a phrase.
const CHARS_MAX: usize = 500;

/// Words that can be put into a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Where it is found again: a number of the pack's list, or the identifier of an own phrase.
    pub key: String,
    /// The words.
    pub text: Text,
    /// Whether it is the officer's own.
    pub own: bool,
}

/// The phrases for decisions of an effect in cases of a type: those of the pack first, then the officer's own.
pub async fn phrases(ctx: &mut Ctx, case_type: &str, effect: Effect) -> Result<Vec<Phrase>> {
    ctx.allow("casework.inbox", &inbox::own(ctx))?;
    let catalog = ctx.defs::<Catalog>()?;
    let declared = catalog.phrases(case_type).iter().enumerate();
    let mut found: Vec<Phrase> = declared
        .filter(|(_, phrase)| phrase.effect == effect)
        .map(|(number, phrase)| Phrase {
            key: number.to_string(),
            text: phrase.text.clone(),
            own: false,
        })
        .collect();
    if let Some(account) = ctx.actor.account {
        let own = store::phrases(ctx.conn(), account, effect.word()).await?;
        found.extend(own.into_iter().map(|(id, text)| Phrase {
            key: id.to_string(),
            text: Text::same(text),
            own: true,
        }));
    }
    Ok(found)
}

/// Keeps a phrase of one's own.
pub async fn keep_phrase(ctx: &mut Ctx, effect: Effect, text: &str) -> Result<Uuid> {
    let account = arranging(ctx)?;
    let text = text.trim();
    let chars = text.chars().count();
    if chars == 0 || chars > CHARS_MAX {
        return Err(Error::Invalid(vec![FieldError::new(
            "reason",
            format!("先写好要存的话，最多 {CHARS_MAX} 字"),
            format!("write the words to keep first, {CHARS_MAX} characters at most"),
        )]));
    }
    let (id, now) = (ctx.id(), ctx.now);
    if !store::add_phrase(ctx.conn(), (id, account), (effect.word(), text), now, PHRASES_MAX)
        .await?
    {
        return Err(Error::State(Text::new(
            format!("最多存 {PHRASES_MAX} 条常用语，请先删掉不用的"),
            format!("at most {PHRASES_MAX} phrases are kept; remove one first"),
        )));
    }
    arranged(ctx, "phrase", id).await?;
    Ok(id)
}

/// Removes a phrase of one's own.
pub async fn drop_phrase(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let account = arranging(ctx)?;
    if !store::drop_phrase(ctx.conn(), account, id).await? {
        return Err(zhengtong_db::Error::absent("phrase", id.to_string()).into());
    }
    arranged(ctx, "phrase", id).await
}
