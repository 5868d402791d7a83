//! What an applicant undertakes in writing: to bring a lesser paper later, or to keep what is promised. The words are
//! those of the case type; what is kept is their digest, who signed, and the paper if there is one.

use serde_json::json;
use time::OffsetDateTime;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::Ctx;

use crate::act::{case_type, for_change, known, repeated};
use crate::error::{Error, Result};
use crate::flow;
use crate::model::{Case, Event, NewMaterial};
use crate::part::CaseType;
use crate::seen::AsSeen;
use crate::store::{self, NewUndertaking};

/// The word of an undertaking to bring a lesser paper later (容缺受理).
pub const DEFERRAL: &str = "deferral";
/// The word of an undertaking to keep what is promised (告知承诺).
pub const PROMISE: &str = "promise";

/// An undertaking of an applicant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undertaking {
    /// [`DEFERRAL`] or [`PROMISE`].
    pub kind: String,
    /// The words that were undertaken.
    pub words: String,
    /// The SM3 digest of the words in both languages.
    pub digest: String,
    /// The signed paper, by its place among the papers of the case.
    pub material: Option<i32>,
    /// Who undertook it.
    pub signed_by: String,
    /// When.
    pub at: OffsetDateTime,
}

/// The words that are undertaken, as the case type has them.
pub fn words<'a>(case_type: &'a CaseType, kind: &str) -> Option<&'a Text> {
    match kind {
        DEFERRAL => case_type.deferral.as_ref().map(|deferral| &deferral.undertaking),
        PROMISE => case_type.promise.as_ref().map(|promise| &promise.undertaking),
        _ => None,
    }
}

/// The law behind it.
pub fn basis<'a>(case_type: &'a CaseType, kind: &str) -> Option<&'a Text> {
    match kind {
        DEFERRAL => case_type.deferral.as_ref().map(|deferral| &deferral.basis),
        PROMISE => case_type.promise.as_ref().map(|promise| &promise.basis),
        _ => None,
    }
}

/// The applicant undertakes something, or an officer at the counter records the paper that they signed.
pub async fn undertake(
    ctx: &mut Ctx,
    case: impl Into<AsSeen<'_>>,
    kind: &str,
    paper: Option<NewMaterial>,
) -> Result<Case> {
    let seen = case.into();
    let no = seen.no;
    let case = for_change(ctx, "casework.undertake", no).await?;
    let digest = paper.as_ref().and_then(|paper| Some(paper.file.as_ref()?.digest.clone()));
    if repeated(ctx, "casework.undertake", &json!([no, kind, digest, seen.version])).await? {
        return Ok(case);
    }
    seen.still(&case)?;
    let case_type = case_type(ctx, &case)?;
    let Some(words) = words(&case_type, kind) else {
        return Err(Error::State(Text::new(
            "这类事项不用这样承诺",
            "nothing of this kind is undertaken in this matter",
        )));
    };
    if case.state.over() || case.decided_at.is_some() {
        return Err(Error::State(Text::new("已有决定，不用再承诺", "it is decided already")));
    }
    let applicant = ctx.actor.kind != zhengtong_db::ActorKind::Staff;
    if !applicant && paper.as_ref().is_none_or(|paper| paper.file.is_none()) {
        return Err(Error::Invalid(vec![FieldError::new(
            "file",
            "请上传申请人签了字的承诺书",
            "attach the undertaking that the applicant signed",
        )]));
    }
    let now = ctx.now;
    let material = match &paper {
        Some(paper) => {
            store::add_materials(ctx, no, std::slice::from_ref(paper), now).await?;
            store::materials(ctx, no).await?.last().map(|paper| paper.seq)
        }
        None => None,
    };
    let digest = zhengtong_crypto::Digest::of(json!([words.zh, words.en]).to_string().as_bytes());
    let digest = digest.to_string();
    let recorded_by = if applicant { String::new() } else { ctx.actor.name.clone() };
    let signed_by = if applicant { ctx.actor.name.clone() } else { case.applicant().to_owned() };
    let new = NewUndertaking {
        kind,
        words,
        words_digest: &digest,
        material,
        signed_by: &signed_by,
        recorded_by: &recorded_by,
        at: now,
    };
    store::add_undertaking(ctx, no, &new).await?;
    let text = match kind {
        PROMISE => Text::new("申请人作出书面承诺", "The applicant made a promise in writing"),
        _ => {
            Text::new("申请人承诺按期补齐材料", "The applicant undertook to bring the rest in time")
        }
    };
    flow::record(ctx, &case, Event::public(ctx, "undertake", text)).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.undertake", &case, None).await?;
    ctx.emit("casework.undertaken", no, &json!({ "kind": kind, "digest": digest })).await?;
    Ok(Case { version: case.version + 1, ..case })
}

/// What the applicant has undertaken in a case.
pub async fn undertakings(ctx: &mut Ctx, no: &str) -> Result<Vec<Undertaking>> {
    known(ctx, "casework.read", no).await?;
    let rows = store::undertakings(ctx, no).await?;
    let all = rows.into_iter().map(|row| Undertaking {
        kind: row.kind,
        words: row.words,
        digest: row.words_digest,
        material: row.material,
        signed_by: row.signed_by,
        at: row.at,
    });
    Ok(all.collect())
}

pub(crate) async fn is_there(ctx: &mut Ctx, no: &str, kind: &str) -> Result<bool> {
    store::has_undertaking(ctx.conn(), no, kind).await
}
