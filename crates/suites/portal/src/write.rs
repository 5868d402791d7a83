//! What the programs of departments write: datasets, resources, collections.

use serde_json::json;
use uuid::Uuid;
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::input::{CollectionInput, PackageInput, ResourceInput};
use crate::model::{Collection, CollectionKind, Package, PackageBody, Resource, Source};
use crate::reading::{find, thing};
use crate::store;

/// Makes a dataset.
pub async fn create_package(ctx: &mut Ctx, input: &PackageInput) -> Result<Package> {
    let unit = unit_of(ctx, &input.unit).await?;
    allowed(ctx, &unit)?;
    input.check()?;
    let id = match input.id {
        // A dataset that was deleted comes back under its identifier; one that is there is not made again.
        Some(id) if store::packages(ctx.conn(), &[id]).await?.is_empty() => id,
        Some(_) => {
            return Err(Error::field("id", "已有这个编号的数据集", "Dataset id already exists"));
        }
        None => Uuid::new_v4(),
    };
    let now = ctx.now;
    let package = Package {
        id,
        name: input.name.clone(),
        unit,
        source: Source::Portal,
        private: input.private,
        active: true,
        created: now,
        modified: now,
        body: titled(input),
        groups: Vec::new(),
        resources: Vec::new(),
    };
    keep(ctx, package, input, "create").await
}

/// Changes a dataset to what is given. Its resources stay when none are given.
pub async fn change_package(ctx: &mut Ctx, named: &str, input: &PackageInput) -> Result<Package> {
    let old = find(ctx, named).await?;
    allowed(ctx, &old.unit)?;
    own(old.source)?;
    let unit = unit_of(ctx, &input.unit).await?;
    allowed(ctx, &unit)?;
    input.check()?;
    let hidden = old.private || !old.active;
    let package = Package {
        name: input.name.clone(),
        unit,
        private: input.private,
        active: true,
        modified: ctx.now,
        body: titled(input),
        ..old
    };
    let kept = keep(ctx, package, input, "change").await?;
    if hidden && !kept.private {
        crate::opening::look_again(ctx, &kept).await?;
    }
    Ok(kept)
}

/// Deletes a dataset: it is kept for its department, and nobody else finds it.
pub async fn delete_package(ctx: &mut Ctx, named: &str) -> Result<()> {
    let mut package = find(ctx, named).await?;
    allowed(ctx, &package.unit)?;
    own(package.source)?;
    package.active = false;
    package.modified = ctx.now;
    store::keep_package(ctx.conn(), &package).await?;
    note(ctx, "package", &package.name, "delete").await
}

/// Puts a resource in a dataset, or changes one that is there.
pub async fn put_resource(ctx: &mut Ctx, package: &str, input: &ResourceInput) -> Result<Resource> {
    let mut package = find(ctx, package).await?;
    allowed(ctx, &package.unit)?;
    own(package.source)?;
    input.check()?;
    let known = input.id.and_then(|id| package.resources.iter().position(|one| one.id == id));
    let at = known.unwrap_or(package.resources.len());
    let made = merged(ctx, &package, at, input).await?;
    match package.resources.get_mut(at) {
        Some(place) => *place = made.clone(),
        None => package.resources.push(made.clone()),
    }
    package.modified = ctx.now;
    store::keep_package(ctx.conn(), &package).await?;
    store::keep_resources(ctx.conn(), package.id, &package.resources).await?;
    note(ctx, "package", &package.name, "resource").await?;
    Ok(made)
}

/// Takes a resource away, with the table behind it.
pub async fn delete_resource(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let absent = || Error::Absent("resource", id.to_string());
    let found = store::resource(ctx.conn(), id).await?.ok_or_else(absent)?;
    let mut package = find(ctx, &found.package.to_string()).await?;
    allowed(ctx, &package.unit)?;
    own(package.source)?;
    package.resources.retain(|one| one.id != id);
    number(&mut package.resources);
    package.modified = ctx.now;
    store::keep_package(ctx.conn(), &package).await?;
    store::keep_resources(ctx.conn(), package.id, &package.resources).await?;
    note(ctx, "package", &package.name, "resource").await
}

