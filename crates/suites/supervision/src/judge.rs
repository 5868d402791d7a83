//! Judging: which rules an occasion breaks, of which level, and why. Pure: the same facts give the same cards.

use std::sync::Arc;

use serde_json::{Map, Value};
use zhengtong_base::Text;
use zhengtong_calendar::china_date;
use zhengtong_casework::Watched;
use zhengtong_feel::Scope;

use crate::error::{Error, Result};
use crate::model::Level;
use crate::occasion::{self, Occasion};
use crate::part::{Catalog, Ready};

/// A card that is to be raised.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) rule: Arc<Ready>,
    pub(crate) level: Level,
    pub(crate) why: Text,
    pub(crate) facts: Map<String, Value>,
}

/// What the rules in force on the day say of an occasion.
pub(crate) fn judge(
    catalog: &Catalog,
    watched: Option<&Watched>,
    occasion: &Occasion,
) -> Result<Vec<Verdict>> {
    let mut verdicts = Vec::new();
    for rule in catalog.rules() {
        if !rule.rule.when.meets(occasion.kind, &occasion.word, &occasion.clock) {
            continue;
        }
        verdicts.extend(by_rule(rule, watched, occasion)?);
    }
    Ok(verdicts)
}

/// What one rule says of an occasion that it looks at.
pub(crate) fn by_rule(
    rule: &Arc<Ready>,
    watched: Option<&Watched>,
    occasion: &Occasion,
) -> Result<Option<Verdict>> {
    let day = china_date(occasion.at);
    if !rule.holds_on(day) {
        return Ok(None);
    }
    let mut facts = occasion::facts(watched, occasion);
    let thresholds = rule.thresholds(day).into_iter();
    let thresholds = thresholds.map(|(name, value)| (name.to_owned(), Value::from(value)));
    facts.insert("threshold".to_owned(), Value::Object(thresholds.collect()));
    let scope = Scope::from_json(&facts);
    let failed = |error: &zhengtong_feel::FeelError| Error::Rule(rule.name(), error.to_string());
    if let Some(condition) = &rule.condition
        && !condition.holds(&scope).map_err(|error| failed(&error))?
    {
        return Ok(None);
    }
    let level = match &rule.table {
        None => Some(rule.rule.card),
        Some((model, decision)) => {
            let value = model.decide(decision, &scope).map_err(|error| failed(&error))?;
            match value.as_text() {
                None | Some("") => None,
                Some(word) => Some(Level::parse(word).ok_or_else(|| {
                    Error::Rule(rule.name(), format!("the table gives `{word}`, which is no level"))
                })?),
            }
        }
    };
    Ok(level.map(|level| Verdict {
        rule: Arc::clone(rule),
        level,
        why: Text::new(filled(&rule.rule.why.zh, &facts), filled(&rule.rule.why.en, &facts)),
        facts,
    }))
}

/// A text with the facts that stand in braces.
fn filled(template: &str, facts: &Map<String, Value>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((path, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(&shown(facts, path));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn shown(facts: &Map<String, Value>, path: &str) -> String {
    let mut parts = path.split('.');
    let mut value = parts.next().and_then(|first| facts.get(first));
    for part in parts {
        value = value.and_then(|value| value.get(part));
    }
    match value {
        None | Some(Value::Null) => "—".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn facts_stand_in_the_words() {
        let facts = json!({ "rung": { "due": "2026-03-09", "n": 3 } });
        let facts = facts.as_object().unwrap();
        assert_eq!(filled("应于 {rung.due} 前，{rung.n} 次", facts), "应于 2026-03-09 前，3 次");
        assert_eq!(filled("{rung.none}{x}", facts), "——");
        assert_eq!(filled("a { b", facts), "a { b");
    }
}
