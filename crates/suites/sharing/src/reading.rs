//! What stands on desks, and what people read of the uses that were about them.

use uuid::Uuid;
use zhengtong_base::{Limits, Page, Paging, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_registry::Catalog;

use crate::ask;
use crate::error::Result;
use crate::model::{Act, Counts, Given, Grant, MyUse, Seen, Shelf, State, StepKind, Used, Way};
use crate::object;
use crate::store;
use crate::using;

/// Grants of one dataset that are shown.
const GRANTS_MAX: i64 = 100;

/// Whose requests the actor may see: none for the data authority, which sees all.
pub(crate) fn whose(ctx: &Ctx) -> Result<Option<Uuid>> {
    let all = Thing::new("sharing", "all");
    if ctx.may("sharing.list", &all) {
        return Ok(None);
    }
    let unit = ctx.actor.organisation;
    let own = Thing::new("sharing", "own")
        .handled_by(unit)
        .with("asked_by", Attr::Text(unit.map(|unit| unit.to_string()).unwrap_or_default()));
    ctx.allow("sharing.list", &own)?;
    Ok(Some(unit.unwrap_or_default()))
}

/// A shelf of requests.
pub async fn requests(
    ctx: &mut Ctx,
    shelf: Shelf,
    page: u32,
) -> Result<Page<crate::model::Request>> {
    let mut unit = whose(ctx)?;
    if shelf == Shelf::Mine {
        unit = ctx.actor.organisation;
    }
    let paging = Paging::new(page, Limits::default().page_rows);
    let today = china_date(ctx.now);
    let (rows, total) = store::requests(ctx.conn(), shelf, unit, today, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// How much stands on each shelf.
pub async fn counts(ctx: &mut Ctx) -> Result<Counts> {
    let unit = whose(ctx)?;
    let (own, today) = (ctx.actor.organisation, china_date(ctx.now));
    let mut counts = store::counts(ctx.conn(), unit, today).await?;
    if unit.is_none() && own.is_some() {
        counts.mine = store::counts(ctx.conn(), own, today).await?.mine;
    }
    Ok(counts)
}

/// A request with its steps and what the actor may do now.
pub async fn request(ctx: &mut Ctx, no: &str) -> Result<Seen> {
    let found = store::request(ctx.conn(), no, false).await?;
    let request = found.ok_or_else(|| zhengtong_db::Error::absent("request", no))?;
    let thing = ask::thing(&request);
    ctx.allow_or_absent("sharing.read", &thing)?;
    let steps = store::steps(ctx, no).await?;
    let talked = steps.iter().any(|step| step.kind == StepKind::Negotiated);
    let own = ctx.may("sharing.ask", &thing);
    let mut may = Vec::new();
    match request.state {
        State::Asked if ctx.may("sharing.check", &thing) => may.push(Act::Check),
        State::Sent if ctx.may("sharing.reply", &thing) => may.push(Act::Reply),
        State::Arbitration if ctx.may("sharing.rule", &thing) => may.push(Act::Rule),
        State::Refused if own => may.push(if talked { Act::Appeal } else { Act::Negotiate }),
        _ => {}
    }
    if own && !request.state.over() {
        may.push(Act::Withdraw);
    }
    let grant = store::grant_of_request(ctx.conn(), no).await?;
    Ok(Seen { request, steps, grant, may })
}

/// Grants that the own unit holds or gives, or all for the data authority, each with its uses.
pub async fn grants(ctx: &mut Ctx, page: u32) -> Result<Page<(Grant, i64)>> {
    let unit = whose(ctx)?;
    let paging = Paging::new(page, Limits::default().page_rows);
    let today = china_date(ctx.now);
    let (rows, total) = store::grants(ctx.conn(), unit, today, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// Grants of a dataset that are in force today, as far as the actor may see them, each with its uses.
pub async fn grants_of(ctx: &mut Ctx, dataset: &str) -> Result<Vec<(Grant, i64)>> {
    whose(ctx)?;
    let today = china_date(ctx.now);
    let mut found = store::grants_of(ctx.conn(), dataset, today, GRANTS_MAX).await?;
    found.retain(|(grant, _)| ctx.may("sharing.read", &using::thing(grant)));
    Ok(found)
}

/// The units that hold grants of a dataset today, each with how many, for everybody: what for is not said.
pub async fn consumers(ctx: &mut Ctx, dataset: &str) -> Result<Vec<(Uuid, i64)>> {
    ctx.allow("sharing.consumers", &Thing::new("dataset", dataset))?;
    let today = china_date(ctx.now);
    store::consumers(ctx.conn(), dataset, today, GRANTS_MAX).await
}

/// A grant with how it is used.
pub async fn grant(ctx: &mut Ctx, no: &str) -> Result<Used> {
    let found = store::grant(ctx.conn(), no).await?;
    let grant = found.ok_or_else(|| zhengtong_db::Error::absent("grant", no))?;
    let thing = using::thing(&grant);
    ctx.allow_or_absent("sharing.read", &thing)?;
    let today = china_date(ctx.now);
    let (total, records) = store::figures(ctx.conn(), no).await?;
    let in_force = grant.on(today) == Given::InForce;
    let over = matches!(grant.on(today), Given::Ended | Given::Expired);
    Ok(Used {
        today: store::spent(ctx.conn(), no, today).await?,
        days: store::days(ctx.conn(), no).await?,
        may_end: !over && ctx.may("sharing.end", &thing),
        may_use: in_force && ctx.may("sharing.use", &thing),
        grant,
        total,
        records,
    })
}

/// Uses of shared data that were about the actor, the newest first: which unit, when, what for, which fields.
pub async fn uses_of_me(ctx: &mut Ctx, page: u32) -> Result<Page<MyUse>> {
    let paging = Paging::new(page, Limits::default().page_rows);
    let Some(myself) = object::myself(ctx, "sharing.mine", "person").await? else {
        return Ok(Page::new(Vec::new(), 0, paging));
    };
    let subject = store::subject(&*ctx.keyring()?, &myself.number)?;
    let (rows, total) = store::uses_of(ctx.conn(), &subject, paging).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let rows = rows.into_iter().map(|(at, unit, id, way, purpose, fields)| {
        let dataset = catalog.dataset(&id);
        let name = |field: &String| {
            let found = dataset.and_then(|dataset| dataset.field(field));
            found.map_or_else(|| Text::same(field.clone()), |field| field.title.clone())
        };
        MyUse {
            at,
            unit,
            fields: fields.iter().map(name).collect(),
            dataset: dataset.map_or_else(|| Text::same(id.clone()), |known| known.title.clone()),
            way: Way::parse(&way).unwrap_or(Way::Query),
            purpose,
        }
    });
    Ok(Page::new(rows.collect(), total, paging))
}
