//! From XML to a model. What cannot be read is a finding; the rest of the model can still run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{
    Aggregation, Body, Column, Decision, Finding, Input, Knowledge, Logic, Model, Output, Parts,
    Policy, Rule, Service, Table,
};
use super::xml::{self, Element};
use super::{index, kinds, names};
use crate::expr::{Expr, UnaryTests, parse_unary_knowing};
use crate::function::Parameter;
use crate::kind::{Kind, Kinds};
use crate::known::{Known, tidy};

impl Model {
    /// Reads a model from XML, with the models it imports behind it.
    pub fn read(source: &str, imported: &[&str]) -> Result<Self, Finding> {
        let mut roots = vec![xml::tree(source)?];
        for other in imported {
            roots.push(xml::tree(other)?);
        }
        let mut known = Known::default();
        for root in &roots {
            if root.name != "definitions" {
                let message = "this is no decision model: the root must be 'definitions'";
                return Err(Finding::new(root.line, root.name.as_str(), message));
            }
            names::of(root, &mut known);
        }
        let mut reader = Reader {
            known,
            parts: Parts::default(),
            findings: Vec::new(),
            namespace: String::new(),
        };
        for root in &roots {
            root.attribute("namespace").unwrap_or_default().clone_into(&mut reader.namespace);
            reader.file(root);
        }
        let first = roots.first().and_then(|root| root.attribute("namespace"));
        first.unwrap_or_default().clone_into(&mut reader.parts.namespace);
        reader.join_kinds();
        reader.findings.sort_by_key(|finding| finding.line);
        Ok(Self { parts: Arc::new(reader.parts), findings: reader.findings })
    }
}

struct Reader {
    known: Known,
    parts: Parts,
    findings: Vec<Finding>,
    namespace: String,
}

impl Reader {
    fn file(&mut self, root: &Element) {
        for import in root.all("import") {
            if let (Some(there), Some(name)) =
                (import.attribute("namespace"), import.attribute("name"))
            {
                let key = (self.namespace.clone(), there.to_owned());
                self.parts.imports.insert(key, tidy(name));
            }
        }
        let kinds = kinds::of(root, &self.known, &mut self.findings);
        self.parts.kinds.insert(self.namespace.clone(), Arc::new(kinds));
        for child in &root.children {
            let Some(name) = child.attribute("name").map(tidy) else { continue };
            let address = self.own(child.attribute("id").unwrap_or(&name));
            match child.name.as_str() {
                "inputData" => {
                    let input = Input {
                        namespace: self.namespace.clone(),
                        kind: variable_kind(child),
                        name: variable_name(child, name),
                    };
                    self.parts.inputs.insert(address, input);
                }
                "decision" => {
                    let decision = self.decision(child, name);
                    self.parts.decisions.insert(address, decision);
                }
                "businessKnowledgeModel" => {
                    let knowledge = self.knowledge(child, name);
                    self.parts.knowledge.insert(address, knowledge);
                }
                "decisionService" => {
                    let service = self.service(child, name);
                    self.parts.services.insert(address, service);
                }
                _ => {}
            }
        }
    }

    /// Types of imported models by their names here.
    fn join_kinds(&mut self) {
        let own = self.parts.kinds.clone();
        for ((here, there), name) in &self.parts.imports {
            let (Some(kinds), Some(foreign)) = (own.get(here), own.get(there)) else { continue };
            let joined = self.parts.kinds.entry(here.clone()).or_insert_with(|| Arc::clone(kinds));
            let joined: &mut Kinds = Arc::make_mut(joined);
            for (kind_name, kind) in foreign.iter() {
                joined.insert(format!("{name}.{kind_name}"), kind.clone());
                joined.entry(kind_name.clone()).or_insert_with(|| kind.clone());
            }
        }
    }

    fn own(&self, id: &str) -> String {
        format!("{}#{id}", self.namespace)
    }

    fn addresses(&self, element: &Element, wanted: &[&str]) -> Vec<String> {
        let hrefs = element.children.iter().filter(|child| wanted.contains(&child.name.as_str()));
        hrefs
            .filter_map(|child| child.attribute("href"))
            .map(|href| href.strip_prefix('#').map_or_else(|| href.to_owned(), |id| self.own(id)))
            .collect()
    }

