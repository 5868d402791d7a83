//! Evaluation: a tree and a scope to a value, counting every step.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ast::{Arithmetic, Ast, Binder, Comparison, Domain, Kind, Node, Test};
use crate::builtin::{self, Builtin};
use crate::compare;
use crate::error::FeelError;
use crate::limits::LIMITS;
use crate::scope::Scope;
use crate::temporal::Span;
use crate::value::Value;

/// What evaluating a node gives.
pub(crate) type Outcome = Result<Value, FeelError>;

/// One evaluation: what is visible, and how many steps are left.
pub(crate) struct Run<'a> {
    source: &'a str,
    scope: &'a Scope,
    locals: Vec<Local>,
    input: Option<Value>,
    steps: usize,
}

/// A value that is visible inside some construct only.
enum Local {
    Bound(String, Value),
    /// The element a filter looks at: `item`, and its parts by their names.
    Item(Value),
}

impl<'a> Run<'a> {
    pub(crate) fn new(source: &'a str, scope: &'a Scope, input: Option<Value>) -> Self {
        Self { source, scope, locals: Vec::new(), input, steps: 0 }
    }

    pub(crate) fn eval(&mut self, ast: &Ast) -> Outcome {
        self.charge(1, ast.at)?;
        // Each arm is one call, so that this frame, of which there may be many, stays small.
        match &ast.node {
            Node::Literal(value) => Ok(value.clone()),
            Node::Input => Ok(self.input.clone().unwrap_or_default()),
            Node::Name(name) => Ok(self.lookup(name).unwrap_or_default()),
            Node::Path(base, name) => self.path(base, name),
            Node::Filter(list, condition) => self.filter(list, condition),
            Node::Negate(inner) => self.negate(inner),
            Node::Not(inner) => self.not(inner),
            Node::And(all) => self.logic(all, false),
            Node::Or(all) => self.logic(all, true),
            Node::Chain(first, rest) => self.chain(first, rest),
            Node::Compare(operator, left, right) => self.comparison(*operator, left, right),
            Node::Between(value, low, high) => self.between(value, low, high),
            Node::In(value, tests) => self.membership(value, tests),
            Node::InstanceOf(value, kind) => self.instance_of(value, *kind),
            Node::If(condition, yes, no) => self.conditional(condition, yes, no),
            Node::For(binders, body) => self.iteration(binders, body),
            Node::Quantified(some, binders, body) => self.quantified(*some, binders, body),
            Node::Call(function, arguments) => self.call(function, arguments, ast.at),
            Node::List(all) => self.list(all),
            Node::Context(entries) => self.context(entries),
        }
    }

    fn negate(&mut self, inner: &Ast) -> Outcome {
        self.eval(inner).map(|value| negated(&value))
    }

    fn not(&mut self, inner: &Ast) -> Outcome {
        self.eval(inner).map(|value| Value::option(value.as_bool().map(|yes| !yes)))
    }

    fn membership(&mut self, value: &Ast, tests: &[Test]) -> Outcome {
        let value = self.eval(value)?;
        self.any_test(tests, &value).map(Value::option)
    }

    fn instance_of(&mut self, value: &Ast, kind: Kind) -> Outcome {
        self.eval(value).map(|value| instance_of(&value, kind).into())
    }

    fn conditional(&mut self, condition: &Ast, yes: &Ast, no: &Ast) -> Outcome {
        let chosen = if self.eval(condition)?.is_true() { yes } else { no };
        self.eval(chosen)
    }

