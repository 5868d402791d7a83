//! Passwords that became known somewhere: a list of hundreds of millions that the operator keeps, asked one by one.

use std::fmt;
use std::io;
use std::sync::Arc;

use zhengtong_base::FieldError;
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::password::{apart, faults};
use crate::things::limits;

/// Whether a password stands on the list. It is asked apart from the threads that answer requests.
type Ask = dyn Fn(&str) -> io::Result<bool> + Send + Sync;

/// The list of the operator. It stands on the shelf; without it only the list of the commonest holds.
#[derive(Clone)]
pub struct KnownPasswords(Arc<Ask>);

impl fmt::Debug for KnownPasswords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KnownPasswords")
    }
}

impl KnownPasswords {
    /// A list that is asked so.
    pub fn new(ask: impl Fn(&str) -> io::Result<bool> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

/// What hinders the use of a password: what can be seen of it, and then whether it is known to others.
pub(crate) async fn judged(
    ctx: &Ctx,
    (field, password): (&str, &str),
    login: &str,
    words: &[String],
) -> Result<Vec<FieldError>> {
    let found = faults(field, password, login, words, &limits(ctx));
    let Ok(list) = ctx.defs::<KnownPasswords>() else { return Ok(found) };
    if !found.is_empty() {
        return Ok(found);
    }
    let asked = password.to_owned();
    let known = apart(move || (list.0)(&asked).map_err(|error| Error::Secret(error.to_string())));
    if !known.await? {
        return Ok(found);
    }
    Ok(vec![FieldError::new(
        field,
        "这个密码在别处泄露过，谁都能拿来试，请换一个",
        "this password became known elsewhere and will be tried; choose another",
    )])
}
