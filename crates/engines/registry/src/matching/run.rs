//! The work after loads: learns how records of a group agree, finds pairs, makes entities of them; later only for
//! records that are new or changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Failure as _;
use zhengtong_crypto::Digest;
use zhengtong_db::jobs::{CronEntry, NewJob, Work};
use zhengtong_db::{Ctx, Db, Error as DbError};
use zhengtong_linkage::{
    Edge, EntityId, Event, Link, Linked, Model, Pair, Pool, RecordId, Regrouped, Settings, Verdict,
    link, regroup,
};

use super::model::{
    MatchGroup, MatchMember, Matched, PairRow, PairState, entity_id, entity_number, record_id,
    record_uuid,
};
use super::values::{given, indexes, prepared};
use super::{MODEL, named, thing};
use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset};
use crate::sealed::Sealing;
use crate::store::{self, GroupRow, Stored};

/// Records of one step.
const STEP: i64 = 200;
/// Records that are read at once while learning.
const READ: i64 = 2_000;
/// Rows that are written at once.
const WRITE: usize = 5_000;
/// The job.
const JOB: &str = "registry.match";

/// A record that is looked at: its name, its dataset, its state.
type Looked = (Uuid, String, OffsetDateTime);

/// What is told when entities merge or split.
#[derive(Serialize)]
struct Happened<'a> {
    group: &'a str,
    events: &'a [Event],
}

/// Has a dataset matched without waiting for the next time, when it is a member of a group.
pub(crate) async fn soon(ctx: &mut Ctx, dataset: &str) -> Result<()> {
    let catalog = ctx.defs::<Catalog>()?;
    let is_member = |group: &MatchGroup| group.members.iter().any(|one| one.dataset == dataset);
    if catalog.groups.values().any(is_member) { match_soon(ctx).await } else { Ok(()) }
}

/// Has all groups matched without waiting for the next time; one run does it for all who ask before it begins.
pub async fn match_soon(ctx: &mut Ctx) -> Result<()> {
    ctx.enqueue(NewJob::now(JOB, &serde_json::Value::Null, ctx.now)).await?;
    Ok(())
}

/// Registers the job: every ten minutes what is new is matched, and at once when a load has brought it.
pub fn attach_matching(work: Work) -> Work {
    work.on(JOB, |db, _job| async move { match_all(&db).await }).gather(JOB).at(CronEntry {
        name: JOB,
        pattern: "*/10 * * * *",
        job: JOB,
    })
}

/// All groups, step by step, each step in a transaction of its own.
async fn match_all(db: &Db) -> std::result::Result<(), String> {
    let ctx = db.begin_system(JOB).await.map_err(|error| error.to_string())?;
    let catalog = ctx.defs::<Catalog>().map_err(|error| error.to_string())?;
    drop(ctx);
    for group in catalog.groups.keys() {
        loop {
            let mut ctx = db.begin_system(JOB).await.map_err(|error| error.to_string())?;
            let done = match_up(&mut ctx, group).await.map_err(|error| error.text().en)?;
            ctx.commit().await.map_err(|error| error.to_string())?;
            if done.records == 0 || done.learned {
                break;
            }
        }
    }
    Ok(())
}

/// One step of a group: learns when nothing was learned yet, when the plan is another one, or when there are twice as
/// many records as then; else looks at records that are new or changed.
pub async fn match_up(ctx: &mut Ctx, group: &str) -> Result<Matched> {
    let catalog = ctx.defs::<Catalog>()?;
    let group = named(&catalog, group)?;
    ctx.allow("registry.match", &thing(group))?;
    let ring = ctx.keyring()?;
    let run = Run { sealing: Sealing { catalog: &catalog, ring: &ring }, group };
    let mut row = store::lock_group(ctx.conn(), &group.id).await?;
    let plan = serde_json::to_vec(&group.plan).map_err(DbError::from)?;
    let plan = Digest::of(&plan).to_string();
    let mut count = 0;
    for member in &group.members {
        count += store::count(ctx.conn(), run.dataset(member)?).await?.0;
    }
    let grown = count >= row.records.saturating_mul(2).max(row.records + 1);
    let other = row.plan.as_deref() != Some(&plan);
    let matched = if other || grown {
        row.plan = Some(plan);
        row.records = count;
        run.learn(ctx, &mut row).await?
    } else {
        run.catch_up(ctx, &mut row).await?
    };
    store::keep_group(ctx.conn(), &group.id, &row).await?;
    if matched.records > 0 {
        let what = format!(
            "{} records, {} pairs the same, {} doubtful",
            matched.records, matched.joined, matched.doubtful
        );
        let act = ctx.act("registry.match", "match_group", group.id.clone()).because(what);
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(matched)
}

/// A group with what is needed to read its records.
pub(super) struct Run<'a> {
    pub(super) sealing: Sealing<'a>,
    pub(super) group: &'a MatchGroup,
}

