//! What comes in with an address: parameters that are known, once each, of the right shape.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use time::Date;
use zhengtong_base::code::parse_date;
use zhengtong_base::{FieldError, Kind, Limits};
use zhengtong_http::Fault;
use zhengtong_pack::nearest;

/// The parameters of an address, in the order in which they were sent.
#[derive(Debug)]
pub(crate) struct Asked(Vec<(String, String)>);

/// Parameters that were checked against those that an address takes.
#[derive(Debug)]
pub(crate) struct Known(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Fault> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let broken = |_error| {
            invalid(FieldError::new("query", "参数写法不对", "the parameters are not well formed"))
        };
        pairs.map(|Query(pairs)| Self(pairs)).map_err(broken)
    }
}

impl Asked {
    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    /// Refuses parameters that the address does not take, and those that stand twice.
    pub(crate) fn only(self, known: &[&str]) -> Result<Known, Fault> {
        let mut errors = Vec::new();
        for (place, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                errors.push(unknown(name, known));
            } else if self.0.iter().skip(place + 1).any(|(other, _)| other == name) {
                errors.push(FieldError::new(name, "只能写一次", "give it once only"));
            }
        }
        if errors.is_empty() { Ok(Known(self.0)) } else { Err(faults(errors)) }
    }
}

impl Known {
    /// The words of a search.
    pub(crate) fn words(&self, name: &str) -> Result<&str, Fault> {
        self.text(name, Limits::default().query_chars)
    }

    /// A text of at most so many characters; empty when it was not given.
    pub(crate) fn text(&self, name: &str, most: usize) -> Result<&str, Fault> {
        let words = self.get(name).unwrap_or_default();
        if words.chars().count() <= most && !words.contains('\0') {
            return Ok(words);
        }
        Err(invalid(FieldError::new(
            name,
            format!("最多 {most} 字"),
            format!("at most {most} characters"),
        )))
    }

    /// The page of a list, from 1.
    pub(crate) fn page(&self) -> Result<u32, Fault> {
        let Some(given) = self.get("page") else { return Ok(1) };
        given.parse().ok().filter(|page| (1..=10_000).contains(page)).ok_or_else(|| {
            invalid(FieldError::new(
                "page",
                "页码是 1 到 10000 的整数",
                "a page is a whole number from 1 to 10000",
            ))
        })
    }

    /// A day, or the one that is meant when none is given.
    pub(crate) fn day(&self, name: &str, usual: Date) -> Result<Date, Fault> {
        let Some(given) = self.get(name) else { return Ok(usual) };
        parse_date(given).map_err(|_shape| {
            invalid(FieldError::new(
                name,
                "日期写成 2026-11-21 这样",
                "write a day like 2026-11-21",
            ))
        })
    }

    /// Whether it was given, be it empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn unknown(name: &str, known: &[&str]) -> FieldError {
    let name: String = name.chars().take(100).collect();
    match nearest(&name, known.iter().copied()) {
        Some(near) => {
            let text = (format!("没有这个参数，是不是 {near}"), format!("did you mean {near}"));
            FieldError::new(name, text.0, text.1)
        }
        None if known.is_empty() => {
            FieldError::new(name, "这个地址不带参数", "this address takes no parameters")
        }
        None => FieldError::new(
            name,
            format!("没有这个参数，可以用：{}", known.join("、")),
            format!("not a parameter here; known are {}", known.join(", ")),
        ),
    }
}

fn invalid(error: FieldError) -> Fault {
    faults(vec![error])
}

pub(crate) fn faults(fields: Vec<FieldError>) -> Fault {
    let zh = format!("有 {} 个参数要改", fields.len());
    let en = format!("{} parameters need a change", fields.len());
    let mut fault = Fault::new(Kind::Invalid, &zh, &en);
    fault.fields = fields;
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        Asked::of(pairs)
    }

    #[test]
    fn only_known_parameters_pass_once_each() {
        let known = ["q", "page"];
        assert!(asked(&[("q", "食品"), ("page", "2")]).only(&known).is_ok());
        let rows: [(&[(&str, &str)], &str); 4] = [
            (&[("pages", "1")], "did you mean page"),
            (&[("x-y-z", "1")], "not a parameter here; known are q, page"),
            (&[("q", "a"), ("q", "b")], "give it once only"),
            (&[("", "1")], "not a parameter here; known are q, page"),
        ];
        for (given, expected) in rows {
            let fault = asked(given).only(&known).unwrap_err();
            assert_eq!((fault.kind, fault.fields[0].text.en.as_str()), (Kind::Invalid, expected));
        }
        let fault = asked(&[("a", "1")]).only(&[]).unwrap_err();
        assert_eq!(fault.fields[0].text.en, "this address takes no parameters");
    }

    #[test]
    fn values_have_their_shape() {
        let usual = Date::MIN;
        let known = |name: &str, value: &str| asked(&[(name, value)]).only(&[name]).unwrap();
        assert_eq!(known("page", "10000").page().unwrap(), 10_000);
        for wrong in ["0", "10001", "-1", "x", "", "1.0"] {
            assert!(known("page", wrong).page().is_err(), "{wrong}");
        }
        assert_eq!(known("on", "2026-3-1").day("on", usual).unwrap().to_string(), "2026-03-01");
        assert!(known("on", "2026-02-30").day("on", usual).is_err());
        assert_eq!(known("q", "x").day("on", usual).unwrap(), usual);
        assert!(known("q", &"长".repeat(100)).words("q").is_ok());
        assert!(known("q", &"长".repeat(101)).words("q").is_err());
    }
}
