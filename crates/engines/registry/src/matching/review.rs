//! The desk of doubtful pairs: two records side by side, masked; the same or not, by a named person with a reason;
//! and what counts of an entity, item by item.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;
use zhengtong_base::{Lang, Page, Paging, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_linkage::{Claim, MISSING, survive};

use super::model::{
    Beside, EntityView, GroupState, Item, MatchMember, PairRow, PairState, PairView, Side,
    record_id,
};
use super::run::Run;
use super::values::{given, prepared};
use super::{named, thing};
use crate::error::{Error, Result};
use crate::model::Catalog;
use crate::sealed::Sealing;
use crate::store::{self, Stored};
use crate::value::mask;

/// Rows of a page at most.
const ROWS_MAX: u32 = 50;
/// Records of an entity that are shown and parted at most.
const MEMBERS_MAX: usize = 200;
/// The longest reason.
const REASON_MAX: usize = 500;

/// What a person says of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDecision {
    /// Whether the records are about the same.
    pub same: bool,
    /// Why.
    pub reason: String,
}

/// How the groups stand that the actor answers for.
pub async fn match_states(ctx: &mut Ctx) -> Result<Vec<GroupState>> {
    let catalog = ctx.defs::<Catalog>()?;
    let mut states = Vec::new();
    for group in catalog.groups.values() {
        if !ctx.may("registry.matches", &thing(group)) {
            continue;
        }
        let row = store::group(ctx.conn(), &group.id).await?.unwrap_or_default();
        let (records, entities, doubtful) = store::match_counts(ctx.conn(), &group.id).await?;
        states.push(GroupState {
            id: group.id.clone(),
            title: group.title.clone(),
            records,
            entities,
            doubtful,
            learned: row.learned,
            error: row.error.map(|(zh, en)| Text::new(zh, en)),
        });
    }
    if states.is_empty()
        && let Some(group) = catalog.groups.values().next()
    {
        ctx.allow("registry.matches", &thing(group))?;
    }
    Ok(states)
}

/// One page of pairs that wait for a person, surest first; or of those that were decided, latest first.
pub async fn pairs(
    ctx: &mut Ctx,
    group: &str,
    decided: bool,
    paging: Paging,
) -> Result<Page<PairRow>> {
    let catalog = ctx.defs::<Catalog>()?;
    let group = named(&catalog, group)?;
    ctx.allow("registry.matches", &thing(group))?;
    let states: &[&str] = if decided { &["same", "different"] } else { &["doubtful"] };
    let paging = Paging::new(paging.page, paging.rows.min(ROWS_MAX));
    let place = (paging.limit(), paging.offset());
    let (rows, total) = store::pairs(ctx.conn(), &group.id, states, place).await?;
    Ok(Page::new(rows, total, paging))
}

/// Two records side by side, masked. The look is on record.
pub async fn pair(ctx: &mut Ctx, group: &str, left: Uuid, right: Uuid) -> Result<PairView> {
    let catalog = ctx.defs::<Catalog>()?;
    let group = named(&catalog, group)?;
    ctx.allow("registry.matches", &thing(group))?;
    let ring = ctx.keyring()?;
    let run = Run { sealing: Sealing { catalog: &catalog, ring: &ring }, group };
    let row = store::pair(ctx.conn(), &group.id, (left, right)).await?;
    let row = row.ok_or_else(|| Error::NoPair(group.id.clone()))?;
    let (first, other) = (run.found(ctx, row.left).await?, run.found(ctx, row.right).await?);
    let stored = store::group(ctx.conn(), &group.id).await?.unwrap_or_default();
    let mut weights = vec![(MISSING, 0.0); group.plan.fields.len()];
    if let Some(model) = run.model(&stored)? {
        let of = |found: &Found<'_>| prepared(group, &given(found.member, &found.stored));
        weights = model.weigh(&group.plan, &of(&first), &of(&other))?.1;
    }
    let mut fields = Vec::with_capacity(weights.len());
    for (at, (title, (level, weight))) in group.titles.iter().zip(weights).enumerate() {
        let levels = group.plan.fields.get(at).map_or(&[][..], |field| field.comparer.levels());
        fields.push(Beside {
            title: title.clone(),
            left: run.masked(ctx, &first, at),
            right: run.masked(ctx, &other, at),
            level: usize::from(level).checked_sub(1).and_then(|level| levels.get(level)).copied(),
            weight,
        });
    }
    let name = format!("{}/{}/{}", group.id, row.left, row.right);
    let act = ctx.act("registry.matches", "match_pair", name);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(PairView { left: run.side(&first), right: run.side(&other), row, fields })
}

