//! What is handed in without a login: a letter whose writer leaves an address for the answer and gets a code to look it
//! up. Nobody is known by it: the case belongs to nobody else, and whoever has not the code learns nothing, not even
//! that there is such a number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use zhengtong_base::code::{heard, spoken};
use zhengtong_base::{FieldError, Text};
use zhengtong_casework::{Fact, FactSection, Opening};
use zhengtong_crypto::Digest;
use zhengtong_db::jobs::{Job, Work};
use zhengtong_db::{Actor, Attr, Ctx, Db, Thing};
use zhengtong_form::{Answers, FieldKind, Form, Knowns, PageRef, read_page, visible_pages};
use zhengtong_notice::Way;

use crate::apply::{facts_of, listed, office};
use crate::error::{Error, Result};
use crate::part::Listed;
use crate::store::{self, Kept};

/// The field of the addresses.
const ADDRESS: &str = "service.address";
/// The fields of this suite that need keys.
pub const SEALED: &[&str] = &[ADDRESS];
/// Tells who wrote that there is an answer.
const TELL: &str = "service.tell";
/// The news that a case was decided, for or against.
const DECIDED: [&str; 3] = ["casework.grant", "casework.refuse", "casework.decline"];
/// Letters without a login that are taken on one day; a flood is told to sign in.
const DAY_MAX: i64 = 500;
/// Letters of a code, each of five bits.
const CODE_LETTERS: usize = 16;
/// That an item may be applied for without a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnsignedRule {
    /// What it is called to do it without a login, such as `不登录写信`.
    pub title: Text,
    /// What happens next, as the receipt says it.
    pub next: Text,
    /// What the one who wrote is called in the case.
    pub name: Text,
    /// The fact of the case that is the answer, shown with the code once it was decided.
    pub answer: String,
}

/// What whoever wrote keeps: the only time that the code is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The number of the case.
    pub no: String,
    /// The code.
    pub code: String,
}

/// A letter as whoever has its code sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// The number of the case.
    pub no: String,
    /// What it is called.
    pub title: Text,
    /// Where it stands.
    pub state: zhengtong_casework::State,
    /// What was handed in.
    pub facts: Vec<FactSection>,
    /// What happened: when, what, why.
    pub events: Vec<(OffsetDateTime, Text, Option<String>)>,
    /// The answer, once there is one.
    pub answer: Option<Text>,
}

/// Takes a letter without a login.
pub async fn write(
    ctx: &mut Ctx,
    item: &str,
    given: &[(String, String)],
    address: &str,
) -> Result<Slip> {
    let listed = listed(ctx, item)?;
    ctx.allow("service.write", &thing(&listed))?;
    let Some(rule) = listed.item.unsigned.clone() else { return Err(absent(item)) };
    if ctx.once("service.write", &json!([item, given, address])).await?.is_some() {
        return Err(Error::State(Text::new(
            "已经收到了，不用再交。查询码只显示一次，请用刚才记下的",
            "it is in already. The code is shown once; use the one you wrote down",
        )));
    }
    let form = ctx.defs::<zhengtong_form::Catalog>()?.form(&listed.form()).ok_or_else(|| {
        zhengtong_db::Error::Broken(format!("there is no form {}", listed.form()))
    })?;
    let today = zhengtong_form::today(ctx.now);
    let (answers, mut errors) = read(&form, given, today);
    let reached = reached(address);
    if reached.is_none() {
        errors.push(FieldError::new(
            "address",
            "请填手机号码或者邮箱，答复后告诉您",
            "enter a mobile number or an e-mail address, so that you hear of the answer",
        ));
    }
    let Some((way, address)) = reached.filter(|_| errors.is_empty()) else {
        return Err(Error::Invalid(errors));
    };
    let since = ctx.now - Duration::days(1);
    if store::unsigned_since(ctx.conn(), since).await? >= DAY_MAX {
        return Err(Error::State(Text::new(
            "今天不登录交来的太多，请登录后写，或者打 12345",
            "too much came without a login today; sign in, or call 12345",
        )));
    }
    let opening = opening(ctx, &listed, &form, &answers, &rule).await?;
    let no = as_writer(ctx, &rule, async |ctx| Ok(zhengtong_casework::open(ctx, opening).await?))
        .await?;
    let code = code()?;
    let sealed =
        ctx.keyring()?.seal_text(ADDRESS, &no, &address).map_err(zhengtong_db::Error::from)?;
    let kept = Kept {
        case: no.clone(),
        item: listed.id.clone(),
        digest: digest(&no, &code),
        way: way.word().to_owned(),
        address: sealed,
    };
    let now = ctx.now;
    store::keep_unsigned(ctx.conn(), &kept, now).await?;
    let act = ctx.act("service.write", "case", &no);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.answered(&json!(no)).await?;
    Ok(Slip { no, code })
}

