//! The clocks of a case type: from which act to which they run, how much time there is, what stops and extends
//! them, and who is told when.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_calendar::{ExtensionRule, Rules, Rung, StopRule, Unit};
use zhengtong_pack::{File, Report};

use super::{CaseType, Limit};

/// The clock of what the department promised.
pub(crate) const PROMISED: &str = "promised";
/// The clock of what the law gives.
pub(crate) const STATUTORY: &str = "statutory";
/// The clock of one task of the office.
pub(crate) const STEP: &str = "step";
/// The clock of the applicant who supplies what is missing.
pub(crate) const CORRECTION: &str = "correction";
/// The calendar of the State Council, without office hours of its own.
pub(crate) const CHINA: &str = "cn";

/// An act from which or to which a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// The application was handed in.
    Submitted,
    /// The applicant was told what is missing.
    CorrectionAsked,
    /// What was missing has come.
    Supplied,
    /// The case was accepted.
    Accepted,
    /// It was not accepted.
    Declined,
    /// It was decided.
    Decided,
    /// The decision has come to the applicant.
    Delivered,
    /// It was accepted with papers owed (容缺受理).
    Deferred,
    /// Everything that was owed has come.
    Completed,
    /// What was promised was looked at (告知承诺).
    Checked,
    /// It is over. Every clock ends here at the latest.
    Closed,
    /// A task came to the office, or was done.
    Task,
}

/// One act or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Milestones {
    /// One.
    One(Milestone),
    /// Several.
    Several(Vec<Milestone>),
}

impl Milestones {
    pub(crate) fn contains(&self, milestone: Milestone) -> bool {
        match self {
            Self::One(one) => *one == milestone,
            Self::Several(several) => several.contains(&milestone),
        }
    }
}

/// Whose time it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The department's.
    #[default]
    Office,
    /// The applicant's.
    Applicant,
}

/// A clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockDecl {
    /// What people call it; `promised`, `statutory`, `step` and `correction` have names of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The act that starts it.
    pub from: Milestones,
    /// The act that ends it.
    pub to: Milestones,
    /// How much time, such as `20 working days`, `4 working hours`, `24 urgent hours`. `promised` and `statutory`
    /// take theirs from the item, `step` from the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// What is counted of the days that the item gives to `promised` and `statutory`: `working days` where nothing is
    /// written, `natural days` or `statutory days`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The calendar: a name in this pack's `casework/calendars.toml`, `pack:name`, or `cn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Whose time it is.
    #[serde(default)]
    pub side: Whose,
    /// The special procedures during which it stands still.
    #[serde(default)]
    pub stops: Vec<String>,
    /// How it may be extended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// Moments at which supervision hears of it, by name.
    #[serde(default)]
    pub rung: BTreeMap<String, RungDecl>,
    /// Whoever lets this clock run out before accepting has accepted on the day it started (许可法 §32).
    #[serde(default)]
    pub deemed: bool,
}

/// How a clock may be extended: always by a named official, with a written reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// How often.
    pub times: u32,
    /// How much at most each time, in the unit of the clock.
    pub most: u32,
    /// The role that approves it.
    pub approver: String,
    /// The law behind it.
    pub basis: Text,
    /// Whether the number of the written notice must be given.
    #[serde(default)]
    pub written: bool,
    /// The message to the applicant, in the pack's `notice/` folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The paper for the applicant, as `name` or `pack:name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<String>,
    /// Other clocks that are extended with it.
    #[serde(default)]
    pub also: Vec<String>,
}

/// A rung: `before` so many days or hours of the clock's unit, `after` so many too many, or with neither, when the
/// time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RungDecl {
    /// So much is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u32>,
    /// So much too much has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
}

impl RungDecl {
    pub(crate) fn rung(self) -> Rung {
        match (self.before, self.after) {
            (Some(left), _) => Rung::Before(left),
            (None, Some(more)) => Rung::After(more),
            (None, None) => Rung::Over,
        }
    }
}

