//! Types, as they stand after `instance of` and behind parameters.

use std::collections::BTreeMap;

use super::Parser;
use crate::error::FeelError;
use crate::kind::Kind as Type;
use crate::lexer::Kind;

/// Names of types of more than one word.
const LONG: [&[&str]; 3] = [
    &["date", "and", "time"],
    &["days", "and", "time", "duration"],
    &["years", "and", "months", "duration"],
];

impl Parser<'_> {
    /// One type.
    pub(super) fn kind(&mut self) -> Result<Type, FeelError> {
        self.nested(Self::kind_inside)
    }

    fn kind_inside(&mut self) -> Result<Type, FeelError> {
        for words in LONG {
            let there = words.iter().enumerate().all(
                |(index, word)| matches!(self.ahead(index), Kind::Word(found) if found == word),
            );
            if there {
                self.at += words.len();
                let known = Type::named(&words.join(" "));
                return known.map_or_else(|| self.error("unknown type"), Ok);
            }
        }
        let Kind::Word(name) = self.peek().clone() else {
            return self.error("a type must come here, such as 'number'");
        };
        self.advance();
        match name.as_str() {
            "list" if self.take_sign("<") => self.inner().map(Type::List),
            "range" if self.take_sign("<") => self.inner().map(Type::Range),
            "context" if self.take_sign("<") => self.parts(),
            "function" => self.function_type(),
            _ => self.plain(name),
        }
    }

    fn plain(&mut self, mut name: String) -> Result<Type, FeelError> {
        // A dotted name is a type of an imported model.
        while self.known.holds(&name) && self.is_sign(".") {
            let Kind::Word(next) = self.ahead(1).clone() else { break };
            name = format!("{name}.{next}");
            self.at += 2;
        }
        if let Some(kind) = Type::named(&name) {
            return Ok(kind);
        }
        if self.known.holds(&name) || name.contains('.') {
            return Ok(Type::Named(name));
        }
        self.at -= 1;
        self.error(format!("unknown type '{name}'"))
    }

    fn inner(&mut self) -> Result<Box<Type>, FeelError> {
        let inner = self.kind()?;
        self.want_sign(">", "'<' is not closed: add '>'")?;
        Ok(Box::new(inner))
    }

    fn parts(&mut self) -> Result<Type, FeelError> {
        let mut parts = BTreeMap::new();
        loop {
            let Kind::Word(name) = self.peek().clone() else {
                return self.error("a name must come here: 'context<name: number>'");
            };
            self.advance();
            self.want_sign(":", "':' must follow the name: 'context<name: number>'")?;
            parts.insert(name, self.kind()?);
            if self.take_sign(">") {
                return Ok(Type::Context(parts));
            }
            self.want_sign(",", "'<' is not closed: add '>'")?;
        }
    }

    fn function_type(&mut self) -> Result<Type, FeelError> {
        self.want_sign("<", "write 'function<number> -> number'")?;
        let mut takes = Vec::new();
        while !self.take_sign(">") {
            if !takes.is_empty() {
                self.want_sign(",", "'<' is not closed: add '>'")?;
            }
            takes.push(self.kind()?);
        }
        self.want_sign("->", "write 'function<number> -> number'")?;
        Ok(Type::Function(takes, Box::new(self.kind()?)))
    }
}
