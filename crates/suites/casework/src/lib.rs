#![doc = include_str!("../README.md")]

mod act;
mod archive;
mod assisted;
mod attach;
mod beside;
mod bulk;
mod charge;
mod clocks;
mod clockwork;
mod decide;
mod deferral;
mod delivery;
mod drafts;
mod ending;
mod errands;
mod error;
mod figure;
mod filters;
mod flow;
mod free;
mod handover;
mod hold;
mod inbox;
mod law;
mod leave;
mod licence;
mod linked;
mod model;
mod moved;
mod open;
mod outline;
mod outside;
mod part;
mod party;
mod phrases;
mod presence;
mod procedure;
mod recompute;
mod related;
mod responsible;
mod retire;
mod revoke;
mod sealed;
mod seen;
mod store;
mod undertaking;
mod urge;
mod used;
mod view;
mod voucher;
mod watch;
mod whom;

use zhengtong_base::{Migration, Schema};

pub use act::{Input, act, answer, claim, note, release, supply, withdraw};
pub use archive::{
    ArchiveCheck, ArchiveFile, Archived, Paper as ArchivedPaper, archive, archive_file, archive_of,
    archived_papers, attach_archive, verify_archive,
};
pub use attach::{NAME_CHARS_MAX, OFFICE, OwnPaper, attach, may_attach};
pub use beside::{add_sign, consult, countersign, remove_sign, sign};
pub use bulk::{
    Bulk, BulkAct, BulkState, accept_all, assign_all, attach_bulk, bulk, carry_out, claim_all, undo,
};
pub use charge::{Charge, Charges, Charging, ListedFee, OFF_LIST, Struck, charge, charges, strike};
pub use clocks::{ClockAct, ClockView, Clocks, Extendable, Promised, limits_today, promised};
pub use deferral::{Deferred, Late, Owed, bring, deferred, settle_late};
pub use delivery::{Arrival, Delivery, Sending, deliveries, dispatch, served, ways};
pub use drafts::{Draft, drafts, keep_draft, message};
pub use ending::end;
pub use errands::{Errands, Pledged, errands, pledged};
pub use error::{Error, Result};
pub use figure::FIELD as FIGURE_FIELD;
pub use filters::{
    Arrangement, SavedFilter, arrange, arrangement, drop_filter, filters, open_with, save_filter,
};
pub use free::{
    Moves, Takeable, Target, delegate, give_back, moves, send_back, send_to, take_back, takeable,
    transfer,
};
pub use handover::{Colleague, HandedOver, Hands, colleagues, hand_over, hands};
pub use hold::{Extending, extend};
pub use inbox::{
    COUNT_MAX, Counts, Filter, Inbox, InboxItem, ROWS_MAX, Sought, Spot, Standing, count, counts,
    inbox,
};
pub use law::{
    CalendarsView, Change, ClockFigures, ClockLimit, Law, calendars, clock_figures,
    clock_figures_at, law, set_days, set_limit,
};
pub use leave::{
    Burden, attach_reroute, burden_of_account, burden_of_holding, disable_account, end_holding,
    reroute,
};
pub use linked::{Linked, Part, linked, merge, mergeable, split};
pub use model::{
    Added, Applicant, Case, Event, Fact, FactSection, Material, MaterialFile, NewMaterial, Note,
    Opening, Place, Purpose, Responsible, Revealed, Side, State, Todo,
};
pub use moved::{attach_due, fire_due, follow, lapse_next};
pub use open::open;
pub use outline::{Outline, changed, outline};
pub use outside::{Addressed, Telling, Told, tell};
pub use part::{
    Action, Assist, Calendars, CaseType, Catalog, ClockDecl, Deferral, DeliveryDecl, Effect,
    Ending, Extension, FeeDecl, Figure, FigureKind, FigureOption, LicenceChange, Limit, Milestone,
    Milestones, Moment, Outcome, PART, PhraseDecl, Promise, Revocation, RungDecl, Stop, Way, Whose,
    WriteBack, check_papers, check_processes, fen, read, yuan,
};
pub use phrases::{Phrase, drop_phrase, keep_phrase, phrases};
pub use presence::{Looking, look};
pub use procedure::{
    Finishing, Procedure, Suspending, approve, finish, procedures, resume, suspend,
};
pub use recompute::{Mismatch, RungNews, attach_clocks, audit, fire, overlong, recompute};
pub use related::{Related, related};
pub use responsible::responsible;
pub use retire::retire;
pub use revoke::revoke;
pub use sealed::{SEALED, protect, reseal, reveal, reveal_person, sealed_keys};
pub use seen::AsSeen;
pub use undertaking::{
    DEFERRAL as UNDERTAKE_DEFERRAL, PROMISE as UNDERTAKE_PROMISE, Undertaking,
    basis as undertaking_basis, undertake, undertakings, words as undertaking_words,
};
pub use urge::{Urging, urge, urging};
pub use used::{USED_MAX, used};
pub use view::{CaseView, Choice, OpenTask, OwnAct, material, mine, to_do, view, view_to_write};
pub use voucher::{Given, Line, SECOND_CORRECTION, lines, open_paper, papers, preview};
pub use watch::{
    Watched, WatchedClock, WatchedEvent, WatchedRung, WatchedStop, WatchedTask, watch, watch_after,
};

