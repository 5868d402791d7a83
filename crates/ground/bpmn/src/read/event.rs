//! What sets events off, and how often activities are done.

use super::refuse::Attributes;
use super::{Reading, text_of};
use crate::model::{Behavior, Looping, TimerForm, Trigger};
use crate::xml::{Element, Space};

/// Most repetitions that a file may ask for as a number.
const COUNT_MAX: i64 = 10_000;

impl Reading {
    /// The triggers of an event definition; a reference gives those of another.
    pub(super) fn triggers(&mut self, element: &Element) -> Vec<Trigger> {
        self.identify(element);
        let named = |reading: &Self, reference: &str| {
            let id = element.attribute(reference).map(local).filter(|id| !id.is_empty());
            id.map(|id| reading.names.get(id).cloned().unwrap_or_else(|| id.to_owned()))
        };
        match element.name.as_str() {
            "eventDefinitionRef" => {
                let id = text_of(element);
                if let Some(shared) = self.shared.get(local(&id)) {
                    return shared.clone();
                }
                let zh = format!("引用的事件定义“{id}”不存在");
                let en = format!("it refers to the event definition '{id}', which is not there");
                self.refuse(element, "dangling", zh, en);
                Vec::new()
            }
            "timerEventDefinition" => self.timer(element).into_iter().collect(),
            "messageEventDefinition" => {
                let name = named(self, "messageRef");
                self.wanted(element, name, "messageRef")
                    .map(|name| Trigger::Message { name })
                    .into_iter()
                    .collect()
            }
            "signalEventDefinition" => {
                let name = named(self, "signalRef");
                self.wanted(element, name, "signalRef")
                    .map(|name| Trigger::Signal { name })
                    .into_iter()
                    .collect()
            }
            "errorEventDefinition" => vec![Trigger::Error { code: named(self, "errorRef") }],
            "escalationEventDefinition" => {
                vec![Trigger::Escalation { code: named(self, "escalationRef") }]
            }
            "conditionalEventDefinition" => {
                let source =
                    element.children.iter().find(|child| child.is(Space::Bpmn, "condition"));
                let source = source.map(text_of).filter(|source| !source.is_empty());
                self.wanted(element, source, "condition")
                    .map(|source| Trigger::Conditional { source })
                    .into_iter()
                    .collect()
            }
            "compensateEventDefinition" => {
                let activity = element.attribute("activityRef").map(local).map(ToOwned::to_owned);
                vec![Trigger::Compensation { activity }]
            }
            "cancelEventDefinition" => vec![Trigger::Cancel],
            "linkEventDefinition" => {
                let name = element.attribute("name").map(ToOwned::to_owned);
                self.wanted(element, name, "name")
                    .map(|name| Trigger::Link { name })
                    .into_iter()
                    .collect()
            }
            _ => {
                self.not_understood(element);
                Vec::new()
            }
        }
    }

    fn wanted(&mut self, element: &Element, found: Option<String>, what: &str) -> Option<String> {
        if found.is_none() {
            let zh = format!("缺少 {what}：请写明等什么或发什么");
            let en = format!("{what} is missing: say what is awaited or sent");
            self.refuse(element, "no-trigger", zh, en);
        }
        found
    }

    fn timer(&mut self, element: &Element) -> Option<Trigger> {
        for (name, form) in [
            ("timeDate", TimerForm::Date),
            ("timeDuration", TimerForm::Duration),
            ("timeCycle", TimerForm::Cycle),
        ] {
            let found = element.children.iter().find(|child| child.is(Space::Bpmn, name));
            if let Some(text) = found.map(text_of).filter(|text| !text.is_empty()) {
                return Some(Trigger::Timer { form, text });
            }
        }
        self.wanted(element, None, "timeDuration");
        None
    }

    /// How often an activity is done.
    pub(super) fn looping(&mut self, element: &Element) -> Looping {
        self.identify(element);
        let inner = |name: &str| {
            let found = element.children.iter().find(|child| child.is(Space::Bpmn, name));
            found.map(text_of).filter(|text| !text.is_empty())
        };
        if element.name == "standardLoopCharacteristics" {
            let known = &["id", "testBefore", "loopMaximum"];
            self.attributes(element, &Attributes { known, ..Attributes::default() });
            let most = element.attribute("loopMaximum").map(|text| self.count(element, text));
            return Looping::While {
                condition: inner("loopCondition"),
                before: element.attribute("testBefore") == Some("true"),
                most: most.unwrap_or(None),
            };
        }
        let known =
            &["id", "isSequential", "behavior", "oneBehaviorEventRef", "noneBehaviorEventRef"];
        let zt = &["list", "element"];
        self.attributes(element, &Attributes { known, zt, ..Attributes::default() });
        let count = inner("loopCardinality");
        if let Some(text) = &count
            && text.trim().parse::<i64>().is_ok()
        {
            self.count(element, text);
        }
        let ours = |name| element.attribute_in(Space::Zt, name).map(|text| text.trim().to_owned());
        let list = ours("list").or_else(|| inner("loopDataInputRef"));
        if count.is_none() && list.is_none() {
            let (zh, en) = (
                "缺少次数：请写 loopCardinality 或 zt:list",
                "it does not say how many: give loopCardinality or zt:list",
            );
            self.refuse(element, "no-count", zh, en);
        }
        let trigger = |name: &str| {
            let id = element.attribute(name).map(local)?;
            self.shared.get(id).and_then(|all| all.first()).cloned()
        };
        let behavior = match element.attribute("behavior") {
            Some("One") => Behavior::One { trigger: trigger("oneBehaviorEventRef") },
            Some("None") => Behavior::Each { trigger: trigger("noneBehaviorEventRef") },
            _ => Behavior::All,
        };
        Looping::Each {
            count,
            list,
            element: ours("element"),
            sequential: element.attribute("isSequential") == Some("true"),
            enough: inner("completionCondition"),
            behavior,
        }
    }

    /// A number of times, which must be one.
    pub(super) fn count(&mut self, element: &Element, text: &str) -> Option<u32> {
        let number =
            text.trim().parse::<i64>().ok().filter(|number| (0..=COUNT_MAX).contains(number));
        if number.is_none() {
            let zh = format!("次数应为 0 到 {COUNT_MAX} 的整数，现为 {}", text.trim());
            let en = format!("a number from 0 to {COUNT_MAX} is wanted, not {}", text.trim());
            self.refuse(element, "count", zh, en);
        }
        number.and_then(|number| u32::try_from(number).ok())
    }
}

/// A reference without its prefix.
pub(super) fn local(reference: &str) -> &str {
    let reference = reference.trim();
    reference.rsplit_once(':').map_or(reference, |(_, name)| name)
}
