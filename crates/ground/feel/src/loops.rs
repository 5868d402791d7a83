//! `for`, `some` and `every`.

use std::sync::Arc;

use crate::ast::{Ast, Binder, Domain};
use crate::builtin;
use crate::error::FeelError;
use crate::eval::{Local, Outcome, Run};
use crate::names::uses;
use crate::temporal::Date;
use crate::value::Value;

/// What has been made so far, inside the body of `for`.
const PARTIAL: &str = "partial";

impl Run<'_> {
    pub(crate) fn iteration(&mut self, binders: &[Binder], body: &Ast) -> Outcome {
        let partial = uses(body, PARTIAL);
        let mut made = Vec::new();
        let ran = self.each(binders, &mut |run| {
            if partial {
                let so_far = Value::list(made.clone());
                run.charge(made.len(), body.at)?;
                run.locals.push(Local::Bound(PARTIAL.into(), so_far));
            }
            let value = run.eval(body);
            if partial {
                run.locals.pop();
            }
            made.push(value?);
            run.fits(made.len(), body.at)?;
            Ok(true)
        })?;
        Ok(if ran.is_none() { Value::Null } else { Value::list(made) })
    }

    pub(crate) fn quantified(&mut self, some: bool, binders: &[Binder], body: &Ast) -> Outcome {
        let (mut decided, mut unknown) = (false, false);
        let ran = self.each(binders, &mut |run| {
            match run.eval(body)?.as_bool() {
                Some(found) if found == some => decided = true,
                Some(_) => {}
                None => unknown = true,
            }
            Ok(!decided)
        })?;
        Ok(match (decided, unknown || ran.is_none()) {
            (true, _) => Value::Bool(some),
            (false, true) => Value::Null,
            (false, false) => Value::Bool(!some),
        })
    }

    /// Runs `act` for each combination of the binders until it says stop; `None` when a domain is no list.
    fn each(
        &mut self,
        binders: &[Binder],
        act: &mut dyn FnMut(&mut Self) -> Result<bool, FeelError>,
    ) -> Result<Option<bool>, FeelError> {
        let Some((binder, rest)) = binders.split_first() else { return act(self).map(Some) };
        let Some(domain) = self.domain(&binder.domain)? else { return Ok(None) };
        for value in domain.iter() {
            self.charge(1, 0)?;
            self.locals.push(Local::Bound(Arc::clone(&binder.name), value.clone()));
            let going = self.each(rest, act);
            self.locals.pop();
            match going? {
                Some(true) => {}
                ended => return Ok(ended),
            }
        }
        Ok(Some(true))
    }

    fn domain(&mut self, domain: &Domain) -> Result<Option<Arc<Vec<Value>>>, FeelError> {
        match domain {
            Domain::Each(list) => match self.eval(list)? {
                Value::Null => Ok(None),
                Value::List(all) => Ok(Some(all)),
                Value::Range(range) => self.between_ends(
                    &bound(&range.low, range.low_closed, 1),
                    &bound(&range.high, range.high_closed, -1),
                    list.at,
                ),
                single => Ok(Some(Arc::new(vec![single]))),
            },
            Domain::Count(low, high) => {
                let at = low.at;
                let (low, high) = (self.eval(low)?, self.eval(high)?);
                self.between_ends(&low, &high, at)
            }
        }
    }

    /// All whole numbers, or all days, from one end to the other.
    fn between_ends(
        &mut self,
        low: &Value,
        high: &Value,
        at: usize,
    ) -> Result<Option<Arc<Vec<Value>>>, FeelError> {
        let (low, high, days) = match (low, high) {
            (Value::Date(low), Value::Date(high)) => (low.number(), high.number(), true),
            _ => match (builtin::whole(low), builtin::whole(high)) {
                (Some(low), Some(high)) => (low, high, false),
                _ => return Ok(None),
            },
        };
        let count = usize::try_from(low.abs_diff(high)).unwrap_or(usize::MAX);
        self.fits(count.saturating_add(1), at)?;
        let made = |number: i64| {
            if days { Value::option(Date::from_number(number)) } else { number.into() }
        };
        let mut all: Vec<Value> = (low.min(high)..=low.max(high)).map(made).collect();
        if low > high {
            all.reverse();
        }
        Ok(Some(Arc::new(all)))
    }
}

/// The first value inside an end.
fn bound(end: &Value, closed: bool, step: i64) -> Value {
    match end {
        _ if closed => end.clone(),
        Value::Date(date) => Value::option(Date::from_number(date.number() + step)),
        other => builtin::whole(other).map_or(Value::Null, |number| (number + step).into()),
    }
}
