//! The parsed tree. Chains of equal operators are flat, so that a long source does not become a deep tree.

use std::sync::Arc;

use crate::builtin::Builtin;
use crate::function::Parameter;
use crate::kind::Kind;
use crate::value::Value;

/// A node and the byte offset where it begins.
#[derive(Debug, Clone)]
pub(crate) struct Ast {
    pub(crate) at: usize,
    pub(crate) depth: usize,
    pub(crate) node: Node,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Literal(Value),
    /// The value under test, `?`.
    Input,
    Name(Arc<str>),
    Path(Box<Ast>, String),
    Filter(Box<Ast>, Box<Ast>),
    Negate(Box<Ast>),
    Not(Box<Ast>),
    And(Vec<Ast>),
    Or(Vec<Ast>),
    /// `first op next op next`, all of one precedence, from the left.
    Chain(Box<Ast>, Vec<(Arithmetic, Ast)>),
    Compare(Comparison, Box<Ast>, Box<Ast>),
    Between(Box<Ast>, Box<Ast>, Box<Ast>),
    In(Box<Ast>, Vec<Test>),
    InstanceOf(Box<Ast>, Kind),
    If(Box<Ast>, Box<Ast>, Box<Ast>),
    For(Vec<Binder>, Box<Ast>),
    /// `some` (true) or `every` (false).
    Quantified(bool, Vec<Binder>, Box<Ast>),
    /// A function of the language. Arguments in the order of the parameters; an absent optional one is `None`.
    Call(&'static Builtin, Vec<Option<Ast>>),
    /// Any other function.
    Invoke(Box<Ast>, Arguments),
    /// A function is written here; without a body its code is of another language.
    Function(Vec<Parameter>, Option<Arc<Ast>>),
    List(Vec<Ast>),
    Context(Vec<(String, Ast)>),
    /// Low end, high end, and whether each belongs to it; an absent end is open without end.
    Range(Box<Ends>),
}

/// The ends of a range.
#[derive(Debug, Clone)]
pub(crate) struct Ends {
    pub(crate) low: Option<Ast>,
    pub(crate) high: Option<Ast>,
    pub(crate) low_closed: bool,
    pub(crate) high_closed: bool,
}

/// What a function is called with.
#[derive(Debug, Clone)]
pub(crate) enum Arguments {
    Placed(Vec<Ast>),
    Named(Vec<(String, Ast)>),
}

/// Operators of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// Operators of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One test on a value: after `in`, and in unary tests.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Compare(Comparison, Ast),
    /// A value it must equal, a list or range that must contain it, or a condition over `?`.
    Expression(Ast),
}

/// `name in domain` of `for`, `some` and `every`.
#[derive(Debug, Clone)]
pub(crate) struct Binder {
    pub(crate) name: Arc<str>,
    pub(crate) domain: Domain,
}

/// What a binder runs over.
#[derive(Debug, Clone)]
pub(crate) enum Domain {
    Each(Ast),
    Count(Ast, Ast),
}

impl Ast {
    /// Calls `visit` for each direct child outside tests and binders of this node.
    pub(crate) fn children<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        match &self.node {
            Node::Literal(_) | Node::Input | Node::Name(_) => {}
            Node::Path(one, _) | Node::Negate(one) | Node::Not(one) | Node::InstanceOf(one, _) => {
                visit(one);
            }
            Node::Filter(one, two) | Node::Compare(_, one, two) => {
                visit(one);
                visit(two);
            }
            Node::And(all) | Node::Or(all) | Node::List(all) => all.iter().for_each(visit),
            Node::Chain(first, rest) => {
                visit(first);
                for (_, next) in rest {
                    visit(next);
                }
            }
            Node::Between(one, two, three) | Node::If(one, two, three) => {
                visit(one);
                visit(two);
                visit(three);
            }
            Node::In(one, tests) => {
                visit(one);
                for test in tests {
                    visit(test.operand());
                }
            }
            Node::For(binders, body) | Node::Quantified(_, binders, body) => {
                for binder in binders {
                    binder.children(visit);
                }
                visit(body);
            }
            Node::Call(_, arguments) => arguments.iter().flatten().for_each(visit),
            Node::Invoke(function, Arguments::Placed(all)) => {
                visit(function);
                all.iter().for_each(visit);
            }
            Node::Invoke(function, Arguments::Named(all)) => {
                visit(function);
                for (_, argument) in all {
                    visit(argument);
                }
            }
            Node::Function(_, body) => {
                if let Some(body) = body {
                    visit(body);
                }
            }
            Node::Context(entries) => entries.iter().for_each(|(_, entry)| visit(entry)),
            Node::Range(ends) => [&ends.low, &ends.high].into_iter().flatten().for_each(visit),
        }
    }
}

impl Test {
    /// What it compares with.
    pub(crate) fn operand(&self) -> &Ast {
        match self {
            Self::Compare(_, one) | Self::Expression(one) => one,
        }
    }
}

impl Binder {
    pub(crate) fn children<'a>(&'a self, visit: &mut dyn FnMut(&'a Ast)) {
        match &self.domain {
            Domain::Each(one) => visit(one),
            Domain::Count(one, two) => {
                visit(one);
                visit(two);
            }
        }
    }
}
