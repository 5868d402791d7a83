//! Cases that go together: one that follows the course of another (merge), and parts that are taken out of a case
//! (split). Each keeps its own number, its own papers and replies, its own rating, and clocks that run as they should.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use zhengtong_base::{FieldError, Text};
use zhengtong_db::Ctx;
use zhengtong_process::News;

use crate::act::{absent, bounded, case_type, effect_word, for_change, known, repeated};
use crate::decide::{apply, finish};
use crate::error::{Error, Result};
use crate::model::{Case, Event, Opening, Side, State};
use crate::part::{CaseType, Effect, Milestone, Outcome};
use crate::related::Related;
use crate::sealed;
use crate::seen::AsSeen;
use crate::store::{self, MERGE, NewExtension, NewStop, SPLIT};
use crate::{clockwork, flow, voucher};

/// Most cases that follow one at once, and parts that are taken out at once.
const MANY_MAX: usize = 20;

/// A part that is taken out of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called.
    pub title: String,
    /// The papers that go with it, by their places; the same paper may go with several.
    pub materials: Vec<i32>,
}

/// The cases that go with one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// The case that it follows.
    pub follows: Option<String>,
    /// The cases that follow it.
    pub followers: Vec<String>,
    /// The case out of which it was taken.
    pub taken_from: Option<String>,
    /// The cases that were taken out of it.
    pub parts: Vec<String>,
}

/// What goes with a case, for whoever may read it.
pub async fn linked(ctx: &mut Ctx, no: &str) -> Result<Linked> {
    known(ctx, "casework.read", no).await?;
    Ok(Linked {
        follows: store::parent_of(ctx.conn(), no, MERGE).await?,
        followers: store::children_of(ctx.conn(), no, MERGE).await?,
        taken_from: store::parent_of(ctx.conn(), no, SPLIT).await?,
        parts: store::children_of(ctx.conn(), no, SPLIT).await?,
    })
}

/// The open cases of the same applicant and matter that may follow one now, the oldest first; the look is recorded.
pub async fn mergeable(ctx: &mut Ctx, no: &str) -> Result<Vec<Related>> {
    let case = known(ctx, "casework.merge", no).await?;
    if !open(&case) || is_follower(ctx, no).await? {
        return Ok(Vec::new());
    }
    let found = store::mergeable(ctx.conn(), &case).await?;
    let act = ctx
        .act("casework.read", "case", no)
        .about(Some(case.person))
        .because(format!("{} · 同一事项的其他办件", case.title.zh));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(found)
}

/// Lets cases of the same applicant and matter follow one of them.
pub async fn merge(
    ctx: &mut Ctx,
    case: impl Into<AsSeen<'_>>,
    followers: &[String],
    reason: &str,
) -> Result<()> {
    let seen = case.into();
    let no = seen.no;
    known(ctx, "casework.merge", no).await?;
    let mut all: Vec<&str> = followers.iter().map(String::as_str).chain([no]).collect();
    all.sort_unstable();
    all.dedup();
    if followers.is_empty() || followers.len() > MANY_MAX || all.len() != followers.len() + 1 {
        return Err(Error::Invalid(vec![FieldError::new(
            "cases",
            format!("请选 1 到 {MANY_MAX} 件别的办件"),
            format!("choose 1 to {MANY_MAX} other cases"),
        )]));
    }
    // In the order of their numbers, so that two who merge do not wait for each other.
    let mut cases = Vec::new();
    for one in all {
        cases.push(for_change(ctx, "casework.merge", one).await?);
    }
    if repeated(ctx, "casework.merge", &json!([no, followers, reason, seen.version])).await? {
        return Ok(());
    }
    let reason = grounds(reason)?;
    let (mut heads, children): (Vec<Case>, Vec<Case>) =
        cases.into_iter().partition(|case| case.no == no);
    let Some(mut parent) = heads.pop() else { return Ok(()) };
    seen.still(&parent)?;
    let case_type = case_type(ctx, &parent)?;
    if store::parent_of(ctx.conn(), no, MERGE).await?.is_some() {
        return Err(refused("这件自己已经并到别的办件里", "this case follows another one itself"));
    }
    for child in &children {
        admit(ctx, &parent, child).await?;
    }
    for mut child in children {
        join(ctx, &parent, &mut child, &case_type, reason).await?;
    }
    store::update_case(ctx.conn(), &parent).await?;
    parent.version += 1;
    flow::seal(ctx, "casework.merge", &parent, Some(reason)).await
}

