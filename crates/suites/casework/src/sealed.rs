//! Answers that are kept sealed: each value on its own, in its place, so that a process, a document or whoever
//! reads the tables meets a token and never the value. What is not sensitive stays readable for conditions.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use zhengtong_base::FieldError;
use zhengtong_crypto::{SealError, from_hex, to_hex};
use zhengtong_db::{Ctx, Keyring, Thing};

use crate::error::{Error, Result};
use crate::flow;
use crate::model::{Case, FactSection, Revealed, Side};
use crate::store;

/// The field of sealed answers.
const ANSWER: &str = "casework.answer";
/// The field of the names of applicants.
pub(crate) const NAME: &str = "casework.name";
/// The field of what people write: reasons, remarks, names of files, the answers as they were shown.
pub(crate) const WORDS: &str = "casework.words";
/// The fields of this suite that need keys.
pub const SEALED: &[&str] = &[ANSWER, NAME, WORDS];

/// The only member of the token of a secret: who reads the case meets the token.
const TOKEN: &str = "sealed";
/// The only member of the token of what was typed: who reads the case reads it, who reads the table does not.
const TYPED: &str = "typed";
/// Cases that one step seals again.
const RESEAL_ROWS: i64 = 500;
/// Fewest characters of a reason.
const WHY_CHARS_MIN: usize = 4;
/// Most characters of a reason.
const WHY_CHARS_MAX: usize = 200;

/// The keys of the answers that do not stand plain.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'a> {
    /// Secrets.
    pub(crate) sealed: &'a BTreeSet<String>,
    /// What was typed freely.
    pub(crate) typed: &'a BTreeSet<String>,
}

impl Keys<'_> {
    /// The token of a key.
    fn token(&self, key: &str) -> Option<&'static str> {
        if self.sealed.contains(key) {
            return Some(TOKEN);
        }
        self.typed.contains(key).then_some(TYPED)
    }
}

/// The answers with the values of some keys sealed, also in the entries of repeated pages.
pub(crate) fn seal(
    ring: &Keyring,
    no: &str,
    answers: &Map<String, Value>,
    keys: Keys<'_>,
) -> Result<Map<String, Value>> {
    let mut sealed = answers.clone();
    for (key, value) in &mut sealed {
        *value = seal_value(ring, &format!("{no}/{key}"), keys.token(key), value.take(), keys)?;
    }
    Ok(sealed)
}

/// Whether something in a value is kept sealed.
pub(crate) fn has_token(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.contains_key(TOKEN)
                || fields.contains_key(TYPED)
                || fields.values().any(has_token)
        }
        Value::Array(entries) => entries.iter().any(has_token),
        _ => false,
    }
}

/// Seals a text of a case for the column it stands in.
pub(crate) fn hide(ring: &Keyring, field: &str, place: &str, plain: &str) -> Result<String> {
    Ok(ring.seal_text(field, place, plain).map_err(zhengtong_db::Error::from)?)
}

/// Reads a text of a column; one from before there were keys is read as it is.
pub(crate) fn read(ring: &Keyring, field: &str, place: &str, stored: String) -> Result<String> {
    Ok(ring.read_text(field, place, stored).map_err(zhengtong_db::Error::from)?)
}

/// The answers as they were shown, sealed as one.
pub(crate) fn hide_facts(ring: &Keyring, no: &str, facts: &[FactSection]) -> Result<Value> {
    let plain = serde_json::to_string(facts).map_err(zhengtong_db::Error::from)?;
    Ok(Value::String(hide(ring, WORDS, &format!("{no}/facts"), &plain)?))
}

pub(crate) fn read_facts(ring: &Keyring, no: &str, stored: Value) -> Result<Vec<FactSection>> {
    let facts = match stored {
        Value::String(sealed) => {
            serde_json::from_str(&read(ring, WORDS, &format!("{no}/facts"), sealed)?)
        }
        plain => serde_json::from_value(plain),
    };
    Ok(facts.map_err(zhengtong_db::Error::from)?)
}

/// The answers with what was typed opened; secrets stay tokens.
pub(crate) fn read_typed(
    ring: &Keyring,
    no: &str,
    mut answers: Map<String, Value>,
) -> Result<Map<String, Value>> {
    for (key, value) in &mut answers {
        let place = format!("{no}/{key}");
        *value =
            each_token(&place, value.take(), TYPED, &|place, sealed| open(ring, place, sealed))?;
    }
    Ok(answers)
}

fn seal_value(
    ring: &Keyring,
    place: &str,
    member: Option<&str>,
    value: Value,
    keys: Keys<'_>,
) -> Result<Value> {
    if let Some(member) = member.filter(|_| !value.is_null()) {
        let plain = serde_json::to_vec(&value).map_err(zhengtong_db::Error::from)?;
        let sealed = ring.seal(ANSWER, place, &plain).map_err(zhengtong_db::Error::from)?;
        return Ok(json!({ member: to_hex(&sealed) }));
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
            *value = seal_value(ring, &place, keys.token(key), value.take(), keys)?;
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
        *value =
            each_token(&place, value.take(), TOKEN, &|place, sealed| open(&ring, place, sealed))?;
    }
    Ok(answers)
}

