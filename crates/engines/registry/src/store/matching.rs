//! Statements of matching: records of a group, keys, pairs, entities.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::{Error as DbError, sql};

use super::{Stored, all_stored, select, table};
use crate::error::Result;
use crate::matching::{PairRow, PairState};
use crate::model::Dataset;
use crate::sealed::Sealing;

pub(super) const CANDIDATES: &str = include_str!("../../sql/match_candidates.sql");
pub(super) const PAIRS: &str = include_str!("../../sql/match_pairs.sql");
pub(super) const COUNTS: &str = include_str!("../../sql/match_counts.sql");
pub(super) const AROUND: &str = include_str!("../../sql/match_around.sql");
pub(super) const KEEP_PAIRS: &str = include_str!("../../sql/match_keep_pairs.sql");
pub(super) const KEEP_MEMBERS: &str = include_str!("../../sql/match_keep_members.sql");

/// A row of a group.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupRow {
    pub(crate) model: Option<Vec<u8>>,
    pub(crate) plan: Option<String>,
    pub(crate) learned: Option<OffsetDateTime>,
    pub(crate) records: i64,
    pub(crate) next: i64,
    pub(crate) error: Option<(String, String)>,
}

/// A record of a group: its dataset and its entity.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) record: Uuid,
    pub(crate) dataset: String,
    pub(crate) entity: i64,
}

/// Records, entities and doubtful pairs of a group.
pub(crate) type MatchCounts = (i64, i64, i64);

