//! The archive of a case that is over: an index of its acts and papers with their digests, and a catalogue for people,
//! both kept as files that do not change until their time is over.

use std::str::FromStr as _;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{Date, Duration, OffsetDateTime};
use zhengtong_base::Text;
use zhengtong_blob::Blobs;
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_db::{Ctx, Db};

use crate::act::{case_type, for_change, known};
use crate::attach::OFFICE;
use crate::error::{Error, Result};
use crate::model::{Case, Event};
use crate::part::{CaseType, Moment};
use crate::seen::AsSeen;
use crate::voucher::digest_of;
use crate::{delivery, flow, store};

/// The job that archives what is over.
const JOB: &str = "casework.archive";
/// The form of the index.
const FORM: &str = "zhengtong-archive/1";
/// Bytes of an index at most.
const INDEX_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Cases that one look for the next ones gives.
const BATCH: i64 = 200;
/// Cases of one night.
const CASES_MAX: usize = 5_000;

/// The archive of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Archived {
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// How many acts it lists.
    pub acts: i32,
    /// How many papers it lists.
    pub papers: i32,
    /// SM3 of the index; none when its time is over.
    pub digest: Option<String>,
    /// SM3 of the catalogue.
    pub file: Option<String>,
    /// Until when it is kept; none for ever.
    pub keep_until: Option<Date>,
}

/// What a look at an archive found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArchiveCheck {
    /// How many acts were compared.
    pub acts: usize,
    /// How many papers were compared.
    pub papers: usize,
    /// What is wrong; nothing when all is as it was archived.
    pub faults: Vec<Text>,
}

impl ArchiveCheck {
    /// Whether all is as it was archived.
    pub fn sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// What stands in the index.
#[derive(Debug, Serialize, Deserialize)]
struct Index {
    form: String,
    case: Value,
    acts: Vec<Act>,
    papers: Vec<Paper>,
}

/// One act of the case.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Act {
    seq: i32,
    kind: String,
    at: String,
    actor: String,
    text: String,
    reason: Option<String>,
    digest: String,
}

/// One paper of the case, as its archive lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// What it is called.
    pub name: String,
    /// Its number, if it was issued.
    pub number: Option<String>,
    /// `material` of the applicant, or `document` that was issued.
    pub what: String,
    /// SM3 of its file.
    pub digest: String,
    /// Its size.
    pub bytes: u64,
}

/// A file of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFile {
    /// The index of acts and papers with their digests.
    Index,
    /// The catalogue for people.
    Catalogue,
}

/// Archives a case that is over; an archived one stays as it is.
pub async fn archive(ctx: &mut Ctx, case: impl Into<AsSeen<'_>>) -> Result<Archived> {
    let seen = case.into();
    let no = seen.no;
    let case = for_change(ctx, "casework.archive", no).await?;
    if let Some(before) = store::archive(ctx.conn(), no).await? {
        return Ok(before);
    }
    seen.still(&case)?;
    let Some(closed_at) = case.closed_at.filter(|_| case.state.over()) else {
        return Err(Error::State(Text::new(
            "办结以后才能归档",
            "a case is archived when it is over",
        )));
    };
    let case_type = case_type(ctx, &case)?;
    let blobs = ctx.defs::<Blobs>()?;
    let acts: Vec<Act> = store::events(ctx, no).await?.iter().map(act_of).collect();
    let papers = papers(ctx, &case).await?;
    let index = Index { form: FORM.to_owned(), case: head(&case), acts, papers };
    let bytes = serde_json::to_vec_pretty(&index).map_err(zhengtong_db::Error::from)?;
    let digest = blobs.put(bytes.as_slice(), INDEX_BYTES_MAX).await?.digest.to_string();
    let file = catalogue(ctx, &case, &case_type, &index, &digest).await?;
    let keep = case_type.retention;
    let count = |many: usize| i32::try_from(many).unwrap_or(i32::MAX);
    let archived = Archived {
        at: ctx.now,
        acts: count(index.acts.len()),
        papers: count(index.papers.len()),
        digest: Some(digest.clone()),
        file,
        keep_until: keep.map(|kept| china_date(closed_at) + Duration::days(i64::from(kept.days()))),
    };
    store::insert_archive(ctx.conn(), no, &archived).await?;
    let act =
        ctx.act("casework.archive", "case", no).about(Some(case.person)).change(None, Some(digest));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.emit("casework.archived", no, &json!({ "papers": archived.papers })).await?;
    Ok(archived)
}

/// The archive of a case, for whoever may read the case.
pub async fn archive_of(ctx: &mut Ctx, no: &str) -> Result<Option<Archived>> {
    known(ctx, "casework.read", no).await?;
    store::archive(ctx.conn(), no).await
}

