//! The actions that read the tables behind resources.

use serde_json::{Map, Value, json};
use zhengtong_db::Ctx;
use zhengtong_portal::{Column, Rows, Wanted};

use super::{Asked, Refused, Said, given};

pub(crate) const ACTIONS: &[&str] = &["datastore_search", "datastore_info"];

pub(crate) async fn read(ctx: &mut Ctx, name: &str, asked: &Asked) -> Said {
    if name == "datastore_info" { info(ctx, asked).await } else { search(ctx, asked).await }
}

async fn info(ctx: &mut Ctx, asked: &Asked) -> Said {
    let id = id(asked)?;
    let (resource, shape, count) = zhengtong_portal::shape_of(ctx, &id).await?;
    let fields: Vec<Value> = shape.fields.iter().map(|field| {
        json!({
            "id": field.id, "type": field.kind, "info": field.info,
            "schema": { "native_type": field.kind, "is_index": shape.primary_key.contains(&field.id), "notnull": false },
        })
    }).collect();
    Ok(
        json!({ "id": resource.id, "meta": { "id": resource.id, "count": count, "table_type": "BASE TABLE" }, "fields": fields }),
    )
}

fn id(asked: &Asked) -> Result<String, Refused> {
    given::needed(&asked.given, "resource_id").or_else(|_none| given::needed(&asked.given, "id"))
}

async fn search(ctx: &mut Ctx, asked: &Asked) -> Said {
    let given = &asked.given;
    let id = id(asked)?;
    let (limit, start) = (given::number(given, "limit", 100)?, given::number(given, "offset", 0)?);
    if limit < 0 || start < 0 {
        return Err(Refused::field(
            if limit < 0 { "limit" } else { "offset" },
            "Must be a natural number",
        ));
    }
    let mut wanted = Wanted {
        filters: given::filters(given)?.unwrap_or_default(),
        parts: Vec::new(),
        words: Vec::new(),
        order: order(&given::text(given, "sort"))?,
        start,
        rows: limit,
    };
    match given::nested(given, "q")? {
        None => {}
        Some(Value::String(words)) => {
            wanted.words = words.split_whitespace().map(str::to_owned).collect();
        }
        Some(Value::Object(fields)) => {
            // Words for a field: it must hold them.
            let part = |(name, word): (String, Value)| match word {
                Value::String(word) => Ok((name, word)),
                Value::Number(number) => Ok((name, number.to_string())),
                _ => Err(Refused::field("q", "Not a string")),
            };
            wanted.parts = fields.into_iter().map(part).collect::<Result<_, _>>()?;
        }
        Some(_) => return Err(Refused::field("q", "Not a string or a dictionary")),
    }
    let rows = zhengtong_portal::fetch(ctx, &id, &wanted).await?;
    let only = given::names(given, "fields")?;
    if let Some(unknown) = only
        .iter()
        .flatten()
        .find(|name| *name != "_id" && !rows.fields.iter().any(|one| one.id == **name))
    {
        return Err(Refused::field("fields", &format!("field \"{unknown}\" not in table")));
    }
    let format = given::text(given, "records_format");
    let format = if format.is_empty() { "objects" } else { &format };
    let fields = fields(&rows, only.as_deref());
    let records = records(&rows, &fields, format)?;
    let next = start.saturating_add(rows.limit);
    let link = |offset: i64| {
        format!(
            "/api/3/action/datastore_search?resource_id={id}&limit={}&offset={offset}",
            rows.limit
        )
    };
    let mut said = json!({
        "resource_id": id, "fields": fields, "records": records, "records_format": format, "limit": rows.limit,
        "include_total": true, "_links": { "start": link(0), "next": link(next) },
    });
    if let Some(said) = said.as_object_mut() {
        if start > 0 {
            said.insert("offset".to_owned(), start.into());
        }
        if given::flag(given, "include_total", true) {
            said.insert("total".to_owned(), rows.total.into());
            said.insert("total_was_estimated".to_owned(), false.into());
        } else {
            said.insert("include_total".to_owned(), false.into());
        }
    }
    Ok(said)
}

/// By the first column that is named.
fn order(text: &str) -> Result<Option<(String, bool)>, Refused> {
    let first = text.split(',').next().unwrap_or_default().trim();
    if first.is_empty() {
        return Ok(None);
    }
    let (name, way) = match first.rsplit_once(' ') {
        Some((name, way)) if matches!(way.to_ascii_lowercase().as_str(), "asc" | "desc") => {
            (name, way)
        }
        _ => (first, "asc"),
    };
    let name = name.trim().trim_matches('"');
    if name.is_empty() {
        return Err(Refused::field("sort", "invalid sort"));
    }
    Ok(Some((name.to_owned(), way.eq_ignore_ascii_case("desc"))))
}

fn fields(rows: &Rows, only: Option<&[String]>) -> Vec<Value> {
    let shown =
        |column: &Column| json!({ "id": column.id, "type": column.kind, "info": column.info });
    match only {
        None => std::iter::once(json!({ "id": "_id", "type": "int" }))
            .chain(rows.fields.iter().map(shown))
            .collect(),
        Some(only) => only
            .iter()
            .map(|name| {
                let known = rows.fields.iter().find(|column| column.id == *name);
                known.map_or_else(|| json!({ "id": name, "type": "int" }), shown)
            })
            .collect(),
    }
}

fn records(rows: &Rows, fields: &[Value], format: &str) -> Said {
    let names: Vec<&str> = fields.iter().filter_map(|field| field.get("id")?.as_str()).collect();
    let value = |number: i64, record: &Map<String, Value>, name: &str| match name {
        "_id" => number.into(),
        name => record.get(name).cloned().unwrap_or(Value::Null),
    };
    let lists = || {
        rows.records
            .iter()
            .map(|(number, record)| names.iter().map(|name| value(*number, record, name)).collect())
    };
    match format {
        "objects" => Ok(rows
            .records
            .iter()
            .map(|(number, record)| {
                names
                    .iter()
                    .map(|name| ((*name).to_owned(), value(*number, record, name)))
                    .collect::<Map<_, _>>()
            })
            .map(Value::Object)
            .collect()),
        "lists" => Ok(lists().map(|cells: Vec<Value>| Value::from(cells)).collect()),
        "csv" | "tsv" => {
            let separator = if format == "csv" { ',' } else { '\t' };
            Ok(lists().map(|cells: Vec<Value>| line(&cells, separator)).collect::<String>().into())
        }
        _ => Err(Refused::field("records_format", "must be one of: objects, lists, csv, tsv")),
    }
}

fn line(cells: &[Value], separator: char) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell, separator)).collect();
    format!("{}\r\n", cells.join(&separator.to_string()))
}

fn quoted(cell: &Value, separator: char) -> String {
    let text = match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.contains([separator, '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
