//! Spot checks: which cases are drawn follows from a seed alone, so that anybody can draw them again; what came of each
//! is put down once.

use serde_json::json;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::Ctx;

use crate::card::written;
use crate::error::{Error, Result};
use crate::follow::platform;
use crate::model::Period;
use crate::store;

/// Most cases of one sample.
const SIZE_MAX: i32 = 200;
/// Most characters of a seed.
const SEED_CHARS_MAX: usize = 64;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Draw {
    /// Said before the draw, such as the numbers of a lottery.
    pub seed: String,
    /// How many cases.
    pub size: i32,
    /// Of one department, or of all.
    pub department: Option<Uuid>,
    /// Decided in which time.
    pub period: Period,
}

/// A sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The identifier.
    pub id: Uuid,
    /// The number.
    pub no: String,
    /// The seed.
    pub seed: String,
    /// How many cases were asked for.
    pub size: i32,
    /// Of one department, or of all.
    pub department: Option<Uuid>,
    /// The first day of the decisions.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// From how many cases it was drawn.
    pub population: i32,
    /// The digest of these cases.
    pub digest: String,
    /// Who drew.
    pub name: String,
    /// When.
    pub at: OffsetDateTime,
}

/// What came of a case that was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Whether it was sound.
    pub sound: bool,
    /// What was seen.
    pub words: String,
    /// Who looked.
    pub name: String,
    /// When.
    pub at: OffsetDateTime,
}

/// A case that was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Its place in the draw, from 1.
    pub place: i32,
    /// The case.
    pub case: String,
    /// What came of it.
    pub check: Option<Check>,
}

/// A sample with its cases, and whether the same seed draws the same from the same cases today.
#[derive(Clone, Debug)]
pub struct SampleView {
    /// The sample.
    pub sample: Sample,
    /// What was drawn.
    pub drawn: Vec<Drawn>,
    /// Whether drawing again gives the same; none when the cases of that time are others by now.
    pub again: Option<bool>,
}

/// Draws cases: those whose digest with the seed is the smallest. Pure.
fn pick(seed: &str, mut cases: Vec<String>, size: i32) -> Vec<String> {
    cases.sort_by_cached_key(|no| Digest::of(format!("{seed}\n{no}").as_bytes()));
    cases.truncate(usize::try_from(size).unwrap_or(0));
    cases
}

fn digest_of(cases: &[String]) -> String {
    Digest::of(cases.join("\n").as_bytes()).to_string()
}

/// Draws a sample and keeps it; gives its number.
pub async fn draw(ctx: &mut Ctx, draw: Draw) -> Result<String> {
    ctx.allow("supervision.draw", &platform())?;
    let body = json!([
        draw.seed,
        draw.size,
        draw.department,
        draw.period.from.to_string(),
        draw.period.to.to_string()
    ]);
    if let Some(answer) = ctx.once("supervision.draw", &body).await? {
        return Ok(answer.as_str().unwrap_or_default().to_owned());
    }
    let seed = check(&draw)?.to_owned();
    let (from, to) = draw.period.moments();
    let cases = store::population(ctx.conn(), draw.department, from, to).await?;
    if cases.is_empty() {
        return Err(Error::State(Text::new(
            "这段时间没有办结的件，换一段时间再抽",
            "no case was decided in this time; choose another",
        )));
    }
    let year = china_date(ctx.now).year();
    let next = ctx.number(&format!("supervision/sample/{year}")).await?;
    let sample = Sample {
        id: ctx.id(),
        no: format!("CC-{year}-{next:04}"),
        size: draw.size,
        department: draw.department,
        from: draw.period.from,
        to: draw.period.to,
        population: i32::try_from(cases.len()).unwrap_or(i32::MAX),
        digest: digest_of(&cases),
        name: ctx.actor.name.clone(),
        at: ctx.now,
        seed,
    };
    let drawn = pick(&sample.seed, cases, sample.size);
    store::add_sample(ctx, &sample, &drawn).await?;
    let act = ctx
        .act("supervision.draw", "sample", &sample.no)
        .because(format!("{} of {}, seed {}", drawn.len(), sample.population, sample.seed))
        .change(None, Some(digest_of(&drawn)));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.answered(&sample.no).await?;
    Ok(sample.no)
}

