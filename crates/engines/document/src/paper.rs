//! The PDF of a paper: made by a job, or at once when somebody asks first; kept by its digest.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use zhengtong_blob::Blobs;
use zhengtong_db::jobs::{Job, Outcome, Work};
use zhengtong_db::{Attr, Ctx, Db, Thing};
use zhengtong_ledger::append;

use crate::error::Result;
use crate::issue::digest;
use crate::model::Document;
use crate::part::Catalog;
use crate::render::{Settings, render};
use crate::{input, keep, read, store};

/// The kind of job that makes the PDF of a paper.
pub const RENDER_JOB: &str = "document.render";

#[derive(Deserialize)]
struct RenderJob {
    document: Uuid,
}

/// Adds the handler of the job [`RENDER_JOB`]. The shelf must hold [`Catalog`], [`Settings`] and [`Blobs`].
#[must_use]
pub fn attach_render(work: Work) -> Work {
    work.on(RENDER_JOB, |db, job| async move { run(&db, &job).await })
}

/// The PDF of a paper, made now when the job has not come to it yet.
pub async fn pdf(ctx: &mut Ctx, id: Uuid) -> Result<Vec<u8>> {
    let document = read::allowed(ctx, "document.pdf", id).await?;
    let (catalog, settings, blobs) =
        (ctx.defs::<Catalog>()?, ctx.defs::<Settings>()?, ctx.defs::<Blobs>()?);
    let kept = match &document.blob {
        Some(digest) => keep::get(&blobs, digest).await?,
        None => None,
    };
    let bytes = if let Some(bytes) = kept {
        bytes
    } else {
        let bytes = make(&catalog, &settings, &document).await?;
        match &document.blob {
            Some(digest) => keep::restore(&blobs, &bytes, digest).await?,
            None => attach(ctx, &blobs, &document, &bytes).await?,
        }
        bytes
    };
    let act = ctx.act("document.pdf", "document", id.to_string()).about(document.holder_person);
    append(ctx.conn(), &act).await?;
    Ok(bytes)
}

/// A sample of a paper with a watermark; nothing is issued. `facts` overlay the sample of the declaration.
pub async fn preview(ctx: &mut Ctx, template: &str, facts: &Value) -> Result<Vec<u8>> {
    let (catalog, settings) = (ctx.defs::<Catalog>()?, ctx.defs::<Settings>()?);
    let thing = Thing::new("template", template).with("template", Attr::Text(template.to_owned()));
    ctx.allow("document.preview", &thing)?;
    let definition = catalog.get(template)?;
    let sample = input::sample(&settings, definition, facts, ctx.now);
    let bytes = render(&settings, definition, sample).await?;
    let act = ctx.act("document.preview", "template", template);
    append(ctx.conn(), &act).await?;
    Ok(bytes)
}

async fn run(db: &Db, job: &Job) -> Outcome {
    let RenderJob { document } =
        serde_json::from_value(job.payload.clone()).map_err(|error| error.to_string())?;
    attach_one(db, document).await.map_err(|error| error.to_string())
}

/// Makes and keeps the PDF. No transaction is open while the paper is made.
async fn attach_one(db: &Db, id: Uuid) -> Result<()> {
    let (catalog, settings, blobs) =
        (db.defs::<Catalog>()?, db.defs::<Settings>()?, db.defs::<Blobs>()?);
    let mut ctx = db.begin_system("document.render").await?;
    let Some(document) = store::find(&mut ctx, id).await? else { return Ok(()) };
    drop(ctx);
    if document.blob.is_some() {
        return Ok(());
    }
    let bytes = make(&catalog, &settings, &document).await?;
    let mut ctx = db.begin_system("document.render").await?;
    attach(&mut ctx, &blobs, &document, &bytes).await?;
    ctx.commit().await?;
    Ok(())
}

async fn make(catalog: &Catalog, settings: &Settings, document: &Document) -> Result<Vec<u8>> {
    let definition = catalog.get(&document.template)?;
    render(settings, definition, input::issued(settings, document)).await
}

async fn attach(ctx: &mut Ctx, blobs: &Blobs, document: &Document, bytes: &[u8]) -> Result<()> {
    let kept = keep::put(blobs, bytes).await?;
    if !store::set_blob(ctx.conn(), document.id, &kept).await? {
        // The job and a reader made it at the same time; the same paper gives the same bytes.
        return Ok(());
    }
    let with_blob = Document { blob: Some(kept), ..document.clone() };
    let act = ctx
        .act("document.render", "document", document.id.to_string())
        .about(document.holder_person)
        .change(Some(digest(document)), Some(digest(&with_blob)));
    append(ctx.conn(), &act).await?;
    ctx.emit("document.rendered", &document.id.to_string(), &document.happened()).await?;
    Ok(())
}