impl ClockDecl {
    fn between(from: Milestone, to: Milestone) -> Self {
        Self {
            title: None,
            from: Milestones::One(from),
            to: Milestones::One(to),
            budget: None,
            unit: None,
            calendar: None,
            side: Whose::Office,
            stops: Vec::new(),
            extension: None,
            rung: BTreeMap::new(),
            deemed: false,
        }
    }

    fn told(mut self, name: &str, rung: RungDecl) -> Self {
        self.rung.insert(name.to_owned(), rung);
        self
    }

    /// What people call a clock of this name.
    pub fn title(&self, name: &str) -> Text {
        match (&self.title, name) {
            (Some(title), _) => title.clone(),
            (None, PROMISED) => Text::new("承诺时钟", "Promised"),
            (None, STATUTORY) => Text::new("法定时钟", "Statutory"),
            (None, STEP) => Text::new("本步时钟", "This step"),
            (None, CORRECTION) => Text::new("补正期限", "Time to supply"),
            (None, _) => Text::same(name),
        }
    }

    /// What is counted of the days that the item gives.
    pub fn unit(&self) -> Unit {
        let limit = |unit: &String| Limit::parse(&format!("1 {unit}"));
        self.unit.as_ref().and_then(limit).map_or(Unit::WorkingDay, |limit| limit.unit)
    }

    /// The rungs by name.
    pub(crate) fn rungs(&self) -> impl Iterator<Item = (&str, Rung)> {
        self.rung.iter().map(|(name, rung)| (name.as_str(), rung.rung()))
    }

    /// The identifier of its calendar.
    pub(crate) fn calendar(&self) -> &str {
        self.calendar.as_deref().unwrap_or(CHINA)
    }
}

impl CaseType {
    /// Fills in the clocks that every case has, and says in full which calendars are meant.
    pub(super) fn complete(&mut self, pack: &str) {
        let stops: Vec<String> = self.stops.keys().cloned().collect();
        let over = RungDecl { before: None, after: None };
        let soon = RungDecl { before: Some(1), after: None };
        let running = |from, to| {
            let mut clock = ClockDecl::between(from, to).told("overdue", over);
            clock.stops.clone_from(&stops);
            clock
        };
        self.clock
            .entry(STATUTORY.to_owned())
            .or_insert_with(|| running(Milestone::Accepted, Milestone::Decided));
        self.clock
            .entry(PROMISED.to_owned())
            .or_insert_with(|| running(Milestone::Accepted, Milestone::Decided).told("soon", soon));
        self.clock
            .entry(STEP.to_owned())
            .or_insert_with(|| running(Milestone::Task, Milestone::Task));
        if let Some(limit) = &self.correction {
            self.clock.entry(CORRECTION.to_owned()).or_insert_with(|| {
                let mut clock = ClockDecl::between(Milestone::CorrectionAsked, Milestone::Supplied);
                clock.budget = Some(limit.clone());
                clock.side = Whose::Applicant;
                clock.told("overdue", over)
            });
        }
        if let Some(deferral) = &self.deferral {
            self.clock.entry(super::DEFERRAL.to_owned()).or_insert_with(|| {
                let mut clock = ClockDecl::between(Milestone::Deferred, Milestone::Completed);
                clock.budget = Some(deferral.limit.clone());
                clock.side = Whose::Applicant;
                clock.title = Some(Text::new("补齐期限", "Time to bring the rest"));
                clock.told("soon", soon).told("overdue", over)
            });
        }
        for clock in self.clock.values_mut() {
            if let Some(name) = clock.calendar.take() {
                let full = name == CHINA || name.contains(':');
                clock.calendar = Some(if full { name } else { format!("{pack}:{name}") });
            }
        }
    }

    /// What may be done to a clock.
    pub(crate) fn rules(&self, clock: &str) -> Rules {
        let Some(decl) = self.clock.get(clock) else { return Rules::default() };
        let rule = |kind: &String| {
            let stop = self.stops.get(kind)?;
            let rule = StopRule { told_days_max: stop.told_days_max, written: stop.written };
            Some((kind.clone(), rule))
        };
        Rules {
            stops: decl.stops.iter().filter_map(rule).collect(),
            extension: decl.extension.as_ref().map(|extension| ExtensionRule {
                times: extension.times,
                amount_max: extension.most,
                written: extension.written,
            }),
        }
    }

