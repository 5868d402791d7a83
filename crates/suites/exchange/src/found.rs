//! Enters all that the packs declare, for the demonstration and for the first day of a city: owners, systems, services,
//! rights and channels. For the platform alone, because it both enters and approves.

use std::collections::BTreeMap;

use time::Duration;
use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::channel::add_channel;
use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::{NewAccess, NewChannel, NewMember, NewService, What};
use crate::part::{ItemDecl, Plan, SystemDecl};
use crate::register::{add_member, approve, grant, propose_service, propose_system};

/// A system that was entered.
#[derive(Clone, Debug)]
pub struct Founded {
    /// Its code.
    pub code: String,
    /// The system.
    pub id: Uuid,
    /// Its name in the protocol.
    pub name: crate::SystemName,
    /// Its services: code and identifier.
    pub services: Vec<(String, Uuid)>,
}

/// Enters everything that is declared; a department that the city does not have is left out. Services stand below `site`.
pub async fn found(ctx: &mut Ctx, plan: &Plan, instance: &str, site: &str) -> Result<Vec<Founded>> {
    ctx.allow("exchange.carry", &Thing::new("platform", "exchange"))?;
    let mut all = BTreeMap::new();
    for decl in plan.systems.values() {
        if let Some(founded) = one(ctx, decl, instance, site).await? {
            all.insert(decl.code.clone(), founded);
        }
    }
    for item in &plan.items {
        exchanged(ctx, item, &all).await?;
    }
    Ok(all.into_values().collect())
}

/// Where a service of a system stands below a site.
pub fn place(site: &str, system: &str, service: &str) -> String {
    format!("{}/{system}/{service}", site.trim_end_matches('/'))
}

async fn one(
    ctx: &mut Ctx,
    decl: &SystemDecl,
    instance: &str,
    site: &str,
) -> Result<Option<Founded>> {
    let found = zhengtong_party::organisation_by_short(ctx, &decl.department).await?;
    let Some(owner) = found else { return Ok(None) };
    let Some(code) = owner.credit_code else { return Ok(None) };
    let member = NewMember {
        instance: instance.to_owned(),
        class: "GOV".to_owned(),
        code: code.clone(),
        name: owner.name,
        organisation: Some(owner.id),
    };
    let member = add_member(ctx, &member).await?;
    let id = propose_system(ctx, member, &decl.code, &decl.title).await?;
    approve(ctx, What::System, id).await?;
    let mut services = Vec::new();
    for service in &decl.service {
        let new = NewService {
            system: id,
            code: service.code.clone(),
            title: service.title.clone(),
            url: place(site, &decl.code, &service.code),
            keep: service.keep,
            endpoints: service.endpoint.clone(),
            openapi: None,
        };
        let made = propose_service(ctx, &new).await?;
        approve(ctx, What::Service, made).await?;
        services.push((service.code.clone(), made));
    }
    let name = crate::SystemName {
        instance: instance.to_owned(),
        class: "GOV".to_owned(),
        member: code,
        system: decl.code.clone(),
    };
    Ok(Some(Founded { code: decl.code.clone(), id, name, services }))
}

async fn exchanged(ctx: &mut Ctx, item: &ItemDecl, all: &BTreeMap<String, Founded>) -> Result<()> {
    let (system, service) = item.service.split_once('/').unwrap_or((&item.service, ""));
    let services = all.get(system).map(|founded| founded.services.as_slice()).unwrap_or_default();
    let Some((_, service)) = services.iter().find(|(code, _)| code == service) else {
        return Ok(());
    };
    let others: Vec<&Founded> = item.with.iter().filter_map(|code| all.get(code)).collect();
    for other in &others {
        if let Some(mode) = item.way.mode() {
            let code = match others.len() {
                1 => item.code.clone(),
                _ => format!("{}.{}", item.code, other.code),
            };
            let new = NewChannel {
                code,
                title: item.title.clone(),
                mode,
                sender: other.id,
                receiver: *service,
                path: item.endpoint.path.clone(),
                basis: item.basis.clone(),
            };
            add_channel(ctx, &new).await?;
            continue;
        }
        let new = NewAccess {
            client: other.id,
            service: *service,
            endpoint: item.endpoint.clone(),
            purpose: item.purpose.clone(),
            basis: item.basis.clone(),
            valid_to: ctx.now + Duration::days(365 * LIMITS.years),
        };
        grant(ctx, &new).await?;
    }
    Ok(())
}