/// A letter by its number and its code. A wrong code and a number that is not there look alike.
pub async fn look(ctx: &mut Ctx, item: &str, no: &str, code: &str) -> Result<Option<Looked>> {
    let listed = listed(ctx, item)?;
    ctx.allow("service.look", &thing(&listed))?;
    let Some(rule) = listed.item.unsigned.clone() else { return Err(absent(item)) };
    let no = no.trim().to_uppercase();
    let typed = digest(&no, &plain(code));
    let there = store::unsigned(ctx.conn(), &no).await?;
    let fits = there.filter(|kept| kept.item == listed.id && kept.digest == typed);
    if fits.is_none() {
        return Ok(None);
    }
    let act = ctx.act("service.look", "case", &no);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let view =
        as_writer(ctx, &rule, async |ctx| Ok(zhengtong_casework::view(ctx, &no).await?)).await?;
    let case = view.case;
    let decided = case.decided_at.is_some();
    let all = case.facts.iter().flat_map(|section| &section.rows);
    let answer = all.clone().find(|fact| decided && fact.key == rule.answer);
    let answer = answer.map(|fact| fact.value.clone());
    let own = |fact: &&Fact| case.answers.contains_key(&fact.key) && fact.key != rule.answer;
    let mine = listed_keys(ctx, &listed)?;
    let rows = all.filter(own).filter(|fact| mine.contains(&fact.key)).cloned().collect();
    let events = view.events.into_iter().filter(|event| event.public);
    Ok(Some(Looked {
        no,
        title: case.title,
        state: case.state,
        facts: vec![FactSection { title: Text::new("您写的", "What you wrote"), rows }],
        events: events.map(|event| (event.at, event.text, event.reason)).collect(),
        answer,
    }))
}

/// Adds the job that tells whoever wrote that there is an answer.
#[must_use]
pub fn attach(work: Work) -> Work {
    let work = work.on(TELL, |db, job| async move { tell(&db, &job).await });
    DECIDED.into_iter().fold(work, |work, topic| work.subscribe(topic, TELL))
}

async fn tell(db: &Db, job: &Job) -> std::result::Result<(), String> {
    let no = job.payload.get("thing").and_then(Value::as_str).unwrap_or_default();
    let mut ctx = db.begin_system(TELL).await.map_err(|error| error.to_string())?;
    tell_one(&mut ctx, no).await.map_err(|error| error.to_string())?;
    ctx.commit().await.map_err(|error| error.to_string())
}

/// Tells the address of a letter once that it is answered; the words of the answer stay where the code is asked for.
pub(crate) async fn tell_one(ctx: &mut Ctx, no: &str) -> Result<bool> {
    let Some(kept) = store::unsigned(ctx.conn(), no).await?.filter(|kept| !kept.told) else {
        return Ok(false);
    };
    let ring = ctx.keyring()?;
    let address = ring.read_text(ADDRESS, no, kept.address).map_err(zhengtong_db::Error::from)?;
    let Some(way) = Way::ALL.into_iter().find(|way| way.word() == kept.way) else {
        return Ok(false);
    };
    let words = Text::new(
        format!("您写来的 {no} 有结果了，用查询码在网站上查看"),
        format!("There is an answer to {no}, which you wrote; look it up with your code"),
    );
    let now = ctx.now;
    store::told(ctx.conn(), no, now).await?;
    Ok(zhengtong_notice::carry_to(ctx, way, &address, &words).await?)
}

fn thing(listed: &Listed) -> Thing {
    Thing::new("item", &listed.id).with("unsigned", Attr::Flag(listed.item.unsigned.is_some()))
}

fn absent(item: &str) -> Error {
    zhengtong_db::Error::absent("item", item).into()
}

