//! What a department that assists sees of a case: what its case type says, and no more.

use uuid::Uuid;
use zhengtong_db::{ActorKind, Ctx};

use crate::error::Result;
use crate::model::{Case, Material};
use crate::part::{Assist, CaseType};
use crate::view::CaseView;

/// In place of a name that is not shown.
const HIDDEN: &str = "（不显示）";

/// Takes out of a view what an officer of an assisting department is not to see.
pub(crate) async fn narrow(ctx: &mut Ctx, case_type: &CaseType, view: &mut CaseView) -> Result<()> {
    let Some(assist) = rule(ctx, case_type, &view.case).await? else { return Ok(()) };
    if !assist.applicant {
        hide_applicant(view);
    }
    if let Some(keys) = &assist.facts {
        for section in &mut view.case.facts {
            section.rows.retain(|fact| keys.contains(&fact.key));
        }
        view.case.facts.retain(|section| !section.rows.is_empty());
        view.case.answers.retain(|key, _| keys.contains(key));
    }
    if let Some(names) = &assist.papers {
        let department = ctx.actor.organisation;
        view.materials.retain(|material| shown(material, names, department));
    }
    Ok(())
}

/// Whether the actor may open a paper of a case.
pub(crate) async fn shows_paper(
    ctx: &mut Ctx,
    case_type: &CaseType,
    case: &Case,
    material: &Material,
) -> Result<bool> {
    let department = ctx.actor.organisation;
    let rule = rule(ctx, case_type, case).await?;
    let names = rule.and_then(|assist| assist.papers.as_ref());
    Ok(names.is_none_or(|names| shown(material, names, department)))
}

/// A paper that is named, or that the own department has added.
fn shown(material: &Material, names: &[String], department: Option<Uuid>) -> bool {
    match &material.added {
        Some(added) => Some(added.department) == department,
        None => names.contains(&material.paper.name.zh),
    }
}

/// Whether a case type keeps from those who assist who applies.
pub(crate) fn hides_applicant(case_type: &CaseType) -> bool {
    case_type.assist.values().any(|assist| !assist.applicant)
}

/// The name in place of one that is not shown.
pub(crate) fn hidden() -> String {
    HIDDEN.to_owned()
}

/// The rule for the actor's department; none for the department in charge and for applicants.
async fn rule<'a>(
    ctx: &mut Ctx,
    case_type: &'a CaseType,
    case: &Case,
) -> Result<Option<&'a Assist>> {
    let Some(department) = ctx.actor.organisation else { return Ok(None) };
    let assists = ctx.actor.kind == ActorKind::Staff
        && department != case.department
        && case.assisting.contains(&department);
    if !assists || case_type.assist.is_empty() {
        return Ok(None);
    }
    let organisation = zhengtong_party::organisation(ctx, department).await?;
    let own = organisation.short.and_then(|short| case_type.assist.get(&short));
    Ok(own.or_else(|| case_type.assist.get("all")))
}

/// Who applies stands in the case, in what happened and in the picture of the process.
fn hide_applicant(view: &mut CaseView) {
    let name = std::mem::replace(&mut view.case.person_name, hidden());
    view.case.organisation = None;
    for event in view.events.iter_mut().filter(|event| event.actor == name) {
        event.actor = hidden();
    }
    for node in &mut view.picture.nodes {
        if let Some((who, _)) = node.done.as_mut().filter(|(who, _)| *who == name) {
            *who = hidden();
        }
    }
}
