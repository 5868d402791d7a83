//! The context of a verb: who, when, in which request, and the one transaction.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use time::OffsetDateTime;
use tokio::sync::Notify;
use uuid::{NoContext, Timestamp, Uuid};
use zhengtong_access::{Policies, Thing, Who, WhoKind};
use zhengtong_base::{Act, Behalf, Veil};
use zhengtong_crypto::{Keyring, SealError};

use crate::error::{Error, Result};
use crate::shelf::Shelf;
use crate::{jobs, outbox};

/// The field of the names and reasons in the record of acts.
pub const RECORD_WORDS: &str = "ledger.words";
/// What stands for words whose key was destroyed.
const GONE: &str = "—";

/// What kind of actor acts.
pub type ActorKind = WhoKind;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The account; none for visitors and the platform.
    pub account: Option<Uuid>,
    /// The session.
    pub session: Option<Uuid>,
    /// The natural person behind the account.
    pub person: Option<Uuid>,
    /// The name shown to others and kept in the record.
    pub name: String,
    /// The organisation whose post is held.
    pub organisation: Option<Uuid>,
    /// The short name of that organisation, by which packs call it.
    pub unit: Option<String>,
    /// The post that is held.
    pub post: Option<Uuid>,
    /// The region code of the organisation.
    pub region: Option<String>,
    /// Role words of the post.
    pub roles: Vec<String>,
    /// The organisation a citizen acts for.
    pub behalf: Option<Behalf>,
}

impl Actor {
    /// A visitor who is not logged in.
    pub fn visitor() -> Self {
        Self::bare(ActorKind::Anonymous, "")
    }

    /// The platform itself, doing a named piece of work.
    pub fn system(name: &str) -> Self {
        Self::bare(ActorKind::System, name)
    }

    fn bare(kind: ActorKind, name: &str) -> Self {
        Self {
            kind,
            account: None,
            session: None,
            person: None,
            name: name.to_owned(),
            organisation: None,
            unit: None,
            post: None,
            region: None,
            roles: Vec::new(),
            behalf: None,
        }
    }

    /// The actor as policies see it.
    pub fn who(&self) -> Who {
        let text = |id: &Uuid| id.to_string();
        Who {
            id: self
                .account
                .map_or_else(|| format!("{}:{}", self.kind.word(), self.name), |id| id.to_string()),
            kind: self.kind,
            roles: self.roles.clone(),
            person: self.person.as_ref().map(text),
            organisation: self.organisation.as_ref().map(text),
            unit: self.unit.clone(),
            behalf: self.behalf.as_ref().map(|behalf| behalf.organisation.to_string()),
            region: self.region.clone(),
        }
    }
}

/// The context that every verb takes first.
#[derive(Debug)]
pub struct Ctx {
    /// Who acts.
    pub actor: Actor,
    /// The time of this act; it does not move within a verb.
    pub now: OffsetDateTime,
    /// The id of the request, shown on the page and kept in the record.
    pub request: String,
    /// The idempotency key that came with the request.
    pub key: Option<String>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) tx: Transaction<'static, Postgres>,
    /// A line of its own for what is committed before this transaction is.
    pub(crate) side: PgPool,
    /// Who is woken when this transaction leaves work for later.
    pub(crate) worker: Arc<Notify>,
    /// Whether it does.
    pub(crate) leaves_work: bool,
    /// What was worked out once in this transaction, by its type.
    pub(crate) known: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    /// From the beginning to the commit, for those who follow a request; named by the first verb.
    pub(crate) span: tracing::Span,
}

