//! The tables of drafts. The only file that names sqlx statements.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Act;
use zhengtong_db::{Ctx, Keyring};

use crate::answers::{Answers, Attached, Draft, DraftLine, FileMeta, Group, Knowns, Values};
use crate::drafts::KEPT_DAYS;
use crate::error::{Error, Result};
use crate::model::FileKind;

const INSERT: &str = include_str!("../sql/insert_draft.sql");
const SAVE: &str = include_str!("../sql/save_draft.sql");
const LIST: &str = include_str!("../sql/list_drafts.sql");
const SWEEP: &str = include_str!("../sql/sweep_drafts.sql");

/// The statements kept in files.
pub(crate) const STATEMENTS: &[(&str, &str)] = &[
    ("insert_draft.sql", INSERT),
    ("save_draft.sql", SAVE),
    ("list_drafts.sql", LIST),
    ("sweep_drafts.sql", SWEEP),
];

/// The field of drafts that stands sealed.
pub const SEALED: &[&str] = &[DRAFT];
const DRAFT: &str = "form.draft";
/// Drafts that one step seals.
const PROTECT_ROWS: i64 = 500;

/// The plain column `answers`, from before there were keys.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Kept {
    values: Values,
    groups: BTreeMap<String, Group>,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Written {
    answers: Kept,
    inputs: BTreeMap<String, BTreeMap<String, String>>,
    known: Knowns,
}

#[derive(sqlx::FromRow)]
struct DraftRow {
    id: Uuid,
    form: String,
    form_digest: String,
    item: String,
    owner: Uuid,
    owner_organisation: Option<Uuid>,
    answers: Json<Kept>,
    inputs: Json<BTreeMap<String, BTreeMap<String, String>>>,
    saved: Json<BTreeMap<String, i64>>,
    known: Json<Knowns>,
    sealed: Option<Vec<u8>>,
    version: i64,
    created: OffsetDateTime,
    updated: OffsetDateTime,
    expires: OffsetDateTime,
    submitted_case: Option<String>,
}

#[derive(sqlx::FromRow)]
struct FileRow {
    id: Uuid,
    field: String,
    entry: i64,
    digest: String,
    name: String,
    size: i64,
    kind: String,
    at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    id: Uuid,
    form: String,
    item: String,
    owner: Uuid,
    owner_organisation: Option<Uuid>,
    created: OffsetDateTime,
    updated: OffsetDateTime,
    expires: OffsetDateTime,
}