    fn needs(&self, element: &Element) -> Vec<String> {
        let requirements =
            element.children.iter().filter(|child| child.name.ends_with("Requirement"));
        requirements
            .flat_map(|child| {
                self.addresses(child, &["requiredInput", "requiredDecision", "requiredKnowledge"])
            })
            .collect()
    }

    fn decision(&mut self, element: &Element, name: String) -> Decision {
        let logic = logic_child(element, &["variable"]).map(|child| self.logic(child, &name));
        if logic.is_none() {
            self.finding(element, &name, "this decision has no logic");
        }
        Decision {
            namespace: self.namespace.clone(),
            kind: variable_kind(element),
            needs: self.needs(element),
            name: variable_name(element, name),
            logic,
        }
    }

    fn knowledge(&mut self, element: &Element, name: String) -> Knowledge {
        let function = element.child("encapsulatedLogic");
        let foreign =
            function.is_some_and(|one| !matches!(one.attribute("kind"), None | Some("FEEL")));
        if foreign {
            self.finding(element, &name, "only functions in FEEL can run");
        }
        let body = function
            .filter(|_| !foreign)
            .and_then(|function| logic_child(function, &["formalParameter"]));
        Knowledge {
            namespace: self.namespace.clone(),
            kind: result_kind(variable_kind(element)),
            needs: self.needs(element),
            parameters: function.map(parameters).unwrap_or_default(),
            logic: body.map(|child| Arc::new(self.logic(child, &name))),
            name: variable_name(element, name),
        }
    }

    fn service(&mut self, element: &Element, name: String) -> Service {
        let mut given = self.addresses(element, &["inputData"]);
        given.extend(self.addresses(element, &["inputDecision"]));
        Service {
            namespace: self.namespace.clone(),
            kind: result_kind(variable_kind(element)),
            name: variable_name(element, name),
            outputs: self.addresses(element, &["outputDecision"]),
            given,
        }
    }

    /// A boxed expression.
    fn logic(&mut self, element: &Element, owner: &str) -> Logic {
        let kind = kinds::reference(element.attribute("typeRef"));
        let body = match element.name.as_str() {
            "literalExpression" => self.literal(element, owner),
            "decisionTable" => Body::Table(Box::new(self.table(element, owner))),
            "invocation" => self.invocation(element, owner),
            "context" => self.context(element, owner),
            "list" => Body::List(
                element
                    .children
                    .iter()
                    .filter(|one| is_logic(one))
                    .map(|one| self.logic(one, owner))
                    .collect(),
            ),
            "relation" => self.relation(element, owner),
            "functionDefinition" => self.function(element, owner),
            "conditional" => self
                .wrapped(element, ["if", "then", "else"], owner)
                .map_or(Body::Broken, |all| Body::If(Box::new(all))),
            "for" => self
                .iterator(element, "return", owner)
                .map_or(Body::Broken, |(name, all)| Body::For(name, Box::new(all))),
            "some" | "every" => {
                self.iterator(element, "satisfies", owner).map_or(Body::Broken, |(name, all)| {
                    Body::Quantified(element.name == "some", name, Box::new(all))
                })
            }
            "filter" => self
                .wrapped(element, ["in", "match"], owner)
                .map_or(Body::Broken, |all| Body::Filter(Box::new(all))),
            other => {
                self.finding(element, owner, format!("'{other}' is no expression"));
                Body::Broken
            }
        };
        Logic { body, kind }
    }

    fn literal(&mut self, element: &Element, owner: &str) -> Body {
        let text = element.inner_text().unwrap_or_default();
        if text.is_empty() {
            self.finding(element, owner, "this expression is empty");
            return Body::Broken;
        }
        self.expression(element, text, owner)
            .map_or(Body::Broken, |expr| Body::Literal(Box::new(expr)))
    }

    fn expression(&mut self, element: &Element, text: &str, owner: &str) -> Option<Expr> {
        match Expr::parse_knowing(text, &self.known) {
            Ok(expr) => Some(expr),
            Err(error) => {
                self.finding(element, owner, error.to_string());
                None
            }
        }
    }

    fn tests(&mut self, element: &Element, text: &str, owner: &str) -> Option<UnaryTests> {
        match parse_unary_knowing(text, &self.known) {
            Ok(tests) => Some(tests),
            Err(error) => {
                self.finding(element, owner, error.to_string());
                None
            }
        }
    }

