//! F05: one disk after the other is full. Writes are refused in words, reads go on, and when there is room again the
//! city goes on by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use zhengtong_walk::course::{self, Told};
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;
use zhengtong_walk::session::File;

use crate::check::{self, Broken, broken};
use crate::clients::paper;
use crate::rounds::{Plan, Run};
use crate::trial::{Outcome, began};

const MIB: u64 = 1024 * 1024;
/// Room that a city needs to work at all: before less is left than 64 MiB, it takes no more writes.
const ROOM_BYTES: u64 = 180 * MIB;
/// What the program and the database say of a disk without room.
const EXCUSED: &[&str] = &[
    "No space left",
    "nearly full",
    "PANIC",
    "the database ended",
    "could not",
    "ENOSPC",
    "53100",
    "25006",
    "read-only transaction",
];
/// Words of which one is in every refusal.
const WORDS: &[&str] = &["存", "磁盘", "请过一会", "稍后", "空间"];

/// A small disk of its own for a folder; it is given back when it is dropped.
struct Disk(PathBuf);

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

impl Disk {
    /// Puts a folder on a disk with room for `more` bytes than it has; none where one may not mount.
    fn under(folder: &Path, more: u64) -> Result<Option<Self>> {
        let kept = folder.with_extension("kept");
        fs::rename(folder, &kept)?;
        fs::create_dir(folder)?;
        let size = size_of(&kept)? + more;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder)
            .output()?;
        if !mounted.status.success() {
            fs::remove_dir(folder)?;
            fs::rename(&kept, folder)?;
            return Ok(None);
        }
        let disk = Self(folder.to_owned());
        let copied = Command::new("cp").arg("-aT").arg(&kept).arg(folder).status()?;
        ensure!(copied.success(), "{} could not be copied", kept.display());
        fs::remove_dir_all(&kept)?;
        Ok(Some(disk))
    }

    /// Takes what room is left, to the last block.
    fn fill(&self) -> Result<PathBuf> {
        let ballast = self.0.join("ballast");
        let mut file = fs::File::create(&ballast)?;
        for block in [1024 * 1024, 4 * 1024] {
            let block = vec![0x5A; block];
            while std::io::Write::write_all(&mut file, &block).is_ok() {}
        }
        Ok(ballast)
    }
}

/// Bytes of a folder, as blocks.
fn size_of(folder: &Path) -> Result<u64> {
    let said = Command::new("du").arg("-sk").arg(folder).output()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let kilobytes: u64 = said.split_whitespace().next().context("du")?.parse()?;
    Ok(kilobytes * 1024)
}

/// Each disk in turn.
pub(crate) async fn full(plan: &Plan, folder: &Path, dice: &mut Dice) -> Outcome {
    let whole = folder.with_file_name(format!(
        "{}-whole",
        folder.file_name().unwrap_or_default().to_string_lossy()
    ));
    zhengtong_walk::city::City::copy(folder, &whole).await?;
    let refused = || Ok((Vec::new(), None, "not run: nothing may be mounted here".to_owned()));
    let Some(files) = Disk::under(&folder.join("files"), 2 * MIB)? else { return refused() };
    let Some(database) = Disk::under(&folder.join("postgres"), ROOM_BYTES)? else {
        return refused();
    };
    let Some(log) = Disk::under(&folder.join("postgres/pg_wal"), ROOM_BYTES)? else {
        return refused();
    };
    let target = folder.with_extension("target");
    fs::create_dir(&target)?;
    let Some(target) = Disk::under(&target, 3 * MIB)? else { return refused() };
    let mut run = began(plan, folder).await?;
    let mut found = files_full(&mut run, &files, dice).await?;
    found.extend(backup_full(&run, &target).await?);
    let mut words = Vec::new();
    for (name, disk) in [("database", &database), ("log", &log)] {
        let (more, word) = writes_refused(&mut run, disk, name, dice.next()).await?;
        found.extend(more);
        words.push(word);
    }
    run.city.stop().await?;
    drop((run, files, log, database, target));
    let Some(disk) = Disk::under(&whole, ROOM_BYTES)? else { return refused() };
    let mut run = began(plan, &whole).await?;
    let (more, word) = writes_refused(&mut run, &disk, "whole folder", dice.next()).await?;
    found.extend(more);
    words.push(word);
    run.city.stop().await?;
    drop((run, disk));
    Ok((found, None, words.join(", ")))
}