/// Whether a case may follow another: the same applicant and matter, both open, none of them further than the other
/// allows.
async fn admit(ctx: &mut Ctx, parent: &Case, child: &Case) -> Result<()> {
    let holder = |case: &Case| match &case.organisation {
        Some(organisation) => organisation.id,
        None => case.person,
    };
    let same = holder(parent) == holder(child)
        && parent.organisation.is_some() == child.organisation.is_some()
        && parent.kind == child.kind
        && parent.item == child.item
        && parent.department == child.department;
    if !same {
        return Err(refused(
            "只能合并同一申请人的同一事项",
            "only cases of one applicant and one matter are merged",
        ));
    }
    let behind = child.state == State::Accepted && parent.state == State::Submitted;
    if !open(parent) || !open(child) || behind {
        return Err(refused(
            "只能合并待受理或办理中的件；已受理的不能并到未受理的",
            "only open cases are merged, and an accepted one does not follow one that is not",
        ));
    }
    let tied = store::parent_of(ctx.conn(), &child.no, MERGE).await?.is_some()
        || !store::children_of(ctx.conn(), &child.no, MERGE).await?.is_empty();
    if tied {
        return Err(refused("其中一件已经合并过", "one of them was merged already"));
    }
    if store::stops(ctx, &child.no).await?.iter().any(|stop| stop.to_at.is_none()) {
        return Err(refused(
            "其中一件正停着计时，恢复后再合并",
            "the clock of one of them stands still; let it run first",
        ));
    }
    Ok(())
}

fn open(case: &Case) -> bool {
    matches!(case.state, State::Submitted | State::Accepted)
}

/// Ends the own course of a case and brings it to where the other one stands.
async fn join(
    ctx: &mut Ctx,
    parent: &Case,
    child: &mut Case,
    case_type: &CaseType,
    reason: &str,
) -> Result<()> {
    let now = ctx.now;
    for news in zhengtong_process::terminate(ctx, child.instance, "merged").await? {
        if let News::Cancelled { task } = news {
            store::close_todo(ctx.conn(), &child.no, &task, "cancelled", now).await?;
        }
    }
    let ends = (child.no.as_str(), parent.no.as_str());
    store::add_link(ctx, ends, MERGE, reason, now).await?;
    let text = Text::new(
        format!("并入 {} 一起办理，本件编号不变，单独答复", parent.no),
        format!("Goes on together with {}; it keeps its number and gets its own reply", parent.no),
    );
    let event = Event::public(ctx, "merge", text).because(Some(reason.to_owned()));
    flow::record(ctx, child, event).await?;
    let text = Text::new(
        format!("{} 并入本件一起办理", child.no),
        format!("{} goes on together with this case", child.no),
    );
    let event = Event::public(ctx, "merge", text).because(Some(reason.to_owned()));
    flow::record(ctx, parent, event).await?;
    if parent.state == State::Accepted && child.state == State::Submitted {
        let accept = case_type.outcome.values().find(|one| one.effect == Effect::Accept).cloned();
        if let Some(outcome) = accept {
            step(ctx, child, case_type, &outcome, (None, &[])).await?;
        }
    }
    if let Some(stop) =
        store::stops(ctx, &parent.no).await?.into_iter().find(|stop| stop.to_at.is_none())
    {
        copy_stop(ctx, &child.no, &stop, now).await?;
    }
    keep(ctx, child, "casework.merge", Some(reason)).await?;
    let news = json!({ "follows": parent.no });
    ctx.emit("casework.merged", &child.no, &news).await?;
    Ok(())
}