impl Run<'_> {
    pub(super) fn dataset(&self, member: &MatchMember) -> Result<&Dataset> {
        let dataset = self.sealing.catalog.dataset(&member.dataset);
        dataset.ok_or_else(|| Error::NoDataset(member.dataset.clone()))
    }

    pub(super) fn member(&self, dataset: &str) -> Result<&MatchMember> {
        let member = self.group.members.iter().find(|member| member.dataset == dataset);
        member.ok_or_else(|| Error::NoDataset(dataset.to_owned()))
    }

    pub(super) fn model(&self, row: &GroupRow) -> Result<Option<Model>> {
        let Some(sealed) = &row.model else { return Ok(None) };
        let plain = self.sealing.ring.open(MODEL, &self.group.id, sealed).map_err(DbError::from)?;
        Ok(Some(serde_json::from_slice(&plain).map_err(DbError::from)?))
    }

    /// All records of the group: learns, finds pairs, makes entities. What persons decided stays.
    async fn learn(&self, ctx: &mut Ctx, row: &mut GroupRow) -> Result<Matched> {
        for member in &self.group.members {
            let dataset = self.dataset(member)?;
            store::sweep(ctx.conn(), &self.group.id, dataset).await?;
        }
        let (pool, looked) = self.pool(ctx).await?;
        let settings = Settings {
            random_pairs: pool.len().saturating_mul(50).clamp(50_000, 1_000_000),
            ..Settings::default()
        };
        let plan = self.group.plan.clone();
        let linking = tokio::task::spawn_blocking(move || link(&plan, &pool, None, &settings));
        let linked = match linking.await {
            Ok(Ok(linked)) => linked,
            Ok(Err(error)) => {
                let zh = format!("没有学成，暂不比对：{error}");
                row.error =
                    Some((zh, format!("nothing was learned, so nothing is matched: {error}")));
                return Ok(Matched { learned: true, ..Matched::default() });
            }
            Err(error) => return Err(DbError::Broken(format!("matching: {error}")).into()),
        };
        let model = serde_json::to_vec(&linked.model).map_err(DbError::from)?;
        let model = self.sealing.ring.seal(MODEL, &self.group.id, &model).map_err(DbError::from)?;
        (row.model, row.learned, row.error) = (Some(model), Some(ctx.now), None);
        self.keep_links(ctx, &linked).await?;
        let known: BTreeMap<Uuid, i64> = store::members(ctx.conn(), &self.group.id, None)
            .await?
            .into_iter()
            .map(|member| (member.record, member.entity))
            .collect();
        let edges = store::all_edges(ctx.conn(), &self.group.id).await?;
        self.regroup(ctx, row, (&known, &looked, &edges)).await?;
        Ok(Matched { records: looked.len() as u64, learned: true, ..counted(&linked.links) })
    }

    /// Reads all records, and writes their keys.
    async fn pool(&self, ctx: &mut Ctx) -> Result<(Pool, Vec<Looked>)> {
        let mut pool = Pool::new(&self.group.plan)?;
        let mut looked = Vec::new();
        for (source, member) in (0_u16..).zip(&self.group.members) {
            let dataset = self.dataset(member)?;
            let mut after = Uuid::nil();
            loop {
                let page = (&self.sealing, dataset);
                let page = store::records_after(ctx.conn(), page, after, READ).await?;
                let Some(last) = page.last() else { break };
                after = last.id;
                for stored in &page {
                    let id = record_id(stored.id);
                    let values = given(member, stored);
                    pool.add(&self.group.plan, &zhengtong_linkage::Record { id, source, values })?;
                    looked.push((stored.id, member.dataset.clone(), stored.updated));
                }
                self.keep_keys(ctx, member, &page).await?;
            }
        }
        Ok((pool, looked))
    }

    async fn keep_keys(&self, ctx: &mut Ctx, member: &MatchMember, page: &[Stored]) -> Result<()> {
        let mut keys = Vec::with_capacity(page.len() * self.group.plan.passes.len());
        for stored in page {
            let all = indexes(&self.sealing, self.group, &given(member, stored))?;
            keys.extend(all.into_iter().map(|(pass, key)| (stored.id, pass, key)));
        }
        let records: Vec<Uuid> = page.iter().map(|stored| stored.id).collect();
        store::keep_keys(ctx.conn(), (&self.group.id, &member.dataset), &records, &keys).await
    }

    async fn keep_links(&self, ctx: &mut Ctx, linked: &Linked) -> Result<()> {
        let now = ctx.now;
        store::drop_pairs(ctx.conn(), &self.group.id, None).await?;
        let rows: Vec<_> = linked.links.iter().map(pair_of).collect();
        for rows in rows.chunks(WRITE) {
            store::keep_pairs(ctx.conn(), &self.group.id, rows, now).await?;
        }
        Ok(())
    }

    /// Records that are new or changed, one step of them.
    async fn catch_up(&self, ctx: &mut Ctx, row: &mut GroupRow) -> Result<Matched> {
        let Some(model) = self.model(row)? else { return Ok(Matched::default()) };
        let mut pages = Vec::new();
        let mut left = STEP;
        for member in &self.group.members {
            let page = (&self.sealing, self.dataset(member)?);
            let page = store::records_unseen(ctx.conn(), page, &self.group.id, left).await?;
            left -= i64::try_from(page.len()).unwrap_or(left);
            self.keep_keys(ctx, member, &page).await?;
            pages.push((member, page));
            if left <= 0 {
                break;
            }
        }
        let mut pairs = BTreeMap::new();
        let mut looked: Vec<Looked> = Vec::new();
        for (member, page) in &pages {
            for stored in page {
                let found = self.against_all(ctx, &model, (member, stored)).await?;
                pairs.extend(
                    found.into_iter().map(|pair| ((pair.0.min(pair.1), pair.0.max(pair.1)), pair)),
                );
                looked.push((stored.id, member.dataset.clone(), stored.updated));
            }
        }
        if looked.is_empty() {
            return Ok(Matched::default());
        }
        let records: Vec<Uuid> = looked.iter().map(|(record, _, _)| *record).collect();
        let pairs: Vec<_> = pairs.into_values().collect();
        let now = ctx.now;
        // Who hung together with them before is grouped anew as well.
        let (before, _) = store::around(ctx.conn(), &self.group.id, &records).await?;
        store::drop_pairs(ctx.conn(), &self.group.id, Some(&records)).await?;
        store::keep_pairs(ctx.conn(), &self.group.id, &pairs, now).await?;
        let mut touched: BTreeSet<Uuid> = records.iter().copied().collect();
        touched.extend(before.iter().map(|member| member.record));
        let touched: Vec<Uuid> = touched.into_iter().collect();
        let (members, edges) = store::around(ctx.conn(), &self.group.id, &touched).await?;
        let known = members.into_iter().map(|member| (member.record, member.entity)).collect();
        self.regroup(ctx, row, (&known, &looked, &edges)).await?;
        let state = |wanted| pairs.iter().filter(|pair| pair.3 == wanted).count() as u64;
        Ok(Matched {
            records: looked.len() as u64,
            joined: state(PairState::Joined),
            doubtful: state(PairState::Doubtful),
            learned: false,
        })
    }

    /// One record against all that share a key with it.
    async fn against_all(
        &self,
        ctx: &mut Ctx,
        model: &Model,
        (member, stored): (&MatchMember, &Stored),
    ) -> Result<Vec<(Uuid, Uuid, f64, PairState)>> {
        let group = self.group;
        let most = i64::try_from(group.plan.block_max).unwrap_or(i64::MAX);
        let found = store::candidates(ctx.conn(), &group.id, stored.id, most).await?;
        let mut by_dataset: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
        for (record, dataset) in found {
            by_dataset.entry(dataset).or_default().push(record);
        }
        let own = prepared(group, &given(member, stored));
        let mut pairs = Vec::new();
        for (dataset, records) in by_dataset {
            let member = self.member(&dataset)?;
            let others = (&self.sealing, self.dataset(member)?);
            for other in store::records_named(ctx.conn(), others, &records).await? {
                let theirs = prepared(group, &given(member, &other));
                let (weight, _) = model.weigh(&group.plan, &own, &theirs)?;
                if let Some(state) = state_of(Verdict::of(&group.plan, weight)) {
                    pairs.push((stored.id, other.id, weight, state));
                }
            }
        }
        Ok(pairs)
    }

    /// Groups records anew: those known with their entities, and those that were looked at.
    pub(super) async fn regroup(
        &self,
        ctx: &mut Ctx,
        row: &mut GroupRow,
        (known, looked, edges): (&BTreeMap<Uuid, i64>, &[Looked], &[PairRow]),
    ) -> Result<()> {
        let mut members: BTreeMap<RecordId, Option<EntityId>> = known
            .iter()
            .map(|(record, entity)| (record_id(*record), Some(entity_id(*entity))))
            .collect();
        for (record, _, _) in looked {
            members.entry(record_id(*record)).or_insert(None);
        }
        let (edges, apart) = edges_of(edges);
        let next = u64::try_from(row.next).unwrap_or(1);
        let result = regroup(&members, &edges, &apart, next);
        row.next = i64::try_from(result.next).unwrap_or(i64::MAX);
        self.keep_groups(ctx, &members, looked, &result).await
    }

    async fn keep_groups(
        &self,
        ctx: &mut Ctx,
        members: &BTreeMap<RecordId, Option<EntityId>>,
        looked: &[Looked],
        result: &Regrouped,
    ) -> Result<()> {
        let now = ctx.now;
        let group = &self.group.id;
        let looked: BTreeMap<Uuid, (&str, OffsetDateTime)> = looked
            .iter()
            .map(|(record, dataset, seen)| (*record, (dataset.as_str(), *seen)))
            .collect();
        let mut rows = Vec::new();
        for one in &result.groups {
            for record in &one.records {
                let seen = looked.get(&record_uuid(*record));
                if seen.is_some() || members.get(record) != Some(&Some(one.entity)) {
                    let dataset =
                        seen.map(|(dataset, _)| (*dataset).to_owned()).unwrap_or_default();
                    let seen = seen.map(|(_, seen)| *seen);
                    rows.push((record_uuid(*record), dataset, entity_number(one.entity), seen));
                }
            }
        }
        let mut made = Vec::new();
        let mut gone = BTreeMap::new();
        let mut told = Vec::new();
        for event in &result.events {
            match event {
                Event::Created { entity } => made.push(entity_number(*entity)),
                Event::Joined { .. } => {}
                Event::Merged { gone: from, into } => {
                    gone.insert(entity_number(*from), entity_number(*into));
                    told.push(event.clone());
                }
                Event::Split { .. } => told.push(event.clone()),
            }
        }
        store::keep_entities(ctx.conn(), group, &made, &gone, now).await?;
        for rows in rows.chunks(WRITE) {
            store::keep_members(ctx.conn(), group, rows).await?;
        }
        for events in told.chunks(WRITE) {
            ctx.emit("registry.entities", group, &Happened { group, events }).await?;
        }
        Ok(())
    }
}

