//! Passwords: what makes one good enough, and argon2id away from the threads that answer requests.

use std::collections::HashSet;
use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use zhengtong_base::FieldError;

use crate::error::{Error, Result};
use crate::limits::{LIMITS, Limits};
use crate::strength;
use crate::token::random;

/// Passwords that are tried first everywhere, one a line, lower case.
const WORST: &str = include_str!("../data/worst-passwords.txt");

/// A hash that no password fits, with the costs of a real one: an unknown login takes the same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password.
pub(crate) async fn hash(password: &str) -> Result<String> {
    let (password, salt) = (password.to_owned(), random::<16>()?);
    apart(move || {
        let hash: std::result::Result<PasswordHash, _> =
            Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| Error::Secret(error.to_string()))
    })
    .await
}

/// Whether the password fits the hash; without a hash it does the same work and says no.
pub(crate) async fn fits(password: &str, hash: Option<String>) -> Result<bool> {
    let password: String = password.chars().take(LIMITS.password_chars_max + 1).collect();
    apart(move || {
        let (hash, known) = hash.map_or_else(|| (NOBODY.to_owned(), false), |hash| (hash, true));
        let parsed = PasswordHash::new(&hash).map_err(|error| Error::Secret(error.to_string()))?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await
}

/// What hinders the use of a password for a login; `words` are what others know of its owner.
pub(crate) fn faults(
    field: &str,
    password: &str,
    login: &str,
    words: &[String],
    limits: &Limits,
) -> Vec<FieldError> {
    let length = password.chars().count();
    let lower = password.to_lowercase();
    let (least, most) = (limits.password_chars_min, limits.password_chars_max);
    let words: Vec<String> =
        words.iter().map(|word| word.to_lowercase()).filter(|word| !word.is_empty()).collect();
    let login = login.to_lowercase();
    let said = if length < least {
        (
            format!("密码至少要 {least} 个字符，您填了 {length} 个"),
            format!("use at least {least} characters; this one has {length}"),
        )
    } else if length > most {
        (format!("密码最多 {most} 个字符"), format!("use at most {most} characters"))
    } else if password.chars().any(char::is_control) {
        (
            "密码里有看不见的控制字符，请重新输入".to_owned(),
            "there is an invisible control character in it; type it again".to_owned(),
        )
    } else if lower.contains(&login) {
        ("密码里不能有账号名".to_owned(), "the password must not contain the login".to_owned())
    } else if words.iter().any(|word| word.chars().count() >= 2 && lower.contains(word)) {
        (
            "密码里不能有您的姓名、电话、生日或证件号".to_owned(),
            "the password must not contain your name, telephone, birthday or number".to_owned(),
        )
    } else if is_worst(&lower)
        || strength::score(password, &[words, vec![login]].concat()) < limits.password_score_min
    {
        (
            "这个密码太容易被猜到，请换一个，例如几个不相干的词连在一起".to_owned(),
            "this password is easily guessed; try several unrelated words in a row".to_owned(),
        )
    } else {
        return Vec::new();
    };
    vec![FieldError::new(field, said.0, said.1)]
}

/// Whether it is on the list of those that are tried first.
fn is_worst(lower: &str) -> bool {
    static LISTED: LazyLock<HashSet<&'static str>> = LazyLock::new(|| WORST.lines().collect());
    LISTED.contains(lower)
}

pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Secret(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        let rows = [
            ("ninechars", "wang", Some("at least 10")),
            ("", "wang", Some("at least 10")),
            ("八个汉字不够长啊", "wang", Some("at least 10")),
            ("1234567890", "wang", Some("easily guessed")),
            ("Password123", "wang", Some("easily guessed")),
            ("WOAINI1314520", "wang", Some("easily guessed")),
            ("aaaaaaaaaaaaaaa", "wang", Some("easily guessed")),
            ("abcabcabcabc", "wang", Some("easily guessed")),
            ("lmnopqrstuvw", "wang", Some("easily guessed")),
            ("my-Wang.wei-pw", "wang.wei", Some("contain the login")),
            ("tab\tinside it", "wang", Some("control character")),
            ("王小明家的三只白鹭在打伞", "wang", Some("your name")),
            ("herons 13800001111", "wang", Some("your name")),
            ("herons-of-19900102", "wang", Some("your name")),
            ("correct horse battery", "wang", None),
            ("西湖边的三只白鹭在打伞", "wang", None),
            ("🌸🍵🏮🐉🎋🌙⛩🎐🧧🎎", "wang", None),
        ];
        for (password, login, expected) in rows {
            let words = ["王小明".to_owned(), "13800001111".to_owned(), "19900102".to_owned()];
            let faults = faults("password", password, login, &words, &LIMITS);
            match expected {
                Some(words) => assert!(faults[0].text.en.contains(words), "{password}: {faults:?}"),
                None => assert!(faults.is_empty(), "{password}: {faults:?}"),
            }
        }
        assert_eq!(faults("password", &"长".repeat(129), "x", &[], &LIMITS).len(), 1);
    }

    #[test]
    fn the_list_is_of_use() {
        for line in WORST.lines() {
            assert!(line.chars().count() >= 8, "{line} is refused anyway");
            assert_eq!(line, line.to_lowercase());
        }
        assert!(WORST.lines().count() >= 2_000, "a list that is worth its name");
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let hash = hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(fits("correct horse battery", Some(hash.clone())).await.unwrap());
        assert!(!fits("correct horse batterz", Some(hash)).await.unwrap());
        assert!(!fits("anything", None).await.unwrap());
    }
}