/// An act on a case is one on those that follow it: the same effect, the reason, the paper and the message of their own.
pub(crate) async fn follow(
    ctx: &mut Ctx,
    parent: &Case,
    case_type: &CaseType,
    outcome: &Outcome,
    said: (Option<&str>, &[voucher::Line]),
) -> Result<()> {
    for no in store::children_of(ctx.conn(), &parent.no, MERGE).await? {
        let mut child = absent(store::case_for_change(ctx, &no).await?, &no)?;
        if child.state.over() {
            continue;
        }
        step(ctx, &mut child, case_type, outcome, said).await?;
        keep(ctx, &child, outcome.effect.verb(), said.0).await?;
        if let Some(notice) = &outcome.notice {
            flow::tell(ctx, &child, notice, said.0).await?;
        }
        let news = json!({ "follows": parent.no });
        ctx.emit(outcome.effect.verb(), &no, &news).await?;
    }
    Ok(())
}

/// The effect of an act on a case that has no course of its own.
async fn step(
    ctx: &mut Ctx,
    child: &mut Case,
    case_type: &CaseType,
    outcome: &Outcome,
    said: (Option<&str>, &[voucher::Line]),
) -> Result<()> {
    apply(ctx, child, outcome.effect);
    if let Some(milestone) = clockwork::milestone(outcome.effect) {
        clockwork::reach(ctx, child, case_type, milestone).await?;
    }
    let event = Event::public(ctx, effect_word(outcome.effect), outcome.event.clone())
        .because(said.0.map(str::to_owned));
    flow::record(ctx, child, event).await?;
    // The paper names the days that the clocks give.
    clockwork::settle(ctx, child).await?;
    voucher::on_outcome(ctx, child, case_type, outcome, said).await
}

/// A case is over: those that follow it are over as well.
pub(crate) async fn close_with(ctx: &mut Ctx, parent: &Case) -> Result<()> {
    for no in store::children_of(ctx.conn(), &parent.no, MERGE).await? {
        let mut child = absent(store::case_for_change(ctx, &no).await?, &no)?;
        if child.state.over() && child.closed_at.is_some() {
            continue;
        }
        if !child.state.over() {
            child.state = parent.state;
        }
        child.closed_at = Some(ctx.now);
        let title = child.state.title();
        let text = Text::new(
            format!("随 {} 一起：{}", parent.no, title.zh),
            format!("Together with {}: {}", parent.no, title.en),
        );
        flow::record(ctx, &child, voucher::by_platform(ctx, "close", text)).await?;
        keep(ctx, &child, "casework.merge", None).await?;
        ctx.emit("casework.closed", &no, &child.state).await?;
    }
    Ok(())
}

/// The clock of a case was stopped: so are those of the cases that follow it.
pub(crate) async fn stop_with(ctx: &mut Ctx, parent: &Case, stop: &NewStop<'_>) -> Result<()> {
    for child in open_followers(ctx, parent).await? {
        store::add_stop(ctx, &child.no, stop).await?;
        let text = Text::new(
            format!("随 {} 停止计时", parent.no),
            format!("The clock stands still together with that of {}", parent.no),
        );
        let event = Event::public(ctx, "suspend", text).because(Some(stop.reason.to_owned()));
        flow::record(ctx, &child, event).await?;
        keep(ctx, &child, "casework.suspend", Some(stop.reason)).await?;
    }
    Ok(())
}

