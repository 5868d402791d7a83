//! What the unit does: write a resource down, hand it in, take up a change, drop what was never published.

use serde_json::json;
use uuid::Uuid;
use zhengtong_base::FieldError;
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_party::Organisation;
use zhengtong_registry::Catalog;

use crate::check::{self, Around};
use crate::error::{Error, Result};
use crate::kinds::State;
use crate::model::{Body, Resource, Version};
use crate::part::Directory;
use crate::store;

/// Begins a resource of the actor's unit.
pub async fn compile(ctx: &mut Ctx, body: Body) -> Result<Uuid> {
    let unit = own_unit(ctx)?;
    ctx.allow("catalog.compile", &Thing::new("resource", "new").handled_by(Some(unit)))?;
    if let Some(first) = ctx.once("catalog.compile", &body).await? {
        return Ok(serde_json::from_value(first).map_err(zhengtong_db::Error::from)?);
    }
    let body = settled(ctx, body)?;
    let id = begin(ctx, unit, body).await?;
    note(ctx, "catalog.compile", id, None, None).await?;
    ctx.answered(&id).await?;
    Ok(id)
}

/// Rewrites the version that is being compiled.
pub async fn save(ctx: &mut Ctx, id: Uuid, body: Body) -> Result<()> {
    let (resource, mut version) = in_hand(ctx, "catalog.compile", id, State::Draft).await?;
    let body = settled(ctx, body)?;
    let before = digest(&version)?;
    version.body = body;
    (version.compiled_by, version.compiler) = who(ctx)?;
    store::write_version(ctx.conn(), resource.id, &version).await?;
    note(ctx, "catalog.compile", id, Some(before), Some(digest(&version)?)).await
}

/// Hands a resource in for review, when it fulfils everything.
pub async fn submit(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let (resource, mut version) = in_hand(ctx, "catalog.submit", id, State::Draft).await?;
    fulfil(ctx, &resource, &version.body).await?;
    version.state = State::Submitted;
    version.submitted = Some(ctx.now);
    version.refusal = None;
    store::write_version(ctx.conn(), resource.id, &version).await?;
    note(ctx, "catalog.submit", id, None, Some(digest(&version)?)).await?;
    news(ctx, "catalog.submitted", &resource, version.number).await
}

/// Takes a resource in force up again: a new version with what the old one says. The old one stays in force.
pub async fn change(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let resource = known(ctx, "catalog.compile", id, true).await?;
    if resource.open().is_some() {
        return Err(Error::state("这个资源正在修改", "a change of this resource is under way"));
    }
    let Some(in_force) = resource.in_force() else {
        return Err(Error::state("已撤销的资源不能修改", "what was withdrawn is not changed"));
    };
    let body = in_force.body.clone();
    let last = resource.versions.iter().map(|version| version.number).max().unwrap_or(0);
    write_draft(ctx, resource.id, last + 1, body).await?;
    note(ctx, "catalog.change", id, None, None).await
}

/// Drops a version that is being compiled. What was published stays.
pub async fn discard(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let (resource, version) = in_hand(ctx, "catalog.compile", id, State::Draft).await?;
    store::discard(ctx.conn(), resource.id, version.number).await?;
    note(ctx, "catalog.discard", id, Some(digest(&version)?), None).await
}

/// The unit whose post the actor holds.
pub(crate) fn own_unit(ctx: &Ctx) -> Result<Uuid> {
    ctx.actor.organisation.ok_or_else(|| {
        Error::field(
            "provider",
            "资源要有提供方：先选一个单位的岗位",
            "a resource has a unit that provides it: choose a post of a unit first",
        )
    })
}

/// The person who acts, and their name.
pub(crate) fn who(ctx: &Ctx) -> Result<(Uuid, String)> {
    let nobody = || Error::Definition("nobody by name compiles this".to_owned());
    Ok((ctx.actor.person.ok_or_else(nobody)?, ctx.actor.name.clone()))
}

/// Begins a resource without a record of its own.
pub(crate) async fn begin(ctx: &mut Ctx, unit: Uuid, body: Body) -> Result<Uuid> {
    let id = ctx.id();
    store::insert_resource(ctx.conn(), id, unit).await?;
    write_draft(ctx, id, 1, body).await?;
    Ok(id)
}

/// Writes a draft version.
pub(crate) async fn write_draft(ctx: &mut Ctx, id: Uuid, number: i32, body: Body) -> Result<()> {
    let (compiled_by, compiler) = who(ctx)?;
    let version = Version {
        number,
        state: State::Draft,
        body,
        compiled_by,
        compiler,
        begun: ctx.now,
        submitted: None,
        reviewed: None,
        refusal: None,
        published: None,
        ended: None,
        end_reason: None,
    };
    store::write_version(ctx.conn(), id, &version).await
}