/// Says that two records are the same or are not, in place of whatever was said of them before.
pub async fn decide_pair(
    ctx: &mut Ctx,
    group: &str,
    (left, right): (Uuid, Uuid),
    decision: &NewDecision,
) -> Result<()> {
    let catalog = ctx.defs::<Catalog>()?;
    let group = named(&catalog, group)?;
    ctx.allow("registry.decide", &thing(group))?;
    let reason = checked(&decision.reason)?;
    let ring = ctx.keyring()?;
    let run = Run { sealing: Sealing { catalog: &catalog, ring: &ring }, group };
    let mut row = store::lock_group(ctx.conn(), &group.id).await?;
    let found = store::pair(ctx.conn(), &group.id, (left, right)).await?;
    let mut found = found.ok_or_else(|| Error::NoPair(group.id.clone()))?;
    let before = found.state;
    let state = if decision.same { PairState::Same } else { PairState::Different };
    (found.state, found.decided, found.decided_by) = (state, Some(ctx.now), ctx.actor.account);
    found.reason = Some(reason.clone());
    run.settle(ctx, &mut row, &[found]).await?;
    let name = format!("{}/{}/{}", group.id, left.min(right), left.max(right));
    let act = ctx.act("registry.decide", "match_pair", name).because(format!(
        "{} → {}: {reason}",
        before.word(),
        state.word()
    ));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Takes a record out of its entity: it is different from every other record there, and stays so.
pub async fn take_out(ctx: &mut Ctx, group: &str, record: Uuid, reason: &str) -> Result<()> {
    let catalog = ctx.defs::<Catalog>()?;
    let group = named(&catalog, group)?;
    ctx.allow("registry.decide", &thing(group))?;
    let reason = checked(reason)?;
    let ring = ctx.keyring()?;
    let run = Run { sealing: Sealing { catalog: &catalog, ring: &ring }, group };
    let mut row = store::lock_group(ctx.conn(), &group.id).await?;
    let (around, _) = store::around(ctx.conn(), &group.id, &[record]).await?;
    let own = around.iter().find(|member| member.record == record).map(|member| member.entity);
    let Some(entity) = own else { return Err(Error::NoPair(group.id.clone())) };
    let others = around.iter().filter(|member| member.entity == entity && member.record != record);
    let mut said = Vec::new();
    for other in others.take(MEMBERS_MAX) {
        let known = store::pair(ctx.conn(), &group.id, (record, other.record)).await?;
        said.push(PairRow {
            left: record.min(other.record),
            right: record.max(other.record),
            weight: known.as_ref().map_or(0.0, |pair| pair.weight),
            state: PairState::Different,
            found: known.map_or(ctx.now, |pair| pair.found),
            decided: Some(ctx.now),
            decided_by: ctx.actor.account,
            reason: Some(reason.clone()),
        });
    }
    if said.is_empty() {
        return Err(Error::Alone);
    }
    run.settle(ctx, &mut row, &said).await?;
    let name = format!("{}/{record}", group.id);
    let what = format!("out of entity {entity}, {} pairs different: {reason}", said.len());
    let act = ctx.act("registry.decide", "match_record", name).because(what);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// An entity: its records, and what counts of them item by item, masked. The look is on record.
pub async fn entity(ctx: &mut Ctx, group: &str, id: i64) -> Result<EntityView> {
    let catalog = ctx.defs::<Catalog>()?;
    let group = named(&catalog, group)?;
    ctx.allow("registry.matches", &thing(group))?;
    let ring = ctx.keyring()?;
    let run = Run { sealing: Sealing { catalog: &catalog, ring: &ring }, group };
    let known = store::entity(ctx.conn(), &group.id, id).await?;
    let (since, into) = known.ok_or_else(|| Error::NoPair(group.id.clone()))?;
    let mut found = Vec::new();
    for member in store::members(ctx.conn(), &group.id, Some(id)).await?.iter().take(MEMBERS_MAX) {
        found.push(run.found(ctx, member.record).await?);
    }
    let items = (0..group.titles.len()).map(|at| run.item(ctx, &found, at)).collect();
    let act = ctx.act("registry.matches", "entity", format!("{}/{id}", group.id));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let members = found.iter().map(|found| run.side(found)).collect();
    Ok(EntityView { group: group.id.clone(), id, since, into, members, items })
}

/// A record with the declaration of its dataset.
struct Found<'a> {
    member: &'a MatchMember,
    stored: Stored,
    entity: Option<i64>,
}

impl Run<'_> {
    async fn found(&self, ctx: &mut Ctx, record: Uuid) -> Result<Found<'_>> {
        let known = store::member(ctx.conn(), &self.group.id, record).await?;
        let known = known.ok_or_else(|| Error::NoPair(self.group.id.clone()))?;
        let member = self.member(&known.dataset)?;
        let place = (&self.sealing, self.dataset(member)?);
        let rows = store::records_named(ctx.conn(), place, &[record]).await?;
        let stored = rows.into_iter().next().ok_or_else(|| Error::NoPair(self.group.id.clone()))?;
        Ok(Found { member, stored, entity: Some(known.entity) })
    }

    fn side(&self, found: &Found<'_>) -> Side {
        let dataset = self.sealing.catalog.dataset(&found.member.dataset);
        let title =
            dataset.map_or_else(|| Text::same(&found.member.dataset), |one| one.title.clone());
        Side {
            record: found.stored.id,
            dataset: found.member.dataset.clone(),
            title,
            source: found.stored.source.clone(),
            updated: found.stored.updated,
            entity: found.entity,
        }
    }

    /// What a record says of a field, masked as its element is.
    fn masked(&self, ctx: &Ctx, found: &Found<'_>, at: usize) -> Text {
        let name = found.member.fields.get(at).and_then(Option::as_deref).unwrap_or_default();
        let field =
            self.sealing.catalog.dataset(&found.member.dataset).and_then(|one| one.field(name));
        let element = field.and_then(|field| self.sealing.catalog.element(&field.element));
        let Some(element) = element else { return Text::same("") };
        let value = found.stored.values.get(name).unwrap_or(&Value::Null);
        let words = |lang| mask(self.sealing.catalog, element, value, lang, china_date(ctx.now));
        Text::new(words(Lang::Zh), words(Lang::En))
    }

    fn item(&self, ctx: &Ctx, found: &[Found<'_>], at: usize) -> Item {
        let order = self.group.authorities.get(at).map_or(&[][..], Vec::as_slice);
        let rank =
            |dataset: &str| order.iter().position(|one| one == dataset).unwrap_or(order.len());
        let mut claims = Vec::new();
        for one in found {
            let name = one.member.fields.get(at).and_then(Option::as_ref);
            if let Some(value) = name.and_then(|name| one.stored.values.get(name)) {
                claims.push(Claim {
                    record: record_id(one.stored.id),
                    rank: u32::try_from(rank(&one.member.dataset)).unwrap_or(u32::MAX),
                    said: one.stored.updated.unix_timestamp(),
                    value: value.clone(),
                });
            }
        }
        let by_record: BTreeMap<_, _> =
            found.iter().map(|one| (record_id(one.stored.id), one)).collect();
        let words = |claim: &Claim<Value>| {
            let one = by_record.get(&claim.record)?;
            Some((self.masked(ctx, one, at), self.side(one).title))
        };
        let survivor = survive(&claims);
        let counts = survivor.as_ref().and_then(|survivor| words(&survivor.claim));
        let (value, from) = counts.unzip();
        let against = survivor.map(|survivor| survivor.against.iter().filter_map(words).collect());
        Item {
            title: self.group.titles.get(at).cloned().unwrap_or_else(|| Text::same("")),
            value,
            from,
            against: against.unwrap_or_default(),
        }
    }

    /// Writes what a person said, and groups anew what hangs together with it.
    async fn settle(
        &self,
        ctx: &mut Ctx,
        row: &mut store::GroupRow,
        said: &[PairRow],
    ) -> Result<()> {
        let records: Vec<Uuid> = said.iter().flat_map(|pair| [pair.left, pair.right]).collect();
        for pair in said {
            store::decide(ctx.conn(), &self.group.id, pair).await?;
        }
        let (members, edges) = store::around(ctx.conn(), &self.group.id, &records).await?;
        let known = members.into_iter().map(|member| (member.record, member.entity)).collect();
        self.regroup(ctx, row, (&known, &[], &edges)).await?;
        store::keep_group(ctx.conn(), &self.group.id, row).await
    }
}

/// A reason, which must be there and not too long.
pub(crate) fn checked(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", Text::new("请写明理由", "say why")));
    }
    if reason.chars().count() > REASON_MAX {
        let text = Text::new(
            format!("理由不超过 {REASON_MAX} 个字"),
            format!("at most {REASON_MAX} characters"),
        );
        return Err(Error::field("reason", text));
    }
    Ok(reason.to_owned())
}
