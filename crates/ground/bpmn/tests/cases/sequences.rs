//! Random processes and random commands: an instance is never left waiting for nobody, and no join fires twice.

use proptest::prelude::*;
use serde_json::json;
use zhengtong_bpmn::{Command, Level, Model, TaskKind, check, returns};

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
}

fn block() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![4 => Just(Block::User), 1 => Just(Block::Service)];
    leaf.prop_recursive(3, 14, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(Block::Sequence),
            several.clone().prop_map(Block::Either),
            several.clone().prop_map(Block::Both),
            several.prop_map(Block::Some),
            inner.prop_map(|inner| Block::Again(Box::new(inner))),
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
    let start = writer.node("startEvent", "s");
    let (first, last) = writer.block(block);
    let end = writer.node("endEvent", "e");
    writer.flow(&start, &first, "");
    writer.flow(&last, &end, "");
    small(&writer.lines.join("\n"))
}

/// Carries out one random command, chosen by `pick`.
fn act(instance: &mut Instance, pick: u8, choice: u8, flags: u8) {
    let open = instance.state.open[usize::from(pick) % instance.state.open.len()].clone();
    let task = open.task;
    let vars = object(json!({
        "c1": flags & 1 == 1, "c2": flags & 2 == 2, "c3": flags & 4 == 4, "again": flags & 0b1_1000 == 0b1_1000
    }));
    let service = open.kind == TaskKind::Service;
    let command = match choice {
        0..=3 if !service => {
            let ways: Vec<String> = returns(&instance.model, &instance.state, task)
                .iter()
                .map(|node| node.id.clone())
                .collect();
            match ways.get(usize::from(flags) % ways.len().max(1)) {
                Some(node) => Command::ReturnTo { task, node: node.clone() },
                None => Command::CompleteTask { task, vars },
            }
        }
        0..=1 if service => Command::FailService { task, reason: "test".into() },
        255 => Command::Withdraw,
        254 => Command::Terminate { reason: "test".into() },
        _ if service => Command::CompleteService { task, vars },
        _ => Command::CompleteTask { task, vars },
    };
    instance.try_do(command).unwrap();
}

/// What must hold between any two commands.
fn holds(instance: &Instance) {
    let state = &instance.state;
    assert_eq!(state.ended.is_none(), !state.open.is_empty(), "ended, or somebody is asked");
    let mut rests: Vec<(&str, Option<&str>)> =
        state.tokens.iter().map(|token| (token.node.as_str(), token.flow.as_deref())).collect();
    rests.sort_unstable();
    let count = rests.len();
    rests.dedup();
    assert_eq!(
        rests.len(),
        count,
        "no step is open twice, which a join that fires twice would cause"
    );
    let at_tasks = state.tokens.iter().filter(|token| token.flow.is_none()).count();
    assert_eq!(at_tasks, state.open.len(), "each open task holds one token");
    for open in &state.open {
        assert!(state.tokens.iter().any(|token| token.id == open.token && token.node == open.node));
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
        let mut instance = Instance::start(&source, json!({}));
        holds(&instance);
        for (pick, choice, flags) in picks {
            if instance.state.ended.is_some() {
                break;
            }
            act(&mut instance, pick, choice, flags);
            holds(&instance);
        }
        instance.replay();
        // Whoever goes on and never asks for another round comes to the end.
        let mut left = 500;
        while instance.state.ended.is_none() {
            act(&mut instance, 0, 100, 7);
            holds(&instance);
            left -= 1;
            prop_assert!(left > 0, "no end");
        }
    }
}
