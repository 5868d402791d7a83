//! Tests on a value: what may stand after `in`, and the cells of decision tables.

use super::{OR, Parser, SUM};
use crate::ast::{Ast, Test};
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
        let at = self.offset();
        self.advance();
        let first = self.bracketed(|parser| parser.test(OR))?;
        if let Test::Expression(low) = first {
            if self.is_sign("..") {
                let range = self.range(at, low, false)?;
                return Ok(vec![Test::Expression(self.postfix(range)?)]);
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
            parser.binary(weakest).map(Test::Expression)
        })
    }

    /// An element of a list; after `in`, also `< 5`.
    pub(super) fn list_element(&mut self) -> Result<Ast, FeelError> {
        let at = self.offset();
        match self.take_comparison() {
            Some(operator) => {
                let end = self.nested(|parser| parser.binary(SUM))?;
                self.half(at, operator, end)
            }
            None => self.expression(),
        }
    }
}
