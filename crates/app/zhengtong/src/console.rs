//! What the pages of administration are told of the process: every check of `doctor` and those that only a running
//! server can make, and every setting of the configuration with its meaning and where it is from.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use zhengtong_admin::{Check, Configured, Console, Origin, Standing};
use zhengtong_base::Text;
use zhengtong_db::{Db, figures};

use crate::command::doctor_look;
use crate::config::Config;
use crate::meaning::meaning;
use crate::ops;
use crate::shown::shown;

/// How late the oldest job may be.
const LATE_SECONDS: f64 = 300.0;
/// How long an entry of the record may wait to be sealed.
const UNSEALED_SECONDS: f64 = 60.0;
/// How long the database may take for the smallest question.
const ANSWER_MS: u128 = 250;

/// Everything that the pages are told.
pub(crate) fn console(config: &Config) -> Console {
    let asked = config.clone();
    Console {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        public_url: config.public_url(),
        backup: !config.backup.folder.as_os_str().is_empty(),
        settings: settings(config),
        look: Arc::new(move |db| {
            let config = asked.clone();
            Box::pin(async move { look(&config, &db).await })
        }),
    }
}

fn settings(config: &Config) -> Vec<Configured> {
    let usual = shown(&Config::default());
    let rows = shown(config).into_iter().map(|(key, value)| {
        let default = usual.iter().find(|(known, _)| *known == key);
        let origin = config.origins.get(&key).map_or("default", String::as_str);
        Configured {
            meaning: meaning(&key).map(|(zh, en)| Text::new(zh, en)).unwrap_or_default(),
            value,
            default: default.map(|(_, value)| value.clone()).unwrap_or_default(),
            origin: read_origin(origin),
            key,
        }
    });
    rows.collect()
}

fn read_origin(origin: &str) -> Origin {
    match origin.split_once(' ') {
        Some(("environment", name)) => Origin::Environment(name.to_owned()),
        Some(("command", "line")) => Origin::Flag,
        _ if origin == "default" => Origin::Default,
        _ => Origin::File(origin.to_owned()),
    }
}

async fn look(config: &Config, db: &Db) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(running(db).await);
    checks.push(address(config));
    checks.extend(process());
    for finding in doctor_look(config).await {
        let standing = if finding.sound { Standing::Sound } else { Standing::Look };
        checks.push(Check {
            what: both(finding.what),
            standing,
            detail: found(&finding.detail),
            mend: both(finding.mend),
        });
    }
    checks
}

/// Words that `doctor` writes in both languages, with a slash between.
fn both(words: &str) -> Text {
    match words.split_once(" / ") {
        Some((zh, en)) => Text::new(zh, en),
        None => Text::same(words),
    }
}

/// What `doctor` found: a figure stands once, so words around one are not taken apart.
fn found(detail: &str) -> Text {
    let figure = detail.chars().any(|letter| letter.is_ascii_digit() || letter == '，');
    if figure { Text::same(detail) } else { both(detail) }
}

fn check(
    what: (&str, &str),
    standing: Standing,
    detail: (String, String),
    mend: (&str, &str),
) -> Check {
    Check {
        what: Text::new(what.0, what.1),
        standing,
        detail: Text::new(detail.0, detail.1),
        mend: Text::new(mend.0, mend.1),
    }
}

/// What only the database of a running server tells.
async fn running(db: &Db) -> Vec<Check> {
    let begin = tokio::time::Instant::now();
    let asked = tokio::time::timeout(Duration::from_secs(5), facts(db)).await;
    let millis = begin.elapsed().as_millis();
    let Ok(Ok((work, lag, answer_ms))) = asked else {
        return vec![check(
            ("数据库应答", "The database answers"),
            Standing::Broken,
            (format!("{millis} 毫秒没有应答"), format!("no answer within {millis} ms")),
            (
                "看 PostgreSQL 的日志和磁盘；一台数据库坏了就切到备库",
                "Look at the log of PostgreSQL and at its disk; promote the standby if the machine is lost",
            ),
        )];
    };
    let now = db.clock().now();
    let pool = figures::pool(db);
    vec![answers(answer_ms), waits(&pool), jobs(&work, now), sealing(&lag, now)]
}

async fn facts(db: &Db) -> anyhow::Result<(figures::Work, zhengtong_ledger::Lag, u128)> {
    let begin = tokio::time::Instant::now();
    db.ping().await?;
    let answer_ms = begin.elapsed().as_millis();
    let mut tx = db.begin_raw().await?;
    let work = figures::work(&mut tx, db.clock().now()).await?;
    Ok((work, zhengtong_ledger::lag(&mut tx).await?, answer_ms))
}

fn answers(answer_ms: u128) -> Check {
    let standing = if answer_ms <= ANSWER_MS { Standing::Sound } else { Standing::Look };
    check(
        ("数据库应答", "The database answers"),
        standing,
        (format!("{answer_ms} 毫秒"), format!("within {answer_ms} ms")),
        (
            "看数据库机器的负载和磁盘，或连接池是不是用满了",
            "Look at the load and the disk of its machine, and whether all connections are taken",
        ),
    )
}

