//! The data that a template sees. Its keys are a promise to the authors of packs.

use serde::Serialize;
use serde_json::{Map, Value, json};
use time::{Date, OffsetDateTime};
use zhengtong_base::Text;

use crate::model::{Document, day_in_china, iso, iso_or_none};
use crate::part::Definition;
use crate::render::{Paper, Settings};

/// The data of a paper that has no row of its own, such as a receipt.
#[derive(Clone, Debug, Default)]
pub struct Loose {
    /// The number that is printed.
    pub number: String,
    /// The name of whoever it is for.
    pub holder_name: String,
    /// The name of the organisation that gives it.
    pub issuer_name: String,
    /// The case.
    pub case_no: Option<String>,
    /// What the template prints besides, an object.
    pub facts: Value,
    /// What the QR code and the line beside it hold, such as the page where the case can be followed.
    pub link: Option<String>,
}

#[derive(Serialize)]
struct Input<'a> {
    number: &'a str,
    identifier: Option<&'a str>,
    code: &'a str,
    verify_url: Option<&'a str>,
    title: &'a Text,
    kind: &'a str,
    holder: Value,
    issuer: Value,
    #[serde(serialize_with = "iso")]
    issued: Date,
    #[serde(serialize_with = "iso")]
    valid_from: Date,
    #[serde(serialize_with = "iso_or_none")]
    valid_to: Option<Date>,
    case_no: Option<&'a str>,
    preview: bool,
    facts: &'a Value,
}

/// A paper that was issued, as it is made again and again with the same bytes.
pub(crate) fn issued(settings: &Settings, document: &Document) -> Paper {
    let url = settings.verify_url(&document.code);
    let kind = if document.holder_organisation.is_some() { "organisation" } else { "person" };
    let input = Input {
        number: &document.number,
        identifier: document.identifier.as_deref(),
        code: &document.code,
        verify_url: Some(&url),
        title: &document.title,
        kind: document.kind.word(),
        holder: json!({ "name": document.holder_name, "kind": kind }),
        issuer: json!({ "name": document.issuer_name }),
        issued: day_in_china(document.issued_at),
        valid_from: document.valid_from,
        valid_to: document.valid_to,
        case_no: document.case_no.as_deref(),
        preview: false,
        facts: &document.data,
    };
    let data = value(&input);
    Paper { data, qr: Some(url), ident: document.id.to_string(), at: document.issued_at }
}

/// A paper without a row: it is not kept here, and not verified by a code.
pub fn loose(definition: &Definition, loose: &Loose, at: OffsetDateTime) -> Paper {
    let today = day_in_china(at);
    let input = Input {
        number: &loose.number,
        identifier: None,
        code: "",
        verify_url: loose.link.as_deref(),
        title: &definition.declared.title,
        kind: definition.declared.kind.word(),
        holder: json!({ "name": loose.holder_name }),
        issuer: json!({ "name": loose.issuer_name }),
        issued: today,
        valid_from: today,
        valid_to: None,
        case_no: loose.case_no.as_deref(),
        preview: false,
        facts: &loose.facts,
    };
    let ident = format!("{}:{}", definition.template(), loose.number);
    Paper { data: value(&input), qr: loose.link.clone(), ident, at }
}

/// A sample of a paper: the facts of the declaration, overlaid with `facts`, under invented names.
pub(crate) fn sample(
    settings: &Settings,
    definition: &Definition,
    facts: &Value,
    at: OffsetDateTime,
) -> Paper {
    let today = day_in_china(at);
    let mut all: Map<String, Value> = definition.declared.sample.clone().into_iter().collect();
    if let Value::Object(given) = facts {
        all.extend(given.clone());
    }
    let (code, facts) = ("0000000000000000000000SMPE", Value::Object(all));
    let url = settings.verify_url(code);
    let input = Input {
        number: "SAMPLE-00000",
        identifier: None,
        code,
        verify_url: Some(&url),
        title: &definition.declared.title,
        kind: definition.declared.kind.word(),
        holder: json!({ "name": "示例持有人", "kind": "organisation" }),
        issuer: json!({ "name": "示例签发机关" }),
        issued: today,
        valid_from: today,
        valid_to: definition.declared.valid_years.and_then(|years| last_day(today, years)),
        case_no: None,
        preview: true,
        facts: &facts,
    };
    let data = value(&input);
    Paper { data, qr: Some(url), ident: format!("sample:{}", definition.template()), at }
}

/// The last day of a number of years: the day before the same day of that year.
pub(crate) fn last_day(first: Date, years: u8) -> Option<Date> {
    let year = first.year().checked_add(i32::from(years))?;
    // Of 29 February there may be none: then the term ends with the last of February.
    match first.replace_year(year) {
        Ok(same) => same.previous_day(),
        Err(_) => first.replace_day(28).ok()?.replace_year(year).ok(),
    }
}

fn value(input: &Input<'_>) -> Value {
    serde_json::to_value(input).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_term_ends_on_the_day_before() {
        for (first, years, last) in [
            (date!(2026 - 03 - 02), 5, date!(2031 - 03 - 01)),
            (date!(2026 - 01 - 01), 1, date!(2026 - 12 - 31)),
            (date!(2024 - 02 - 29), 1, date!(2025 - 02 - 28)),
            (date!(2024 - 02 - 29), 4, date!(2028 - 02 - 28)),
        ] {
            assert_eq!(last_day(first, years), Some(last));
        }
    }
}
