//! What the doctor looks at while the city runs: durability, standbys, backups, disks, keys.

use std::path::Path;

use time::{Duration, OffsetDateTime};
use zhengtong_db::clock::{Clock as _, SystemClock};
use zhengtong_db::cluster::{Attached, Facts, Role, RoleFile, states};
use zhengtong_db::{Db, Settings};

use super::Finding;
use crate::config::Config;

/// A clock may differ from that of the database by so much.
const CLOCK_SECONDS_MAX: i64 = 5;
/// A backup must not be older; one is taken each night.
const BACKUP_HOURS_MAX: i64 = 26;
/// A proof must not be older.
const DRILL_DAYS_MAX: i64 = 35;
/// A disk must have so much left, in bytes and of its size.
const FREE_BYTES_MIN: u64 = 2_000_000_000;
const FREE_PERCENT_MIN: u64 = 5;

/// The URL of the database, if it runs.
pub(crate) async fn running(config: &Config) -> Option<String> {
    if !config.database.url.is_empty() {
        return Some(config.database.url.clone());
    }
    let found = Attached::find(&config.data.folder).await.ok().flatten();
    found.map(|attached| attached.url())
}

pub(super) fn version(folder: &Path) -> Finding {
    let admitted = crate::version::admit(folder);
    Finding {
        what: "版本 / version",
        sound: admitted.is_ok(),
        detail: admitted
            .err()
            .map_or_else(|| crate::version::OURS.to_owned(), |error| error.to_string()),
        mend: "装回较新的版本，或把升级前的备份恢复到空目录 / install the newer version again, or restore the backup from before the upgrade",
    }
}

/// Whether commits are safe on this database, and whether its clock is ours.
pub(super) async fn database(url: Option<&str>) -> Vec<Finding> {
    let Some(url) = url else {
        return vec![Finding {
            what: "数据库 / database",
            sound: true,
            detail: "没有运行，启动后再查一次 / it does not run; look again when it does"
                .to_owned(),
            mend: "",
        }];
    };
    let facts = match Facts::of(url).await {
        Ok(facts) => facts,
        Err(error) => {
            return vec![Finding {
                what: "数据库 / database",
                sound: false,
                detail: error.to_string(),
                mend: "看 postgres.log，核对 database.url / look into postgres.log, check database.url",
            }];
        }
    };
    let off = (facts.clock - SystemClock.now()).abs();
    vec![
        Finding {
            what: "落盘 / durability",
            sound: facts.fsync && facts.full_page_writes,
            detail: format!(
                "fsync {}，full_page_writes {}",
                word(facts.fsync),
                word(facts.full_page_writes)
            ),
            mend: "在数据库设置里把两项都打开，否则断电会丢数据 / switch both on: without them a power cut loses data",
        },
        Finding {
            what: "数据页校验 / page checksums",
            sound: facts.checksums && facts.checksum_failures == 0,
            detail: format!(
                "{}，坏页 / damaged pages {}",
                word(facts.checksums),
                facts.checksum_failures
            ),
            mend: "坏页：马上用 zhengtong restore 恢复到新目录核对；未启用：停库后运行 pg_checksums --enable / damaged pages: restore into a new folder at once and compare; not switched on: stop the database and run pg_checksums --enable",
        },
        Finding {
            what: "时钟 / clock",
            sound: off <= Duration::seconds(CLOCK_SECONDS_MAX),
            detail: format!("与数据库相差 / off the database by {:.1} s", off.as_seconds_f64()),
            mend: "两台机器都同步时间（chrony） / synchronise both machines (chrony)",
        },
        Finding {
            what: "日志归档 / archive",
            sound: facts.archive_failures == 0,
            detail: format!("{}，失败 / failures {}", facts.archive_mode, facts.archive_failures),
            mend: "看 postgres.log 里 archive_command 的报错 / look for archive_command in postgres.log",
        },
    ]
}

fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// The role of the folder, and whether its standbys follow. A city that has none is told how to make one.
pub(super) async fn standby(config: &Config, url: Option<&str>) -> Finding {
    let what = "备库 / standby";
    let finding = |sound, detail| {
        let mend = "启动备库：zhengtong standby run；备库回不来就 zhengtong standby drop 后另建 / start it: zhengtong standby run; or drop it and make another";
        Finding { what, sound, detail, mend }
    };
    if !config.database.url.is_empty() {
        let detail = "由数据库的运行单位负责 / is that of who runs the database".to_owned();
        return Finding { what, sound: true, detail, mend: "" };
    }
    let file = match RoleFile::read(&config.data.folder) {
        Ok(file) => file,
        Err(error) => return finding(false, error.to_string()),
    };
    let Some(file) = file.filter(|file| file.role != Role::Primary || !file.peers.is_empty())
    else {
        return Finding {
            what,
            sound: false,
            detail: "没有，这台机器坏了要从备份恢复 / none: when this machine is lost a backup has to be restored"
                .to_owned(),
            mend: "zhengtong standby add --to 目录，再在那里 zhengtong standby run / zhengtong standby add --to FOLDER, then zhengtong standby run there",
        };
    };
    match file.role {
        Role::Fenced => {
            return finding(false, "这里已被备库接替 / this folder was replaced".to_owned());
        }
        Role::Standby => {
            let seen = file.seen.map_or_else(|| "?".to_owned(), |seen| seen.sync);
            return finding(matches!(seen.as_str(), "sync" | "quorum"), seen);
        }
        Role::Primary => {}
    }
    let Some(url) = url else {
        return finding(
            true,
            "数据库没有运行，启动后再查 / it does not run; look again when it does".to_owned(),
        );
    };
    let streaming = streaming(url).await;
    let away: Vec<&str> = file
        .peers
        .iter()
        .filter(|peer| !streaming.contains(&peer.name))
        .map(|peer| peer.name.as_str())
        .collect();
    let detail =
        if away.is_empty() { streaming.join(" ") } else { format!("✗ {}", away.join(" ")) };
    finding(away.is_empty(), detail)
}

