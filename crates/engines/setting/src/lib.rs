//! Settings that administrators change while the platform runs.
#![doc = include_str!("../README.md")]

mod error;
pub mod gate;
mod identity;
mod live;
mod model;
mod pack;
mod store;

use zhengtong_base::{Migration, Page, Paging, Schema, Text};
use zhengtong_crypto::Digest;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_ledger::append;

pub use error::{Error, Result};
pub use live::{Live, follow};
pub use model::{
    ANSWER_DAYS, BACKUP_HOURS, Change, Definition, LOG_LEVEL, NOTICE, Office, Pair, Present,
    Preset, Shape, Typed, Value, definitions,
};

pub use pack::{Files, Installed, PACK_BYTES_MAX, install_pack, installed_packs, remove_pack};

use crate::store::NewChange;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "setting",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration { version: 2, name: "pack", sql: include_str!("../migrations/0002_pack.sql") },
    ],
    statements: store::STATEMENTS,
};

/// What may be asked of policy, and of which kind of thing.
pub const VERBS: &[(&str, &str)] = &[
    ("setting.read", "setting"),
    ("setting.change", "setting"),
    ("setting.install_pack", "pack"),
    ("setting.remove_pack", "pack"),
];

/// The shortest reason for a change, in characters.
pub const REASON_CHARS_MIN: usize = 4;
/// The longest reason for a change, in characters.
pub const REASON_CHARS_MAX: usize = 500;

/// A setting as policies see it.
pub fn thing(definition: &Definition) -> Thing {
    Thing::new("setting", definition.key)
        .with("office", Attr::Text(definition.office.word().to_owned()))
}

/// All settings with what is in force.
pub async fn list(ctx: &mut Ctx) -> Result<Vec<Present>> {
    ctx.allow("setting.read", &Thing::new("setting", ""))?;
    let mut changes = store::in_force(ctx.conn(), &live::keys()).await?;
    let present = definitions().map(|definition| {
        let at = changes.iter().position(|(key, _)| key == definition.key);
        Present { definition, change: at.map(|at| changes.swap_remove(at).1) }
    });
    Ok(present.collect())
}

/// One setting with what is in force, and its changes, the latest first.
pub async fn open(ctx: &mut Ctx, key: &str, paging: Paging) -> Result<(Present, Page<Change>)> {
    ctx.allow("setting.read", &Thing::new("setting", ""))?;
    let definition = Definition::find(key)?;
    let present = present(ctx, definition).await?;
    let (rows, total) = store::history(ctx.conn(), key, paging).await?;
    Ok((present, Page::new(rows, total, paging)))
}

/// Changes a setting. `seen` is the number of the change that was in force when the form was opened.
pub async fn change(
    ctx: &mut Ctx,
    key: &str,
    typed: &Typed,
    seen: i64,
    reason: &str,
) -> Result<i64> {
    let definition = Definition::find(key)?;
    ctx.allow("setting.change", &thing(definition))?;
    let reason = checked(reason)?;
    let value = definition.read(typed)?;
    if let Some(first) = repeated(ctx, &(key, typed, seen, reason)).await? {
        return Ok(first);
    }
    store::lock(ctx.conn(), key).await?;
    let present = present(ctx, definition).await?;
    if present.number() != seen {
        return Err(Error::Changed(definition.key));
    }
    keep(ctx, &present, value.as_ref(), reason, None).await
}

/// Takes a change back: what was in force before it is in force again.
pub async fn revert(ctx: &mut Ctx, key: &str, number: i64, reason: &str) -> Result<i64> {
    let definition = Definition::find(key)?;
    ctx.allow("setting.change", &thing(definition))?;
    let reason = checked(reason)?;
    if let Some(first) = repeated(ctx, &(key, number, reason)).await? {
        return Ok(first);
    }
    store::lock(ctx.conn(), key).await?;
    let changes =
        store::with_before(ctx.conn(), key, number).await?.ok_or(Error::NoChange(number))?;
    let before = changes.get(1).and_then(|before| before.value.clone());
    // A value from before the limits of today is no longer a value.
    if before.as_ref().is_some_and(|value| !definition.takes(value)) {
        return Err(Error::Invalid {
            field: "value",
            text: Text::new(
                "从前的值已经不在允许的范围里，请直接填新的值",
                "the value from before is no longer allowed; enter a new one",
            ),
        });
    }
    let present = present(ctx, definition).await?;
    keep(ctx, &present, before.as_ref(), reason, Some(number)).await
}

async fn present(ctx: &mut Ctx, definition: &'static Definition) -> Result<Present> {
    let keys = [definition.key.to_owned()];
    let change = store::in_force(ctx.conn(), &keys).await?.pop().map(|(_, change)| change);
    Ok(Present { definition, change })
}

fn checked(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if (REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        return Ok(reason);
    }
    Err(Error::Invalid {
        field: "reason",
        text: Text::new(
            format!("写明为什么改，{REASON_CHARS_MIN} 到 {REASON_CHARS_MAX} 个字"),
            format!("say why, in {REASON_CHARS_MIN} to {REASON_CHARS_MAX} characters"),
        ),
    })
}

async fn repeated(ctx: &mut Ctx, body: &impl serde::Serialize) -> Result<Option<i64>> {
    Ok(ctx.once("setting.change", body).await?.and_then(|answer| answer.as_i64()))
}

async fn keep(
    ctx: &mut Ctx,
    present: &Present,
    value: Option<&Value>,
    reason: &str,
    reverts: Option<i64>,
) -> Result<i64> {
    let definition = present.definition;
    if present.changed() == value {
        return Err(Error::Same(definition.key));
    }
    let (account, name, at) = (ctx.actor.account, ctx.actor.name.clone(), ctx.now);
    let new = NewChange { key: definition.key, value, reason, account, name: &name, at, reverts };
    let number = store::put(ctx.conn(), &new).await?;
    let act = ctx
        .act("setting.change", "setting", definition.key)
        .because(reason)
        .change(digest(present.changed())?, digest(value)?);
    append(ctx.conn(), &act).await?;
    ctx.answered(&number).await?;
    Ok(number)
}

fn digest(value: Option<&Value>) -> Result<Option<String>> {
    let Some(value) = value else { return Ok(None) };
    let text = serde_json::to_string(value).map_err(zhengtong_db::Error::from)?;
    Ok(Some(Digest::of(text.as_bytes()).to_string()))
}