    fn invocation(&mut self, element: &Element, owner: &str) -> Body {
        let Some(called) = element.children.iter().find(|child| is_logic(child)) else {
            self.finding(element, owner, "this invocation calls nothing");
            return Body::Broken;
        };
        let called = self.logic(called, owner);
        let mut bindings = Vec::new();
        for binding in element.all("binding") {
            let name = binding.child("parameter").and_then(|one| one.attribute("name"));
            let given = binding.children.iter().find(|child| is_logic(child));
            if let (Some(name), Some(given)) = (name, given) {
                bindings.push((tidy(name), self.logic(given, owner)));
            }
        }
        Body::Invocation(Box::new(called), bindings)
    }

    fn context(&mut self, element: &Element, owner: &str) -> Body {
        let mut entries = Vec::new();
        for entry in element.all("contextEntry") {
            let Some(value) = entry.children.iter().find(|child| is_logic(child)) else { continue };
            let variable = entry.child("variable").and_then(parameter);
            let value = self.logic(value, owner);
            entries.push((variable, value));
        }
        Body::Context(entries)
    }

    fn relation(&mut self, element: &Element, owner: &str) -> Body {
        let columns = element.all("column").filter_map(|column| column.attribute("name")).map(tidy);
        let columns: Vec<String> = columns.collect();
        let mut rows = Vec::new();
        for row in element.all("row") {
            let cells = row.children.iter().filter(|child| is_logic(child));
            rows.push(cells.map(|cell| self.logic(cell, owner)).collect());
        }
        Body::Relation(columns, rows)
    }

    fn function(&mut self, element: &Element, owner: &str) -> Body {
        let foreign = !matches!(element.attribute("kind"), None | Some("FEEL"));
        if foreign {
            self.finding(element, owner, "only functions in FEEL can run");
        }
        let body = element.children.iter().find(|child| is_logic(child)).filter(|_| !foreign);
        let body = body.map(|child| Arc::new(self.logic(child, owner)));
        Body::Function(parameters(element), body)
    }

    /// The expressions wrapped in the named children.
    fn wrapped<const N: usize>(
        &mut self,
        element: &Element,
        names: [&str; N],
        owner: &str,
    ) -> Option<[Logic; N]> {
        let mut all = Vec::with_capacity(N);
        for name in names {
            let inner = element
                .child(name)
                .and_then(|child| child.children.iter().find(|one| is_logic(one)));
            let Some(inner) = inner else {
                self.finding(element, owner, format!("'{name}' is missing"));
                return None;
            };
            all.push(self.logic(inner, owner));
        }
        all.try_into().ok()
    }

    fn iterator(
        &mut self,
        element: &Element,
        last: &str,
        owner: &str,
    ) -> Option<(String, [Logic; 2])> {
        let Some(name) = element.attribute("iteratorVariable").map(tidy) else {
            self.finding(element, owner, "'iteratorVariable' is missing");
            return None;
        };
        Some((name, self.wrapped(element, ["in", last], owner)?))
    }

    fn table(&mut self, element: &Element, owner: &str) -> Table {
        let inputs: Vec<Column> =
            element.all("input").map(|input| self.column(input, owner)).collect();
        let outputs: Vec<Output> =
            element.all("output").map(|output| self.output(output, owner)).collect();
        let rules: Vec<Rule> = element.all("rule").map(|rule| self.rule(rule, owner)).collect();
        let policy = self.policy(element, owner);
        let indexes = index::of(&rules, inputs.len());
        Table { policy, inputs, outputs, rules, indexes }
    }

    fn column(&mut self, input: &Element, owner: &str) -> Column {
        let expression = input.child("inputExpression");
        let text = expression.and_then(Element::inner_text).filter(|text| !text.is_empty());
        let allowed =
            input.child("inputValues").and_then(|values| Some((values, values.inner_text()?)));
        Column {
            expression: text.and_then(|text| self.expression(input, text, owner)),
            kind: kinds::reference(expression.and_then(|one| one.attribute("typeRef"))),
            allowed: allowed
                .filter(|(_, text)| !text.is_empty())
                .and_then(|(values, text)| self.tests(values, text, owner)),
        }
    }

