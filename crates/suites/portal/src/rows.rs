//! The table behind a resource: its fields, its rows, what is asked of it. Those of the platform's datasets are read where they are.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use uuid::Uuid;
use zhengtong_base::FieldError;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::model::{Column, Package, Resource, Shape, Source};
use crate::reading::{self, thing};
use crate::store::{self, Asked};
use crate::write::note;
use crate::{opening, platform};

/// Rows that are given or taken at once at most.
pub const ROWS_MAX: i64 = 32_000;
/// Columns of a table.
const COLUMNS_MAX: usize = 300;
/// Characters of one value, when it is a text.
const VALUE_MAX: usize = 20_000;

/// What is asked of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Fields and the values one of which they must hold.
    pub filters: Vec<(String, Vec<Value>)>,
    /// Fields and what is looked for in each: a part of a text, the whole of anything else.
    pub parts: Vec<(String, String)>,
    /// Words that a row must hold.
    pub words: Vec<String>,
    /// The column it is ordered by, and whether backwards.
    pub order: Option<(String, bool)>,
    /// Rows that are left out at the beginning.
    pub start: i64,
    /// Rows that are given.
    pub rows: i64,
}

/// Rows of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The columns.
    pub fields: Vec<Column>,
    /// The rows, each with its number.
    pub records: Vec<(i64, Map<String, Value>)>,
    /// How many there are in all.
    pub total: i64,
    /// How many were given at most.
    pub limit: i64,
}

/// How rows are put into a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsert {
    /// Those with a known key are changed, the others added.
    Upsert,
    /// All are added; a known key is refused.
    Insert,
    /// Those with a known key are changed; the others are refused.
    Update,
}

/// The fields and the key of the table behind a resource, and how many rows it has.
pub async fn shape_of(ctx: &mut Ctx, id: &str) -> Result<(Resource, Shape, i64)> {
    let (package, resource, shape) = table_of(ctx, id).await?;
    let total = match &package.body.dataset {
        Some(dataset) => platform::extent(ctx, dataset).await?,
        None => store::extent(ctx.conn(), resource.id).await?.0,
    };
    Ok((resource, shape, total))
}

/// Rows of a table.
pub async fn fetch(ctx: &mut Ctx, id: &str, wanted: &Wanted) -> Result<Rows> {
    let (package, resource, shape) = table_of(ctx, id).await?;
    known_columns(&shape, wanted, std::iter::empty())?;
    match &package.body.dataset {
        Some(dataset) => platform::browse(ctx, dataset, shape, wanted).await,
        None => own(ctx, resource.id, shape, wanted).await,
    }
}

/// A resource with its dataset and its table.
pub(crate) async fn table_of(ctx: &mut Ctx, id: &str) -> Result<(Package, Resource, Shape)> {
    let (package, resource) = reading::resource(ctx, id).await?;
    let absent = || Error::Absent("datastore", id.to_owned());
    let shape = resource.shape.clone().ok_or_else(absent)?;
    Ok((package, resource, shape))
}

/// Refuses columns that the table does not have.
pub(crate) fn known_columns<'a>(
    shape: &Shape,
    wanted: &'a Wanted,
    also: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let named = wanted.filters.iter().map(|filter| filter.0.as_str());
    let named = named.chain(wanted.parts.iter().map(|part| part.0.as_str()));
    let named = named.chain(wanted.order.iter().map(|order| order.0.as_str())).chain(also);
    let known = |name: &str| name == "_id" || shape.fields.iter().any(|field| field.id == name);
    let fault = |name: &str| {
        let (zh, en) = (format!("没有列 {name}"), format!("field \"{name}\" does not exist"));
        FieldError::new("filters", zh, en)
    };
    let faults: Vec<FieldError> = named.filter(|name| !known(name)).map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

