//! Those who sign beside a task: 加签, 减签, 会签, 或签, 征求意见.
//!
//! A panel belongs to one task. Its members are open tasks of the same token, so whatever takes the token away takes them with it.

use serde_json::{Map, Value};

use super::command::{Effect, SignPlace};
use super::moves::Machine;
use super::state::{Beside, OpenTask, Panel, Purpose, Rule, Sign, TaskId};
use super::{OUTCOME, outcome_of};
use crate::error::ExecError;
use crate::model::{Looping, Node};

/// Most people asked at once.
const PEOPLE_MAX: usize = 100;

impl Machine<'_> {
    /// Others sign before or after a task, or together with it.
    pub(super) fn add_sign(
        &mut self,
        task: TaskId,
        who: Vec<String>,
        place: SignPlace,
    ) -> Result<(), ExecError> {
        some_people(&who)?;
        let open = self.persons(task)?.clone();
        if place == SignPlace::Together {
            return self.sign_together(&open, who);
        }
        main_task(&open)?;
        if place == SignPlace::Before {
            return self.ask(&open, Purpose::Before, who, true);
        }
        let panel = self.panel(&open, Purpose::After, Rule::All);
        self.state.panels.push(Panel { later: who, ..panel });
        Ok(())
    }

    /// Several are asked for an opinion.
    pub(super) fn ask_opinions(
        &mut self,
        task: TaskId,
        who: Vec<String>,
        waits: bool,
    ) -> Result<(), ExecError> {
        some_people(&who)?;
        let open = self.persons(task)?.clone();
        if open.beside.is_some_and(|beside| beside.purpose != Purpose::Together) {
            return Err(NOT_BESIDE);
        }
        self.ask(&open, Purpose::Opinion, who, waits)
    }

    /// Several sign in place of one.
    pub(super) fn countersign(
        &mut self,
        task: TaskId,
        who: Vec<String>,
        rule: Rule,
    ) -> Result<(), ExecError> {
        some_people(&who)?;
        if matches!(rule, Rule::Ratio(percent) if !(1..=100).contains(&percent)) {
            return Err(ExecError::NotPossible {
                zh: "会签的比例应为 1 到 100 的整数",
                en: "the share must be a whole number from 1 to 100",
            });
        }
        let open = self.persons(task)?.clone();
        main_task(&open)?;
        self.drop_beside(&open);
        self.cancel_task(task);
        let panel = self.panel(&open, Purpose::Together, rule);
        let id = panel.id;
        self.state.panels.push(panel);
        self.open_members(&open, id, Purpose::Together, who)
    }

    /// One of several who sign is not wanted any more.
    pub(super) fn remove_sign(&mut self, task: TaskId) -> Result<(), ExecError> {
        let open = self.persons(task)?.clone();
        let Some(beside) = open.beside else { return self.one_less(&open) };
        let others = self.members(beside.panel).filter(|other| other.task != task).count();
        let given = self.state.panels.iter().find(|panel| panel.id == beside.panel);
        let given = given.map_or(0, |panel| panel.given.len());
        if beside.purpose == Purpose::Together && others + given == 0 {
            return Err(ONE_MUST_STAY);
        }
        self.drop_beside(&open);
        self.cancel_task(task);
        self.panel_moves(&open, beside)
    }

    /// Whether a task may be done: it was not lent, and nobody it waits for is missing.
    pub(super) fn is_ready(&self, open: &OpenTask) -> Result<(), ExecError> {
        if !open.lent.is_empty() {
            return Err(ExecError::NotPossible {
                zh: "这个任务已委派他人，交回后才能办结",
                en: "this task is lent: it must come back before it can be done",
            });
        }
        if self.awaited(open.task) {
            return Err(ExecError::NotPossible {
                zh: "加签或征求的意见还没有到齐",
                en: "those who were asked to sign or to give an opinion first have not all done so",
            });
        }
        Ok(())
    }

    /// One of a panel has signed, or given an opinion.
    pub(super) fn sign(
        &mut self,
        open: &OpenTask,
        beside: Beside,
        at: usize,
        mut vars: Map<String, Value>,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let moves = matches!(beside.purpose, Purpose::Together | Purpose::After);
        let outcome = if moves { outcome_of(node, &vars)? } else { said(node, &vars) };
        if beside.purpose == Purpose::After {
            self.state.keep(&node.id, vars, outcome.clone());
        } else if beside.purpose != Purpose::Opinion {
            // What it comes to is known when the panel has decided.
            vars.remove(OUTCOME);
            self.state.keep(&node.id, vars, None);
        }
        self.came_out(outcome.clone());
        self.close(open);
        self.no_more_opinions(open.task);
        let sign = Sign { task: open.task, who: open.assignee.clone(), outcome };
        if let Some(panel) = self.state.panels.iter_mut().find(|one| one.id == beside.panel) {
            panel.given.push(sign);
        }
        self.panel_moves(open, beside)
    }

    /// A task that is done lets those sign who come after it; whether there are any.
    pub(super) fn ask_after(&mut self, open: &OpenTask, _at: usize) -> Result<bool, ExecError> {
        let panel = self.state.panels.iter_mut().find(|panel| {
            panel.task == open.task && panel.purpose == Purpose::After && !panel.later.is_empty()
        });
        let Some(panel) = panel else { return Ok(false) };
        let (id, who) = (panel.id, std::mem::take(&mut panel.later));
        self.open_members(open, id, Purpose::After, who)?;
        Ok(true)
    }

    /// Opinions nobody waits for are not wanted once the task is done.
    pub(super) fn no_more_opinions(&mut self, task: TaskId) {
        let opinions = |panel: &Panel| panel.task == task && panel.purpose == Purpose::Opinion;
        let gone: Vec<u64> =
            self.state.panels.iter().filter(|panel| opinions(panel)).map(|one| one.id).collect();
        for panel in gone {
            self.drop_panel(panel);
        }
    }

    /// What follows when a panel has one answer more, or one member less.
    fn panel_moves(&mut self, open: &OpenTask, beside: Beside) -> Result<(), ExecError> {
        let place = self.state.panels.iter().position(|panel| panel.id == beside.panel);
        let Some(panel) = place.and_then(|place| self.state.panels.get(place)) else {
            return Ok(());
        };
        let left = self.members(panel.id).count();
        let (id, at) = (panel.id, self.position(&open.node)?);
        match beside.purpose {
            Purpose::Together => {
                let Vote::Decided(outcome) = decided(panel, left, &self.node(at)?.outcomes) else {
                    return Ok(());
                };
                let of = panel.task;
                self.drop_panel(id);
                let mut vars = Map::new();
                if let Some(word) = &outcome {
                    vars.insert(open.node.clone(), Value::String(word.clone()));
                }
                self.state.keep(&open.node, vars, outcome.clone());
                // What was to come after the task it was opened for comes after the panel.
                let first = OpenTask { task: of, ..open.clone() };
                if self.ask_after(&first, at)? {
                    return Ok(());
                }
                self.have_decided(of, &open.node, outcome);
                self.one_done(at, open.token)
            }
            Purpose::After if left == 0 => {
                let outcome = self.state.last_outcome(&open.node);
                self.drop_panel(id);
                self.have_decided(beside.task, &open.node, outcome);
                self.one_done(at, open.token)
            }
            Purpose::Before | Purpose::Opinion if left == 0 => {
                self.drop_panel(id);
                let waiting = self.state.task(beside.task).map(|task| task.node.clone());
                if let Some(node) = waiting.filter(|_| !self.awaited(beside.task)) {
                    self.effects.push(Effect::TaskReady { task: beside.task, node });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn have_decided(&mut self, task: TaskId, node: &str, outcome: Option<String>) {
        self.effects.push(Effect::Decided { task, node: node.to_owned(), outcome });
    }

    /// More people sign together with a task: as members of its panel, or as instances of an activity that is done several
    /// times anyway.
    fn sign_together(&mut self, open: &OpenTask, who: Vec<String>) -> Result<(), ExecError> {
        if let Some(beside) = open.beside {
            if beside.purpose != Purpose::Together {
                return Err(NOT_BESIDE);
            }
            let first = OpenTask { task: beside.task, ..open.clone() };
            return self.open_members(&first, beside.panel, Purpose::Together, who);
        }
        if self.is_one_of_several(open)? {
            return self.more_of_several(open, who);
        }
        let panel = self.panel(open, Purpose::Together, Rule::All);
        let beside = Beside { panel: panel.id, task: open.task, purpose: Purpose::Together };
        self.state.panels.push(panel);
        self.persons(open.task)?.beside = Some(beside);
        self.open_members(open, beside.panel, Purpose::Together, who)
    }

    fn is_one_of_several(&self, open: &OpenTask) -> Result<bool, ExecError> {
        let node = self.node(self.position(&open.node)?)?;
        Ok(matches!(node.looping, Some(Looping::Each { sequential: false, .. })))
    }

    fn more_of_several(&mut self, open: &OpenTask, who: Vec<String>) -> Result<(), ExecError> {
        let at = self.position(&open.node)?;
        let node = self.node(at)?;
        for person in who {
            let Some(repeat) = self.state.repeats.iter_mut().find(|one| one.token == open.token)
            else {
                return Ok(());
            };
            repeat.begun += 1;
            repeat.total = repeat.total.map(|total| total + 1);
            let mut locals = Map::new();
            locals.insert("loopCounter".to_owned(), repeat.begun.into());
            if let Some(Looping::Each { element: Some(name), .. }) = &node.looping {
                repeat.elements.push(Value::String(person.clone()));
                locals.insert(name.clone(), Value::String(person.clone()));
            }
            self.step()?;
            self.open_for(at, open.token, locals, Some(person), None)?;
        }
        Ok(())
    }

    /// An activity that is done several times is done one time less.
    fn one_less(&mut self, open: &OpenTask) -> Result<(), ExecError> {
        if !self.is_one_of_several(open)? {
            return Err(ONE_MUST_STAY);
        }
        let Some(repeat) = self.state.repeats.iter_mut().find(|one| one.token == open.token) else {
            return Err(ONE_MUST_STAY);
        };
        if repeat.total.is_none_or(|total| total <= 1) || repeat.begun <= 1 {
            return Err(ONE_MUST_STAY);
        }
        repeat.total = repeat.total.map(|total| total - 1);
        repeat.begun -= 1;
        let over = repeat.total.is_some_and(|total| repeat.ended >= total);
        self.drop_beside(open);
        self.cancel_task(open.task);
        if over {
            let at = self.position(&open.node)?;
            return self.activity_done(at, open.token);
        }
        Ok(())
    }

    fn ask(
        &mut self,
        open: &OpenTask,
        purpose: Purpose,
        who: Vec<String>,
        waits: bool,
    ) -> Result<(), ExecError> {
        let panel = self.panel(open, purpose, Rule::All);
        let id = panel.id;
        self.state.panels.push(Panel { waits, ..panel });
        self.open_members(open, id, purpose, who)
    }

    fn panel(&mut self, open: &OpenTask, purpose: Purpose, rule: Rule) -> Panel {
        Panel {
            id: self.state.number(),
            task: open.task,
            token: open.token,
            purpose,
            rule,
            waits: false,
            later: Vec::new(),
            given: Vec::new(),
        }
    }

    fn open_members(
        &mut self,
        open: &OpenTask,
        panel: u64,
        purpose: Purpose,
        who: Vec<String>,
    ) -> Result<(), ExecError> {
        let at = self.position(&open.node)?;
        let beside = Some(Beside { panel, task: open.task, purpose });
        for person in who {
            self.step()?;
            self.open_for(at, open.token, open.locals.clone(), Some(person), beside)?;
        }
        Ok(())
    }

    fn members(&self, panel: u64) -> impl Iterator<Item = &OpenTask> {
        let of = move |open: &&OpenTask| open.beside.is_some_and(|beside| beside.panel == panel);
        self.state.open.iter().filter(of)
    }

    fn awaited(&self, task: TaskId) -> bool {
        let waits = |panel: &&Panel| panel.task == task && panel.waits;
        self.state.panels.iter().filter(waits).any(|panel| self.members(panel.id).next().is_some())
    }

    fn drop_panel(&mut self, panel: u64) {
        let members: Vec<TaskId> = self.members(panel).map(|open| open.task).collect();
        for task in members {
            self.no_more_opinions(task);
            self.cancel_task(task);
        }
        self.state.panels.retain(|one| one.id != panel);
    }

    /// Those who were asked before a task, or for an opinion, are not wanted any more.
    fn drop_beside(&mut self, open: &OpenTask) {
        let asked = |panel: &&Panel| {
            panel.task == open.task && matches!(panel.purpose, Purpose::Before | Purpose::Opinion)
        };
        let gone: Vec<u64> = self.state.panels.iter().filter(asked).map(|one| one.id).collect();
        for panel in gone {
            self.drop_panel(panel);
        }
    }

    fn cancel_task(&mut self, task: TaskId) {
        if let Some(place) = self.state.open.iter().position(|open| open.task == task) {
            let open = self.state.open.remove(place);
            self.effects.push(Effect::TaskCancelled { task, node: open.node });
        }
    }
}

/// Only a task that is not itself part of a panel may have one.
fn main_task(open: &OpenTask) -> Result<(), ExecError> {
    if open.beside.is_some() { Err(NOT_BESIDE) } else { Ok(()) }
}

/// Where a panel stands.
enum Vote {
    /// Nothing is decided yet.
    Open,
    /// It is decided, with an outcome where the task has any.
    Decided(Option<String>),
}

/// What a panel has decided, if it has.
fn decided(panel: &Panel, left: usize, outcomes: &[String]) -> Vote {
    let total = panel.given.len() + left;
    let Some(agreed) = outcomes.first() else {
        let enough = match panel.rule {
            Rule::All => left == 0,
            Rule::One => !panel.given.is_empty() || left == 0,
            Rule::Ratio(percent) => panel.given.len() * 100 >= usize::from(percent) * total,
        };
        return if enough { Vote::Decided(None) } else { Vote::Open };
    };
    let given = |sign: &Sign| sign.outcome.clone();
    let against = || panel.given.iter().filter_map(given).find(|outcome| outcome != agreed);
    match panel.rule {
        Rule::One => panel.given.first().map_or(Vote::Open, |sign| Vote::Decided(given(sign))),
        Rule::All if left > 0 => Vote::Open,
        Rule::All => Vote::Decided(against().or_else(|| Some(agreed.clone()))),
        Rule::Ratio(percent) => {
            let wanted = usize::from(percent) * total;
            let agree = panel.given.iter().filter_map(given).filter(|one| one == agreed).count();
            if agree * 100 >= wanted {
                Vote::Decided(Some(agreed.clone()))
            } else if (agree + left) * 100 < wanted {
                Vote::Decided(against())
            } else {
                Vote::Open
            }
        }
    }
}

/// What somebody said who moves nothing; a word the task does not know is nothing.
fn said(node: &Node, vars: &Map<String, Value>) -> Option<String> {
    let given = vars.get(OUTCOME).and_then(Value::as_str)?;
    node.outcomes.iter().find(|outcome| *outcome == given).cloned()
}

fn some_people(who: &[String]) -> Result<(), ExecError> {
    let twice = |at: usize, one: &String| who.iter().take(at).any(|other| other == one);
    if who.is_empty() || who.len() > PEOPLE_MAX || who.iter().any(|one| one.trim().is_empty()) {
        return Err(ExecError::NotPossible {
            zh: "请写明一到一百个人",
            en: "name between one and a hundred people",
        });
    }
    if who.iter().enumerate().any(|(at, one)| twice(at, one)) {
        return Err(ExecError::NotPossible {
            zh: "同一个人写了两次",
            en: "the same person is named twice",
        });
    }
    Ok(())
}

const NOT_BESIDE: ExecError = ExecError::NotPossible {
    zh: "加签或征求意见的任务不能再这样办",
    en: "a task that was opened beside another cannot be dealt with in this way",
};

const ONE_MUST_STAY: ExecError = ExecError::NotPossible {
    zh: "至少要留一个人办理",
    en: "at least one must stay to do it",
};
