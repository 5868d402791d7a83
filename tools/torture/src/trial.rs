//! The faults that need a city of their own: a clock that jumps, a full disk, flipped bytes, a damaged page, too
//! little memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use zhengtong_walk::city::{City, children};
use zhengtong_walk::course;
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;

use crate::check::{self, Broken, broken, number, text};
use crate::clients::paper;
use crate::fault::Fault;
use crate::power::library;
use crate::rounds::{self, Plan, Run};
use crate::{beyond, disk, second};

/// The clock that jumps.
const SHIFT: &str = include_str!("../native/shift.c");
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Bytes of a page of the database.
const PAGE_BYTES: usize = 8_192;
/// How often it is looked whether set times are awake again, a second apart.
const AWAKE_LOOKS: u32 = 30;

/// What was found, how long the city was away if that means something, and a word on what was done.
pub(crate) type Outcome = Result<(Vec<Broken>, Option<Duration>, String)>;

/// Does one of them.
pub(crate) async fn run(plan: &Plan, fault: Fault, seed: u64) -> Outcome {
    let template = rounds::template(&plan.binary, &plan.work).await?;
    let folder = plan.work.join(format!("{}-{seed:016x}", fault.name()));
    City::copy(&template, &folder).await?;
    let mut dice = Dice::new(seed);
    let outcome = match fault {
        Fault::F05 => disk::full(plan, &folder, &mut dice).await,
        Fault::F08 => second::follower(plan, &folder, seed).await,
        Fault::F09 => second::promoted(plan, &folder, &mut dice).await,
        Fault::F10 => jumps(plan, &folder, seed, &mut dice).await,
        Fault::F14 => flips(plan, &folder, &mut dice).await,
        Fault::F15 => page(plan, &folder).await,
        Fault::F17 => beyond::neighbour(plan, &folder, &mut dice).await,
        Fault::F23 => keys(plan, &folder, seed).await,
        _ => memory(plan, &folder, seed).await,
    }?;
    if outcome.0.is_empty() {
        tidy(&folder)?;
    }
    Ok(outcome)
}

