//! Moving a running instance to another version of its process.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;
use zhengtong_bpmn::{ExecError, Finding};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::known::Known;
use crate::model::{News, Past};
use crate::office::bounded;
use crate::part::{Catalog, Definition};
use crate::store;
use crate::work;

/// Which node of the old version becomes which of the new one; without a row a node keeps its id.
pub type Mapping = BTreeMap<String, String>;

fn newest(ctx: &Ctx, digest: &str) -> Result<Arc<Definition>> {
    let known = Known::of(ctx)?;
    let files = ctx.defs::<Catalog>()?;
    let all = files.iter().cloned().chain(known.definitions());
    let found = all.into_iter().find(|one| one.digest == digest);
    let found = found.ok_or_else(|| Error::NoDefinition(digest.to_owned()))?;
    known.ready(found).map_err(|refusal| {
        Error::Command(ExecError::NotExecutable { zh: refusal.text.zh, en: refusal.text.en })
    })
}

/// What stands against moving an instance to a version of the packs, by its digest.
pub async fn check_migration(
    ctx: &mut Ctx,
    instance: Uuid,
    digest: &str,
    mapping: &Mapping,
) -> Result<Vec<Finding>> {
    ctx.allow("process.migrate", &Thing::new("instance", instance.to_string()))?;
    let found = store::instance(ctx.conn(), instance)
        .await?
        .ok_or_else(|| zhengtong_db::Error::absent("instance", instance.to_string()))?;
    let old = work::definition(ctx, &found.digest).await?;
    let new = newest(ctx, digest)?;
    Ok(zhengtong_bpmn::check_migration(&old.model, &new.model, &found.state, mapping))
}

/// Moves an instance to a version of the packs. It is checked first; what it waits for and who works on it stays.
pub async fn migrate(
    ctx: &mut Ctx,
    instance: Uuid,
    digest: &str,
    mapping: &Mapping,
    reason: &str,
) -> Result<Vec<News>> {
    ctx.allow("process.migrate", &Thing::new("instance", instance.to_string()))?;
    let reason = bounded(reason)?;
    let mut hand = work::take(ctx, instance).await?;
    let new = newest(ctx, digest)?;
    let (state, effects) =
        zhengtong_bpmn::migrate(&hand.definition.model, &new.model, &hand.instance.state, mapping)
            .map_err(Error::Migration)?;
    work::keep_definition(ctx, &new).await?;
    let command = json!({ "command": "migrate", "digest": new.digest, "mapping": mapping });
    hand.past.push(Past { command, node: None });
    let before = std::mem::replace(&mut hand.instance.digest, new.digest.clone());
    hand.instance.state = state;
    hand.definition = new;
    work::begun(ctx, &mut hand, effects).await?;
    work::keep(ctx, &hand).await?;
    let act = ctx
        .act("process.migrate", "instance", instance.to_string())
        .because(&reason)
        .change(Some(before), Some(hand.instance.digest.clone()));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(hand.news)
}
