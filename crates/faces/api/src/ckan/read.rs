//! The actions that read datasets and what they stand in.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use zhengtong_db::Ctx;
use zhengtong_portal::{Collection, CollectionKind, Found, LICENCES, Query, Sort};

use super::{Asked, Refused, Said, given, shown};

pub(crate) const ACTIONS: &[&str] = &[
    "site_read",
    "status_show",
    "help_show",
    "package_list",
    "package_show",
    "package_search",
    "package_autocomplete",
    "current_package_list_with_resources",
    "resource_show",
    "organization_list",
    "organization_show",
    "organization_list_for_user",
    "group_list",
    "group_show",
    "group_package_show",
    "group_list_authz",
    "tag_list",
    "tag_show",
    "license_list",
    "vocabulary_list",
    "user_list",
];

pub(crate) async fn read(ctx: &mut Ctx, name: &str, asked: &Asked) -> Said {
    let given = &asked.given;
    match name {
        "site_read" => Ok(true.into()),
        "status_show" => Ok(json!({
            "ckan_version": "2.12.0", "site_url": asked.site, "site_title": "政通", "site_description": "开放数据 / Open data",
            "locale_default": "zh_Hans_CN", "error_emails_to": null, "extensions": ["dcat", "datastore"],
        })),
        "help_show" => help(&given::needed(given, "name")?),
        "package_list" => package_names(ctx, asked).await,
        "package_show" => {
            let named = first(asked, &["id", "name_or_id"])?;
            let found = zhengtong_portal::package(ctx, &named).await?;
            Ok(shown::package(&asked.site, &found))
        }
        "package_search" => package_search(ctx, asked).await,
        "current_package_list_with_resources" => {
            let (rows, start) =
                (given::number(given, "limit", 100)?, given::number(given, "offset", 0)?);
            let found =
                zhengtong_portal::search(ctx, &Query { rows, start, ..Query::default() }).await?;
            Ok(found.packages.iter().map(|one| shown::package(&asked.site, one)).collect())
        }
        "package_autocomplete" => package_autocomplete(ctx, asked).await,
        "resource_show" => {
            let (package, resource) =
                zhengtong_portal::resource(ctx, &given::needed(given, "id")?).await?;
            Ok(shown::resource(&asked.site, &package, &resource))
        }
        "organization_list" | "organization_list_for_user" => {
            collections(ctx, CollectionKind::Organization, name, asked).await
        }
        "group_list" | "group_list_authz" => {
            collections(ctx, CollectionKind::Group, name, asked).await
        }
        "organization_show" => collection(ctx, CollectionKind::Organization, asked).await,
        "group_show" => collection(ctx, CollectionKind::Group, asked).await,
        "group_package_show" => {
            let group = zhengtong_portal::collection(
                ctx,
                CollectionKind::Group,
                &given::needed(given, "id")?,
            )
            .await?;
            let found = within(ctx, &group, given::number(given, "limit", 1_000)?).await?;
            Ok(found.packages.iter().map(|one| shown::package(&asked.site, one)).collect())
        }
        "tag_list" => Ok(zhengtong_portal::tags(ctx, &given::text(given, "query")).await?.into()),
        "tag_show" => {
            let tag = given::needed(given, "id")?;
            let known = zhengtong_portal::tags(ctx, &tag).await?.contains(&tag);
            let absent = || Refused::new(StatusCode::NOT_FOUND, "Not Found Error", "Not found");
            known.then(|| json!({ "id": tag, "name": tag, "display_name": tag, "vocabulary_id": null })).ok_or_else(absent)
        }
        "license_list" => Ok(licences(&asked.site)),
        // Vocabularies of tags and lists of people are not kept here.
        _ => Ok(json!([])),
    }
}

/// The first of several names of a parameter that is given.
fn first(asked: &Asked, names: &[&str]) -> Result<String, Refused> {
    let found =
        names.iter().map(|name| given::text(&asked.given, name)).find(|text| !text.is_empty());
    found.ok_or_else(|| Refused::field(names.first().copied().unwrap_or("id"), "Missing value"))
}

async fn package_names(ctx: &mut Ctx, asked: &Asked) -> Said {
    let mut names: Vec<Value> = Vec::new();
    let (limit, offset) = (
        given::number(&asked.given, "limit", i64::MAX)?,
        given::number(&asked.given, "offset", 0)?,
    );
    let mut start = offset.max(0);
    while i64::try_from(names.len()).unwrap_or(i64::MAX) < limit {
        let left = limit.saturating_sub(i64::try_from(names.len()).unwrap_or(i64::MAX));
        let query = Query { sort: Sort::Name, start, rows: left.min(1_000), ..Query::default() };
        let found = zhengtong_portal::search(ctx, &query).await?;
        if found.packages.is_empty() {
            break;
        }
        start += i64::try_from(found.packages.len()).unwrap_or(i64::MAX);
        names.extend(found.packages.into_iter().map(|one| Value::from(one.name)));
    }
    Ok(names.into())
}

async fn package_autocomplete(ctx: &mut Ctx, asked: &Asked) -> Said {
    let mut query = Query {
        rows: given::number(&asked.given, "limit", 10)?.min(100),
        sort: Sort::Title,
        ..Query::default()
    };
    query.words =
        given::text(&asked.given, "q").split_whitespace().map(str::to_lowercase).collect();
    let found = zhengtong_portal::search(ctx, &query).await?;
    let line = |one: &zhengtong_portal::Package| json!({ "name": one.name, "title": one.body.title, "match_field": "title", "match_displayed": one.body.title });
    Ok(found.packages.iter().map(line).collect())
}

