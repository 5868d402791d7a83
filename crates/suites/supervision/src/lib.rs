#![doc = include_str!("../README.md")]

mod attach;
mod audit;
mod board;
mod card;
mod duty;
mod error;
mod evidence;
mod export;
mod finding;
mod follow;
mod grade;
mod judge;
mod model;
mod occasion;
mod part;
mod raise;
mod sample;
mod sealed;
mod store;

use zhengtong_base::{Migration, Schema};

pub use attach::attach;
pub use audit::{Audited, Difference, audit};
pub use board::{Board, Course, LastAudit, behind, board, course, rules};
pub use card::{CardView, Deed, Pile, Said, act, card, cards, own_cards, proposal_pdf, urge_late};
pub use duty::{DUTY_KINDS, duties, duty_title, record_duty};
pub use error::{Error, Result};
pub use evidence::{Evidence, FILES_MAX, Sent, open};
pub use export::{ItemKinds, Taken, export};
pub use finding::{NewFinding, evidence, find, find_with};
pub use follow::{News, follow, hear, look_daily};
pub use grade::{Graded, Grades, Line, grades};
pub use model::{
    Behind, Card, Counts, DepartmentRow, Duty, Level, Period, Seen, Standing, State, Step, What,
};
pub use part::{
    Addressee, Catalog, Counted, Deduction, FindingKind, Grade, Grading, PART, Ready, Rule,
    SupervisionFile, Threshold, When, read,
};
pub use sample::{Check, Draw, Drawn, Sample, SampleView, check_drawn, draw, sample, samples};
pub use sealed::SEALED;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "supervision",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "evidence",
            sql: include_str!("../migrations/0002_evidence.sql"),
        },
    ],
    statements: &[
        ("figures.sql", store::FIGURES),
        ("behind.sql", store::BEHIND),
        ("card_sums.sql", store::CARD_SUMS),
        ("exported.sql", store::EXPORTED),
    ],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("supervision.follow", "supervision"),
    ("supervision.audit", "supervision"),
    ("supervision.board", "supervision"),
    ("supervision.cards", "supervision"),
    ("supervision.export", "supervision"),
    ("supervision.find", "supervision"),
    ("supervision.draw", "supervision"),
    ("supervision.duty", "supervision"),
    ("supervision.course", "course"),
    ("supervision.own", "card"),
    ("supervision.read", "card"),
    ("supervision.answer", "card"),
    ("supervision.appeal", "card"),
    ("supervision.uphold", "card"),
    ("supervision.revoke", "card"),
    ("supervision.urge", "card"),
    ("supervision.propose", "card"),
    ("supervision.close", "card"),
];
