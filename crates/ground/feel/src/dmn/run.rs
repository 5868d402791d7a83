//! Running a model: each decision once, with all it needs before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::logic;
use super::model::{Knowledge, Model, Parts, Service};
use super::read::Given;
use crate::error::FeelError;
use crate::eval::{Meter, Outcome};
use crate::function::{Body, Callable, Function, Parameter};
use crate::limits::LIMITS;
use crate::scope::Scope;
use crate::value::Value;

impl Model {
    /// The value of a decision for inputs by their names. Names of imported models are contexts.
    pub fn decide(&self, decision: &str, inputs: &Scope) -> Result<Value, FeelError> {
        let Some(address) = self.address_of(decision) else {
            return Err(FeelError::at("", 0, format!("there is no decision '{decision}'")));
        };
        let mut session = self.session(inputs);
        session.decision(&address)
    }

    /// Calls a business knowledge model or a decision service with arguments by the names of its parameters.
    pub fn invoke(&self, name: &str, arguments: &Scope) -> Result<Value, FeelError> {
        let mut session = self.session(arguments);
        let parts = Arc::clone(&self.parts);
        let own = |namespace: &str| namespace == parts.namespace;
        let function = parts
            .services
            .iter()
            .find(|(_, one)| one.name == name && own(&one.namespace))
            .map(|(_, service)| Ok(session.service(service)))
            .or_else(|| {
                let found =
                    parts.knowledge.iter().find(|(_, one)| one.name == name && own(&one.namespace));
                found.map(|(_, knowledge)| session.knowledge(knowledge))
            });
        let Some(function) = function else {
            return Err(FeelError::at(
                "",
                0,
                format!("there is nothing to call of the name '{name}'"),
            ));
        };
        let Value::Function(function) = function? else { return Ok(Value::Null) };
        let given =
            |parameter: &Parameter| arguments.get(&parameter.name).cloned().unwrap_or_default();
        let values = function.parameters.iter().map(given).collect();
        logic::apply(&function, values, arguments, &mut session.meter)
    }

    fn address_of(&self, decision: &str) -> Option<String> {
        let own =
            self.parts.decisions.iter().filter(|(_, one)| one.namespace == self.parts.namespace);
        let mut found =
            own.filter(|(_, one)| one.name == decision).map(|(address, _)| address.clone());
        found.next()
    }

    fn session(&self, inputs: &Scope) -> Session {
        let mut given = Given::new();
        for (address, input) in &self.parts.inputs {
            let found = if input.namespace == self.parts.namespace {
                inputs.get(&input.name)
            } else {
                // An imported input may be given under the name of the import, or by its own name.
                let alias = self.parts.alias(&self.parts.namespace, &input.namespace);
                match alias.and_then(|alias| inputs.get(&alias)) {
                    Some(Value::Context(inner)) => inner.get(&input.name),
                    _ => inputs.get(&input.name),
                }
            };
            if let Some(found) = found {
                given.insert(address.clone(), found.clone());
            }
        }
        Session {
            parts: Arc::clone(&self.parts),
            given,
            known: Given::new(),
            path: Vec::new(),
            meter: Meter { steps_max: LIMITS.model_steps, ..Meter::default() },
            clock: inputs.clone(),
        }
    }
}

impl Parts {
    /// The name under which one namespace sees another, through others if need be.
    fn alias(&self, here: &str, there: &str) -> Option<String> {
        let direct = self.imports.get(&(here.to_owned(), there.to_owned()));
        direct.filter(|name| !name.is_empty()).cloned()
    }
}

/// One run.
struct Session {
    parts: Arc<Parts>,
    /// Inputs, and decisions whose value is given.
    given: Given,
    /// Decisions that have been made.
    known: Given,
    /// Decisions being made inside each other.
    path: Vec<String>,
    meter: Meter,
    /// Only its moment is used.
    clock: Scope,
}

impl Session {
    fn decision(&mut self, address: &str) -> Outcome {
        if let Some(found) = self.given.get(address).or_else(|| self.known.get(address)) {
            return Ok(found.clone());
        }
        let parts = Arc::clone(&self.parts);
        let Some(decision) = parts.decisions.get(address) else { return Ok(Value::Null) };
        if self.path.iter().any(|open| open == address) {
            let message =
                format!("'{}' needs itself to be decided: break the circle", decision.name);
            return Err(FeelError::at("", 0, message));
        }
        if self.path.len() >= LIMITS.depth {
            return Err(FeelError::at("", 0, "too many decisions need each other in a row"));
        }
        self.path.push(address.to_owned());
        let scope = self.scope(&decision.needs, &decision.namespace)?;
        let found = match &decision.logic {
            Some(logic) => logic::value(logic, &scope, &mut self.meter)?,
            None => Value::Null,
        };
        self.path.pop();
        let found = decision.kind.fit(found, scope.kinds());
        self.known.insert(address.to_owned(), found.clone());
        Ok(found)
    }