/// What joins records and what parts them.
fn edges_of(rows: &[PairRow]) -> (Vec<Edge>, BTreeSet<Pair>) {
    let (mut edges, mut apart) = (Vec::new(), BTreeSet::new());
    for row in rows {
        let Some(pair) = Pair::new(record_id(row.left), record_id(row.right)) else { continue };
        match row.state {
            PairState::Joined => edges.push(Edge { pair, weight: row.weight }),
            PairState::Same => edges.push(Edge { pair, weight: f64::INFINITY }),
            PairState::Different => {
                apart.insert(pair);
            }
            PairState::Doubtful => {}
        }
    }
    (edges, apart)
}

fn state_of(verdict: Verdict) -> Option<PairState> {
    match verdict {
        Verdict::Same => Some(PairState::Joined),
        Verdict::Doubtful => Some(PairState::Doubtful),
        Verdict::Different => None,
    }
}

fn pair_of(link: &Link) -> (Uuid, Uuid, f64, PairState) {
    let state = state_of(link.verdict).unwrap_or(PairState::Doubtful);
    (record_uuid(link.left), record_uuid(link.right), link.weight, state)
}

fn counted(links: &[Link]) -> Matched {
    let joined = links.iter().filter(|link| link.verdict == Verdict::Same).count() as u64;
    Matched { joined, doubtful: links.len() as u64 - joined, ..Matched::default() }
}
