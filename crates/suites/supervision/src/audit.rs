//! An auditor counts the board again out of the record of cases, and judges every occasion again: what the board says
//! and which cards there are must be the same.

use std::collections::{BTreeMap, BTreeSet};

use time::macros::date;
use uuid::Uuid;
use zhengtong_db::Ctx;

use crate::board::{LastAudit, figures};
use crate::error::Result;
use crate::follow::{again, platform};
use crate::model::{Counts, Level, Period, Standing, State, What};
use crate::part::Catalog;
use crate::store;

/// Cases that are read at once.
const BATCH: i64 = 500;
/// A time in which everything is.
const EVER: Period = Period { from: date!(2000 - 01 - 01), to: date!(2199 - 12 - 31) };
/// Occasions that are not judged again: what was true one night need not be true the next.
const NIGHTLY: &str = "daily/";

/// Something that is not what the record gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The case, or the department for a number.
    pub of: String,
    /// What differs.
    pub what: String,
}

/// What an audit found.
#[derive(Clone, Debug, Default)]
pub struct Audited {
    /// Cases that were read.
    pub cases: i32,
    /// Cards that were judged again.
    pub cards: i32,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// Compares cases, cards and numbers with the record of cases, and keeps the outcome.
pub async fn audit(ctx: &mut Ctx) -> Result<Audited> {
    ctx.allow("supervision.audit", &platform())?;
    let mut found = Audited::default();
    let mut counted: BTreeMap<Uuid, Counts> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let numbers = zhengtong_casework::watch_after(ctx, &after, BATCH).await?;
        let Some(last) = numbers.last() else { break };
        after.clone_from(last);
        for no in &numbers {
            one(ctx, no, &mut found, &mut counted).await?;
        }
    }
    numbers(ctx, &mut found, counted).await?;
    let (id, now) = (ctx.id(), ctx.now);
    let first = found.differences.first().map(|first| format!("{}: {}", first.of, first.what));
    let differ = i32::try_from(found.differences.len()).unwrap_or(i32::MAX);
    let kept = LastAudit { at: now, cases: found.cases, cards: found.cards, differ, first };
    store::add_audit(ctx.conn(), id, &kept).await?;
    let act = ctx
        .act("supervision.audit", "supervision", "board")
        .because(format!("{} cases, {} cards, {differ} differ", found.cases, found.cards));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(found)
}

async fn one(
    ctx: &mut Ctx,
    no: &str,
    found: &mut Audited,
    counted: &mut BTreeMap<Uuid, Counts>,
) -> Result<()> {
    let Some(watched) = zhengtong_casework::watch(ctx, no).await? else { return Ok(()) };
    found.cases += 1;
    let mut differs = |what: String| {
        found.differences.push(Difference { of: no.to_owned(), what });
    };
    let given = Standing::of(&watched);
    match store::standing(ctx.conn(), no).await? {
        None => differs("not seen yet".to_owned()),
        Some(kept) if kept != given => {
            differs("its standing is not what its record gives".to_owned());
        }
        Some(_) => {}
    }
    let numbers = counted.entry(given.department).or_default();
    count(numbers, &given, ctx.now);
    let expected = again(ctx, &watched).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let mut cards = BTreeSet::new();
    for card in store::cards_of_case(ctx.conn(), no).await? {
        if card.state != State::Revoked {
            let numbers = counted.entry(card.department).or_default();
            numbers.add(of_level(card.level), 1);
        }
        // A rule that is no longer there cannot be judged again, nor what was seen one night.
        if catalog.rule(&card.rule).is_some() && !card.occasion.starts_with(NIGHTLY) {
            cards.insert((card.rule, card.occasion));
        }
    }
    found.cards += i32::try_from(expected.len()).unwrap_or(i32::MAX);
    let mut differs = |what: String| {
        found.differences.push(Difference { of: no.to_owned(), what });
    };
    for (rule, occasion) in expected.difference(&cards) {
        differs(format!("no card of {rule} for {occasion}"));
    }
    for (rule, occasion) in cards.difference(&expected) {
        differs(format!("the record gives no card of {rule} for {occasion}"));
    }
    Ok(())
}

fn of_level(level: Level) -> What {
    match level {
        Level::Notice => What::Notice,
        Level::Yellow => What::Yellow,
        Level::Red => What::Red,
    }
}

fn count(numbers: &mut Counts, standing: &Standing, now: time::OffsetDateTime) {
    if standing.accepted_at.is_some() {
        numbers.add(What::Accepted, 1);
        if standing.decided_at.is_none() && standing.closed_at.is_none() {
            numbers.add(What::Open, 1);
        }
    }
    if standing.decided_at.is_some() {
        numbers.add(What::Decided, 1);
        if standing.over_from.is_none() {
            numbers.add(What::OnTime, 1);
        }
    }
    if standing.over_from.is_some_and(|from| from <= now) {
        numbers.add(What::Overdue, 1);
    }
}

/// Compares the numbers of the board over all time with those that were counted again.
async fn numbers(
    ctx: &mut Ctx,
    found: &mut Audited,
    mut counted: BTreeMap<Uuid, Counts>,
) -> Result<()> {
    for card in store::caseless_cards(ctx.conn()).await? {
        let level = Level::parse(&card.1).unwrap_or(Level::Red);
        counted.entry(card.0).or_default().add(of_level(level), card.2);
    }
    for row in figures(ctx, EVER).await? {
        let again = counted.remove(&row.id).unwrap_or_default();
        for what in What::ALL {
            let (said, given) = (row.counts.get(what), again.get(what));
            if said != given {
                let what =
                    format!("{}: the board says {said}, the record gives {given}", what.word());
                found.differences.push(Difference { of: row.name.clone(), what });
            }
        }
    }
    for (department, counts) in counted {
        if counts != Counts::default() {
            let what = "is not on the board".to_owned();
            found.differences.push(Difference { of: department.to_string(), what });
        }
    }
    Ok(())
}