impl Ctx {
    /// The connection with the open transaction.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// A new identifier that sorts by the time of this act.
    pub fn id(&self) -> Uuid {
        let seconds = u64::try_from(self.now.unix_timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, self.now.nanosecond()))
    }

    /// Definitions from packs, by type.
    pub fn defs<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        self.shelf.get::<T>()
    }

    /// The keys under which personal fields are sealed.
    pub fn keyring(&self) -> Result<Arc<Keyring>> {
        self.shelf.get::<Keyring>()
    }

    /// Whether policy allows the verb; for lists and for showing only what can be done.
    pub fn may(&self, verb: &str, thing: &Thing) -> bool {
        let decision = self.policies.decide(&self.actor.who(), verb, thing);
        for fault in &decision.faults {
            tracing::warn!(verb, fault, "a policy could not be evaluated");
        }
        decision.allowed
    }

    /// Refuses unless policy allows the verb. The first thing every verb does.
    pub fn allow(&self, verb: &str, thing: &Thing) -> Result<()> {
        self.span.record("verb", verb);
        if self.may(verb, thing) {
            return Ok(());
        }
        tracing::info!(verb, thing = %thing.id, actor = %self.actor.who().id, "refused by policy");
        match self.actor.kind {
            ActorKind::Anonymous => Err(Error::Unauthenticated { verb: verb.to_owned() }),
            _ => Err(Error::Denied { verb: verb.to_owned() }),
        }
    }

    /// Like [`Ctx::allow`], for things whose very existence is secret: a refusal looks as if absent.
    pub fn allow_or_absent(&self, verb: &str, thing: &Thing) -> Result<()> {
        match self.allow(verb, thing) {
            Err(Error::Denied { .. }) => Err(Error::absent(&thing.kind, &thing.id)),
            other => other,
        }
    }

    /// An act of this actor, now; the engine adds reason, subject and digests and appends it to the ledger.
    pub fn act(&self, verb: &str, thing_kind: &str, thing: impl Into<String>) -> Act {
        Act {
            at: self.now,
            account: self.actor.account,
            person: self.actor.person,
            name: self.actor.name.clone(),
            organisation: self.actor.organisation,
            post: self.actor.post,
            behalf: self.actor.behalf.clone(),
            verb: verb.to_owned(),
            thing_kind: thing_kind.to_owned(),
            thing: thing.into(),
            subject: None,
            before: None,
            after: None,
            reason: None,
            request: self.request.clone(),
            veil: self.veil(),
        }
    }

    /// What hides the words of an act, when the keys are there.
    fn veil(&self) -> Veil {
        let Ok(ring) = self.keyring() else { return Veil::default() };
        Veil::new(move |place, words| {
            ring.seal_text(RECORD_WORDS, place, words).map_err(|error| error.to_string())
        })
    }

    /// Opens the words of an act that was read from the record. Those whose key was destroyed are gone.
    pub fn unveil(&self, act: &mut Act) -> Result<()> {
        let ring = self.keyring()?;
        let name = ring.read_text(RECORD_WORDS, &act.place("name"), std::mem::take(&mut act.name));
        act.name = kept(name)?;
        if let Some(reason) = act.reason.take() {
            act.reason = Some(kept(ring.read_text(RECORD_WORDS, &act.place("reason"), reason))?);
        }
        Ok(())
    }

    /// What this transaction has worked out before, so that it is not read again.
    pub fn known<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        Arc::clone(self.known.get(&TypeId::of::<T>())?).downcast().ok()
    }

    /// Keeps something until the end of this transaction; whoever changes what it rests on calls [`Ctx::unknow`].
    pub fn know<T: Any + Send + Sync>(&mut self, thing: T) -> Arc<T> {
        let thing = Arc::new(thing);
        self.known.insert(TypeId::of::<T>(), Arc::<T>::clone(&thing));
        thing
    }

    /// Forgets what was kept of a type.
    pub fn unknow<T: Any>(&mut self) {
        self.known.remove(&TypeId::of::<T>());
    }

    /// Puts an event in the outbox; it is delivered after this transaction commits.
    pub async fn emit(&mut self, topic: &str, thing: &str, payload: &impl Serialize) -> Result<()> {
        let (id, now) = (self.id(), self.now);
        let payload = serde_json::to_value(payload)?;
        self.leaves_work = true;
        outbox::put(self.conn(), id, topic, thing, &payload, now).await
    }

    /// Puts a job in the queue, to run when it is due; it appears when this transaction commits.
    pub async fn enqueue(&mut self, job: jobs::NewJob<'_>) -> Result<()> {
        let (id, now) = (self.id(), self.now);
        self.leaves_work = true;
        jobs::put(self.conn(), id, job, now).await
    }

    /// The answer that was given before under the idempotency key of this request, if any. The key is
    /// taken in this transaction: a second request with the same key waits, then gets the first answer.
    pub async fn once(&mut self, verb: &str, body: &impl Serialize) -> Result<Option<Value>> {
        crate::once::take(self, verb, &serde_json::to_string(body)?).await
    }

    /// Keeps the answer under the idempotency key of this request.
    pub async fn answered(&mut self, answer: &impl Serialize) -> Result<()> {
        crate::once::keep(self, serde_json::to_value(answer)?).await
    }

    /// Commits; without it everything the verb did is undone.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await?;
        if self.leaves_work {
            self.worker.notify_one();
        }
        Ok(())
    }
}

/// Words, or what stands for those whose key was destroyed.
fn kept(words: std::result::Result<String, SealError>) -> Result<String> {
    match words {
        Err(SealError::NoKey(_) | SealError::NoVersion { .. }) => Ok(GONE.to_owned()),
        other => Ok(other?),
    }
}
