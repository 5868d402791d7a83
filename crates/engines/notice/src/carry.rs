//! Carrying messages outside: queued in the transaction of the act, sent by a job that tries again, so that a dead mail
//! server never holds up what people do.

use serde::Deserialize;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Lang, Text};
use zhengtong_db::jobs::{Job, NewJob, Outcome as JobOutcome, Work};
use zhengtong_db::{Ctx, Db, Thing};
use zhengtong_ledger::append;

use crate::carrier::{Carriers, Outcome, Way};
use crate::error::{Error, Result};
use crate::model::{Delivery, DeliveryState, Message};
use crate::store::{self, Load};
use crate::{mail, sms};

/// The job that carries one message outside.
pub const CARRY_JOB: &str = "notice.carry";
/// Attempts after which it is given up; the queue of jobs gives it up as well.
const ATTEMPTS_MAX: i32 = 12;
/// Deliveries that an administrator sees at once.
const ROWS_MAX: i64 = 100;

/// What is sent: the subject of a mail and the words.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// How the ways outside stand, for an administrator.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Each way that the city has.
    pub ways: Vec<Standing>,
    /// The last things that were carried.
    pub deliveries: Vec<Delivery>,
}

/// How one way stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The way.
    pub way: Way,
    /// Where it goes, without anything secret; none: it is not set up.
    pub place: Option<String>,
    /// The sender.
    pub sender: Option<String>,
    /// Whether it is kept inside.
    pub simulated: bool,
    /// Waiting, sent and failed since yesterday.
    pub counts: [i64; 3],
}

/// Queues a message for every way that its recipient has chosen. It is a hint and a link: what it is about stands inside.
pub(crate) async fn queue_all(
    ctx: &mut Ctx,
    message: &Message,
    short: Option<&Text>,
) -> Result<()> {
    let Ok(carriers) = ctx.defs::<Carriers>() else { return Ok(()) };
    if message.to.post().is_some() || !Way::ALL.into_iter().any(|way| carriers.has(way)) {
        return Ok(());
    }
    for kept in store::channels(ctx, message.to).await? {
        let (way, lang) = (kept.channel.way, kept.channel.lang);
        if kept.channel.confirmed_at.is_none() || !carriers.has(way) {
            continue;
        }
        let words = words(&carriers, message, short, (way, lang));
        queue(ctx, Some(message.id), way, &kept.address, words).await?;
    }
    Ok(())
}

fn words(
    carriers: &Carriers,
    message: &Message,
    short: Option<&Text>,
    (way, lang): (Way, Lang),
) -> Words {
    let told = short.unwrap_or(&message.title).get(lang);
    let page =
        format!("{}{}", carriers.public_url, message.link.as_deref().unwrap_or("/my/messages"));
    let text = match (way, lang) {
        (Way::Sms, Lang::Zh) => format!("{told}。登录查看：{page}"),
        (Way::Sms, Lang::En) => format!("{told}. Sign in: {page}"),
        (Way::Mail, Lang::Zh) => format!(
            "{told}\n\n请登录查看详情：\n{page}\n\n{}　这封邮件由系统发出，请不要回复。不想再收到，可在“我的—通知方式”里关闭。\n",
            carriers.city.zh
        ),
        (Way::Mail, Lang::En) => format!(
            "{told}\n\nSign in to read more:\n{page}\n\n{}. Sent by a system; please do not answer. Switch it off under My space, Notifications.\n",
            carriers.city.en
        ),
    };
    Words { subject: message.title.get(lang).to_owned(), text }
}

/// Queues one thing for an address.
pub(crate) async fn queue(
    ctx: &mut Ctx,
    message: Option<Uuid>,
    way: Way,
    address: &str,
    words: Words,
) -> Result<Uuid> {
    let shown = way.address(address).map_or_else(String::new, |(_, shown)| shown);
    let load = Load {
        id: ctx.id(),
        message,
        way,
        shown,
        address: address.to_owned(),
        subject: words.subject,
        text: words.text,
        state: DeliveryState::Queued,
    };
    let now = ctx.now;
    store::insert_load(ctx, &load, now).await?;
    let (payload, key) = (json!({ "delivery": load.id }), load.id.to_string());
    ctx.enqueue(NewJob::now(CARRY_JOB, &payload, now).unique(&key)).await?;
    Ok(load.id)
}

/// How the ways outside stand, and what was carried last. Addresses are masked.
pub async fn outside(ctx: &mut Ctx) -> Result<Outside> {
    ctx.allow("notice.outside", &Thing::new("platform", ""))?;
    let carriers = ctx.defs::<Carriers>().ok();
    let since = ctx.now - Duration::days(1);
    let mut ways = Vec::new();
    for way in Way::ALL {
        let mut counts = [0; 3];
        for (state, count) in store::counts(ctx.conn(), way, since).await? {
            let at = DeliveryState::parse(&state).map_or(0, DeliveryState::place);
            if let Some(slot) = counts.get_mut(at) {
                *slot = count;
            }
        }
        let of = carriers.as_ref();
        ways.push(Standing {
            way,
            place: of.and_then(|all| all.place(way)).map(str::to_owned),
            sender: of.and_then(|all| all.sender(way)).map(str::to_owned),
            simulated: of.is_some_and(|all| all.is_simulated(way)),
            counts,
        });
    }
    let deliveries = store::deliveries(ctx, ROWS_MAX).await?;
    let act = ctx.act("notice.outside", "platform", "");
    append(ctx.conn(), &act).await?;
    Ok(Outside { ways, deliveries })
}