/// Removes a city and what lies beside it: its logs, its history, its standby.
fn tidy(folder: &Path) -> Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for entry in fs::read_dir(folder.parent().context("a folder without a parent")?)? {
        let path = entry?.path();
        let beside = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !beside.starts_with(&name) {
            continue;
        }
        if path.is_dir() {
            fs::remove_dir_all(&path)?;
        } else {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

pub(crate) async fn began(plan: &Plan, folder: &Path) -> Result<Run> {
    Run::with(plan.clone(), City::at(&plan.binary, folder)?).await
}

/// F10: hours and days forward and back, a leap day, the turn of a year whose holidays nobody knows yet.
async fn jumps(plan: &Plan, folder: &Path, seed: u64, dice: &mut Dice) -> Outcome {
    let layer = library(&plan.work, "shift", SHIFT)?;
    let file = folder.join("shift");
    let put = |seconds: i64| {
        now::shifted(seconds);
        // Written in place: the library has the file mapped.
        fs::File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&file)
            .and_then(|mut file| std::io::Write::write_all(&mut file, &seconds.to_ne_bytes()))
    };
    put(0)?;
    let mut city = City::at(&plan.binary, folder)?;
    let text_of = |path: &Path| path.to_string_lossy().into_owned();
    city.env =
        vec![("LD_PRELOAD".to_owned(), text_of(&layer)), ("SHIFT_FILE".to_owned(), text_of(&file))];
    let outcome = jump(plan, city, seed, dice, &put).await;
    now::shifted(0);
    outcome
}

async fn jump(
    plan: &Plan,
    city: City,
    seed: u64,
    dice: &mut Dice,
    put: &(impl Fn(i64) -> std::io::Result<()> + Sync),
) -> Outcome {
    let mut run = Run::with(plan.clone(), city).await?;
    let mut found = Vec::new();
    let leap = 1_835_402_400 - i64::try_from(now::seconds())?; // 2028-02-29, ten in the morning in China
    let wild = i64::try_from(dice.between(1, 60))? * DAY - 30 * DAY;
    let places = [2 * HOUR, -2 * HOUR, 30 * DAY, leap, -30 * DAY, wild, 0];
    for (place, shift) in (1..).zip(places) {
        let long = shift.abs() >= DAY;
        put(shift)?;
        if long {
            let reply = run.people.agent.get("/my").await?;
            // Only ahead of every login so far: one made by a clock that was ahead ends by that clock.
            if reply.status == 200 && matches!(place, 3 | 4) {
                found.push(broken(
                    "F10",
                    format!("a session outlives a jump of {} days", shift / DAY),
                ));
            }
        }
        if !signed_in(&run).await? {
            run.people = rounds::people(&run.city).await?;
        }
        let load = run.load(seed.wrapping_add(place), &run.people);
        now::wait(Duration::from_millis(700)).await;
        load.end().await?;
        let more = run.read_back(&[]).await?;
        found.extend(more.into_iter().map(|broken| Broken {
            what: format!("clock {shift:+} s: {}", broken.what),
            ..broken
        }));
    }
    // Set times that lie ahead after a jump forward must not sleep until then.
    let asleep = "SELECT count(*) AS asleep FROM db.cron WHERE last > now() + interval '1 hour'";
    let mut row = Value::Null;
    for _ in 0..AWAKE_LOOKS {
        row = run.city.rows(asleep).await?.into_iter().next().unwrap_or_default();
        if number(&row, "asleep") == 0 {
            break;
        }
        // The server looks at them once in a while.
        now::wait(Duration::from_secs(1)).await;
    }
    if number(&row, "asleep") > 0 {
        found.push(broken("F10", format!("set times sleep after the clock came back: {row}")));
    }
    put(0)?;
    ensure!(run.city.stop().await?, "no clean end: {}", run.city.last_words());
    run.city.env.retain(|(name, _)| name != "LD_PRELOAD");
    found.extend(verified(&run.city, plan, dice).await?);
    Ok((found, None, format!("{} jumps", places.len())))
}

/// Whether everybody's session still holds.
async fn signed_in(run: &Run) -> Result<bool> {
    let people = &run.people;
    for officer in [&people.clerk, &people.reviewer, &people.inspector, &people.head] {
        if officer.get("/desk/inbox").await?.status != 200 {
            return Ok(false);
        }
    }
    Ok(people.agent.get("/my").await?.status == 200)
}

/// The record of a stopped city, proved by the program and by ourselves.
async fn verified(city: &City, plan: &Plan, dice: &mut Dice) -> Result<Vec<Broken>> {
    let export = plan.work.join("trial.jsonl");
    let place = export.to_string_lossy().into_owned();
    let (sound, said) = city.run(&["verify", "--export", &place]).await?;
    let mut found = check::record::record(&export, dice)?.0;
    if !sound {
        found.push(broken("I5", format!("verify: {said}")));
    }
    Ok(found)
}

/// F14: one byte of the exported record, of an entry in the database, of a stored file.
async fn flips(plan: &Plan, folder: &Path, dice: &mut Dice) -> Outcome {
    let mut run = began(plan, folder).await?;
    let mut found = Vec::new();
    let agent = run.people.agent.clone();
    let bytes = paper(dice);
    let no = case_with(&run, &bytes).await.context("no case with a paper")?;
    let papers = run
        .city
        .rows(&format!(
            "SELECT seq, digest FROM casework.material WHERE \"case\" = '{no}' AND digest IS NOT NULL"
        ))
        .await?;
    let row = papers.first().context("the case has no paper")?;
    let at = format!("/my/case/{no}/paper/{}", number(row, "seq"));
    if agent.get(&at).await?.body != bytes {
        found.push(broken("I8", "the paper is not what was sent"));
    }
    let digest = text(row, "digest");
    let (first, second) =
        (digest.get(..2).unwrap_or_default(), digest.get(2..4).unwrap_or_default());
    flip(&folder.join("files/objects").join(first).join(second).join(digest), dice)?;
    let reply = agent.get(&at).await?;
    if reply.status < 400 {
        found
            .push(broken("F14", format!("a file with a flipped byte is served: {}", reply.status)));
    }
    found.extend(run.rest().await?);
    ensure!(run.city.stop().await?, "no clean end");
    let export = plan.work.join("flip.jsonl");
    let place = export.to_string_lossy().into_owned();
    let (sound, said) = run.city.run(&["verify", "--export", &place]).await?;
    ensure!(sound, "the record before any flip: {said}");
    let mut missed = 0;
    for _ in 0..8 {
        let kept = fs::read(&export)?;
        flip(&export, dice)?;
        if run.city.run(&["verify", &place]).await?.0 {
            missed += 1;
        }
        fs::write(&export, kept)?;
    }
    if missed > 0 {
        found.push(broken(
            "F14",
            format!("{missed} of 8 flips of the exported record were not seen"),
        ));
    }
    run.city.up().await?;
    run.city
        .psql(
            "ALTER TABLE ledger.entry DISABLE TRIGGER ALL; \
             UPDATE ledger.entry SET name = name || ' ' WHERE id = (SELECT entry FROM ledger.leaf ORDER BY index LIMIT 1); \
             ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER append_only",
        )
        .await?;
    ensure!(run.city.stop().await?, "no clean end");
    if run.city.run(&["verify"]).await?.0 {
        found.push(broken("F14", "an altered entry was not seen"));
    }
    Ok((found, None, "1 file, 8 lines, 1 entry".to_owned()))
}

async fn case_with(run: &Run, bytes: &[u8]) -> Option<String> {
    let agent = &run.people.agent;
    let draft = course::begin(agent).await.done()?;
    course::fill(agent, &draft, Some(bytes)).await.done()?;
    course::hand_in(agent, &draft).await.done()
}

/// Flips one bit of a file.
fn flip(path: &Path, dice: &mut Dice) -> Result<()> {
    let mut bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let place = usize::try_from(dice.below(bytes.len() as u64))?;
    let bit = 1 << dice.below(8);
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= bit;
    }
    fs::write(path, bytes)?;
    Ok(())
}