/// Makes an organisation or a group, kept by the department of the program.
pub async fn create_collection(
    ctx: &mut Ctx,
    kind: CollectionKind,
    input: &CollectionInput,
) -> Result<Collection> {
    ctx.allow("portal.write", &thing(ctx.actor.organisation))?;
    let Some(department) = ctx.actor.organisation else { return Err(Error::Key) };
    input.check()?;
    if store::collection(ctx.conn(), kind, &input.name).await?.is_some() {
        return Err(taken());
    }
    let id = match input.id {
        Some(id) if store::collection(ctx.conn(), kind, &id.to_string()).await?.is_some() => {
            return Err(Error::field("id", "已有这个编号", "id already exists"));
        }
        Some(id) => id,
        None => Uuid::new_v4(),
    };
    let made = Collection {
        id,
        kind,
        name: input.name.clone(),
        department,
        source: Source::Portal,
        active: true,
        created: ctx.now,
        body: input.body.clone(),
        packages: 0,
    };
    store::keep_collection(ctx.conn(), &made).await?;
    note(ctx, kind.word(), &made.name, "create").await?;
    Ok(made)
}

/// Changes a collection to what is given.
pub async fn change_collection(
    ctx: &mut Ctx,
    kind: CollectionKind,
    named: &str,
    input: &CollectionInput,
) -> Result<Collection> {
    let old = own_collection(ctx, kind, named).await?;
    input.check()?;
    let other = store::collection(ctx.conn(), kind, &input.name).await?;
    if other.is_some_and(|other| other.id != old.id) {
        return Err(taken());
    }
    if old.name != input.name && old.packages > 0 {
        return Err(Error::field(
            "name",
            "里面有数据集，名称不能改",
            "the name of a collection with datasets stays",
        ));
    }
    let changed =
        Collection { name: input.name.clone(), body: input.body.clone(), active: true, ..old };
    store::keep_collection(ctx.conn(), &changed).await?;
    note(ctx, kind.word(), &changed.name, "change").await?;
    Ok(changed)
}

/// Deletes a collection: hidden, or taken away for good. One that datasets still name is refused.
pub async fn delete_collection(
    ctx: &mut Ctx,
    kind: CollectionKind,
    named: &str,
    for_good: bool,
) -> Result<()> {
    let old = own_collection(ctx, kind, named).await?;
    let full = || Error::field("id", "里面还有数据集", "datasets still stand in it");
    if old.packages > 0 {
        return Err(full());
    }
    if for_good {
        if !store::purge_collection(ctx.conn(), old.id).await? {
            return Err(full());
        }
    } else {
        store::keep_collection(ctx.conn(), &Collection { active: false, ..old.clone() }).await?;
    }
    note(ctx, kind.word(), &old.name, "delete").await
}

async fn own_collection(ctx: &mut Ctx, kind: CollectionKind, named: &str) -> Result<Collection> {
    let found = store::collection(ctx.conn(), kind, named).await?;
    let found = found.ok_or_else(|| Error::Absent(kind.word(), named.to_owned()))?;
    ctx.allow("portal.write", &thing(Some(found.department)))?;
    own(found.source)?;
    Ok(found)
}

async fn unit_of(ctx: &mut Ctx, named: &str) -> Result<Collection> {
    if named.is_empty() {
        ctx.allow("portal.write", &thing(ctx.actor.organisation))?;
        return Err(Error::field(
            "owner_org",
            "要写明发布单位",
            "An organization must be provided",
        ));
    }
    let found = store::collection(ctx.conn(), CollectionKind::Organization, named).await?;
    if let Some(found) = found.filter(|found| found.active) {
        return Ok(found);
    }
    ctx.allow("portal.write", &thing(ctx.actor.organisation))?;
    Err(Error::field("owner_org", "没有这个发布单位", "Organization does not exist"))
}

fn allowed(ctx: &Ctx, unit: &Collection) -> Result<()> {
    Ok(ctx.allow("portal.write", &thing(Some(unit.department)))?)
}

/// What comes from the platform is changed where it comes from.
fn own(source: Source) -> Result<()> {
    match source {
        Source::Portal => Ok(()),
        Source::Platform => Err(Error::field(
            "id",
            "这是平台的数据集，请在平台上改",
            "this comes from the platform and is changed there",
        )),
    }
}

