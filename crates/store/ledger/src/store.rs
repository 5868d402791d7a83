//! The tables of the record: appending and reading. Only this module and its children name sqlx.

mod check;
mod seal;
mod watch;
mod write;

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Act, Behalf, Page, Paging};
use zhengtong_crypto::{Checkpoint, Digest, NodeId, Plan, Signature, SignedCheckpoint, merkle};

use crate::canon::moment;
use crate::error::{Error, NOT_A_DIGEST, NUL, OUT_OF_RANGE, Result, TOO_LONG};
use crate::model::{ConsistencyProof, Entry, EntryId, InclusionProof, Search};

pub use check::verify_db;
pub use seal::{catch_up, seal};
pub use watch::{Lag, lag, search_before};
pub use write::export;

/// The columns of an entry; the moment is read as a number so that every stored value can be read.
macro_rules! entry_columns {
    () => {
        "e.id, CASE WHEN isfinite(e.at) THEN (extract(epoch FROM e.at) * 1000000)::bigint END AS at_us, \
         e.account, e.person, e.name, e.organisation, e.post, e.behalf, e.verb, e.thing_kind, e.thing, \
         e.subject, e.before, e.after, e.reason, e.request, e.txid::text AS txid"
    };
}
use entry_columns;

const APPEND: &str = include_str!("../sql/append.sql");
const FIND: &str = concat!("SELECT ", entry_columns!(), " FROM ledger.entry e WHERE e.id = $1");
const BY_SUBJECT: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM ledger.entry e WHERE e.subject = $1 ORDER BY e.id DESC LIMIT $2"
);
const USES: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM ledger.entry e WHERE e.subject = $1 AND e.person IS DISTINCT FROM $1 \
     ORDER BY e.id DESC LIMIT $2 OFFSET $3"
);
const USES_COUNT: &str =
    "SELECT count(*) FROM ledger.entry WHERE subject = $1 AND person IS DISTINCT FROM $1";
const BY_THING: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM ledger.entry e WHERE e.thing_kind = $1 AND e.thing = $2",
    " ORDER BY e.id DESC LIMIT $3 OFFSET $4"
);
const BY_THING_COUNT: &str =
    "SELECT count(*) FROM ledger.entry WHERE thing_kind = $1 AND thing = $2";

/// The conditions of a search, the same for its rows and their number.
macro_rules! search_conditions {
    () => {
        " FROM ledger.entry e WHERE ($1::timestamptz IS NULL OR e.at >= $1) \
         AND ($2::timestamptz IS NULL OR e.at < $2) AND ($3::uuid IS NULL OR e.account = $3) \
         AND ($4::uuid IS NULL OR e.person = $4) AND ($5::uuid IS NULL OR e.organisation = $5) \
         AND ($6::uuid IS NULL OR e.subject = $6) AND ($7::text IS NULL OR starts_with(e.verb, $7)) \
         AND ($8::text IS NULL OR e.thing_kind = $8) AND ($9::text IS NULL OR e.thing = $9) \
         AND ($10::text IS NULL OR e.request = $10)"
    };
}
use search_conditions;

const SEARCH: &str = concat!(
    "SELECT ",
    entry_columns!(),
    search_conditions!(),
    " ORDER BY e.id DESC LIMIT $11 OFFSET $12"
);
const SEARCH_COUNT: &str =
    concat!("SELECT count(*) FROM (SELECT 1", search_conditions!(), " LIMIT $11) AS found");

/// The columns of a checkpoint, its moment as a number.
macro_rules! checkpoint_columns {
    () => {
        "c.size, c.origin, c.root, \
         CASE WHEN isfinite(c.at) THEN (extract(epoch FROM c.at) * 1000000)::bigint END AS at_us, \
         c.key, c.signature"
    };
}

const LAST_CHECKPOINT: &str = concat!(
    "SELECT ",
    checkpoint_columns!(),
    " FROM ledger.checkpoint c ORDER BY c.size DESC LIMIT 1"
);
const CHECKPOINTS: &str = concat!(
    "SELECT ",
    checkpoint_columns!(),
    " FROM ledger.checkpoint c WHERE c.size > $1 AND c.size <= $2 ORDER BY c.size LIMIT $3"
);
const LAST_SIZE: &str = "SELECT max(size) FROM ledger.checkpoint";
const KEYS: &str = "SELECT id, public FROM ledger.key ORDER BY id";
const SEALED: &str = concat!(
    "SELECT l.index AS leaf_index, l.entry AS leaf_entry, l.hash AS leaf_hash, ",
    entry_columns!(),
    " FROM ledger.leaf l LEFT JOIN ledger.entry e ON e.id = l.entry",
    " WHERE l.index >= $1 AND l.index < $2 ORDER BY l.index"
);
const LEAF_OF: &str = "SELECT index, hash FROM ledger.leaf WHERE entry = $1";
/// By their numbers, one by one: for a range the planner would guess a large part of the tree and read all of it.
const HASHES_AT: &str = "SELECT 0::smallint AS level, l.index, l.hash FROM ledger.leaf l \
    WHERE l.index = ANY ($1::bigint[]) UNION ALL \
    SELECT n.level, n.index, n.hash FROM unnest($2::smallint[], $3::bigint[]) AS w (level, index) \
    JOIN ledger.node n ON n.level = w.level AND n.index = w.index";

