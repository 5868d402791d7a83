//! Papers that an applicant uploads: checked, kept by digest, attached to the draft or to the case.

use std::io::Cursor;

use uuid::Uuid;
use zhengtong_base::{FieldError, Limits, Text};
use zhengtong_blob::Blobs;
use zhengtong_casework::{Case, MaterialFile, NewMaterial};
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
    let mut papers = Vec::new();
    for sent in files {
        let file = keep(ctx, "files", *sent).await?;
        papers.push(NewMaterial {
            name: Text::new("补充材料", "Supplement"),
            source: "applicant".to_owned(),
            source_note: None,
            file: Some(MaterialFile {
                digest: file.digest,
                name: file.name,
                size: i64::try_from(file.size).unwrap_or(i64::MAX),
                mime: file.kind.mime().to_owned(),
            }),
        });
    }
    Ok(zhengtong_casework::supply(ctx, no, todo, &papers, words).await?)
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
