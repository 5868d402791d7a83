//! Tokens to a tree, by precedence climbing: or, and, comparison, sum, product, power, sign, path, filter and call.
//!
//! No backtracking: what is read is never read again, so parsing takes time in proportion to the source.

mod call;
mod own;
mod primary;
mod test;
mod types;

use std::borrow::Cow;

use crate::ast::{Arithmetic, Ast, Comparison, Node, Test};
use crate::error::FeelError;
use crate::known::Known;
use crate::lexer::{Kind, Token};
use crate::limits::LIMITS;

/// Parses one whole expression that may use the known names.
pub(crate) fn expression(source: &str, known: &Known) -> Result<Ast, FeelError> {
    let mut parser = Parser::new(source, false, known)?;
    let ast = parser.expression()?;
    parser.end()?;
    Ok(ast)
}

/// Parses the unary tests of a cell: whether negated, and the tests (none for `-`).
pub(crate) fn unary_tests(source: &str, known: &Known) -> Result<(bool, Vec<Test>), FeelError> {
    let mut parser = Parser::new(source, true, known)?;
    let tests = parser.cell()?;
    parser.end()?;
    Ok(tests)
}

const OR: u8 = 1;
const AND: u8 = 2;
const COMPARE: u8 = 3;
const SUM: u8 = 4;
const PRODUCT: u8 = 5;
const POWER: u8 = 6;

const TOO_DEEP: &str = "too deep: split this expression";

