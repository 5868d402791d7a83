//! Evaluation: a tree and a scope to a value, counting every step.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ast::{Arithmetic, Ast, Comparison, Ends, Node, Test};
use crate::builtin;
use crate::compare;
use crate::error::FeelError;
use crate::kind::Kind;
use crate::limits::LIMITS;
use crate::part::part;
use crate::scope::Scope;
use crate::value::Value;

/// What evaluating a node gives.
pub(crate) type Outcome = Result<Value, FeelError>;

/// How much work was done, over all functions that call each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meter {
    pub(crate) steps: usize,
    pub(crate) steps_max: usize,
    /// Nodes being evaluated inside each other.
    pub(crate) depth: usize,
}

impl Default for Meter {
    fn default() -> Self {
        Self { steps: 0, steps_max: LIMITS.steps, depth: 0 }
    }
}

/// One evaluation: what is visible, and how many steps are left.
pub(crate) struct Run<'a> {
    pub(crate) source: &'a str,
    pub(crate) scope: &'a Scope,
    pub(crate) locals: Vec<Local>,
    input: Option<Value>,
    pub(crate) meter: Meter,
}

/// A value that is visible inside some construct only.
#[derive(Debug, Clone)]
pub(crate) enum Local {
    Bound(Arc<str>, Value),
    /// The element a filter looks at: `item`, and its parts by their names.
    Item(Value),
}

impl<'a> Run<'a> {
    pub(crate) fn new(source: &'a str, scope: &'a Scope, input: Option<Value>) -> Self {
        Self { source, scope, locals: Vec::new(), input, meter: Meter::default() }
    }

    /// The value of a node.
    pub(crate) fn eval(&mut self, ast: &Ast) -> Outcome {
        self.charge(1, ast.at)?;
        if self.meter.depth >= LIMITS.evaluation {
            return self.error(ast.at, "too deep: this expression calls itself too often");
        }
        self.meter.depth += 1;
        let outcome = self.node(ast);
        self.meter.depth -= 1;
        outcome
    }

    fn node(&mut self, ast: &Ast) -> Outcome {
        // Each arm is one call, so that this frame, of which there may be many, stays small.
        match &ast.node {
            Node::Literal(value) => Ok(value.clone()),
            Node::Input => Ok(self.input.clone().unwrap_or_default()),
            Node::Name(name) => Ok(self.named(name)),
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
            Node::InstanceOf(value, kind) => self.instance_of(value, kind),
            Node::If(condition, yes, no) => self.conditional(condition, yes, no),
            Node::For(binders, body) => self.iteration(binders, body),
            Node::Quantified(some, binders, body) => self.quantified(*some, binders, body),
            Node::Call(function, arguments) => self.call(function, arguments, ast.at),
            Node::Invoke(function, arguments) => self.invoke(function, arguments),
            Node::Function(parameters, body) => Ok(self.function(parameters, body.as_ref())),
            Node::Range(ends) => self.range(ends),
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

    fn instance_of(&mut self, value: &Ast, kind: &Kind) -> Outcome {
        let value = self.eval(value)?;
        Ok(kind.names(&value, self.scope.kinds()).into())
    }

    fn range(&mut self, ends: &Ends) -> Outcome {
        let mut end = |end: &Option<Ast>| match end {
            Some(end) => self.eval(end).map(Some),
            None => Ok(None),
        };
        let (low, high) = (end(&ends.low)?, end(&ends.high)?);
        let made = compare::range(low, high, ends.low_closed, ends.high_closed);
        Ok(made.map_or(Value::Null, |range| Value::Range(Arc::new(range))))
    }

    fn conditional(&mut self, condition: &Ast, yes: &Ast, no: &Ast) -> Outcome {
        let chosen = if self.eval(condition)?.is_true() { yes } else { no };
        self.eval(chosen)
    }

    /// Counts steps, and stops when there are too many.
    pub(crate) fn charge(&mut self, steps: usize, at: usize) -> Result<(), FeelError> {
        self.meter.steps = self.meter.steps.saturating_add(steps);
        if self.meter.steps > self.meter.steps_max {
            let most = self.meter.steps_max;
            return self.error(at, format!("too much work: at most {most} steps"));
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
            Value::Range(range) => {
                self.measured(&range.low, at, nesting + 1)?;
                self.measured(&range.high, at, nesting + 1)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn fits(&self, length: usize, at: usize) -> Result<(), FeelError> {
        if length > LIMITS.list {
            return self.error(at, format!("too long a list: at most {} elements", LIMITS.list));
        }
        Ok(())
    }

    /// A name of the scope; else a function of the language by its name.
    fn named(&self, name: &str) -> Value {
        if let Some(found) = self.lookup(name) {
            return found;
        }
        // A name with dots may also be meant as a path.
        let mut parts = name.split('.');
        let root = parts.next().filter(|root| *root != name).and_then(|root| self.lookup(root));
        match root {
            Some(root) => parts.fold(root, |value, name| part(&value, name)),
            None => builtin::find(name).map(builtin::value).unwrap_or_default(),
        }
    }

    pub(crate) fn lookup(&self, name: &str) -> Option<Value> {
        for local in self.locals.iter().rev() {
            match local {
                Local::Bound(bound, value) if bound.as_ref() == name => return Some(value.clone()),
                Local::Item(Value::Context(parts)) if parts.contains_key(name) => {
                    return parts.get(name).cloned();
                }
                Local::Item(value) if name == "item" => return Some(value.clone()),
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
        if let Node::Literal(Value::Number(_)) | Node::Negate(_) = condition.node {
            return self.element(&all, condition);
        }
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
            self.locals.push(Local::Bound(name.as_str().into(), value.clone()));
            made.insert(name.clone(), value);
        }
        self.locals.truncate(visible);
        Ok(Value::Context(Arc::new(made)))
    }
}

fn negated(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(-*number),
        Value::Duration(span) => Value::option(span.negated()),
        _ => Value::Null,
    }
}