/// The clock of a case runs again: so do those of the cases that follow it.
pub(crate) async fn resume_with(ctx: &mut Ctx, parent: &Case) -> Result<()> {
    for child in open_followers(ctx, parent).await? {
        let now = ctx.now;
        if !store::end_stop(ctx.conn(), &child.no, zhengtong_calendar::china_date(now), now).await?
        {
            continue;
        }
        let text = Text::new(
            format!("随 {} 恢复计时", parent.no),
            format!("The clock runs again together with that of {}", parent.no),
        );
        flow::record(ctx, &child, Event::public(ctx, "resume", text)).await?;
        keep(ctx, &child, "casework.resume", None).await?;
    }
    Ok(())
}

/// The clocks of a case were given more time: so are those of the same names of the cases that follow it.
pub(crate) async fn extend_with(
    ctx: &mut Ctx,
    parent: &Case,
    names: &[String],
    more: &NewExtension<'_>,
) -> Result<()> {
    for child in open_followers(ctx, parent).await? {
        let rows = store::clocks_of(ctx.conn(), &child.no).await?;
        let open = rows.iter().filter(|row| row.ended_at.is_none() && names.contains(&row.name));
        for row in open {
            store::add_extension(ctx, &child.no, &NewExtension { clock: row.id, ..*more }).await?;
        }
        let text = Text::new(
            format!("随 {} 经批准延长期限", parent.no),
            format!("More time was approved together with {}", parent.no),
        );
        let event = Event::public(ctx, "extend", text).because(Some(more.reason.to_owned()));
        flow::record(ctx, &child, event).await?;
        keep(ctx, &child, "casework.extend", Some(more.reason)).await?;
    }
    Ok(())
}

async fn open_followers(ctx: &mut Ctx, parent: &Case) -> Result<Vec<Case>> {
    let mut open = Vec::new();
    for no in store::children_of(ctx.conn(), &parent.no, MERGE).await? {
        let child = absent(store::case_for_change(ctx, &no).await?, &no)?;
        if !child.state.over() {
            open.push(child);
        }
    }
    Ok(open)
}

/// Whether a case has no course of its own because it follows another.
pub(crate) async fn is_follower(ctx: &mut Ctx, no: &str) -> Result<bool> {
    Ok(store::parent_of(ctx.conn(), no, MERGE).await?.is_some())
}

/// Keeps what was done to a case: its clocks, its row, the record.
async fn keep(ctx: &mut Ctx, case: &Case, verb: &str, reason: Option<&str>) -> Result<()> {
    clockwork::settle(ctx, case).await?;
    store::update_case(ctx.conn(), case).await?;
    flow::seal(ctx, verb, case, reason).await
}

/// Takes parts out of a case, each a case of its own with papers by reference; the case goes on with what is left.
pub async fn split(
    ctx: &mut Ctx,
    case: impl Into<AsSeen<'_>>,
    parts: &[Part],
    reason: &str,
) -> Result<Vec<String>> {
    let seen = case.into();
    let no = seen.no;
    let case = for_change(ctx, "casework.split", no).await?;
    let titles: Vec<_> = parts.iter().map(|part| json!([part.title, part.materials])).collect();
    let body = json!([no, titles, reason, seen.version]);
    if let Some(before) = ctx.once("casework.split", &body).await? {
        return Ok(serde_json::from_value(before).unwrap_or_default());
    }
    seen.still(&case)?;
    let reason = grounds(reason)?;
    if !open(&case) || is_follower(ctx, no).await? {
        return Err(refused(
            "只有待受理或办理中、没有并到别处的件能拆",
            "only an open case that follows no other is split",
        ));
    }
    let materials = store::materials(ctx, no).await?;
    let known = |seq: &i32| materials.iter().any(|material| material.seq == *seq);
    if parts.is_empty() || parts.len() > MANY_MAX {
        return Err(Error::Invalid(vec![FieldError::new(
            "parts",
            format!("请拆成 1 到 {MANY_MAX} 件"),
            format!("take out 1 to {MANY_MAX} parts"),
        )]));
    }
    for part in parts {
        let title = bounded("title", &part.title)?;
        if title.is_empty() || !part.materials.iter().all(known) {
            return Err(Error::Invalid(vec![FieldError::new(
                "title",
                "每一件都要有名称，材料只能选本件里有的",
                "each part has a name, and papers of this case only",
            )]));
        }
    }
    let case_type = case_type(ctx, &case)?;
    let mut numbers = Vec::new();
    for part in parts {
        let papers = materials.iter().filter(|one| part.materials.contains(&one.seq));
        let papers = papers.map(|one| {
            let mut paper = one.paper.clone();
            paper.source_note = Some(format!("{no} 第 {} 件", one.seq));
            paper
        });
        let new = take_out(ctx, &case, part, papers.collect(), &case_type).await?;
        tie(ctx, &case, &new, reason).await?;
        numbers.push(new);
    }
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.split", &case, Some(reason)).await?;
    ctx.emit("casework.split", no, &numbers).await?;
    ctx.answered(&numbers).await?;
    Ok(numbers)
}

