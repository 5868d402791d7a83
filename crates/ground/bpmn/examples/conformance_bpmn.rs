//! Judges the crate by models of others with known traces: prints one line of JSON for each suite.

#![allow(clippy::print_stdout, reason = "its lines are its result")]

use std::collections::VecDeque;
use std::error::Error;
use std::path::Path;

use serde_json::{Map, Value, json};
use zhengtong_bpmn::{
    Command, Conditions, Document, Effect, Ending, ExecError, Model, NodeKind, Part, State, Tag,
    TaskKind, TimerForm, Trigger, apply, start, start_at,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How long timers run when a test does not say, in milliseconds.
const PATIENCE_MS: u64 = 10_000;

fn main() -> Outcome<()> {
    let suites = std::env::args().nth(1).ok_or("the folder of the suites must be given")?;
    let wanted = std::env::args().nth(2);
    exchange(&Path::new(&suites).join("bpmn-miwg"))?;
    let folder = Path::new(&suites).join("bpmn-execution");
    if !folder.is_dir() {
        return Ok(());
    }
    let tests: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("tests.json"))?)?;
    let (mut passed, mut failures) = (0, Vec::new());
    for test in &tests {
        let file = test["file"].as_str().unwrap_or_default();
        if wanted.as_ref().is_some_and(|word| !file.contains(word.as_str())) {
            continue;
        }
        let source = std::fs::read_to_string(folder.join(file))?;
        let wrong: Vec<String> = test["cases"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|case| judge(&source, case).err())
            .collect();
        if wrong.is_empty() {
            passed += 1;
        } else {
            let name = test["name"].as_str().unwrap_or_default();
            failures.push(json!({"name": name, "why": wrong.join("; ")}));
        }
    }
    let line = json!({"suite": "bpmn-execution", "passed": passed, "failed": failures.len(), "failures": failures});
    println!("{line}");
    Ok(())
}

/// Files of others, read and written again, must mean the same: the same elements, attributes, references, texts and drawing,
/// whatever prefixes they use; and the model in them must be the same.
fn exchange(folder: &Path) -> Outcome<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let (mut passed, mut failures) = (0, Vec::new());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "bpmn"))
    {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match there_and_back(&std::fs::read(file)?) {
            Ok(()) => passed += 1,
            Err(why) => failures.push(json!({"name": name, "why": why})),
        }
    }
    let line = json!({"suite": "bpmn-miwg", "passed": passed, "failed": failures.len(), "failures": failures});
    println!("{line}");
    Ok(())
}

fn there_and_back(bytes: &[u8]) -> Result<(), String> {
    let first = Document::read(bytes).map_err(|error| error.to_string())?;
    let second = Document::read(first.write().as_bytes()).map_err(|error| error.to_string())?;
    let (one, two) = (meanings(&first), meanings(&second));
    if one != two {
        let lost: Vec<&String> = one.iter().filter(|line| !two.contains(line)).take(3).collect();
        return Err(format!("lost: {lost:?}"));
    }
    let source = String::from_utf8(bytes.to_vec()).ok().filter(|_| !one.is_empty());
    let model = first.model().map_err(|error| error.to_string())?;
    let again = second.model().map_err(|error| error.to_string())?;
    if model != again {
        return Err("the model changed".to_owned());
    }
    if model.nodes.is_empty() && one.iter().any(|line| line.contains("}startEvent ")) {
        return Err("the model has no nodes".to_owned());
    }
    if model.diagram.shapes.is_empty() && one.iter().any(|line| line.contains("}BPMNShape ")) {
        return Err("the drawing is gone".to_owned());
    }
    if let Some(source) = source
        && Model::parse(&source).is_ok_and(|direct| direct.nodes.len() != model.nodes.len())
    {
        return Err("nodes were lost".to_owned());
    }
    Ok(())
}

/// What a file says, a line for each element: its path, its attributes in order of their names, its text.
fn meanings(document: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    for part in &document.parts {
        if let Part::Element(tag) = part {
            meaning(tag, &[], "", &mut lines);
        }
    }
    lines
}

