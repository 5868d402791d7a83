//! Answers that are kept sealed: each value on its own, in its place, so that a process, a document or whoever
//! reads the tables meets a token and never the value. What is not sensitive stays readable for conditions.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use zhengtong_base::FieldError;
use zhengtong_crypto::{SealError, from_hex, to_hex};
use zhengtong_db::{Ctx, Keyring, Thing};

use crate::error::{Error, Result};
use crate::flow;
use crate::model::{Case, Revealed};
use crate::store;

/// The field of sealed answers.
const ANSWER: &str = "casework.answer";
/// The fields of this suite that need keys.
pub const SEALED: &[&str] = &[ANSWER];

/// The only member of a token.
const TOKEN: &str = "sealed";
/// Cases that one step seals again.
const RESEAL_ROWS: i64 = 500;
/// Fewest characters of a reason.
const WHY_CHARS_MIN: usize = 4;
/// Most characters of a reason.
const WHY_CHARS_MAX: usize = 200;

/// The answers with the values of some keys sealed, also in the entries of repeated pages.
pub(crate) fn seal(
    ring: &Keyring,
    no: &str,
    answers: &Map<String, Value>,
    keys: &BTreeSet<String>,
) -> Result<Map<String, Value>> {
    let mut sealed = answers.clone();
    for (key, value) in &mut sealed {
        *value = seal_value(ring, &format!("{no}/{key}"), keys.contains(key), value.take(), keys)?;
    }
    Ok(sealed)
}

fn seal_value(
    ring: &Keyring,
    place: &str,
    secret: bool,
    value: Value,
    keys: &BTreeSet<String>,
) -> Result<Value> {
    if secret && !value.is_null() {
        let plain = serde_json::to_vec(&value).map_err(zhengtong_db::Error::from)?;
        let sealed = ring.seal(ANSWER, place, &plain).map_err(zhengtong_db::Error::from)?;
        return Ok(json!({ TOKEN: to_hex(&sealed) }));
    }
    let Value::Array(entries) = value else { return Ok(value) };
    let mut kept = Vec::with_capacity(entries.len());
    for (number, entry) in entries.into_iter().enumerate() {
        let Value::Object(mut fields) = entry else {
            kept.push(entry);
            continue;
        };
        for (key, value) in &mut fields {
            let place = format!("{place}/{number}/{key}");
            *value = seal_value(ring, &place, keys.contains(key), value.take(), keys)?;
        }
        kept.push(Value::Object(fields));
    }
    Ok(Value::Array(kept))
}

/// The answers of a case with everything opened, for what the platform itself does with them.
pub(crate) fn opened(ctx: &Ctx, case: &Case) -> Result<Map<String, Value>> {
    let ring = ctx.keyring()?;
    let mut answers = case.answers.clone();
    for (key, value) in &mut answers {
        let place = format!("{}/{key}", case.no);
        *value = each_token(&place, value.take(), &|place, sealed| open(&ring, place, sealed))?;
    }
    Ok(answers)
}

/// Seals the answers of all cases again under the newest key, one page after `after`; gives where the next
/// page begins.
pub async fn reseal(ctx: &mut Ctx, after: &str) -> Result<Option<String>> {
    ctx.allow("casework.reseal", &Thing::new("platform", ""))?;
    let ring = ctx.keyring()?;
    let again = |place: &str, sealed: &str| -> Result<Value> {
        let plain = serde_json::to_vec(&open(&ring, place, sealed)?);
        let plain = plain.map_err(zhengtong_db::Error::from)?;
        let sealed = ring.seal(ANSWER, place, &plain).map_err(zhengtong_db::Error::from)?;
        Ok(json!({ TOKEN: to_hex(&sealed) }))
    };
    let mut last = None;
    for (no, answers) in store::answers_after(ctx.conn(), after, RESEAL_ROWS).await? {
        let mut fields = answers.as_object().cloned().unwrap_or_default();
        for (key, value) in &mut fields {
            *value = each_token(&format!("{no}/{key}"), value.take(), &again)?;
        }
        let changed = Value::Object(fields);
        if changed != answers {
            store::set_answers(ctx.conn(), &no, &changed).await?;
        }
        last = Some(no);
    }
    Ok(last)
}

