//! The faults by their numbers: what is done to the city, and what must hold then.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::time::Instant;
use zhengtong_walk::city::{City, Signal, children, signal};
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;
use zhengtong_walk::wire::Wire;

use crate::clients::People;
use crate::proxy::{Manners, Proxy};
use crate::strike;

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server is killed.
    F01,
    /// The master of the database is killed.
    F02,
    /// Both are killed at once.
    F03,
    /// The database, then the server, stand still for a while.
    F04,
    /// The disk is full: of files, of a backup, of the log of the database, of the database, of everything.
    F05,
    /// The standby dies, is cut off, and comes back.
    F08,
    /// The primary is lost and the standby promoted; the old primary comes back.
    F09,
    /// The wall clock jumps.
    F10,
    /// Uploads are torn, cut, too short, without an end.
    F11,
    /// Requests are doubled, delayed, cut off, and sent again later.
    F12,
    /// Slow and half-dead clients.
    F13,
    /// Bytes of the record, of a file, of the database are flipped.
    F14,
    /// A page of the database is damaged.
    F15,
    /// A neighbour is slow, dead, or answers nonsense.
    F17,
    /// There is too little memory.
    F18,
    /// Restarts one after the other, in order, under load.
    F20,
    /// Many at the same case at the same moment.
    F21,
    /// A burst of many times the usual load.
    F22,
    /// Keys are changed while the city works.
    F23,
}

/// What a strike found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Struck {
    /// How long the city could not serve.
    pub(crate) away: Duration,
    /// What did not hold while it struck.
    pub(crate) broken: Vec<String>,
    /// A word for the line of the round.
    pub(crate) word: String,
}

/// Who and what a strike works with.
pub(crate) struct Scene<'a> {
    pub(crate) city: &'a mut City,
    pub(crate) people: &'a People,
    pub(crate) dice: Dice,
    /// A case that was just handed in, for faults that need one.
    pub(crate) fresh: Option<String>,
    /// What stands before the city, for faults of the line.
    pub(crate) proxy: Option<&'a Proxy>,
}

impl Fault {
    /// What a run does when no faults are named, in turn: the deadly ones more often than the rest.
    pub(crate) const USUAL: &'static [Self] = &[
        Self::F01,
        Self::F12,
        Self::F02,
        Self::F03,
        Self::F21,
        Self::F01,
        Self::F11,
        Self::F02,
        Self::F13,
        Self::F03,
        Self::F20,
        Self::F04,
        Self::F12,
        Self::F22,
        Self::F10,
        Self::F14,
        Self::F15,
        Self::F05,
        Self::F18,
        Self::F23,
        Self::F09,
        Self::F08,
        Self::F17,
    ];

    /// Those that need a city of their own, which they leave broken.
    pub(crate) fn alone(self) -> bool {
        matches!(
            self,
            Self::F05
                | Self::F08
                | Self::F09
                | Self::F10
                | Self::F14
                | Self::F15
                | Self::F17
                | Self::F18
                | Self::F23
        )
    }

    /// Its number.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::F01 => "F01",
            Self::F02 => "F02",
            Self::F03 => "F03",
            Self::F04 => "F04",
            Self::F05 => "F05",
            Self::F08 => "F08",
            Self::F09 => "F09",
            Self::F10 => "F10",
            Self::F11 => "F11",
            Self::F12 => "F12",
            Self::F13 => "F13",
            Self::F14 => "F14",
            Self::F15 => "F15",
            Self::F17 => "F17",
            Self::F18 => "F18",
            Self::F20 => "F20",
            Self::F21 => "F21",
            Self::F22 => "F22",
            Self::F23 => "F23",
        }
    }

    /// The fault of a number.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::USUAL.iter().copied().find(|fault| fault.name().eq_ignore_ascii_case(name))
    }

    /// Whether the city is away for a while, so that the time until it serves again means something.
    pub(crate) fn ends(self) -> bool {
        matches!(self, Self::F01 | Self::F02 | Self::F03 | Self::F04 | Self::F09 | Self::F20)
    }

    /// Words in lines of the logs that this fault explains.
    pub(crate) fn excused(self) -> &'static [&'static str] {
        match self {
            Self::F02 | Self::F03 => &["the database ended; starting it again"],
            _ => &[],
        }
    }

    /// How the line of this round behaves; none when clients go straight to the server.
    pub(crate) fn manners(self) -> Option<Manners> {
        (self == Self::F12).then_some(Manners {
            delay_ms: 20,
            cut: 25,
            half_close: 40,
            slow_close: 10,
            double: 1,
        })
    }

    /// Does it, and waits until the city is whole again.
    pub(crate) async fn strike(self, scene: Scene<'_>) -> Result<Struck> {
        match self {
            Self::F01 => killed(scene.city, true, false).await,
            Self::F02 => killed(scene.city, false, true).await,
            Self::F03 => killed(scene.city, true, true).await,
            Self::F04 => frozen(scene).await,
            Self::F11 => strike::torn(scene).await,
            Self::F12 => doubled(scene).await,
            Self::F13 => strike::slow(scene).await,
            Self::F20 => storm(scene).await,
            Self::F21 => strike::hot(scene).await,
            Self::F22 => strike::burst(scene).await,
            _ => bail!("{} needs a city of its own", self.name()),
        }
    }
}

