//! Resources that are there from the beginning: a directory taken over from elsewhere, or that of the demonstration.

use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::compile::settled;
use crate::error::{Error, Result};
use crate::grammar::{Parts, slug};
use crate::kinds::State;
use crate::model::{Body, Resource, Version};
use crate::part::Directory;
use crate::review::show;
use crate::store;

/// Publishes resources of units in one act of the platform; gives how many. Each must fulfil everything, and the first that
/// does not refuses all.
pub async fn seed(ctx: &mut Ctx, resources: Vec<(Uuid, Body)>) -> Result<usize> {
    ctx.allow("catalog.seed", &Thing::new("platform", "catalog"))?;
    let (directory, now) = (ctx.defs::<Directory>()?, ctx.now);
    let day = zhengtong_calendar::china_date(now);
    let none = || Error::Definition(format!("no grammar of codes is in force on {day}"));
    let grammar = directory.grammar(day).ok_or_else(none)?;
    let mut units = std::collections::BTreeMap::new();
    let count = resources.len();
    for (unit, body) in resources {
        let body = settled(ctx, body)?;
        if let std::collections::btree_map::Entry::Vacant(free) = units.entry(unit) {
            free.insert(zhengtong_party::organisation(ctx, unit).await?);
        }
        let Some(provider) = units.get(&unit) else { continue };
        let wrong = crate::compile::fulfilled(ctx, provider, &body)?;
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        let parts = Parts {
            class: &body.class,
            region: provider.region.as_deref().unwrap_or("000000"),
            unit: provider.credit_code.as_deref().unwrap_or_default(),
        };
        let prefix = grammar.prefix(parts).ok_or_else(none)?;
        let number = ctx.number(&format!("catalog:{}:{prefix}", grammar.id)).await?;
        let code = grammar.code(&prefix, number).ok_or_else(none)?;
        let (id, named) = (ctx.id(), slug(&code));
        store::insert_resource(ctx.conn(), id, unit).await?;
        store::give_code(ctx.conn(), (&code, &named, &grammar.id), id, now).await?;
        let name = ctx.actor.name.clone();
        let version = Version {
            number: 1,
            state: State::Published,
            body,
            compiled_by: Uuid::nil(),
            compiler: name.clone(),
            begun: now,
            submitted: Some(now),
            reviewed: Some((now, name.clone())),
            refusal: None,
            published: Some((now, name)),
            ended: None,
            end_reason: None,
        };
        store::write_version(ctx.conn(), id, &version).await?;
        let (code, slug, versions) = (Some(code), Some(named), Vec::new());
        let resource = Resource { id, code, slug, provider: unit, versions };
        show(ctx, &resource, &version, provider).await?;
    }
    let act = ctx.act("catalog.seed", "directory", "all").because(format!("{count} resources"));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(count)
}