/// The row of a group, held until the transaction ends.
pub(crate) async fn lock_group(conn: &mut PgConnection, id: &str) -> Result<GroupRow> {
    sqlx::query("INSERT INTO registry.match_group (id) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(id)
        .execute(&mut *conn)
        .await
        .map_err(DbError::from)?;
    let found = sqlx::query("SELECT * FROM registry.match_group WHERE id = $1 FOR UPDATE").bind(id);
    let row = found.fetch_one(conn).await.map_err(DbError::from)?;
    Ok(group_row(&row).map_err(DbError::from)?)
}

/// The row of a group as it stands.
pub(crate) async fn group(conn: &mut PgConnection, id: &str) -> Result<Option<GroupRow>> {
    let found = sqlx::query("SELECT * FROM registry.match_group WHERE id = $1").bind(id);
    let row = found.fetch_optional(conn).await.map_err(DbError::from)?;
    Ok(row.as_ref().map(group_row).transpose().map_err(DbError::from)?)
}

fn group_row(row: &PgRow) -> std::result::Result<GroupRow, sqlx::Error> {
    let error: (Option<String>, Option<String>) =
        (row.try_get("error_zh")?, row.try_get("error_en")?);
    Ok(GroupRow {
        model: row.try_get("model")?,
        plan: row.try_get("plan")?,
        learned: row.try_get("learned")?,
        records: row.try_get("records")?,
        next: row.try_get("next_entity")?,
        error: error.0.zip(error.1),
    })
}

/// Writes the row of a group.
pub(crate) async fn keep_group(conn: &mut PgConnection, id: &str, row: &GroupRow) -> Result<()> {
    sqlx::query(
        "UPDATE registry.match_group SET model = $2, plan = $3, learned = $4, records = $5, next_entity = $6,
         error_zh = $7, error_en = $8 WHERE id = $1",
    )
    .bind(id)
    .bind(&row.model)
    .bind(&row.plan)
    .bind(row.learned)
    .bind(row.records)
    .bind(row.next)
    .bind(row.error.as_ref().map(|(zh, _)| zh))
    .bind(row.error.as_ref().map(|(_, en)| en))
    .execute(conn)
    .await
    .map_err(DbError::from)?;
    Ok(())
}

/// The records of a dataset in the order of their names, from one on.
pub(crate) async fn records_after(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    after: Uuid,
    rows_max: i64,
) -> Result<Vec<Stored>> {
    let statement = format!(
        "{} WHERE row_._id > $1 ORDER BY row_._id LIMIT $2",
        select(sealing.catalog, dataset, &[])
    );
    let query = sqlx::query(sql::trusted(statement)).bind(after).bind(rows_max);
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    all_stored(sealing, dataset, &rows)
}

/// Records of a dataset that were not looked at as they stand.
pub(crate) async fn records_unseen(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    group: &str,
    rows_max: i64,
) -> Result<Vec<Stored>> {
    let statement = format!(
        "{} LEFT JOIN registry.entity_member AS member_ ON member_.grp = $1 AND member_.record = row_._id
         WHERE member_.seen IS DISTINCT FROM row_._updated ORDER BY row_._id LIMIT $2",
        select(sealing.catalog, dataset, &[])
    );
    let query = sqlx::query(sql::trusted(statement)).bind(group).bind(rows_max);
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    all_stored(sealing, dataset, &rows)
}

/// Records of a dataset by their names.
pub(crate) async fn records_named(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    records: &[Uuid],
) -> Result<Vec<Stored>> {
    let statement = format!(
        "{} WHERE row_._id = ANY ($1) ORDER BY row_._id",
        select(sealing.catalog, dataset, &[])
    );
    let query = sqlx::query(sql::trusted(statement)).bind(records);
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    all_stored(sealing, dataset, &rows)
}

/// Takes away what is known of records that are no longer in their dataset.
pub(crate) async fn sweep(conn: &mut PgConnection, group: &str, dataset: &Dataset) -> Result<u64> {
    let gone = format!(
        "SELECT member_.record FROM registry.entity_member AS member_ WHERE member_.grp = $1
         AND member_.dataset = $2 AND NOT EXISTS (SELECT FROM {} AS row_ WHERE row_._id = member_.record)",
        table(dataset)
    );
    let query = sqlx::query_scalar::<_, Uuid>(sql::trusted(gone)).bind(group).bind(&dataset.id);
    let gone = query.fetch_all(&mut *conn).await.map_err(DbError::from)?;
    for statement in [
        "DELETE FROM registry.match_key WHERE grp = $1 AND record = ANY ($2)",
        "DELETE FROM registry.match_pair WHERE grp = $1 AND (left_record = ANY ($2) OR right_record = ANY ($2))",
        "DELETE FROM registry.entity_member WHERE grp = $1 AND record = ANY ($2)",
    ] {
        let query = sqlx::query(statement).bind(group).bind(&gone);
        query.execute(&mut *conn).await.map_err(DbError::from)?;
    }
    // Names of entities without records are gone, and became nothing.
    sqlx::query(
        "UPDATE registry.entity AS entity_ SET gone = now() WHERE grp = $1 AND gone IS NULL AND $2
         AND NOT EXISTS (SELECT FROM registry.entity_member AS member_
         WHERE member_.grp = entity_.grp AND member_.entity = entity_.id)",
    )
    .bind(group)
    .bind(!gone.is_empty())
    .execute(conn)
    .await
    .map_err(DbError::from)?;
    Ok(gone.len() as u64)
}

/// Writes the keys of records in place of those they had.
pub(crate) async fn keep_keys(
    conn: &mut PgConnection,
    (group, dataset): (&str, &str),
    records: &[Uuid],
    keys: &[(Uuid, i16, [u8; 16])],
) -> Result<()> {
    let away = sqlx::query("DELETE FROM registry.match_key WHERE grp = $1 AND record = ANY ($2)");
    away.bind(group).bind(records).execute(&mut *conn).await.map_err(DbError::from)?;
    let record: Vec<Uuid> = keys.iter().map(|(record, _, _)| *record).collect();
    let pass: Vec<i16> = keys.iter().map(|(_, pass, _)| *pass).collect();
    let key: Vec<Vec<u8>> = keys.iter().map(|(_, _, key)| key.to_vec()).collect();
    sqlx::query(
        "INSERT INTO registry.match_key (grp, record, pass, key, dataset)
         SELECT $1, record, pass, key, $5 FROM unnest($2::uuid[], $3::smallint[], $4::bytea[])
         AS new_ (record, pass, key)",
    )
    .bind(group)
    .bind(record)
    .bind(pass)
    .bind(key)
    .bind(dataset)
    .execute(conn)
    .await
    .map_err(DbError::from)?;
    Ok(())
}

/// The records that share a key with one, with their datasets; keys that too many share find nobody.
pub(crate) async fn candidates(
    conn: &mut PgConnection,
    group: &str,
    record: Uuid,
    block_max: i64,
) -> Result<Vec<(Uuid, String)>> {
    let query = sqlx::query_as(CANDIDATES).bind(group).bind(record).bind(block_max);
    Ok(query.fetch_all(conn).await.map_err(DbError::from)?)
}

/// Takes away pairs that no person decided: all of a group, or those of some records.
pub(crate) async fn drop_pairs(
    conn: &mut PgConnection,
    group: &str,
    records: Option<&[Uuid]>,
) -> Result<()> {
    sqlx::query(
        "DELETE FROM registry.match_pair WHERE grp = $1 AND decided IS NULL
         AND ($2::uuid[] IS NULL OR left_record = ANY ($2) OR right_record = ANY ($2))",
    )
    .bind(group)
    .bind(records)
    .execute(conn)
    .await
    .map_err(DbError::from)?;
    Ok(())
}

/// Writes pairs; of those a person decided only the weight is renewed.
pub(crate) async fn keep_pairs(
    conn: &mut PgConnection,
    group: &str,
    pairs: &[(Uuid, Uuid, f64, PairState)],
    now: OffsetDateTime,
) -> Result<()> {
    let left: Vec<Uuid> = pairs.iter().map(|pair| pair.0.min(pair.1)).collect();
    let right: Vec<Uuid> = pairs.iter().map(|pair| pair.0.max(pair.1)).collect();
    let weight: Vec<f64> = pairs.iter().map(|pair| pair.2).collect();
    let state: Vec<&str> = pairs.iter().map(|pair| pair.3.word()).collect();
    let query = sqlx::query(KEEP_PAIRS).bind(group).bind(left).bind(right).bind(weight).bind(state);
    query.bind(now).execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Writes what a person decided of a pair.
pub(crate) async fn decide(conn: &mut PgConnection, group: &str, row: &PairRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO registry.match_pair (grp, left_record, right_record, weight, state, found, decided, decided_by, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (grp, left_record, right_record) DO UPDATE SET state = EXCLUDED.state,
         decided = EXCLUDED.decided, decided_by = EXCLUDED.decided_by, reason = EXCLUDED.reason",
    )
    .bind(group)
    .bind(row.left)
    .bind(row.right)
    .bind(row.weight)
    .bind(row.state.word())
    .bind(row.found)
    .bind(row.decided)
    .bind(row.decided_by)
    .bind(&row.reason)
    .execute(conn)
    .await
    .map_err(DbError::from)?;
    Ok(())
}

/// One page of pairs in one of some states, surest doubt first, and how many there are.
pub(crate) async fn pairs(
    conn: &mut PgConnection,
    group: &str,
    states: &[&str],
    (limit, offset): (i64, i64),
) -> Result<(Vec<PairRow>, i64)> {
    let query = sqlx::query(PAIRS).bind(group).bind(states).bind(limit).bind(offset);
    let rows = query.fetch_all(&mut *conn).await.map_err(DbError::from)?;
    let rows =
        rows.iter().map(pair_row).collect::<std::result::Result<_, _>>().map_err(DbError::from)?;
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM registry.match_pair WHERE grp = $1 AND state = ANY ($2)",
    );
    let total = total.bind(group).bind(states).fetch_one(conn).await.map_err(DbError::from)?;
    Ok((rows, total))
}

/// One pair.
pub(crate) async fn pair(
    conn: &mut PgConnection,
    group: &str,
    (left, right): (Uuid, Uuid),
) -> Result<Option<PairRow>> {
    let query = sqlx::query(
        "SELECT left_record, right_record, weight, state, found, decided, decided_by, reason
         FROM registry.match_pair WHERE grp = $1 AND left_record = $2 AND right_record = $3",
    );
    let row = query.bind(group).bind(left.min(right)).bind(left.max(right));
    let row = row.fetch_optional(conn).await.map_err(DbError::from)?;
    Ok(row.as_ref().map(pair_row).transpose().map_err(DbError::from)?)
}

fn pair_row(row: &PgRow) -> std::result::Result<PairRow, sqlx::Error> {
    let state: String = row.try_get("state")?;
    Ok(PairRow {
        left: row.try_get("left_record")?,
        right: row.try_get("right_record")?,
        weight: row.try_get("weight")?,
        state: PairState::from_word(&state).unwrap_or(PairState::Doubtful),
        found: row.try_get("found")?,
        decided: row.try_get("decided")?,
        decided_by: row.try_get("decided_by")?,
        reason: row.try_get("reason")?,
    })
}

/// All pairs of a group that make entities or part them.
pub(crate) async fn all_edges(conn: &mut PgConnection, group: &str) -> Result<Vec<PairRow>> {
    let query = sqlx::query(
        "SELECT left_record, right_record, weight, state, found, decided, decided_by, reason
         FROM registry.match_pair WHERE grp = $1 AND state <> 'doubtful'",
    );
    let rows = query.bind(group).fetch_all(conn).await.map_err(DbError::from)?;
    Ok(rows.iter().map(pair_row).collect::<std::result::Result<_, _>>().map_err(DbError::from)?)
}

/// Everything that hangs together with some records: the members of their groups, and the pairs among them.
pub(crate) async fn around(
    conn: &mut PgConnection,
    group: &str,
    records: &[Uuid],
) -> Result<(Vec<Member>, Vec<PairRow>)> {
    let mut concerned: BTreeSet<Uuid> = records.iter().copied().collect();
    let mut open: Vec<Uuid> = records.to_vec();
    while !open.is_empty() {
        let query = sqlx::query_scalar::<_, Uuid>(AROUND).bind(group).bind(&open);
        let found = query.fetch_all(&mut *conn).await.map_err(DbError::from)?;
        open = found.into_iter().filter(|record| concerned.insert(*record)).collect();
    }
    let concerned: Vec<Uuid> = concerned.into_iter().collect();
    let members = sqlx::query_as(
        "SELECT record, dataset, entity FROM registry.entity_member WHERE grp = $1 AND record = ANY ($2)",
    );
    let members = members.bind(group).bind(&concerned);
    let members: Vec<(Uuid, String, i64)> =
        members.fetch_all(&mut *conn).await.map_err(DbError::from)?;
    let edges = sqlx::query(
        "SELECT left_record, right_record, weight, state, found, decided, decided_by, reason
         FROM registry.match_pair WHERE grp = $1 AND state <> 'doubtful'
         AND left_record = ANY ($2) AND right_record = ANY ($2)",
    );
    let rows = edges.bind(group).bind(&concerned).fetch_all(conn).await.map_err(DbError::from)?;
    let edges =
        rows.iter().map(pair_row).collect::<std::result::Result<_, _>>().map_err(DbError::from)?;
    let member = |(record, dataset, entity)| Member { record, dataset, entity };
    Ok((members.into_iter().map(member).collect(), edges))
}

/// All members of a group, with their datasets and entities.
pub(crate) async fn members(
    conn: &mut PgConnection,
    group: &str,
    entity: Option<i64>,
) -> Result<Vec<Member>> {
    let query = sqlx::query_as(
        "SELECT record, dataset, entity FROM registry.entity_member
         WHERE grp = $1 AND ($2::bigint IS NULL OR entity = $2) ORDER BY record",
    );
    let rows: Vec<(Uuid, String, i64)> =
        query.bind(group).bind(entity).fetch_all(conn).await.map_err(DbError::from)?;
    let member = |(record, dataset, entity)| Member { record, dataset, entity };
    Ok(rows.into_iter().map(member).collect())
}

/// One record of a group.
pub(crate) async fn member(
    conn: &mut PgConnection,
    group: &str,
    record: Uuid,
) -> Result<Option<Member>> {
    let query = sqlx::query_as(
        "SELECT dataset, entity FROM registry.entity_member WHERE grp = $1 AND record = $2",
    );
    let row: Option<(String, i64)> =
        query.bind(group).bind(record).fetch_optional(conn).await.map_err(DbError::from)?;
    Ok(row.map(|(dataset, entity)| Member { record, dataset, entity }))
}

/// Writes members: record, dataset, entity, and the state of the record that was looked at.
pub(crate) async fn keep_members(
    conn: &mut PgConnection,
    group: &str,
    members: &[(Uuid, String, i64, Option<OffsetDateTime>)],
) -> Result<()> {
    let record: Vec<Uuid> = members.iter().map(|member| member.0).collect();
    let dataset: Vec<&str> = members.iter().map(|member| member.1.as_str()).collect();
    let entity: Vec<i64> = members.iter().map(|member| member.2).collect();
    let seen: Vec<Option<OffsetDateTime>> = members.iter().map(|member| member.3).collect();
    let query =
        sqlx::query(KEEP_MEMBERS).bind(group).bind(record).bind(dataset).bind(entity).bind(seen);
    query.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Writes entities that are new, and what became of those that are gone.
pub(crate) async fn keep_entities(
    conn: &mut PgConnection,
    group: &str,
    made: &[i64],
    gone: &BTreeMap<i64, i64>,
    now: OffsetDateTime,
) -> Result<()> {
    let new = sqlx::query(
        "INSERT INTO registry.entity (grp, id, since) SELECT $1, id, $3 FROM unnest($2::bigint[]) AS new_ (id)",
    );
    new.bind(group).bind(made).bind(now).execute(&mut *conn).await.map_err(DbError::from)?;
    let (from, into): (Vec<i64>, Vec<i64>) = gone.iter().map(|(from, into)| (*from, *into)).unzip();
    let away = sqlx::query(
        "UPDATE registry.entity AS entity_ SET gone = $4, into_entity = new_.heir
         FROM unnest($2::bigint[], $3::bigint[]) AS new_ (id, heir) WHERE entity_.grp = $1 AND entity_.id = new_.id",
    );
    let away = away.bind(group).bind(from).bind(into).bind(now);
    away.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Since when an entity is, and what it became.
pub(crate) async fn entity(
    conn: &mut PgConnection,
    group: &str,
    id: i64,
) -> Result<Option<(OffsetDateTime, Option<i64>)>> {
    let query =
        sqlx::query_as("SELECT since, into_entity FROM registry.entity WHERE grp = $1 AND id = $2");
    Ok(query.bind(group).bind(id).fetch_optional(conn).await.map_err(DbError::from)?)
}

/// Records, entities and doubtful pairs of a group.
pub(crate) async fn match_counts(conn: &mut PgConnection, group: &str) -> Result<MatchCounts> {
    Ok(sqlx::query_as(COUNTS).bind(group).fetch_one(conn).await.map_err(DbError::from)?)
}
