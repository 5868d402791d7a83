//! Messages of other systems: a payment that arrived, a result that was found. Each is for a case or for a process
//! without one, is given once, and is carried out by the platform in the same transaction.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use zhengtong_base::{FieldError, Text};
use zhengtong_db::Ctx;
use zhengtong_process::{Delivered, message, message_thing};

use crate::act::absent;
use crate::error::{Error, Result};
use crate::flow::{self, as_platform};
use crate::model::{Case, Event};
use crate::moved::{self, CASES};
use crate::store;

/// The one variable of a process that holds what the last message said: no message reaches another one, such as an
/// amount that an officer has found.
const VARIABLE: &str = "message";
/// Most characters of a name and of a key.
const NAME_CHARS_MAX: usize = 60;
const KEY_CHARS_MAX: usize = 120;
/// Most values of a message, and most characters of each.
const VALUES_MAX: usize = 32;
const VALUE_CHARS_MAX: usize = 1_000;
/// For how long a message may be kept that comes before somebody waits for it.
const KEEP_HOURS: std::ops::RangeInclusive<i64> = 1..=720;

/// For whom a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressed<'a> {
    /// A case, by its number.
    Case(&'a str),
    /// A process without a case, by the key that it names.
    Key(&'a str),
}

/// A message of another system.
#[derive(Clone, Debug)]
pub struct Telling<'a> {
    /// Its name in the model of the process.
    pub name: &'a str,
    /// For whom it is.
    pub to: Addressed<'a>,
    /// What it says: names, and plain values.
    pub payload: Map<String, Value>,
    /// For how many hours it is kept when nobody waits for it yet.
    pub keep_hours: i64,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Until when it is kept, when nobody waits for it yet; none when it was delivered.
    #[serde(with = "time::serde::rfc3339::option")]
    pub kept_until: Option<OffsetDateTime>,
}

/// Gives a message to whoever waits for it, or keeps it.
pub async fn tell(ctx: &mut Ctx, telling: Telling<'_>) -> Result<Told> {
    ctx.allow("process.message", &message_thing(telling.name))?;
    let (no, key) = match telling.to {
        Addressed::Case(no) => (Some(no), format!("{CASES}{no}")),
        Addressed::Key(key) => (None, key.to_owned()),
    };
    let body = json!([telling.name, key, telling.payload, telling.keep_hours]);
    if let Some(before) = ctx.once("process.message", &body).await? {
        return Ok(serde_json::from_value(before).map_err(zhengtong_db::Error::from)?);
    }
    checked(&telling)?;
    // The case before its instance, as all acts on cases do, so that none of them waits for the other.
    let case = match no {
        Some(no) => Some(absent(store::case_for_change(ctx, no).await?, no)?),
        None => None,
    };
    let keep = Duration::hours(telling.keep_hours);
    let said = said(ctx, &telling);
    let delivered = message(ctx, telling.name, &key, said, keep).await?;
    if let Some(case) = &case {
        note(ctx, case, telling.name).await?;
    }
    let told = match delivered {
        Delivered::To(moved) => {
            as_platform(ctx, async |ctx| moved::follow(ctx, moved).await).await?;
            Told { kept_until: None }
        }
        Delivered::Kept(until) => Told { kept_until: Some(until) },
    };
    ctx.answered(&told).await?;
    Ok(told)
}

/// What the process sees, in one variable.
fn said(ctx: &Ctx, telling: &Telling<'_>) -> Map<String, Value> {
    let mut said = telling.payload.clone();
    said.insert("name".to_owned(), telling.name.into());
    said.insert("from".to_owned(), ctx.actor.name.clone().into());
    Map::from_iter([(VARIABLE.to_owned(), Value::Object(said))])
}

/// The officers of the case see that it came, and from whom.
async fn note(ctx: &mut Ctx, case: &Case, name: &str) -> Result<()> {
    let text = Text::new(
        format!("收到其他系统的消息“{name}”"),
        format!("The message \"{name}\" of another system came"),
    );
    let mut event = Event::public(ctx, "message", text);
    event.public = false;
    flow::record(ctx, case, event).await
}

fn checked(telling: &Telling<'_>) -> Result<()> {
    let mut wrong = Vec::new();
    let mut push = |field: &str, zh: String, en: String| wrong.push(FieldError::new(field, zh, en));
    if !sound(telling.name, NAME_CHARS_MAX) {
        push(
            "name",
            format!("写流程里这个消息的名字，1 到 {NAME_CHARS_MAX} 个字"),
            format!("the name of the message in the process, 1 to {NAME_CHARS_MAX} characters"),
        );
    }
    let (field, key) = match telling.to {
        Addressed::Case(no) => ("case", no),
        Addressed::Key(key) => ("key", key),
    };
    // What belongs to a case is found by its number alone, so that the case is locked and its record kept.
    if !sound(key, KEY_CHARS_MAX) || (field == "key" && key.starts_with(CASES)) {
        push(
            field,
            format!(
                "写办件号（case）或流程自己定的键（key），1 到 {KEY_CHARS_MAX} 个字；办件只用 case"
            ),
            format!(
                "a case number (case), or the key that the process names (key), 1 to {KEY_CHARS_MAX} characters; a case by its number only"
            ),
        );
    }
    if !KEEP_HOURS.contains(&telling.keep_hours) {
        let (least, most) = (KEEP_HOURS.start(), KEEP_HOURS.end());
        push(
            "keep_hours",
            format!("保留 {least} 到 {most} 小时"),
            format!("kept for {least} to {most} hours"),
        );
    }
    let plain = |value: &Value| match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.chars().count() <= VALUE_CHARS_MAX,
        Value::Array(_) | Value::Object(_) => false,
    };
    let named = |name: &str| {
        let letter = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_';
        name.starts_with(|one: char| one.is_ascii_lowercase())
            && name.len() <= NAME_CHARS_MAX
            && name.chars().all(letter)
            && !["name", "from"].contains(&name)
    };
    if telling.payload.len() > VALUES_MAX
        || telling.payload.iter().any(|(name, value)| !named(name) || !plain(value))
    {
        push(
            "payload",
            format!(
                "最多 {VALUES_MAX} 项；名字用小写字母、数字和下划线（不用 name、from），值是文字、数字、真假或空，文字最多 {VALUE_CHARS_MAX} 字"
            ),
            format!(
                "at most {VALUES_MAX} values; names of small letters, digits and underscores (not name, from), values that are words, numbers, true, false or null, words of at most {VALUE_CHARS_MAX} characters"
            ),
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

fn sound(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}
