//! Logins, short names and names of organisations: what they may be and how they are compared.

use zhengtong_base::{FieldError, Limits, Text};

use crate::limits::LIMITS;

/// The login as it is compared: without spaces around it, half-width, lower case.
pub(crate) fn login_key(login: &str) -> String {
    clean(login)
        .chars()
        .map(half_width)
        .flat_map(char::to_lowercase)
        .take(LIMITS.login_chars_max * 2)
        .collect()
}

/// What is searched for or compared, without control characters: the database takes none, and nothing
/// that is stored holds one.
pub(crate) fn clean(text: &str) -> String {
    text.trim().chars().filter(|letter| !letter.is_control()).collect()
}

/// What hinders the use of a login. Accents that stand apart from their letter are refused, so that a
/// login has one spelling.
pub(crate) fn login_faults(login: &str) -> Vec<FieldError> {
    let length = login.trim().chars().count();
    if !(LIMITS.login_chars_min..=LIMITS.login_chars_max).contains(&length) {
        let (least, most) = (LIMITS.login_chars_min, LIMITS.login_chars_max);
        return vec![FieldError::new(
            "login",
            format!("账号要 {least} 至 {most} 个字符"),
            format!("a login has {least} to {most} characters"),
        )];
    }
    let fits = |letter: char| letter.is_alphanumeric() || "._-@".contains(half_width(letter));
    if login.trim().chars().all(fits) {
        return Vec::new();
    }
    vec![FieldError::new(
        "login",
        "账号只能用文字、数字和 . _ - @",
        "a login holds letters, digits and . _ - @ only",
    )]
}

/// What hinders the use of a short name of an organisation.
pub(crate) fn short_faults(short: &str) -> Vec<FieldError> {
    let plain = short
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if plain && (2..=60).contains(&short.len()) {
        return Vec::new();
    }
    vec![FieldError::new(
        "short",
        "简称用 2 至 60 个小写字母、数字和连字符，例如 market-regulation",
        "a short name has 2 to 60 lower-case letters, digits and hyphens, such as market-regulation",
    )]
}

/// What hinders the use of a name or title in two languages.
pub(crate) fn text_faults(field: &str, text: &Text) -> Vec<FieldError> {
    let most = Limits::default().line_chars;
    let bad = |words: &str| {
        words.trim().is_empty()
            || words.chars().count() > most
            || words.chars().any(char::is_control)
    };
    let mut faults = Vec::new();
    if bad(&text.zh) {
        faults.push(FieldError::new(
            format!("{field}_zh"),
            format!("请填写中文名称，最多 {most} 个字符"),
            format!("fill in the Chinese name, at most {most} characters"),
        ));
    }
    if bad(&text.en) {
        faults.push(FieldError::new(
            format!("{field}_en"),
            format!("请填写英文名称，最多 {most} 个字符"),
            format!("fill in the English name, at most {most} characters"),
        ));
    }
    faults
}

fn half_width(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_have_one_spelling() {
        let rows = [
            (" Wang.Wei ", "wang.wei"),
            ("ＷＡＮＧ＿ｗｅｉ", "wang_wei"),
            ("张伟", "张伟"),
            ("𠮷田Ｔ", "𠮷田t"),
            ("ÉMILIE", "émilie"),
        ];
        for (login, key) in rows {
            assert_eq!(login_key(login), key);
            assert!(login_faults(login).is_empty(), "{login}");
            assert_eq!(login_key(key), key, "the key of a key is the key");
        }
        assert!(login_key(&"长".repeat(100_000)).chars().count() <= 100);
        for bad in
            ["", "a", "a b c", "e\u{301}milie", "x\0yz", "<script>", "😀😀😀", &"a".repeat(51)]
        {
            assert_eq!(login_faults(bad).len(), 1, "{bad}");
        }
    }
}