/// Every statement by name, so that a test can prepare each.
pub(crate) const STATEMENTS: &[(&str, &str)] = &[
    ("append", APPEND),
    ("find", FIND),
    ("by_subject", BY_SUBJECT),
    ("uses", USES),
    ("uses_count", USES_COUNT),
    ("by_thing", BY_THING),
    ("by_thing_count", BY_THING_COUNT),
    ("search", SEARCH),
    ("search_count", SEARCH_COUNT),
    ("search_before", watch::SEARCH_BEFORE),
    ("lag", watch::LAG),
    ("last_checkpoint", LAST_CHECKPOINT),
    ("leaf_of", LEAF_OF),
    ("hashes_at", HASHES_AT),
    ("unsealed", seal::UNSEALED),
    ("unsealed_everywhere", seal::UNSEALED_EVERYWHERE),
    ("last_leaf", seal::LAST_LEAF),
    ("add_leaves", seal::ADD_LEAVES),
    ("add_nodes", seal::ADD_NODES),
    ("add_key", seal::ADD_KEY),
    ("add_checkpoint", seal::ADD_CHECKPOINT),
    ("checkpoints", CHECKPOINTS),
    ("last_size", LAST_SIZE),
    ("keys", KEYS),
    ("sealed", SEALED),
    ("nodes", check::NODES),
    ("node_count", check::NODE_COUNT),
    ("leaves_beyond", check::LEAVES_BEYOND),
    ("unsealed_count", check::UNSEALED_COUNT),
    ("skipped", check::SKIPPED),
];

/// Stored inner nodes stand on every fourth level: a proof reads at most fifteen hashes of each.
const STORED_LEVELS: u8 = 4;
/// Those of every eighth level are always there. Records that began with them alone have others only where they grew since:
/// what lies below stands in for them.
const SURE_LEVELS: u8 = 8;

/// Rows that are read at once when the whole record is read.
const BATCH: u64 = 1_000;

/// A search counts no further than this.
const COUNT_MAX: i64 = 10_000;

/// Records an act in the caller's transaction: the act and its entry are committed together or not at all.
pub async fn append(conn: &mut PgConnection, act: &Act) -> Result<EntryId> {
    check_act(act)?;
    let behalf = act.behalf.as_ref().map(serde_json::to_value).transpose()?;
    let name = act.written_name().map_err(Error::Veil)?;
    let reason = act.written_reason().map_err(Error::Veil)?;
    let id = sqlx::query_scalar::<_, i64>(APPEND)
        .bind(act.at)
        .bind(act.account)
        .bind(act.person)
        .bind(name)
        .bind(act.organisation)
        .bind(act.post)
        .bind(behalf)
        .bind(&act.verb)
        .bind(&act.thing_kind)
        .bind(&act.thing)
        .bind(act.subject)
        .bind(&act.before)
        .bind(&act.after)
        .bind(reason)
        .bind(&act.request)
        .fetch_one(conn)
        .await?;
    Ok(EntryId(id))
}

/// One entry.
pub async fn find(conn: &mut PgConnection, id: EntryId) -> Result<Entry> {
    let row = sqlx::query(FIND).bind(id.0).fetch_optional(conn).await?;
    sound(&row.ok_or(Error::NotFound(id))?)
}

/// The newest entries about a person, the latest first; they are not counted, for nobody asks how many there are.
pub async fn by_subject(conn: &mut PgConnection, person: Uuid, rows: i64) -> Result<Vec<Entry>> {
    let rows = sqlx::query(BY_SUBJECT).bind(person).bind(rows).fetch_all(conn).await?;
    rows.iter().map(sound).collect()
}