fn meaning(tag: &Tag, outer: &[(String, String)], path: &str, lines: &mut Vec<String>) {
    let mut spaces = outer.to_vec();
    for (name, value) in &tag.attributes {
        if name == "xmlns" {
            spaces.push((String::new(), value.clone()));
        } else if let Some(prefix) = name.strip_prefix("xmlns:") {
            spaces.push((prefix.to_owned(), value.clone()));
        }
    }
    let resolved = |name: &str, default: bool| {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let space = spaces
            .iter()
            .rev()
            .find(|(known, _)| known == prefix && (default || !prefix.is_empty()));
        format!("{{{}}}{local}", space.map_or("", |(_, space)| space))
    };
    let path = format!("{path}/{}", resolved(&tag.name, true));
    let mut attributes: Vec<String> = tag
        .attributes
        .iter()
        .filter(|(name, _)| name != "xmlns" && !name.starts_with("xmlns:"))
        .map(|(name, value)| format!("{}={value:?}", resolved(name, false)))
        .collect();
    attributes.sort();
    let text: String = tag
        .parts
        .iter()
        .filter_map(|part| if let Part::Text(text) = part { Some(text.trim()) } else { None })
        .collect();
    lines.push(format!("{path} {} {text:?}", attributes.join(" ")));
    for part in &tag.parts {
        if let Part::Element(inner) = part {
            meaning(inner, &spaces, &path, lines);
        }
    }
}

/// Runs one case and compares the trace with what must be in it.
fn judge(source: &str, case: &Value) -> Result<(), String> {
    let calls: Vec<(&str, &str)> = case
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|call| Some((call[0].as_str()?, call[1].as_str().unwrap_or_default())))
        .collect();
    let has = |name: &str| calls.iter().any(|(call, _)| *call == name);
    let mut vars = Map::new();
    vars.insert("integerVariable".to_owned(), 0.into());
    vars.insert("test".to_owned(), "".into());
    let mut wanted = Vec::new();
    let mut patience = PATIENCE_MS;
    for (call, argument) in &calls {
        if let Some(input) = call.strip_prefix("input") {
            vars.insert("test".to_owned(), input.to_lowercase().into());
        } else if let Some(task) = call.strip_prefix("assertTask") {
            wanted.push(format!("task{task}"));
        } else {
            match *call {
                "setIntegerVariable" => {
                    let number: i64 = argument.parse().map_err(|_wrong| "a number is wanted")?;
                    vars.insert("integerVariable".to_owned(), number.into());
                }
                "optionDelay" => {
                    patience = argument.parse().map_err(|_wrong| "a delay is wanted")?;
                }
                "assertIncrement" => wanted.push("increment".to_owned()),
                "assertMarkerExists" => wanted.push("MARKER".to_owned()),
                _ => {}
            }
        }
    }
    let must_fail = calls.iter().any(|(call, _)| {
        matches!(*call, "assertGenericError" | "assertRuntimeException")
            || call.starts_with("assertErrorThrown")
    });
    let mut world = World { source: source.to_owned(), ..World::default() };
    let ran = world.run(vars, has("useParallelProcess"), patience);
    let failed = ran.is_err() || world.failed;
    if must_fail != failed {
        return Err(format!("must fail: {must_fail}, but: {ran:?}, failed: {}", world.failed));
    }
    wanted.sort();
    world.trace.sort();
    if world.trace != wanted {
        return Err(format!("wanted {wanted:?}, found {:?}", world.trace));
    }
    if has("assertExecutionParallel") && !world.overlapped {
        return Err("the branches did not overlap".to_owned());
    }
    if has("assertDataCorrect") && !world.data_came {
        return Err("the data did not come".to_owned());
    }
    Ok(())
}

/// All instances of a test, with a clock of their own.
#[derive(Default)]
struct World {
    source: String,
    instances: Vec<(Model, State)>,
    waiting: VecDeque<(usize, Effect)>,
    /// Due time, instance, wait.
    timers: Vec<(u64, usize, u64)>,
    now: u64,
    trace: Vec<String>,
    failed: bool,
    overlapped: bool,
    data_came: bool,
}

