//! Random processes and random commands: an instance is never left waiting for nobody, no todo is lost, and no join fires twice.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;
use zhengtong_bpmn::{
    Command, Effect, ExecError, Level, Model, OpenTask, Rule, SignPlace, TaskId, TaskKind, check,
    returns, returns_straight, targets,
};

use super::{Instance, object, small};

/// A block of a well-formed process.
#[derive(Debug, Clone)]
enum Block {
    User,
    Service,
    Sequence(Vec<Block>),
    Either(Vec<Block>),
    Both(Vec<Block>),
    Some(Vec<Block>),
    /// Repeats as long as a condition holds; a person is asked each time.
    Again(Box<Block>),
    /// Several do it; all of them, or until enough did.
    Several(bool),
    /// A sub-process.
    Inside(Box<Block>),
}

fn block() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![
        4 => Just(Block::User),
        1 => Just(Block::Service),
        1 => any::<bool>().prop_map(Block::Several),
    ];
    leaf.prop_recursive(3, 14, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(Block::Sequence),
            several.clone().prop_map(Block::Either),
            several.clone().prop_map(Block::Both),
            several.prop_map(Block::Some),
            inner.clone().prop_map(|inner| Block::Again(Box::new(inner))),
            inner.prop_map(|inner| Block::Inside(Box::new(inner))),
        ]
    })
}

/// Writes blocks as lines for [`small`].
#[derive(Default)]
struct Writer {
    lines: Vec<String>,
    count: usize,
}

impl Writer {
    fn node(&mut self, kind: &str, prefix: &str) -> String {
        self.count += 1;
        let id = format!("{prefix}{}", self.count);
        self.lines.push(format!("{id} {kind}"));
        id
    }

    fn flow(&mut self, from: &str, to: &str, condition: &str) {
        self.lines.push(format!("{from} -> {to} {condition}").trim().to_owned());
    }

    /// Writes a block and gives its first and last node.
    fn block(&mut self, block: &Block) -> (String, String) {
        match block {
            Block::User => {
                let id = self.node("user", "u");
                (id.clone(), id)
            }
            Block::Service => {
                let id = self.node("service", "v");
                (id.clone(), id)
            }
            Block::Several(enough) => {
                let id = self.node("several", "u");
                if *enough {
                    self.lines.pop();
                    self.lines.push(format!("{id} several enough"));
                }
                (id.clone(), id)
            }
            Block::Inside(inner) => {
                let outer = self.node("sub", "p");
                let mut writer = Writer { lines: Vec::new(), count: self.count };
                writer.process(inner);
                self.count = writer.count;
                self.lines.extend(writer.lines);
                self.lines.push("end-sub".to_owned());
                (outer.clone(), outer)
            }
            Block::Sequence(all) => {
                let ends: Vec<(String, String)> = all.iter().map(|one| self.block(one)).collect();
                for pair in ends.windows(2) {
                    self.flow(&pair[0].1, &pair[1].0, "");
                }
                (ends[0].0.clone(), ends[ends.len() - 1].1.clone())
            }
            Block::Either(all) => self.branches("xor", all),
            Block::Both(all) => self.branches("and", all),
            Block::Some(all) => self.branches("or", all),
            Block::Again(inner) => {
                let merge = self.node("xor", "m");
                let ask = self.node("user", "u");
                let (first, last) = self.block(inner);
                self.count += 1;
                let (decide, out) = (format!("x{}", self.count), format!("o{}", self.count));
                self.lines.push(format!("{decide} xor default=\"{decide}-{out}\""));
                self.lines.push(format!("{out} xor"));
                self.flow(&merge, &ask, "");
                self.flow(&ask, &first, "");
                self.flow(&last, &decide, "");
                self.flow(&decide, &merge, "again");
                self.flow(&decide, &out, "");
                (merge, out)
            }
        }
    }

    fn process(&mut self, block: &Block) {
        let start = self.node("startEvent", "s");
        let (first, last) = self.block(block);
        let end = self.node("endEvent", "e");
        self.flow(&start, &first, "");
        self.flow(&last, &end, "");
    }

    fn branches(&mut self, kind: &str, all: &[Block]) -> (String, String) {
        let ends: Vec<(String, String)> = all.iter().map(|one| self.block(one)).collect();
        self.count += 1;
        let (split, join) = (format!("f{}", self.count), format!("j{}", self.count));
        let default = if kind == "and" {
            String::new()
        } else {
            format!(" default=\"{split}-{}\"", ends[0].0)
        };
        self.lines.push(format!("{split} {kind}{default}"));
        self.lines.push(format!("{join} {kind}"));
        for (branch, (first, last)) in ends.iter().enumerate() {
            let condition =
                if kind == "and" || branch == 0 { String::new() } else { format!("c{branch}") };
            self.flow(&split, first, &condition);
            self.flow(last, &join, "");
        }
        (split, join)
    }
}

