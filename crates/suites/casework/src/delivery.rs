//! How a decision comes to the applicant: sent in a way that the case type allows, and its arrival with a proof. A clock
//! may run from the decision to the delivery, and a case may be closed only then.

use serde::Serialize;
use serde_json::json;
use time::{Date, Duration, OffsetDateTime};
use zhengtong_base::{FieldError, Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Db};

use crate::act::{absent, bounded, case_type, for_change, known, repeated};
use crate::error::{Error, Result};
use crate::model::{Case, Event, State};
use crate::part::{CaseType, DeliveryDecl, Milestone, Moment, Way};
use crate::seen::AsSeen;
use crate::voucher::{self, Giving, by_platform};
use crate::{clockwork, flow, linked, store};

/// The kind of the event that says that only the delivery is missing.
const AWAITED: &str = "await_delivery";
/// The proof of what has reached the applicant's space.
const ACCOUNT: &str = "政通账户";
/// The proof of an announcement.
const ANNOUNCED: &str = "公告期满";
/// Announcements that one run counts as delivered.
const ROUNDS_MAX: usize = 1_000;

/// A decision that is sent.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// The way.
    pub way: Way,
    /// The number of the parcel, where it is announced, or who comes to the window.
    pub words: &'a str,
}

/// A decision that has arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The day.
    pub on: Date,
    /// Who signed for it, or how it is known.
    pub proof: &'a str,
}

/// A sending of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its place in the list.
    pub seq: i32,
    /// The way.
    pub way: Way,
    /// The number of the parcel, where it was announced, or who came.
    pub words: String,
    /// When it was sent.
    #[serde(with = "time::serde::rfc3339")]
    pub sent_at: OffsetDateTime,
    /// Who sent it.
    pub sent_by: String,
    /// The day on which an announcement counts as delivered.
    pub counts_on: Option<Date>,
    /// The day on which it arrived.
    pub served_on: Option<Date>,
    /// Who signed for it, or how it is known.
    pub proof: Option<String>,
    /// Who recorded that.
    pub served_by: Option<String>,
}

impl Delivery {
    /// Who sent it, as a page in this language names them.
    pub fn sender(&self, lang: Lang) -> &str {
        if self.sent_by == flow::PLATFORM {
            lang.pick(flow::PLATFORM, "Zhengtong")
        } else {
            &self.sent_by
        }
    }

    /// The proof and who recorded it, the same way; none while it has not arrived.
    pub fn receipt(&self, lang: Lang) -> Option<(&str, &str)> {
        let (proof, by) = (self.proof.as_deref()?, self.served_by.as_deref()?);
        let proof = match proof {
            ACCOUNT => lang.pick(ACCOUNT, "the account on the platform"),
            ANNOUNCED => lang.pick(ANNOUNCED, "the days of the announcement are over"),
            proof => proof,
        };
        Some((proof, if by == flow::PLATFORM { lang.pick(by, "Zhengtong") } else { by }))
    }
}

/// The sendings of a case, oldest first.
pub async fn deliveries(ctx: &mut Ctx, no: &str) -> Result<Vec<Delivery>> {
    known(ctx, "casework.read", no).await?;
    store::deliveries(ctx, no).await
}

/// The ways in which the decision of a case can be sent now; none where it is not to be sent.
pub async fn ways(ctx: &mut Ctx, no: &str) -> Result<Vec<Way>> {
    let case = known(ctx, "casework.read", no).await?;
    if !decided(&case) || !ctx.may("casework.dispatch", &flow::thing(&case)) {
        return Ok(Vec::new());
    }
    let case_type = case_type(ctx, &case)?;
    Ok(case_type.delivery.as_ref().map(|decl| decl.ways.clone()).unwrap_or_default())
}

