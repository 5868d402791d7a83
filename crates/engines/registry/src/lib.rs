#![doc = include_str!("../README.md")]

mod area;
mod error;
mod feeds;
mod history;
mod lint;
mod loads;
mod matching;
mod model;
mod open;
mod part;
mod protecting;
mod quality;
mod reading;
mod sealed;
mod store;
mod striking;
mod table;
mod value;
mod writing;

use zhengtong_base::{Migration, Schema};

pub use area::Area;
pub use error::{Error, Result};
pub use feeds::{
    FEED_BYTES_MAX, Feed, FeedState, FeedView, Feeds, attach_feeds, feeds, fetch_soon, look_at_feed,
};
pub use history::{
    AsOf, Past, RecordHistory, RecordOn, Version, as_of, history, named_record, record_history,
    record_on, tables_in_past,
};
pub use loads::{
    AtOnce, Confirmed, Counts, Load, LoadFault, LoadMode, LoadState, Loader, NewLoad, Preview,
    Step, allow_load, attach, begin_load, cancel_load, confirm_load, load_at_once, load_faults,
    load_of, loadable, loads, may_load, preview_load, step,
};
pub use matching::{
    Beside, ComparerWord, EntityView, GroupState, Item, MatchFieldPart, MatchGroup, MatchGroupPart,
    MatchMember, Matched, MatchingFile, MemberPart, NewDecision, PairRow, PairState, PairView,
    PassPart, Side, attach_matching, decide_pair, entity, match_soon, match_states, match_up, pair,
    pairs, take_out,
};
pub use model::{
    Catalog, CodeEntry, CodeList, Counted, Dataset, DatasetKind, Element, ElementKind, Field,
    Known, ORGANISATION_ID, Origin, PERSON_ID, Purpose, Put, Record, Row, Sensitivity, Sharing,
    Standard, Subject, SyncReport, Update, Vector,
};
pub use open::{OpenRow, TALLY_MAX, Tallied, browse, pour, tally};
pub use part::{
    CodesFile, DatasetFile, ElementPart, ElementsFile, EntryPart, FieldPart, ListPart, PART,
    RuleKind, RulePart, StandardKind, StandardPart, StandardsFile, VectorPart, read,
};
pub use protecting::{protect, reseal, retire};
pub use quality::{
    Aspect, QualityRun, Rule, RuleResult, Scores, check_quality, quality, quality_fault,
    quality_faults, quality_of, scores,
};
pub use reading::{count, held, lookup, prefill, search, verify};
pub use sealed::sealed_fields;
pub use store::{ready_for_geometry, sync};
pub use striking::{Told, allow_strike, strike_out};
pub use table::{
    Compare, TABLE_ROWS_MAX, TablePage, TableQuery, TableRow, Term, Totals, TotalsGroup,
    TotalsQuery, UPDATED, rows, table, tables, totals,
};
pub use value::{display, mask, validate, validate_held};
pub use writing::{copy_in, end, put};

/// The tables; those of datasets are made by [`sync`].
pub const SCHEMA: Schema = Schema {
    name: "registry",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration { version: 2, name: "loads", sql: include_str!("../migrations/0002_loads.sql") },
        Migration {
            version: 3,
            name: "matching",
            sql: include_str!("../migrations/0003_matching.sql"),
        },
        Migration {
            version: 4,
            name: "quality",
            sql: include_str!("../migrations/0004_quality.sql"),
        },
        Migration { version: 5, name: "feeds", sql: include_str!("../migrations/0005_feeds.sql") },
        Migration {
            version: 6,
            name: "two_times",
            sql: include_str!("../migrations/0006_two_times.sql"),
        },
        Migration {
            version: 7,
            name: "struck",
            sql: include_str!("../migrations/0007_struck.sql"),
        },
    ],
    statements: store::STATEMENTS,
};

/// The fields of this engine's own tables that stand sealed.
pub const SEALED: &[&str] = &[loads::FAULT_RAW, matching::MODEL, matching::KEY];

/// The verbs, and the kind of thing each is asked about.
pub const VERBS: &[(&str, &str)] = &[
    ("registry.read", "dataset"),
    ("registry.verify", "dataset"),
    ("registry.search", "dataset"),
    ("registry.count", "dataset"),
    ("registry.put", "dataset"),
    ("registry.end", "dataset"),
    ("registry.strike", "dataset"),
    ("registry.load", "dataset"),
    ("registry.match", "match_group"),
    ("registry.matches", "match_group"),
    ("registry.decide", "match_group"),
    ("registry.loads", "dataset"),
    ("registry.faults", "dataset"),
    ("registry.check", "dataset"),
    ("registry.quality", "dataset"),
    ("registry.scores", "dataset"),
    ("registry.protect", "platform"),
    ("registry.retire", "dataset"),
];
