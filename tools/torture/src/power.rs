//! F03, the power cut: what was never synced is gone. With fsync every acknowledged act is there afterwards; without
//! it the loss must be seen, or this test is blind.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use zhengtong_walk::city::{City, Signal, children, signal};
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;

use crate::check::{Broken, broken};
use crate::rounds::{self, Plan, Run};
use crate::say;

/// The layer that forgets.
const FORGET: &str = include_str!("../native/forget.c");

/// Cuts the power of a city with fsync and of one without; true when the first holds and the second does not.
pub(crate) async fn run(plan: Plan) -> Result<bool> {
    let template = rounds::template(&plan.binary, &plan.work).await?;
    let layer = library(&plan.work, "forget", FORGET)?;
    let mut held = true;
    let mut dice = Dice::new(plan.seed);
    for round in 0..plan.rounds {
        let seed = dice.next();
        let (found, undone) = cut(&plan, &template, &layer, (round, seed), true).await?;
        say(&format!(
            "power cut {round} with fsync: {undone} bytes forgotten, {} broken",
            found.len()
        ));
        for broken in found.iter().take(10) {
            held = false;
            say(&format!("  {} {}", broken.invariant, broken.what));
        }
    }
    // The control: the same cut on a disk that acknowledges what it has not kept.
    let (found, undone) = cut(&plan, &template, &layer, (plan.rounds, dice.next()), false).await?;
    say(&format!("control without fsync: {undone} bytes forgotten, {} broken", found.len()));
    for broken in found.iter().take(3) {
        say(&format!("  {} {}", broken.invariant, broken.what));
    }
    if found.is_empty() {
        say("the loss was not seen: this test is blind");
    }
    Ok(held && !found.is_empty())
}

/// Compiles a library that is loaded before others.
pub(crate) fn library(work: &Path, name: &str, source: &str) -> Result<PathBuf> {
    let code = work.join(format!("{name}.c"));
    let library = work.join(format!("{name}.so"));
    fs::write(&code, source)?;
    let built = Command::new("cc")
        .args(["-O2", "-Wall", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&code)
        .arg("-ldl")
        .output()
        .context("the C compiler")?;
    ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Ok(library)
}

/// One city, some load, the cut, and what is found afterwards.
async fn cut(
    plan: &Plan,
    template: &Path,
    layer: &Path,
    (round, seed): (u64, u64),
    synced: bool,
) -> Result<(Vec<Broken>, u64)> {
    let folder = plan.work.join(format!("power{round}"));
    City::copy(template, &folder).await?;
    let side = plan.work.join(format!("power{round}.undo"));
    fs::create_dir_all(&side)?;
    fs::set_permissions(&side, fs::Permissions::from_mode(0o777))?;
    if !synced {
        let conf = folder.join("postgres/postgresql.conf");
        let mut file = fs::File::options().append(true).open(conf)?;
        file.write_all(b"\nfsync = off\n")?;
    }
    let mut city = City::at(&plan.binary, &folder)?;
    let text = |path: &Path| path.to_string_lossy().into_owned();
    city.env.extend([
        ("LD_PRELOAD".to_owned(), text(layer)),
        ("FORGET_UNDER".to_owned(), text(&folder.canonicalize()?)),
        ("FORGET_SIDE".to_owned(), text(&side)),
    ]);
    let mut run = Run::with(plan.clone(), city).await?;
    let load = run.load(seed, &run.people);
    let mut dice = Dice::new(seed);
    now::wait(Duration::from_millis(dice.between(2_500, 5_000))).await;
    die(&mut run.city).await?;
    load.end().await?;
    let undone = forget(&folder, &side)?;
    // An operator would remove it, and find out afterwards what is missing.
    let pid = folder.join("postgres/postmaster.pid");
    if !synced && fs::metadata(&pid).is_ok_and(|about| about.len() == 0) {
        fs::remove_file(&pid)?;
    }
    // What the cut may have left of them means nothing to the next start.
    run.city.env.retain(|(name, _)| name != "LD_PRELOAD");
    let found = match run.city.up().await {
        Ok(_) => run.read_back(&[]).await,
        Err(error) => Err(error),
    };
    let found = found.or_else(|error| {
        let what: String =
            format!("the city cannot be read: {error:#}").chars().take(300).collect();
        Ok::<_, anyhow::Error>(vec![broken("F03", what)])
    })?;
    drop(run);
    fs::remove_dir_all(&side)?;
    if synced && found.is_empty() {
        fs::remove_dir_all(&folder)?;
    }
    Ok((found, undone))
}

/// Everything that belongs to the city ends at one moment.
async fn die(city: &mut City) -> Result<()> {
    let master = city.postmaster().context("no master of the database")?;
    let mut all = vec![city.pid().context("no server")?, master];
    all.extend(children(master));
    for pid in &all {
        // A backend may have ended meanwhile.
        drop(signal(*pid, Signal::Stop));
    }
    for pid in &all {
        drop(signal(*pid, Signal::Kill));
    }
    city.kill().await?;
    for pid in &all {
        while Path::new(&format!("/proc/{pid}")).exists() && !zombie(*pid) {
            now::wait(Duration::from_millis(5)).await;
        }
    }
    Ok(())
}

fn zombie(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
}

/// Takes every file back to what was synced last; gives the bytes that were forgotten.
fn forget(folder: &Path, side: &Path) -> Result<u64> {
    let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let about = fs::symlink_metadata(&path)?;
            if about.is_dir() {
                waiting.push(path);
            } else if about.is_file() {
                files.insert(format!("{}-{}.undo", about.dev(), about.ino()), path);
            }
        }
    }
    let mut forgotten = 0;
    for entry in fs::read_dir(side)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(path) = files.get(&name) {
            forgotten += take_back(path, &fs::read(entry.path())?)?;
        }
    }
    Ok(forgotten)
}

