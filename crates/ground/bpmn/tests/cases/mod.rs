//! One file for each part, and the helpers they share.

mod checking;
mod events;
mod joining;
mod migrating;
mod offices;
mod reading;
mod running;
mod sequences;

use serde_json::{Map, Value, json};
use zhengtong_bpmn::{
    Command, Conditions, Effect, ExecError, Model, OpenTask, State, TaskId, TaskKind, apply, start,
};

pub(super) const FOOD: &str = include_str!("../fixtures/food-licence.bpmn");
pub(super) const CONSULTATION: &str = include_str!("../fixtures/consultation.bpmn");
pub(super) const NOT_UNDERSTOOD: &str = include_str!("../fixtures/not-understood.bpmn");

/// Understands `name = "text"` and `name`, which is all the fixtures need.
pub(super) struct Plain;

impl Conditions for Plain {
    fn holds(&self, source: &str, variables: &Map<String, Value>) -> Result<bool, String> {
        if source == "broken" {
            return Err("no such name".to_owned());
        }
        Ok(match source.split_once(" = ") {
            Some((name, text)) => {
                variables.get(name).and_then(Value::as_str) == Some(text.trim_matches('"'))
            }
            None => variables.get(source).and_then(Value::as_bool) == Some(true),
        })
    }
}

/// An instance under test, which keeps its commands so that they can be replayed.
pub(super) struct Instance {
    pub(super) model: Model,
    pub(super) state: State,
    pub(super) effects: Vec<Effect>,
    vars: Map<String, Value>,
    commands: Vec<Command>,
}

impl Instance {
    pub(super) fn start(source: &str, vars: Value) -> Self {
        let model = Model::parse(source).unwrap();
        let vars = object(vars);
        let (state, effects) = start(&model, vars.clone(), &Plain).unwrap();
        Self { model, state, effects, vars, commands: Vec::new() }
    }

    pub(super) fn try_do(&mut self, command: Command) -> Result<(), ExecError> {
        let (state, effects) = apply(&self.model, self.state.clone(), command.clone(), &Plain)?;
        self.state = state;
        self.effects = effects;
        self.commands.push(command);
        Ok(())
    }

    pub(super) fn task(&self, node: &str) -> TaskId {
        let found: Vec<&OpenTask> =
            self.state.open.iter().filter(|open| open.node == node).collect();
        assert_eq!(found.len(), 1, "{node} open once, found {:?}", self.open());
        found[0].task
    }

    pub(super) fn done(&mut self, node: &str, vars: Value) {
        let task = self.task(node);
        let service = self.state.task(task).unwrap().kind == TaskKind::Service;
        let vars = object(vars);
        let command = if service {
            Command::CompleteService { task, vars }
        } else {
            Command::CompleteTask { task, vars }
        };
        self.try_do(command).unwrap();
    }

    pub(super) fn outcome(&mut self, node: &str, outcome: &str) {
        self.done(node, json!({"outcome": outcome}));
    }

    pub(super) fn open(&self) -> Vec<&str> {
        self.state.open.iter().map(|open| open.node.as_str()).collect()
    }

    /// The same commands from the beginning give the same state, also through JSON.
    pub(super) fn replay(&self) {
        let (mut state, _) = start(&self.model, self.vars.clone(), &Plain).unwrap();
        for command in &self.commands {
            let stored = serde_json::to_string(&(state, command)).unwrap();
            let (loaded, command): (State, Command) = serde_json::from_str(&stored).unwrap();
            state = apply(&self.model, loaded, command, &Plain).unwrap().0;
        }
        assert_eq!(state, self.state);
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A process from a few lines: `id kind attributes` and `a -> b [condition]`, for tests of small graphs.
pub(super) fn small(lines: &str) -> String {
    let mut body = String::new();
    for (number, line) in lines.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let part = if line == "end-sub" {
            "</subProcess>".to_owned()
        } else if let Some((source, rest)) = line.split_once(" -> ") {
            let (target, condition) = rest.split_once(' ').unwrap_or((rest, ""));
            let inner = if condition.is_empty() {
                String::new()
            } else {
                format!("<conditionExpression>{condition}</conditionExpression>")
            };
            format!(
                "<sequenceFlow id=\"{source}-{target}\" sourceRef=\"{source}\" targetRef=\"{target}\">{inner}</sequenceFlow>"
            )
        } else {
            let mut words = line.splitn(3, ' ');
            let (id, kind) = (words.next().unwrap(), words.next().unwrap());
            let attributes = words.next().unwrap_or_default();
            match kind {
                "user" => {
                    format!("<userTask id=\"{id}\" name=\"{id}\" zt:role=\"r\" {attributes}/>")
                }
                "sub" => format!("<subProcess id=\"{id}\">"),
                "several" => {
                    let enough = if attributes.is_empty() {
                        String::new()
                    } else {
                        format!("<completionCondition>{attributes}</completionCondition>")
                    };
                    format!(
                        "<userTask id=\"{id}\" name=\"{id}\" zt:role=\"r\"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>{enough}</multiInstanceLoopCharacteristics></userTask>"
                    )
                }
                "service" => format!("<serviceTask id=\"{id}\" zt:action=\"a.b\" {attributes}/>"),
                "stop" => format!("<endEvent id=\"{id}\"><terminateEventDefinition/></endEvent>"),
                "xor" => format!("<exclusiveGateway id=\"{id}\" {attributes}/>"),
                "and" => format!("<parallelGateway id=\"{id}\" {attributes}/>"),
                "or" => format!("<inclusiveGateway id=\"{id}\" {attributes}/>"),
                other => format!("<{other} id=\"{id}\" {attributes}/>"),
            }
        };
        body.push_str(&part);
        body.push('\n');
        assert!(number < 500);
    }
    format!(
        "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:zt=\"https://zhengtong.dev/bpmn\">\n<process id=\"p\" isExecutable=\"true\">\n{body}</process></definitions>"
    )
}