/// The papers that the archive of a case lists, for who may check it; none while there is no archive, and none when its
/// index is gone or damaged, which the check says.
pub async fn archived_papers(ctx: &mut Ctx, no: &str) -> Result<Vec<Paper>> {
    known(ctx, "casework.verify_archive", no).await?;
    let digest = store::archive(ctx.conn(), no).await?.and_then(|archived| archived.digest);
    let Some(digest) = digest else { return Ok(Vec::new()) };
    let blobs = ctx.defs::<Blobs>()?;
    let mut unread = ArchiveCheck { acts: 0, papers: 0, faults: Vec::new() };
    Ok(read_index(&blobs, &digest, &mut unread).await.map(|index| index.papers).unwrap_or_default())
}

/// A file of the archive of a case, for who may check it; reading it is recorded.
pub async fn archive_file(ctx: &mut Ctx, no: &str, which: ArchiveFile) -> Result<Vec<u8>> {
    let case = known(ctx, "casework.verify_archive", no).await?;
    let archived = store::archive(ctx.conn(), no).await?;
    let digest = archived.and_then(|archived| match which {
        ArchiveFile::Index => archived.digest,
        ArchiveFile::Catalogue => archived.file,
    });
    let digest = digest.ok_or_else(|| zhengtong_db::Error::absent("archive", no))?;
    let parsed = Digest::from_str(&digest);
    let place = parsed.map_err(|error| Error::Definition(format!("archive of {no}: {error}")))?;
    let bytes = ctx.defs::<Blobs>()?.get(place).await?;
    let act = ctx
        .act("casework.read", "archive", no)
        .about(Some(case.person))
        .because(case.title.zh.clone())
        .change(None, Some(digest));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(bytes)
}

/// Compares the archive of a case with its files and with the record of today.
pub async fn verify_archive(ctx: &mut Ctx, no: &str) -> Result<ArchiveCheck> {
    let case = known(ctx, "casework.verify_archive", no).await?;
    let archived = store::archive(ctx.conn(), no).await?;
    let archived = archived.ok_or_else(|| zhengtong_db::Error::absent("archive", no))?;
    let mut check = ArchiveCheck { acts: 0, papers: 0, faults: Vec::new() };
    let blobs = ctx.defs::<Blobs>()?;
    let index = archived.digest.as_deref().ok_or_else(|| {
        Error::State(Text::new(
            "档案已过保存期，按规定销毁",
            "the archive's time is over; it is gone",
        ))
    })?;
    if let Some(index) = read_index(&blobs, index, &mut check).await {
        check_acts(ctx, no, &index, &mut check).await?;
        for paper in &index.papers {
            check.papers += 1;
            check_file(&blobs, &paper.name, &paper.digest, &mut check).await;
        }
    }
    if let Some(file) = &archived.file {
        check_file(&blobs, "档案目录 / catalogue", file, &mut check).await;
    }
    let found = if check.sound() { "sound".to_owned() } else { format!("{:?}", check.faults) };
    let act = ctx
        .act("casework.verify_archive", "case", no)
        .about(Some(case.person))
        .change(None, Some(Digest::of(found.as_bytes()).to_string()));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(check)
}

/// Archives every night what is over, and counts announcements whose days are over as delivered.
#[must_use]
pub fn attach_archive(work: Work) -> Work {
    work.on(JOB, |db, _job| async move {
        delivery::count_announced(&db).await?;
        run(&db).await
    })
    .at(CronEntry { name: JOB, pattern: "40 2 * * *", job: JOB })
}

/// Archives what is over, each case in a transaction of its own. One that fails is told of and does not hold up others.
async fn run(db: &Db) -> std::result::Result<(), String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let (mut after, mut done, mut failed) = (String::new(), 0, 0);
    loop {
        let mut ctx = db.begin_system(JOB).await.map_err(|error| said(&error))?;
        let next = store::to_archive(ctx.conn(), &after, BATCH).await.map_err(|e| said(&e))?;
        drop(ctx);
        let Some(last) = next.last() else { break };
        after.clone_from(last);
        for no in next {
            let mut ctx = db.begin_system(JOB).await.map_err(|error| said(&error))?;
            match archive(&mut ctx, &no).await {
                Ok(_) => ctx.commit().await.map_err(|error| said(&error))?,
                Err(_error) => failed += 1,
            }
            done += 1;
        }
        if done >= CASES_MAX {
            break;
        }
    }
    if failed > 0 { Err(format!("{failed} of {done} cases could not be archived")) } else { Ok(()) }
}

fn head(case: &Case) -> Value {
    let moment = |moment: Option<OffsetDateTime>| moment.map(|moment| moment.to_string());
    json!({
        "no": case.no, "kind": case.kind, "item": case.item, "item_version": case.item_version,
        "title": case.title, "applicant": case.applicant(), "department": case.department_name,
        "state": case.state, "decision": case.decision,
        "submitted_at": moment(Some(case.submitted_at)), "accepted_at": moment(case.accepted_at),
        "decided_at": moment(case.decided_at), "closed_at": moment(case.closed_at),
        "facts": case.facts,
    })
}