/// Who else used the data of this person: everything about them but what they did themselves, the latest first.
pub async fn uses(conn: &mut PgConnection, person: Uuid, paging: Paging) -> Result<Page<Entry>> {
    let total = sqlx::query_scalar(USES_COUNT).bind(person).fetch_one(&mut *conn).await?;
    let rows = sqlx::query(USES)
        .bind(person)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(conn)
        .await?;
    page(&rows, total, paging)
}

/// What was done to a thing, the latest first.
pub async fn by_thing(
    conn: &mut PgConnection,
    kind: &str,
    thing: &str,
    paging: Paging,
) -> Result<Page<Entry>> {
    let total =
        sqlx::query_scalar(BY_THING_COUNT).bind(kind).bind(thing).fetch_one(&mut *conn).await?;
    let rows = sqlx::query(BY_THING)
        .bind(kind)
        .bind(thing)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(conn)
        .await?;
    page(&rows, total, paging)
}

/// The entries that fit a search, the latest first. The total stops at 10 000.
pub async fn search(
    conn: &mut PgConnection,
    search: &Search,
    paging: Paging,
) -> Result<Page<Entry>> {
    // Not kept as a prepared statement: the plan depends on which conditions are given.
    macro_rules! with_conditions {
        ($query:expr) => {
            $query
                .persistent(false)
                .bind(search.from)
                .bind(search.to)
                .bind(search.account)
                .bind(search.person)
                .bind(search.organisation)
                .bind(search.subject)
                .bind(&search.verb)
                .bind(&search.thing_kind)
                .bind(&search.thing)
                .bind(&search.request)
        };
    }
    let total = with_conditions!(sqlx::query_scalar(SEARCH_COUNT))
        .bind(COUNT_MAX)
        .fetch_one(&mut *conn)
        .await?;
    let rows = with_conditions!(sqlx::query(SEARCH))
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(conn)
        .await?;
    page(&rows, total, paging)
}

/// The last checkpoint; none before the first sealing.
pub async fn last_checkpoint(conn: &mut PgConnection) -> Result<Option<SignedCheckpoint>> {
    let row = sqlx::query(LAST_CHECKPOINT).fetch_optional(conn).await?;
    row.map(|row| {
        read_checkpoint(&row)?
            .map_err(|field| Error::Broken(format!("the last checkpoint has no sound {field}")))
    })
    .transpose()
}

/// The proof that an entry stands under the last checkpoint.
pub async fn prove(conn: &mut PgConnection, entry: EntryId) -> Result<InclusionProof> {
    let Some(row) = sqlx::query(LEAF_OF).bind(entry.0).fetch_optional(&mut *conn).await? else {
        find(conn, entry).await?;
        return Err(Error::Unsealed(entry));
    };
    let index = unsigned(row.try_get("index")?)?;
    let leaf = digest(row.try_get("hash")?)?;
    // The leaf was committed with a checkpoint, so the last one, read later, stands over it.
    let checkpoint = last_checkpoint(conn).await?.ok_or(Error::Unsealed(entry))?;
    let plan = Plan::inclusion(index, checkpoint.checkpoint.size).ok_or(Error::Unsealed(entry))?;
    let path = resolve(conn, &plan).await?;
    Ok(InclusionProof { entry, index, leaf, path, checkpoint })
}

/// The proof that the tree of the first `old` leaves is the beginning of the tree of the first `new` ones.
pub async fn consistency(conn: &mut PgConnection, old: u64, new: u64) -> Result<ConsistencyProof> {
    let absent = Error::NoSuchSize { old, new };
    let size = last_checkpoint(&mut *conn).await?.map_or(0, |last| last.checkpoint.size);
    let plan = match Plan::consistency(old, new) {
        Some(plan) if new <= size => plan,
        _ => return Err(absent),
    };
    Ok(ConsistencyProof { old, new, path: resolve(conn, &plan).await? })
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let away = match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            // The server is starting or stopping, or out of connections, memory or disk.
            sqlx::Error::Database(inner) => inner.code().is_some_and(|code| {
                ["57P", "53", "08"].iter().any(|class| code.starts_with(class))
            }),
            _ => false,
        };
        if away { Self::Away(Box::new(error)) } else { Self::Database(Box::new(error)) }
    }
}

