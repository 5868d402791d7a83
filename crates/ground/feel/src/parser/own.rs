//! The tokens of a source, and the names it makes itself: entries of contexts, parameters, loop variables. They are looked for
//! before parsing, because a name of several words is one token.

use std::borrow::Cow;

use crate::error::FeelError;
use crate::known::Known;
use crate::lexer::{self, Kind, Token};

/// The tokens, and all names they may use.
pub(super) fn tokens<'k>(
    source: &str,
    known: &'k Known,
) -> Result<(Vec<Token>, Cow<'k, Known>), FeelError> {
    let tokens = lexer::tokens(source, known)?;
    let made = made(source, &tokens);
    if made.is_empty() {
        return Ok((tokens, Cow::Borrowed(known)));
    }
    let mut known = known.clone();
    for name in made {
        known.add(&name);
    }
    let tokens = lexer::tokens(source, &known)?;
    Ok((tokens, Cow::Owned(known)))
}

fn made(source: &str, tokens: &[Token]) -> Vec<String> {
    let mut names = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match &token.kind {
            Kind::Sign("{" | "," | "(") => names.extend(before(source, tokens, index + 1, &[":"])),
            Kind::Word(word) if matches!(word.as_str(), "for" | "some" | "every") => {
                names.extend(before(source, tokens, index + 1, &["in"]));
            }
            Kind::Word(word) if word == "function" => {
                names.extend(parameters(source, tokens, index + 1));
            }
            _ => {}
        }
    }
    names
}

/// The name from a token up to one of the ends, if there is one.
fn before(source: &str, tokens: &[Token], from: usize, ends: &[&str]) -> Option<String> {
    let first = tokens.get(from)?;
    if let Kind::Text(name) = &first.kind {
        let next = tokens.get(from + 1)?;
        return matches!(next.kind, Kind::Sign(":")).then(|| name.clone());
    }
    if !matches!(first.kind, Kind::Word(_)) {
        return None;
    }
    for token in tokens.get(from..)?.iter().skip(1) {
        match &token.kind {
            Kind::Sign(sign) if ends.contains(sign) => return part(source, first, token),
            Kind::Word(word) if ends.contains(&word.as_str()) => return part(source, first, token),
            Kind::Word(_) | Kind::Number(_) | Kind::Sign("+" | "-" | "*" | "/" | "**" | ".") => {}
            _ => return None,
        }
    }
    None
}

fn parameters(source: &str, tokens: &[Token], from: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = from;
    while let Some(Kind::Sign("(" | ",")) = tokens.get(at).map(|token| &token.kind) {
        let Some(name) = before(source, tokens, at + 1, &[":", ",", ")"]) else { break };
        names.push(name);
        // On to the next parameter, over its type.
        at += 1;
        let mut open = 0;
        while let Some(token) = tokens.get(at) {
            match token.kind {
                Kind::Sign("<" | "(") => open += 1,
                Kind::Sign(">") => open -= 1,
                Kind::Sign("," | ")") if open <= 0 => break,
                Kind::End => break,
                _ => {}
            }
            at += 1;
        }
    }
    names
}

fn part(source: &str, first: &Token, end: &Token) -> Option<String> {
    source.get(first.at..end.at).map(crate::known::tidy)
}
