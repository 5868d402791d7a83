//! The second factor: time-based codes of RFC 6238, six digits, thirty seconds, each accepted once.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use time::OffsetDateTime;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::Enrolment;
use crate::token::random;

/// The name that authenticators show.
const ISSUER: &str = "政通";

/// A new secret of 160 bits.
pub(crate) fn new_secret() -> Result<Vec<u8>> {
    Ok(random::<20>()?.to_vec())
}

/// Reads a secret in base 32.
pub(crate) fn secret_of(base32: &str) -> Result<Vec<u8>> {
    let secret =
        Secret::try_from_base32(base32).map_err(|error| Error::Secret(error.to_string()))?;
    Ok(secret.as_bytes().to_vec())
}

/// The secret as it is shown once.
pub(crate) fn enrolment(secret: &[u8], login: &str) -> Enrolment {
    let secret = Secret::from(secret.to_vec()).to_base32();
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (issuer, login) = (encode(ISSUER), encode(login));
    let url = format!(
        "otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={}",
        LIMITS.code_step_seconds
    );
    Enrolment { secret, url }
}

/// The step whose code this is, if it is one of the steps around now and later than the last one used.
pub(crate) fn step_of(
    secret: &[u8],
    code: &str,
    now: OffsetDateTime,
    last: Option<i64>,
) -> Result<Option<i64>> {
    let step = totp(secret)?.check(&half_width(code), seconds(now));
    let step = step.and_then(|step| i64::try_from(step).ok());
    Ok(step.filter(|step| last.is_none_or(|last| *step > last)))
}

/// The last step whose code is taken now. Steps beyond it were used by a clock that was ahead: no code of theirs is
/// taken before their time comes, so they do not stand in the way of the codes of today.
pub(crate) fn newest_step(now: OffsetDateTime) -> i64 {
    let step = seconds(now) / LIMITS.code_step_seconds.max(1);
    i64::try_from(step).unwrap_or(i64::MAX).saturating_add(i64::from(LIMITS.code_skew_steps))
}

fn totp(secret: &[u8]) -> Result<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_secret(secret.to_vec())
        .with_skew(LIMITS.code_skew_steps)
        .with_step_duration(LIMITS.code_step_seconds)
        .build()
        .map_err(|error| Error::Secret(error.to_string()))
}

fn seconds(now: OffsetDateTime) -> u64 {
    u64::try_from(now.unix_timestamp()).unwrap_or(0)
}

/// Chinese keyboards write full-width digits, and authenticators a space in the middle.
fn half_width(code: &str) -> String {
    code.chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| match character {
            '\u{ff10}'..='\u{ff19}' => {
                char::from_digit(u32::from(character) - 0xff10, 10).unwrap_or(character)
            }
            _ => character,
        })
        .take(12)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and one code of RFC 6238 appendix B, cut to six digits.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[test]
    fn a_code_works_once_and_one_step_around() {
        let rows = [
            (59, "287082", None, Some(1)),
            (59, "２８７ ０８２", None, Some(1)),
            (30, "287082", None, Some(1)),
            (89, "287082", None, Some(1)),
            (29, "287082", None, Some(1)),
            (90, "287082", None, None),
            (59, "287082", Some(1), None),
            (59, "287082", Some(0), Some(1)),
            (59, "287083", None, None),
            (59, "", None, None),
            (59, "二八七零八二", None, None),
        ];
        for (now, code, last, expected) in rows {
            assert_eq!(step_of(SECRET, code, at(now), last).unwrap(), expected, "{now} {code}");
        }
    }

    #[test]
    fn the_newest_step_is_the_last_that_is_taken() {
        for (now, code) in [(30, "287082"), (29, "287082"), (59, "287082")] {
            let step = step_of(SECRET, code, at(now), None).unwrap().unwrap();
            assert!(step <= newest_step(at(now)), "{now}");
        }
        assert_eq!(newest_step(at(29)), 1);
        assert_eq!(newest_step(at(30)), 2);
    }

    #[test]
    fn the_address_is_plain_ascii() {
        let enrolment = enrolment(SECRET, "张 伟&x=1");
        assert!(enrolment.url.is_ascii());
        assert!(enrolment.url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"));
        assert!(enrolment.url.contains(":%E5%BC%A0%20%E4%BC%9F%26x%3D1?"));
        assert_eq!(secret_of(&enrolment.secret).unwrap(), SECRET);
    }
}
