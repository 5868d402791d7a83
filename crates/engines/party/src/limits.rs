//! The limits of logging in, of sessions and of what is granted, in one place.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use time::Duration;
use zhengtong_db::Db;

/// Limits of this engine. Units stand last in each name. A city may set them under `[identity]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// A session ends when it was not used for so many minutes.
    pub idle_minutes: i64,
    /// A session ends so many hours after the login, however busy it is.
    pub session_hours: i64,
    /// The last use of a session is written down at most once in so many seconds.
    pub touch_seconds: i64,
    /// So many open sessions an account may have; the oldest gives way.
    pub sessions: i64,
    /// So many failures of one login from one address within the window bring a short ban.
    pub pair_failures: i32,
    /// The window of [`Limits::pair_failures`], in seconds.
    pub pair_window_seconds: i64,
    /// The short ban, in seconds.
    pub pair_ban_seconds: i64,
    /// So many failures from one address, whatever the login, bring a short ban of the address.
    pub address_failures: i32,
    /// The window of [`Limits::address_failures`], in seconds.
    pub address_window_seconds: i64,
    /// The ban of an address, in seconds.
    pub address_ban_seconds: i64,
    /// So many failures of one login from one address within the long window bring a ban as long as the window.
    pub long_failures: i32,
    /// The long window, in minutes.
    pub long_window_minutes: i64,
    /// Each further ban of the long window is so much of the one before, in per cent.
    pub long_growth_percent: i64,
    /// The longest ban, in days.
    pub long_ban_days_max: i64,
    /// So many failures of one login from any address lock it: many addresses guess together.
    pub login_failures: i32,
    /// The window of [`Limits::login_failures`], in minutes.
    pub login_window_minutes: i64,
    /// How long a login or the code of an account is locked, in minutes.
    pub lock_minutes: i64,
    /// So many wrong codes of an account within the window lock its code.
    pub code_failures: i32,
    /// The window of [`Limits::code_failures`], in minutes.
    pub code_window_minutes: i64,
    /// How long the page for the code may stand open, in minutes.
    pub code_minutes: i64,
    /// Seconds of one step of a code.
    pub code_step_seconds: u64,
    /// Steps before and after the present one that are accepted.
    pub code_skew_steps: u16,
    /// Codes on paper that an account gets at once.
    pub recovery_codes: i16,
    /// How long a recovery in person waits after two officials agreed, in hours.
    pub recovery_wait_hours: i64,
    /// A recovery in person that is not brought to its end in so many days is over.
    pub recovery_days: i64,
    /// How long the link of a recovery works, in hours.
    pub recovery_link_hours: i64,
    /// Fewest characters of a password.
    pub password_chars_min: usize,
    /// Most characters of a password.
    pub password_chars_max: usize,
    /// The least score of a password: 0 known at once, 4 beyond all guessing.
    pub password_score_min: u8,
    /// Fewest characters of a login.
    pub login_chars_min: usize,
    /// Most characters of a login.
    pub login_chars_max: usize,
    /// How long a one-time link works, in days.
    pub invite_days: i64,
    /// The longest delegation, in days.
    pub delegation_days: i64,
    /// The longest substitution, in days.
    pub substitution_days: i64,
    /// Characters kept of the name of a browser.
    pub agent_chars: usize,
    /// Most roles of one post.
    pub post_roles: usize,
    /// Fewest characters of a reason.
    pub reason_chars_min: usize,
    /// Rows of a list that has no pages.
    pub list_rows: i64,
}

