//! Reading and writing JSON whose shape others decide.

use serde_json::Value;

/// A text under a name.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// Puts a value under a name, if there is a place for it.
pub(crate) fn put(place: Option<&mut Value>, name: &str, value: Value) {
    if let Some(object) = place.and_then(Value::as_object_mut) {
        object.insert(name.to_owned(), value);
    }
}
