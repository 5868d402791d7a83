//! What can go wrong below every engine: refused, absent, taken, away, or our own fault.

use thiserror::Error;
use zhengtong_base::{Failure, Kind, Text};

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of the store, or a refusal by policy.
#[derive(Debug, Error)]
pub enum Error {
    /// A policy does not allow the verb, and the actor may know that the thing exists.
    #[error("{verb} is not allowed to this actor")]
    Denied {
        /// The verb.
        verb: String,
    },
    /// Nobody is logged in.
    #[error("{verb} needs a login")]
    Unauthenticated {
        /// The verb.
        verb: String,
    },
    /// The thing is absent, or its existence is secret from the actor.
    #[error("{kind} {id} is not there")]
    NotFound {
        /// The kind of thing.
        kind: String,
        /// The identifier that was asked for.
        id: String,
    },
    /// The same idempotency key came with another body.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database does not answer.
    #[error("the database is away")]
    Away(#[source] sqlx::Error),
    /// There is no room for writes; reads go on.
    #[error("the disk of the database is full")]
    Full(#[source] sqlx::Error),
    /// A statement failed.
    #[error("a statement failed")]
    Sql(#[source] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("migration of schema {schema} failed")]
    Migrate {
        /// The schema.
        schema: String,
        /// The cause.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// The tables were made by a newer program.
    #[error("step {version} of schema {schema} is of a newer program")]
    Newer {
        /// The schema.
        schema: String,
        /// The step.
        version: i64,
    },
    /// A value could not be read from or written as JSON.
    #[error("a stored value has another shape")]
    Json(#[from] serde_json::Error),
    /// A protected value could not be sealed or opened.
    #[error("a protected value could not be sealed or opened")]
    Sealed(#[from] zhengtong_crypto::SealError),
    /// Something that must hold did not.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    /// An absent thing.
    pub fn absent(kind: &str, id: impl Into<String>) -> Self {
        Self::NotFound { kind: kind.to_owned(), id: id.into() }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // 53100: the disk is full. 25006: writes are refused before that, so that reads go on.
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| matches!(code.as_ref(), "53100" | "25006")) {
            return Self::Full(error);
        }
        let away = match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::Database(inner) => inner.code().is_some_and(|code| {
                // 57P0x: the server is shutting down or starting; 53x: out of connections, memory or disk.
                // 57014 and 55P03: a statement or a lock took longer than is allowed.
                code.starts_with("57P")
                    || code.starts_with("53")
                    || code.starts_with("08")
                    || matches!(code.as_ref(), "57014" | "55P03")
            }),
            _ => false,
        };
        if away { Self::Away(error) } else { Self::Sql(error) }
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied { .. } => Kind::Denied,
            Self::Unauthenticated { .. } => Kind::Unauthenticated,
            Self::NotFound { .. } => Kind::NotFound,
            Self::KeyReused => Kind::Invalid,
            Self::Away(_) | Self::Full(_) | Self::Newer { .. } => Kind::Unavailable,
            Self::Sql(_)
            | Self::Migrate { .. }
            | Self::Json(_)
            | Self::Sealed(_)
            | Self::Broken(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Denied { .. } => Text::new(
                "您现在的身份不能做这一步。要做请找本单位负责人授权",
                "your role does not allow this step; ask the head of your office",
            ),
            Self::Unauthenticated { .. } => Text::new("请先登录", "please log in first"),
            Self::NotFound { .. } => Text::new(
                "没有找到。可能是号码输错了，也可能它不归您看",
                "not found; the number may be wrong, or it is not yours to see",
            ),
            Self::KeyReused => Text::new(
                "这次提交和上一次内容不同，请刷新页面再提交",
                "this submission differs from the one before; reload the page and submit again",
            ),
            Self::Full(_) => Text::new(
                "系统存储空间不足，暂时不能提交，查询照常。您填的不会丢，请过一会儿再试",
                "the system is short of storage: nothing can be submitted for the moment, looking things up goes on; try again later, nothing you typed is lost",
            ),
            Self::Newer { schema, version } => Text::new(
                format!(
                    "这个数据库是更新版本的程序建的（{schema} 第 {version} 步），旧程序不能用它，以免弄坏数据。请装回较新的版本；一定要退回，请用升级前的备份恢复到空目录"
                ),
                format!(
                    "this database was made by a newer program (step {version} of {schema}); an older one must not touch it. Install the newer version again, or restore the backup from before the upgrade into an empty folder"
                ),
            ),
            Self::Away(_) => Text::new(
                "数据库正在恢复，请过一会儿再试，您填的不会丢",
                "the database is recovering; try again in a moment, nothing is lost",
            ),
            Self::Sealed(_) => Text::new(
                "这里有一项受保护的信息打不开：它被改动过，或密钥已销毁。已经记下，请联系系统管理员",
                "a protected value cannot be opened: it was altered, or its key was destroyed; this was recorded, ask the system administrator",
            ),
            Self::Sql(_) | Self::Migrate { .. } | Self::Json(_) | Self::Broken(_) => Text::new(
                "我们这边出错了，已经记下。请再试一次，或拨 12345 并报本页编号",
                "something failed on our side and was recorded; try again or call 12345 with the page number",
            ),
        }
    }
}
