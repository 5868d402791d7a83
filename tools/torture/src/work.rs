//! The folders of runs: whoever is killed in the middle leaves one behind, and the next run takes it away.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use zhengtong_walk::city::{Signal, signal};

/// How temporary folders of runs begin.
pub(crate) const PREFIX: &str = "zhengtong-torture.";
/// Says which process a folder belongs to.
const OWNER: &str = "owner";

/// Says that a folder is ours.
pub(crate) fn own(folder: &Path) -> Result<()> {
    Ok(fs::write(folder.join(OWNER), std::process::id().to_string())?)
}

/// Says that a folder is to stay.
pub(crate) fn keep(folder: &Path) -> Result<()> {
    Ok(fs::remove_file(folder.join(OWNER))?)
}

/// Takes away the folders of runs that ended without doing so.
pub(crate) fn sweep() {
    sweep_in(&std::env::temp_dir());
}

fn sweep_in(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let Some(pid) = fs::read_to_string(path.join(OWNER)).ok().filter(|_| ours) else {
            continue;
        };
        if Path::new("/proc").join(pid.trim()).exists() {
            continue;
        }
        end_masters(&path);
        give_back(&path);
        // What cannot be removed now is met again by the next run.
        drop(fs::remove_dir_all(&path));
    }
}

/// Databases that outlived their run: those whose data lie here, and no others.
fn end_masters(folder: &Path) {
    for city in fs::read_dir(folder).into_iter().flatten().flatten() {
        let data = city.path().join("postgres");
        let text = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        let Some(pid) = text.lines().next().and_then(|line| line.trim().parse::<u32>().ok()) else {
            continue;
        };
        let works_in = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        if works_in == data {
            drop(signal(pid, Signal::Kill));
        }
    }
}

/// Small disks that were put under folders of a city.
fn give_back(folder: &Path) {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    for place in mounts.lines().filter_map(|line| line.split(' ').nth(1)) {
        if Path::new(place).starts_with(folder) {
            drop(Command::new("umount").arg("-l").arg(place).status());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_of_runs_that_are_gone_are_taken_away() {
        let place = tempfile::tempdir().unwrap();
        let make = |name: &str, owner: Option<&str>| {
            let path = place.path().join(name);
            fs::create_dir_all(path.join("city0/postgres")).unwrap();
            if let Some(owner) = owner {
                fs::write(path.join(OWNER), owner).unwrap();
            }
            path
        };
        let mut ended = Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let gone = make("zhengtong-torture.a", Some(&ended.id().to_string()));
        let alive = make("zhengtong-torture.b", Some(&std::process::id().to_string()));
        let kept = make("zhengtong-torture.c", None);
        let other = make("something-else", Some(&ended.id().to_string()));
        sweep_in(place.path());
        assert!(!gone.exists());
        assert!(alive.exists() && kept.exists() && other.exists());
    }
}
