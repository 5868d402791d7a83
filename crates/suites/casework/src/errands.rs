//! What goes with a case beside its steps: deliveries, the archive, cases that go together, special procedures, what the
//! applicant undertook and owes; and what an officer of the department that handles it may do there now.

use zhengtong_db::Ctx;

use crate::archive::Archived;
use crate::charge::{self, Charges};
use crate::deferral::{self, Deferred, Owed};
use crate::delivery::{self, Delivery};
use crate::error::Result;
use crate::flow;
use crate::hold::approved;
use crate::linked::{self, Linked};
use crate::model::{Responsible, State};
use crate::part::{CaseType, Catalog, Way};
use crate::procedure::{self, Procedure};
use crate::store;
use crate::undertaking::{self, Undertaking};
use crate::view::CaseView;

/// What goes with a case, and what may be done there. Departments that assist see and do nothing of it.
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
#[derive(Clone, Debug, Default)]
pub struct Errands {
    /// The sendings of the decision, oldest first.
    pub deliveries: Vec<Delivery>,
    /// The ways in which the decision can be sent now.
    pub ways: Vec<Way>,
    /// Whether the arrival of a sending may be recorded.
    pub may_serve: bool,
    /// The archive.
    pub archived: Option<Archived>,
    /// Whether it may be archived now.
    pub may_archive: bool,
    /// Whether its archive may be checked.
    pub may_verify: bool,
    /// The cases that go with it.
    pub linked: Linked,
    /// Whether others may be asked to follow it now.
    pub may_merge: bool,
    /// Whether parts may be taken out of it now.
    pub may_split: bool,
    /// Whether the reader may end it now.
    pub may_end: bool,
    /// The special procedures, in order.
    pub procedures: Vec<Procedure>,
    /// What the applicant undertook and owes.
    pub pledged: Pledged,
    /// What may be charged for it, and what was.
    pub charges: Charges,
    /// Who has answered for it, from the first contact on.
    pub responsible: Vec<Responsible>,
}

/// What an applicant undertook and owes, and what the reader may do there now.
#[derive(Clone, Debug, Default)]
pub struct Pledged {
    /// What was undertaken.
    pub undertakings: Vec<Undertaking>,
    /// What may still be undertaken: by the applicant, or on paper at the counter.
    pub may_undertake: Vec<&'static str>,
    /// The lesser papers that were not handed in with the case.
    pub deferred: Vec<Deferred>,
    /// Whether papers that are owed may be brought now.
    pub may_bring: bool,
}

impl Errands {
    /// Whether there is a decision that was not sent, or has not arrived.
    pub fn undelivered(&self) -> bool {
        !self.ways.is_empty() && self.deliveries.iter().all(|sent| sent.served_on.is_none())
    }
}

/// What goes with a case that the actor has opened.
pub async fn errands(ctx: &mut Ctx, view: &CaseView) -> Result<Errands> {
    let case = &view.case;
    let mut found = Errands::default();
    if !view.office || ctx.actor.organisation != Some(case.department) {
        return Ok(found);
    }
    let Some(case_type) = ctx.defs::<Catalog>()?.get(&case.kind) else { return Ok(found) };
    let thing = flow::thing(case);
    let happened =
        |kinds: &[&str]| view.events.iter().any(|one| kinds.contains(&one.kind.as_str()));
    if happened(&["merge", "split"]) {
        found.linked = linked::linked(ctx, &case.no).await?;
    }
    if happened(&["suspend", "request_procedure"]) {
        found.procedures = procedure::procedures(ctx, &case.no).await?;
    }
    if let Some(decl) = case_type.delivery.as_ref().filter(|_| delivery::decided(case)) {
        found.deliveries = store::deliveries(ctx, &case.no).await?;
        found.may_serve = ctx.may("casework.served", &thing);
        if ctx.may("casework.dispatch", &thing) {
            found.ways.clone_from(&decl.ways);
        }
    }
    if case.state.over() {
        found.archived = store::archive(ctx.conn(), &case.no).await?;
        found.may_archive = found.archived.is_none()
            && case.closed_at.is_some()
            && ctx.may("casework.archive", &thing);
        found.may_verify = ctx.may("casework.verify_archive", &thing);
    }
    let apart =
        matches!(case.state, State::Submitted | State::Accepted) && found.linked.follows.is_none();
    found.may_merge = apart && ctx.may("casework.merge", &thing);
    found.may_split = apart && ctx.may("casework.split", &thing);
    found.may_end = may_end(ctx, view, &case_type).await?;
    found.pledged = pledged(ctx, view).await?;
    found.charges = charge::of(ctx, case).await?;
    if ctx.may("casework.note", &thing) {
        found.responsible = store::responsible(ctx.conn(), &case.no).await?;
    }
    Ok(found)
}

async fn may_end(ctx: &mut Ctx, view: &CaseView, case_type: &CaseType) -> Result<bool> {
    let case = &view.case;
    let Some(decl) = &case_type.ending else { return Ok(false) };
    let right = ctx.may("casework.end", &flow::thing(case));
    if !right || case.state.over() || approved(ctx, decl.approver.as_deref()).is_err() {
        return Ok(false);
    }
    // What is decided is only ended while its result waits for papers that are owed.
    Ok(case.state != State::Decided || !store::withheld(ctx.conn(), &case.no).await?.is_empty())
}

/// What the applicant of a case that the actor has opened undertook and owes.
pub async fn pledged(ctx: &mut Ctx, view: &CaseView) -> Result<Pledged> {
    let (case, thing) = (&view.case, flow::thing(&view.case));
    let mut found = Pledged::default();
    let Some(case_type) = ctx.defs::<Catalog>()?.get(&case.kind) else { return Ok(found) };
    if case_type.deferral.is_none() && case_type.promise.is_none() {
        return Ok(found);
    }
    found.undertakings = undertaking::undertakings(ctx, &case.no).await?;
    if case_type.deferral.is_some() {
        found.deferred = deferral::deferred(ctx, &case.no).await?;
    }
    let stands = |state: Owed| found.deferred.iter().any(|paper| paper.state == state);
    let (missing, owes) = (stands(Owed::Allowed), stands(Owed::Owed));
    found.may_bring = owes && !case.state.over() && ctx.may("casework.bring", &thing);
    if case.state.over() || case.decided_at.is_some() || !ctx.may("casework.undertake", &thing) {
        return Ok(found);
    }
    let open = |kind: &str| !found.undertakings.iter().any(|one| one.kind == kind);
    let mut may = Vec::new();
    if missing && case.accepted_at.is_none() && open(undertaking::DEFERRAL) {
        may.push(undertaking::DEFERRAL);
    }
    if case_type.promise.is_some() && open(undertaking::PROMISE) {
        may.push(undertaking::PROMISE);
    }
    found.may_undertake = may;
    Ok(found)
}