/// Samples, the latest first.
pub async fn samples(ctx: &mut Ctx) -> Result<Vec<Sample>> {
    ctx.allow("supervision.board", &platform())?;
    store::samples(ctx, None).await
}

/// Opens a sample and draws it again, to see that nobody chose.
pub async fn sample(ctx: &mut Ctx, no: &str) -> Result<SampleView> {
    ctx.allow("supervision.board", &platform())?;
    let found = store::samples(ctx, Some(no)).await?.pop();
    let sample = found.ok_or_else(|| zhengtong_db::Error::absent("sample", no))?;
    let drawn = store::drawn(ctx, sample.id).await?;
    let (from, to) = Period { from: sample.from, to: sample.to }.moments();
    let cases = store::population(ctx.conn(), sample.department, from, to).await?;
    let again = (digest_of(&cases) == sample.digest).then(|| {
        let picked = pick(&sample.seed, cases, sample.size);
        picked.iter().eq(drawn.iter().map(|one| &one.case))
    });
    Ok(SampleView { sample, drawn, again })
}

/// Puts down what came of a case that was drawn. Once.
pub async fn check_drawn(
    ctx: &mut Ctx,
    no: &str,
    place: i32,
    sound: bool,
    words: &str,
) -> Result<()> {
    ctx.allow("supervision.draw", &platform())?;
    if ctx.once("supervision.check", &json!([no, place, sound, words])).await?.is_some() {
        return Ok(());
    }
    let words = written(words)?;
    let found = store::samples(ctx, Some(no)).await?.pop();
    let sample = found.ok_or_else(|| zhengtong_db::Error::absent("sample", no))?;
    let drawn = store::drawn(ctx, sample.id).await?;
    if !drawn.iter().any(|one| one.place == place) {
        return Err(zhengtong_db::Error::absent("sample", format!("{no}/{place}")).into());
    }
    let outcome = if sound { "sound" } else { "flawed" };
    if !store::add_check(ctx, sample.id, place, outcome, words).await? {
        return Err(Error::State(Text::new(
            "这一件已经查过，结果不能改",
            "this case was checked; the result stays",
        )));
    }
    let act = ctx
        .act("supervision.draw", "sample", format!("{no}/{place}"))
        .because(format!("{outcome}: {words}"));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

fn check(draw: &Draw) -> Result<&str> {
    let mut wrong = Vec::new();
    let mut push = |field: &str, zh: &str, en: &str| {
        wrong.push(FieldError::new(field, zh.to_owned(), en.to_owned()));
    };
    let seed = draw.seed.trim();
    if seed.is_empty() || seed.chars().count() > SEED_CHARS_MAX {
        push(
            "seed",
            "写一个种子，例如开奖号码，最多 64 个字",
            "give a seed, such as lottery numbers, at most 64 characters",
        );
    }
    if !(1..=SIZE_MAX).contains(&draw.size) {
        push("size", "一次抽 1 到 200 件", "draw 1 to 200 cases at once");
    }
    if draw.period.from > draw.period.to {
        push("from", "开始日期晚于结束日期", "the first day is after the last");
    }
    if wrong.is_empty() { Ok(seed) } else { Err(Error::Invalid(wrong)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_whatever_the_order() {
        let cases: Vec<String> = (0..100).map(|number| format!("SPJY-2026-{number:06}")).collect();
        let mut turned = cases.clone();
        turned.reverse();
        let drawn = pick("07 11 19", cases.clone(), 10);
        assert_eq!(drawn, pick("07 11 19", turned, 10));
        assert_eq!(drawn.len(), 10);
        assert_ne!(drawn, pick("07 11 20", cases, 10));
    }
}
