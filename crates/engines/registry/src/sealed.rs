//! Which fields stand sealed, and how a value becomes sealed bytes and comes back. A sealed field has no
//! column of its own name: `name#sealed` holds the bytes, and `name#index` the blind index of fields that
//! are looked up by their whole value.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;
use zhengtong_crypto::{SealError, Sealer, from_hex, to_hex};
use zhengtong_db::{Error as DbError, Keyring};

use crate::error::Result;
use crate::model::{Catalog, Dataset, Element, ElementKind, Field, Sensitivity};

/// How PostgreSQL writes bytes as text.
const BYTES: &str = "\\x";
/// How sealed bytes begin when they stand in a text.
const SEALED_TEXT: &str = "\\x5a01";

/// The declarations and the keys, as the statements need them.
pub(crate) struct Sealing<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) ring: &'a Keyring,
}

/// The check rule of the names of persons.
const PERSON_NAME: &str = "person-name";

impl Element {
    /// Whether values stand sealed in the tables: what harms whoever it is about, and the names of persons, without
    /// which the rest of a row is about nobody.
    pub fn is_sealed(&self) -> bool {
        let named = self.is_name() && self.sensitivity >= Sensitivity::Personal;
        named || self.sensitivity >= Sensitivity::Sensitive
    }

    fn is_name(&self) -> bool {
        self.check.as_deref() == Some(PERSON_NAME)
    }
}

impl Catalog {
    /// Whether a field stands sealed in its table.
    pub fn is_sealed(&self, field: &Field) -> bool {
        self.element(&field.element).is_some_and(Element::is_sealed)
    }

    /// Whether a sealed field can be found by its value. Values of which there are only a few have no index: how
    /// often each occurs would tell which it is. Nor have names, for the same reason, and because nobody is to be
    /// looked for by name.
    pub fn is_indexed(&self, dataset: &Dataset, field: &Field) -> bool {
        let named = dataset.key.contains(&field.name) || field.references.is_some();
        let coded = |element: &Element| element.check.is_some() && !element.is_name();
        named || self.element(&field.element).is_some_and(coded)
    }
}

/// The names of all sealed fields, which need keys.
pub fn sealed_fields(catalog: &Catalog) -> BTreeSet<String> {
    let of = |dataset: &Dataset| {
        let sealed = dataset.fields.iter().filter(|field| catalog.is_sealed(field));
        sealed.map(|field| key_name(dataset, field)).collect::<Vec<_>>()
    };
    catalog.datasets.values().flat_map(of).collect()
}

/// The name of the key of a field.
pub(crate) fn key_name(dataset: &Dataset, field: &Field) -> String {
    format!("registry.{}.{}", dataset.id, field.name)
}

/// The column of the sealed bytes.
pub(crate) fn sealed_column(field: &str) -> String {
    format!("{field}#sealed")
}

/// The column of the blind index.
pub(crate) fn index_column(field: &str) -> String {
    format!("{field}#index")
}

/// The column by which a field is compared.
pub(crate) fn compared_column(catalog: &Catalog, field: &Field) -> String {
    if catalog.is_sealed(field) { index_column(&field.name) } else { field.name.clone() }
}

/// Where a value stands: it opens only there.
pub(crate) fn place(record: Uuid) -> String {
    record.to_string()
}

impl Sealing<'_> {
    /// Seals the text of a value.
    pub(crate) fn seal(
        &self,
        dataset: &Dataset,
        field: &Field,
        record: Uuid,
        text: &str,
    ) -> Result<Vec<u8>> {
        let sealed = self.ring.seal(&key_name(dataset, field), &place(record), text.as_bytes());
        Ok(sealed.map_err(DbError::from)?)
    }

    /// The blind index of a value.
    pub(crate) fn index(&self, dataset: &Dataset, field: &Field, text: &str) -> Result<[u8; 16]> {
        Ok(self.ring.index(&key_name(dataset, field), text).map_err(DbError::from)?)
    }

    /// Opens a value that a statement gave as text; a value that is not sealed comes back as it is.
    pub(crate) fn open(
        &self,
        dataset: &Dataset,
        field: &Field,
        record: Uuid,
        value: Value,
    ) -> Result<Value> {
        let Value::String(text) = &value else { return Ok(value) };
        if !text.starts_with(SEALED_TEXT) {
            return Ok(value);
        }
        let bytes = text.strip_prefix(BYTES).and_then(from_hex).ok_or(SealError::NotSealed);
        let bytes = bytes.map_err(DbError::from)?;
        let plain = self.ring.open_text(&key_name(dataset, field), &place(record), &bytes);
        let kind = self.catalog.element(&field.element).map(|element| element.kind);
        Ok(value_of(kind.unwrap_or(ElementKind::Text), plain.map_err(DbError::from)?))
    }

    /// A value as it stands in the record of earlier states: sealed fields as text of their bytes.
    pub(crate) fn kept(
        &self,
        dataset: &Dataset,
        record: Uuid,
        values: &std::collections::BTreeMap<String, Value>,
    ) -> Result<std::collections::BTreeMap<String, Value>> {
        let mut kept = values.clone();
        for (name, value) in &mut kept {
            let field = dataset.field(name).filter(|field| self.catalog.is_sealed(field));
            if let (Some(field), Some(text)) = (field, crate::value::raw(value)) {
                let sealed = self.seal(dataset, field, record, &text)?;
                *value = Value::String(bytes_text(&sealed));
            }
        }
        Ok(kept)
    }
}

/// The key of a column of a bulk load, set up once.
pub(crate) struct Bulk {
    sealer: std::sync::Arc<Sealer>,
    key: String,
    indexed: bool,
}

impl Bulk {
    pub(crate) fn new(sealing: &Sealing<'_>, dataset: &Dataset, field: &Field) -> Result<Self> {
        let key = key_name(dataset, field);
        let sealer = sealing.ring.sealer(&key).map_err(DbError::from)?;
        Ok(Self { sealer, key, indexed: sealing.catalog.is_indexed(dataset, field) })
    }

    pub(crate) fn is_indexed(&self) -> bool {
        self.indexed
    }

    /// Appends the sealed value to a line of `COPY`, and its index when the field has one.
    pub(crate) fn cell(
        &self,
        sealing: &Sealing<'_>,
        place: &str,
        value: Option<&str>,
        line: &mut String,
    ) -> Result<()> {
        let Some(value) = value else {
            line.push_str(if self.indexed { "\\N\t\\N" } else { "\\N" });
            return Ok(());
        };
        let sealed = self.sealer.seal(place, value.as_bytes()).map_err(DbError::from)?;
        line.push_str("\\\\x");
        line.push_str(&to_hex(&sealed));
        if self.indexed {
            let index = sealing.ring.index(&self.key, value).map_err(DbError::from)?;
            line.push_str("\t\\\\x");
            line.push_str(&to_hex(&index));
        }
        Ok(())
    }
}

/// Bytes as PostgreSQL writes them.
pub(crate) fn bytes_text(bytes: &[u8]) -> String {
    format!("{BYTES}{}", to_hex(bytes))
}

/// The value of a text that was sealed.
pub(crate) fn value_of(kind: ElementKind, text: String) -> Value {
    match kind {
        ElementKind::Integer | ElementKind::Decimal | ElementKind::Money => {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        ElementKind::Boolean => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(text),
        },
        ElementKind::Codes => {
            text.split(',').filter(|code| !code.is_empty()).map(Value::from).collect()
        }
        _ => Value::String(text),
    }
}
