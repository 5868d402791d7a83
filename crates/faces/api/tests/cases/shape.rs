//! Whether an answer has exactly the shape that the description promises: nothing missing, nothing more.

use serde_json::Value;
use zhengtong_api::document;

use crate::world::Got;

/// Checks an answer against what the description says of reading this address, and of its status.
pub(crate) fn fits(got: &Got, described: &str) {
    fits_of(got, "get", described);
}

/// The same of another method.
pub(crate) fn fits_of(got: &Got, method: &str, described: &str) {
    let status = got.status.as_u16().to_string();
    let operation = &document()["paths"][described][method];
    let content = &operation["responses"][&status]["content"];
    let kind = got.header(axum::http::header::CONTENT_TYPE).split(';').next().unwrap_or_default();
    let schema = &content[kind]["schema"];
    assert!(schema.is_object(), "{described} {status} {kind} is not described");
    if kind.contains("json") {
        check(schema, &got.json(), described);
    }
}

fn check(schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return check(document().pointer(pointer).unwrap(), value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let real = choices.iter().find(|choice| choice["type"] != "null").unwrap();
        assert!(choices.len() == 2, "{at}");
        if !value.is_null() {
            check(real, value, at);
        }
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        other => panic!("{at}: {other}"),
    };
    assert!(kinds.contains(&kind), "{at} is {kind}, described as {kinds:?}");
    match value {
        Value::Array(list) => {
            for inner in list {
                check(&schema["items"], inner, &format!("{at}[]"));
            }
        }
        Value::Object(object) => object_fits(schema, object, at),
        _ => {}
    }
}

fn object_fits(schema: &Value, object: &serde_json::Map<String, Value>, at: &str) {
    let Some(fields) = schema["properties"].as_object() else { return };
    for (name, inner) in object {
        let field = fields.get(name).unwrap_or_else(|| panic!("{at}/{name} is not described"));
        check(field, inner, &format!("{at}/{name}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(object.contains_key(name), "{at}/{name} is missing");
    }
}