/// Opens a part and brings it to where the case stands.
async fn take_out(
    ctx: &mut Ctx,
    case: &Case,
    part: &Part,
    materials: Vec<crate::model::NewMaterial>,
    case_type: &CaseType,
) -> Result<String> {
    let (sealed, typed) = keys(&store::raw_answers(ctx.conn(), &case.no).await?);
    let opening = Opening {
        kind: case.kind.clone(),
        item: case.item.clone(),
        item_version: case.item_version.clone(),
        title: Text::same(part.title.trim()),
        person: case.person,
        person_name: case.person_name.clone(),
        organisation: case.organisation.clone(),
        department: case.department,
        department_name: case.department_name.clone(),
        region: case.region.clone(),
        answers: sealed::opened(ctx, case)?,
        sealed,
        typed,
        facts: case.facts.clone(),
        materials,
        reads: store::used_of(ctx.conn(), &case.no).await?,
        deferrable: Vec::new(),
        promised_days: case.promised_days,
        statutory_days: case.statutory_days,
    };
    let no = flow::as_platform(ctx, async |ctx| crate::open::open(ctx, opening).await).await?;
    if case.state == State::Accepted {
        accept(ctx, &no, case_type).await?;
    }
    store::run_since(ctx.conn(), &no, &case.no).await?;
    for stop in store::stops(ctx, &case.no).await? {
        let at = stop.from_at;
        copy_stop(ctx, &no, &stop, at).await?;
    }
    copy_extensions(ctx, &case.no, &no).await?;
    let child = absent(store::case_for_change(ctx, &no).await?, &no)?;
    clockwork::settle(ctx, &child).await?;
    Ok(no)
}

/// The part was accepted with the case out of which it is taken.
async fn accept(ctx: &mut Ctx, no: &str, case_type: &CaseType) -> Result<()> {
    let mut child = absent(store::case_for_change(ctx, no).await?, no)?;
    let accepting = |word: &&String| {
        case_type.outcome.get(*word).is_some_and(|outcome| outcome.effect == Effect::Accept)
    };
    let mut found = None;
    for todo in store::open_todos(ctx.conn(), no).await? {
        let word = todo.outcomes.iter().find(accepting).cloned();
        if let Some(word) = word.filter(|_| todo.side == Side::Office) {
            found = Some((todo, word));
        }
    }
    let Some((todo, word)) = found else {
        return Err(refused(
            "这类事项受理以后不能拆，请在受理前拆",
            "this kind of case is not split once accepted",
        ));
    };
    let Some(outcome) = case_type.outcome.get(&word) else { return Ok(()) };
    apply(ctx, &mut child, Effect::Accept);
    clockwork::reach(ctx, &child, case_type, Milestone::Accepted).await?;
    let event = Event::public(ctx, effect_word(Effect::Accept), outcome.event.clone());
    flow::record(ctx, &child, event.at_node(&todo.node)).await?;
    finish(ctx, &mut child, case_type, &todo, (&word, Map::new())).await?;
    voucher::on_outcome(ctx, &mut child, case_type, outcome, (None, &[])).await?;
    flow::seal(ctx, "casework.accept", &child, None).await
}

