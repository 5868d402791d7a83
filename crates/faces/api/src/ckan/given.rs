//! What programs send: dictionaries of CKAN, read into what the portal takes.

use axum::http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;
use zhengtong_dcat::Format;
use zhengtong_portal::{
    CollectionBody, CollectionInput, Extra, PackageBody, PackageInput, ResourceBody, ResourceInput,
    holds_nul,
};

use super::Refused;

type Given = Map<String, Value>;

/// What is said of a value with a NUL in it.
const NUL: &str = "Holds a NUL character; take it out / 含有空字符（NUL），请删去";

/// What the portal knows of a resource itself, and never takes from outside.
const MANAGED: &[&str] = &[
    "id",
    "package_id",
    "position",
    "created",
    "last_modified",
    "metadata_modified",
    "state",
    "datastore_active",
    "url_type",
    "name",
    "description",
    "format",
    "url",
    "mimetype",
    "size",
    "hash",
    "upload",
    "clear_upload",
    "revision_id",
    "cache_url",
    "cache_last_updated",
    "mimetype_inner",
    "resource_type",
    "schema",
];

/// A format as the portal spells it, when it knows the word; programs write `csv` as well as `CSV`.
pub(crate) fn format(word: &str) -> String {
    Format::named(word).map_or_else(|| word.to_owned(), |known| known.word().to_owned())
}

/// A text; numbers are taken as they are written.
pub(crate) fn text(given: &Given, name: &str) -> String {
    match given.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A text that must be there.
pub(crate) fn needed(given: &Given, name: &str) -> Result<String, Refused> {
    let text = text(given, name);
    if text.is_empty() { Err(Refused::field(name, "Missing value")) } else { Ok(text) }
}

/// A whole number, or the usual one.
pub(crate) fn number(given: &Given, name: &str, usual: i64) -> Result<i64, Refused> {
    match given.get(name) {
        None | Some(Value::Null) => Ok(usual),
        Some(Value::Number(number)) => {
            number.as_i64().ok_or_else(|| Refused::field(name, "Invalid integer"))
        }
        Some(Value::String(text)) if text.is_empty() => Ok(usual),
        Some(Value::String(text)) => {
            text.trim().parse().map_err(|_shape| Refused::field(name, "Invalid integer"))
        }
        Some(_) => Err(Refused::field(name, "Invalid integer")),
    }
}

/// Yes or no, or the usual one.
pub(crate) fn flag(given: &Given, name: &str, usual: bool) -> bool {
    match given.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) if !text.is_empty() => {
            matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "t" | "y" | "on" | "1")
        }
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        _ => usual,
    }
}

/// Refuses parameters that hold what no database takes.
pub(crate) fn sound(given: &Given) -> Result<(), Refused> {
    let holds_nul = |(name, value): &(&String, &Value)| name.contains('\0') || holds_nul(value);
    match given.iter().find(holds_nul) {
        None => Ok(()),
        Some((name, _)) => Err(Refused::field(&name.replace('\0', ""), NUL)),
    }
}

/// A list or dictionary, also one that was written as JSON into a text, as addresses and forms carry it.
pub(crate) fn nested(given: &Given, name: &str) -> Result<Option<Value>, Refused> {
    match given.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) if text.trim_start().starts_with(['[', '{']) => {
            let value: Value = serde_json::from_str(text)
                .map_err(|_shape| Refused::field(name, "Cannot parse JSON"))?;
            if holds_nul(&value) { Err(Refused::field(name, NUL)) } else { Ok(Some(value)) }
        }
        Some(value) => Ok(Some(value.clone())),
    }
}

/// A list of names: a list of texts, or a text with commas.
pub(crate) fn names(given: &Given, name: &str) -> Result<Option<Vec<String>>, Refused> {
    Ok(match nested(given, name)? {
        None => None,
        Some(Value::Array(all)) => Some(
            all.iter()
                .map(|one| {
                    one.as_str()
                        .map(str::to_owned)
                        .ok_or_else(|| Refused::field(name, "Not a string"))
                })
                .collect::<Result<_, _>>()?,
        ),
        Some(Value::String(text)) => Some(
            text.split(',')
                .map(|one| one.trim().to_owned())
                .filter(|one| !one.is_empty())
                .collect(),
        ),
        Some(_) => return Err(Refused::field(name, "Not a list")),
    })
}

/// The identifier of something that may come from elsewhere.
fn id(given: &Given) -> Option<Uuid> {
    given.get("id").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok())
}

fn list(given: &Given, name: &str) -> Result<Option<Vec<Value>>, Refused> {
    match nested(given, name)? {
        None => Ok(None),
        Some(Value::Array(all)) => Ok(Some(all)),
        Some(_) => Err(Refused::field(name, "Not a list")),
    }
}

