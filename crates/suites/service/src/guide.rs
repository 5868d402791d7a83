//! The guide: which papers are needed, by the answers to the item's questions. Pure.

use serde_json::{Map, Value};
use zhengtong_feel::{Expr, Scope};

use crate::part::{Item, MaterialRule};

/// The answers to the item's questions: what was chosen, and the first option where nothing was.
pub fn chosen(item: &Item, given: &[(String, String)]) -> Map<String, Value> {
    item.question
        .iter()
        .filter_map(|question| {
            let sent = given.iter().find(|(name, _)| *name == question.name);
            let known = sent
                .filter(|(_, value)| question.option.iter().any(|option| option.value == *value));
            let value = match known {
                Some((_, value)) => value.clone(),
                None => question.option.first()?.value.clone(),
            };
            Some((question.name.clone(), Value::from(value)))
        })
        .collect()
}

/// The papers that are needed under these answers. A condition that cannot be evaluated asks for the paper:
/// an officer can waive one, but not know of one that was never asked for.
pub fn needed<'a>(item: &'a Item, answers: &Map<String, Value>) -> Vec<&'a MaterialRule> {
    let mut scope = Map::new();
    for question in &item.question {
        scope.insert(question.name.clone(), Value::Null);
    }
    scope.extend(answers.clone());
    let scope = Scope::from_json(&scope);
    item.material
        .iter()
        .filter(|rule| {
            rule.needed_if.as_deref().is_none_or(|condition| {
                Expr::parse(condition)
                    .and_then(|expression| expression.holds(&scope))
                    .unwrap_or(true)
            })
        })
        .collect()
}
