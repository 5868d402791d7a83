//! The life of cases under load: handed in, accepted, reviewed, inspected, granted, found.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use zhengtong_walk::city::City;
use zhengtong_walk::course::{self, ITEM, Told};
use zhengtong_walk::session::Session;
use zhengtong_walk::wire::Wire;

use crate::gauge::End;
use crate::say;

/// Who has the drafts that are put aside: nobody.
const ASIDE: &str = "00000000-0000-0000-0000-0000000000be";
/// Drafts that are made before they are put aside.
const BATCH: u64 = 80;
/// Drafts that are made at the same time.
const SIDE_BY_SIDE: u64 = 8;

/// Everybody who takes part.
#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(crate) agent: Session,
    officers: [Session; 4],
}

/// The outcomes in their order; the place is the officer's.
const OUTCOMES: [&str; 4] = ["accept", "reviewed", "inspected", "grant"];

/// Cases at every stage: drafts first, then one queue before each outcome, then those to be found.
#[derive(Debug, Default)]
pub(crate) struct Works(Mutex<[VecDeque<String>; 6]>, AtomicU32);

/// How many failures are told in words.
const TOLD_MAX: u32 = 5;

impl People {
    /// Logs everybody in.
    pub(crate) async fn of(city: &City, wire: &Wire) -> Result<Self> {
        let mut agent = city.log_in(wire, "agent").await?;
        agent.act_for(&format!("{ITEM}/start")).await?;
        let officers = [
            city.log_in(wire, "clerk").await?,
            city.log_in(wire, "reviewer").await?,
            city.log_in(wire, "inspector").await?,
            city.log_in(wire, "head").await?,
        ];
        Ok(Self { agent, officers })
    }
}

impl Works {
    /// The first failures in words, so that a run that fails says why.
    fn tell(&self, why: &str) {
        if self.1.fetch_add(1, Ordering::Relaxed) < TOLD_MAX {
            say(&format!("    {why}"));
        }
    }

    fn put(&self, stage: usize, thing: String) {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get_mut(stage) {
            queue.push_back(thing);
        }
    }

    /// Something to do, the stage of this number if it has something, else the next one that has.
    fn take(&self, number: u64) -> Option<(usize, String)> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = usize::try_from(number % 6).unwrap_or(0);
        (0..6).map(|step| (first + step) % 6).find_map(|stage| {
            let thing = queues.get_mut(stage)?.pop_front()?;
            Some((stage, thing))
        })
    }

    /// Applications that are filled in over HTTP and wait to be handed in. Nobody may have more than a hundred at a
    /// time, so those that are ready are put aside in the database until all are.
    pub(crate) async fn prepare(&self, city: &City, people: &People, drafts: u64) -> Result<()> {
        // What an earlier load left over would count as well.
        city.psql("DELETE FROM form.draft WHERE submitted_case IS NULL").await?;
        let mut made = 0;
        while made < drafts {
            let some: Vec<_> = (0..SIDE_BY_SIDE)
                .map(|_| {
                    let agent = people.agent.clone();
                    tokio::spawn(async move { some_drafts(&agent, BATCH / SIDE_BY_SIDE).await })
                })
                .collect();
            for line in some {
                for draft in line.await?? {
                    made += 1;
                    self.put(0, draft);
                }
            }
            city.psql(&format!(
                "UPDATE form.draft SET owner = '{ASIDE}' WHERE submitted_case IS NULL AND item LIKE '%food-business%' \
                 AND owner = (SELECT person FROM party.account WHERE login = 'agent')"
            ))
            .await?;
        }
        city.psql(&format!(
            "UPDATE form.draft SET owner = (SELECT person FROM party.account WHERE login = 'agent') WHERE owner = '{ASIDE}'"
        ))
        .await
        .map(drop)
    }

    /// Hands in some of them, so that every queue has something when the measured time begins.
    pub(crate) async fn warm(&self, people: &People, acts: u64) {
        for number in 0..acts {
            self.act(people, number).await;
        }
    }

    /// One act on whatever waits.
    pub(crate) async fn act(&self, people: &People, number: u64) -> End {
        let Some((stage, thing)) = self.take(number) else { return End::Idle };
        let told = match stage {
            0 => match course::hand_in(&people.agent, &thing).await {
                Told::Done(no, _) => {
                    self.put(1, no);
                    return End::Good;
                }
                Told::Refused(status, why) => Told::Refused(status, why),
                Told::Unknown(why) => Told::Unknown(why),
            },
            5 => return found(people, &thing).await,
            stage => {
                let place = stage - 1;
                let (Some(officer), Some(outcome)) =
                    (people.officers.get(place), OUTCOMES.get(place))
                else {
                    return End::Bad;
                };
                course::decide(officer, &thing, outcome, "").await
            }
        };
        match told {
            Told::Done(..) => {
                self.put(stage + 1, thing);
                End::Good
            }
            Told::Refused(429 | 503, _) => End::Shed,
            Told::Unknown(why) if why.contains("503") => End::Shed,
            Told::Refused(status, why) => {
                self.tell(&format!("refused with {status} at stage {stage}: {why}"));
                End::Bad
            }
            Told::Unknown(why) => {
                self.tell(&format!("no answer at stage {stage}: {why}"));
                End::Bad
            }
        }
    }
}

/// Some drafts, one after the other.
async fn some_drafts(agent: &Session, count: u64) -> Result<Vec<String>> {
    let mut ready = Vec::new();
    for _ in 0..count {
        let begun = course::begin(agent).await;
        let why = format!("{begun:?}");
        let draft = begun.done().with_context(|| format!("no application: {why}"))?;
        let filled = course::fill(agent, &draft, None).await;
        let why = format!("{filled:?}");
        filled.done().with_context(|| format!("not filled in: {why}"))?;
        ready.push(draft);
    }
    Ok(ready)
}

/// An officer looks a case up by its number.
async fn found(people: &People, no: &str) -> End {
    let Some(clerk) = people.officers.first() else { return End::Bad };
    match clerk.get(&format!("/desk/find?q={no}")).await {
        Ok(reply) if reply.status == 303 => match reply.header("location") {
            Some(place) => page(clerk, place).await,
            None => End::Bad,
        },
        Ok(reply) if matches!(reply.status, 429 | 503) => End::Shed,
        _ => End::Bad,
    }
}

/// A page that must be there.
pub(crate) async fn page(who: &Session, path: &str) -> End {
    match who.get(path).await {
        Ok(reply) if reply.status == 200 => End::Good,
        Ok(reply) if matches!(reply.status, 429 | 503) => End::Shed,
        _ => End::Bad,
    }
}
