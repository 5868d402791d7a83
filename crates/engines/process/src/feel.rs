//! FEEL as the language of conditions, keys, times and scripts; each expression of a model is parsed once.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zhengtong_bpmn::{Conditions, Looping, Model, NodeKind, Trigger};
use zhengtong_feel::{DateTime, Expr, Scope};

/// The expressions of a model by their text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expressions(BTreeMap<String, Expr>);

impl Expressions {
    /// Parses all expressions of a model; what cannot be parsed is left out and found again where it is used.
    pub(crate) fn of(model: &Model) -> Self {
        let parsed = |source: String| Some((source.clone(), Expr::parse(&source).ok()?));
        Self(sources(model).into_iter().filter_map(|(_, source)| parsed(source)).collect())
    }

    /// The names that all of them take, also those that a filter may mean.
    pub(crate) fn names(&self) -> std::collections::BTreeSet<String> {
        self.0.values().flat_map(|one| one.names().into_iter().chain(one.filter_names())).collect()
    }

    /// The value of an expression.
    pub(crate) fn value(
        &self,
        source: &str,
        scope: &Scope,
    ) -> Result<zhengtong_feel::Value, String> {
        let outcome = match self.0.get(source) {
            Some(expression) => expression.eval(scope),
            None => Expr::parse(source).and_then(|expression| expression.eval(scope)),
        };
        outcome.map_err(|error| error.to_string())
    }
}

/// Every expression of a model, with the element it belongs to.
pub(crate) fn sources(model: &Model) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        model.conditions().map(|(flow, source)| (flow.id.clone(), source.to_owned())).collect();
    for node in &model.nodes {
        let mut add = |source: &str| all.push((node.id.clone(), source.to_owned()));
        node.condition.iter().for_each(|source| add(source));
        node.key.iter().for_each(|source| add(source));
        if let Some(source) = node.department.as_deref().and_then(|one| one.strip_prefix('=')) {
            add(source.trim());
        }
        if node.action.is_none() {
            node.script.iter().for_each(|source| add(source));
        }
        for trigger in &node.triggers {
            match trigger {
                Trigger::Conditional { source } => add(source),
                // When a process begins is written out: there is nothing yet that an expression could look at.
                Trigger::Timer { form, text }
                    if crate::timer::literal(*form, text).is_none()
                        && !(node.kind == NodeKind::Start && node.scope == model.id) =>
                {
                    add(text);
                }
                _ => {}
            }
        }
        match &node.looping {
            Some(Looping::While { condition: Some(source), .. }) => add(source),
            Some(Looping::Each { count, enough, .. }) => {
                count.iter().chain(enough).for_each(|source| add(source));
            }
            _ => {}
        }
    }
    all
}

/// The conditions of one model. A lenient one takes what cannot be evaluated as not true.
pub(crate) struct Feel<'a> {
    pub(crate) expressions: &'a Expressions,
    pub(crate) lenient: bool,
}

impl Conditions for Feel<'_> {
    fn holds(&self, source: &str, variables: &Map<String, Value>) -> Result<bool, String> {
        let held = self.expressions.value(source, &Scope::from_json(variables));
        match held.map(|value| value.is_true()) {
            Err(_) if self.lenient => Ok(false),
            held => held,
        }
    }

    fn number(&self, source: &str, variables: &Map<String, Value>) -> Result<i64, String> {
        let found = self.expressions.value(source, &Scope::from_json(variables))?;
        found.to_json().as_i64().ok_or_else(|| format!("'{source}' gives {found}, no whole number"))
    }
}

/// Named values and the moment of the act.
pub(crate) fn scope_at(vars: &Map<String, Value>, now: OffsetDateTime) -> Scope {
    let scope = Scope::from_json(vars);
    let text = now.format(&Rfc3339).unwrap_or_default();
    match DateTime::parse(&text) {
        Some(moment) => scope.at(moment),
        None => scope,
    }
}