fn open(ring: &Keyring, place: &str, sealed: &str) -> Result<Value> {
    let bytes = from_hex(sealed).ok_or(SealError::NotSealed).map_err(zhengtong_db::Error::from)?;
    let plain = ring.open(ANSWER, place, &bytes).map_err(zhengtong_db::Error::from)?;
    Ok(serde_json::from_slice(&plain).map_err(zhengtong_db::Error::from)?)
}

/// Puts something else in the place of every token.
fn each_token(
    place: &str,
    value: Value,
    change: &impl Fn(&str, &str) -> Result<Value>,
) -> Result<Value> {
    if let Some(sealed) = token(&value) {
        return change(place, sealed);
    }
    let Value::Array(entries) = value else { return Ok(value) };
    let mut changed = Vec::with_capacity(entries.len());
    for (number, entry) in entries.into_iter().enumerate() {
        let Value::Object(mut fields) = entry else {
            changed.push(entry);
            continue;
        };
        for (key, value) in &mut fields {
            *value = each_token(&format!("{place}/{number}/{key}"), value.take(), change)?;
        }
        changed.push(Value::Object(fields));
    }
    Ok(Value::Array(changed))
}

fn token(value: &Value) -> Option<&str> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.get(TOKEN)?.as_str()
}

/// The keys of the answers of a case that are sealed.
pub fn sealed_keys(case: &Case) -> BTreeSet<String> {
    let holds = |value: &Value| match value {
        Value::Array(entries) => entries.iter().any(|entry| {
            entry.as_object().is_some_and(|fields| fields.values().any(|v| token(v).is_some()))
        }),
        value => token(value).is_some(),
    };
    case.answers.iter().filter(|(_, value)| holds(value)).map(|(key, _)| key.clone()).collect()
}

/// Shows the sealed answers of a case in full, for a reason that the applicant will read.
pub async fn reveal(ctx: &mut Ctx, no: &str, why: &str) -> Result<Vec<Revealed>> {
    let case = crate::act::absent(store::case(ctx.conn(), no).await?, no)?;
    ctx.allow_or_absent("casework.reveal", &flow::thing(&case))?;
    let why = reason(why)?;
    let keys = sealed_keys(&case);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let answers = opened(ctx, &case)?;
    let label = |key: &str| {
        let rows = case.facts.iter().flat_map(|section| &section.rows);
        rows.into_iter().find(|fact| fact.key == key).map(|fact| fact.label.clone())
    };
    let mut shown = Vec::new();
    for key in &keys {
        let value = answers.get(key).map(plain).unwrap_or_default();
        let label = label(key).unwrap_or_else(|| zhengtong_base::Text::same(key));
        shown.push(Revealed { key: key.clone(), label, value });
    }
    let fields: Vec<&str> = shown.iter().map(|field| field.label.zh.as_str()).collect();
    let act = ctx
        .act("casework.reveal", "case", no)
        .about(Some(case.person))
        .because(format!("{why}［{}］", fields.join("、")));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(shown)
}

fn reason(why: &str) -> Result<String> {
    let why: String = why.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = why.chars().count();
    if (WHY_CHARS_MIN..=WHY_CHARS_MAX).contains(&chars) {
        return Ok(why);
    }
    Err(Error::Invalid(vec![FieldError::new(
        "why",
        format!("请写明为什么要看，{WHY_CHARS_MIN} 到 {WHY_CHARS_MAX} 个字；当事人会看到这句话"),
        format!(
            "say why you need to see it, in {WHY_CHARS_MIN} to {WHY_CHARS_MAX} characters; the person will read it"
        ),
    )]))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join("、"),
        Value::Object(fields) => fields
            .values()
            .map(plain)
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("，"),
        other => other.to_string(),
    }
}
