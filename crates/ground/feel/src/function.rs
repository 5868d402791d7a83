//! Functions as values: written in an expression, given by the language, or made by a decision model.

use std::fmt;
use std::sync::Arc;

use crate::ast::Ast;
use crate::builtin::Builtin;
use crate::error::FeelError;
use crate::eval::{Local, Meter};
use crate::kind::Kind;
use crate::scope::Scope;
use crate::value::Value;

/// What can be called.
#[derive(Debug)]
pub struct Function {
    pub(crate) parameters: Vec<Parameter>,
    /// What the result must be; another result is `null`.
    pub(crate) result: Kind,
    pub(crate) body: Body,
}

/// A parameter and what it must be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
}

/// What happens on a call.
#[derive(Debug)]
pub(crate) enum Body {
    /// An expression, with all it could see where it was written.
    Written { ast: Arc<Ast>, source: Arc<str>, scope: Scope, locals: Vec<Local> },
    /// A function of the language.
    Given(&'static Builtin),
    /// Something else that takes values in the order of the parameters.
    Made(Arc<dyn Callable>),
    /// Code of another language: not run here, its result is `null`.
    Foreign,
}

/// What takes values and gives one.
pub(crate) trait Callable: fmt::Debug + Send + Sync {
    /// Calls it; work is counted on the meter.
    fn call(&self, arguments: Vec<Value>, meter: &mut Meter) -> Result<Value, FeelError>;
}

/// Two functions are equal when they are the same one.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        match (&self.body, &other.body) {
            (Body::Given(left), Body::Given(right)) => std::ptr::eq(*left, *right),
            _ => std::ptr::eq(self, other),
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters.iter().map(|one| one.name.as_ref()).collect();
        write!(f, "function({})", names.join(", "))
    }
}
