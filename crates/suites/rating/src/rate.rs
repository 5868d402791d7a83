//! Rating a contact: once, by whoever had it, and never needed for anything else.

use std::sync::Arc;

use time::{Date, OffsetDateTime};
use uuid::{NoContext, Timestamp, Uuid};
use zhengtong_base::{FieldError, Limits};
use zhengtong_calendar::{china_date, china_midnight};
use zhengtong_casework::CaseView;
use zhengtong_crypto::Digest;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{Channel, Contact, ContactKind, LEVELS, Place, Rating, Said, StepKind, is_bad};
use crate::part::{InForce, Wording};
use crate::store::{self, Offered};
use crate::{matter, rules};

/// Ratings of one's own on one page.
const OWN_ROWS: i64 = 100;

/// A rating of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The case; of visits and calls, the number that stands for them.
    pub subject: String,
    /// The contact.
    pub contact: Contact,
    /// The rating.
    pub rating: Rating,
    /// What people call the level.
    pub level: zhengtong_base::Text,
    /// The number under which a bad rating is in hand.
    pub matter: Option<String>,
}

/// The wording of today; none when ratings are switched off.
pub fn wording(ctx: &Ctx) -> Option<Arc<InForce>> {
    ctx.defs::<Wording>().ok()?.on(china_date(ctx.now))
}

/// The contacts of a case and which are rated, for the one whose case it is; empty for everybody else.
pub async fn of_case(ctx: &mut Ctx, view: &CaseView) -> Result<Vec<Contact>> {
    let thing = thing(&view.case.no, view.case.person, view.organisation());
    if !ctx.may("rating.mine", &thing) || wording(ctx).is_none() {
        return Ok(Vec::new());
    }
    with_ratings(ctx, view).await
}

/// The contacts of a case, for rating one of them.
pub async fn contacts(ctx: &mut Ctx, no: &str) -> Result<Vec<Contact>> {
    let view = zhengtong_casework::view(ctx, no).await?;
    ctx.allow_or_absent("rating.mine", &thing(no, view.case.person, view.organisation()))?;
    with_ratings(ctx, &view).await
}

async fn with_ratings(ctx: &mut Ctx, view: &CaseView) -> Result<Vec<Contact>> {
    let rated = store::rated(ctx.conn(), &view.case.no).await?;
    let had = had(view).into_iter().map(|(contact, kind, _)| Contact {
        rating: rated.get(&contact).copied(),
        contact,
        kind,
    });
    Ok(had.collect())
}

/// Rates a contact of a case.
pub async fn rate(
    ctx: &mut Ctx,
    no: &str,
    contact: &str,
    channel: Channel,
    said: &Said,
) -> Result<Uuid> {
    let view = zhengtong_casework::view(ctx, no).await?;
    ctx.allow_or_absent("rating.rate", &thing(no, view.case.person, view.organisation()))?;
    let (_, kind, at) =
        had(&view).into_iter().find(|(name, ..)| name == contact).ok_or_else(|| {
            Error::state("这一步还没有办到，办过再评", "this step has not been reached")
        })?;
    let case = &view.case;
    let offered = Offered {
        subject: no.to_owned(),
        contact: contact.to_owned(),
        kind,
        place: Place::Online,
        item: Some(case.item.clone()),
        department: case.department,
        region: case.region.clone(),
        day: china_date(at),
        person: Some(case.person),
        organisation: view.organisation(),
    };
    keep(ctx, "rating.rate", &offered, channel, said).await
}

/// Writes down what somebody said on the telephone or in a short message, by an official who is not of the
/// department.
pub async fn record(
    ctx: &mut Ctx,
    department: Uuid,
    item: Option<&str>,
    channel: Channel,
    said: &Said,
) -> Result<Uuid> {
    ctx.allow("rating.record", &Thing::new("rating", "call").handled_by(Some(department)))?;
    if !matches!(channel, Channel::Phone | Channel::Sms | Channel::Terminal) {
        return Err(Error::field(
            "channel",
            "代录只用于电话、短信和大厅终端",
            "only calls, short messages and terminals are written down",
        ));
    }
    let organisation = zhengtong_party::organisation(ctx, department).await?;
    let offered = Offered {
        subject: format!("call-{}", ctx.id().simple()),
        contact: "call".to_owned(),
        kind: ContactKind::Call,
        place: Place::Offline,
        item: item.map(str::to_owned),
        department,
        region: organisation.region.unwrap_or_default(),
        day: china_date(ctx.now),
        person: None,
        organisation: None,
    };
    keep(ctx, "rating.record", &offered, channel, said).await
}

