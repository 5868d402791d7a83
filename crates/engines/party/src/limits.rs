//! The limits of logging in, of sessions and of what is granted, in one place.

use time::Duration;

/// Limits of this engine. Units stand last in each name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A session ends when it was not used for so many minutes.
    pub idle_minutes: i64,
    /// A session ends so many hours after the login, however busy it is.
    pub session_hours: i64,
    /// The last use of a session is written down at most once in so many seconds.
    pub touch_seconds: i64,
    /// So many open sessions an account may have; the oldest gives way.
    pub sessions: i64,
    /// So many failures within the window lock a login.
    pub failures: i32,
    /// The window in which failures are counted, in minutes.
    pub failure_window_minutes: i64,
    /// How long a login is locked, in minutes.
    pub lock_minutes: i64,
    /// How long the page for the code may stand open, in minutes.
    pub code_minutes: i64,
    /// Seconds of one step of a code.
    pub code_step_seconds: u64,
    /// Steps before and after the present one that are accepted.
    pub code_skew_steps: u16,
    /// Fewest characters of a password.
    pub password_chars_min: usize,
    /// Most characters of a password.
    pub password_chars_max: usize,
    /// Fewest characters of a login.
    pub login_chars_min: usize,
    /// Most characters of a login.
    pub login_chars_max: usize,
    /// How long a one-time link works, in days.
    pub invite_days: i64,
    /// The longest delegation, in days.
    pub delegation_days: i64,
    /// Characters kept of the name of a browser.
    pub agent_chars: usize,
    /// Most roles of one post.
    pub post_roles: usize,
    /// Fewest characters of a reason.
    pub reason_chars_min: usize,
    /// Rows of a list that has no pages.
    pub list_rows: i64,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    idle_minutes: 15,
    session_hours: 12,
    touch_seconds: 60,
    sessions: 10,
    failures: 5,
    failure_window_minutes: 10,
    lock_minutes: 10,
    code_minutes: 5,
    code_step_seconds: 30,
    code_skew_steps: 1,
    password_chars_min: 10,
    password_chars_max: 128,
    login_chars_min: 2,
    login_chars_max: 50,
    invite_days: 3,
    delegation_days: 366,
    agent_chars: 200,
    post_roles: 8,
    reason_chars_min: 4,
    list_rows: 500,
};

impl Limits {
    /// How long a session may stand unused.
    pub fn idle(&self) -> Duration {
        Duration::minutes(self.idle_minutes)
    }

    /// How long a session may last.
    pub fn session(&self) -> Duration {
        Duration::hours(self.session_hours)
    }

    /// How long a login is locked.
    pub fn lock(&self) -> Duration {
        Duration::minutes(self.lock_minutes)
    }
}