impl World {
    fn run(&mut self, vars: Map<String, Value>, both: bool, patience: u64) -> Result<(), String> {
        let first = Model::parse(&self.source).map_err(|error| error.to_string())?;
        let second = first.others.first().map(|(id, _)| id.clone());
        self.begin(first, None, vars.clone()).map_err(|error| error.to_string())?;
        if let Some(second) = second.filter(|_| both) {
            let model =
                Model::parse_process(&self.source, &second).map_err(|error| error.to_string())?;
            self.begin(model, None, vars).map_err(|error| error.to_string())?;
        }
        loop {
            while let Some((instance, effect)) = self.waiting.pop_front() {
                match self.take(instance, effect) {
                    // Where the suite lets an instance wait for ever, the engine says so.
                    Ok(()) | Err(ExecError::Stuck { .. }) => {}
                    Err(error) => return Err(error.to_string()),
                }
            }
            self.timers.sort_unstable();
            let due = self.timers.first().copied().filter(|(due, _, _)| *due <= patience);
            let Some((due, instance, wait)) = due else { return Ok(()) };
            self.timers.remove(0);
            self.now = due;
            match self.tell(instance, Command::Happen { wait, vars: Map::new() }) {
                Ok(()) | Err(ExecError::NotAwaited(_) | ExecError::Ended) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    fn begin(
        &mut self,
        model: Model,
        event: Option<&str>,
        vars: Map<String, Value>,
    ) -> Result<(), ExecError> {
        let (state, effects) = match event {
            Some(event) => start_at(&model, Some(event), vars, &Betsy)?,
            None => start(&model, vars, &Betsy)?,
        };
        let instance = self.instances.len();
        self.instances.push((model, state));
        self.heard(instance, effects);
        Ok(())
    }

    fn tell(&mut self, instance: usize, command: Command) -> Result<(), ExecError> {
        let Some((model, state)) = self.instances.get(instance) else { return Ok(()) };
        let (state, effects) = apply(model, state.clone(), command, &Betsy)?;
        if let Some(place) = self.instances.get_mut(instance) {
            place.1 = state;
        }
        self.heard(instance, effects);
        Ok(())
    }

    fn heard(&mut self, instance: usize, effects: Vec<Effect>) {
        if let Some((model, state)) = self.instances.get(instance) {
            let stamped = |node: &str| {
                let script = model.node(node).and_then(|node| node.script.as_deref());
                script.is_some_and(|script| script.starts_with("CREATE_TIMESTAMP_LOG"))
            };
            self.overlapped |= state.open.iter().filter(|open| stamped(&open.node)).count() > 1;
        }
        self.waiting.extend(effects.into_iter().map(|effect| (instance, effect)));
    }

    fn take(&mut self, instance: usize, effect: Effect) -> Result<(), ExecError> {
        match effect {
            Effect::ServiceDue { task, node, .. } => {
                let open = self
                    .instances
                    .get(instance)
                    .is_some_and(|(_, state)| state.task(task).is_some());
                if !open {
                    return Ok(());
                }
                let vars = self.script(instance, &node);
                self.tell(instance, Command::CompleteService { task, vars })
            }
            Effect::TaskOpened { task, kind, .. } if kind != TaskKind::Receive => {
                self.tell(instance, Command::CompleteTask { task, vars: Map::new() })
            }
            Effect::WaitOpened { wait, trigger: Trigger::Timer { form, text }, .. } => {
                let duration = match form {
                    TimerForm::Cycle => text.split('/').nth(1).unwrap_or_default(),
                    TimerForm::Date | TimerForm::Duration => text.as_str(),
                };
                self.timers.push((self.now + milliseconds(duration), instance, wait));
                Ok(())
            }
            Effect::MessageSent { name, .. } => self.message(instance, &name),
            Effect::SignalSent { name, .. } => self.signal(instance, &name),
            Effect::Ended { ending: Ending::Failed { .. } } => {
                self.failed = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn script(&mut self, instance: usize, node: &str) -> Map<String, Value> {
        let mut found = Map::new();
        let Some((model, state)) = self.instances.get(instance) else { return found };
        let script = model.node(node).and_then(|node| node.script.clone()).unwrap_or_default();
        let number = state.variables.get("integerVariable").and_then(Value::as_i64).unwrap_or(0);
        if let Some(task) = script.strip_prefix("SCRIPT_") {
            self.trace.push(task.to_owned());
        }
        match script.as_str() {
            "INCREMENT_INTEGER_VARIABLE" => {
                found.insert("integerVariable".to_owned(), (number + 1).into());
            }
            "INCREMENT_INTEGER_VARIABLE_AND_LOG" => {
                found.insert("integerVariable".to_owned(), (number + 1).into());
                self.trace.push("increment".to_owned());
            }
            "CREATE_MARKER_FILE" => self.trace.push("MARKER".to_owned()),
            "SET_STRING_DATA" => {
                found.insert("data".to_owned(), "String".into());
            }
            "LOG_DATA" => self.data_came |= state.variables.get("data") == Some(&"String".into()),
            _ => {}
        }
        found
    }

    /// A message goes to whoever waits for it elsewhere, or begins a process.
    fn message(&mut self, from: usize, name: &str) -> Result<(), ExecError> {
        for instance in (0..self.instances.len()).filter(|instance| *instance != from) {
            let Some((model, state)) = self.instances.get(instance) else { continue };
            let hears = |trigger: &Trigger| matches!(trigger, Trigger::Message { name: awaited } if awaited == name);
            if let Some(wait) = state.waits.iter().find(|wait| hears(&wait.trigger)) {
                return self.tell(instance, Command::Happen { wait: wait.id, vars: Map::new() });
            }
            let receives = state.open.iter().find(|open| {
                open.kind == TaskKind::Receive
                    && model.node(&open.node).is_some_and(|node| {
                        node.triggers.is_empty() || node.triggers.iter().any(hears)
                    })
            });
            if let Some(open) = receives {
                return self
                    .tell(instance, Command::CompleteTask { task: open.task, vars: Map::new() });
            }
        }
        self.begin_at(
            |trigger| matches!(trigger, Trigger::Message { name: awaited } if awaited == name),
        )
    }

    fn signal(&mut self, from: usize, name: &str) -> Result<(), ExecError> {
        for instance in (0..self.instances.len()).filter(|instance| *instance != from) {
            let command = Command::Signal { name: name.to_owned(), vars: Map::new() };
            match self.tell(instance, command) {
                Ok(()) | Err(ExecError::Ended) => {}
                Err(error) => return Err(error),
            }
        }
        self.begin_at(
            |trigger| matches!(trigger, Trigger::Signal { name: awaited } if awaited == name),
        )
    }

    /// Begins the processes of the file that something like this begins.
    fn begin_at(&mut self, hears: impl Fn(&Trigger) -> bool) -> Result<(), ExecError> {
        let Ok(first) = Model::parse(&self.source) else { return Ok(()) };
        for (id, _) in &first.others {
            let Ok(model) = Model::parse_process(&self.source, id) else { continue };
            let event = model.nodes.iter().find(|node| {
                node.kind == NodeKind::Start
                    && node.scope == *id
                    && node.triggers.iter().any(&hears)
            });
            if let Some(event) = event.map(|event| event.id.clone()) {
                self.begin(model, Some(&event), Map::new())?;
            }
        }
        Ok(())
    }
}

fn milliseconds(duration: &str) -> u64 {
    let number: String = duration.chars().filter(char::is_ascii_digit).collect();
    let number: u64 = number.parse().unwrap_or(0);
    match duration.chars().next_back() {
        Some('M') => number * 60_000,
        Some('H') => number * 3_600_000,
        _ => number * 1_000,
    }
}

/// The conditions of the suite: `test.contains("a")`, `!`, `&&`, `||`, comparisons of numbers, `true` and `false`.
struct Betsy;

impl Conditions for Betsy {
    fn holds(&self, source: &str, variables: &Map<String, Value>) -> Result<bool, String> {
        let source = source.trim().trim_start_matches("${").trim_end_matches('}');
        if let Some((left, right)) = source.split_once("||") {
            return Ok(self.holds(left, variables)? || self.holds(right, variables)?);
        }
        if let Some((left, right)) = source.split_once("&&") {
            return Ok(self.holds(left, variables)? && self.holds(right, variables)?);
        }
        let source = source.trim();
        if let Some(rest) = source.strip_prefix('!') {
            return Ok(!self.holds(rest, variables)?);
        }
        if let Some(rest) = source.strip_prefix("test.contains(\"") {
            let letter = rest.trim_end_matches(')').trim_end_matches('"');
            let test = variables.get("test").and_then(Value::as_str).unwrap_or_default();
            return Ok(test.contains(letter));
        }
        for (sign, fits) in [
            (">=", (|a, b| a >= b) as fn(i64, i64) -> bool),
            ("<=", |a, b| a <= b),
            ("<", |a, b| a < b),
            (">", |a, b| a > b),
        ] {
            if let Some((left, right)) = source.split_once(sign) {
                return Ok(fits(self.number(left, variables)?, self.number(right, variables)?));
            }
        }
        match source {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(format!("'{source}' is not understood")),
        }
    }

    fn number(&self, source: &str, variables: &Map<String, Value>) -> Result<i64, String> {
        let source = source.trim().trim_start_matches("${").trim_end_matches('}').trim();
        let known = source.parse().ok().or_else(|| variables.get(source).and_then(Value::as_i64));
        known.ok_or_else(|| format!("'{source}' is no number"))
    }
}