/// The link, and what both timelines say.
async fn tie(ctx: &mut Ctx, case: &Case, part: &str, reason: &str) -> Result<()> {
    let now = ctx.now;
    store::add_link(ctx, (part, &case.no), SPLIT, reason, now).await?;
    let child = absent(store::case_for_change(ctx, part).await?, part)?;
    let text = Text::new(format!("从 {} 拆出", case.no), format!("Taken out of {}", case.no));
    let event = Event::public(ctx, "split", text).because(Some(reason.to_owned()));
    flow::record(ctx, &child, event).await?;
    let text = Text::new(
        format!("拆出 {part}（{}）", child.title.zh),
        format!("{part} was taken out ({})", child.title.en),
    );
    let event = Event::public(ctx, "split", text).because(Some(reason.to_owned()));
    flow::record(ctx, case, event).await?;
    flow::seal(ctx, "casework.split", &child, Some(reason)).await
}

/// The same stop, from a moment, for another case.
async fn copy_stop(
    ctx: &mut Ctx,
    no: &str,
    stop: &store::KeptStop,
    at: time::OffsetDateTime,
) -> Result<()> {
    let today = zhengtong_calendar::china_date(at);
    let new = NewStop {
        kind: &stop.kind,
        reason: &stop.reason,
        ordered_by: &stop.ordered_by,
        notice: stop.notice.as_deref(),
        clocks: &stop.clocks,
        today,
        at,
        told_days: u32::try_from(stop.told_days).unwrap_or(0),
        told_until: stop.told_until.unwrap_or(today),
    };
    store::add_stop(ctx, no, &new).await?;
    if let Some(to) = stop.to_at {
        store::end_stop(ctx.conn(), no, zhengtong_calendar::china_date(to), to).await?;
    }
    Ok(())
}

/// More time that one case was given, for the clocks of the same names of another.
async fn copy_extensions(ctx: &mut Ctx, from: &str, to: &str) -> Result<()> {
    let rows = store::clocks_of(ctx.conn(), to).await?;
    for more in store::extensions(ctx, from).await? {
        let open = rows.iter().find(|row| row.ended_at.is_none() && row.name == more.name);
        let Some(row) = open else { continue };
        let new = NewExtension {
            clock: row.id,
            amount: u32::try_from(more.amount).unwrap_or(0),
            reason: &more.reason,
            ordered_by: &more.ordered_by,
            notice: more.notice.as_deref(),
            at: more.at,
        };
        store::add_extension(ctx, to, &new).await?;
    }
    Ok(())
}

/// The keys of answers that stand sealed, and of those that were typed, by their tokens.
fn keys(answers: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut sealed, mut typed) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting: Vec<&Map<String, Value>> = answers.as_object().into_iter().collect();
    while let Some(fields) = waiting.pop() {
        for (key, value) in fields {
            if sealed::is_secret(value) {
                sealed.insert(key.clone());
            } else if sealed::is_typed(value) {
                typed.insert(key.clone());
            } else if let Value::Array(entries) = value {
                waiting.extend(entries.iter().filter_map(Value::as_object));
            }
        }
    }
    (sealed, typed)
}

fn grounds(reason: &str) -> Result<&str> {
    let reason = bounded("reason", reason)?;
    if reason.is_empty() {
        return Err(Error::Invalid(vec![FieldError::new(
            "reason",
            "请写明理由，申请人会看到",
            "say why; the applicant will read it",
        )]));
    }
    Ok(reason)
}

fn refused(zh: &str, en: &str) -> Error {
    Error::State(Text::new(zh, en))
}
