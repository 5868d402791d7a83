//! Papers that an applicant uploads: checked, kept by digest, attached to the draft or to the case.

use std::io::Cursor;

use uuid::Uuid;
use zhengtong_base::{FieldError, Limits, Text};
use zhengtong_blob::Blobs;
use zhengtong_casework::{AsSeen, Case, MaterialFile, NewMaterial, Owed, OwnPaper};
use zhengtong_db::Ctx;
use zhengtong_form::{Attached, FileKind, FileMeta};

use crate::error::{Error, Result};

/// A file as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The name the sender gave it.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Attaches a file to a field of a draft. What it is is seen from its bytes, never from its name.
pub async fn attach(
    ctx: &mut Ctx,
    draft: Uuid,
    field: &str,
    entry: Option<u32>,
    sent: Sent<'_>,
) -> Result<Attached> {
    let size = u64::try_from(sent.bytes.len()).unwrap_or(u64::MAX);
    zhengtong_form::may_attach(ctx, draft, field, size).await?;
    let file = keep(ctx, field, sent).await?;
    Ok(zhengtong_form::attach(ctx, draft, field, entry, file).await?)
}

/// Supplies papers to a case that waits for them.
pub async fn supply(
    ctx: &mut Ctx,
    no: &str,
    todo: Uuid,
    files: &[Sent<'_>],
    words: &str,
) -> Result<Case> {
    answer(ctx, no, todo, "", files, words).await
}

/// Does what a case asks of its applicant, or of whom it is about, with papers and words.
pub async fn answer(
    ctx: &mut Ctx,
    no: &str,
    todo: Uuid,
    outcome: &str,
    files: &[Sent<'_>],
    words: &str,
) -> Result<Case> {
    let mut papers = Vec::new();
    for sent in files {
        let file = keep(ctx, "files", *sent).await?;
        papers.push(handed_in(supplement(), file));
    }
    Ok(zhengtong_casework::answer(ctx, no, todo, outcome, &papers, words).await?)
}

/// Brings papers that are owed: each file is the owed paper of that place. What is wrong with one stands at `file-PLACE`.
pub async fn bring(ctx: &mut Ctx, case: AsSeen<'_>, files: &[(i32, Sent<'_>)]) -> Result<Case> {
    let owed = zhengtong_casework::deferred(ctx, case.no).await?;
    let (mut places, mut papers) = (Vec::new(), Vec::new());
    for (place, sent) in files {
        let file = keep(ctx, &format!("file-{place}"), *sent).await?;
        let name = owed.iter().find(|paper| paper.seq == *place).map(|paper| paper.name.clone());
        papers.push(handed_in(name.unwrap_or_else(supplement), file));
        places.push(*place);
    }
    places.sort_unstable();
    places.dedup();
    let first = owed.iter().find(|paper| paper.state == Owed::Owed).map_or(1, |paper| paper.seq);
    zhengtong_casework::bring(ctx, case, &places, &papers).await.map_err(|error| match error {
        // Nothing was chosen: that is said where the first one could be.
        zhengtong_casework::Error::Invalid(mut wrong) => {
            for one in wrong.iter_mut().filter(|one| one.field == "files") {
                one.field = format!("file-{first}");
            }
            Error::Invalid(wrong)
        }
        error => error.into(),
    })
}

/// Undertakes something in writing; an officer at the counter attaches the paper that the applicant signed.
pub async fn undertake(
    ctx: &mut Ctx,
    case: AsSeen<'_>,
    kind: &str,
    signed: Option<Sent<'_>>,
) -> Result<Case> {
    // Who may not read the case leaves no file behind.
    zhengtong_casework::undertakings(ctx, case.no).await?;
    let paper = match signed {
        Some(sent) => {
            let name = Text::new("书面承诺", "Undertaking in writing");
            Some(handed_in(name, keep(ctx, "file", sent).await?))
        }
        None => None,
    };
    Ok(zhengtong_casework::undertake(ctx, case, kind, paper).await?)
}

/// Adds papers of the office's own to a case at a task: photographs of an inspection, the record of a hearing.
pub async fn add_papers(
    ctx: &mut Ctx,
    (no, todo): (&str, Uuid),
    (name, words): (&str, &str),
    files: &[Sent<'_>],
) -> Result<Case> {
    // Who may not add any leaves no file behind.
    zhengtong_casework::may_attach(ctx, no, todo).await?;
    let mut kept = Vec::with_capacity(files.len());
    for sent in files {
        let paper = handed_in(supplement(), keep(ctx, "files", *sent).await?);
        kept.extend(paper.file);
    }
    let paper = OwnPaper { name: name.to_owned(), words: words.to_owned(), files: kept };
    Ok(zhengtong_casework::attach(ctx, no, todo, &paper).await?)
}

fn supplement() -> Text {
    Text::new("补充材料", "Supplement")
}

fn handed_in(name: Text, file: FileMeta) -> NewMaterial {
    NewMaterial {
        name,
        source: "applicant".to_owned(),
        source_note: None,
        file: Some(MaterialFile {
            digest: file.digest,
            name: file.name,
            size: i64::try_from(file.size).unwrap_or(i64::MAX),
            mime: file.kind.mime().to_owned(),
        }),
    }
}

async fn keep(ctx: &Ctx, field: &str, sent: Sent<'_>) -> Result<FileMeta> {
    // Size first: of a file that is too large nothing else matters, and nothing else is told.
    let limit_bytes = Limits::default().file_bytes;
    if u64::try_from(sent.bytes.len()).unwrap_or(u64::MAX) > limit_bytes {
        return Err(zhengtong_blob::Error::TooLarge { limit_bytes }.into());
    }
    let Some(kind) = FileKind::sniff(sent.bytes) else {
        return Err(Error::Invalid(vec![FieldError::new(
            field,
            "只收 PDF、PNG、JPEG。请把文件另存为 PDF 再传",
            "only PDF, PNG and JPEG are accepted; save the file as PDF and try again",
        )]));
    };
    if let Err(refusal) = zhengtong_blob::kind::inspect(&mut Cursor::new(sent.bytes)) {
        return Err(Error::Invalid(vec![FieldError {
            field: field.to_owned(),
            text: refusal.text(),
        }]));
    }
    let blobs = ctx.defs::<Blobs>()?;
    let stored = match blobs.admit(sent.bytes, limit_bytes).await {
        Err(zhengtong_blob::Error::Refused(refusal)) => {
            let text = refusal.text();
            return Err(Error::Invalid(vec![FieldError { field: field.to_owned(), text }]));
        }
        outcome => outcome?,
    };
    Ok(FileMeta {
        digest: stored.digest.to_string(),
        name: sent.name.to_owned(),
        size: stored.size,
        kind,
    })
}
