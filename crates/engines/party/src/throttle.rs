//! How many failures there may be: of a login from one address, of an address, of a login from anywhere, of
//! the code of an account. Only failures count, so that a whole office behind one address gets in.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_crypto::sm3;
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::throttle::{self, Count};

/// What is counted, and what follows when it is too much.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    kind: &'static str,
    key: String,
    most: i32,
    window: Duration,
    ban: Duration,
    growth_percent: i64,
    ban_max: Duration,
}

/// The rules of a login from an address. The first one is locked while the login is tried.
pub(crate) fn of_login(limits: &Limits, login_key: &str, ip: &str) -> [Rule; 4] {
    let digest = digest(login_key);
    let pair = format!("{digest}/{ip}");
    let plain = |kind, key: &str, most, window: Duration, ban: Duration| Rule {
        kind,
        key: key.to_owned(),
        most,
        window,
        ban,
        growth_percent: 100,
        ban_max: ban,
    };
    let long = Duration::minutes(limits.long_window_minutes);
    [
        plain(
            "login",
            &digest,
            limits.login_failures,
            Duration::minutes(limits.login_window_minutes),
            limits.lock(),
        ),
        plain(
            "pair",
            &pair,
            limits.pair_failures,
            Duration::seconds(limits.pair_window_seconds),
            Duration::seconds(limits.pair_ban_seconds),
        ),
        Rule {
            growth_percent: limits.long_growth_percent,
            ban_max: Duration::days(limits.long_ban_days_max),
            ..plain("long", &pair, limits.long_failures, long, long)
        },
        plain(
            "address",
            ip,
            limits.address_failures,
            Duration::seconds(limits.address_window_seconds),
            Duration::seconds(limits.address_ban_seconds),
        ),
    ]
}

/// The rule of codes, and of old passwords, of one account.
pub(crate) fn of_code(limits: &Limits, account: Uuid) -> Rule {
    let ban = limits.lock();
    Rule {
        kind: "code",
        key: account.to_string(),
        most: limits.code_failures,
        window: Duration::minutes(limits.code_window_minutes),
        ban,
        growth_percent: 100,
        ban_max: ban,
    }
}

/// The refusal, if one of the rules bans. The row of the first rule is locked until the transaction ends.
pub(crate) async fn locked(ctx: &mut Ctx, rules: &[Rule]) -> Result<Option<Error>> {
    let now = ctx.now;
    let mut latest: Option<OffsetDateTime> = None;
    for (place, rule) in rules.iter().enumerate() {
        let until = if place == 0 {
            throttle::take(ctx.conn(), rule.kind, &rule.key, now).await?.until
        } else {
            throttle::until(ctx.conn(), rule.kind, &rule.key).await?
        };
        latest = latest.max(until.filter(|until| *until > now));
    }
    Ok(latest.map(|until| Error::Locked { minutes: minutes(until - now) }))
}

/// Counts one more failure under each rule.
pub(crate) async fn count(ctx: &mut Ctx, rules: &[Rule]) -> Result<()> {
    let now = ctx.now;
    for rule in rules {
        let so_far = throttle::take(ctx.conn(), rule.kind, &rule.key, now).await?;
        let next = rule.next(so_far, now);
        throttle::put(ctx.conn(), rule.kind, &rule.key, next).await?;
    }
    Ok(())
}

/// After a success: what was counted of the login and of this login from this address is forgotten; the
/// counts of the long window and of the address stay.
pub(crate) async fn forgive(ctx: &mut Ctx, rules: &[Rule]) -> Result<()> {
    for rule in rules.iter().filter(|rule| matches!(rule.kind, "login" | "pair" | "code")) {
        throttle::forget(ctx.conn(), rule.kind, &rule.key).await?;
    }
    Ok(())
}

/// After a new password: nothing is left of the failures with the old one.
pub(crate) async fn forget_login(ctx: &mut Ctx, login_key: &str) -> Result<()> {
    throttle::forget_login(ctx.conn(), &digest(login_key)).await
}

impl Rule {
    fn next(&self, so_far: Count, now: OffsetDateTime) -> Count {
        let in_window = now - so_far.since < self.window;
        let (failed, since) = if in_window { (so_far.failed + 1, so_far.since) } else { (1, now) };
        if failed < self.most {
            return Count { failed, since, ..so_far };
        }
        Count {
            failed: 0,
            since: now,
            until: Some(now + self.ban_after(so_far.rounds)),
            rounds: so_far.rounds.saturating_add(1),
        }
    }

    fn ban_after(&self, rounds: i32) -> Duration {
        let mut seconds = self.ban.whole_seconds();
        let most = self.ban_max.whole_seconds();
        for _ in 0..rounds {
            if seconds >= most {
                break;
            }
            seconds = seconds.saturating_mul(self.growth_percent) / 100;
        }
        Duration::seconds(seconds.min(most))
    }
}

fn digest(login_key: &str) -> String {
    let digest = hex::encode(sm3(login_key.as_bytes()));
    digest.get(..32).unwrap_or(&digest).to_owned()
}

/// Whole minutes, rounded up.
fn minutes(left: Duration) -> i64 {
    let more = left.whole_seconds() % 60 > 0 || left.subsec_nanoseconds() > 0;
    left.whole_minutes() + i64::from(more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::LIMITS;

    #[test]
    fn a_ban_grows_by_a_tenth_up_to_thirty_days() {
        let [.., long, _] = of_login(&LIMITS, "boss", "127.0.0.1");
        let hours = |rounds| long.ban_after(rounds).as_seconds_f64() / 3600.0;
        assert!((hours(0) - 12.0).abs() < 0.01);
        assert!((hours(1) - 13.2).abs() < 0.01);
        assert!((hours(2) - 14.52).abs() < 0.01);
        assert!((hours(60) - 720.0).abs() < 0.01);
        assert!((hours(i32::MAX) - 720.0).abs() < 0.01);
    }

    #[test]
    fn no_key_holds_what_was_typed() {
        for rule in of_login(&LIMITS, "my secret typed by mistake", "10.0.0.1") {
            assert!(!rule.key.contains("secret"), "{rule:?}");
        }
    }
}
