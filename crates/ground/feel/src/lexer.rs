//! Characters to tokens. Names may be Chinese; full-width signs are refused with the sign to write instead.

use rust_decimal::Decimal;

use crate::error::FeelError;
use crate::known::{Known, inside_name, starts_name};

/// A token with the byte offsets of its begin and end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) at: usize,
    pub(crate) kind: Kind,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Number(Decimal),
    Text(String),
    /// The text of `@"..."`.
    Temporal(String),
    Word(String),
    Sign(&'static str),
    End,
}

const SIGNS: &[&str] = &[
    "..", "**", "!=", "<=", ">=", "->", "(", ")", "[", "]", "{", "}", ",", ":", ".", "+", "-", "*",
    "/", "=", "<", ">", "?",
];

/// All tokens of a source, the last one being [`Kind::End`].
pub(crate) fn tokens(source: &str, known: &Known) -> Result<Vec<Token>, FeelError> {
    let mut lexer = Lexer { source, at: 0, known };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank()?;
        let at = lexer.at;
        let kind = lexer.next()?;
        let done = kind == Kind::End;
        tokens.push(Token { at, kind });
        if done {
            return Ok(tokens);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    known: &'s Known,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn error<T>(&self, at: usize, message: impl Into<String>) -> Result<T, FeelError> {
        Err(FeelError::at(self.source, at, message))
    }

    fn skip_blank(&mut self) -> Result<(), FeelError> {
        loop {
            self.take_while(char::is_whitespace);
            if self.rest().starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                let Some(end) = self.rest().find("*/") else {
                    return self.error(self.at, "this comment is not closed: add '*/'");
                };
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Kind, FeelError> {
        let Some(first) = self.peek() else { return Ok(Kind::End) };
        let second = self.rest().chars().nth(1);
        if first.is_ascii_digit() || (first == '.' && second.is_some_and(|c| c.is_ascii_digit())) {
            return self.number();
        }
        if first == '"' {
            return self.text().map(Kind::Text);
        }
        if first == '@' && second == Some('"') {
            self.at += 1;
            return self.text().map(Kind::Temporal);
        }
        if let Some((name, length)) = self.known.at_start(self.rest()) {
            self.at += length;
            return Ok(Kind::Word(name.to_owned()));
        }
        if starts_name(first) {
            return Ok(Kind::Word(self.take_while(inside_name).to_owned()));
        }
        for wrong in ["==", "&&", "||"] {
            if self.rest().starts_with(wrong) {
                let right = match wrong {
                    "==" => "=",
                    "&&" => "and",
                    _ => "or",
                };
                return self.error(self.at, format!("'{wrong}' is not FEEL: write '{right}'"));
            }
        }
        for sign in SIGNS {
            if self.rest().starts_with(sign) {
                self.at += sign.len();
                return Ok(Kind::Sign(sign));
            }
        }
        self.error(self.at, unknown(first))
    }

    fn number(&mut self) -> Result<Kind, FeelError> {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        let mut ahead = self.rest().chars();
        if ahead.next() == Some('.') && ahead.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let mantissa = self.source.get(start..self.at).unwrap_or_default().to_owned();
        let mut ahead = self.rest().chars();
        let mut scientific = false;
        if matches!(ahead.next(), Some('e' | 'E')) {
            let signed = ahead.next();
            let digit = if matches!(signed, Some('+' | '-')) { ahead.next() } else { signed };
            if digit.is_some_and(|c| c.is_ascii_digit()) {
                scientific = true;
                self.at += 1 + usize::from(matches!(signed, Some('+' | '-')));
                self.take_while(|c| c.is_ascii_digit());
            }
        }
        let whole = self.source.get(start..self.at).unwrap_or_default();
        let parsed = if scientific {
            Decimal::from_scientific(whole).ok()
        } else {
            Decimal::from_str_exact(&format!("0{mantissa}")).ok()
        };
        match parsed {
            Some(number) => Ok(Kind::Number(number)),
            None => self.error(start, "this number is too large: at most 28 digits"),
        }
    }

    fn text(&mut self) -> Result<String, FeelError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != '"' && c != '\\'));
            match self.peek() {
                None => return self.error(start, "this text is not closed: add '\"'"),
                Some('"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(_) => text.push(self.escape()?),
            }
        }
    }

    fn escape(&mut self) -> Result<char, FeelError> {
        let start = self.at;
        let mut ahead = self.rest().chars();
        ahead.next();
        let plain = match ahead.next() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some(c @ ('"' | '\\' | '\'')) => Some(c),
            _ => None,
        };
        if let Some(c) = plain {
            self.at += 2;
            return Ok(c);
        }
        let digits = match self.rest().get(..2) {
            Some("\\u") => 4,
            Some("\\U") => 6,
            // Before anything else the stroke stands for itself, as patterns need it: "\\d+".
            _ => {
                self.at += 1;
                return Ok('\\');
            }
        };
        let code = self
            .rest()
            .get(2..2 + digits)
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        match code {
            Some(c) => {
                self.at += 2 + digits;
                Ok(c)
            }
            None => self.error(start, "this escape names no character"),
        }
    }
}

fn unknown(c: char) -> String {
    let instead = match c {
        '（' => "(",
        '）' => ")",
        '，' | '、' => ",",
        '：' => ":",
        '“' | '”' | '‘' | '’' | '\'' | '＂' => "\"",
        '＝' => "=",
        '＜' => "<",
        '＞' => ">",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '！' | '!' => "not(...)",
        '【' | '［' => "[",
        '】' | '］' => "]",
        '。' => ".",
        '×' => "*",
        '÷' => "/",
        _ => return format!("unexpected character '{}'", c.escape_debug()),
    };
    format!("unexpected character '{c}': write '{instead}'")
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokens};
    use crate::known::Known;

    fn kinds(source: &str) -> Vec<String> {
        let made = tokens(source, &Known::default()).unwrap();
        made.into_iter()
            .map(|token| match token.kind {
                Kind::Number(n) => n.to_string(),
                Kind::Text(t) => format!("{t:?}"),
                Kind::Temporal(t) => format!("@{t}"),
                Kind::Word(w) => w,
                Kind::Sign(s) => s.to_owned(),
                Kind::End => "$".to_owned(),
            })
            .collect()
    }

    #[test]
    fn splits_sources() {
        assert_eq!(kinds("1..5"), ["1", "..", "5", "$"]);
        assert_eq!(kinds("[.5..1.5e2)"), ["[", "0.5", "..", "150", ")", "$"]);
        assert_eq!(kinds("企业.名称 != \"甲\\n\""), ["企业", ".", "名称", "!=", "\"甲\\n\"", "$"]);
        assert_eq!(kinds("a // note\n+ /* b */ @\"P1D\""), ["a", "+", "@P1D", "$"]);
        assert_eq!(kinds("\"\\u4E2D\\U02000B\""), ["\"中𠀋\"", "$"]);
    }

    #[test]
    fn says_what_to_write_instead() {
        for (source, wanted) in [
            ("a，b", "write ','"),
            ("a == b", "write '='"),
            ("'a'", "write '\"'"),
            ("\"a", "not closed"),
            ("/* a", "not closed"),
            ("\"\\uD800\"", "names no character"),
            ("99999999999999999999999999999999", "too large"),
        ] {
            let error = tokens(source, &Known::default()).unwrap_err();
            assert!(error.message.contains(wanted), "{source}: {}", error.message);
        }
    }
}
