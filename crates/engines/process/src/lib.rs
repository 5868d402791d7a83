#![doc = include_str!("../README.md")]

mod beginning;
mod blank;
mod called;
mod decision;
mod design;
mod difference;
mod drawn;
mod error;
mod events;
mod feel;
mod incidents;
mod known;
mod language;
mod layout;
mod model;
mod office;
mod own;
mod part;
mod picture;
mod published;
mod sheet;
mod store;
mod timer;
mod trial;
mod verbs;
mod versions;
mod waits;
mod work;

use zhengtong_base::{Migration, Schema};

pub use beginning::{Beginning, attach, begin_next, beginnings, go_on, settle};
pub use blank::blank;
pub use decision::Decision;
pub use design::{
    DesignError, NOTE_CHARS_MAX, NOTE_CHARS_MIN, New, XML_BYTES_MAX, create, decide, definitions,
    design, draw, give_up, save, submit, take_back, text, thing, title_of, versions,
};
pub use difference::{Change, Changed, Detail, decision_difference, difference};
pub use drawn::{Design, Listed, Source, Stage, Version};
pub use error::{Error, Result};
pub use events::{expire, fire_next, message, message_thing, signal};
pub use incidents::{incident, incidents, retry, skip};
pub use known::{Judged, Known};
pub use language::Language;
pub use model::{
    Delivered, EdgePicture, Incident, IncidentKind, Moved, Moves, News, NodePicture, Opened,
    Picture, Resting, Rests, Standing, Step,
};
pub use office::{
    add_sign, ask_opinions, assign, countersign, delegate, give_back, may_take_back, moves,
    remove_sign, rests, return_straight, return_to, send_to, take_back_task,
};
pub use part::{Catalog, Definition, Examined, PART, examine, read};
pub use picture::{picture, preview};
pub use published::{Published, follow, wanted};
pub use sheet::{Sheet, sheets};
pub use trial::{Trial, trial};
pub use verbs::{
    attempt, complete, fail, forget, learn, replay, serve, start, terminate, variables,
};
pub use versions::{Mapping, check_migration, migrate};
pub use zhengtong_bpmn::{Bounds, Finding, Level, Node, NodeKind, Point, Purpose, Rule, SignPlace};

/// The job that lets happen what is due: a suite attaches what carries it out.
pub const DUE: &str = waits::DUE;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "process",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "design",
            sql: include_str!("../migrations/0002_design.sql"),
        },
        Migration {
            version: 3,
            name: "durable",
            sql: include_str!("../migrations/0003_durable.sql"),
        },
        Migration {
            version: 4,
            name: "beginning",
            sql: include_str!("../migrations/0004_beginning.sql"),
        },
    ],
    statements: &[
        ("instance.sql", store::INSTANCE),
        ("save.sql", store::SAVE),
        ("next_due.sql", store::wait::NEXT_DUE),
        ("next_message.sql", store::wait::NEXT_MESSAGE),
        ("begin_message.sql", store::beginning::MESSAGE),
        ("incidents.sql", store::incident::INCIDENTS),
        ("design_kept.sql", store::design::KEPT),
        ("design_running.sql", store::design::RUNNING),
    ],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("process.start", "instance"),
    ("process.move", "instance"),
    ("process.forget", "instance"),
    ("process.read", "instance"),
    ("process.migrate", "instance"),
    ("process.message", "message"),
    ("process.signal", "signal"),
    ("process.fire", "platform"),
    ("process.incidents", "platform"),
    ("process.retry", "platform"),
    ("process.skip", "platform"),
    ("process.designs", "definition"),
    ("process.draw", "definition"),
    ("process.submit", "definition"),
    ("process.approve", "definition"),
];
