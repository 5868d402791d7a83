//! Datasets, resources and collections as dictionaries of CKAN.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;
use zhengtong_portal::{Collection, CollectionKind, Package, Resource, Source, licence};

/// A moment as CKAN writes it: the world's clock, without saying so.
fn moment(at: OffsetDateTime) -> String {
    let form =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]");
    at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default()
}

/// Nothing instead of an empty text.
fn filled(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

fn state(active: bool) -> &'static str {
    if active { "active" } else { "deleted" }
}

/// Where a file of a dataset lies.
pub(crate) fn address(site: &str, package: &Package, resource: &Resource) -> String {
    let body = &resource.body;
    if package.source == Source::Platform {
        return format!("{site}/dataset/{}/download/{}", package.name, body.file);
    }
    if resource.digest.is_some() {
        let file = zhengtong_ui::words::encode(&body.file);
        return format!("{site}/dataset/{}/resource/{}/download/{file}", package.id, resource.id);
    }
    if body.url.is_empty() && resource.shape.is_some() {
        return format!("{site}/dataset/{}/resource/{}/download/data.csv", package.id, resource.id);
    }
    body.url.clone()
}

pub(crate) fn resource(site: &str, package: &Package, one: &Resource) -> Value {
    let body = &one.body;
    let mut shown: Map<String, Value> = body.more.clone();
    let url_type = if one.digest.is_some() {
        "upload".into()
    } else if body.url.is_empty() && one.shape.is_some() {
        "datastore".into()
    } else {
        Value::Null
    };
    let known = json!({
        "id": one.id, "package_id": package.id, "position": one.position, "name": body.name, "description": body.description,
        "format": body.format, "url": address(site, package, one), "url_type": url_type, "mimetype": filled(&body.mimetype),
        "mimetype_inner": null, "size": body.size, "hash": body.hash, "created": moment(one.created),
        "last_modified": moment(one.modified), "metadata_modified": moment(one.modified), "state": "active",
        "datastore_active": one.shape.is_some(), "resource_type": null, "cache_url": null, "cache_last_updated": null,
    });
    if let Value::Object(known) = known {
        shown.extend(known);
    }
    Value::Object(shown)
}

pub(crate) fn package(site: &str, one: &Package) -> Value {
    let body = &one.body;
    let terms = licence(&body.license_id);
    let tags: Vec<Value> = body.tags.iter().map(|tag| {
        json!({ "id": tag, "name": tag, "display_name": tag, "state": "active", "vocabulary_id": null })
    }).collect();
    let resources: Vec<Value> =
        one.resources.iter().map(|each| resource(site, one, each)).collect();
    let groups: Vec<Value> = one.groups.iter().map(|group| {
        json!({
            "id": group.id, "name": group.name, "title": group.body.title, "display_name": group.body.title,
            "description": group.body.description, "image_display_url": group.body.image_url,
        })
    }).collect();
    let mut shown = json!({
        "id": one.id, "name": one.name, "title": body.title, "notes": body.notes, "author": filled(&body.author),
        "author_email": filled(&body.author_email), "maintainer": filled(&body.maintainer),
        "maintainer_email": filled(&body.maintainer_email), "license_id": filled(&body.license_id),
        "license_title": terms.map(|terms| terms.en), "isopen": terms.is_some_and(|terms| terms.open),
        "url": filled(&body.url), "version": filled(&body.version), "type": "dataset", "state": state(one.active),
        "private": one.private, "owner_org": one.unit.id, "metadata_created": moment(one.created),
        "metadata_modified": moment(one.modified), "num_resources": resources.len(), "num_tags": tags.len(),
        "organization": {
            "id": one.unit.id, "name": one.unit.name, "title": one.unit.body.title, "type": "organization",
            "description": one.unit.body.description, "image_url": one.unit.body.image_url,
            "created": moment(one.unit.created), "is_organization": true, "approval_status": "approved",
            "state": state(one.unit.active),
        },
        "tags": tags, "groups": groups, "resources": resources, "extras": body.extras,
        "relationships_as_subject": [], "relationships_as_object": [], "creator_user_id": null,
    });
    if let Some(shown) = shown.as_object_mut() {
        let beside = [
            ("title_en", &body.title_en),
            ("notes_en", &body.notes_en),
            ("code", &body.code),
            ("cycle", &body.cycle),
        ];
        for (key, value) in beside {
            if !value.is_empty() {
                shown.insert(key.to_owned(), value.as_str().into());
            }
        }
        if let Some(terms) = terms.filter(|terms| !terms.url.is_empty()) {
            shown.insert("license_url".to_owned(), absolute(site, terms.url).into());
        }
    }
    shown
}

/// An address of this site or of another.
pub(crate) fn absolute(site: &str, url: &str) -> String {
    if url.starts_with('/') { format!("{site}{url}") } else { url.to_owned() }
}

pub(crate) fn collection(one: &Collection) -> Value {
    let mut shown = json!({
        "id": one.id, "name": one.name, "title": one.body.title, "display_name": one.body.title,
        "description": one.body.description, "image_url": one.body.image_url, "image_display_url": one.body.image_url,
        "type": one.kind.word(), "is_organization": one.kind == CollectionKind::Organization, "approval_status": "approved",
        "state": state(one.active), "created": moment(one.created), "package_count": one.packages,
        "num_followers": 0, "extras": one.body.extras, "users": [], "tags": [], "groups": [],
    });
    if let Some(shown) = shown.as_object_mut() {
        for (key, value) in [("title_en", &one.body.title_en), ("code", &one.body.code)] {
            if !value.is_empty() {
                shown.insert(key.to_owned(), value.as_str().into());
            }
        }
    }
    shown
}
