//! Boxed expressions to values.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{Body, Logic};
use super::table;
use crate::error::FeelError;
use crate::eval::{Meter, Outcome, Run};
use crate::function::{self, Callable, Function, Parameter};
use crate::kind::Kind;
use crate::scope::Scope;
use crate::value::Value;

/// The value of a boxed expression, as its type wants it.
pub(super) fn value(logic: &Logic, scope: &Scope, meter: &mut Meter) -> Outcome {
    let found = match &logic.body {
        Body::Broken => Value::Null,
        Body::Literal(expr) => expr.eval_metered(scope, meter)?,
        Body::Table(table) => table::decide(table, scope, meter)?,
        Body::Invocation(called, bindings) => invocation(called, bindings, scope, meter)?,
        Body::Context(entries) => context(entries, scope, meter)?,
        Body::List(all) => {
            let mut made = Vec::with_capacity(all.len());
            for one in all {
                made.push(value(one, scope, meter)?);
            }
            Value::list(made)
        }
        Body::Relation(columns, rows) => relation(columns, rows, scope, meter)?,
        Body::Function(parameters, body) => function(parameters, body.as_ref(), scope),
        Body::If(all) => {
            let [condition, yes, no] = all.as_ref();
            match value(condition, scope, meter)? {
                Value::Bool(true) => value(yes, scope, meter)?,
                Value::Bool(false) | Value::Null => value(no, scope, meter)?,
                _ => Value::Null,
            }
        }
        Body::For(name, all) => iteration(name, all, scope, meter)?,
        Body::Quantified(some, name, all) => quantified(*some, name, all, scope, meter)?,
        Body::Filter(all) => filter(all, scope, meter)?,
    };
    Ok(logic.kind.fit(found, scope.kinds()))
}

fn invocation(
    called: &Logic,
    bindings: &[(String, Logic)],
    scope: &Scope,
    meter: &mut Meter,
) -> Outcome {
    let Value::Function(called) = value(called, scope, meter)? else { return Ok(Value::Null) };
    let mut given = BTreeMap::new();
    for (name, logic) in bindings {
        given.insert(name.as_str(), value(logic, scope, meter)?);
    }
    let unknown =
        |name: &&str| !called.parameters.iter().any(|parameter| parameter.name.as_ref() == *name);
    if given.keys().any(unknown) {
        return Ok(Value::Null);
    }
    let arguments = called
        .parameters
        .iter()
        .map(|parameter| given.get(parameter.name.as_ref()).cloned().unwrap_or_default())
        .collect();
    apply(&called, arguments, scope, meter)
}

/// Calls a function value.
pub(super) fn apply(
    called: &Function,
    arguments: Vec<Value>,
    scope: &Scope,
    meter: &mut Meter,
) -> Outcome {
    let mut run = Run::new("", scope, None);
    run.meter = *meter;
    let outcome = run.apply(called, arguments, 0);
    *meter = run.meter;
    outcome
}

fn context(entries: &[(Option<Parameter>, Logic)], scope: &Scope, meter: &mut Meter) -> Outcome {
    let mut inner = scope.clone();
    let mut made = BTreeMap::new();
    for (variable, logic) in entries {
        let found = value(logic, &inner, meter)?;
        let Some(variable) = variable else { return Ok(found) };
        let found = variable.kind.fit(found, scope.kinds());
        inner.set_whole(&variable.name, found.clone());
        made.insert(variable.name.as_ref().to_owned(), found);
    }
    Ok(Value::Context(Arc::new(made)))
}

fn relation(columns: &[String], rows: &[Vec<Logic>], scope: &Scope, meter: &mut Meter) -> Outcome {
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let mut parts = BTreeMap::new();
        for (column, cell) in columns.iter().zip(row) {
            parts.insert(column.clone(), value(cell, scope, meter)?);
        }
        made.push(Value::Context(Arc::new(parts)));
    }
    Ok(Value::list(made))
}