const KEYWORDS: &[&str] = &[
    "if",
    "then",
    "else",
    "for",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "and",
    "or",
    "not",
    "between",
    "true",
    "false",
    "null",
    "instance",
    "function",
];

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Operands being read inside each other, each a few frames of the stack.
    operands: usize,
    /// Whether `?` has a meaning.
    unary: bool,
    /// Inside the high end of a range, where `[` may be its open end.
    no_filter: bool,
    /// The names it may use, also those it makes itself.
    known: Cow<'s, Known>,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, unary: bool, known: &'s Known) -> Result<Self, FeelError> {
        if source.chars().count() > LIMITS.source {
            let message = format!("too long: at most {} characters", LIMITS.source);
            return Err(FeelError::at(source, 0, message));
        }
        let (tokens, known) = own::tokens(source, known)?;
        Ok(Self { source, tokens, at: 0, depth: 0, operands: 0, unary, no_filter: false, known })
    }

    fn expression(&mut self) -> Result<Ast, FeelError> {
        self.nested(|parser| parser.binary(OR))
    }

    fn binary(&mut self, weakest: u8) -> Result<Ast, FeelError> {
        if self.operands >= LIMITS.tree {
            return self.error(TOO_DEEP);
        }
        self.operands += 1;
        let made = match self.unary() {
            Ok(left) => self.climb(left, weakest),
            refused => refused,
        };
        self.operands -= 1;
        made
    }

    /// Continues an operand that is already read.
    fn climb(&mut self, mut left: Ast, weakest: u8) -> Result<Ast, FeelError> {
        while let Some(level) = self.level()
            && level >= weakest
        {
            left = match level {
                OR => self.logic(left, "or", AND)?,
                AND => self.logic(left, "and", COMPARE)?,
                COMPARE => {
                    let made = self.comparison(left)?;
                    if self.level() == Some(COMPARE) {
                        return self.error("comparisons do not chain: join them with 'and'");
                    }
                    made
                }
                _ => self.arithmetic(left, level)?,
            };
        }
        Ok(left)
    }

    /// The precedence of the operator ahead.
    fn level(&self) -> Option<u8> {
        match self.peek() {
            Kind::Word(word) => match word.as_str() {
                "or" => Some(OR),
                "and" => Some(AND),
                "in" | "between" | "instance" => Some(COMPARE),
                _ => None,
            },
            Kind::Sign(sign) => match *sign {
                "=" | "!=" | "<" | "<=" | ">" | ">=" => Some(COMPARE),
                "+" | "-" => Some(SUM),
                "*" | "/" => Some(PRODUCT),
                "**" => Some(POWER),
                _ => None,
            },
            _ => None,
        }
    }

    fn logic(&mut self, left: Ast, word: &str, tighter: u8) -> Result<Ast, FeelError> {
        let at = left.at;
        let mut all = vec![left];
        while self.take_word(word) {
            all.push(self.binary(tighter)?);
        }
        let deepest = deepest(&all);
        self.made(at, deepest, if word == "or" { Node::Or(all) } else { Node::And(all) })
    }

    fn arithmetic(&mut self, left: Ast, level: u8) -> Result<Ast, FeelError> {
        let at = left.at;
        let mut deepest = left.depth;
        let mut rest = Vec::new();
        while self.level() == Some(level) {
            let operator = match self.peek() {
                Kind::Sign("+") => Arithmetic::Add,
                Kind::Sign("-") => Arithmetic::Subtract,
                Kind::Sign("*") => Arithmetic::Multiply,
                Kind::Sign("/") => Arithmetic::Divide,
                _ => Arithmetic::Power,
            };
            self.advance();
            let next = self.binary(level + 1)?;
            deepest = deepest.max(next.depth);
            rest.push((operator, next));
        }
        self.made(at, deepest, Node::Chain(Box::new(left), rest))
    }

    fn comparison(&mut self, left: Ast) -> Result<Ast, FeelError> {
        let at = left.at;
        if self.take_word("between") {
            let low = self.binary(SUM)?;
            self.want_word("and", "'between' needs two ends: 'x between 1 and 5'")?;
            let high = self.binary(SUM)?;
            let deepest = left.depth.max(low.depth).max(high.depth);
            let node = Node::Between(Box::new(left), Box::new(low), Box::new(high));
            return self.made(at, deepest, node);
        }
        if self.take_word("in") {
            let tests = self.nested(Self::membership)?;
            let deepest = left.depth.max(tests_depth(&tests));
            return self.made(at, deepest, Node::In(Box::new(left), tests));
        }
        if self.take_word("instance") {
            self.want_word("of", "write 'instance of'")?;
            let kind = self.kind()?;
            return self.made(at, left.depth, Node::InstanceOf(Box::new(left), kind));
        }
        let Some(operator) = self.take_comparison() else {
            return self.error(format!("unexpected {}", self.shown()));
        };
        let right = self.binary(SUM)?;
        let deepest = left.depth.max(right.depth);
        self.made(at, deepest, Node::Compare(operator, Box::new(left), Box::new(right)))
    }

    fn take_comparison(&mut self) -> Option<Comparison> {
        let operator = match self.peek() {
            Kind::Sign("=") => Comparison::Equal,
            Kind::Sign("!=") => Comparison::NotEqual,
            Kind::Sign("<") => Comparison::Less,
            Kind::Sign("<=") => Comparison::LessOrEqual,
            Kind::Sign(">") => Comparison::Greater,
            Kind::Sign(">=") => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.advance();
        Some(operator)
    }

    fn unary(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        if self.take_sign("-") {
            let inner = self.nested(Self::unary)?;
            let depth = inner.depth;
            return self.made(at, depth, Node::Negate(Box::new(inner)));
        }
        if self.is_word("not") && *self.ahead(1) != Kind::Sign("(") {
            self.advance();
            let inner = self.nested(|parser| parser.binary(COMPARE))?;
            let depth = inner.depth;
            return self.made(at, depth, Node::Not(Box::new(inner)));
        }
        let base = self.primary()?;
        self.postfix(base)
    }

    /// Paths, filters and calls behind a value.
    fn postfix(&mut self, mut base: Ast) -> Result<Ast, FeelError> {
        let at = base.at;
        loop {
            if self.take_sign(".") {
                let Kind::Word(name) = self.peek().clone() else {
                    return self.error("a name must follow '.'");
                };
                self.advance();
                let depth = base.depth;
                base = self.made(at, depth, Node::Path(Box::new(base), name))?;
            } else if !self.no_filter && self.take_sign("[") {
                let condition = self.bracketed(Self::expression)?;
                self.want_sign("]", "'[' is not closed: add ']'")?;
                let depth = base.depth.max(condition.depth);
                base = self.made(at, depth, Node::Filter(Box::new(base), Box::new(condition)))?;
            } else if self.is_sign("(") {
                base = self.nested(|parser| parser.invocation(base))?;
            } else {
                return Ok(base);
            }
        }
    }

    /// One level deeper, within the bound.
    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, FeelError>,
    ) -> Result<T, FeelError> {
        if self.depth >= LIMITS.depth {
            return self.error(format!("too deep: at most {} levels", LIMITS.depth));
        }
        self.depth += 1;
        let made = read(self);
        self.depth -= 1;
        made
    }

    /// Inside brackets, where a filter is a filter again.
    fn bracketed<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, FeelError>,
    ) -> Result<T, FeelError> {
        let outer = std::mem::replace(&mut self.no_filter, false);
        let made = read(self);
        self.no_filter = outer;
        made
    }

    fn made(&self, at: usize, deepest_child: usize, node: Node) -> Result<Ast, FeelError> {
        let depth = deepest_child + 1;
        if depth > LIMITS.tree {
            return Err(FeelError::at(self.source, at, TOO_DEEP));
        }
        Ok(Ast { at, depth, node })
    }

    fn peek(&self) -> &Kind {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> &Kind {
        self.tokens.get(self.at + count).map_or(&Kind::End, |token| &token.kind)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.source.len(), |token| token.at)
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Kind::Word(found) if found == word)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Kind::Sign(found) if *found == sign)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn want_word(&mut self, word: &str, otherwise: &str) -> Result<(), FeelError> {
        if self.take_word(word) { Ok(()) } else { self.error(otherwise) }
    }

    fn want_sign(&mut self, sign: &str, otherwise: &str) -> Result<(), FeelError> {
        if self.take_sign(sign) { Ok(()) } else { self.error(otherwise) }
    }

    fn end(&self) -> Result<(), FeelError> {
        if *self.peek() == Kind::End {
            return Ok(());
        }
        self.error(format!("unexpected {}: the expression ends before it", self.shown()))
    }

    fn shown(&self) -> String {
        match self.peek() {
            Kind::Number(number) => format!("number {number}"),
            Kind::Text(_) | Kind::Temporal(_) => "text".to_owned(),
            Kind::Word(word) => format!("'{word}'"),
            Kind::Sign(sign) => format!("'{sign}'"),
            Kind::End => "end".to_owned(),
        }
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, FeelError> {
        Err(FeelError::at(self.source, self.offset(), message))
    }
}

fn deepest<'a>(all: impl IntoIterator<Item = &'a Ast>) -> usize {
    all.into_iter().map(|ast| ast.depth).max().unwrap_or(0)
}

fn tests_depth(tests: &[Test]) -> usize {
    deepest(tests.iter().map(Test::operand))
}
