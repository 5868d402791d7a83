//! F08 and F09: the standby dies and comes back; the primary is lost, the standby is promoted, the old primary comes
//! back. An acknowledged act is on both, and only one of them ever takes writes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::time::Instant;
use zhengtong_walk::city::City;
use zhengtong_walk::course::{self, Told};
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;

use crate::check::{Broken, broken, files, text};
use crate::rounds::{Plan, Run};
use crate::trial::{Outcome, began};

/// What a primary says of a standby that is away.
const AWAY: &[&str] = &["the standby is away", "the standbys cannot be looked at"];
/// How long a standby may take to catch up, in seconds.
const CATCH_UP_SECONDS: u64 = 60;
/// How long a promotion with everything after it may take: what is promised.
const READY_SECONDS_MAX: u64 = 30;

/// A city with a standby that commits wait for.
async fn pair(plan: &Plan, folder: &Path) -> Result<(Run, City)> {
    let run = began(plan, folder).await?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let to = folder.with_file_name(format!("{name}-second"));
    let place = to.to_string_lossy().into_owned();
    let (made, said) = run.city.run(&["standby", "add", "--to", &place]).await?;
    ensure!(made, "no standby: {said}");
    let mut second = run.city.beside(&to)?;
    second.start_as(&["standby", "run"])?;
    in_step(&run.city).await.with_context(|| second.last_words())?;
    Ok((run, second))
}

/// Waits until commits wait for the standby.
async fn in_step(city: &City) -> Result<()> {
    let from = Instant::now();
    loop {
        let rows = city
            .rows(
                "SELECT sync_state FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')",
            )
            .await?;
        if !rows.is_empty() {
            return Ok(());
        }
        ensure!(
            from.elapsed() < Duration::from_secs(CATCH_UP_SECONDS),
            "the standby has not caught up after {CATCH_UP_SECONDS} s"
        );
        now::wait(Duration::from_millis(100)).await;
    }
}

/// F08: the standby dies under load. Acts wait and are not acknowledged, pages are read, and when the standby is back
/// everything goes on.
pub(crate) async fn follower(plan: &Plan, folder: &Path, seed: u64) -> Outcome {
    let (mut run, mut second) = pair(plan, folder).await?;
    let mut found = Vec::new();
    let load = run.load(seed, &run.people);
    now::wait(Duration::from_millis(900)).await;
    second.lose().await?;
    now::wait(Duration::from_millis(500)).await;
    let told = course::begin(&run.people.agent).await;
    if matches!(told, Told::Done(..)) {
        found.push(broken("F08", "an act was acknowledged that is on one machine only"));
    }
    let status = run.people.agent.get("/hall").await.map_or(0, |reply| reply.status);
    if status != 200 {
        found.push(broken("F08", format!("/hall answers {status} while the standby is away")));
    }
    let from = Instant::now();
    second.start_as(&["standby", "run"])?;
    in_step(&run.city).await?;
    let mut again = course::begin(&run.people.agent).await;
    while !matches!(again, Told::Done(..)) && from.elapsed() < Duration::from_secs(30) {
        now::wait(Duration::from_millis(100)).await;
        again = course::begin(&run.people.agent).await;
    }
    let away = from.elapsed();
    if !matches!(again, Told::Done(..)) {
        found.push(broken(
            "F08",
            format!("acts wait on after the standby is back: {}", again.word()),
        ));
    }
    now::wait(Duration::from_millis(500)).await;
    load.end().await?;
    found.extend(run.read_back(AWAY).await?);
    let (dropped, said) = run.city.run(&["standby", "drop"]).await?;
    if !dropped {
        found.push(broken("F08", format!("the standby cannot be given up: {said}")));
    }
    if !matches!(course::begin(&run.people.agent).await, Told::Done(..)) {
        found.push(broken("F08", "acts wait for a standby that was given up"));
    }
    second.stop().await?;
    ensure!(run.city.stop().await?, "no clean end: {}", run.city.last_words());
    Ok((found, None, format!("acts again {} ms after the standby came back", away.as_millis())))
}

/// F09: the primary is lost under load. After the promotion every acknowledged act is there, and the old primary
/// refuses to serve again.
pub(crate) async fn promoted(plan: &Plan, folder: &Path, dice: &mut Dice) -> Outcome {
    let (mut run, mut second) = pair(plan, folder).await?;
    let mut found = Vec::new();
    let load = run.load(dice.next(), &run.people);
    now::wait(Duration::from_millis(dice.between(900, 1_800))).await;
    let from = Instant::now();
    run.city.lose().await?;
    let (done, said) = second.run(&["standby", "promote"]).await?;
    ensure!(done, "the standby was not promoted: {said}");
    second.ready().await?;
    let away = from.elapsed();
    load.end().await?;
    if away > Duration::from_secs(READY_SECONDS_MAX) {
        found.push(broken("F09", format!("ready after {} s", away.as_secs())));
    }
    found.extend(refuses(&run.city).await?);
    let old = std::mem::replace(&mut run.city, second);
    drop(old);
    let wire = run.city.wire(crate::rounds::WAIT);
    run.people = run.people.by(&wire);
    let load = run.load(dice.next(), &run.people);
    now::wait(Duration::from_millis(500)).await;
    if load.end().await? == 0 {
        found.push(broken("F09", "nothing goes on after the promotion"));
    }
    found.extend(run.read_back(&[]).await?);
    found.extend(files::files(&run.city).await?.0);
    ensure!(run.city.stop().await?, "no clean end: {}", run.city.last_words());
    Ok((found, Some(away), format!("ready {} ms after the loss", away.as_millis())))
}

/// The old primary comes back and must not take a single write.
async fn refuses(old: &City) -> Result<Vec<Broken>> {
    let mut old = old.beside(&old.folder)?;
    let served = old.up().await;
    let mut found = Vec::new();
    match served {
        Ok(_) => found.push(broken("F09", "the old primary serves again")),
        Err(error) => {
            let said = format!("{error:#}");
            if !said.contains("was replaced by") {
                found.push(broken("F09", format!("the old primary does not say why: {said}")));
            }
        }
    }
    let rows = old.rows("SELECT pg_is_in_recovery()::text AS recovers").await.unwrap_or_default();
    if rows.iter().any(|row| text(row, "recovers") == "false") {
        found.push(broken("F09", "the database of the old primary takes writes"));
    }
    Ok(found)
}