/// Kills the server, the database or both, and waits until the city serves again.
async fn killed(city: &mut City, server: bool, database: bool) -> Result<Struck> {
    let from = Instant::now();
    let master = city.postmaster().context("no master of the database")?;
    if database && server {
        // Both at one moment: the database first would let the server notice.
        let pid = city.pid().context("no server")?;
        signal(pid, Signal::Kill)?;
        signal(master, Signal::Kill)?;
    } else if database {
        signal(master, Signal::Kill)?;
    }
    if server {
        city.kill().await?;
        city.start()?;
    } else {
        wait_away(city).await;
    }
    city.ready().await?;
    Ok(Struck { away: from.elapsed(), ..Struck::default() })
}

/// The line does its worst by itself; it must have had the time for it.
async fn doubled(scene: Scene<'_>) -> Result<Struck> {
    now::wait(Duration::from_millis(1_500)).await;
    let deeds = &scene.proxy.context("no proxy before the city")?.deeds;
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    Ok(Struck {
        word: format!(
            "{} requests, {} sent twice, {} cut off",
            of(&deeds.requests),
            of(&deeds.doubled),
            of(&deeds.cut)
        ),
        ..Struck::default()
    })
}

/// Waits until the loss of the database shows, at most a moment.
async fn wait_away(city: &City) {
    let wire = city.wire(Duration::from_secs(2));
    for _ in 0..40 {
        if !strike::serves(&wire).await {
            return;
        }
        now::wait(Duration::from_millis(5)).await;
    }
}

/// The database stands still: the server must say so within its time, and go on afterwards. Then the server itself.
async fn frozen(scene: Scene<'_>) -> Result<Struck> {
    let Scene { city, mut dice, people, .. } = scene;
    let mut struck = Struck::default();
    let master = city.postmaster().context("no master of the database")?;
    let mut processes = children(master);
    processes.push(master);
    let from = Instant::now();
    for pid in &processes {
        // A backend may have ended meanwhile.
        drop(signal(*pid, Signal::Stop));
    }
    let wire = Wire::new(&city.address, Duration::from_secs(20));
    let asked = people.agent.by(&wire);
    let before = Instant::now();
    match asked.get("/my").await {
        Ok(reply) if reply.status == 503 && reply.header("retry-after").is_some() => {}
        Ok(reply) => {
            struck.broken.push(format!("a page without a database answers {}", reply.status));
        }
        Err(lost) => struck.broken.push(format!("a page without a database: {lost}")),
    }
    let answered = before.elapsed();
    if answered > Duration::from_secs(15) {
        struck.broken.push(format!("the answer came after {} s", answered.as_secs()));
    }
    for pid in &processes {
        drop(signal(*pid, Signal::Cont));
    }
    city.ready().await?;
    struck.away = from.elapsed();
    let pid = city.pid().context("no server")?;
    signal(pid, Signal::Stop)?;
    now::wait(Duration::from_millis(dice.between(200, 1_000))).await;
    signal(pid, Signal::Cont)?;
    city.ready().await?;
    struck.word = format!("answered after {} ms", answered.as_millis());
    Ok(struck)
}

/// Restarts in order, one after the other: what is in flight is answered, the end is clean.
async fn storm(scene: Scene<'_>) -> Result<Struck> {
    let Scene { city, mut dice, .. } = scene;
    let mut struck = Struck::default();
    let times = dice.between(2, 3);
    for _ in 0..times {
        let from = Instant::now();
        let wire = Wire::new(&city.address, Duration::from_secs(35));
        // These are on their way when the signal comes.
        let flying: Vec<_> = (0..6)
            .map(|_| {
                let wire = wire.clone();
                tokio::spawn(async move { strike::page(&wire, "/hall").await })
            })
            .collect();
        now::wait(Duration::from_millis(dice.between(2, 12))).await;
        if !city.stop().await? {
            struck.broken.push(format!("the server did not end well: {}", city.last_words()));
        }
        for request in flying {
            // A line that was not accepted yet is refused; one that was accepted is answered.
            match request.await? {
                Ok(200) | Err(None) => {}
                Ok(status) => struck.broken.push(format!("in flight: {status}")),
                Err(Some(why)) => struck.broken.push(format!("in flight: {why}")),
            }
        }
        city.up().await?;
        struck.away = struck.away.max(from.elapsed());
    }
    ensure!(city.pid().is_some(), "no server after the storm");
    struck.word = format!("{times} restarts");
    Ok(struck)
}