fn process(block: &Block) -> String {
    let mut writer = Writer::default();
    writer.process(block);
    small(&writer.lines.join("\n"))
}

/// An instance with the book of its tasks: each is opened once, and closed or cancelled once.
struct Watched {
    instance: Instance,
    open: BTreeSet<TaskId>,
    known: BTreeSet<TaskId>,
}

impl Watched {
    /// Some words that the models of packs ask for are known from the start.
    fn start(source: &str) -> Self {
        let instance = Instance::start(source, json!({ "units": ["tax", "water"] }));
        let (open, known) = (BTreeSet::new(), BTreeSet::new());
        let mut watched = Self { instance, open, known };
        watched.write();
        watched
    }

    /// Carries out a command and looks at what it left; what does not fit here must change nothing.
    fn act(&mut self, command: &Command) {
        let before = self.instance.state.clone();
        match self.instance.try_do(command.clone()) {
            Ok(()) => self.write(),
            Err(
                ExecError::NotPossible { .. }
                | ExecError::ReturnNotPossible { .. }
                | ExecError::WrongKind(_)
                | ExecError::TooManySteps,
            ) => assert_eq!(self.instance.state, before),
            Err(error) => panic!("{command:?}: {error}"),
        }
        self.holds();
    }

    fn write(&mut self) {
        for effect in &self.instance.effects {
            match effect {
                Effect::TaskOpened { task, .. } | Effect::ServiceDue { task, .. } => {
                    assert!(self.known.insert(*task), "opened twice: {task}");
                    self.open.insert(*task);
                }
                Effect::TaskClosed { task, .. } | Effect::TaskCancelled { task, .. } => {
                    assert!(self.open.remove(task), "ended without being open: {task}");
                }
                _ => {}
            }
        }
        let open: BTreeSet<TaskId> =
            self.instance.state.open.iter().map(|open| open.task).collect();
        assert_eq!(open, self.open, "no todo is lost");
    }

