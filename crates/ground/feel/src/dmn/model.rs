//! What a decision model is made of.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::index::Index;
use crate::expr::{Expr, UnaryTests};
use crate::function::Parameter;
use crate::kind::{Kind, Kinds};

/// Something in a model that cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line of the file.
    pub line: usize,
    /// The element, by its name or id.
    pub element: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Finding {
    pub(super) fn new(line: usize, element: impl Into<String>, message: impl Into<String>) -> Self {
        Self { line, element: element.into(), message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.element, self.message)
    }
}

impl std::error::Error for Finding {}

/// A decision model with the models it imports.
#[derive(Debug)]
pub struct Model {
    pub(super) parts: Arc<Parts>,
    pub(super) findings: Vec<Finding>,
}

/// Everything that can be found by its address: the namespace, `#` and the id.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The namespace of the model itself.
    pub(super) namespace: String,
    pub(super) inputs: BTreeMap<String, Input>,
    pub(super) decisions: BTreeMap<String, Decision>,
    pub(super) knowledge: BTreeMap<String, Knowledge>,
    pub(super) services: BTreeMap<String, Service>,
    /// Types by name, in each namespace.
    pub(super) kinds: BTreeMap<String, Arc<Kinds>>,
    /// Names under which a namespace sees another: (here, there) to the name.
    pub(super) imports: BTreeMap<(String, String), String>,
}

/// Data given from outside.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A decision.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Addresses of what it needs.
    pub(super) needs: Vec<String>,
    pub(super) logic: Option<Logic>,
}

/// A business knowledge model: a function.
#[derive(Debug)]
pub(super) struct Knowledge {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) needs: Vec<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) logic: Option<Arc<Logic>>,
}

/// A decision service: some decisions as a function.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) outputs: Vec<String>,
    /// Addresses of decisions and inputs whose values are given, in the order of the parameters.
    pub(super) given: Vec<String>,
}

/// How a value comes about (a boxed expression), and what it must be.
#[derive(Debug)]
pub(super) struct Logic {
    pub(super) body: Body,
    pub(super) kind: Kind,
}

/// The kinds of boxed expressions.
#[derive(Debug)]
pub(super) enum Body {
    /// It cannot run: its value is `null`.
    Broken,
    Literal(Box<Expr>),
    Table(Box<Table>),
    /// A function and its arguments by name.
    Invocation(Box<Logic>, Vec<(String, Logic)>),
    /// Entries; the last may be the result, without a name.
    Context(Vec<(Option<Parameter>, Logic)>),
    List(Vec<Logic>),
    /// Columns, and rows of cells.
    Relation(Vec<String>, Vec<Vec<Logic>>),
    Function(Vec<Parameter>, Option<Arc<Logic>>),
    If(Box<[Logic; 3]>),
    /// Variable, domain, body.
    For(String, Box<[Logic; 2]>),
    /// `some` (true) or `every` (false), variable, domain, condition.
    Quantified(bool, String, Box<[Logic; 2]>),
    Filter(Box<[Logic; 2]>),
}

/// A decision table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) policy: Policy,
    pub(super) inputs: Vec<Column>,
    pub(super) outputs: Vec<Output>,
    pub(super) rules: Vec<Rule>,
    /// By column; empty for a table of few rows.
    pub(super) indexes: Vec<Option<Index>>,
}

/// What a column of conditions looks at.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) expression: Option<Expr>,
    pub(super) kind: Kind,
    pub(super) allowed: Option<UnaryTests>,
}

/// A column of results.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Values in the order of their priority, and the test they make.
    pub(super) allowed: Option<(Vec<Expr>, UnaryTests)>,
    pub(super) default: Option<Expr>,
}

/// A row.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) conditions: Vec<Option<UnaryTests>>,
    pub(super) results: Vec<Option<Expr>>,
}

/// What happens when several rows fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Unique,
    Any,
    Priority,
    First,
    RuleOrder,
    OutputOrder,
    Collect(Option<Aggregation>),
}

/// What is made of collected results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregation {
    Sum,
    Count,
    Min,
    Max,
}

impl Model {
    /// What in the model cannot run, in the order of the lines. What is named here has the value `null`.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The names of the decisions.
    pub fn decisions(&self) -> Vec<&str> {
        let own = self.parts.decisions.values().filter(|one| one.namespace == self.parts.namespace);
        own.map(|decision| decision.name.as_str()).collect()
    }

    /// The names of the inputs.
    pub fn inputs(&self) -> Vec<&str> {
        let own = self.parts.inputs.values().filter(|one| one.namespace == self.parts.namespace);
        own.map(|input| input.name.as_str()).collect()
    }
}