/// Throws away drafts whose time is over, at most `limit`; a job calls it until it gives 0.
pub async fn sweep_expired(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64> {
    let count = sqlx::query(SWEEP).bind(now).bind(limit).execute(&mut *conn).await?.rows_affected();
    if count > 0 {
        let act = Act {
            at: now,
            account: None,
            person: None,
            name: "form.sweep".to_owned(),
            organisation: None,
            post: None,
            behalf: None,
            verb: "form.sweep".to_owned(),
            thing_kind: "draft".to_owned(),
            thing: "expired".to_owned(),
            subject: None,
            before: None,
            after: None,
            reason: Some(format!("{count} drafts were not touched for {KEPT_DAYS} days")),
            request: "system:form.sweep".to_owned(),
            veil: zhengtong_base::Veil::default(),
        };
        zhengtong_ledger::append(conn, &act).await?;
    }
    Ok(count)
}

pub(crate) async fn insert(ctx: &mut Ctx, draft: &Draft) -> Result<()> {
    let answers = &draft.answers;
    let sealed = seal(&*ctx.keyring()?, draft)?;
    sqlx::query(INSERT)
        .bind(draft.id)
        .bind(&draft.form)
        .bind(&draft.form_digest)
        .bind(&draft.item)
        .bind(draft.owner)
        .bind(draft.owner_organisation)
        .bind(sealed)
        .bind(Json(&answers.saved))
        .bind(draft.version)
        .bind(draft.created)
        .bind(draft.expires)
        .execute(ctx.conn())
        .await?;
    Ok(())
}

/// A draft with its files, as it stands.
pub(crate) async fn find(ctx: &mut Ctx, id: Uuid) -> Result<Option<Draft>> {
    let row = sqlx::query_as("SELECT * FROM form.draft WHERE id = $1")
        .bind(id)
        .fetch_optional(ctx.conn())
        .await?;
    with_files(ctx, row).await
}

/// A draft with its files, which nobody else can change until this transaction ends.
pub(crate) async fn lock(ctx: &mut Ctx, id: Uuid) -> Result<Option<Draft>> {
    let row = sqlx::query_as("SELECT * FROM form.draft WHERE id = $1 FOR UPDATE")
        .bind(id)
        .fetch_optional(ctx.conn())
        .await?;
    with_files(ctx, row).await
}

pub(crate) async fn save(ctx: &mut Ctx, draft: &Draft) -> Result<()> {
    let sealed = seal(&*ctx.keyring()?, draft)?;
    sqlx::query(SAVE)
        .bind(draft.id)
        .bind(sealed)
        .bind(Json(&draft.answers.saved))
        .bind(draft.version)
        .bind(draft.updated)
        .bind(draft.expires)
        .execute(ctx.conn())
        .await?;
    Ok(())
}

pub(crate) async fn set_case(conn: &mut PgConnection, id: Uuid, case: &str) -> Result<()> {
    sqlx::query("UPDATE form.draft SET submitted_case = $2 WHERE id = $1")
        .bind(id)
        .bind(case)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn delete(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query("DELETE FROM form.draft WHERE id = $1").bind(id).execute(conn).await?;
    Ok(())
}

pub(crate) async fn list(
    conn: &mut PgConnection,
    person: Uuid,
    organisation: Option<Uuid>,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<DraftLine>> {
    let rows: Vec<LineRow> = sqlx::query_as(LIST)
        .bind(person)
        .bind(organisation)
        .bind(now)
        .bind(limit)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(DraftLine::from).collect())
}

/// How many drafts of a person are open, on whosever behalf.
pub(crate) async fn count(
    conn: &mut PgConnection,
    person: Uuid,
    now: OffsetDateTime,
) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM form.draft
         WHERE owner = $1 AND submitted_case IS NULL AND expires > $2",
    )
    .bind(person)
    .bind(now)
    .fetch_one(conn)
    .await?)
}