    /// The names of the clocks that a special procedure stops.
    pub(crate) fn stopped_by(&self, kind: &str) -> Vec<String> {
        let stops =
            |(_, clock): &(&String, &ClockDecl)| clock.stops.iter().any(|stop| stop == kind);
        self.clock.iter().filter(stops).map(|(name, _)| name.clone()).collect()
    }
}

impl Limit {
    /// Reads `5 working days`, `30 natural days`, `15 statutory days`, `4 working hours` or `24 urgent hours`. A
    /// limit of nothing, or one that nobody can mean, is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let days = words.next()?.parse().ok()?;
        let unit = match (words.next()?, words.next()?) {
            ("working", "day" | "days") => Unit::WorkingDay,
            ("natural", "day" | "days") => Unit::NaturalDay,
            ("statutory", "day" | "days") => Unit::StatutoryDay,
            ("working", "hour" | "hours") => Unit::WorkingHour,
            ("urgent", "hour" | "hours") => Unit::UrgentHour,
            _ => return None,
        };
        (words.next().is_none() && unit.check(days).is_ok()).then_some(Self { days, unit })
    }
}

/// Reports what is wrong with the clocks of a case type, as it was written.
pub(super) fn check(file: &File<'_>, case_type: &CaseType, report: &mut Report) {
    let mut wrong = |needle: &str, zh: &str, en: &str| {
        report.push(file.error_at(needle, Text::new(zh, en)));
    };
    for (name, clock) in &case_type.clock {
        let place = format!("[clock.{name}");
        let own = [PROMISED, STATUTORY, STEP].contains(&name.as_str());
        match &clock.budget {
            Some(budget) if Limit::parse(budget).is_none() => wrong(
                &format!("\"{budget}\""),
                "期限写成 30 natural days、5 working days 或 4 working hours 这样，天数 1 到 1000",
                "write a limit like `30 natural days` or `4 working hours`, from 1 to 1000 days",
            ),
            None if !own => wrong(&place, "这个时钟要写 budget", "this clock needs a budget"),
            Some(_) if own => wrong(
                &place,
                "承诺、法定期限来自事项，本步期限来自流程，这里不写 budget",
                "the item or the process gives the time of this clock: write no budget here",
            ),
            _ => {}
        }
        let days = ["working days", "natural days", "statutory days"];
        if clock.unit.as_ref().is_some_and(|unit| {
            !days.contains(&unit.as_str()) || ![PROMISED, STATUTORY].contains(&name.as_str())
        }) {
            wrong(
                &place,
                "unit 只写在 promised 和 statutory 上：working days、natural days 或 statutory days",
                "unit stands on promised and statutory only: working days, natural days or statutory days",
            );
        }
        if let Some(stop) = clock.stops.iter().find(|stop| !case_type.stops.contains_key(*stop)) {
            wrong(
                stop,
                "stops 里没有声明这种停钟情形",
                "there is no such special procedure in [stops]",
            );
        }
        if clock.rung.values().any(|rung| rung.before.is_some() && rung.after.is_some()) {
            wrong(&place, "before 和 after 只写一个", "write either before or after");
        }
        if let Some(extension) = &clock.extension {
            if extension.times == 0 || Unit::WorkingDay.check(extension.most).is_err() {
                wrong(&place, "延长的次数和天数都要大于零", "times and most are more than nothing");
            }
            if let Some(also) = extension.also.iter().find(|also| !known(case_type, also)) {
                wrong(also, "没有这个时钟", "there is no such clock");
            }
        }
    }
    for (kind, stop) in &case_type.stops {
        if !(1..=stop.told_days_max).contains(&stop.told_days) || stop.told_days_max > 1_000 {
            wrong(
                &format!("[stops.{kind}]"),
                "told_days 应在 1 到 told_days_max 之间，最多 1000 天",
                "told_days is from 1 to told_days_max, at most 1000 days",
            );
        }
    }
}

fn known(case_type: &CaseType, name: &str) -> bool {
    [PROMISED, STATUTORY, STEP].contains(&name) || case_type.clock.contains_key(name)
}
