//! The named values an expression may see.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kind::Kinds;
use crate::temporal::DateTime;
use crate::value::Value;

/// Named values, and the moment that `now()` and `today()` give. A dotted name is a path: `set("clock.promised", v)` nests
/// contexts, so that data elements such as `org.credit_code` can be given by their full name. Copying one is cheap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    names: Arc<BTreeMap<String, Value>>,
    now: Option<DateTime>,
    kinds: Arc<Kinds>,
}

impl Scope {
    /// No names at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// All entries of a JSON object, dotted keys as paths.
    pub fn from_json(object: &serde_json::Map<String, serde_json::Value>) -> Self {
        // Sorted, so that "org" comes before "org.name" and does not replace it.
        let sorted: BTreeMap<&String, &serde_json::Value> = object.iter().collect();
        let mut scope = Self::new();
        for (name, value) in sorted {
            scope.set(name, Value::from(value));
        }
        scope
    }

    /// Gives a name a value; a later value replaces an earlier one.
    pub fn set(&mut self, name: &str, value: Value) -> &mut Self {
        insert(Arc::make_mut(&mut self.names), name, value, SEGMENTS_MAX);
        self
    }

    /// Gives a whole name a value, dots and all.
    pub fn set_whole(&mut self, name: &str, value: Value) {
        Arc::make_mut(&mut self.names).insert(name.to_owned(), value);
    }

    /// The moment of `now()` and `today()`; without one both are `null`.
    #[must_use]
    pub fn at(mut self, now: DateTime) -> Self {
        self.now = Some(now);
        self
    }

    pub(crate) fn with_kinds(mut self, kinds: Arc<Kinds>) -> Self {
        self.kinds = kinds;
        self
    }

    /// As [`Scope::set`], for building in one expression.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value.into());
        self
    }

    /// The value of a root name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.names.get(name)
    }

    pub(crate) fn now(&self) -> Option<DateTime> {
        self.now
    }

    pub(crate) fn kinds(&self) -> &Kinds {
        &self.kinds
    }
}

/// Deeper paths keep their tail as one name.
const SEGMENTS_MAX: usize = 16;

fn insert(names: &mut BTreeMap<String, Value>, name: &str, value: Value, segments: usize) {
    match name.split_once('.') {
        Some((root, rest)) if segments > 1 && !root.is_empty() && !rest.is_empty() => {
            let mut inner = match names.get(root) {
                Some(Value::Context(inner)) => BTreeMap::clone(inner),
                _ => BTreeMap::new(),
            };
            insert(&mut inner, rest, value, segments - 1);
            names.insert(root.to_owned(), Value::Context(Arc::new(inner)));
        }
        _ => {
            names.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;
    use crate::Expr;

    #[test]
    fn dotted_names_are_paths() {
        let data =
            serde_json::json!({"org.name": "甲", "org.credit_code": "x", "org": {"kind": "a"}});
        let scope = Scope::from_json(data.as_object().unwrap());
        let expr = Expr::parse("org.name + org.credit_code + org.kind").unwrap();
        assert_eq!(expr.eval(&scope).unwrap().to_string(), "甲xa");
        assert!(scope.get("org.name").is_none());
    }

    #[test]
    fn many_segments_do_not_hurt() {
        let scope = Scope::new().with(&"a.".repeat(300_000), 1);
        assert!(scope.get("a").is_some());
    }
}
