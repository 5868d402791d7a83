//! How a paper gets its number: a pattern such as `{prefix}{region:6}{year}{seq:5}{check}`.

use std::fmt::Write as _;

use serde_json::Value;
use zhengtong_base::Text;

use crate::error::{Error, Result};

/// The words that stand in braces.
pub(crate) const WORDS: [&str; 6] = ["prefix", "region", "year", "seq", "check", "data."];

/// A pattern that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// Words that stand as they are.
    Literal(String),
    /// The prefix of the declaration.
    Prefix,
    /// The first digits of the region code.
    Region(usize),
    /// The year of issue.
    Year,
    /// The place in the sequence, padded with noughts.
    Seq(usize),
    /// The check digit over all digits before it (ISO 7064 MOD 11,10).
    Check,
    /// A value of the paper's own data.
    Data(String),
}

/// Why a pattern cannot be used: the word at fault and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PatternFault {
    pub(crate) word: String,
    pub(crate) text: Text,
}

/// What a number is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) region: Option<&'a str>,
    pub(crate) year: i32,
    pub(crate) data: &'a Value,
}

impl Pattern {
    pub(crate) fn read(text: &str) -> std::result::Result<Self, PatternFault> {
        let fault = |word: &str, zh: String, en: String| PatternFault {
            word: word.to_owned(),
            text: Text::new(zh, en),
        };
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((word, after)) = after.split_once('}') else {
                return Err(fault("{", "缺少 }".into(), "a closing brace is missing".into()));
            };
            if !before.is_empty() {
                tokens.push(Token::Literal(before.to_owned()));
            }
            let token = Token::read(word).ok_or_else(|| {
                let known = "{prefix} {region:6} {year} {seq:5} {check} {data.…}";
                fault(
                    word,
                    format!("编号里不认识 {{{word}}}。可以写：{known}"),
                    format!("{{{word}}} is not known in a number; known are {known}"),
                )
            })?;
            tokens.push(token);
            rest = after;
        }
        if !rest.is_empty() {
            tokens.push(Token::Literal(rest.to_owned()));
        }
        if tokens.iter().filter(|token| matches!(token, Token::Seq(_))).count() != 1 {
            return Err(fault(
                text,
                "编号里必须有一个 {seq:位数}，否则会重号".into(),
                "a number needs exactly one {seq:digits}, or it would be given twice".into(),
            ));
        }
        Ok(Self(tokens))
    }

    /// The number with everything but its place in the sequence: numbers are counted within it.
    pub(crate) fn scope(&self, facts: Facts<'_>) -> Result<String> {
        self.write(facts, None)
    }

    /// The number at a place in the sequence.
    pub(crate) fn number(&self, facts: Facts<'_>, place: i64) -> Result<String> {
        self.write(facts, Some(place))
    }

    fn write(&self, facts: Facts<'_>, place: Option<i64>) -> Result<String> {
        let mut number = String::new();
        for token in &self.0 {
            match (token, place) {
                (Token::Literal(text), _) => number.push_str(text),
                (Token::Prefix, _) => number.push_str(facts.prefix),
                (Token::Region(digits), _) => number.push_str(region(facts.region, *digits)?),
                (Token::Year, _) => number.push_str(&facts.year.to_string()),
                (Token::Seq(digits), Some(place)) => {
                    let width = *digits;
                    write!(number, "{place:0width$}").unwrap_or_default();
                }
                (Token::Seq(_), None) => number.push('#'),
                (Token::Check, Some(_)) => number.push(mod_11_10(&number)),
                (Token::Check, None) => {}
                (Token::Data(name), _) => number.push_str(&value(facts.data, name)?),
            }
        }
        Ok(number)
    }
}

impl Token {
    fn read(word: &str) -> Option<Self> {
        let digits = |text: &str| text.parse().ok().filter(|digits| (1..=18).contains(digits));
        match word.split_once(':') {
            None if word == "prefix" => Some(Self::Prefix),
            None if word == "region" => Some(Self::Region(6)),
            None if word == "year" => Some(Self::Year),
            None if word == "check" => Some(Self::Check),
            None if word == "seq" => Some(Self::Seq(1)),
            None => word
                .strip_prefix("data.")
                .filter(|name| !name.is_empty())
                .map(|name| Self::Data(name.to_owned())),
            Some(("seq", count)) => digits(count).map(Self::Seq),
            Some(("region", count)) => digits(count).filter(|count| *count <= 12).map(Self::Region),
            Some(_) => None,
        }
    }
}