/// What the record takes, so that no entry is refused by the table itself.
fn check_act(act: &Act) -> Result<()> {
    let some = |text: &'static str, value: &'_ Option<String>| {
        value.as_deref().map_or(Ok(()), |value| check_text(text, value, 10_000))
    };
    check_text("name", &act.name, 500)?;
    check_text("verb", &act.verb, 100)?;
    check_text("thing_kind", &act.thing_kind, 100)?;
    check_text("thing", &act.thing, 500)?;
    check_text("request", &act.request, 200)?;
    some("reason", &act.reason)?;
    if let Some(behalf) = &act.behalf {
        check_text("behalf.credit_code", &behalf.credit_code, 100)?;
        check_text("behalf.name", &behalf.name, 500)?;
    }
    for (field, value) in [("before", &act.before), ("after", &act.after)] {
        if value.as_ref().is_some_and(|value| value.parse::<Digest>().is_err()) {
            return Err(Error::Invalid { field, problem: NOT_A_DIGEST });
        }
    }
    if !(1900..=9999).contains(&act.at.to_offset(time::UtcOffset::UTC).year()) {
        return Err(Error::Invalid { field: "at", problem: OUT_OF_RANGE });
    }
    Ok(())
}

fn check_text(field: &'static str, value: &str, chars_max: usize) -> Result<()> {
    if value.contains('\0') {
        return Err(Error::Invalid { field, problem: NUL });
    }
    if value.len() > chars_max && value.chars().count() > chars_max {
        return Err(Error::Invalid { field, problem: TOO_LONG });
    }
    Ok(())
}

fn page(rows: &[PgRow], total: i64, paging: Paging) -> Result<Page<Entry>> {
    let entries = rows.iter().map(sound).collect::<Result<_>>()?;
    Ok(Page::new(entries, total, paging))
}

/// An entry that must be as the platform writes it.
fn sound(row: &PgRow) -> Result<Entry> {
    read_entry(row)?
        .map_err(|(id, field)| Error::Broken(format!("entry {id} has no sound {field}")))
}

/// An entry, or the field that is not as the platform writes it.
fn read_entry(row: &PgRow) -> Result<std::result::Result<Entry, (EntryId, &'static str)>> {
    let id = EntryId(row.try_get("id")?);
    let Some(at) = row.try_get::<Option<i64>, _>("at_us")?.and_then(moment) else {
        return Ok(Err((id, "at")));
    };
    let Ok(behalf) = read_behalf(row.try_get("behalf")?) else {
        return Ok(Err((id, "behalf")));
    };
    let Ok(txid) = row.try_get::<String, _>("txid")?.parse() else {
        return Ok(Err((id, "txid")));
    };
    let act = Act {
        at,
        account: row.try_get("account")?,
        person: row.try_get("person")?,
        name: row.try_get("name")?,
        organisation: row.try_get("organisation")?,
        post: row.try_get("post")?,
        behalf,
        verb: row.try_get("verb")?,
        thing_kind: row.try_get("thing_kind")?,
        thing: row.try_get("thing")?,
        subject: row.try_get("subject")?,
        before: row.try_get("before")?,
        after: row.try_get("after")?,
        reason: row.try_get("reason")?,
        request: row.try_get("request")?,
        veil: zhengtong_base::Veil::default(),
    };
    Ok(Ok(Entry { id, act, txid }))
}

/// A represented organisation in its one form: what is hashed is then exactly what is stored.
fn read_behalf(
    value: Option<serde_json::Value>,
) -> std::result::Result<Option<Behalf>, serde_json::Error> {
    let Some(value) = value else { return Ok(None) };
    let behalf: Behalf = serde_json::from_value(value.clone())?;
    if serde_json::to_value(&behalf)? == value {
        Ok(Some(behalf))
    } else {
        Err(serde::de::Error::custom("not in its one form"))
    }
}

/// A checkpoint, or the field that is not as the platform writes it.
fn read_checkpoint(row: &PgRow) -> Result<std::result::Result<SignedCheckpoint, &'static str>> {
    let Ok(size) = unsigned(row.try_get("size")?) else { return Ok(Err("size")) };
    let Ok(root) = digest(row.try_get("root")?) else { return Ok(Err("root")) };
    let Some(time_us) = row.try_get("at_us")? else { return Ok(Err("at")) };
    let Ok(key) = row.try_get::<&str, _>("key")?.parse() else { return Ok(Err("key")) };
    let Some(signature) = Signature::from_slice(row.try_get("signature")?) else {
        return Ok(Err("signature"));
    };
    let checkpoint = Checkpoint { origin: row.try_get("origin")?, size, root, time_us };
    Ok(Ok(SignedCheckpoint { checkpoint, key, signature }))
}

/// The size of the last checkpoint; none before the first sealing.
async fn last_size(conn: &mut PgConnection) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(LAST_SIZE).fetch_one(conn).await?)
}