/// Seals all cases again under the newest keys, one page after `after`; gives where the next page begins.
pub async fn reseal(ctx: &mut Ctx, after: &str) -> Result<Option<String>> {
    ctx.allow("casework.reseal", &Thing::new("platform", ""))?;
    let mut last = None;
    for (no, answers) in store::answers_after(ctx.conn(), after, RESEAL_ROWS).await? {
        seal_again(ctx, &no, answers).await?;
        last = Some(no);
    }
    Ok(last)
}

/// Seals the cases that still stand plain, from before their words were sealed; gives how many.
pub async fn protect(ctx: &mut Ctx) -> Result<u64> {
    ctx.allow("casework.reseal", &Thing::new("platform", ""))?;
    let mut count = 0;
    loop {
        let plain = store::plain_cases(ctx.conn(), RESEAL_ROWS).await?;
        if plain.is_empty() {
            break;
        }
        for (no, answers) in plain {
            seal_again(ctx, &no, answers).await?;
            count += 1;
        }
    }
    if count > 0 {
        let why = format!("{count} cases sealed");
        let act = ctx.act("casework.reseal", "platform", "").because(why);
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(count)
}

async fn seal_again(ctx: &mut Ctx, no: &str, answers: Value) -> Result<()> {
    let ring = ctx.keyring()?;
    let again = |member: &'static str| {
        let ring = &ring;
        move |place: &str, sealed: &str| -> Result<Value> {
            let plain = serde_json::to_vec(&open(ring, place, sealed)?);
            let plain = plain.map_err(zhengtong_db::Error::from)?;
            let sealed = ring.seal(ANSWER, place, &plain).map_err(zhengtong_db::Error::from)?;
            Ok(json!({ member: to_hex(&sealed) }))
        }
    };
    let mut fields = answers.as_object().cloned().unwrap_or_default();
    for (key, value) in &mut fields {
        let place = format!("{no}/{key}");
        let value_now = each_token(&place, value.take(), TOKEN, &again(TOKEN))?;
        *value = each_token(&place, value_now, TYPED, &again(TYPED))?;
    }
    let changed = Value::Object(fields);
    if changed != answers {
        store::set_answers(ctx.conn(), no, &changed).await?;
    }
    store::reseal_words(ctx, no).await
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
    member: &str,
    change: &impl Fn(&str, &str) -> Result<Value>,
) -> Result<Value> {
    if let Some(sealed) = token(&value, member) {
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
            let place = format!("{place}/{number}/{key}");
            *value = each_token(&place, value.take(), member, change)?;
        }
        changed.push(Value::Object(fields));
    }
    Ok(Value::Array(changed))
}

fn token<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.get(member)?.as_str()
}

/// Whether an answer stands sealed as a secret.
pub(crate) fn is_secret(value: &Value) -> bool {
    token(value, TOKEN).is_some()
}

/// Whether an answer stands sealed because it was typed.
pub(crate) fn is_typed(value: &Value) -> bool {
    token(value, TYPED).is_some()
}

/// The keys of the answers of a case that are sealed.
pub fn sealed_keys(case: &Case) -> BTreeSet<String> {
    let holds = |value: &Value| match value {
        Value::Array(entries) => entries.iter().any(|entry| {
            entry
                .as_object()
                .is_some_and(|fields| fields.values().any(|v| token(v, TOKEN).is_some()))
        }),
        value => token(value, TOKEN).is_some(),
    };
    case.answers.iter().filter(|(_, value)| holds(value)).map(|(key, _)| key.clone()).collect()
}

/// Shows the sealed answers of a case in full, for a reason that the applicant will read.
pub async fn reveal(ctx: &mut Ctx, no: &str, why: &str) -> Result<Vec<Revealed>> {
    let case = crate::act::absent(store::case(ctx, no).await?, no)?;
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

/// The plain numbers of the person whose case it is, for whoever has a step of it in hand, or heads the department.
pub async fn reveal_person(
    ctx: &mut Ctx,
    no: &str,
    why: &str,
) -> Result<zhengtong_party::PersonPlain> {
    let case = crate::act::known(ctx, "casework.reveal", no).await?;
    let mut role = None;
    for todo in store::open_todos(ctx.conn(), no).await? {
        let mine = match todo.assignee {
            Some(account) => ctx.actor.account == Some(account),
            None => ctx.actor.roles.contains(&todo.role),
        };
        if mine && todo.side == Side::Office {
            role = Some(todo.role);
        }
    }
    let (person, department) = (case.person, case.department);
    let matter = zhengtong_party::Matter { person, department, case: case.no, role };
    Ok(zhengtong_party::reveal_contact(ctx, &matter, why).await?)
}

pub(crate) fn reason(why: &str) -> Result<String> {
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