pub(crate) fn package(given: &Given) -> Result<PackageInput, Refused> {
    let mut tags = Vec::new();
    for tag in list(given, "tags")?.unwrap_or_default() {
        match (&tag, tag.get("name").and_then(Value::as_str)) {
            (_, Some(name)) => tags.push(name.to_owned()),
            (Value::String(name), _) => tags.push(name.clone()),
            _ => return Err(Refused::field("tags", "Missing value")),
        }
    }
    if tags.is_empty() {
        tags.extend(
            text(given, "tag_string")
                .split(',')
                .map(|tag| tag.trim().to_owned())
                .filter(|tag| !tag.is_empty()),
        );
    }
    tags.sort();
    tags.dedup();
    let mut groups = Vec::new();
    for group in list(given, "groups")?.unwrap_or_default() {
        let named = ["name", "id"].iter().find_map(|key| group.get(key)?.as_str());
        match named.or(group.as_str()) {
            Some(named) => groups.push(named.to_owned()),
            None => return Err(Refused::field("groups", "Missing value")),
        }
    }
    let resources = match list(given, "resources")? {
        None => None,
        Some(all) => Some(
            all.iter()
                .map(|one| {
                    one.as_object()
                        .map(resource)
                        .ok_or_else(|| Refused::field("resources", "Not a dictionary"))?
                })
                .collect::<Result<Vec<_>, _>>()?,
        ),
    };
    Ok(PackageInput {
        id: id(given),
        name: text(given, "name"),
        unit: text(given, "owner_org"),
        private: flag(given, "private", false),
        body: PackageBody {
            title: text(given, "title"),
            title_en: text(given, "title_en"),
            notes: text(given, "notes"),
            notes_en: text(given, "notes_en"),
            author: text(given, "author"),
            author_email: text(given, "author_email"),
            maintainer: text(given, "maintainer"),
            maintainer_email: text(given, "maintainer_email"),
            license_id: text(given, "license_id"),
            url: text(given, "url"),
            version: text(given, "version"),
            code: text(given, "code"),
            cycle: text(given, "cycle"),
            tags,
            groups,
            extras: extras(given)?,
            dataset: None,
        },
        resources,
    })
}

fn extras(given: &Given) -> Result<Vec<Extra>, Refused> {
    let mut extras = Vec::new();
    for extra in list(given, "extras")?.unwrap_or_default() {
        let extra =
            extra.as_object().ok_or_else(|| Refused::field("extras", "Not a dictionary"))?;
        extras.push(Extra { key: text(extra, "key"), value: text(extra, "value") });
    }
    Ok(extras)
}

pub(crate) fn resource(given: &Given) -> Result<ResourceInput, Refused> {
    let size = match given.get("size") {
        None | Some(Value::Null) => None,
        Some(_) => u64::try_from(number(given, "size", 0)?).ok(),
    };
    let more = given.iter().filter(|(key, _)| !MANAGED.contains(&key.as_str()));
    Ok(ResourceInput {
        id: id(given),
        body: ResourceBody {
            name: text(given, "name"),
            description: text(given, "description"),
            format: format(&text(given, "format")),
            url: text(given, "url"),
            file: String::new(),
            mimetype: text(given, "mimetype"),
            size,
            hash: text(given, "hash"),
            more: more.map(|(key, value)| (key.clone(), value.clone())).collect(),
        },
        digest: None,
    })
}

pub(crate) fn collection(given: &Given) -> Result<CollectionInput, Refused> {
    Ok(CollectionInput {
        id: id(given),
        name: text(given, "name"),
        body: CollectionBody {
            title: text(given, "title"),
            title_en: text(given, "title_en"),
            description: text(given, "description"),
            image_url: text(given, "image_url"),
            code: text(given, "code"),
            extras: extras(given)?,
        },
    })
}

/// Fields, each with the values of which it must hold one.
pub(crate) type Filters = Vec<(String, Vec<Value>)>;

/// What is filtered by, if anything is.
pub(crate) fn filters(given: &Given) -> Result<Option<Filters>, Refused> {
    match nested(given, "filters")? {
        None => Ok(None),
        Some(Value::Object(filters)) => {
            let values = |value: Value| match value {
                Value::Array(any) => any,
                one => vec![one],
            };
            Ok(Some(filters.into_iter().map(|(field, value)| (field, values(value))).collect()))
        }
        Some(_) => Err(Refused::field("filters", "Not a dictionary")),
    }
}

/// Rows: a list of dictionaries.
pub(crate) fn records(given: &Given) -> Result<Vec<Given>, Refused> {
    let rows = list(given, "records")?.unwrap_or_default();
    rows.into_iter()
        .map(|row| match row {
            Value::Object(row) => Ok(row),
            _ => Err(Refused::field("records", "Not a dictionary")),
        })
        .collect()
}

/// What a dictionary becomes when another is laid over it.
pub(crate) fn patched(old: Value, over: &Given) -> Result<Given, Refused> {
    match old {
        Value::Object(mut whole) => {
            whole.extend(over.iter().map(|(key, value)| (key.clone(), value.clone())));
            Ok(whole)
        }
        _ => Err(Refused::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
            "not a dictionary",
        )),
    }
}