    /// What a decision or function sees: exactly what it says it needs.
    fn scope(&mut self, needs: &[String], namespace: &str) -> Result<Scope, FeelError> {
        let parts = Arc::clone(&self.parts);
        let mut scope = Scope::new();
        if let Some(now) = self.clock.now() {
            scope = scope.at(now);
        }
        if let Some(kinds) = parts.kinds.get(namespace) {
            scope = scope.with_kinds(Arc::clone(kinds));
        }
        let mut imported: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for need in needs {
            let Some((home, name, value)) = self.needed(need)? else { continue };
            match parts.alias(namespace, &home) {
                Some(alias) if home != namespace => {
                    imported.entry(alias).or_default().insert(name, value);
                }
                _ => scope.set_whole(&name, value),
            }
        }
        for (alias, inner) in imported {
            scope.set_whole(&alias, Value::Context(Arc::new(inner)));
        }
        Ok(scope)
    }

    /// The namespace, name and value of something that is needed.
    fn needed(&mut self, address: &str) -> Result<Option<(String, String, Value)>, FeelError> {
        let parts = Arc::clone(&self.parts);
        if let Some(input) = parts.inputs.get(address) {
            let value = self.given.get(address).cloned().unwrap_or_default();
            let kinds = parts.kinds.get(&input.namespace).cloned().unwrap_or_default();
            let value = input.kind.fit(value, &kinds);
            return Ok(Some((input.namespace.clone(), input.name.clone(), value)));
        }
        if let Some(decision) = parts.decisions.get(address) {
            let value = self.decision(address)?;
            return Ok(Some((decision.namespace.clone(), decision.name.clone(), value)));
        }
        if let Some(knowledge) = parts.knowledge.get(address) {
            let value = self.knowledge(knowledge)?;
            return Ok(Some((knowledge.namespace.clone(), knowledge.name.clone(), value)));
        }
        if let Some(service) = parts.services.get(address) {
            let value = self.service(service);
            return Ok(Some((service.namespace.clone(), service.name.clone(), value)));
        }
        Ok(None)
    }

    fn knowledge(&mut self, knowledge: &Knowledge) -> Outcome {
        if self.path.len() >= LIMITS.depth {
            return Err(FeelError::at("", 0, "too many functions need each other in a row"));
        }
        self.path.push(knowledge.name.clone());
        let scope = self.scope(&knowledge.needs, &knowledge.namespace);
        self.path.pop();
        let made = logic::function(&knowledge.parameters, knowledge.logic.as_ref(), &scope?);
        let Value::Function(made) = made else { return Ok(Value::Null) };
        // A literal or table may itself give a function: then the type is of that one.
        let result = knowledge.kind.clone();
        Ok(match Arc::try_unwrap(made) {
            Ok(made) => Value::Function(Arc::new(Function { result, ..made })),
            Err(shared) => Value::Function(shared),
        })
    }

    fn service(&self, service: &Service) -> Value {
        let mut parameters = Vec::with_capacity(service.given.len());
        for address in &service.given {
            let parts = &self.parts;
            let named = parts.inputs.get(address).map(|one| (&one.name, &one.kind));
            let named =
                named.or_else(|| parts.decisions.get(address).map(|one| (&one.name, &one.kind)));
            let Some((name, kind)) = named else { return Value::Null };
            parameters.push(Parameter { name: name.as_str().into(), kind: kind.clone() });
        }
        let body = Body::Made(Arc::new(Served {
            parts: Arc::clone(&self.parts),
            outputs: service.outputs.clone(),
            addresses: service.given.clone(),
            given: self.given.clone(),
            clock: self.clock.clone(),
        }));
        let result = service.kind.clone();
        Value::Function(Arc::new(Function { parameters, result, body }))
    }
}

/// A decision service as a function.
#[derive(Debug)]
struct Served {
    parts: Arc<Parts>,
    outputs: Vec<String>,
    addresses: Vec<String>,
    given: Given,
    clock: Scope,
}

impl Callable for Served {
    fn call(&self, arguments: Vec<Value>, meter: &mut Meter) -> Outcome {
        let mut given = self.given.clone();
        given.extend(self.addresses.iter().cloned().zip(arguments));
        let mut session = Session {
            parts: Arc::clone(&self.parts),
            given,
            known: Given::new(),
            path: Vec::new(),
            meter: *meter,
            clock: self.clock.clone(),
        };
        let mut made = BTreeMap::new();
        let mut last = Value::Null;
        for output in &self.outputs {
            last = session.decision(output)?;
            if let Some(decision) = self.parts.decisions.get(output) {
                made.insert(decision.name.clone(), last.clone());
            }
        }
        *meter = session.meter;
        Ok(if self.outputs.len() == 1 { last } else { Value::Context(Arc::new(made)) })
    }
}