pub use whom::{Candidate, Whom, candidates};
pub use zhengtong_process::{Rule, SignPlace};

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "casework",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "retired",
            sql: include_str!("../migrations/0002_retired.sql"),
        },
        Migration { version: 3, name: "plain", sql: include_str!("../migrations/0003_plain.sql") },
        Migration {
            version: 4,
            name: "clocks",
            sql: include_str!("../migrations/0004_clocks.sql"),
        },
        Migration {
            version: 5,
            name: "course",
            sql: include_str!("../migrations/0005_course.sql"),
        },
        Migration {
            version: 6,
            name: "papers",
            sql: include_str!("../migrations/0006_papers.sql"),
        },
        Migration { version: 7, name: "desk", sql: include_str!("../migrations/0007_desk.sql") },
        Migration {
            version: 8,
            name: "numbers",
            sql: include_str!("../migrations/0008_numbers.sql"),
        },
        Migration {
            version: 9,
            name: "own_papers",
            sql: include_str!("../migrations/0009_own_papers.sql"),
        },
        Migration {
            version: 10,
            name: "charge",
            sql: include_str!("../migrations/0010_charge.sql"),
        },
        Migration {
            version: 11,
            name: "strike",
            sql: include_str!("../migrations/0011_strike.sql"),
        },
        Migration { version: 12, name: "used", sql: include_str!("../migrations/0012_used.sql") },
    ],
    statements: &[
        ("inbox.sql", store::INBOX),
        ("inbox_count.sql", store::INBOX_COUNT),
        ("inbox_counts.sql", store::INBOX_COUNTS),
        ("used.sql", store::USED),
        ("write_derived.sql", store::WRITE_DERIVED),
    ],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("casework.open", "case"),
    ("casework.read", "case"),
    ("casework.reveal", "case"),
    ("casework.retire", "case"),
    ("casework.outline", "case"),
    ("casework.used", "dataset"),
    ("casework.reseal", "platform"),
    ("casework.mine", "case"),
    ("casework.inbox", "inbox"),
    ("casework.arrange", "inbox"),
    ("casework.undo", "inbox"),
    ("casework.hand_over", "inbox"),
    ("casework.assign", "case"),
    ("casework.related", "case"),
    ("casework.urge", "case"),
    ("casework.claim", "case"),
    ("casework.burden", "post"),
    ("casework.reroute", "case"),
    ("casework.release", "case"),
    ("casework.note", "case"),
    ("casework.attach", "case"),
    ("casework.suspend", "case"),
    ("casework.resume", "case"),
    ("casework.approve_procedure", "case"),
    ("casework.extend", "case"),
    ("casework.calendars", "platform"),
    ("casework.set_days", "platform"),
    ("casework.set_limit", "platform"),
    ("casework.recompute", "platform"),
    ("casework.fire", "platform"),
    ("casework.audit", "platform"),
    ("casework.watch", "platform"),
    ("casework.withdraw", "case"),
    ("casework.end", "case"),
    ("casework.undertake", "case"),
    ("casework.bring", "case"),
    ("casework.settle_late", "case"),
    ("casework.lapse", "platform"),
    ("casework.take_back", "case"),
    ("casework.transfer", "case"),
    ("casework.delegate", "case"),
    ("casework.give_back", "case"),
    ("casework.add_sign", "case"),
    ("casework.remove_sign", "case"),
    ("casework.consult", "case"),
    ("casework.sign", "case"),
    ("casework.send_to", "case"),
    ("casework.uphold", "case"),
    ("casework.breach", "case"),
    ("casework.revoke", "case"),
    ("casework.dispatch", "case"),
    ("casework.served", "case"),
    ("casework.charge", "case"),
    ("casework.strike", "case"),
    ("casework.merge", "case"),
    ("casework.split", "case"),
    ("casework.archive", "case"),
    ("casework.verify_archive", "case"),
    ("casework.accept", "case"),
    ("casework.correct", "case"),
    ("casework.supply", "case"),
    ("casework.decline", "case"),
    ("casework.pass", "case"),
    ("casework.return", "case"),
    ("casework.grant", "case"),
    ("casework.refuse", "case"),
    ("casework.deliver", "case"),
];