/// Sends the decision.
pub async fn dispatch(
    ctx: &mut Ctx,
    case: impl Into<AsSeen<'_>>,
    sending: Sending<'_>,
) -> Result<()> {
    let seen = case.into();
    let no = seen.no;
    let case = for_change(ctx, "casework.dispatch", no).await?;
    let body = json!([no, sending.way, sending.words, seen.version]);
    if repeated(ctx, "casework.dispatch", &body).await? {
        return Ok(());
    }
    seen.still(&case)?;
    let case_type = case_type(ctx, &case)?;
    let decl = admit(&case, &case_type)?;
    if !decl.ways.contains(&sending.way) {
        return Err(Error::Invalid(vec![FieldError::new(
            "way",
            "这类事项没有这种送达方式，请另选一种",
            "this kind of case is not delivered so; choose another way",
        )]));
    }
    let words = bounded("words", sending.words)?;
    if words.is_empty() && sending.way != Way::Electronic {
        return Err(Error::Invalid(vec![words_missing(sending.way)]));
    }
    let today = china_date(ctx.now);
    let announced = sending.way == Way::Announcement;
    let counts_on = announced.then(|| today + Duration::days(i64::from(decl.announced_days)));
    let (at, by) = (ctx.now, ctx.actor.name.clone());
    let row = store::NewDelivery { way: sending.way, words, at, by: &by, counts_on };
    let seq = store::add_delivery(ctx, no, &row).await?;
    let title = sending.way.title();
    let text = Text::new(
        format!("决定已送出：{}", title.zh),
        format!("The decision was sent: {}", title.en),
    );
    let event = Event::public(ctx, "dispatch", text).because(some(words).map(str::to_owned));
    flow::record(ctx, &case, event).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.dispatch", &case, some(words)).await?;
    ctx.emit("casework.dispatched", no, &json!({ "way": sending.way, "seq": seq })).await?;
    if sending.way == Way::Electronic {
        arrived(ctx, case, &case_type, seq, (today, ACCOUNT, &by)).await?;
    }
    Ok(())
}