pub(crate) async fn attach(ctx: &mut Ctx, draft: Uuid, attached: &Attached) -> Result<()> {
    let name = ctx.keyring()?.seal_text(DRAFT, &file_place(attached.id), &attached.file.name);
    let name = name.map_err(zhengtong_db::Error::from)?;
    sqlx::query(
        "INSERT INTO form.file (id, draft, field, entry, digest, name, size, kind, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(attached.id)
    .bind(draft)
    .bind(&attached.field)
    .bind(entry_column(attached.entry))
    .bind(&attached.file.digest)
    .bind(name)
    .bind(i64::try_from(attached.file.size).unwrap_or(i64::MAX))
    .bind(attached.file.kind.word())
    .bind(attached.at)
    .execute(ctx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn detach(conn: &mut PgConnection, draft: Uuid, file: Uuid) -> Result<()> {
    sqlx::query("DELETE FROM form.file WHERE draft = $1 AND id = $2")
        .bind(draft)
        .bind(file)
        .execute(conn)
        .await?;
    Ok(())
}

/// Seals the name of a file again.
async fn rename(ctx: &mut Ctx, attached: &Attached) -> Result<()> {
    let name = ctx.keyring()?.seal_text(DRAFT, &file_place(attached.id), &attached.file.name);
    sqlx::query("UPDATE form.file SET name = $2 WHERE id = $1")
        .bind(attached.id)
        .bind(name.map_err(zhengtong_db::Error::from)?)
        .execute(ctx.conn())
        .await?;
    Ok(())
}

fn kept(answers: &Answers) -> Kept {
    Kept { values: answers.values.clone(), groups: answers.groups.clone() }
}

fn entry_column(entry: Option<u32>) -> i64 {
    entry.map_or(0, i64::from)
}

/// Seals drafts that still stand plain, or stand under an older key; gives how many. Called until it gives 0.
pub(crate) async fn protect(ctx: &mut Ctx, after: Uuid, plain_only: bool) -> Result<Option<Uuid>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM form.draft WHERE id > $1 AND (sealed IS NULL OR NOT $2) ORDER BY id LIMIT $3",
    )
    .bind(after)
    .bind(plain_only)
    .bind(PROTECT_ROWS)
    .fetch_all(ctx.conn())
    .await?;
    for id in &ids {
        if let Some(draft) = lock(ctx, *id).await? {
            let sealed = seal(&*ctx.keyring()?, &draft)?;
            sqlx::query(
                "UPDATE form.draft SET answers = '{}', inputs = '{}', known = '{}', sealed = $2
                 WHERE id = $1",
            )
            .bind(id)
            .bind(sealed)
            .execute(ctx.conn())
            .await?;
            for attached in &draft.answers.files {
                rename(ctx, attached).await?;
            }
        }
    }
    Ok(ids.last().copied())
}

/// Where the name of a file stands.
fn file_place(file: Uuid) -> String {
    format!("file/{file}")
}

fn seal(ring: &Keyring, draft: &Draft) -> Result<Vec<u8>> {
    let written = Written {
        answers: kept(&draft.answers),
        inputs: draft.answers.inputs.clone(),
        known: draft.known.clone(),
    };
    let plain = serde_json::to_vec(&written).map_err(zhengtong_db::Error::from)?;
    let sealed = ring.seal(DRAFT, &draft.id.to_string(), &plain);
    Ok(sealed.map_err(zhengtong_db::Error::from)?)
}

fn written(ring: &Keyring, row: &DraftRow) -> Result<Written> {
    let Some(sealed) = &row.sealed else {
        return Ok(Written {
            answers: row.answers.0.clone(),
            inputs: row.inputs.0.clone(),
            known: row.known.0.clone(),
        });
    };
    let plain = ring.open(DRAFT, &row.id.to_string(), sealed).map_err(zhengtong_db::Error::from)?;
    Ok(serde_json::from_slice(&plain).map_err(zhengtong_db::Error::from)?)
}

async fn with_files(ctx: &mut Ctx, row: Option<DraftRow>) -> Result<Option<Draft>> {
    let Some(row) = row else { return Ok(None) };
    let written = written(&*ctx.keyring()?, &row)?;
    let rows: Vec<FileRow> = sqlx::query_as(
        "SELECT id, field, entry, digest, name, size, kind, at FROM form.file
         WHERE draft = $1 ORDER BY number LIMIT 10000",
    )
    .bind(row.id)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    let file = |mut row: FileRow| {
        let name = ring.read_text(DRAFT, &file_place(row.id), row.name);
        row.name = name.map_err(zhengtong_db::Error::from)?;
        Attached::try_from(row)
    };
    let files = rows.into_iter().map(file).collect::<Result<_>>()?;
    Ok(Some(Draft {
        id: row.id,
        form: row.form,
        form_digest: row.form_digest,
        item: row.item,
        owner: row.owner,
        owner_organisation: row.owner_organisation,
        answers: Answers {
            values: written.answers.values,
            groups: written.answers.groups,
            files,
            inputs: written.inputs,
            saved: row.saved.0,
        },
        known: written.known,
        version: row.version,
        created: row.created,
        updated: row.updated,
        expires: row.expires,
        submitted_case: row.submitted_case,
    }))
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl TryFrom<FileRow> for Attached {
    type Error = Error;

    fn try_from(row: FileRow) -> Result<Self> {
        let broken = || zhengtong_db::Error::Broken(format!("file {} is not readable", row.id));
        Ok(Self {
            id: row.id,
            entry: u32::try_from(row.entry).ok().filter(|number| *number > 0),
            file: FileMeta {
                kind: FileKind::from_word(&row.kind).ok_or_else(broken)?,
                size: u64::try_from(row.size).ok().ok_or_else(broken)?,
                digest: row.digest,
                name: row.name,
            },
            field: row.field,
            at: row.at,
        })
    }
}

impl From<LineRow> for DraftLine {
    fn from(row: LineRow) -> Self {
        Self {
            id: row.id,
            form: row.form,
            item: row.item,
            owner: row.owner,
            owner_organisation: row.owner_organisation,
            created: row.created,
            updated: row.updated,
            expires: row.expires,
        }
    }
}