    /// Counts steps, and stops when there are too many.
    pub(crate) fn charge(&mut self, steps: usize, at: usize) -> Result<(), FeelError> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > LIMITS.steps {
            return self.error(at, format!("too much work: at most {} steps", LIMITS.steps));
        }
        Ok(())
    }

    pub(crate) fn error<T>(&self, at: usize, message: impl Into<String>) -> Result<T, FeelError> {
        Err(FeelError::at(self.source, at, message))
    }

    /// A list, if it is not too long.
    pub(crate) fn made_list(&mut self, all: Vec<Value>, at: usize) -> Outcome {
        self.charge(all.len(), at)?;
        self.fits(all.len(), at)?;
        Ok(Value::list(all))
    }

    /// A text, if it is not too long.
    pub(crate) fn made_text(&mut self, text: impl Into<Arc<str>>, at: usize) -> Outcome {
        let text = text.into();
        self.charge(text.len() / 64, at)?;
        if text.len() > LIMITS.text {
            return self
                .error(at, format!("this text becomes too long: at most {} bytes", LIMITS.text));
        }
        Ok(Value::Text(text))
    }

    /// Walks a whole value once: shared parts count each time they appear, so that nobody downstream meets a value whose text
    /// would be endless.
    pub(crate) fn measure(&mut self, value: &Value, at: usize) -> Result<(), FeelError> {
        self.measured(value, at, 0)
    }

    fn measured(&mut self, value: &Value, at: usize, nesting: usize) -> Result<(), FeelError> {
        if nesting > LIMITS.nesting {
            return self.error(at, format!("too deep a value: at most {} levels", LIMITS.nesting));
        }
        self.charge(1, at)?;
        match value {
            Value::Text(text) => self.charge(text.len() / 64, at),
            Value::List(all) => {
                self.fits(all.len(), at)?;
                all.iter().try_for_each(|inner| self.measured(inner, at, nesting + 1))
            }
            Value::Context(all) => {
                all.values().try_for_each(|inner| self.measured(inner, at, nesting + 1))
            }
            _ => Ok(()),
        }
    }

    fn fits(&self, length: usize, at: usize) -> Result<(), FeelError> {
        if length > LIMITS.list {
            return self.error(at, format!("too long a list: at most {} elements", LIMITS.list));
        }
        Ok(())
    }

    fn lookup(&self, name: &str) -> Option<Value> {
        for local in self.locals.iter().rev() {
            match local {
                Local::Bound(bound, value) if bound == name => return Some(value.clone()),
                Local::Item(value) if name == "item" => return Some(value.clone()),
                Local::Item(Value::Context(parts)) if parts.contains_key(name) => {
                    return parts.get(name).cloned();
                }
                _ => {}
            }
        }
        self.scope.get(name).cloned()
    }

    fn path(&mut self, base: &Ast, name: &str) -> Outcome {
        match self.eval(base)? {
            Value::List(all) => {
                let parts = all.iter().map(|one| part(one, name)).collect();
                self.made_list(parts, base.at)
            }
            other => Ok(part(&other, name)),
        }
    }

    fn filter(&mut self, list: &Ast, condition: &Ast) -> Outcome {
        let all = match self.eval(list)? {
            Value::Null => Arc::new(Vec::new()),
            Value::List(all) => all,
            single => Arc::new(vec![single]),
        };
        let mut kept = Vec::new();
        for (index, element) in all.iter().enumerate() {
            self.locals.push(Local::Item(element.clone()));
            let outcome = self.eval(condition);
            self.locals.pop();
            match outcome? {
                Value::Number(_) if index == 0 => return self.element(&all, condition),
                Value::Bool(true) => kept.push(element.clone()),
                _ => {}
            }
        }
        if all.is_empty() && matches!(self.eval(condition)?, Value::Number(_)) {
            return Ok(Value::Null);
        }
        self.made_list(kept, condition.at)
    }

    /// The element at a position counted from 1, or from the end if negative.
    fn element(&mut self, all: &[Value], position: &Ast) -> Outcome {
        let position = self.eval(position)?;
        Ok(builtin::index(&position, all.len())
            .and_then(|index| all.get(index))
            .cloned()
            .unwrap_or_default())
    }

    /// Three-valued `and` and `or`: the deciding value wins over `null`.
    fn logic(&mut self, all: &[Ast], deciding: bool) -> Outcome {
        let mut unknown = false;
        for ast in all {
            match self.eval(ast)?.as_bool() {
                Some(found) if found == deciding => return Ok(Value::Bool(deciding)),
                Some(_) => {}
                None => unknown = true,
            }
        }
        Ok(if unknown { Value::Null } else { Value::Bool(!deciding) })
    }

    fn chain(&mut self, first: &Ast, rest: &[(Arithmetic, Ast)]) -> Outcome {
        let mut left = self.eval(first)?;
        for (operator, next) in rest {
            let right = self.eval(next)?;
            left = match (&left, &right) {
                (Value::Text(left), Value::Text(right)) if *operator == Arithmetic::Add => {
                    self.charge(left.len() / 64, next.at)?;
                    self.made_text(format!("{left}{right}"), next.at)?
                }
                _ => compare::arithmetic(*operator, &left, &right).unwrap_or_default(),
            };
        }
        Ok(left)
    }

    fn comparison(&mut self, operator: Comparison, left: &Ast, right: &Ast) -> Outcome {
        let at = left.at;
        let (left, right) = (self.eval(left)?, self.eval(right)?);
        self.compare(operator, &left, &right, at).map(Value::option)
    }

    pub(crate) fn compare(
        &mut self,
        operator: Comparison,
        left: &Value,
        right: &Value,
        at: usize,
    ) -> Result<Option<bool>, FeelError> {
        let order = |left, right| compare::order(left, right);
        Ok(match operator {
            Comparison::Equal => self.equal(left, right, at)?,
            Comparison::NotEqual => self.equal(left, right, at)?.map(|equal| !equal),
            Comparison::Less => order(left, right).map(std::cmp::Ordering::is_lt),
            Comparison::LessOrEqual => order(left, right).map(std::cmp::Ordering::is_le),
            Comparison::Greater => order(left, right).map(std::cmp::Ordering::is_gt),
            Comparison::GreaterOrEqual => order(left, right).map(std::cmp::Ordering::is_ge),
        })
    }

    fn between(&mut self, value: &Ast, low: &Ast, high: &Ast) -> Outcome {
        let at = value.at;
        let (value, low, high) = (self.eval(value)?, self.eval(low)?, self.eval(high)?);
        let above = self.compare(Comparison::GreaterOrEqual, &value, &low, at)?;
        let below = self.compare(Comparison::LessOrEqual, &value, &high, at)?;
        Ok(Value::option(compare::both(above, below)))
    }

    fn iteration(&mut self, binders: &[Binder], body: &Ast) -> Outcome {
        let mut made = Vec::new();
        self.each(binders, &mut |run| {
            let value = run.eval(body)?;
            made.push(value);
            run.fits(made.len(), body.at)?;
            Ok(true)
        })?;
        Ok(Value::list(made))
    }

    fn quantified(&mut self, some: bool, binders: &[Binder], body: &Ast) -> Outcome {
        let (mut decided, mut unknown) = (false, false);
        self.each(binders, &mut |run| {
            match run.eval(body)?.as_bool() {
                Some(found) if found == some => decided = true,
                Some(_) => {}
                None => unknown = true,
            }
            Ok(!decided)
        })?;
        Ok(match (decided, unknown) {
            (true, _) => Value::Bool(some),
            (false, true) => Value::Null,
            (false, false) => Value::Bool(!some),
        })
    }

    /// Runs `act` for each combination of the binders until it says stop.
    fn each(
        &mut self,
        binders: &[Binder],
        act: &mut dyn FnMut(&mut Self) -> Result<bool, FeelError>,
    ) -> Result<bool, FeelError> {
        let Some((binder, rest)) = binders.split_first() else { return act(self) };
        for value in self.domain(&binder.domain)?.iter() {
            self.charge(1, 0)?;
            self.locals.push(Local::Bound(binder.name.clone(), value.clone()));
            let going = self.each(rest, act);
            self.locals.pop();
            if !going? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn domain(&mut self, domain: &Domain) -> Result<Arc<Vec<Value>>, FeelError> {
        match domain {
            Domain::Each(list) => Ok(match self.eval(list)? {
                Value::Null => Arc::new(Vec::new()),
                Value::List(all) => all,
                single => Arc::new(vec![single]),
            }),
            Domain::Count(low, high) => {
                let at = low.at;
                let (low, high) = (self.eval(low)?, self.eval(high)?);
                let (Some(low), Some(high)) = (builtin::whole(&low), builtin::whole(&high)) else {
                    return Ok(Arc::new(Vec::new()));
                };
                let count = usize::try_from(low.abs_diff(high)).unwrap_or(usize::MAX);
                self.fits(count.saturating_add(1), at)?;
                let mut all: Vec<Value> =
                    (low.min(high)..=low.max(high)).map(Value::from).collect();
                if low > high {
                    all.reverse();
                }
                Ok(Arc::new(all))
            }
        }
    }

    fn call(&mut self, function: &Builtin, arguments: &[Option<Ast>], at: usize) -> Outcome {
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

    fn list(&mut self, all: &[Ast]) -> Outcome {
        let mut made = Vec::with_capacity(all.len());
        for ast in all {
            made.push(self.eval(ast)?);
        }
        Ok(Value::list(made))
    }

    fn context(&mut self, entries: &[(String, Ast)]) -> Outcome {
        let visible = self.locals.len();
        let mut made = BTreeMap::new();
        for (name, entry) in entries {
            let outcome = self.eval(entry);
            let Ok(value) = outcome else {
                self.locals.truncate(visible);
                return outcome;
            };
            self.locals.push(Local::Bound(name.clone(), value.clone()));
            made.insert(name.clone(), value);
        }
        self.locals.truncate(visible);
        Ok(Value::Context(Arc::new(made)))
    }
}

/// A part of a value that is not a list: an entry of a context, or a component of a date or duration.
fn part(value: &Value, name: &str) -> Value {
    match value {
        Value::Context(parts) => parts.get(name).cloned().unwrap_or_default(),
        Value::Date(date) => date_part(*date, name),
        Value::DateTime(moment) => match name {
            "date" => Value::Date(moment.local.date()),
            "hour" => i64::from(moment.local.hour()).into(),
            "minute" => i64::from(moment.local.minute()).into(),
            "second" => i64::from(moment.local.second()).into(),
            _ => date_part(moment.local.date(), name),
        },
        Value::Duration(Span::Months(months)) => match name {
            "years" => (months / 12).into(),
            "months" => (months % 12).into(),
            _ => Value::Null,
        },
        Value::Duration(Span::Seconds(seconds)) => match name {
            "days" => (seconds / 86_400).into(),
            "hours" => (seconds % 86_400 / 3_600).into(),
            "minutes" => (seconds % 3_600 / 60).into(),
            "seconds" => (seconds % 60).into(),
            _ => Value::Null,
        },
        _ => Value::Null,
    }
}

fn date_part(date: time::Date, name: &str) -> Value {
    match name {
        "year" => i64::from(date.year()).into(),
        "month" => i64::from(u8::from(date.month())).into(),
        "day" => i64::from(date.day()).into(),
        "weekday" => i64::from(date.weekday().number_from_monday()).into(),
        _ => Value::Null,
    }
}

fn negated(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(-*number),
        Value::Duration(span) => Value::option(span.negated()),
        _ => Value::Null,
    }
}

fn instance_of(value: &Value, kind: Kind) -> bool {
    match kind {
        Kind::Any => !value.is_null(),
        Kind::Boolean => matches!(value, Value::Bool(_)),
        Kind::Number => matches!(value, Value::Number(_)),
        Kind::Text => matches!(value, Value::Text(_)),
        Kind::Date => matches!(value, Value::Date(_)),
        Kind::DateTime => matches!(value, Value::DateTime(_)),
        Kind::DaysDuration => matches!(value, Value::Duration(Span::Seconds(_))),
        Kind::MonthsDuration => matches!(value, Value::Duration(Span::Months(_))),
        Kind::List => matches!(value, Value::List(_)),
        Kind::Context => matches!(value, Value::Context(_)),
    }
}
