//! Whose a task is: 认领, 转办, 委派.

use super::command::Effect;
use super::moves::Machine;
use super::state::{OpenTask, TaskId, TaskKind};
use crate::error::ExecError;

/// Times a task is lent on before it comes back.
const LENT_MAX: usize = 10;

impl Machine<'_> {
    /// A task is somebody else's from now on, or nobody's. Who had it lent sees it no more.
    pub(super) fn assign(&mut self, task: TaskId, to: Option<String>) -> Result<(), ExecError> {
        let open = self.persons(task)?;
        open.lent.clear();
        let from = std::mem::replace(&mut open.assignee, to.clone());
        let node = open.node.clone();
        self.effects.push(Effect::TaskAssigned { task, node, from, to });
        Ok(())
    }

    /// A task is lent: whoever gets it can do everything but end it, and gives it back.
    pub(super) fn delegate(&mut self, task: TaskId, to: String) -> Result<(), ExecError> {
        let open = self.persons(task)?;
        if open.lent.len() >= LENT_MAX {
            return Err(ExecError::NotPossible {
                zh: "委派的层数过多，请先交回",
                en: "it was lent on too often: give it back first",
            });
        }
        let from = open.assignee.replace(to.clone());
        open.lent.push(from.clone());
        let node = open.node.clone();
        self.effects.push(Effect::TaskAssigned { task, node, from, to: Some(to) });
        Ok(())
    }

    /// A task comes back to the one who lent it.
    pub(super) fn give_back(&mut self, task: TaskId) -> Result<(), ExecError> {
        let open = self.persons(task)?;
        let Some(to) = open.lent.pop() else {
            return Err(ExecError::NotPossible {
                zh: "这个任务没有委派出去",
                en: "this task was not lent",
            });
        };
        let from = std::mem::replace(&mut open.assignee, to.clone());
        let node = open.node.clone();
        self.effects.push(Effect::TaskAssigned { task, node, from, to });
        Ok(())
    }

    /// An open task of a person.
    pub(super) fn persons(&mut self, task: TaskId) -> Result<&mut OpenTask, ExecError> {
        let found = self.state.open.iter_mut().find(|open| open.task == task);
        let open = found.ok_or(ExecError::TaskNotOpen(task))?;
        match open.kind {
            TaskKind::User | TaskKind::Manual => Ok(open),
            TaskKind::Receive | TaskKind::Service => Err(ExecError::WrongKind(task)),
        }
    }
}
