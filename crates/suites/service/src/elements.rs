//! The data elements of the registries, as forms use them: the two engines do not know each other.

use std::sync::Arc;

use serde_json::Value;
use time::Date;
use zhengtong_base::{Lang, Text};
use zhengtong_form as form;
use zhengtong_registry as registry;

/// Answers the questions of forms from the registry's catalog.
#[derive(Clone, Debug)]
pub struct CityElements {
    catalog: Arc<registry::Catalog>,
    today: Date,
}

impl CityElements {
    /// Elements as they are in force on a day.
    pub fn new(catalog: Arc<registry::Catalog>, today: Date) -> Self {
        Self { catalog, today }
    }

    fn options(&self, list: &str) -> Vec<form::Choice> {
        let Some(list) = self.catalog.lists.get(list) else { return Vec::new() };
        list.entries
            .iter()
            .filter(|entry| {
                entry.valid_from <= self.today
                    && entry.valid_to.is_none_or(|last| self.today <= last)
            })
            .map(|entry| form::Choice {
                value: entry.code.clone(),
                label: entry.name.clone(),
                hint: None,
            })
            .collect()
    }
}

impl form::Elements for CityElements {
    fn element(&self, id: &str) -> Option<form::ElementInfo> {
        let element = self.catalog.elements.get(id)?;
        Some(form::ElementInfo {
            title: element.title.clone(),
            kind: kind(element.kind),
            hint: element.hint.clone(),
            unit: element.unit.clone(),
            max: element.max,
            min: element.min,
            options: element.codes.as_deref().map(|list| self.options(list)).unwrap_or_default(),
            sensitivity: sensitivity(element.sensitivity),
            authority: element.authority.clone(),
        })
    }

    fn ids(&self) -> Vec<String> {
        self.catalog.elements.keys().cloned().collect()
    }

    fn codes(&self, list: &str) -> Option<Vec<form::Choice>> {
        self.catalog.lists.contains_key(list).then(|| self.options(list))
    }

    fn code_lists(&self) -> Vec<String> {
        self.catalog.lists.keys().cloned().collect()
    }

    fn validate(&self, id: &str, raw: &str, today: Date) -> Result<Value, Text> {
        match self.catalog.elements.get(id) {
            Some(element) => registry::validate(&self.catalog, element, raw, today),
            None => Err(Text::new("这一项不在数据元里", "this is no data element")),
        }
    }

    fn display(&self, id: &str, value: &Value, lang: Lang) -> String {
        self.catalog.elements.get(id).map_or_else(String::new, |element| {
            registry::display(&self.catalog, element, value, lang, self.today)
        })
    }

    fn mask(&self, id: &str, value: &Value, lang: Lang) -> String {
        self.catalog.elements.get(id).map_or_else(String::new, |element| {
            registry::mask(&self.catalog, element, value, lang, self.today)
        })
    }
}

fn kind(kind: registry::ElementKind) -> form::FieldKind {
    match kind {
        registry::ElementKind::Text => form::FieldKind::Text,
        // A place is typed as two numbers, or brought as GeoJSON or WKT, which may have many lines.
        registry::ElementKind::LongText | registry::ElementKind::Geometry => {
            form::FieldKind::LongText
        }
        registry::ElementKind::Integer => form::FieldKind::Integer,
        registry::ElementKind::Decimal => form::FieldKind::Decimal,
        registry::ElementKind::Money => form::FieldKind::Money,
        registry::ElementKind::Boolean => form::FieldKind::Boolean,
        registry::ElementKind::Date => form::FieldKind::Date,
        registry::ElementKind::Code => form::FieldKind::Choice,
        registry::ElementKind::Codes => form::FieldKind::Choices,
        registry::ElementKind::File => form::FieldKind::File,
        registry::ElementKind::Address => form::FieldKind::Address,
    }
}

fn sensitivity(sensitivity: registry::Sensitivity) -> form::Sensitivity {
    match sensitivity {
        registry::Sensitivity::Public => form::Sensitivity::Public,
        registry::Sensitivity::Internal => form::Sensitivity::Internal,
        registry::Sensitivity::Personal => form::Sensitivity::Personal,
        registry::Sensitivity::Sensitive => form::Sensitivity::Sensitive,
    }
}