fn taken() -> Error {
    Error::field("name", "这个名称已有人用", "That URL is already in use.")
}

fn titled(input: &PackageInput) -> PackageBody {
    let mut body = input.body.clone();
    if body.title.is_empty() {
        body.title.clone_from(&input.name);
    }
    // Only what the platform gathers stands for a dataset of the platform.
    body.dataset = None;
    body
}

async fn keep(
    ctx: &mut Ctx,
    mut package: Package,
    input: &PackageInput,
    how: &str,
) -> Result<Package> {
    let other = store::package_id(ctx.conn(), &package.name).await?;
    if other.is_some_and(|other| other != package.id) {
        return Err(taken());
    }
    let mut groups = Vec::new();
    for named in &package.body.groups {
        let found = store::collection(ctx.conn(), CollectionKind::Group, named).await?;
        let found = found.filter(|found| found.active).ok_or_else(|| {
            Error::field(
                "groups",
                format!("没有分组 {named}"),
                format!("the group {named} does not exist"),
            )
        })?;
        groups.push(found);
    }
    package.body.groups = groups.iter().map(|group| group.name.clone()).collect();
    package.groups = groups;
    if let Some(given) = &input.resources {
        let mut resources = Vec::with_capacity(given.len());
        for (at, one) in given.iter().enumerate() {
            resources.push(merged(ctx, &package, at, one).await?);
        }
        let mut ids: Vec<Uuid> = resources.iter().map(|one| one.id).collect();
        ids.sort();
        ids.dedup();
        if ids.len() < resources.len() {
            return Err(Error::field("resources", "资源编号重复", "a resource id stands twice"));
        }
        package.resources = resources;
        number(&mut package.resources);
    }
    store::keep_package(ctx.conn(), &package).await?;
    if input.resources.is_some() {
        store::keep_resources(ctx.conn(), package.id, &package.resources).await?;
    }
    note(ctx, "package", &package.name, how).await?;
    Ok(package)
}

/// A resource as it is to be kept: what is there keeps its file and its table.
async fn merged(
    ctx: &mut Ctx,
    package: &Package,
    at: usize,
    input: &ResourceInput,
) -> Result<Resource> {
    let old = input.id.and_then(|id| package.resources.iter().find(|one| one.id == id)).cloned();
    let id = match (input.id, &old) {
        (Some(id), None) => {
            // An identifier from elsewhere is taken when nobody has it.
            if store::resource(ctx.conn(), id).await?.is_some() {
                return Err(Error::field("id", "资源编号已有人用", "Resource id already exists"));
            }
            id
        }
        (Some(id), Some(_)) => id,
        (None, _) => Uuid::new_v4(),
    };
    let mut body = input.body.clone();
    let digest = input.digest.clone().or_else(|| old.as_ref().and_then(|old| old.digest.clone()));
    if let (Some(old), None) = (&old, &input.digest) {
        // What is known of a file that stays is not forgotten when only its words are changed.
        if old.digest.is_some() {
            body.file.clone_from(&old.body.file);
            body.size = body.size.or(old.body.size);
            if body.mimetype.is_empty() {
                body.mimetype.clone_from(&old.body.mimetype);
            }
        }
    }
    Ok(Resource {
        id,
        package: package.id,
        position: i32::try_from(at).unwrap_or(i32::MAX),
        created: old.as_ref().map_or(ctx.now, |old| old.created),
        modified: ctx.now,
        body,
        digest,
        shape: old.and_then(|old| old.shape),
    })
}

fn number(resources: &mut [Resource]) {
    for (at, one) in resources.iter_mut().enumerate() {
        one.position = i32::try_from(at).unwrap_or(i32::MAX);
    }
}

/// Appends the act to the record and tells who follows.
pub(crate) async fn note(ctx: &mut Ctx, kind: &str, name: &str, how: &str) -> Result<()> {
    let act = ctx.act("portal.write", kind, name).because(how);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.emit("portal.changed", name, &json!({ "kind": kind, "how": how })).await?;
    Ok(())
}