pub(crate) async fn own(
    ctx: &mut Ctx,
    resource: Uuid,
    shape: Shape,
    wanted: &Wanted,
) -> Result<Rows> {
    let asked = asked(&shape, wanted)?;
    let limit = asked.rows;
    let (records, mut total) = store::rows(ctx.conn(), resource, &asked).await?;
    if records.is_empty() && asked.start > 0 {
        let first = Asked { start: 0, rows: 1, ..asked };
        total = store::rows(ctx.conn(), resource, &first).await?.1;
    }
    Ok(Rows { fields: shape.fields, records, total, limit })
}

/// What is asked, as the table understands it: a part of a text, the whole of a number.
pub(crate) fn asked<'a>(shape: &Shape, wanted: &'a Wanted) -> Result<Asked<'a>> {
    let mut filters = wanted.filters.clone();
    let mut parts = Vec::new();
    for (name, part) in &wanted.parts {
        let field = shape.fields.iter().find(|field| field.id == *name);
        match field.and_then(|field| known_kind(&field.kind)) {
            Some(kind @ (Kind::Whole | Kind::Number | Kind::Flag)) => {
                let value = typed(kind, &Value::from(part.trim())).ok_or_else(|| {
                    let (zh, en) = (
                        format!("“{name}”这一列里没有这样的值"),
                        format!("\"{part}\" is no value of the field \"{name}\""),
                    );
                    Error::field(name, zh, en)
                })?;
                filters.push((name.clone(), vec![value]));
            }
            _ => parts.push((name.as_str(), store::like(part.trim()))),
        }
    }
    let order = wanted.order.as_ref().filter(|order| order.0 != "_id");
    Ok(Asked {
        filters,
        patterns: wanted.words.iter().map(|word| store::like(word)).collect(),
        parts,
        order: order.map(|(name, down)| (name.as_str(), *down)),
        start: wanted.start.max(0),
        rows: wanted.rows.clamp(0, ROWS_MAX),
    })
}

/// Gives a resource a table, or another one in the place of the old.
pub async fn start(
    ctx: &mut Ctx,
    id: &str,
    shape: &Shape,
    rows: &[Map<String, Value>],
) -> Result<Shape> {
    let (mut package, at) = writable(ctx, id).await?;
    let mut shape = shape.clone();
    if shape.fields.is_empty() {
        shape.fields = columns_of(rows);
    }
    check_shape(&shape)?;
    for resource in package.resources.iter_mut().skip(at).take(1) {
        if resource.shape.as_ref().is_some_and(|old| *old != shape) {
            store::delete_rows(ctx.conn(), resource.id, &[]).await?;
        }
        resource.shape = Some(shape.clone());
        resource.modified = ctx.now;
    }
    package.modified = ctx.now;
    store::keep_package(ctx.conn(), &package).await?;
    store::keep_resources(ctx.conn(), package.id, &package.resources).await?;
    note(ctx, "package", &package.name, "table").await?;
    if !rows.is_empty() {
        put(
            ctx,
            id,
            rows,
            if shape.primary_key.is_empty() { Upsert::Insert } else { Upsert::Upsert },
        )
        .await?;
    }
    Ok(shape)
}