fn waits(pool: &figures::Pool) -> Check {
    let used = pool.open.saturating_sub(pool.idle);
    let standing = if pool.waiting > 0 { Standing::Look } else { Standing::Sound };
    check(
        ("数据库连接", "Connections"),
        standing,
        (
            format!("用着 {used} 个，最多 {}，{} 个在等", pool.most, pool.waiting),
            format!("{used} in use of at most {}, {} waiting", pool.most, pool.waiting),
        ),
        (
            "一直有等的就调大 database.connections_max，或查慢的语句",
            "If some always wait, raise database.connections_max or look for slow statements",
        ),
    )
}

fn jobs(work: &figures::Work, now: OffsetDateTime) -> Check {
    let late = work.due_since.map_or(0.0, |since| (now - since).as_seconds_f64());
    let standing = if late > LATE_SECONDS {
        Standing::Broken
    } else if work.dead > 0 {
        Standing::Look
    } else {
        Standing::Sound
    };
    check(
        ("后台任务", "Jobs"),
        standing,
        (
            format!(
                "排队 {}，失败过 {}，等人处理 {}，待发消息 {}",
                work.queued, work.failing, work.dead, work.outbox
            ),
            format!(
                "{} queued, {} of them failed before, {} wait for a person, {} events to hand on",
                work.queued, work.failing, work.dead, work.outbox
            ),
        ),
        ("打开“后台任务”，按原因修好再放回", "Open Jobs, mend the cause, and put them back"),
    )
}

fn sealing(lag: &zhengtong_ledger::Lag, now: OffsetDateTime) -> Check {
    let waits = lag.since.map_or(0.0, |since| (now - since).as_seconds_f64());
    let standing = if waits > UNSEALED_SECONDS { Standing::Broken } else { Standing::Sound };
    check(
        ("存证封存", "Sealing of the record"),
        standing,
        (
            format!("已封存 {} 条，等封存 {} 条，最久 {waits:.0} 秒", lag.sealed, lag.unsealed),
            format!("{} sealed, {} wait, the oldest for {waits:.0} s", lag.sealed, lag.unsealed),
        ),
        (
            "查有没有一直不结束的事务，看日志里 seal 的原因",
            "Look for a transaction that never ends, and for the reason in the log",
        ),
    )
}

fn address(config: &Config) -> Check {
    let url = config.public_url();
    let standing = if url.starts_with("https://") { Standing::Sound } else { Standing::Look };
    check(
        ("对外网址", "Public address"),
        standing,
        (url.clone(), url),
        (
            "正式对外要用 HTTPS：反向代理装证书，server.public_url 写 https 网址",
            "The public side needs HTTPS: give the reverse proxy a certificate and set server.public_url",
        ),
    )
}

fn process() -> Vec<Check> {
    let memory = ops::resident_bytes().map(|bytes| {
        let megabytes = bytes / 1_000_000;
        check(
            ("内存", "Memory"),
            Standing::Sound,
            (format!("{megabytes} MB"), format!("{megabytes} MB")),
            ("", ""),
        )
    });
    let files = ops::open_files().map(|(open, most)| {
        let standing = if open * 10 > most * 8 { Standing::Look } else { Standing::Sound };
        check(
            ("打开的文件", "Open files"),
            standing,
            (format!("{open}，最多 {most}"), format!("{open} of at most {most}")),
            ("调大服务的 LimitNOFILE", "Raise LimitNOFILE of the service"),
        )
    });
    memory.into_iter().chain(files).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_explained_and_shows_where_it_is_from() {
        let mut config = Config::default();
        config.metrics.token = "very secret".to_owned();
        config.database.url = "postgres://a:secret@h/d".to_owned();
        config.origins.insert("metrics.token".to_owned(), "environment X".to_owned());
        config.origins.insert("log.level".to_owned(), "/etc/z.toml".to_owned());
        config.origins.insert("server.listen".to_owned(), "command line".to_owned());
        let rows = settings(&config);
        for row in &rows {
            assert!(
                !row.meaning.zh.is_empty() && !row.meaning.en.is_empty(),
                "{} has no meaning: add it to meaning.rs",
                row.key
            );
            assert!(!row.value.contains("secret"), "{} shows a secret", row.key);
        }
        let origin = |key: &str| rows.iter().find(|row| row.key == key).unwrap().origin.clone();
        assert_eq!(origin("metrics.token"), Origin::Environment("X".to_owned()));
        assert_eq!(origin("log.level"), Origin::File("/etc/z.toml".to_owned()));
        assert_eq!(origin("server.listen"), Origin::Flag);
        assert_eq!(origin("log.format"), Origin::Default);
    }

    #[test]
    fn what_waits_too_long_is_broken() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::from_secs(10_000);
        let since = |seconds| Some(now - Duration::from_secs(seconds));
        let lag = |seconds| zhengtong_ledger::Lag { sealed: 5, unsealed: 1, since: since(seconds) };
        assert_eq!(sealing(&lag(2), now).standing, Standing::Sound);
        assert_eq!(sealing(&lag(61), now).standing, Standing::Broken);
        let work = |dead, seconds| figures::Work {
            dead,
            due_since: since(seconds),
            ..figures::Work::default()
        };
        assert_eq!(jobs(&work(0, 10), now).standing, Standing::Sound);
        assert_eq!(jobs(&work(1, 10), now).standing, Standing::Look);
        assert_eq!(jobs(&work(1, 301), now).standing, Standing::Broken);
    }
}