/// A body within bounds, with the items of its dataset when it has one.
pub(crate) fn settled(ctx: &Ctx, mut body: Body) -> Result<Body> {
    let registry = ctx.defs::<Catalog>()?;
    if let Some(dataset) = body.dataset.as_deref().and_then(|name| registry.dataset(name)) {
        body.items = check::items_of(dataset, &registry);
    }
    for codes in [&mut body.related, &mut body.sources] {
        codes.sort();
        codes.dedup();
    }
    if body.title.en.trim().is_empty() {
        body.title.en.clone_from(&body.title.zh);
    }
    if body.summary.en.trim().is_empty() {
        body.summary.en.clone_from(&body.summary.zh);
    }
    let wrong = check::bounds(&body);
    if wrong.is_empty() { Ok(body) } else { Err(Error::Invalid(wrong)) }
}

/// Refuses what does not fulfil everything the guide asks for, also towards other resources.
pub(crate) async fn fulfil(ctx: &mut Ctx, resource: &Resource, body: &Body) -> Result<()> {
    let provider = zhengtong_party::organisation(ctx, resource.provider).await?;
    let mut wrong = fulfilled(ctx, &provider, body)?;
    let named: Vec<String> = body.related.iter().chain(&body.sources).cloned().collect();
    let never = store::unknown_codes(ctx.conn(), &named).await?;
    let mut add = |name: &str, zh: String, en: String| {
        wrong.push(FieldError::new(name, zh, en));
    };
    for code in never {
        let field = if body.related.contains(&code) { "related" } else { "sources" };
        add(
            field,
            format!("没有这个代码的资源：{code}"),
            format!("no resource has the code {code}"),
        );
    }
    if let Some(code) = &resource.code {
        if body.related.contains(code) {
            add(
                "related",
                "资源不能关联自己".to_owned(),
                "a resource is not related to itself".to_owned(),
            );
        }
        if store::made_from(ctx.conn(), &body.sources, code).await? {
            add(
                "sources",
                "来源绕了一圈回到自己，请去掉一个".to_owned(),
                "what it is made from leads back to itself; take one away".to_owned(),
            );
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// What is wrong with a body by itself.
pub(crate) fn fulfilled(
    ctx: &Ctx,
    provider: &Organisation,
    body: &Body,
) -> Result<Vec<FieldError>> {
    let (directory, registry) = (ctx.defs::<Directory>()?, ctx.defs::<Catalog>()?);
    let day = china_date(ctx.now);
    let none = || Error::Definition(format!("no grammar of codes is in force on {day}"));
    let grammar = directory.grammar(day).ok_or_else(none)?;
    let around = Around { directory: &directory, registry: &registry, grammar, provider };
    Ok(check::whole(body, &around))
}

/// A resource as policies see it.
pub(crate) fn thing(resource: &Resource) -> Thing {
    let thing = Thing::new("resource", resource.id.to_string()).handled_by(Some(resource.provider));
    match resource.open() {
        Some(open) => thing.with("compiled_by", Attr::Text(open.compiled_by.to_string())),
        None => thing,
    }
}

/// A resource that the actor may do the verb with.
pub(crate) async fn known(ctx: &mut Ctx, verb: &str, id: Uuid, change: bool) -> Result<Resource> {
    let absent = || zhengtong_db::Error::absent("resource", id);
    let found = store::resource(ctx.conn(), id, false).await?.ok_or_else(absent)?;
    ctx.allow_or_absent(verb, &thing(&found))?;
    if !change {
        return Ok(found);
    }
    // The right is asked again under the lock: somebody may have been faster.
    let found = store::resource(ctx.conn(), id, true).await?.ok_or_else(absent)?;
    ctx.allow_or_absent(verb, &thing(&found))?;
    Ok(found)
}

/// A resource and its version that is being worked at, locked, when that stands in a state.
pub(crate) async fn in_hand(
    ctx: &mut Ctx,
    verb: &str,
    id: Uuid,
    state: State,
) -> Result<(Resource, Version)> {
    let resource = known(ctx, verb, id, true).await?;
    let version = resource.open().filter(|version| version.state == state).cloned();
    let Some(version) = version else {
        let title = state.title();
        return Err(Error::state(
            format!("这个资源不在“{}”，请刷新后再看", title.zh),
            format!("this resource is not `{}` any more; look again", title.en),
        ));
    };
    Ok((resource, version))
}

pub(crate) fn digest(version: &Version) -> Result<String> {
    let body = serde_json::to_vec(&version.body).map_err(zhengtong_db::Error::from)?;
    Ok(Digest::of(&body).to_string())
}

/// One entry of the record.
pub(crate) async fn note(
    ctx: &mut Ctx,
    verb: &str,
    id: Uuid,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    let act = ctx.act(verb, "resource", id.to_string()).change(before, after);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// News for whoever follows the directory.
pub(crate) async fn news(
    ctx: &mut Ctx,
    topic: &str,
    resource: &Resource,
    version: i32,
) -> Result<()> {
    let payload =
        json!({ "code": resource.code, "provider": resource.provider, "version": version });
    ctx.emit(topic, &resource.id.to_string(), &payload).await?;
    Ok(())
}