/// Puts rows into a table. Nothing is put when one of them cannot be, or when they hold what must not be opened.
pub async fn put(ctx: &mut Ctx, id: &str, rows: &[Map<String, Value>], how: Upsert) -> Result<u64> {
    let (package, at) = writable(ctx, id).await?;
    let Some(resource) = package.resources.get(at) else {
        return Err(Error::Absent("resource", id.to_owned()));
    };
    let shape = resource.shape.clone().ok_or_else(|| Error::Absent("datastore", id.to_owned()))?;
    if i64::try_from(rows.len()).unwrap_or(i64::MAX) > ROWS_MAX {
        return Err(Error::field("records", "一次最多 32000 行", "at most 32000 records at once"));
    }
    if how != Upsert::Insert && shape.primary_key.is_empty() {
        return Err(Error::field(
            "fields",
            "这张表没有主键",
            "table does not have a unique key defined",
        ));
    }
    let checked = rows.iter().map(|row| check_row(&shape, row)).collect::<Result<Vec<_>>>()?;
    if !package.private {
        opening::admissible(china_date(ctx.now), &shape, &checked)?;
    }
    let (_, last) = store::extent(ctx.conn(), resource.id).await?;
    // The last of several rows with the same key counts.
    let mut keyed: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbered: Vec<(i64, Option<String>, Value)> = Vec::with_capacity(checked.len());
    for (number, row) in (last + 1..).zip(checked) {
        let key = key_of(&shape, &row)?;
        match key.as_ref().and_then(|key| keyed.get(key)) {
            Some(_) if how == Upsert::Insert => return Err(twice()),
            Some(place) => {
                if let Some(place) = numbered.get_mut(*place) {
                    place.2 = Value::Object(row);
                }
                continue;
            }
            None => {}
        }
        if let Some(key) = &key {
            keyed.insert(key.clone(), numbered.len());
        }
        numbered.push((number, key, Value::Object(row)));
    }
    let count = u64::try_from(numbered.len()).unwrap_or(u64::MAX);
    let done = match how {
        Upsert::Update => store::change_rows(ctx.conn(), resource.id, &numbered).await?,
        how => store::put_rows(ctx.conn(), resource.id, &numbered, how == Upsert::Upsert).await?,
    };
    match how {
        Upsert::Insert if done < count => return Err(twice()),
        Upsert::Update if done < count => {
            return Err(Error::field("records", "有的主键不存在", "key not found"));
        }
        _ => {}
    }
    if !package.private {
        opening::groups(ctx, resource.id, &shape).await?;
    }
    let now = ctx.now;
    store::touch(ctx.conn(), resource.id, now).await?;
    note(ctx, "package", &package.name, "rows").await?;
    Ok(done)
}

/// Takes rows away; without filters the table too. Gives how many rows there were.
pub async fn forget(
    ctx: &mut Ctx,
    id: &str,
    filters: Option<&[(String, Vec<Value>)]>,
) -> Result<u64> {
    let (mut package, at) = writable(ctx, id).await?;
    let Some(resource) = package.resources.get_mut(at) else {
        return Err(Error::Absent("resource", id.to_owned()));
    };
    if resource.shape.is_none() {
        return Err(Error::Absent("datastore", id.to_owned()));
    }
    let gone = store::delete_rows(ctx.conn(), resource.id, filters.unwrap_or_default()).await?;
    resource.modified = ctx.now;
    let now = ctx.now;
    store::touch(ctx.conn(), resource.id, now).await?;
    if filters.is_none() {
        resource.shape = None;
        store::keep_resources(ctx.conn(), package.id, &package.resources).await?;
    }
    note(ctx, "package", &package.name, "rows").await?;
    Ok(gone)
}

/// The dataset that a program may write to, and the place of the resource in it.
async fn writable(ctx: &mut Ctx, id: &str) -> Result<(Package, usize)> {
    let absent = || Error::Absent("resource", id.to_owned());
    let resource = Uuid::parse_str(id).map_err(|_shape| absent())?;
    let found = store::resource(ctx.conn(), resource).await?.ok_or_else(absent)?;
    let package = reading::find(ctx, &found.package.to_string()).await?;
    ctx.allow("portal.write", &thing(Some(package.unit.department)))?;
    if package.source == Source::Platform {
        return Err(Error::field(
            "resource_id",
            "这是平台的数据集，请在平台上改",
            "Cannot edit read-only resource",
        ));
    }
    let at = package.resources.iter().position(|one| one.id == resource).ok_or_else(absent)?;
    Ok((package, at))
}

fn twice() -> Error {
    Error::field("records", "主键重复", "duplicate key value violates unique constraint")
}

fn columns_of(rows: &[Map<String, Value>]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (name, value) in rows.iter().take(100).flatten() {
        if columns.iter().any(|column| column.id == *name) {
            continue;
        }
        let kind = match value {
            Value::Bool(_) => "bool",
            Value::Number(number) if number.is_f64() => "numeric",
            Value::Number(_) => "int",
            Value::Object(_) | Value::Array(_) => "json",
            Value::Null | Value::String(_) => "text",
        };
        columns.push(Column { id: name.clone(), kind: kind.to_owned(), info: None });
    }
    columns
}

