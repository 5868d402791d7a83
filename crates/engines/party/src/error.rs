//! What can go wrong when somebody logs in, is given a post or acts for another.

use thiserror::Error;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Failure, FieldError, Kind, Text};

use crate::things::china_minute;

/// The result of this engine.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of this engine.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed, or policy refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The act could not be recorded.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// No account with this login has this password.
    #[error("the login or the password is wrong")]
    BadLogin,
    /// Too many failures; the login is locked.
    #[error("the login is locked for {minutes} more minutes")]
    Locked {
        /// Minutes until the next try.
        minutes: i64,
    },
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// The code is wrong, too old, or was used.
    #[error("the code is wrong, too old, or was used")]
    BadCode,
    /// The page for the code stood open too long.
    #[error("the password was proven too long ago")]
    StaleProof,
    /// The old password is wrong.
    #[error("the old password is wrong")]
    BadOldPassword,
    /// No second factor was begun that could be confirmed.
    #[error("no second factor is waiting for its first code")]
    NothingToConfirm,
    /// The account has a second factor that this session did not prove.
    #[error("the account has a second factor that this session did not prove")]
    FactorNotProven,
    /// The recovery code is wrong or was used, or there is no such account.
    #[error("the recovery code is wrong or was used")]
    BadRecoveryCode,
    /// A recovery of this account goes on already.
    #[error("a recovery of this account goes on already")]
    RecoveryGoesOn,
    /// A second official must confirm, and it must be another one.
    #[error("a second official must confirm, another than the first and than the owner")]
    SecondOfficial,
    /// The wait of a recovery is not over.
    #[error("the wait ends at {until}")]
    TooEarly {
        /// When it ends.
        until: OffsetDateTime,
    },
    /// An account in use gets no new link just so.
    #[error("an account in use is given back by a recovery, not by a link")]
    UseRecovery,
    /// The one-time link is unknown, too old, or was used.
    #[error("the one-time link is unknown, too old, or was used")]
    InviteGone,
    /// What was sent breaks rules.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// One of the three administrators would become another one too.
    #[error("{held} and {wanted} exclude each other")]
    ThreeAdministrators {
        /// The role that is held.
        held: String,
        /// The role that was to be given.
        wanted: String,
    },
    /// Nobody would be left who can administer the platform.
    #[error("the last system administrator cannot be taken away")]
    LastAdministrator,
    /// Nobody gives a post to themselves.
    #[error("nobody gives a post to themselves")]
    OwnRights,
    /// The actor may not act for the organisation.
    #[error("there is no leave to act for organisation {0}")]
    NoLeave(Uuid),
    /// The actor acts for nobody, and the verb needs that.
    #[error("the actor acts for no organisation")]
    NotActingFor,
    /// Random numbers, hashes or codes could not be made.
    #[error("a secret could not be made or read: {0}")]
    Secret(String),
}

