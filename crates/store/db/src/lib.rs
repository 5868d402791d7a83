//! PostgreSQL below everything: the pool, the managed cluster, migrations, the context of a verb with its
//! transaction, answers under idempotency keys, jobs, the outbox and test databases.

pub mod clock;
pub mod cluster;
mod ctx;
mod error;
pub mod figures;
mod follow;
pub mod jobs;
mod migrate;
mod numbers;
mod once;
pub mod outbox;
mod pool;
mod shelf;
pub mod sql;
pub mod testing;
mod worker;

use zhengtong_base::{Migration, Schema};

pub use ctx::{Actor, ActorKind, Ctx, RECORD_WORDS};
pub use error::{Error, Result};
pub use follow::follow;
pub use migrate::{MigratePlan, MigrateReport, migrate, plan as plan_migration};
pub use once::forget_answers;
pub use pool::{Db, Settings};
pub use shelf::Shelf;
pub use zhengtong_access::{Attr, Policies, Thing, Who, WhoKind};
pub use zhengtong_crypto::Keyring;

pub use self::worker::{WORKER, allow_worker};

/// The tables of this crate.
pub const SCHEMA: Schema = Schema {
    name: "db",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "numbers",
            sql: include_str!("../migrations/0002_numbers.sql"),
        },
    ],
    statements: &[("take_jobs.sql", jobs::TAKE_JOBS), ("figures.sql", figures::WORK)],
};