/// Plays the records of one file backwards.
fn take_back(path: &Path, mut records: &[u8]) -> Result<u64> {
    let mut all = Vec::new();
    // A record that was being written when the power went has not been followed by its bytes.
    while let Some((offset, held, size, rest)) = record(records) {
        all.push((offset, held, size));
        records = rest;
    }
    if all.is_empty() {
        return Ok(0);
    }
    let mut file = fs::File::options().write(true).open(path)?;
    let mut forgotten = 0;
    for (offset, held, size) in all.into_iter().rev() {
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(held)?;
        let now = file.metadata()?.len();
        if now > size {
            file.set_len(size)?;
        }
        forgotten += held.len() as u64 + now.saturating_sub(size);
    }
    file.sync_all()?;
    Ok(forgotten)
}

type Parts<'a> = (u64, &'a [u8], u64, &'a [u8]);

fn record(mut bytes: &[u8]) -> Option<Parts<'_>> {
    let mut head = [[0; 8]; 3];
    for field in &mut head {
        bytes.read_exact(field).ok()?;
    }
    let [offset, held, size] = head.map(u64::from_ne_bytes);
    let (held, rest) = bytes.split_at_checked(usize::try_from(held).ok()?)?;
    Some((offset, held, size, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_played_backwards_and_a_torn_one_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"abXYef!!").unwrap();
        let mut records = Vec::new();
        let mut add = |offset: u64, held: &[u8], size: u64| {
            for number in [offset, held.len() as u64, size] {
                records.extend_from_slice(&number.to_ne_bytes());
            }
            records.extend_from_slice(held);
        };
        add(2, b"cd", 6);
        add(2, b"12", 6);
        add(6, b"", 6);
        records.extend_from_slice(&[1, 2, 3]);
        assert_eq!(take_back(&path, &records).unwrap(), 6);
        assert_eq!(fs::read(&path).unwrap(), b"abcdef");
    }

    /// The layer itself: a small program writes, syncs some of it and is gone.
    #[test]
    fn what_was_synced_stays_and_what_was_not_goes() {
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().canonicalize().unwrap();
        let layer = library(&work, "forget", FORGET).unwrap();
        let (data, side) = (work.join("data"), work.join("side"));
        fs::create_dir_all(&data).unwrap();
        fs::create_dir_all(&side).unwrap();
        let write = |name: &str, text: &str, conv: &str| {
            let status = Command::new("sh")
                .arg("-c")
                .arg(format!("printf '{text}' | dd of={name} bs=4 conv={conv} status=none"))
                .current_dir(&data)
                .env("LD_PRELOAD", &layer)
                .env("FORGET_UNDER", &data)
                .env("FORGET_SIDE", &side)
                .status()
                .unwrap();
            assert!(status.success());
        };
        write("kept", "firm", "notrunc,fsync");
        write("lost", "firm", "notrunc,fsync");
        write("lost", "soft", "notrunc");
        forget(&data, &side).unwrap();
        assert_eq!(fs::read(data.join("kept")).unwrap(), b"firm");
        assert_eq!(fs::read(data.join("lost")).unwrap(), b"firm");
    }
}