async fn package_search(ctx: &mut Ctx, asked: &Asked) -> Said {
    let given = &asked.given;
    let rows = given::number(given, "rows", 10)?;
    let start = given::number(given, "start", 0)?;
    if rows < 0 || start < 0 {
        return Err(Refused::field(
            if rows < 0 { "rows" } else { "start" },
            "Must be a natural number",
        ));
    }
    let sort = given::text(given, "sort");
    let mut query = Query {
        rows,
        start,
        sort: Sort::parse(&sort)?,
        private: given::flag(given, "include_private", false),
        facets: given::names(given, "facet.field")?.unwrap_or_default(),
        ..Query::default()
    };
    query.read_words(&given::text(given, "q"))?;
    query.filter.read(&given::text(given, "fq"))?;
    for filter in given::names(given, "fq_list")?.unwrap_or_default() {
        query.filter.read(&filter)?;
    }
    let limit = usize::try_from(given::number(given, "facet.limit", 50)?).unwrap_or(usize::MAX);
    let found = zhengtong_portal::search(ctx, &query).await?;
    let packages: Vec<Value> =
        found.packages.iter().map(|one| shown::package(&asked.site, one)).collect();
    let (facets, search_facets) = facets(ctx, &found, limit).await?;
    Ok(json!({
        "count": found.count, "results": packages, "facets": facets, "search_facets": search_facets,
        "sort": if sort.is_empty() { "score desc, metadata_modified desc" } else { &sort },
    }))
}

async fn facets(ctx: &mut Ctx, found: &Found, limit: usize) -> Result<(Value, Value), Refused> {
    let (mut plain, mut spoken) = (Map::new(), Map::new());
    for (field, counted) in &found.facets {
        let kind = match field.as_str() {
            "organization" => Some(CollectionKind::Organization),
            "groups" => Some(CollectionKind::Group),
            _ => None,
        };
        let (mut numbers, mut items) = (Map::new(), Vec::new());
        for (value, count) in counted.iter().take(limit) {
            numbers.insert(value.clone(), (*count).into());
            let title = match kind {
                Some(kind) => zhengtong_portal::collection(ctx, kind, value)
                    .await
                    .ok()
                    .map(|one| one.body.title),
                None => None,
            };
            let title = title.unwrap_or_else(|| value.clone());
            items.push(json!({ "name": value, "display_name": title, "count": count }));
        }
        plain.insert(field.clone(), numbers.into());
        spoken.insert(field.clone(), json!({ "title": field, "items": items }));
    }
    Ok((plain.into(), spoken.into()))
}

async fn collections(ctx: &mut Ctx, kind: CollectionKind, name: &str, asked: &Asked) -> Said {
    let given = &asked.given;
    let whole = given::flag(given, "all_fields", false)
        || name == "organization_list_for_user"
        || name == "group_list_authz";
    let (start, rows) = (given::number(given, "offset", 0)?, given::number(given, "limit", 1_000)?);
    let mut found = zhengtong_portal::collections(ctx, kind, start, rows).await?;
    for wanted in ["organizations", "groups"] {
        if let Some(only) = given::names(given, wanted)? {
            found.retain(|one| only.contains(&one.name));
        }
    }
    if name == "organization_list_for_user" || name == "group_list_authz" {
        found.retain(|one| ctx.actor.organisation == Some(one.department));
    }
    let line =
        |one: &Collection| if whole { shown::collection(one) } else { one.name.as_str().into() };
    Ok(found.iter().map(line).collect())
}

async fn collection(ctx: &mut Ctx, kind: CollectionKind, asked: &Asked) -> Said {
    let found =
        zhengtong_portal::collection(ctx, kind, &given::needed(&asked.given, "id")?).await?;
    let mut said = shown::collection(&found);
    if given::flag(&asked.given, "include_datasets", false) {
        let within = within(ctx, &found, 1_000).await?;
        let packages: Vec<Value> =
            within.packages.iter().map(|one| shown::package(&asked.site, one)).collect();
        if let Some(said) = said.as_object_mut() {
            said.insert("packages".to_owned(), packages.into());
        }
    }
    Ok(said)
}

/// The datasets of a collection.
async fn within(ctx: &mut Ctx, one: &Collection, rows: i64) -> Result<Found, Refused> {
    let field = match one.kind {
        CollectionKind::Organization => "organization",
        CollectionKind::Group => "groups",
    };
    let mut query = Query { rows, sort: Sort::Name, ..Query::default() };
    query.filter.all.push(format!("{field}:{}", one.name));
    Ok(zhengtong_portal::search(ctx, &query).await?)
}

fn licences(site: &str) -> Value {
    let line = |one: &zhengtong_portal::Licence| {
        json!({
            "id": one.id, "title": one.en, "title_zh": one.zh, "url": shown::absolute(site, one.url), "status": "active",
            "od_conformance": if one.open { "approved" } else { "not reviewed" }, "osd_conformance": "not reviewed",
            "domain_data": true, "domain_content": true, "domain_software": false, "family": "", "maintainer": "", "is_generic": false,
        })
    };
    LICENCES.iter().map(line).collect()
}

fn help(name: &str) -> Said {
    let known = ACTIONS.contains(&name)
        || super::write::ACTIONS.contains(&name)
        || super::rows::ACTIONS.contains(&name);
    if !known {
        return Err(Refused::new(
            StatusCode::NOT_FOUND,
            "Not Found Error",
            &format!("Action not found: {name}"),
        ));
    }
    let way = if super::write::ACTIONS.contains(&name) {
        "POST，要密钥 / POST, needs a key"
    } else {
        "GET 或 POST / GET or POST"
    };
    Ok(format!("{name} ({way})：参数和回答同 CKAN 2.12 / parameters and answers as in CKAN 2.12")
        .into())
}