fn act_of(event: &Event) -> Act {
    let at = event.at.to_string();
    let body = json!([
        event.seq,
        event.kind,
        at,
        event.actor,
        event.node,
        event.text,
        event.reason,
        event.public
    ]);
    Act {
        seq: event.seq,
        kind: event.kind.clone(),
        at,
        actor: event.actor.clone(),
        text: event.text.zh.clone(),
        reason: event.reason.clone(),
        digest: digest_of(&body),
    }
}

/// The papers of the applicant and those that were issued, each with the digest of its file.
async fn papers(ctx: &mut Ctx, case: &Case) -> Result<Vec<Paper>> {
    let mut papers = Vec::new();
    for material in store::materials(ctx, &case.no).await? {
        let Some(file) = material.paper.file else { continue };
        papers.push(Paper {
            name: material.paper.name.zh,
            number: None,
            what: if material.added.is_some() { OFFICE } else { "material" }.to_owned(),
            digest: file.digest,
            bytes: u64::try_from(file.size).unwrap_or(0),
        });
    }
    let no = case.no.clone();
    let issued = flow::as_platform(ctx, async |ctx| {
        let mut issued = Vec::new();
        for document in zhengtong_document::of_case(ctx, &no).await? {
            let bytes = zhengtong_document::pdf(ctx, document.id).await?;
            issued.push(Paper {
                name: document.title.zh,
                number: Some(document.number),
                what: "document".to_owned(),
                digest: Digest::of(&bytes).to_string(),
                bytes: bytes.len() as u64,
            });
        }
        Ok::<_, zhengtong_document::Error>(issued)
    });
    papers.extend(issued.await?);
    Ok(papers)
}

/// The catalogue for people as a PDF, where the case type has a paper for it; gives its digest.
async fn catalogue(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    index: &Index,
    digest: &str,
) -> Result<Option<String>> {
    let Some(template) = case_type.paper(&case.kind, Moment::Catalogue, None) else {
        return Ok(None);
    };
    let papers = ctx.defs::<zhengtong_document::Catalog>()?;
    let settings = ctx.defs::<zhengtong_document::Settings>()?;
    let definition = papers.get(&template)?;
    let loose = zhengtong_document::Loose {
        number: case.no.clone(),
        holder_name: case.applicant().to_owned(),
        issuer_name: case.department_name.clone(),
        case_no: Some(case.no.clone()),
        facts: json!({
            "matter": case.title.zh, "case_no": case.no, "acts": index.acts, "papers": index.papers,
            "index": digest, "state": case.state.title().zh,
        }),
        link: None,
    };
    let paper = zhengtong_document::loose(definition, &loose, ctx.now);
    let bytes = zhengtong_document::render(&settings, definition, paper).await?;
    let blobs = ctx.defs::<Blobs>()?;
    Ok(Some(blobs.put(bytes.as_slice(), INDEX_BYTES_MAX).await?.digest.to_string()))
}

async fn read_index(blobs: &Blobs, digest: &str, check: &mut ArchiveCheck) -> Option<Index> {
    let read = match Digest::from_str(digest) {
        Ok(digest) => blobs.get(digest).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let index = read.and_then(|bytes| {
        serde_json::from_slice::<Index>(&bytes).map_err(|error| error.to_string())
    });
    match index {
        Ok(index) if index.form == FORM => Some(index),
        Ok(index) => {
            let form = index.form;
            check.faults.push(Text::new(
                format!("档案索引的格式 {form} 不认识"),
                format!("the form {form} of the index is not known"),
            ));
            None
        }
        Err(error) => {
            check.faults.push(Text::new(
                format!("档案索引损坏：{error}"),
                format!("the index is damaged: {error}"),
            ));
            None
        }
    }
}

/// Whether each act is on record as it was.
async fn check_acts(
    ctx: &mut Ctx,
    no: &str,
    index: &Index,
    check: &mut ArchiveCheck,
) -> Result<()> {
    let today: Vec<Act> = store::events(ctx, no).await?.iter().map(act_of).collect();
    for act in &index.acts {
        check.acts += 1;
        if !today.iter().any(|now| now == act) {
            check.faults.push(Text::new(
                format!("第 {} 步“{}”和归档时不一样", act.seq, act.text),
                format!("act {} ({}) is not what it was when archived", act.seq, act.kind),
            ));
        }
    }
    Ok(())
}

async fn check_file(blobs: &Blobs, name: &str, digest: &str, check: &mut ArchiveCheck) {
    let looked = match Digest::from_str(digest) {
        Ok(digest) => blobs.verify(digest).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = looked {
        check.faults.push(Text::new(
            format!("“{name}”的文件损坏或丢失：{error}"),
            format!("the file of {name} is damaged or lost: {error}"),
        ));
    }
}