/// F15: the page of the table of cases that holds a case of the inbox is damaged on disk. Both database and server are
/// started anew, so nothing can be answered from memory: it must be said, never passed over.
async fn page(plan: &Plan, folder: &Path) -> Outcome {
    let mut run = began(plan, folder).await?;
    let mut found = Vec::new();
    let inbox = run.people.clerk.get("/desk/inbox").await?;
    let known = run
        .city
        .rows("SELECT no, (ctid::text::point)[0]::bigint AS page FROM casework.case")
        .await?;
    let listed = inbox.text().into_owned();
    let case = known.iter().find(|case| listed.contains(text(case, "no")));
    let case = case.context("no case in the inbox")?;
    let (no, block) = (text(case, "no").to_owned(), usize::try_from(number(case, "page"))?);
    let place = run.city.psql("SELECT pg_relation_filepath('casework.case')").await?;
    run.city.psql("CHECKPOINT").await?;
    ensure!(run.city.stop().await?, "no clean end");
    let path = folder.join("postgres").join(place.trim());
    let mut bytes = fs::read(&path).context("the table of cases")?;
    for byte in bytes.iter_mut().skip(block * PAGE_BYTES + 4_000).take(600) {
        *byte = !*byte;
    }
    fs::write(&path, bytes)?;
    run.city.up().await?;
    let at = format!("/desk/casework/{no}");
    let reply = run.people.clerk.get(&at).await?;
    if reply.status < 500 {
        found.push(broken("F15", format!("{at} on a damaged page answers {}", reply.status)));
    }
    let inbox = run.people.clerk.get("/desk/inbox").await?;
    if inbox.status == 200 && !inbox.text().contains(&no) {
        found.push(broken("F15", format!("the inbox leaves {no} out as if it were not there")));
    }
    if run.city.psql("SELECT count(answers) FROM casework.case").await.is_ok() {
        found.push(broken("F15", "the damaged page was read without a word"));
    }
    let log = fs::read_to_string(folder.join("postgres.log"))?;
    if !log.contains("page verification failed") {
        found.push(broken("F15", "the log does not name the damaged page"));
    }
    if run.people.agent.get("/hall").await?.status != 200 {
        found.push(broken("F15", "pages that need nothing of it are not read"));
    }
    let word =
        format!("page {block}: the case answers {}, the inbox {}", reply.status, inbox.status);
    Ok((found, None, word))
}

