//! The pool and what every context needs: clock, policies, shelf.

use std::collections::HashMap;
use std::str::FromStr as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::Notify;
use zhengtong_access::Policies;

use crate::clock::{Clock, SystemClock};
use crate::ctx::{Actor, Ctx};
use crate::error::{Error, Result};
use crate::figures::Waits;
use crate::shelf::Shelf;

/// After so long without use the line beside the pool is closed.
const SIDE_IDLE: Duration = Duration::from_mins(1);

/// Limits of the pool.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Connections at most.
    pub connections_max: u32,
    /// How long a request waits for a connection, in milliseconds.
    pub acquire_wait_ms_max: u64,
    /// How long one statement may run, in milliseconds.
    pub statement_ms_max: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connections_max: 20, acquire_wait_ms_max: 5_000, statement_ms_max: 15_000 }
    }
}

/// Policies and definitions in force, replaced together when packs are loaded again.
#[derive(Clone, Debug, Default)]
struct Loaded {
    policies: Arc<Policies>,
    shelf: Arc<Shelf>,
}

/// The database and what every verb's context is made of.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    /// One line beside the pool, for what must be committed while a transaction is open.
    side: PgPool,
    clock: Arc<dyn Clock>,
    loaded: Arc<RwLock<Loaded>>,
    waits: Arc<Waits>,
    /// Woken when a transaction of this process leaves work for later.
    worker: Arc<Notify>,
}

impl Db {
    /// Opens a pool on a URL such as `postgres://user:password@host/name` or
    /// `postgres:///name?host=/folder/of/socket&user=zhengtong`. Connections are made when needed.
    pub fn open(url: &str, settings: Settings) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(Error::Sql)?
            .application_name("zhengtong")
            .options([
                ("statement_timeout", settings.statement_ms_max.to_string()),
                ("idle_in_transaction_session_timeout", "60000".to_owned()),
                ("timezone", "UTC".to_owned()),
                // Our statements are short; compiling them costs more than it saves, and a hardened unit forbids it.
                ("jit", "off".to_owned()),
            ]);
        let wait = Duration::from_millis(settings.acquire_wait_ms_max);
        let side = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(wait)
            .idle_timeout(SIDE_IDLE)
            .connect_lazy_with(options.clone());
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections_max)
            .acquire_timeout(wait)
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            side,
            clock: Arc::new(SystemClock),
            loaded: Arc::new(RwLock::new(Loaded::default())),
            waits: Arc::new(Waits::default()),
            worker: Arc::new(Notify::new()),
        })
    }

    /// The same database under another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Puts policies and definitions in force for contexts begun from now on.
    pub fn load(&self, policies: Policies, shelf: Shelf) {
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        *loaded = Loaded { policies: Arc::new(policies), shelf: Arc::new(shelf) };
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Definitions from packs, by type, outside any verb.
    pub fn defs<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        self.loaded().shelf.get::<T>()
    }

    /// The policies in force.
    pub fn policies(&self) -> Arc<Policies> {
        self.loaded().policies
    }

    /// Begins the context of a verb: one transaction, one moment, one actor.
    pub async fn begin(&self, actor: Actor, request: &str) -> Result<Ctx> {
        let loaded = self.loaded();
        Ok(Ctx {
            actor,
            now: self.clock.now(),
            request: request.to_owned(),
            key: None,
            policies: loaded.policies,
            shelf: loaded.shelf,
            tx: self.begin_raw().await?,
            side: self.side.clone(),
            worker: Arc::clone(&self.worker),
            leaves_work: false,
            known: HashMap::new(),
            span: tracing::info_span!(target: "zhengtong::act", "act", verb = tracing::field::Empty),
        })
    }

    /// Begins the context of a piece of work of the platform itself.
    pub async fn begin_system(&self, name: &str) -> Result<Ctx> {
        self.begin(Actor::system(name), &format!("system:{name}")).await
    }

    /// A transaction without a context, for the store's own work.
    pub async fn begin_raw(&self) -> Result<Transaction<'static, Postgres>> {
        let wait = self.waits.begin();
        let tx = self.pool.begin().await?;
        wait.got();
        Ok(tx)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// The pool, for wiring: migrations, listeners, bulk loads.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Waits until a transaction of this process leaves work for later.
    pub(crate) async fn woken(&self) {
        self.worker.notified().await;
    }

    pub(crate) fn waits(&self) -> &Waits {
        &self.waits
    }

    /// Closes all connections once they are idle.
    pub async fn close(&self) {
        self.side.close().await;
        self.pool.close().await;
    }

    fn loaded(&self) -> Loaded {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
