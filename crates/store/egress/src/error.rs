//! Why a call was not made, or has no answer.

use std::time::Duration;

use zhengtong_base::{Failure, Kind, Text};

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A call that came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings cannot be used.
    #[error("the settings of outgoing calls cannot be used: {0}")]
    Settings(String),
    /// It must not be called.
    #[error("must not be called: {0}")]
    Refused(String),
    /// It failed too often and is left alone.
    #[error("{host} failed too often and is left alone for {} s", wait.as_secs() + 1)]
    Resting {
        /// The host.
        host: String,
        /// How long still.
        wait: Duration,
    },
    /// As many calls to it as may be are under way.
    #[error("as many calls to {0} as may be are under way")]
    Busy(String),
    /// Its name could not be looked up.
    #[error("{0} has no address")]
    Name(String),
    /// It took too long.
    #[error("the answer took too long")]
    Slow,
    /// The answer is larger than the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The certificate or the handshake is not sound.
    #[error("the certificate or the handshake is not sound")]
    Trust(#[source] std::io::Error),
    /// The line broke.
    #[error("the line broke")]
    Line(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Settings(_) => Kind::Internal,
            Self::Refused(_) => Kind::Denied,
            _ => Kind::Unavailable,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Settings(_) | Self::Refused(_) => Text::new(
                "这个外部地址不在允许名单里，没有连接",
                "this outside address is not on the list and was not called",
            ),
            _ => Text::new(
                "对方系统暂时没有应答，我们会再试，您填的不会丢",
                "the other system does not answer at the moment; it will be tried again, nothing is lost",
            ),
        }
    }
}