async fn streaming(url: &str) -> Vec<String> {
    let Ok(db) = Db::open(url, Settings::default()) else { return Vec::new() };
    let states = match db.begin_raw().await {
        Ok(mut tx) => states(&mut tx).await.unwrap_or_default(),
        Err(_away) => Vec::new(),
    };
    db.close().await;
    let follows = states.into_iter().filter(|state| state.state == "streaming");
    follows.map(|state| state.name).collect()
}

/// How old the newest backup in the folder is. Its signature is checked on the way.
pub(crate) async fn backup_age(config: &Config) -> Finding {
    let what = "备份 / backup";
    let mend = "设 backup.folder 和 backup.passphrase_file，再运行 zhengtong backup / set backup.folder and backup.passphrase_file, then run zhengtong backup";
    let folder = config.backup.folder.clone();
    if folder.as_os_str().is_empty() {
        let detail = "没有设置 / not configured".to_owned();
        return Finding { what, sound: false, detail, mend };
    }
    let newest = tokio::task::spawn_blocking(move || zhengtong_backup::newest(&folder)).await;
    match newest {
        Ok(Ok(backup)) => {
            let (sound, detail) = aged(backup.manifest.began, Duration::hours(BACKUP_HOURS_MAX));
            Finding { what, sound, detail, mend }
        }
        Ok(Err(error)) => Finding { what, sound: false, detail: error.to_string(), mend },
        Err(error) => Finding { what, sound: false, detail: error.to_string(), mend },
    }
}

fn aged(at: OffsetDateTime, most: Duration) -> (bool, String) {
    let age = SystemClock.now() - at;
    (age <= most, format!("{} 小时前 / hours ago（{at}）", age.whole_hours()))
}

/// When a restore was last proved.
pub(super) async fn drill_age(config: &Config, url: Option<&str>) -> Finding {
    let what = "恢复演练 / restore drill";
    let mend = "运行 zhengtong backup drill / run zhengtong backup drill";
    let proven = match url {
        Some(url) => zhengtong_backup::last_proven(url).await.ok().flatten(),
        None => None,
    };
    if let Some(at) = proven {
        let (sound, detail) = aged(at, Duration::days(DRILL_DAYS_MAX));
        return Finding { what, sound, detail, mend };
    }
    let unknown = url.is_none() && !config.backup.folder.as_os_str().is_empty();
    let detail = if unknown { "?" } else { "从未 / never" }.to_owned();
    Finding { what, sound: unknown, detail, mend }
}

/// Whether each folder has room.
pub(super) fn disks(config: &Config) -> Vec<Finding> {
    let mut folders = vec![("磁盘：数据 / disk: data", config.data.folder.as_path())];
    if !config.backup.folder.as_os_str().is_empty() {
        folders.push(("磁盘：备份 / disk: backups", config.backup.folder.as_path()));
    }
    folders.into_iter().filter_map(|(what, folder)| disk(what, folder)).collect()
}

fn disk(what: &'static str, folder: &Path) -> Option<Finding> {
    let (size, free) = crate::ops::space(folder)?;
    let enough = free >= FREE_BYTES_MIN && free.saturating_mul(100) >= size * FREE_PERCENT_MIN;
    Some(Finding {
        what,
        sound: enough,
        detail: format!(
            "{} / {} GB，{}",
            free / 1_000_000_000,
            size / 1_000_000_000,
            folder.display()
        ),
        mend: "腾出空间或换更大的盘；满了以后写入会被拒绝，腾出空间即恢复 / make room: on a full disk writes are refused until there is room again",
    })
}

/// Keys and passphrases are for their owner only.
pub(super) fn keys(config: &Config) -> Finding {
    use std::os::unix::fs::PermissionsExt as _;
    let beside = std::fs::read_dir(&config.data.folder).into_iter().flatten().flatten();
    let keys = beside.map(|entry| entry.path()).filter(|path| {
        path.extension().is_some_and(|ending| ending == "key" || ending == "passphrase")
    });
    let configured = [
        &config.backup.passphrase_file,
        &config.keys.passphrase_file,
        &config.server.certificate_key,
    ];
    let configured = configured.into_iter().chain(config.feed.iter().map(|feed| &feed.secret_file));
    let configured = configured.filter(|path| !path.as_os_str().is_empty()).cloned();
    let open: Vec<String> = keys
        .chain(configured)
        .filter(|path| {
            std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
        })
        .map(|path| path.display().to_string())
        .collect();
    Finding {
        what: "密钥权限 / key files",
        sound: open.is_empty(),
        detail: if open.is_empty() { "0600".to_owned() } else { open.join(" ") },
        mend: "chmod 600，只让运行本程序的用户读 / chmod 600: for the user of this program only",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_city_without_standby_and_without_backup_is_told_how_to_have_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.data.folder = folder.path().to_owned();
        let found = standby(&config, None).await;
        assert!(!found.sound && found.mend.contains("standby add"), "{}", found.mend);
        let found = backup_age(&config).await;
        assert!(!found.sound && found.mend.contains("backup.folder"), "{}", found.mend);
        "postgres://elsewhere/city".clone_into(&mut config.database.url);
        assert!(standby(&config, None).await.sound, "it is another's to keep");
    }
}