/// The limits in force where a city sets no others.
pub const LIMITS: Limits = Limits {
    idle_minutes: 15,
    session_hours: 12,
    touch_seconds: 60,
    sessions: 10,
    pair_failures: 5,
    pair_window_seconds: 60,
    pair_ban_seconds: 60,
    address_failures: 20,
    address_window_seconds: 60,
    address_ban_seconds: 60,
    long_failures: 50,
    long_window_minutes: 720,
    long_growth_percent: 110,
    long_ban_days_max: 30,
    login_failures: 50,
    login_window_minutes: 10,
    lock_minutes: 10,
    code_failures: 10,
    code_window_minutes: 10,
    code_minutes: 5,
    code_step_seconds: 30,
    code_skew_steps: 1,
    recovery_codes: 10,
    recovery_wait_hours: 24,
    recovery_days: 7,
    recovery_link_hours: 24,
    password_chars_min: 10,
    password_chars_max: 128,
    password_score_min: 3,
    login_chars_min: 2,
    login_chars_max: 50,
    invite_days: 3,
    delegation_days: 366,
    substitution_days: 92,
    agent_chars: 200,
    post_roles: 8,
    reason_chars_min: 4,
    list_rows: 500,
};

/// The limits in force, as administrators may change them while the platform runs. A handle: all copies are one.
#[derive(Clone, Debug, Default)]
pub struct LimitsInForce(Arc<RwLock<Limits>>);

impl LimitsInForce {
    /// These limits, until others are set.
    pub fn new(limits: Limits) -> Self {
        Self(Arc::new(RwLock::new(limits)))
    }

    /// Other limits from now on.
    pub fn set(&self, limits: Limits) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    /// The limits of this moment.
    pub fn get(&self) -> Limits {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The limits in force on this node.
pub fn limits_in_force(db: &Db) -> Limits {
    match db.defs::<LimitsInForce>() {
        Ok(handle) => handle.get(),
        Err(_no_handle) => db.defs::<Limits>().map_or(LIMITS, |limits| *limits),
    }
}

impl Default for Limits {
    fn default() -> Self {
        LIMITS
    }
}

impl Limits {
    /// How long a session may stand unused.
    pub fn idle(&self) -> Duration {
        Duration::minutes(self.idle_minutes)
    }

    /// How long a session may last.
    pub fn session(&self) -> Duration {
        Duration::hours(self.session_hours)
    }

    /// How long a login or a code is locked.
    pub fn lock(&self) -> Duration {
        Duration::minutes(self.lock_minutes)
    }

    /// The names of the limits that cannot be meant: nothing at all, or nonsense.
    pub fn faults(&self) -> Vec<&'static str> {
        let long = [
            ("idle_minutes", self.idle_minutes),
            ("session_hours", self.session_hours),
            ("sessions", self.sessions),
            ("pair_failures", i64::from(self.pair_failures)),
            ("pair_window_seconds", self.pair_window_seconds),
            ("address_failures", i64::from(self.address_failures)),
            ("address_window_seconds", self.address_window_seconds),
            ("long_failures", i64::from(self.long_failures)),
            ("long_window_minutes", self.long_window_minutes),
            ("login_failures", i64::from(self.login_failures)),
            ("login_window_minutes", self.login_window_minutes),
            ("code_failures", i64::from(self.code_failures)),
            ("code_window_minutes", self.code_window_minutes),
            ("code_minutes", self.code_minutes),
            ("recovery_days", self.recovery_days),
            ("recovery_link_hours", self.recovery_link_hours),
            ("invite_days", self.invite_days),
            ("list_rows", self.list_rows),
        ];
        let mut faults: Vec<&'static str> =
            long.into_iter().filter(|(_, value)| *value < 1).map(|(name, _)| name).collect();
        if !(8..=self.password_chars_max).contains(&self.password_chars_min) {
            faults.push("password_chars_min");
        }
        if self.long_growth_percent < 100 {
            faults.push("long_growth_percent");
        }
        if self.password_score_min > 4 {
            faults.push("password_score_min");
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_cannot_be_meant_are_named() {
        assert_eq!(LIMITS.faults(), [] as [&str; 0]);
        let wrong =
            Limits { idle_minutes: 0, password_chars_min: 4, password_score_min: 9, ..LIMITS };
        assert_eq!(wrong.faults(), ["idle_minutes", "password_chars_min", "password_score_min"]);
    }
}
