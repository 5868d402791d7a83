//! The tables of the exchange. Only this module and its children name sqlx.

pub(crate) mod channel;
pub(crate) mod message;
pub(crate) mod register;

pub(crate) fn stored(error: sqlx::Error) -> crate::Error {
    zhengtong_db::Error::from(error).into()
}

/// Statements that stand in files, by name.
pub(crate) const STATEMENTS: &[(&str, &str)] = &[
    ("admit.sql", message::ADMIT),
    ("message_insert.sql", message::INSERT),
    ("message_list.sql", message::LIST),
    ("parcel_due.sql", channel::DUE),
];