/// The next checkpoints after a size, up to another.
async fn checkpoints(conn: &mut PgConnection, after: i64, last: i64) -> Result<Vec<PgRow>> {
    let rows = sqlx::query(CHECKPOINTS).bind(after).bind(last).bind(signed(BATCH)?);
    Ok(rows.fetch_all(conn).await?)
}

/// The leaves of a range with their entries.
async fn sealed(conn: &mut PgConnection, begin: u64, end: u64) -> Result<Vec<PgRow>> {
    Ok(sqlx::query(SEALED).bind(signed(begin)?).bind(signed(end)?).fetch_all(conn).await?)
}

/// The hashes of a plan.
async fn resolve(conn: &mut PgConnection, plan: &Plan) -> Result<Vec<Digest>> {
    let nodes = subtrees(conn, plan).await?;
    plan.resolve(|node| nodes.get(&node).copied())
        .ok_or_else(|| Error::Broken("a leaf or an inner node is gone".to_owned()))
}

/// The hashes of the complete subtrees of a plan, one for each.
async fn resolve_peaks(conn: &mut PgConnection, plan: &Plan) -> Result<Vec<Digest>> {
    let nodes = subtrees(conn, plan).await?;
    plan.nodes()
        .map(|node| nodes.get(&node).copied())
        .collect::<Option<_>>()
        .ok_or_else(|| Error::Broken("a leaf or an inner node is gone".to_owned()))
}

/// The hashes of complete subtrees, each folded from the stored level below it.
async fn subtrees(conn: &mut PgConnection, plan: &Plan) -> Result<BTreeMap<NodeId, Digest>> {
    let wanted: Vec<NodeId> = plan.nodes().flat_map(|node| below(node, STORED_LEVELS)).collect();
    let mut stored = hashes_at(conn, &wanted).await?;
    let gone: Vec<NodeId> = wanted.into_iter().filter(|node| !stored.contains_key(node)).collect();
    if !gone.is_empty() {
        let lower: Vec<NodeId> = gone.iter().flat_map(|node| below(*node, SURE_LEVELS)).collect();
        let lower = hashes_at(conn, &lower).await?;
        for node in gone {
            if let Some(hash) = folded(node, SURE_LEVELS, &lower) {
                stored.insert(node, hash);
            }
        }
    }
    let known = |node| Some((node, folded(node, STORED_LEVELS, &stored)?));
    Ok(plan.nodes().filter_map(known).collect())
}

/// The nodes on the next level at or below this one that is a multiple of `levels`, in order.
fn below(node: NodeId, levels: u8) -> impl Iterator<Item = NodeId> {
    let above = node.level % levels;
    let level = node.level - above;
    ((node.index << above)..((node.index + 1) << above)).map(move |index| NodeId { level, index })
}

fn folded(node: NodeId, levels: u8, stored: &BTreeMap<NodeId, Digest>) -> Option<Digest> {
    let hashes: Option<Vec<Digest>> =
        below(node, levels).map(|node| stored.get(&node).copied()).collect();
    merkle::fold(&hashes?)
}

/// The stored hashes among these, with the leaves on level 0.
async fn hashes_at(conn: &mut PgConnection, nodes: &[NodeId]) -> Result<BTreeMap<NodeId, Digest>> {
    let (mut leaves, mut levels, mut indexes) = (Vec::new(), Vec::new(), Vec::new());
    for node in nodes {
        if node.level == 0 {
            leaves.push(signed(node.index)?);
        } else {
            levels.push(i16::from(node.level));
            indexes.push(signed(node.index)?);
        }
    }
    let asked = sqlx::query(HASHES_AT).bind(leaves).bind(levels).bind(indexes);
    let mut stored = BTreeMap::new();
    for row in asked.fetch_all(conn).await? {
        let level: i16 = row.try_get("level")?;
        let level =
            u8::try_from(level).map_err(|_negative| Error::Broken(format!("level {level}")))?;
        let node = NodeId { level, index: unsigned(row.try_get("index")?)? };
        stored.insert(node, digest(row.try_get("hash")?)?);
    }
    Ok(stored)
}

fn digest(bytes: &[u8]) -> Result<Digest> {
    Digest::from_slice(bytes)
        .ok_or_else(|| Error::Broken("a stored hash has another length".to_owned()))
}

fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).ok().ok_or_else(|| Error::Broken(format!("{number} is no size")))
}

fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).ok().ok_or_else(|| Error::Broken(format!("{number} is no size")))
}

/// The moment of so many microseconds, for a column.
fn column_moment(micros: i64) -> Result<OffsetDateTime> {
    moment(micros).ok_or(Error::Invalid { field: "now", problem: OUT_OF_RANGE })
}
