//! Calling functions: of the language, written in expressions, and made by decision models.

use std::sync::Arc;

use crate::ast::{Arguments, Ast, Node};
use crate::builtin::{self, Builtin};
use crate::error::FeelError;
use crate::eval::{Local, Outcome, Run};
use crate::function::{Body, Function, Parameter};
use crate::kind::Kind;
use crate::part::part;
use crate::value::Value;

impl Run<'_> {
    pub(crate) fn call(
        &mut self,
        function: &'static Builtin,
        arguments: &[Option<Ast>],
        at: usize,
    ) -> Outcome {
        if function.name == "is defined" {
            let asked = arguments.first().and_then(Option::as_ref);
            return match asked {
                Some(asked) => self.is_defined(asked).map(Value::Bool),
                None => Ok(Value::Null),
            };
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(match argument {
                Some(argument) => Some(self.eval(argument)?),
                None => None,
            });
        }
        builtin::call(self, function, &values, at)
    }

    pub(crate) fn invoke(&mut self, function: &Ast, arguments: &Arguments) -> Outcome {
        let mut called = self.eval(function)?;
        // A name may be taken by something that is no function: then the language's own is meant.
        if let (Node::Name(name), false) = (&function.node, matches!(called, Value::Function(_))) {
            called = builtin::find(name).map(builtin::value).unwrap_or_default();
        }
        let Value::Function(called) = called else { return Ok(Value::Null) };
        let values = match arguments {
            Arguments::Placed(all) => {
                let mut values = Vec::with_capacity(all.len());
                for argument in all {
                    values.push(self.eval(argument)?);
                }
                values
            }
            Arguments::Named(all) => match self.placed(&called, all)? {
                Some(values) => values,
                None => return Ok(Value::Null),
            },
        };
        self.apply(&called, values, function.at)
    }

    /// Calls a function with values in the order of its parameters. What does not fit gives `null`.
    pub(crate) fn apply(
        &mut self,
        function: &Function,
        mut values: Vec<Value>,
        at: usize,
    ) -> Outcome {
        if let Body::Given(builtin) = &function.body {
            let most = builtin.signatures.iter().map(|one| one.len()).max().unwrap_or(0);
            if values.len() < builtin.required || (values.len() > most && !builtin.variadic) {
                return Ok(Value::Null);
            }
            let values: Vec<Option<Value>> = values.into_iter().map(Some).collect();
            return builtin::call(self, builtin, &values, at);
        }
        if values.len() != function.parameters.len() {
            return Ok(Value::Null);
        }
        for (value, parameter) in values.iter_mut().zip(&function.parameters) {
            let absent = value.is_null();
            let fitted = parameter.kind.fit(std::mem::take(value), self.scope.kinds());
            if fitted.is_null() && !absent {
                return Ok(Value::Null);
            }
            *value = fitted;
        }
        let result =
            match &function.body {
                Body::Written { ast, source, scope, locals } => {
                    let mut run = Run::new(source, scope, None);
                    run.locals.clone_from(locals);
                    run.locals.extend(function.parameters.iter().zip(values).map(
                        |(parameter, value)| Local::Bound(Arc::clone(&parameter.name), value),
                    ));
                    run.meter = self.meter;
                    let outcome = run.eval(ast);
                    self.meter = run.meter;
                    outcome?
                }
                Body::Made(callable) => callable.call(values, &mut self.meter)?,
                Body::Given(_) | Body::Foreign => Value::Null,
            };
        Ok(function.result.fit(result, self.scope.kinds()))
    }

    /// A function written in the source, with all that is visible around it.
    pub(crate) fn function(&mut self, parameters: &[Parameter], body: Option<&Arc<Ast>>) -> Value {
        let body = match body {
            Some(ast) => Body::Written {
                ast: Arc::clone(ast),
                source: self.source.into(),
                scope: self.scope.clone(),
                locals: self.locals.clone(),
            },
            None => Body::Foreign,
        };
        Value::Function(Arc::new(Function {
            parameters: parameters.to_vec(),
            result: Kind::Any,
            body,
        }))
    }

    /// Named arguments in the order of the parameters; `None` if a name is not one of them.
    fn placed(
        &mut self,
        function: &Function,
        arguments: &[(String, Ast)],
    ) -> Result<Option<Vec<Value>>, FeelError> {
        let names: Vec<&str> = match &function.body {
            Body::Given(builtin) => {
                let fits = |signature: &&&[&str]| {
                    arguments.iter().all(|(name, _)| signature.contains(&name.as_str()))
                };
                match builtin.signatures.iter().find(fits) {
                    Some(signature) => signature.to_vec(),
                    None => return Ok(None),
                }
            }
            _ => function.parameters.iter().map(|parameter| parameter.name.as_ref()).collect(),
        };
        if arguments.iter().any(|(name, _)| !names.contains(&name.as_str())) {
            return Ok(None);
        }
        let mut values = Vec::with_capacity(names.len());
        for name in names {
            let given = arguments.iter().find(|(known, _)| known == name);
            values.push(match given {
                Some((_, argument)) => self.eval(argument)?,
                None => Value::Null,
            });
        }
        Ok(Some(values))
    }

    fn is_defined(&mut self, asked: &Ast) -> Result<bool, FeelError> {
        self.charge(1, asked.at)?;
        match &asked.node {
            Node::Name(name) => Ok(self.lookup(name).is_some()),
            Node::Path(base, name) => match self.eval(base)? {
                Value::Context(parts) => Ok(parts.contains_key(name)),
                other => Ok(!part(&other, name).is_null()),
            },
            _ => self.eval(asked).map(|value| !value.is_null()),
        }
    }
}