/// F18: the city has less memory than it would like. It serves on, or refuses; it is not killed over and over.
async fn memory(plan: &Plan, folder: &Path, seed: u64) -> Outcome {
    let group = PathBuf::from(format!("/sys/fs/cgroup/memory/zhengtong-{seed:016x}"));
    if fs::create_dir(&group).is_err() {
        return Ok((Vec::new(), None, "not run: no group of memory may be made here".to_owned()));
    }
    let mut run = began(plan, folder).await?;
    let limit = 512 * 1024 * 1024_u64;
    let bounded = fs::write(group.join("memory.limit_in_bytes"), limit.to_string());
    let mut all = vec![run.city.pid().context("no server")?];
    if let Some(master) = run.city.postmaster() {
        all.push(master);
        all.extend(children(master));
    }
    for pid in &all {
        drop(fs::write(group.join("cgroup.procs"), pid.to_string()));
    }
    let mut found = Vec::new();
    if bounded.is_ok() {
        let load = run.load(seed, &run.people);
        let agent = &run.people.agent;
        let many: Vec<_> = (0..400)
            .map(|_| {
                let agent = agent.clone();
                tokio::spawn(async move { agent.get("/my").await.map(|reply| reply.status) })
            })
            .collect();
        for page in many {
            match page.await? {
                Ok(200 | 429 | 503) => {}
                other => found.push(broken("F18", format!("with little memory: {other:?}"))),
            }
        }
        load.end().await?;
        found.truncate(5);
        found.extend(run.read_back(&[]).await?);
    }
    let peak = fs::read_to_string(group.join("memory.max_usage_in_bytes")).unwrap_or_default();
    run.city.stop().await?;
    drop(run);
    drop(fs::remove_dir(&group));
    let peak = peak.trim().parse::<u64>().unwrap_or(0) / 1024 / 1024;
    Ok((found, None, format!("512 MB allowed, {peak} MB used at most")))
}

/// F23: every field gets a new key under load, then the master key is changed and the server started again.
async fn keys(plan: &Plan, folder: &Path, seed: u64) -> Outcome {
    let mut run = began(plan, folder).await?;
    let node = run.city.node(&run.city.url()?, 9)?;
    let mut found = Vec::new();
    let load = run.load(seed, &run.people);
    now::wait(Duration::from_millis(600)).await;
    let (renewed, said) = node.run(&["key", "renew"]).await?;
    if !renewed {
        found.push(broken("F23", format!("fields get no new keys: {said}")));
    }
    now::wait(Duration::from_millis(1_200)).await;
    load.end().await?;
    found.extend(run.read_back(&[]).await?);
    let (rotated, said) = node.run(&["key", "rotate"]).await?;
    if !rotated {
        found.push(broken("F23", format!("the master key is not changed: {said}")));
    }
    ensure!(run.city.stop().await?, "no clean end: {}", run.city.last_words());
    run.city.up().await?;
    let load = run.load(seed.wrapping_add(1), &run.people);
    now::wait(Duration::from_millis(800)).await;
    let acts = load.end().await?;
    if acts == 0 {
        found.push(broken("F23", "nothing goes on after the keys were changed"));
    }
    found.extend(run.read_back(&[]).await?);
    run.city.stop().await?;
    Ok((found, None, format!("all keys new, {acts} acts afterwards")))
}
