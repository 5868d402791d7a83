//! Seeded clients: an applicant and officers who go on whatever happens, and write down what they were told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::sync::watch;
use zhengtong_walk::course::{self, Told};
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;
use zhengtong_walk::session::Session;

use crate::history::{History, Line};

/// Everybody who works in a round, logged in once.
#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(crate) agent: Session,
    pub(crate) clerk: Session,
    pub(crate) reviewer: Session,
    pub(crate) inspector: Session,
    pub(crate) head: Session,
    /// Somebody who may see none of it.
    pub(crate) stranger: Session,
}

/// A case that clients know of, and what they believe was done.
#[derive(Clone, Debug)]
struct Known {
    no: String,
    done: BTreeSet<&'static str>,
    over: bool,
}

/// The cases of a run, shared by its clients.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<Vec<Known>>);

/// One client.
pub(crate) struct Client {
    pub(crate) seed: u64,
    pub(crate) number: u64,
    pub(crate) people: People,
    pub(crate) pool: Arc<Pool>,
    pub(crate) history: Arc<History>,
}

/// The steps of a case and who does them.
const STEPS: &[(&str, &str)] =
    &[("accept", "clerk"), ("reviewed", "reviewer"), ("inspected", "inspector"), ("grant", "head")];

impl People {
    /// The same people by another way.
    pub(crate) fn by(&self, wire: &zhengtong_walk::wire::Wire) -> Self {
        Self {
            agent: self.agent.by(wire),
            clerk: self.clerk.by(wire),
            reviewer: self.reviewer.by(wire),
            inspector: self.inspector.by(wire),
            head: self.head.by(wire),
            stranger: self.stranger.by(wire),
        }
    }

    fn officer(&self, who: &str) -> &Session {
        match who {
            "clerk" => &self.clerk,
            "reviewer" => &self.reviewer,
            "inspector" => &self.inspector,
            _ => &self.head,
        }
    }
}

impl Client {
    /// Works until told to stop.
    pub(crate) async fn work(self, mut stop: watch::Receiver<bool>) -> Result<u64> {
        let mut dice = Dice::new(self.seed).part(self.number);
        let mut acts = 0;
        while !*stop.borrow_and_update() {
            let done = self.one(&mut dice).await?;
            acts += u64::from(done);
            // Nobody hammers at a door that is shut.
            let pause = if done { dice.between(1, 15) } else { 40 };
            now::wait(Duration::from_millis(pause)).await;
        }
        Ok(acts)
    }

    async fn one(&self, dice: &mut Dice) -> Result<bool> {
        match dice.below(10) {
            0..=3 => self.apply(dice).await,
            4..=7 => self.advance(dice).await,
            8 => self.remark(dice).await,
            _ => self.clock(dice).await,
        }
    }

    /// A whole application, from the start to the number.
    async fn apply(&self, dice: &mut Dice) -> Result<bool> {
        let agent = &self.people.agent;
        let draft = match course::begin(agent).await {
            Told::Done(draft, _) => draft,
            // What earlier blows left unfinished fills the list: somebody has to clear it.
            Told::Refused(429, _) => {
                course::discard(agent).await;
                return Ok(false);
            }
            Told::Refused(..) | Told::Unknown(_) => return Ok(false),
        };
        let bytes = dice.once_in(3).then(|| paper(dice));
        if course::fill(agent, &draft, bytes.as_deref()).await.done().is_none() {
            return Ok(false);
        }
        let t0 = now::micros();
        let told = course::hand_in(agent, &draft).await;
        self.note("submit", (&draft, ""), t0, &told, String::clone)?;
        match told {
            Told::Done(no, _) => {
                self.pool.add(&no);
                Ok(true)
            }
            Told::Unknown(_) if dice.once_in(2) => self.again(&draft).await,
            _ => Ok(false),
        }
    }

    /// Nobody knows whether the first try counted, so it is tried again, as a person would.
    async fn again(&self, draft: &str) -> Result<bool> {
        now::wait(Duration::from_millis(300)).await;
        let t0 = now::micros();
        let told = course::hand_in(&self.people.agent, draft).await;
        self.note("submit", (draft, "again"), t0, &told, String::clone)?;
        if let Told::Done(no, _) = &told {
            self.pool.add(no);
        }
        Ok(told.done().is_some())
    }

