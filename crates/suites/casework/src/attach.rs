//! Papers of the office's own: a photograph of an inspection, the record of a hearing. An officer adds them at a task;
//! who did it, when and at which step stays with the paper, and nothing is taken away again.

use serde_json::json;
use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::Ctx;

use crate::act::{already_done, bounded, for_change, known, repeated, task_thing};
use crate::error::{Error, Result};
use crate::flow;
use crate::model::{Added, Case, Event, MaterialFile, NewMaterial, Side, Todo};
use crate::store;

/// The source of papers that the office made itself.
pub const OFFICE: &str = "office";
/// Most characters of the name of a paper.
pub const NAME_CHARS_MAX: usize = 60;

/// What an officer adds: one name and one word about it for all files that were chosen together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnPaper {
    /// What it is, such as 现场勘查照片.
    pub name: String,
    /// What it shows; may be empty.
    pub words: String,
    /// The files.
    pub files: Vec<MaterialFile>,
}

/// Whether the actor may add a paper at a task now. Asked before files are kept, and again by [`attach`].
pub async fn may_attach(ctx: &mut Ctx, no: &str, todo: Uuid) -> Result<()> {
    let case = known(ctx, "casework.read", no).await?;
    let open = store::todo(ctx.conn(), todo).await?.filter(|task| task.case == no);
    let task = open.ok_or_else(|| Error::State(already_done()))?;
    ctx.allow_or_absent("casework.attach", &task_thing(&ctx.actor, &case, &task))?;
    in_order(ctx, &case, &task)
}

/// Adds papers of the office's own at a task. The applicant does not see them; what of them is told to whom stands in
/// the papers that the case gives.
pub async fn attach(ctx: &mut Ctx, no: &str, todo: Uuid, paper: &OwnPaper) -> Result<Case> {
    let verb = "casework.attach";
    let digests: Vec<&str> = paper.files.iter().map(|file| file.digest.as_str()).collect();
    let body = json!([no, todo, paper.name, paper.words, digests]);
    let case = for_change(ctx, "casework.read", no).await?;
    let open = store::todo(ctx.conn(), todo).await?.filter(|task| task.case == no);
    let Some(task) = open else {
        // Sent once more after the step was done: it was kept the first time.
        let first = !repeated(ctx, verb, &body).await?;
        return if first { Err(Error::State(already_done())) } else { Ok(case) };
    };
    ctx.allow_or_absent(verb, &task_thing(&ctx.actor, &case, &task))?;
    if repeated(ctx, verb, &body).await? {
        return Ok(case);
    }
    in_order(ctx, &case, &task)?;
    let papers = checked(paper)?;
    let there = store::paper_count(ctx.conn(), no).await?;
    if there + i64::try_from(papers.len()).unwrap_or(i64::MAX) > store::PAPERS_MAX {
        return Err(wrong(
            "files",
            format!("一件最多 {} 份材料，请合成一个 PDF 再传", store::PAPERS_MAX),
            format!("a case has at most {} papers; put them into one PDF", store::PAPERS_MAX),
        ));
    }
    let added = Added {
        by: ctx.actor.name.clone(),
        department: ctx.actor.organisation.unwrap_or(task.place.department),
        node: task.node.clone(),
        step: task.title.clone(),
    };
    let now = ctx.now;
    let first = store::add_papers(ctx, no, &papers, Some(&added), now).await?;
    let words = Text::new(
        format!("加入材料“{}”", paper.name.trim()),
        format!("Added the paper \"{}\"", paper.name.trim()),
    );
    let reason = papers.first().and_then(|paper| paper.source_note.clone());
    let mut event = Event::public(ctx, "attach", words).at_node(&task.node).because(reason);
    event.public = false;
    flow::record(ctx, &case, event).await?;
    for (seq, digest) in (first..).zip(&digests) {
        let act = ctx
            .act(verb, "material", format!("{no}/{seq}"))
            .about(Some(case.person))
            .because(task.title.zh.clone())
            .change(None, Some((*digest).to_owned()));
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    ctx.emit("casework.attached", no, &json!({ "node": task.node, "papers": papers.len() }))
        .await?;
    Ok(case)
}

/// Only the office adds papers of its own, while the case goes on, and not beside a colleague who has the step in hand.
fn in_order(ctx: &Ctx, case: &Case, task: &Todo) -> Result<()> {
    if case.state.over() || task.side != Side::Office {
        return Err(Error::State(Text::new(
            "现在不能往这件里加材料：已经办完，或正在等申请人",
            "no paper can be added now: the case is over or waits for the applicant",
        )));
    }
    match &task.assignee_name {
        Some(name) if task.assignee != ctx.actor.account => Err(Error::State(Text::new(
            format!("这一步正由 {name} 办理，请交给他加，或请他转办给您"),
            format!("{name} has this step in hand; let them add it, or let them pass it to you"),
        ))),
        _ => Ok(()),
    }
}

/// The papers as the case keeps them, one for each file.
fn checked(paper: &OwnPaper) -> Result<Vec<NewMaterial>> {
    let name = paper.name.trim();
    if name.is_empty()
        || name.chars().count() > NAME_CHARS_MAX
        || name.chars().any(char::is_control)
    {
        return Err(wrong(
            "name",
            format!("请写这是什么材料，最多 {NAME_CHARS_MAX} 字，例如：现场勘查照片"),
            format!(
                "say what it is in at most {NAME_CHARS_MAX} characters, such as: site photographs"
            ),
        ));
    }
    let words = bounded("words", &paper.words)?;
    if paper.files.is_empty() {
        return Err(wrong("files", "请选择文件", "choose the files"));
    }
    let one = |file: &MaterialFile| NewMaterial {
        name: Text::same(name),
        source: OFFICE.to_owned(),
        source_note: (!words.is_empty()).then(|| words.to_owned()),
        file: Some(file.clone()),
    };
    Ok(paper.files.iter().map(one).collect())
}

fn wrong(field: &str, zh: impl Into<String>, en: impl Into<String>) -> Error {
    Error::Invalid(vec![FieldError::new(field, zh.into(), en.into())])
}
