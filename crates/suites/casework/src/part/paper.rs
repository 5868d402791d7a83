//! Which papers the applicant is given at which act, and how a decision reaches them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{File, Packs, Report};

use super::{CaseType, Catalog, Effect};

/// Most days after which an announcement counts as delivered.
const ANNOUNCED_DAYS_MAX: u32 = 365;

/// A moment at which the applicant is given a paper. Its word is the name of the paper in the shared set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// The application was handed in.
    Receipt,
    /// Something is missing: told once, completely.
    Correction,
    /// The case was accepted.
    Accepted,
    /// It was not accepted.
    Declined,
    /// What was asked for is granted.
    Granted,
    /// It is refused.
    Refused,
    /// More time was given.
    Extended,
    /// A special procedure stops the clock.
    Stopped,
    /// An act with a paper of its own.
    Other,
    /// How the decision arrived.
    Delivered,
    /// What lies in the archive of the case.
    Catalogue,
}

impl Moment {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Correction => "correction",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Extended => "extended",
            Self::Stopped => "stopped",
            Self::Other => "other",
            Self::Delivered => "delivered",
            Self::Catalogue => "catalogue",
        }
    }

    /// The moment that an effect is.
    pub(crate) fn of(effect: Effect) -> Self {
        match effect {
            Effect::Accept => Self::Accepted,
            Effect::Correct => Self::Correction,
            Effect::Decline => Self::Declined,
            Effect::Grant => Self::Granted,
            Effect::Refuse => Self::Refused,
            _ => Self::Other,
        }
    }
}

/// How a decision comes to the applicant.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Into the applicant's space on the platform.
    Electronic,
    /// Handed over at the window.
    Window,
    /// By express mail.
    Express,
    /// By public announcement, where nobody can be reached.
    Announcement,
}

impl Way {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::Electronic, Self::Window, Self::Express, Self::Announcement];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Electronic => "electronic",
            Self::Window => "window",
            Self::Express => "express",
            Self::Announcement => "announcement",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Electronic => Text::new("电子送达", "electronic delivery"),
            Self::Window => Text::new("窗口领取", "collected at the window"),
            Self::Express => Text::new("邮政快递", "express mail"),
            Self::Announcement => Text::new("公告送达", "public announcement"),
        }
    }
}

/// How decisions of a case type are delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryDecl {
    /// The ways that may be taken, the usual one first.
    pub ways: Vec<Way>,
    /// The law behind it.
    pub basis: Text,
    /// Whether the platform delivers electronically by itself as soon as there is a decision.
    #[serde(default)]
    pub by_rule: bool,
    /// Whether the case is closed only when the decision has arrived.
    #[serde(default)]
    pub closes: bool,
    /// After how many days a public announcement counts as delivered.
    #[serde(default = "announced_days")]
    pub announced_days: u32,
}

fn announced_days() -> u32 {
    30
}

impl CaseType {
    /// The paper of a moment as `pack:name`: the one that is named, or that of the shared set.
    pub(crate) fn paper(&self, kind: &str, moment: Moment, named: Option<&str>) -> Option<String> {
        let (own, _) = kind.split_once(':').unwrap_or_default();
        if let Some(named) = named {
            let (pack, name) = Packs::resolve(own, named);
            return Some(format!("{pack}:{name}"));
        }
        let set = self.papers.as_deref().filter(|_| moment != Moment::Other)?;
        Some(format!("{set}:{}", moment.word()))
    }

    /// Every paper that this type names, as it stands in the file.
    fn named_papers(&self) -> BTreeSet<&str> {
        let outcomes = self.outcome.values().filter_map(|outcome| outcome.paper.as_deref());
        let stops = self.stops.values().filter_map(|stop| stop.paper.as_deref());
        let more =
            self.clock.values().filter_map(|clock| clock.extension.as_ref()?.paper.as_deref());
        let licences = self.action.values().filter_map(|action| action.licence.as_ref());
        let licences = licences.map(|change| change.template.as_str());
        outcomes.chain(stops).chain(more).chain(licences).chain(self.receipt.as_deref()).collect()
    }
}

/// What is wrong with the ways of delivery.
pub(super) fn check(file: &File<'_>, case_type: &CaseType, report: &mut Report) {
    if let Some(delivery) = &case_type.delivery {
        let electronic = delivery.ways.contains(&Way::Electronic);
        if delivery.ways.is_empty() || (delivery.by_rule && !electronic) {
            report.push(file.error_at(
                "ways",
                Text::new(
                    "至少写一种送达方式；by_rule 要求其中有 electronic",
                    "name at least one way; by_rule needs electronic among them",
                ),
            ));
        }
        if !(1..=ANNOUNCED_DAYS_MAX).contains(&delivery.announced_days) {
            report.push(file.error_at(
                "announced_days",
                Text::new(
                    format!("公告天数是 1 到 {ANNOUNCED_DAYS_MAX}"),
                    format!("days of an announcement are 1 to {ANNOUNCED_DAYS_MAX}"),
                ),
            ));
        }
    }
}

/// Whether every paper that case types name is there.
pub fn check_papers(
    packs: &Packs,
    catalog: &Catalog,
    papers: &zhengtong_document::Catalog,
    report: &mut Report,
) {
    for pack in packs.iter() {
        for file in pack.folder(super::PART.folder, "toml") {
            let kind = format!("{}:{}", pack.id(), file.stem());
            let Some(case_type) = catalog.get(&kind) else { continue };
            if let Some(set) = case_type.papers.as_deref() {
                if !packs.may_refer(pack.id(), set) {
                    report.push(beyond(&file, set));
                } else if !papers.iter().any(|paper| paper.pack == set) {
                    report.push(file.error_at(
                        &format!("\"{set}\""),
                        Text::new(
                            format!("包 {set} 里没有文书"),
                            format!("the pack {set} has no papers"),
                        ),
                    ));
                }
            }
            for named in case_type.named_papers() {
                let (of, _) = Packs::resolve(pack.id(), named);
                if !packs.may_refer(pack.id(), of) {
                    report.push(beyond(&file, named));
                } else if papers.find(pack.id(), named).is_none() {
                    let known = papers.iter().map(|paper| paper.name.as_str());
                    report.push(
                        file.error_at(
                            &format!("\"{named}\""),
                            Text::new(
                                format!("没有文书 {named}"),
                                format!("there is no paper {named}"),
                            ),
                        )
                        .suggest(named, known),
                    );
                }
            }
        }
    }
}

fn beyond(file: &File<'_>, named: &str) -> zhengtong_pack::Finding {
    file.error_at(
        &format!("\"{named}\""),
        Text::new(
            format!("{named} 所在的包没有写进 pack.toml 的 needs"),
            format!("the pack of {named} does not stand in needs of pack.toml"),
        ),
    )
}