/// Sends a trial to an address that an administrator names.
pub async fn try_out(ctx: &mut Ctx, way: Way, typed: &str) -> Result<Uuid> {
    ctx.allow("notice.try_out", &Thing::new("platform", ""))?;
    let there = ctx.defs::<Carriers>().is_ok_and(|carriers| carriers.has(way));
    if !there {
        return Err(Error::field("way", "还没有配置这种方式", "this way is not configured"));
    }
    let Some((address, shown)) = way.address(typed) else {
        return Err(Error::field(
            "address",
            "这不是可以用的邮箱或手机号码",
            "this is no usable e-mail address or mobile number",
        ));
    };
    let subject = "政通测试 / Zhengtong test".to_owned();
    let text = "这是一条测试消息，收到说明配置正确。/ This is a test; it works.".to_owned();
    let id = queue(ctx, None, way, &address, Words { subject, text }).await?;
    let act = ctx.act("notice.try_out", "platform", way.word()).because(shown);
    append(ctx.conn(), &act).await?;
    Ok(id)
}

/// Sends a few words to an address that belongs to nobody here, in both languages; whether there is a way to it. The
/// platform alone does so, where a rule of a suite says that word is owed.
pub async fn carry_to(ctx: &mut Ctx, way: Way, address: &str, words: &Text) -> Result<bool> {
    ctx.allow("notice.carry", &Thing::new("platform", ""))?;
    if !ctx.defs::<Carriers>().is_ok_and(|carriers| carriers.has(way)) {
        return Ok(false);
    }
    let text = match way {
        Way::Sms => words.zh.clone(),
        Way::Mail => format!("{}\n\n{}\n", words.zh, words.en),
    };
    queue(ctx, None, way, address, Words { subject: words.zh.clone(), text }).await?;
    Ok(true)
}

/// Adds the handler of the job [`CARRY_JOB`].
#[must_use]
pub fn attach_carry(work: Work) -> Work {
    work.on(CARRY_JOB, |db, job| async move { run(&db, &job).await })
}

#[derive(Deserialize)]
struct CarryJob {
    delivery: Uuid,
}

async fn run(db: &Db, job: &Job) -> JobOutcome {
    let CarryJob { delivery } =
        serde_json::from_value(job.payload.clone()).map_err(|error| error.to_string())?;
    let came = carry_one(db, delivery, job.attempt).await.map_err(|error| error.to_string())?;
    match came {
        Outcome::Sent | Outcome::Never(_) => Ok(()),
        // The queue tries again, longer each time and by chance, and shows at last what is to be mended.
        Outcome::Later(why) => Err(why),
    }
}

/// One attempt. No transaction is open while the other side is talked to.
async fn carry_one(db: &Db, id: Uuid, attempt: i32) -> Result<Outcome> {
    let mut ctx = db.begin_system(CARRY_JOB).await?;
    let Some(load) = store::load(&mut ctx, id).await? else { return Ok(Outcome::Sent) };
    let now = ctx.now;
    drop(ctx);
    if load.state == DeliveryState::Sent {
        return Ok(Outcome::Sent);
    }
    let (outcome, inside) = match db.defs::<Carriers>() {
        Ok(carriers) => send(&carriers, &load, now).await,
        Err(_none) => (Outcome::Later("no way outside is configured".to_owned()), false),
    };
    let (state, reason) = match &outcome {
        Outcome::Sent => (DeliveryState::Sent, None),
        Outcome::Never(why) => (DeliveryState::Failed, Some(why.as_str())),
        Outcome::Later(why) if attempt >= ATTEMPTS_MAX => {
            (DeliveryState::Failed, Some(why.as_str()))
        }
        Outcome::Later(why) => (DeliveryState::Queued, Some(why.as_str())),
    };
    let mut ctx = db.begin_system(CARRY_JOB).await?;
    let now = ctx.now;
    store::attempted(ctx.conn(), id, (state, attempt, reason), inside, now).await?;
    if state != DeliveryState::Queued {
        let act = ctx.act(CARRY_JOB, "delivery", id.to_string()).because(format!(
            "{} {} {}",
            load.way.word(),
            state.word(),
            reason.unwrap_or_default()
        ));
        append(ctx.conn(), &act).await?;
    }
    ctx.commit().await?;
    Ok(outcome)
}

/// Hands it over; whether it was kept inside.
async fn send(carriers: &Carriers, load: &Load, at: OffsetDateTime) -> (Outcome, bool) {
    if carriers.is_simulated(load.way) {
        return (Outcome::Sent, true);
    }
    let outcome = match (load.way, &carriers.mail, &carriers.sms) {
        (Way::Mail, Some(server), _) => {
            let letter = mail::Letter {
                id: load.id,
                to: &load.address,
                subject: &load.subject,
                text: &load.text,
                at,
            };
            mail::send(&carriers.egress, server, &letter).await
        }
        (Way::Sms, _, Some(gateway)) => {
            let note = sms::Note { id: load.id, to: &load.address, text: &load.text, at };
            sms::send(&carriers.egress, gateway, &note).await
        }
        _ => Outcome::Later("this way is not configured".to_owned()),
    };
    (outcome, false)
}
