//! Files that come with a finding, an answer, an appeal or a decision: looked at and kept before they are named, and
//! opened by whoever may read what they belong to.

use std::io::Cursor;

use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{FieldError, Limits};
use zhengtong_blob::{Blobs, FileKind, Refusal};
use zhengtong_crypto::Digest;
use zhengtong_db::Ctx;

use crate::card::readable;
use crate::error::{Error, Result};
use crate::follow::platform;
use crate::store;

/// Most files that come together.
pub const FILES_MAX: usize = 10;
/// Where they were chosen.
const FIELD: &str = "files";
/// Most characters of a name that are kept.
const NAME_CHARS_MAX: usize = 120;
/// The kinds that are taken.
const WANTED: [FileKind; 3] = [FileKind::Pdf, FileKind::Png, FileKind::Jpeg];

/// A file as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The name the sender gave it.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A file that belongs to a finding or to a step of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The identifier.
    pub id: Uuid,
    /// The step of the card it came with; none of a finding.
    pub step: Option<i32>,
    /// The name the sender gave it.
    pub name: String,
    /// Its SM3 digest.
    pub digest: String,
    /// Its bytes.
    pub size: i64,
    /// Its media type, as its bytes show it.
    pub mime: String,
    /// When it came.
    pub at: OffsetDateTime,
}

/// What a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// What a supervisor found.
    Finding(Uuid),
    /// A step of a card.
    Step(Uuid, i32),
}

/// The digests of what was sent, in order, for the key of the form.
pub(crate) fn digests(files: &[Sent<'_>]) -> Vec<String> {
    files.iter().map(|file| Digest::of(file.bytes).to_string()).collect()
}

/// What the record keeps of files that came together: the digest of their digests, in order.
pub(crate) fn mark(digests: &[String]) -> Option<String> {
    (!digests.is_empty()).then(|| Digest::of(digests.join("\n").as_bytes()).to_string())
}

/// Looks at all files and keeps them; of a refused one nothing is kept. Who may not do what they come with leaves no
/// file behind: the verb has asked before.
pub(crate) async fn keep(ctx: &Ctx, files: &[Sent<'_>]) -> Result<Vec<store::NewEvidence>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    if files.len() > FILES_MAX {
        return Err(wrong(
            format!("一次最多 {FILES_MAX} 份，请合成一个 PDF 再传"),
            format!("at most {FILES_MAX} files at once; put them into one PDF"),
        ));
    }
    let limit_bytes = Limits::default().file_bytes;
    let mut kinds = Vec::with_capacity(files.len());
    for file in files {
        if u64::try_from(file.bytes.len()).unwrap_or(u64::MAX) > limit_bytes {
            return Err(zhengtong_blob::Error::TooLarge { limit_bytes }.into());
        }
        kinds.push(kind(file)?);
    }
    let blobs = ctx.defs::<Blobs>()?;
    let mut kept = Vec::with_capacity(files.len());
    for (file, kind) in files.iter().zip(kinds) {
        let stored = match blobs.admit(file.bytes, limit_bytes).await {
            Err(zhengtong_blob::Error::Refused(refusal)) => return Err(refused(file, &refusal)),
            outcome => outcome?,
        };
        kept.push(store::NewEvidence {
            name: file.name.chars().take(NAME_CHARS_MAX).collect(),
            digest: stored.digest.to_string(),
            size: i64::try_from(stored.size).unwrap_or(i64::MAX),
            mime: kind.mime(),
        });
    }
    Ok(kept)
}

/// What a file is, seen from its bytes and never from its name.
fn kind(file: &Sent<'_>) -> Result<FileKind> {
    let found = zhengtong_blob::kind::inspect(&mut Cursor::new(file.bytes));
    let found = found.map_err(|refusal| refused(file, &refusal))?;
    if WANTED.contains(&found) {
        Ok(found)
    } else {
        Err(refused(file, &Refusal::NotWanted { found }))
    }
}

fn refused(file: &Sent<'_>, refusal: &Refusal) -> Error {
    let text = refusal.text();
    let name: String = file.name.chars().take(NAME_CHARS_MAX).collect();
    wrong(format!("{name}：{}", text.zh), format!("{name}: {}", text.en))
}

fn wrong(zh: String, en: String) -> Error {
    Error::Invalid(vec![FieldError::new(FIELD, zh, en)])
}

/// The files of a card for whoever has opened it: those of its steps, and of the finding behind it for supervisors.
pub(crate) async fn of_card(ctx: &mut Ctx, card: Uuid, occasion: &str) -> Result<Vec<Evidence>> {
    let mut found = store::evidence_of(ctx, &Place::Step(card, 0)).await?;
    if let Some(finding) = finding_of(occasion).filter(|_| ctx.may("supervision.find", &platform()))
    {
        let mut behind = store::evidence_of(ctx, &Place::Finding(finding)).await?;
        behind.append(&mut found);
        found = behind;
    }
    Ok(found)
}

/// The finding that an occasion is.
pub(crate) fn finding_of(occasion: &str) -> Option<Uuid> {
    occasion.strip_prefix("finding/")?.parse().ok()
}

/// Opens a file of a card; reading it is recorded.
pub async fn open(ctx: &mut Ctx, no: &str, id: Uuid) -> Result<(Evidence, Vec<u8>)> {
    let card = readable(ctx, no).await?;
    let found = of_card(ctx, card.id, &card.occasion).await?;
    let missing = || zhengtong_db::Error::absent("file", id.to_string());
    let file = found.into_iter().find(|file| file.id == id).ok_or_else(missing)?;
    let digest: Digest = file.digest.parse().map_err(|_unreadable| missing())?;
    let bytes = ctx.defs::<Blobs>()?.get(digest).await?;
    let act = ctx
        .act("supervision.read", "card", no)
        .because(format!("打开附件 / opened a file: {}", file.id))
        .change(None, Some(file.digest.clone()));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok((file, bytes))
}