/// Records that a sending has arrived.
pub async fn served(
    ctx: &mut Ctx,
    case: impl Into<AsSeen<'_>>,
    seq: i32,
    arrival: Arrival<'_>,
) -> Result<()> {
    let seen = case.into();
    let no = seen.no;
    let case = for_change(ctx, "casework.served", no).await?;
    let body = json!([no, seq, arrival.on.to_string(), arrival.proof, seen.version]);
    if repeated(ctx, "casework.served", &body).await? {
        return Ok(());
    }
    seen.still(&case)?;
    let sent = store::deliveries(ctx, no).await?.into_iter().find(|sent| sent.seq == seq);
    let sent =
        sent.ok_or_else(|| zhengtong_db::Error::absent("delivery", format!("{no}/{seq}")))?;
    if sent.served_on.is_some() {
        return Err(Error::State(Text::new(
            "这次送达已经登记过签收",
            "the arrival of this sending is on record already",
        )));
    }
    let proof = bounded("proof", arrival.proof)?;
    let mut wrong = Vec::new();
    if proof.is_empty() {
        wrong.push(FieldError::new(
            "proof",
            "请写签收人，或者怎样知道已送到",
            "say who signed for it, or how it is known",
        ));
    }
    if arrival.on < china_date(sent.sent_at) || arrival.on > china_date(ctx.now) {
        wrong.push(FieldError::new(
            "on",
            "签收日期在送出之后、今天之前",
            "the day lies between the sending and today",
        ));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let case_type = case_type(ctx, &case)?;
    flow::seal(ctx, "casework.served", &case, Some(proof)).await?;
    let by = ctx.actor.name.clone();
    arrived(ctx, case, &case_type, seq, (arrival.on, proof, &by)).await
}

/// Delivers electronically at once, where the case type says so: the law counts what has reached the applicant's
/// space on the platform as delivered.
pub(crate) async fn by_rule(ctx: &mut Ctx, case: &mut Case, case_type: &CaseType) -> Result<()> {
    if !case_type.delivery.as_ref().is_some_and(|decl| decl.by_rule) {
        return Ok(());
    }
    let (at, by) = (ctx.now, flow::PLATFORM);
    let row = store::NewDelivery { way: Way::Electronic, words: "", at, by, counts_on: None };
    let seq = store::add_delivery(ctx, &case.no, &row).await?;
    let today = china_date(at);
    let arrival = store::Served { on: today, proof: ACCOUNT, by, at };
    store::set_served(ctx, &case.no, seq, &arrival).await?;
    let before = case.state;
    reached(ctx, case, case_type, Way::Electronic, today).await?;
    if case.state != before {
        store::update_case(ctx.conn(), case).await?;
        case.version += 1;
    }
    Ok(())
}

/// Whether a case whose process has ended stays open until its decision has arrived.
pub(crate) async fn awaited(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<bool> {
    let closes = case_type.delivery.as_ref().is_some_and(|decl| decl.closes);
    if !closes || case.state != State::Decided || store::is_served(ctx.conn(), &case.no).await? {
        return Ok(false);
    }
    let text = Text::new("决定已作出，送达后办结", "Decided; closed when it has arrived");
    flow::record(ctx, case, by_platform(ctx, AWAITED, text)).await?;
    Ok(true)
}

/// Counts announcements whose days are over as delivered.
pub(crate) async fn count_announced(db: &Db) -> std::result::Result<(), String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    for _ in 0..ROUNDS_MAX {
        let mut ctx = db.begin_system("casework.announced").await.map_err(|e| said(&e))?;
        let today = china_date(ctx.now);
        let next = store::announced(ctx.conn(), today).await.map_err(|error| said(&error))?;
        let Some((no, seq)) = next else { return Ok(()) };
        count_one(&mut ctx, &no, seq, today).await.map_err(|error| said(&error))?;
        ctx.commit().await.map_err(|error| said(&error))?;
    }
    Ok(())
}

async fn count_one(ctx: &mut Ctx, no: &str, seq: i32, today: Date) -> Result<()> {
    let case = absent(store::case_for_change(ctx, no).await?, no)?;
    let case_type = case_type(ctx, &case)?;
    flow::seal(ctx, "casework.served", &case, Some(ANNOUNCED)).await?;
    arrived(ctx, case, &case_type, seq, (today, ANNOUNCED, flow::PLATFORM)).await
}

/// A sending has arrived: the record, the paper, and the end where only this was missing.
async fn arrived(
    ctx: &mut Ctx,
    mut case: Case,
    case_type: &CaseType,
    seq: i32,
    (on, proof, by): (Date, &str, &str),
) -> Result<()> {
    let at = ctx.now;
    store::set_served(ctx, &case.no, seq, &store::Served { on, proof, by, at }).await?;
    let sent = store::deliveries(ctx, &case.no).await?.into_iter().find(|sent| sent.seq == seq);
    let way = sent.as_ref().map_or(Way::Window, |sent| sent.way);
    if way != Way::Electronic {
        let facts = json!({
            "way": way.title().zh, "on": on.to_string(), "proof": proof, "official": by,
            "words": sent.map(|sent| sent.words),
        });
        let giving = Giving { moment: Moment::Delivered, named: None, facts };
        voucher::give(ctx, &case, case_type, giving).await?;
    }
    reached(ctx, &mut case, case_type, way, on).await?;
    store::update_case(ctx.conn(), &case).await
}

/// The event and the clocks; and the case is closed if only this was missing.
async fn reached(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    way: Way,
    on: Date,
) -> Result<()> {
    let title = way.title();
    let text = Text::new(
        format!("决定已送达（{}，{on}）", title.zh),
        format!("The decision has arrived ({}, {on})", title.en),
    );
    flow::record(ctx, case, by_platform(ctx, "served", text)).await?;
    clockwork::reach(ctx, case, case_type, Milestone::Delivered).await?;
    if case.state == State::Decided && store::has_event(ctx.conn(), &case.no, AWAITED).await? {
        case.state = State::Closed;
        case.closed_at = Some(ctx.now);
        ctx.emit("casework.closed", &case.no, &case.state).await?;
        linked::close_with(ctx, case).await?;
    }
    clockwork::settle(ctx, case).await?;
    let news = json!({ "way": way, "on": on.to_string() });
    ctx.emit("casework.served", &case.no, &news).await?;
    Ok(())
}

fn admit<'a>(case: &Case, case_type: &'a CaseType) -> Result<&'a DeliveryDecl> {
    if !decided(case) {
        return Err(Error::State(Text::new(
            "还没有决定，没有东西可以送达",
            "there is no decision to deliver yet",
        )));
    }
    case_type.delivery.as_ref().ok_or_else(|| {
        Error::State(Text::new(
            "这类事项没有声明送达方式",
            "this kind of case declares no way of delivery",
        ))
    })
}

pub(crate) fn decided(case: &Case) -> bool {
    case.decided_at.is_some() || case.state == State::Declined
}

fn words_missing(way: Way) -> FieldError {
    match way {
        Way::Express => FieldError::new("words", "请写快递单号", "write the number of the parcel"),
        Way::Announcement => {
            FieldError::new("words", "请写在哪里公告", "say where it is announced")
        }
        Way::Window | Way::Electronic => {
            FieldError::new("words", "请写谁来领取", "say who comes to the window")
        }
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
