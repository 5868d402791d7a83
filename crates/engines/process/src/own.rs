//! Work the engine does itself: decision tables and scripts.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;
use zhengtong_bpmn::{Command, Node, TaskId};
use zhengtong_db::Ctx;

use crate::error::Result;
use crate::feel::scope_at;
use crate::known::Known;
use crate::model::{IncidentKind, Vars};
use crate::work::{Hand, Mode, run, said, stand_still};

/// Whether the engine does the work of a node itself: a decision table, or a script.
pub(crate) fn is_own(node: &Node) -> bool {
    node.decision.is_some() || (node.script.is_some() && node.action.is_none())
}

/// Decides or computes, and goes on with the result.
pub(crate) async fn own_work(
    ctx: &mut Ctx,
    hand: &mut Hand,
    task: TaskId,
    node: &str,
    queue: &mut VecDeque<Command>,
) -> Result<()> {
    match computed(ctx, hand, task, node)? {
        Ok(vars) => queue.push_back(Command::CompleteService { task, vars }),
        Err(cause) => {
            let place = (node, Some(task.0));
            stand_still(ctx, hand, place, IncidentKind::Service, &cause, None).await?;
        }
    }
    Ok(())
}

/// What a rule task or a script gives.
fn computed(
    ctx: &Ctx,
    hand: &mut Hand,
    task: TaskId,
    node: &str,
) -> Result<std::result::Result<Vars, String>> {
    let definition = Arc::clone(&hand.definition);
    let Some(node) = definition.model.node(node) else { return Ok(Ok(Vars::new())) };
    let mut vars = hand.instance.state.variables.clone();
    if let Some(open) = hand.instance.state.task(task) {
        vars.extend(open.locals.clone());
    }
    let scope = scope_at(&vars, ctx.now);
    let (value, name) = if let Some(decision) = &node.decision {
        let pack = definition.name.split(':').next().unwrap_or_default();
        let Some((file, name)) = Known::of(ctx)?.decision(pack, decision) else {
            return Ok(Err(said(
                &format!("没有叫“{decision}”的决策"),
                &format!("there is no decision '{decision}'"),
            )));
        };
        // The record says by which version it was decided.
        hand.decided.insert(task, file.digest.clone());
        match file.model.decide(&name, &scope) {
            Ok(value) => (value, Some(node.result.clone().unwrap_or(name))),
            Err(error) => return Ok(Err(said("决策表算不出结果", &error.to_string()))),
        }
    } else {
        let source = node.script.as_deref().unwrap_or_default();
        match definition.expressions.value(source, &scope) {
            Ok(value) => (value, node.result.clone()),
            Err(cause) => return Ok(Err(said("表达式算不出来", &cause))),
        }
    };
    Ok(match (value.to_json(), name) {
        (Value::Null, _) => Err(said(
            "结果是空的：少了一项输入，或者类型不对",
            "the result is null: an input is missing or of another type",
        )),
        (value, Some(name)) => Ok(Vars::from_iter([(name, value)])),
        (Value::Object(all), None) => Ok(all),
        (_, None) => Err(said(
            "结果没有名字：写 zt:result，或者让它给出一组有名字的值",
            "the result has no name: give zt:result, or a context",
        )),
    })
}

pub(crate) fn is_own_at(hand: &Hand, node: &str) -> bool {
    hand.definition.model.node(node).is_some_and(is_own)
}

/// Decides or computes once more.
pub(crate) async fn own_work_again(
    ctx: &mut Ctx,
    hand: &mut Hand,
    task: TaskId,
    node: &str,
) -> Result<()> {
    let mut queue = VecDeque::new();
    own_work(ctx, hand, task, node, &mut queue).await?;
    while let Some(command) = queue.pop_front() {
        run(ctx, hand, command, Mode::Keep).await?;
    }
    Ok(())
}