fn check_shape(shape: &Shape) -> Result<()> {
    let mut faults = Vec::new();
    let mut add = |zh: String, en: String| faults.push(FieldError::new("fields", zh, en));
    if shape.fields.is_empty() || shape.fields.len() > COLUMNS_MAX {
        add("要有 1 到 300 列".to_owned(), "1 to 300 fields are needed".to_owned());
    }
    for (at, field) in shape.fields.iter().enumerate() {
        let name = &field.id;
        let sound = !name.trim().is_empty()
            && name.len() <= 63
            && !name.starts_with('_')
            && !name.contains(['"', '\n', '\0']);
        if !sound {
            add(format!("列名“{name}”不能用"), format!("\"{name}\" is not a valid field name"));
        }
        if shape.fields.iter().skip(at + 1).any(|other| other.id == *name) {
            add(format!("列名“{name}”重复"), format!("field \"{name}\" stands twice"));
        }
        if !opening::is_told_well(field) {
            add(
                format!(
                    "{name} 的 info.privacy 只能是 attribute（合起来能认出人的）或 count（人数）"
                ),
                format!(
                    "info.privacy of \"{name}\" must be attribute (tells people apart with others) or count (of people)"
                ),
            );
        }
        if known_kind(&field.kind).is_none() {
            add(
                format!("没有类型 {}", field.kind),
                format!("\"{}\" is not a valid field type", field.kind),
            );
        }
    }
    for name in &shape.primary_key {
        if !shape.fields.iter().any(|field| field.id == *name) {
            add(
                format!("主键列 {name} 不在表里"),
                format!("the key field \"{name}\" is not a field"),
            );
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// What the values of a column are.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Whole,
    Number,
    Flag,
    Json,
}

/// What the word for a type means; none when it is no type.
pub(crate) fn known_kind(word: &str) -> Option<Kind> {
    Some(match word {
        "text" | "date" | "timestamp" | "timestamptz" | "time" | "varchar" => Kind::Text,
        "int" | "int4" | "int8" | "integer" | "bigint" => Kind::Whole,
        "numeric" | "float" | "float8" | "double precision" => Kind::Number,
        "bool" | "boolean" => Kind::Flag,
        "json" | "jsonb" => Kind::Json,
        _ => return None,
    })
}

/// A row of known fields, each value as its type wants it.
fn check_row(shape: &Shape, row: &Map<String, Value>) -> Result<Map<String, Value>> {
    let mut kept = Map::new();
    for (name, value) in row.iter().filter(|(name, _)| *name != "_id") {
        let Some(field) = shape.fields.iter().find(|field| field.id == *name) else {
            return Err(Error::field(
                "records",
                format!("没有列 {name}"),
                format!("row has extra keys \"{name}\""),
            ));
        };
        let wrong = || {
            Error::field(
                "records",
                format!("“{name}”的值不是 {}", field.kind),
                format!("invalid input for field \"{name}\" of type {}", field.kind),
            )
        };
        let kind = known_kind(&field.kind).ok_or_else(wrong)?;
        kept.insert(name.clone(), typed(kind, value).ok_or_else(wrong)?);
    }
    Ok(kept)
}

fn typed(kind: Kind, value: &Value) -> Option<Value> {
    match (kind, value) {
        (_, Value::Null) | (Kind::Flag, Value::Bool(_)) | (Kind::Number, Value::Number(_)) => {
            Some(value.clone())
        }
        (Kind::Json, value) => {
            let long = value.to_string().chars().count() > VALUE_MAX;
            (!long && !holds_nul(value)).then(|| value.clone())
        }
        (Kind::Whole, Value::Number(number)) => number.as_i64().map(Value::from),
        (Kind::Text, Value::String(text)) => {
            (text.chars().count() <= VALUE_MAX && !text.contains('\0')).then(|| value.clone())
        }
        (Kind::Text, Value::Number(_) | Value::Bool(_)) => Some(Value::from(value.to_string())),
        (Kind::Whole, Value::String(text)) if !text.is_empty() => {
            text.trim().parse::<i64>().ok().map(Value::from)
        }
        (Kind::Number, Value::String(text)) if !text.is_empty() => text
            .trim()
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map(Value::Number),
        (Kind::Whole | Kind::Number | Kind::Flag, Value::String(text)) if text.is_empty() => {
            Some(Value::Null)
        }
        (Kind::Flag, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "1" => Some(true.into()),
            "false" | "f" | "no" | "0" => Some(false.into()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a NUL stands anywhere in a value: no database takes one.
pub fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(holds_nul),
        Value::Object(all) => all.iter().any(|(name, one)| name.contains('\0') || holds_nul(one)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What makes a row the same when it comes again.
fn key_of(shape: &Shape, row: &Map<String, Value>) -> Result<Option<String>> {
    if shape.primary_key.is_empty() {
        return Ok(None);
    }
    let mut key = Vec::new();
    for name in &shape.primary_key {
        match row.get(name) {
            None | Some(Value::Null) => {
                return Err(Error::field(
                    "records",
                    format!("缺主键列 {name}"),
                    format!("the key field \"{name}\" is missing"),
                ));
            }
            Some(value) => key.push(value.clone()),
        }
    }
    Ok(Some(Value::from(key).to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape() -> Shape {
        let column =
            |id: &str, kind: &str| Column { id: id.to_owned(), kind: kind.to_owned(), info: None };
        Shape {
            fields: vec![
                column("a", "int"),
                column("b", "text"),
                column("c", "bool"),
                column("j", "json"),
            ],
            primary_key: vec!["a".to_owned()],
        }
    }

    fn row(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn values_have_the_type_of_their_column() {
        let kept =
            check_row(&shape(), &row(&json!({ "a": "12", "b": 3, "c": "yes", "_id": 9 }))).unwrap();
        assert_eq!(Value::Object(kept.clone()), json!({ "a": 12, "b": "3", "c": true }));
        assert_eq!(key_of(&shape(), &kept).unwrap().as_deref(), Some("[12]"));
        for wrong in [
            json!({ "a": "x" }),
            json!({ "a": 1.5 }),
            json!({ "d": 1 }),
            json!({ "c": "maybe" }),
            json!({ "b": "a\u{0}" }),
            json!({ "j": { "deep": ["a\u{0}"] } }),
            json!({ "j": { "a\u{0}": 1 } }),
            json!({ "j": "长".repeat(VALUE_MAX) }),
        ] {
            assert!(check_row(&shape(), &row(&wrong)).is_err(), "{wrong}");
        }
        assert!(key_of(&shape(), &row(&json!({ "b": "x" }))).is_err());
    }

    #[test]
    fn a_table_has_sound_columns() {
        assert!(check_shape(&shape()).is_ok());
        let column =
            |id: &str, kind: &str| Column { id: id.to_owned(), kind: kind.to_owned(), info: None };
        for (fields, key) in [
            (vec![], vec![]),
            (vec![column("_id", "int")], vec![]),
            (vec![column("a\"; DROP TABLE x", "int")], vec![]),
            (vec![column("a", "int"), column("a", "text")], vec![]),
            (vec![column("a", "money")], vec![]),
            (vec![column("a", "int")], vec!["b".to_owned()]),
        ] {
            assert!(check_shape(&Shape { fields, primary_key: key }).is_err());
        }
        let guessed =
            columns_of(&[row(&json!({ "n": 1, "t": "x" })), row(&json!({ "f": 1.5, "n": 2 }))]);
        let kinds: Vec<(&str, &str)> =
            guessed.iter().map(|one| (one.id.as_str(), one.kind.as_str())).collect();
        assert_eq!(kinds, [("n", "int"), ("t", "text"), ("f", "numeric")]);
    }
}