fn iteration(name: &str, all: &[Logic; 2], scope: &Scope, meter: &mut Meter) -> Outcome {
    let [domain, body] = all;
    let Some(elements) = elements(&value(domain, scope, meter)?, scope, meter)? else {
        return Ok(Value::Null);
    };
    let mut made: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements.iter() {
        let mut inner = scope.clone();
        inner.set_whole(name, element.clone());
        inner.set_whole("partial", Value::list(made.clone()));
        made.push(value(body, &inner, meter)?);
    }
    Ok(Value::list(made))
}

fn quantified(
    some: bool,
    name: &str,
    all: &[Logic; 2],
    scope: &Scope,
    meter: &mut Meter,
) -> Outcome {
    let [domain, condition] = all;
    let Some(elements) = elements(&value(domain, scope, meter)?, scope, meter)? else {
        return Ok(Value::Null);
    };
    let mut unknown = false;
    for element in elements.iter() {
        let mut inner = scope.clone();
        inner.set_whole(name, element.clone());
        match value(condition, &inner, meter)? {
            Value::Bool(found) if found == some => return Ok(some.into()),
            Value::Bool(_) => {}
            Value::Null => unknown = true,
            _ => return Ok(Value::Null),
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(!some) })
}

fn filter(all: &[Logic; 2], scope: &Scope, meter: &mut Meter) -> Outcome {
    let [domain, condition] = all;
    let elements = match value(domain, scope, meter)? {
        Value::Null => Arc::new(Vec::new()),
        Value::List(all) => all,
        single => Arc::new(vec![single]),
    };
    let mut kept = Vec::new();
    for element in elements.iter() {
        let mut inner = scope.clone();
        if let Value::Context(parts) = element {
            for (name, part) in parts.iter() {
                inner.set_whole(name, part.clone());
            }
        }
        inner.set_whole("item", element.clone());
        match value(condition, &inner, meter)? {
            Value::Bool(true) => kept.push(element.clone()),
            Value::Bool(false) | Value::Null => {}
            position @ Value::Number(_) => {
                let place = crate::builtin::index(&position, elements.len());
                return Ok(place
                    .and_then(|place| elements.get(place))
                    .cloned()
                    .unwrap_or_default());
            }
            _ => return Ok(Value::Null),
        }
    }
    Ok(Value::list(kept))
}

/// What a loop runs over; `None` for `null`.
fn elements(
    domain: &Value,
    scope: &Scope,
    meter: &mut Meter,
) -> Result<Option<Arc<Vec<Value>>>, FeelError> {
    match domain {
        Value::Null => Ok(None),
        Value::List(all) => Ok(Some(Arc::clone(all))),
        Value::Range(_) => {
            let ranged = crate::Expr::parse("for x in range return x")?;
            let inner = scope.clone().with("range", domain.clone());
            match ranged.eval_metered(&inner, meter)? {
                Value::List(all) => Ok(Some(all)),
                _ => Ok(None),
            }
        }
        single => Ok(Some(Arc::new(vec![single.clone()]))),
    }
}

/// A function whose body is a boxed expression.
pub(super) fn function(
    parameters: &[Parameter],
    body: Option<&Arc<Logic>>,
    scope: &Scope,
) -> Value {
    let body = match body {
        Some(logic) => function::Body::Made(Arc::new(Boxed {
            logic: Arc::clone(logic),
            names: parameters.iter().map(|parameter| Arc::clone(&parameter.name)).collect(),
            scope: scope.clone(),
        })),
        None => function::Body::Foreign,
    };
    Value::Function(Arc::new(Function { parameters: parameters.to_vec(), result: Kind::Any, body }))
}

#[derive(Debug)]
struct Boxed {
    logic: Arc<Logic>,
    names: Vec<Arc<str>>,
    scope: Scope,
}

impl Callable for Boxed {
    fn call(&self, arguments: Vec<Value>, meter: &mut Meter) -> Outcome {
        let mut scope = self.scope.clone();
        for (name, argument) in self.names.iter().zip(arguments) {
            scope.set_whole(name, argument);
        }
        value(&self.logic, &scope, meter)
    }
}
