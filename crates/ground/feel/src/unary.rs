//! Tests on a value, three-valued: what follows `in`, and the cells of decision tables.

use crate::ast::{Ast, Comparison, Node, Range, Test};
use crate::compare::{both, either};
use crate::error::FeelError;
use crate::eval::Run;
use crate::value::Value;

/// Three-valued truth, or an exceeded bound.
type Truth = Result<Option<bool>, FeelError>;

impl Run<'_> {
    /// Whether a value passes at least one test.
    pub(crate) fn any_test(&mut self, tests: &[Test], value: &Value) -> Truth {
        let mut any = Some(false);
        for test in tests {
            any = either(any, self.test(test, value)?);
            if any == Some(true) {
                break;
            }
        }
        Ok(any)
    }

    fn test(&mut self, test: &Test, value: &Value) -> Truth {
        match test {
            Test::Compare(operator, end) => {
                let at = end.at;
                let end = self.eval(end)?;
                self.compare(*operator, value, &end, at)
            }
            Test::Range(range) => self.within(range, value),
            Test::Any(tests) => self.any_test(tests, value),
            Test::Expression(ast) => self.satisfies(ast, value),
        }
    }

    fn within(&mut self, range: &Range, value: &Value) -> Truth {
        let at = range.low.at;
        let (low, high) = (self.eval(&range.low)?, self.eval(&range.high)?);
        let above = if range.low_closed { Comparison::GreaterOrEqual } else { Comparison::Greater };
        let below = if range.high_closed { Comparison::LessOrEqual } else { Comparison::Less };
        let above = self.compare(above, value, &low, at)?;
        let below = self.compare(below, value, &high, at)?;
        Ok(both(above, below))
    }

    /// A condition over `?`, a list that contains the value, or the value itself.
    fn satisfies(&mut self, ast: &Ast, value: &Value) -> Truth {
        let found = self.eval(ast)?;
        if asks(ast) {
            return Ok(found.as_bool());
        }
        match (&found, value) {
            (Value::List(all), _) => {
                if let Value::List(_) = value
                    && self.equal(&found, value, ast.at)? == Some(true)
                {
                    return Ok(Some(true));
                }
                for element in all.iter() {
                    if self.equal(element, value, ast.at)? == Some(true) {
                        return Ok(Some(true));
                    }
                }
                Ok(Some(false))
            }
            _ => self.equal(value, &found, ast.at),
        }
    }
}

/// Whether an expression asks about the value under test.
fn asks(ast: &Ast) -> bool {
    if matches!(ast.node, Node::Input) {
        return true;
    }
    let mut found = false;
    ast.children(&mut |child| found = found || asks(child));
    found
}