/// Does something as the platform for the one who wrote, who is nobody here.
async fn as_writer<T>(
    ctx: &mut Ctx,
    rule: &UnsignedRule,
    work: impl AsyncFnOnce(&mut Ctx) -> Result<T>,
) -> Result<T> {
    let writer = Actor { name: rule.name.zh.clone(), ..Actor::system("service") };
    let actor = std::mem::replace(&mut ctx.actor, writer);
    let outcome = work(ctx).await;
    ctx.actor = actor;
    outcome
}

/// All pages at once, as they were sent; files are for those who sign in.
fn read(form: &Form, given: &[(String, String)], today: time::Date) -> (Answers, Vec<FieldError>) {
    let (mut answers, known) = (Answers::default(), Knowns::default());
    let mut errors = Vec::new();
    for page in &form.pages {
        let at = PageRef::page(&page.id);
        if page.repeat.is_some() || !visible_pages(form, &answers, &known).contains(&at) {
            continue;
        }
        let Some(input) = read_page(form, &at, given, &answers, &known, today) else { continue };
        answers.values.extend(input.values);
        errors.extend(input.errors);
    }
    (answers, errors)
}

/// The fields that are asked without a login, in order.
pub fn unsigned_fields(form: &Form) -> impl Iterator<Item = &zhengtong_form::Field> {
    let once = form.pages.iter().filter(|page| page.repeat.is_none());
    once.flat_map(|page| &page.fields).filter(|field| field.kind != FieldKind::File)
}

fn listed_keys(ctx: &Ctx, listed: &Listed) -> Result<Vec<String>> {
    let form = ctx.defs::<zhengtong_form::Catalog>()?.form(&listed.form());
    Ok(form.map_or_else(Vec::new, |form| {
        unsigned_fields(&form).map(|field| field.key.clone()).collect()
    }))
}

async fn opening(
    ctx: &mut Ctx,
    listed: &Listed,
    form: &Form,
    answers: &Answers,
    rule: &UnsignedRule,
) -> Result<Opening> {
    let office = office(ctx, &listed.item.department).await?;
    let kept: Map<String, Value> =
        answers.values.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(Opening {
        kind: listed.case(),
        item: listed.id.clone(),
        item_version: listed.item.version.clone(),
        title: listed.item.name.clone(),
        person: ctx.id(),
        person_name: rule.name.zh.clone(),
        organisation: None,
        department: office.id,
        department_name: office.name.zh,
        region: office.region.unwrap_or_default(),
        answers: kept,
        sealed: form.sealed_keys(),
        typed: form.typed_keys(),
        facts: facts_of(form, answers, &Knowns::default()),
        reads: std::collections::BTreeSet::new(),
        deferrable: Vec::new(),
        materials: Vec::new(),
        promised_days: listed.promised.days,
        statutory_days: listed.statutory.days,
    })
}

/// A mobile number or an e-mail address as it is used.
fn reached(typed: &str) -> Option<(Way, String)> {
    Way::ALL.into_iter().find_map(|way| way.read(typed).map(|address| (way, address)))
}

/// A fresh code of eighty bits, in groups of four.
fn code() -> Result<String> {
    let mut bytes = [0_u8; CODE_LETTERS];
    getrandom::fill(&mut bytes)
        .map_err(|error| zhengtong_db::Error::Broken(format!("no chance: {error}")))?;
    let letters: Vec<char> = spoken(&bytes).chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// A code as it was meant, however it was typed.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(heard).collect()
}

/// What is kept of a code: bound to its case, so that it opens no other.
fn digest(no: &str, code: &str) -> String {
    Digest::of(format!("service.unsigned\n{no}\n{}", plain(code)).as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them_and_open_one_case_only() {
        let code = code().unwrap();
        assert_eq!((code.len(), plain(&code).len()), (CODE_LETTERS + 3, CODE_LETTERS));
        let typed = code.to_lowercase().replace('-', " ");
        assert_eq!(digest("SX-1", &code), digest("SX-1", &typed));
        assert_ne!(digest("SX-1", &code), digest("SX-2", &code));
        assert_eq!(plain("o0-il"), "0011");
    }

    #[test]
    fn an_address_is_a_mobile_number_or_a_mailbox() {
        let way = |typed| reached(typed).map(|(way, _)| way);
        assert_eq!(way("13800001234"), Some(Way::Sms));
        assert_eq!(way(" writer@example.cn "), Some(Way::Mail));
        for wrong in ["", "12345", "a@", "1380000123"] {
            assert_eq!(way(wrong), None, "{wrong}");
        }
    }
}