    /// The next step of some case.
    async fn advance(&self, dice: &mut Dice) -> Result<bool> {
        let Some(known) = self.pool.some(dice) else { return Ok(false) };
        let next = STEPS.iter().find(|(step, _)| !known.done.contains(step));
        let Some((step, who)) = next else { return Ok(false) };
        let (outcome, reason) = match (*step, dice.below(12)) {
            ("accept", 0) => ("decline", "只卖预包装食品"),
            ("grant", 0) => ("refuse", "操作台未分开"),
            (step, _) => (step, ""),
        };
        let t0 = now::micros();
        let told = course::decide(self.people.officer(who), &known.no, outcome, reason).await;
        self.note("decide", (&known.no, outcome), t0, &told, |()| String::new())?;
        match &told {
            Told::Done(..) => {
                self.pool.did(&known.no, step, matches!(outcome, "decline" | "refuse"));
            }
            // Somebody else did it, or the answer to the first try was lost.
            Told::Refused(200, _) => self.pool.did(&known.no, step, false),
            Told::Refused(..) | Told::Unknown(_) => {}
        }
        Ok(told.done().is_some())
    }

    /// A remark that colleagues see: twice the same words would be a doubled act.
    async fn remark(&self, dice: &mut Dice) -> Result<bool> {
        let Some(known) = self.pool.some(dice) else { return Ok(false) };
        let words = format!("便签 {:016x}", dice.next());
        let page = format!("/desk/casework/{}", known.no);
        let t0 = now::micros();
        let fields = [("text", words.as_str())];
        let told = course::small(&self.people.clerk, &page, &format!("{page}/note"), &fields).await;
        self.note("note", (&known.no, &words), t0, &told, |()| String::new())?;
        Ok(told.done().is_some())
    }

    /// Stops the clock of an accepted case, or lets it run again.
    async fn clock(&self, dice: &mut Dice) -> Result<bool> {
        let Some(known) = self.pool.some(dice) else { return Ok(false) };
        if !known.done.contains("accept") {
            return Ok(false);
        }
        let page = format!("/desk/casework/{}", known.no);
        let (op, fields): (_, &[(&str, &str)]) = if dice.once_in(2) {
            ("suspend", &[("kind", "inspection"), ("reason", "餐具抽样送检")])
        } else {
            ("resume", &[])
        };
        let t0 = now::micros();
        let told =
            course::small(&self.people.reviewer, &page, &format!("{page}/{op}"), fields).await;
        self.note(op, (&known.no, ""), t0, &told, |()| String::new())?;
        Ok(told.done().is_some())
    }

    fn note<T>(
        &self,
        op: &'static str,
        (thing, detail): (&str, &str),
        t0: u64,
        told: &Told<T>,
        value: impl Fn(&T) -> String,
    ) -> Result<()> {
        let line = Line {
            seed: self.seed,
            client: self.number,
            op,
            thing: thing.to_owned(),
            detail: detail.to_owned(),
            t0,
            t1: now::micros(),
            result: "",
            value: String::new(),
            request: String::new(),
            why: String::new(),
        };
        self.history.add(line.told(told, value))
    }
}

impl Pool {
    fn add(&self, no: &str) {
        let mut cases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cases.iter().all(|known| known.no != no) {
            cases.push(Known { no: no.to_owned(), done: BTreeSet::new(), over: false });
        }
    }

    /// One of the latest open cases, so that most come to their end.
    fn some(&self, dice: &mut Dice) -> Option<Known> {
        let cases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open: Vec<&Known> = cases.iter().rev().filter(|known| !known.over).take(8).collect();
        dice.one(&open).map(|known| (*known).clone())
    }

    fn did(&self, no: &str, step: &'static str, over: bool) {
        let mut cases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cases.iter_mut().find(|known| known.no == no) {
            known.done.insert(step);
            known.over |= over || known.done.len() == STEPS.len();
        }
    }
}

/// A small PDF that nobody has sent before.
pub(crate) fn paper(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n\
        << /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n\
        << /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n"
        .to_vec();
    for _ in 0..dice.between(10, 2_000) {
        bytes.extend_from_slice(format!("% {:016x}\n", dice.next()).as_bytes());
    }
    bytes.extend_from_slice(b"trailer\n<< /Root 1 0 R /Size 4 >>\nstartxref\n9\n%%EOF\n");
    bytes
}
