//! Tests on a value, three-valued: what follows `in`, and the cells of decision tables.

use crate::ast::{Ast, Node, Test};
use crate::compare::either;
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
            Test::Expression(ast) => self.satisfies(ast, value),
        }
    }

    /// A condition over `?`, a list or range that contains the value, or the value itself.
    fn satisfies(&mut self, ast: &Ast, value: &Value) -> Truth {
        let found = self.eval(ast)?;
        if asks(ast) {
            return Ok(found.as_bool());
        }
        match &found {
            Value::List(all) => {
                if self.equal(&found, value, ast.at)? == Some(true) {
                    return Ok(Some(true));
                }
                let mut any = Some(false);
                for element in all.iter() {
                    let fits = match element {
                        Value::Range(range) if !matches!(value, Value::Range(_)) => {
                            self.within(range, value, ast.at)?
                        }
                        other => Some(self.equal(other, value, ast.at)? == Some(true)),
                    };
                    any = either(any, fits);
                    if any == Some(true) {
                        break;
                    }
                }
                Ok(any)
            }
            Value::Range(range) if !matches!(value, Value::Range(_)) => {
                self.within(range, value, ast.at)
            }
            // Ends that make no range.
            Value::Null if matches!(ast.node, Node::Range(_)) => Ok(None),
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