    /// What must hold between any two commands.
    fn holds(&self) {
        let state = &self.instance.state;
        let asked = !state.open.is_empty() || !state.waits.is_empty();
        assert_eq!(state.ended.is_none(), asked, "ended, or somebody is asked");
        assert_eq!(state.ended.is_none(), !state.tokens.is_empty(), "ended, or a token rests");
        let rests = |token: &zhengtong_bpmn::Token| {
            let place = token.then.first().unwrap_or(&token.node).clone();
            (token.scope, place, token.flow.clone())
        };
        let mut all: Vec<_> = state.tokens.iter().map(rests).collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count, "no step is open twice, as when a join fires twice");
        for open in &state.open {
            let token = state.tokens.iter().find(|token| token.id == open.token);
            assert!(token.is_some_and(|token| token.node == open.node));
        }
        for panel in &state.panels {
            assert!(state.tokens.iter().any(|token| token.id == panel.token), "{panel:?}");
        }
        for token in state.tokens.iter().filter(|token| token.flow.is_none()) {
            let works = state.open.iter().any(|open| open.token == token.id)
                || state.scopes.iter().any(|scope| scope.token == Some(token.id))
                || state
                    .waits
                    .iter()
                    .any(|wait| wait.host == zhengtong_bpmn::Host::Token(token.id));
            assert!(works, "nobody works at {}", token.node);
        }
    }

    /// What an office may do to an open task, by `choice`.
    fn office(&self, open: &OpenTask, choice: u8, flags: u8) -> Command {
        let (task, state) = (open.task, &self.instance.state);
        let model = &self.instance.model;
        let who = |n: u8| (0..=n % 3).map(|one| format!("p{one}")).collect::<Vec<_>>();
        let any = |nodes: Vec<&zhengtong_bpmn::Node>| {
            let at = usize::from(flags) % nodes.len().max(1);
            nodes.get(at).map(|node| node.id.clone())
        };
        let done = Command::Assign { task, to: Some("p9".to_owned()) };
        match choice % 11 {
            0 => any(returns(model, state, task)).map_or(done, |node| Command::ReturnTo {
                task,
                node,
                straight: false,
            }),
            1 => any(returns_straight(model, state, task)).map_or(done, |node| Command::ReturnTo {
                task,
                node,
                straight: true,
            }),
            2 => any(targets(model, state, task)).map_or(done, |node| {
                let reason = "test".to_owned();
                Command::SendTo { task, node, reason }
            }),
            3 => {
                let mut last: Vec<TaskId> = state.visits.values().map(|one| one.task).collect();
                last.extend(state.panels.iter().flat_map(|one| &one.given).map(|one| one.task));
                let at = usize::from(flags) % last.len().max(1);
                last.get(at).map_or(done, |task| Command::TakeBack { task: *task })
            }
            4 => Command::Delegate { task, to: "p8".to_owned() },
            5 => Command::GiveBack { task },
            6 => {
                let places = [SignPlace::Before, SignPlace::After, SignPlace::Together];
                let place = places[usize::from(flags) % 3];
                Command::AddSign { task, who: who(flags / 3), place }
            }
            7 => Command::RemoveSign { task },
            8 => {
                let rules = [Rule::All, Rule::One, Rule::Ratio(60)];
                let rule = rules[usize::from(flags) % 3];
                Command::Countersign { task, who: who(flags / 3), rule }
            }
            9 => Command::AskOpinions { task, who: who(flags), waits: flags & 8 == 8 },
            _ => done,
        }
    }

    /// Carries out one random command, chosen by `pick`.
    fn random(&mut self, pick: u8, choice: u8, flags: u8) {
        let all = &self.instance.state.open;
        let open = all[usize::from(pick) % all.len()].clone();
        let task = open.task;
        let vars = object(json!({
            "c1": flags & 1 == 1, "c2": flags & 2 == 2, "c3": flags & 4 == 4,
            "again": flags & 0b1_1000 == 0b1_1000, "enough": flags & 32 == 32
        }));
        let service = open.kind == TaskKind::Service;
        let command = match choice {
            0..=119 if !service => self.office(&open, choice, flags),
            0..=20 if service => Command::FailService { task, reason: "test".into() },
            255 => Command::Withdraw,
            254 => Command::Terminate { reason: "test".into() },
            _ if service => Command::CompleteService { task, vars },
            _ => Command::CompleteTask { task, vars },
        };
        self.act(&command);
    }

    /// Whoever goes on and never asks for another round comes to the end.
    fn go_on_to_the_end(&mut self) {
        let mut left = 2_000;
        while self.instance.state.ended.is_none() {
            let state = &self.instance.state;
            let lent = state.open.iter().find(|open| !open.lent.is_empty());
            if let Some(task) = lent.map(|open| open.task) {
                self.act(&Command::GiveBack { task });
            } else {
                // The latest first: those who are asked beside a task come before it.
                let last = state.open.len() - 1;
                self.random(u8::try_from(last).unwrap(), 200, 7);
            }
            left -= 1;
            assert!(left > 0, "no end: {:?}", self.instance.state);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_commands_keep_an_instance_alive(
        block in block(),
        picks in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 0..60)
    ) {
        let source = process(&block);
        let findings = check(&Model::parse(&source).unwrap());
        prop_assert!(findings.iter().all(|f| f.level == Level::Warning), "{:?}\n{}", findings, source);
        let mut watched = Watched::start(&source);
        watched.holds();
        for (pick, choice, flags) in picks {
            if watched.instance.state.ended.is_some() {
                break;
            }
            watched.random(pick, choice, flags);
        }
        watched.instance.replay();
        watched.go_on_to_the_end();
        watched.instance.replay();
    }
}

/// Every model that a pack of this city ships.
fn pack_models() -> Vec<String> {
    let packs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut models = Vec::new();
    for pack in std::fs::read_dir(packs).unwrap() {
        let Ok(files) = std::fs::read_dir(pack.unwrap().path().join("process")) else { continue };
        for file in files {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "bpmn") {
                models.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    models
}

#[test]
fn the_models_of_the_packs_stay_alive_too() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    let models = pack_models();
    assert!(!models.is_empty());
    let mut runner = TestRunner::deterministic();
    let picks = proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 1..50);
    for source in models {
        let model = Model::parse(&source).unwrap();
        for _ in 0..60 {
            let picks = picks.new_tree(&mut runner).unwrap().current();
            let mut watched = Watched::start(&source);
            for (pick, choice, flags) in picks {
                let state = &watched.instance.state;
                if state.ended.is_some() || state.open.is_empty() {
                    break;
                }
                let open = state.open[usize::from(pick) % state.open.len()].clone();
                let outcomes = &model.node(&open.node).unwrap().outcomes;
                let outcome = outcomes.get(usize::from(flags) % outcomes.len().max(1));
                let vars = object(json!({ "outcome": outcome }));
                let (task, service) = (open.task, open.kind == TaskKind::Service);
                let command = match choice {
                    0..=119 if !service => watched.office(&open, choice, flags),
                    _ if service => Command::CompleteService { task, vars },
                    _ => Command::CompleteTask { task, vars },
                };
                watched.act(&command);
            }
            watched.holds();
            watched.instance.replay();
        }
    }
}