/// A disk of the database is filled under load: acts are refused, pages are read, and it heals by itself.
async fn writes_refused(
    run: &mut Run,
    disk: &Disk,
    name: &str,
    seed: u64,
) -> Result<(Vec<Broken>, String)> {
    let mut found = Vec::new();
    let load = run.load(seed, &run.people);
    now::wait(Duration::from_millis(400)).await;
    let ballast = disk.fill()?;
    // It is looked after every second.
    now::wait(Duration::from_millis(2_500)).await;
    let agent = &run.people.agent;
    let mut told = course::begin(agent).await;
    for _ in 0..20 {
        if !matches!(told, Told::Done(..)) {
            break;
        }
        now::wait(Duration::from_millis(200)).await;
        told = course::begin(agent).await;
    }
    let word = match &told {
        Told::Refused(status, _) => format!("{name}: {status}"),
        other => format!("{name}: {}", other.word()),
    };
    match &told {
        Told::Done(..) => {
            found.push(broken("F05", format!("{name}: writes are taken without room")));
        }
        Told::Refused(status, why) if !matches!(status, 503 | 507) => {
            found.push(broken("F05", format!("{name}: an act answers {status} {why}")));
        }
        Told::Refused(..) | Told::Unknown(_) => {}
    }
    let reply = agent.post("/hall/food-business-new/start", &[]).await;
    if let Ok(reply) = reply
        && matches!(reply.status, 503 | 507)
        && !WORDS.iter().any(|word| reply.text().contains(word))
    {
        found.push(broken("F05", format!("{name}: refused without a word why")));
    }
    for page in ["/hall", "/hall/food-business-new"] {
        let status = agent.get(page).await.map_or(0, |reply| reply.status);
        if status != 200 {
            found.push(broken("F05", format!("{name}: {page} answers {status}")));
        }
    }
    fs::remove_file(&ballast)?;
    run.city.ready().await.context("the city does not come back when there is room again")?;
    let mut again = course::begin(&run.people.agent).await;
    for _ in 0..100 {
        if matches!(again, Told::Done(..)) {
            break;
        }
        now::wait(Duration::from_millis(100)).await;
        again = course::begin(&run.people.agent).await;
    }
    if !matches!(again, Told::Done(..)) {
        found.push(broken(
            "F05",
            format!("{name}: no act is taken 10 s after there was room: {}", again.word()),
        ));
    }
    now::wait(Duration::from_millis(500)).await;
    load.end().await?;
    found.extend(run.read_back(EXCUSED).await?);
    Ok((found, word))
}

/// A backup that finds no room says so, leaves nothing behind, and the city does not notice.
async fn backup_full(run: &Run, disk: &Disk) -> Result<Vec<Broken>> {
    let mut found = Vec::new();
    let passphrase = run.plan.work.join("passphrase");
    fs::write(&passphrase, "a passphrase of enough signs\n")?;
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600))?;
    let ballast = disk.fill()?;
    // A little room, so that it begins at all.
    fs::File::options().write(true).open(&ballast)?.set_len(2 * MIB)?;
    let mut node = run.city.beside(&run.city.folder)?;
    let secret = passphrase.to_string_lossy().into_owned();
    node.env.push(("ZHENGTONG__BACKUP__PASSPHRASE_FILE".to_owned(), secret));
    let to = disk.0.to_string_lossy().into_owned();
    let (done, said) = node.run(&["backup", "--to", &to]).await?;
    if done {
        found.push(broken("F05", "a backup was taken without room"));
    } else if !WORDS.iter().any(|word| said.contains(word)) && !said.contains("No space left") {
        found
            .push(broken("F05", format!("a backup without room fails without a word why: {said}")));
    }
    let left: Vec<String> = fs::read_dir(&disk.0)?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "ballast")
        .collect();
    if !left.is_empty() {
        found.push(broken("F05", format!("a backup without room leaves behind {left:?}")));
    }
    if !matches!(course::begin(&run.people.agent).await, Told::Done(..)) {
        found.push(broken("F05", "acts are refused because a backup found no room"));
    }
    fs::remove_file(ballast)?;
    Ok(found)
}

async fn files_full(run: &mut Run, disk: &Disk, dice: &mut Dice) -> Result<Vec<Broken>> {
    let mut found = Vec::new();
    let agent = run.people.agent.clone();
    let draft = course::begin(&agent).await.done().context("no application")?;
    course::fill(&agent, &draft, None).await.done().context("no form")?;
    let ballast = disk.fill()?;
    let bytes = paper(dice);
    let send = async || -> Result<(u16, String)> {
        let csrf = course::fresh::<()>(&agent, &draft).await.ok().context("no token")?;
        let file =
            File { field: "layout", name: "图.pdf", kind: "application/pdf", bytes: &bytes };
        let fields = [("csrf", csrf.as_str()), ("then", "check")];
        let reply = agent.upload(&format!("{draft}/page/papers"), &fields, &file).await?;
        Ok((reply.status, reply.text().into_owned()))
    };
    let (status, words) = send().await?;
    if !matches!(status, 503 | 507) {
        found.push(broken("F05", format!("an upload to a full disk answers {status}")));
    }
    if !WORDS.iter().any(|word| words.contains(word)) {
        found.push(broken("F05", "an upload to a full disk is refused without a word why"));
    }
    if agent.get("/my").await?.status != 200 {
        found.push(broken("F05", "pages are not read while the disk of files is full"));
    }
    fs::remove_file(ballast)?;
    let (status, _) = send().await?;
    if status != 303 {
        found.push(broken("F05", format!("an upload answers {status} when there is room again")));
    }
    found.extend(check::files::files(&run.city).await?.0);
    Ok(found)
}