impl Error {
    /// One field that is wrong.
    pub(crate) fn field(name: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(name, zh, en)])
    }

    /// An absent thing.
    pub(crate) fn absent(kind: &str, id: impl std::fmt::Display) -> Self {
        Self::Store(zhengtong_db::Error::absent(kind, id.to_string()))
    }

    /// Words about proving who somebody is.
    fn said_of_proof(&self) -> Option<Text> {
        let text = match self {
            Self::BadLogin => Text::new(
                "账号或密码不对，请核对后再输",
                "the login or the password is wrong; check both",
            ),
            Self::Locked { minutes } => Text::new(
                format!("输错次数太多，请 {minutes} 分钟后再试；忘了密码，用恢复码或到窗口找回"),
                format!(
                    "too many wrong tries; try again in {minutes} minutes, or use a recovery code"
                ),
            ),
            Self::Disabled => Text::new(
                "这个账号已停用，请联系本单位管理员",
                "this account is disabled; ask your administrator",
            ),
            Self::BadCode => Text::new(
                "动态码不对或已经用过。请等下一个动态码出现再输",
                "the code is wrong or was used; wait for the next one",
            ),
            Self::StaleProof => Text::new(
                "动态码页面停留太久，请重新登录",
                "the page for the code stood open too long; log in again",
            ),
            Self::BadOldPassword => Text::new("原密码不对", "the old password is wrong"),
            Self::NothingToConfirm => Text::new(
                "请先扫描新的二维码，再输入动态码",
                "scan the new code with your authenticator first",
            ),
            Self::FactorNotProven => Text::new(
                "这个账号已有第二重验证，请退出后用它重新登录，再来更换",
                "this account has a second factor; sign in with it first, then change it",
            ),
            Self::InviteGone => Text::new(
                "这个一次性链接已经用过或已过期，请管理员重新发一个",
                "this one-time link was used or is too old; ask for a new one",
            ),
            _ => return None,
        };
        Some(text)
    }

    /// Words about getting an account back.
    fn said_of_recovery(&self) -> Option<Text> {
        let text = match self {
            Self::BadRecoveryCode => Text::new(
                "账号和恢复码对不上，或者这个恢复码已经用过",
                "the account and the recovery code do not fit, or the code was used",
            ),
            Self::RecoveryGoesOn => Text::new(
                "这个账号已经在办理找回，请在找回列表里接着办",
                "a recovery of this account goes on already; see the list",
            ),
            Self::SecondOfficial => Text::new(
                "要由另一位工作人员确认：不能是发起人，也不能是账号本人",
                "another official has to confirm: neither the first one nor the owner",
            ),
            Self::TooEarly { until } => {
                let until = china_minute(*until);
                Text::new(
                    format!("等待期还没过，{until} 以后才能发链接"),
                    format!("the wait is not over; the link can be given out after {until}"),
                )
            }
            Self::UseRecovery => Text::new(
                "在用的账号不能直接发链接，请走“找回账号”：核对证件、两人确认、等待期满",
                "an account in use gets no link just so; recover it: document, two officials, a wait",
            ),
            _ => return None,
        };
        Some(text)
    }

    /// Words about posts, administrators and leaves.
    fn said_of_rights(&self) -> Option<Text> {
        let text = match self {
            Self::ThreeAdministrators { held, wanted } => Text::new(
                format!("三员分立：同一人不能既是 {held} 又是 {wanted}，请另选一人"),
                format!("{held} and {wanted} exclude each other; choose another person"),
            ),
            Self::LastAdministrator => Text::new(
                "这是最后一位系统管理员。请先让另一人担任并登录一次，再做这一步",
                "this is the last system administrator; let another one log in first",
            ),
            Self::OwnRights => Text::new(
                "不能给自己安排岗位，请另一位安全管理员来做",
                "nobody gives a post to themselves",
            ),
            Self::NoLeave(_) => Text::new(
                "您没有这家单位的有效代办授权，请让法定代表人授权",
                "you have no leave to act for this organisation; ask its legal representative",
            ),
            Self::NotActingFor => Text::new(
                "请先切换到要代表的单位，再做这一步",
                "first choose the organisation that you act for",
            ),
            _ => return None,
        };
        Some(text)
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::BadLogin
            | Self::BadCode
            | Self::BadOldPassword
            | Self::BadRecoveryCode
            | Self::Invalid(_) => Kind::Invalid,
            Self::Locked { .. } => Kind::TooMany,
            Self::FactorNotProven
            | Self::Disabled
            | Self::OwnRights
            | Self::NoLeave(_)
            | Self::NotActingFor => Kind::Denied,
            Self::StaleProof => Kind::Unauthenticated,
            Self::InviteGone => Kind::NotFound,
            Self::RecoveryGoesOn
            | Self::SecondOfficial
            | Self::TooEarly { .. }
            | Self::UseRecovery
            | Self::NothingToConfirm
            | Self::ThreeAdministrators { .. }
            | Self::LastAdministrator => Kind::Conflict,
            Self::Secret(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Invalid(_) => Text::new("有些内容需要修改", "some answers need to be changed"),
            _ => self
                .said_of_proof()
                .or_else(|| self.said_of_recovery())
                .or_else(|| self.said_of_rights())
                .unwrap_or_else(|| {
                    Text::new(
                        "我们这边出错了，已经记下。请再试一次",
                        "something failed on our side and was recorded; try again",
                    )
                }),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        let one = |name: &str| vec![FieldError { field: name.to_owned(), text: self.text() }];
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Ledger(error) => error.fields(),
            Self::BadLogin => one("password"),
            Self::BadCode | Self::BadRecoveryCode => one("code"),
            Self::BadOldPassword => one("old"),
            _ => Vec::new(),
        }
    }
}
