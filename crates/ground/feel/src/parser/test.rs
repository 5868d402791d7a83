//! Tests on a value: what may stand after `in`, and the cells of decision tables.

use super::{OR, Parser, SUM};
use crate::ast::{Ast, Range, Test};
use crate::error::FeelError;
use crate::lexer::Kind;

impl Parser<'_> {
    /// A cell: `-`, `not(tests)` or tests.
    pub(super) fn cell(&mut self) -> Result<(bool, Vec<Test>), FeelError> {
        if self.is_sign("-") && *self.ahead(1) == Kind::End {
            self.advance();
            return Ok((false, Vec::new()));
        }
        if self.is_word("not") && *self.ahead(1) == Kind::Sign("(") {
            self.at += 2;
            let tests = self.nested(|parser| parser.bracketed(Self::tests))?;
            self.want_sign(")", "'(' is not closed: add ')'")?;
            return Ok((true, tests));
        }
        Ok((false, self.tests()?))
    }

    /// What follows `in`: one test, or several in round brackets.
    pub(super) fn membership(&mut self) -> Result<Vec<Test>, FeelError> {
        if *self.peek() != Kind::Sign("(") {
            return Ok(vec![self.test(SUM)?]);
        }
        self.advance();
        let first = self.bracketed(|parser| parser.test(OR))?;
        if let Test::Expression(low) = first {
            if self.is_sign("..") {
                return Ok(vec![Test::Range(self.range(low, false)?)]);
            }
            if self.take_sign(")") {
                let value = self.postfix(low)?;
                return Ok(vec![Test::Expression(self.climb(value, SUM)?)]);
            }
            return self.more(vec![Test::Expression(low)]);
        }
        self.more(vec![first])
    }

    fn more(&mut self, mut tests: Vec<Test>) -> Result<Vec<Test>, FeelError> {
        while !self.take_sign(")") {
            self.want_sign(",", "'(' is not closed: add ')'")?;
            tests.push(self.bracketed(|parser| parser.test(OR))?);
        }
        Ok(tests)
    }

    fn tests(&mut self) -> Result<Vec<Test>, FeelError> {
        let mut tests = vec![self.test(OR)?];
        while self.take_sign(",") {
            tests.push(self.test(OR)?);
        }
        Ok(tests)
    }

    /// One test. `weakest` is the loosest operator a plain expression may use.
    fn test(&mut self, weakest: u8) -> Result<Test, FeelError> {
        self.nested(|parser| {
            if let Some(operator) = parser.take_comparison() {
                return Ok(Test::Compare(operator, parser.binary(SUM)?));
            }
            match parser.peek() {
                Kind::Sign("]") => {
                    parser.advance();
                    let low = parser.binary(SUM)?;
                    parser.range(low, false).map(Test::Range)
                }
                Kind::Sign("[") => parser.square(weakest),
                Kind::Sign("(") => parser.round(weakest),
                _ => parser.binary(weakest).map(Test::Expression),
            }
        })
    }

    /// After `[`: a range, or a list, which may be filtered or used further.
    fn square(&mut self, weakest: u8) -> Result<Test, FeelError> {
        let at = self.offset();
        self.advance();
        let mut all: Vec<Test> = Vec::new();
        while !self.take_sign("]") {
            if !all.is_empty() {
                self.want_sign(",", "'[' is not closed: add ']'")?;
            }
            let next = self.bracketed(|parser| parser.test(OR))?;
            match next {
                Test::Expression(low) if all.is_empty() && self.is_sign("..") => {
                    return self.range(low, true).map(Test::Range);
                }
                other => all.push(other),
            }
        }
        let plain: Option<Vec<Ast>> = all
            .iter()
            .map(|test| if let Test::Expression(ast) = test { Some(ast.clone()) } else { None })
            .collect();
        let Some(plain) = plain else { return Ok(Test::Any(all)) };
        let depth = super::deepest(&plain);
        let list = self.made(at, depth, crate::ast::Node::List(plain))?;
        let value = self.postfix(list)?;
        self.climb(value, weakest).map(Test::Expression)
    }

    /// After `(`: a range, or an expression in brackets, which may be used further.
    fn round(&mut self, weakest: u8) -> Result<Test, FeelError> {
        self.advance();
        let low = self.bracketed(Self::expression)?;
        if self.is_sign("..") {
            return self.range(low, false).map(Test::Range);
        }
        self.want_sign(")", "'(' is not closed: add ')'")?;
        let value = self.postfix(low)?;
        self.climb(value, weakest).map(Test::Expression)
    }

    /// The rest of a range whose low end is read.
    fn range(&mut self, low: Ast, low_closed: bool) -> Result<Range, FeelError> {
        self.want_sign("..", "a range needs '..': '[1..5]'")?;
        let outer = std::mem::replace(&mut self.no_filter, true);
        let high = self.binary(SUM);
        self.no_filter = outer;
        let high = high?;
        let high_closed = match self.peek() {
            Kind::Sign("]") => true,
            Kind::Sign(")" | "[") => false,
            _ => return self.error("the range is not closed: add ']' or ')'"),
        };
        self.advance();
        Ok(Range { low, high, low_closed, high_closed })
    }
}