    fn output(&mut self, output: &Element, owner: &str) -> Output {
        let values =
            output.child("outputValues").and_then(|values| Some((values, values.inner_text()?)));
        let allowed = values.filter(|(_, text)| !text.is_empty()).and_then(|(values, text)| {
            let listed = Expr::parse_knowing(&format!("[{text}]"), &self.known).ok();
            let listed = listed.map(Expr::elements).unwrap_or_default();
            Some((listed, self.tests(values, text, owner)?))
        });
        let default =
            output.child("defaultOutputEntry").and_then(|one| Some((one, one.inner_text()?)));
        Output {
            name: output.attribute("name").map(tidy).unwrap_or_default(),
            kind: kinds::reference(output.attribute("typeRef")),
            allowed,
            default: default.and_then(|(one, text)| self.expression(one, text, owner)),
        }
    }

    fn rule(&mut self, rule: &Element, owner: &str) -> Rule {
        let conditions = rule.all("inputEntry").map(|cell| {
            let text = cell.inner_text().filter(|text| !text.is_empty()).unwrap_or("-");
            self.tests(cell, text, owner)
        });
        let conditions = conditions.collect();
        let results = rule.all("outputEntry").map(|cell| {
            let text = cell.inner_text().filter(|text| !text.is_empty() && *text != "-")?;
            self.expression(cell, text, owner)
        });
        Rule { conditions, results: results.collect() }
    }

    fn policy(&mut self, element: &Element, owner: &str) -> Policy {
        let aggregation = match element.attribute("aggregation") {
            Some("SUM") => Some(Aggregation::Sum),
            Some("COUNT") => Some(Aggregation::Count),
            Some("MIN") => Some(Aggregation::Min),
            Some("MAX") => Some(Aggregation::Max),
            _ => None,
        };
        match element.attribute("hitPolicy").unwrap_or("UNIQUE") {
            "UNIQUE" => Policy::Unique,
            "ANY" => Policy::Any,
            "PRIORITY" => Policy::Priority,
            "FIRST" => Policy::First,
            "RULE ORDER" => Policy::RuleOrder,
            "OUTPUT ORDER" => Policy::OutputOrder,
            "COLLECT" => Policy::Collect(aggregation),
            other => {
                self.finding(element, owner, format!("unknown hit policy '{other}'"));
                Policy::Unique
            }
        }
    }

    fn finding(&mut self, element: &Element, owner: &str, message: impl Into<String>) {
        let element_name = element.attribute("id").unwrap_or(owner);
        self.findings.push(Finding::new(element.line, element_name, message));
    }
}

/// Names of boxed expressions.
const LOGIC: [&str; 12] = [
    "literalExpression",
    "decisionTable",
    "invocation",
    "context",
    "list",
    "relation",
    "functionDefinition",
    "conditional",
    "for",
    "some",
    "every",
    "filter",
];

fn is_logic(element: &Element) -> bool {
    LOGIC.contains(&element.name.as_str())
}

fn logic_child<'e>(element: &'e Element, others: &[&str]) -> Option<&'e Element> {
    element.children.iter().find(|child| is_logic(child) && !others.contains(&child.name.as_str()))
}

fn variable_kind(element: &Element) -> Kind {
    kinds::reference(element.child("variable").and_then(|variable| variable.attribute("typeRef")))
}

fn variable_name(element: &Element, otherwise: String) -> String {
    let named = element.child("variable").and_then(|variable| variable.attribute("name"));
    named.map(tidy).filter(|name| !name.is_empty()).unwrap_or(otherwise)
}

/// What a function gives, whether its variable says so or names the type of the function.
fn result_kind(kind: Kind) -> Kind {
    match kind {
        Kind::Function(_, gives) => *gives,
        other => other,
    }
}

fn parameters(element: &Element) -> Vec<Parameter> {
    element.all("formalParameter").filter_map(parameter).collect()
}

fn parameter(element: &Element) -> Option<Parameter> {
    let name = element.attribute("name").map(tidy)?;
    Some(Parameter {
        name: name.as_str().into(),
        kind: kinds::reference(element.attribute("typeRef")),
    })
}

/// Values by address.
pub(super) type Given = BTreeMap<String, crate::value::Value>;