fn region(code: Option<&str>, digits: usize) -> Result<&str> {
    code.and_then(|code| code.get(..digits)).ok_or_else(|| {
        Error::field(
            "region",
            format!("编号需要 {digits} 位行政区划代码"),
            format!("the number needs a region code of {digits} digits"),
        )
    })
}

fn value(data: &Value, name: &str) -> Result<String> {
    // `answers.kind` means the answer `kind`; a key may itself hold a full stop.
    let nested = || name.split('.').try_fold(data, |place, word| place.get(word));
    let found = match data.get(name).or_else(nested) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    found
        .filter(|text| (1..=40).contains(&text.chars().count()))
        .filter(|text| text.chars().all(|letter| letter.is_alphanumeric() || letter == '-'))
        .ok_or_else(|| {
            Error::field(
                name,
                format!("编号要用到 {name}，请填写字母或数字"),
                format!("the number uses {name}; give letters or digits"),
            )
        })
}

/// ISO 7064 MOD 11,10 over the digits of a text; other characters do not count.
fn mod_11_10(text: &str) -> char {
    let product =
        text.chars().filter_map(|letter| letter.to_digit(10)).fold(10, |product, digit| {
            let sum = (product + digit) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
    char::from_digit((11 - product) % 10, 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(pattern: &str, expected: &str) {
        let data = json!({"kind": 2, "name": "甲", "answers": {"kind": "3"}});
        let facts = Facts { prefix: "JY", region: Some("330106007"), year: 2026, data: &data };
        let pattern = Pattern::read(pattern).unwrap();
        assert_eq!(pattern.number(facts, 7).unwrap(), expected);
        assert_eq!(pattern.scope(facts).unwrap(), pattern.scope(facts).unwrap());
    }

    #[test]
    fn a_value_may_lie_deeper() {
        check("{prefix}{data.answers.kind}{seq:2}", "JY307");
        let pattern = Pattern::read("{data.answers.none}{seq:2}").unwrap();
        let data = json!({"answers": {"kind": "3"}});
        let facts = Facts { prefix: "", region: None, year: 2026, data: &data };
        assert!(pattern.number(facts, 7).is_err());
    }

    #[test]
    fn numbers_follow_their_pattern() {
        check("{prefix}{data.kind}{region:6}{seq:6}", "JY2330106000007");
        check("杭市监〔{year}〕{seq}号", "杭市监〔2026〕7号");
        check("{region:9}-{year}-{seq:4}", "330106007-2026-0007");
        check("1101080000000{seq:1}{check}", "110108000000073");
    }

    #[test]
    fn the_check_digit_is_that_of_iso_7064() {
        assert_eq!(mod_11_10("11010800000001"), '6');
        assert_eq!(mod_11_10("JY 1101 0800 0000 01"), '6');
    }

    #[test]
    fn patterns_that_cannot_work_are_refused() {
        for (pattern, word) in [
            ("{prefix}{yaer}{seq:3}", "yaer"),
            ("{year}", "{year}"),
            ("{seq:2}{seq:3}", "{seq:2}{seq:3}"),
            ("{seq:0}", "seq:0"),
            ("{seq:3", "{"),
            ("{data.}{seq:3}", "data."),
        ] {
            assert_eq!(Pattern::read(pattern).unwrap_err().word, word);
        }
    }

    #[test]
    fn what_the_number_needs_must_be_given() {
        let data = json!({"bad": "a/b", "list": []});
        let facts = Facts { prefix: "", region: Some("33"), year: 2026, data: &data };
        for pattern in ["{region:6}{seq}", "{data.bad}{seq}", "{data.list}{seq}", "{data.no}{seq}"]
        {
            assert!(Pattern::read(pattern).unwrap().number(facts, 1).is_err(), "{pattern}");
        }
    }
}
