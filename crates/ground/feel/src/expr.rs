//! The boundary: a parsed expression, and a parsed row of unary tests.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ast::{Ast, Node, Test};
use crate::error::FeelError;
use crate::eval::{Meter, Run};
use crate::known::Known;
use crate::names::Names;
use crate::parser;
use crate::scope::Scope;
use crate::value::Value;

/// A parsed expression.
#[derive(Debug, Clone)]
pub struct Expr {
    source: Arc<str>,
    ast: Ast,
}

/// The parsed tests of one cell of a decision table.
#[derive(Debug, Clone)]
pub struct UnaryTests {
    source: Arc<str>,
    negated: bool,
    /// Empty means any value, written `-`.
    tests: Vec<Test>,
}

/// Two rows of tests are equal when they were read from the same text.
impl PartialEq for UnaryTests {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Expr {
    /// Parses an expression.
    pub fn parse(source: &str) -> Result<Self, FeelError> {
        Self::parse_knowing(source, &Known::default())
    }

    /// Parses an expression that may use names of several words.
    pub(crate) fn parse_knowing(source: &str, known: &Known) -> Result<Self, FeelError> {
        Ok(Self { source: source.into(), ast: parser::expression(source, known)? })
    }

    /// The text it was parsed from.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn ast(&self) -> &Ast {
        &self.ast
    }

    /// Its value. A wrong type gives `null`; an error is only an exceeded bound.
    pub fn eval(&self, scope: &Scope) -> Result<Value, FeelError> {
        self.eval_metered(scope, &mut Meter::default())
    }

    /// Its value, with the work counted together with other work.
    pub(crate) fn eval_metered(
        &self,
        scope: &Scope,
        meter: &mut Meter,
    ) -> Result<Value, FeelError> {
        let mut run = Run::new(&self.source, scope, None);
        run.meter = *meter;
        let outcome = run.eval(&self.ast).and_then(|value| {
            run.measure(&value, self.ast.at)?;
            Ok(value)
        });
        *meter = run.meter;
        outcome
    }

    /// The elements of a list as it is written; the whole, if it is no list.
    pub(crate) fn elements(self) -> Vec<Self> {
        let Node::List(all) = self.ast.node else { return vec![self] };
        all.into_iter().map(|ast| Self { source: Arc::clone(&self.source), ast }).collect()
    }

    /// Whether it is exactly true, as a condition must be.
    pub fn holds(&self, scope: &Scope) -> Result<bool, FeelError> {
        self.eval(scope).map(|value| value.is_true())
    }

    /// The root names it takes from the scope. Names that appear only inside a filter are not among them, because there a name
    /// may mean a part of the element: see [`Expr::filter_names`].
    pub fn names(&self) -> BTreeSet<String> {
        Names::of(&self.ast).sure
    }

    /// Root names used inside a filter, where they mean a part of the element if it has one of that name.
    pub fn filter_names(&self) -> BTreeSet<String> {
        Names::of(&self.ast).filtered
    }

    /// The dotted paths it takes from the scope, such as `clock.promised.overdue`.
    pub fn paths(&self) -> BTreeSet<String> {
        Names::of(&self.ast).paths
    }
}

/// Parses unary tests: `< 5`, `[1..3]`, `"a", "b"`, `-`, `not(...)`, or a condition over `?`.
pub fn parse_unary(source: &str) -> Result<UnaryTests, FeelError> {
    parse_unary_knowing(source, &Known::default())
}

/// Parses unary tests that may use names of several words.
pub(crate) fn parse_unary_knowing(source: &str, known: &Known) -> Result<UnaryTests, FeelError> {
    let (negated, tests) = parser::unary_tests(source, known)?;
    Ok(UnaryTests { source: source.into(), negated, tests })
}

impl UnaryTests {
    /// The text they were parsed from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The tests, unless there are none or they are negated.
    pub(crate) fn plain(&self) -> Option<&[Test]> {
        (!self.negated && !self.tests.is_empty()).then_some(self.tests.as_slice())
    }

    /// Whether the cell accepts everything.
    pub fn is_any(&self) -> bool {
        self.tests.is_empty()
    }

    /// Whether a value passes: at least one test is true, or for `not(...)` all are false.
    pub fn matches(&self, input: &Value, scope: &Scope) -> Result<bool, FeelError> {
        self.matches_metered(input, scope, &mut Meter::default())
    }

    pub(crate) fn matches_metered(
        &self,
        input: &Value,
        scope: &Scope,
        meter: &mut Meter,
    ) -> Result<bool, FeelError> {
        if self.tests.is_empty() {
            return Ok(true);
        }
        let mut run = Run::new(&self.source, scope, Some(input.clone()));
        run.meter = *meter;
        let outcome = run.any_test(&self.tests, input);
        *meter = run.meter;
        Ok(outcome? == Some(!self.negated))
    }

    /// The root names they take from the scope.
    pub fn names(&self) -> BTreeSet<String> {
        Names::of_tests(&self.tests).sure
    }
}