/// Keeps a rating of a contact that was authorized, and takes a bad one in hand.
pub(crate) async fn keep(
    ctx: &mut Ctx,
    verb: &str,
    offered: &Offered,
    channel: Channel,
    said: &Said,
) -> Result<Uuid> {
    let today = china_date(ctx.now);
    let rules = rules(ctx, today)?;
    check(&rules, offered.place, said)?;
    let rating = Rating {
        id: nameless(today),
        item: offered.item.clone(),
        department: offered.department,
        kind: offered.kind,
        place: offered.place,
        channel,
        level: said.level,
        indicators: said.indicators.clone(),
        words: said.words.trim().to_owned(),
        rules: rules.version.clone(),
        day: today,
        excluded: false,
    };
    store::offer(ctx.conn(), offered).await?;
    let of = (offered.subject.as_str(), offered.contact.as_str());
    if !store::insert_rating(ctx, &rating, &offered.region, of).await? {
        return Err(Error::state("这一步已经评过了，谢谢您", "this was rated already; thank you"));
    }
    let digest = Digest::of(format!("{} {}", rating.id, rating.level).as_bytes()).to_string();
    let act = ctx
        .act(verb, "rating", rating.id.to_string())
        .about(offered.person)
        .change(None, Some(digest));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    if is_bad(rating.level) {
        begin(ctx, &rating).await?;
    }
    let news = serde_json::json!({ "department": rating.department, "level": rating.level });
    ctx.emit("rating.rated", &rating.id.to_string(), &news).await?;
    Ok(rating.id)
}

/// A bad rating waits for the office.
async fn begin(ctx: &mut Ctx, rating: &Rating) -> Result<()> {
    let next = ctx.number(&format!("rating/matter/{}", rating.day.year())).await?;
    let no = format!("CP{}{next:06}", rating.day.year());
    store::insert_matter(ctx.conn(), &no, rating.id, rating.department).await?;
    let at = china_midnight(rating.day);
    store::add_step(ctx, &no, StepKind::Received, (at, "", "")).await?;
    matter::write(ctx, &no).await?;
    Ok(())
}

/// The contacts that a case has had so far: name, kind, moment.
fn had(view: &CaseView) -> Vec<(String, ContactKind, OffsetDateTime)> {
    let case = &view.case;
    let mut had = vec![("application".to_owned(), ContactKind::Application, case.submitted_at)];
    let supplied = view.events.iter().filter(|event| event.kind == "supply");
    for (number, event) in (1_u32..).zip(supplied) {
        had.push((supply(number), ContactKind::Supply, event.at));
    }
    if case.state.over() {
        let at = case.closed_at.unwrap_or(case.submitted_at);
        had.push(("result".to_owned(), ContactKind::Result, at));
    }
    had
}

/// The name of the contact in which papers were supplied.
pub(crate) fn supply(number: u32) -> String {
    format!("supply-{number}")
}

/// The ratings of a case as policies see them.
fn thing(no: &str, person: Uuid, organisation: Option<Uuid>) -> Thing {
    Thing::new("rating", no)
        .owned_by(organisation.is_none().then_some(person))
        .of_organisation(organisation)
}

trait Applies {
    fn organisation(&self) -> Option<Uuid>;
}

impl Applies for CaseView {
    fn organisation(&self) -> Option<Uuid> {
        self.case.organisation.as_ref().map(|organisation| organisation.id)
    }
}

/// Ratings of the actor, or of the organisation they act for, the latest first.
pub(crate) async fn own(ctx: &mut Ctx) -> Result<Vec<Own>> {
    let Some(person) = ctx.actor.person else { return Ok(Vec::new()) };
    let organisation = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let mut own = Vec::new();
    for (id, subject, contact, matter) in
        store::rated_by(ctx.conn(), person, organisation, OWN_ROWS).await?
    {
        let Some(rating) = store::rating(ctx, id).await? else { continue };
        let level = level_title(ctx, &rating);
        own.push(Own { subject, contact, rating, level, matter });
    }
    Ok(own)
}

/// What people called the level when it was chosen.
pub(crate) fn level_title(ctx: &Ctx, rating: &Rating) -> zhengtong_base::Text {
    let wording = ctx.defs::<Wording>().ok();
    let version = wording
        .as_ref()
        .and_then(|wording| wording.named(&rating.rules).or_else(|| wording.on(rating.day)));
    version.map_or_else(
        || zhengtong_base::Text::same(rating.level.to_string()),
        |version| version.level(rating.level),
    )
}

fn check(rules: &InForce, place: Place, said: &Said) -> Result<()> {
    let limit = Limits::default().text_chars;
    let mut errors = Vec::new();
    if !LEVELS.contains(&said.level) {
        errors.push(FieldError::new("level", "请选一个满意程度", "choose how satisfied you are"));
    }
    for (name, level) in &said.indicators {
        let known = rules.indicators(place).iter().any(|indicator| indicator.id == *name);
        if !known || !LEVELS.contains(level) {
            errors.push(FieldError::new(
                name,
                "没有这一项，请刷新页面再评",
                "this is not asked about; reload the page",
            ));
        }
    }
    if said.words.trim().chars().count() > limit {
        errors.push(FieldError::new(
            "words",
            format!("最多 {limit} 字，请缩短"),
            format!("at most {limit} characters; please shorten it"),
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// An identifier that tells the day and no more: the hour would say who it was.
fn nameless(day: Date) -> Uuid {
    let seconds = u64::try_from(china_midnight(day).unix_timestamp()).unwrap_or(0);
    let random = Uuid::new_v4();
    let (_, high, low, tail) = random.as_fields();
    let mut name = *Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0)).as_bytes();
    let rest = high.to_be_bytes().into_iter().chain(low.to_be_bytes()).chain(*tail);
    for (to, from) in name.iter_mut().skip(9).zip(rest) {
        *to = from;
    }
    Uuid::from_bytes(name)
}
