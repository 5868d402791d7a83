//! Ratings of the demonstration: most applicants whose case is over rate it, some are not satisfied, and their ratings are
//! sent, answered and called back as in life.

use anyhow::Result;
use time::Duration;
use zhengtong_db::{Actor, Ctx, Db};
use zhengtong_rating::{Channel, Said};

use super::cases::{agent, officer};
use super::dice::{Dice, Purpose};
use super::{Applicant, Founded};
use crate::wire::failed;

/// How often each level comes, in ten.
const LEVELS: [u8; 10] = [1, 1, 1, 2, 2, 2, 2, 3, 4, 5];
/// What is said with each level.
const WORDS: [&[&str]; 5] = [
    &["全程没跑腿，当天就拿到证了", "进度一看就知道，很清楚", ""],
    &["很快，窗口人员很耐心", "材料说明写得清楚", ""],
    &["还可以，上传材料有点慢", ""],
    &["补了一次材料，说明看不太懂", "打了几次电话才打通"],
    &["现场核查改了两次时间，没有提前说"],
];
/// How departments reply.
const REPLIES: [&str; 2] = [
    "已联系核查组，改期一律提前一天电话告知，并向您致歉。",
    "已把材料说明改写并配了样图，窗口加派一名导办。",
];
/// Somebody rates some hours after the end of the case.
const LATER: Duration = Duration::hours(20);

/// Plays ratings that are not there yet.
pub(crate) async fn play(db: &Db, founded: &Founded) -> Result<()> {
    if zhengtong_rating::wording(&begin(db, Actor::system("demo")).await?).is_none() {
        return Ok(());
    }
    let mut rated = 0;
    for (place, applicant) in (0..).zip(&founded.applicants) {
        rated += usize::from(rate(db, founded, applicant, place).await?);
    }
    if rated > 0 {
        follow_up(db, founded).await?;
    }
    tracing::info!(rated, "ratings played");
    Ok(())
}

/// Rates the case of an applicant when it is over; whether it did.
async fn rate(db: &Db, founded: &Founded, applicant: &Applicant, place: u64) -> Result<bool> {
    let mut ctx = begin(db, agent(applicant)).await?;
    let cases = zhengtong_casework::mine(&mut ctx, 1).await.map_err(|error| failed(&error))?;
    let Some(case) = cases.rows.into_iter().next() else { return Ok(false) };
    drop(ctx);
    let mut ctx = begin(db, Actor::system("rating.offer")).await?;
    zhengtong_rating::follow(&mut ctx, &case.no).await.map_err(|error| failed(&error))?;
    ctx.commit().await.map_err(|error| failed(&error))?;
    let mut dice = Dice::new(founded.seed ^ 2, Purpose::Case, place);
    let (Some(closed), false) = (case.closed_at, dice.once_in(6)) else { return Ok(false) };
    let now = db.clock().now();
    let at = (closed + LATER).min(now);
    let level = dice.one(&LEVELS).copied().unwrap_or(1);
    let words = WORDS.get(usize::from(level) - 1).map_or("", |words| dice.word(words));
    let channel = dice.one(Channel::ALL.get(..2).unwrap_or_default()).copied();
    let said = Said { level, words: words.to_owned(), ..Said::default() };
    let mut ctx = begin(db, agent(applicant)).await?;
    ctx.now = at;
    let contacts =
        zhengtong_rating::contacts(&mut ctx, &case.no).await.map_err(|error| failed(&error))?;
    let open = contacts.iter().any(|one| one.contact == "result" && one.rating.is_none());
    if !open {
        return Ok(false);
    }
    let channel = channel.unwrap_or(Channel::Pc);
    zhengtong_rating::rate(&mut ctx, &case.no, "result", channel, &said)
        .await
        .map_err(|error| failed(&error))?;
    ctx.commit().await.map_err(|error| failed(&error))?;
    Ok(true)
}

/// Bad ratings go to the department, which answers all but the last; words are read and shown.
async fn follow_up(db: &Db, founded: &Founded) -> Result<()> {
    let mut ctx = begin(db, Actor::system("rating.dispatch")).await?;
    zhengtong_rating::dispatch_waiting(&mut ctx).await.map_err(|error| failed(&error))?;
    ctx.commit().await.map_err(|error| failed(&error))?;
    let mut ctx = begin(db, officer(founded.seed, "head")?).await?;
    let open =
        zhengtong_rating::matters(&mut ctx, true, 1).await.map_err(|error| failed(&error))?;
    let numbers: Vec<String> = open.rows.into_iter().map(|matter| matter.no).collect();
    let answered = numbers.len().saturating_sub(2);
    for (no, words) in numbers.iter().take(answered).zip(REPLIES.iter().cycle()) {
        zhengtong_rating::reply(&mut ctx, no, words).await.map_err(|error| failed(&error))?;
    }
    ctx.commit().await.map_err(|error| failed(&error))?;
    let mut ctx = begin(db, officer(founded.seed, "evaluator")?).await?;
    for no in numbers.iter().take(answered.saturating_sub(1)) {
        zhengtong_rating::record_call_back(&mut ctx, no, true, "电话回访，表示已解决")
            .await
            .map_err(|error| failed(&error))?;
    }
    let unread = zhengtong_rating::unread(&mut ctx).await.map_err(|error| failed(&error))?;
    for one in unread.iter().skip(2) {
        let (words, reply) = (Some(one.words.as_str()), one.reply.as_deref().unwrap_or_default());
        zhengtong_rating::review(&mut ctx, one.rating, words, reply, "")
            .await
            .map_err(|error| failed(&error))?;
    }
    ctx.commit().await.map_err(|error| failed(&error))
}

async fn begin(db: &Db, actor: Actor) -> Result<Ctx> {
    db.begin(actor, "demo:rating").await.map_err(|error| failed(&error))
}
