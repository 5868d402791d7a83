//! Looking up: organisations for everybody, people for those who have a duty. Each look at a person is
//! recorded, and the person can see it.

use uuid::Uuid;
use zhengtong_base::code::mask;
use zhengtong_base::{Limits, Page, Paging};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{
    AccountCard, IdKind, Organisation, PersonCard, PersonPlain, PersonRow, Region, Tree,
};
use crate::names::{clean, login_key};
use crate::store::{account, organisation, person};
use crate::things::{self, china_date, record};

/// A person, with masked numbers.
pub async fn person(ctx: &mut Ctx, id: Uuid) -> Result<PersonCard> {
    ctx.allow_or_absent("party.person", &of(id))?;
    let plain = person::find(ctx, id).await?.ok_or_else(|| Error::absent("person", id))?;
    let act = ctx.act("party.person", "person", id.to_string()).about(Some(id));
    record(ctx, act).await?;
    Ok(card(&plain))
}

/// People with this whole name or with a login that begins so, masked; without a query, staff. There is
/// no list of all people.
pub async fn people(ctx: &mut Ctx, query: &str, paging: Paging) -> Result<Page<PersonRow>> {
    ctx.allow("party.people", &Thing::new("person", ""))?;
    let query: String = clean(query).chars().take(Limits::default().query_chars).collect();
    let name = (!query.is_empty()).then_some(query.as_str());
    let key = login_key(&query);
    let pattern = (key.chars().count() >= 2).then(|| like_start(&key));
    let (rows, total) = person::list(ctx, name, pattern.as_deref(), paging).await?;
    let rows: Vec<PersonRow> = rows
        .into_iter()
        .map(|(plain, account)| PersonRow { person: card(&plain), account })
        .collect();
    for row in &rows {
        let id = row.person.id;
        let act = ctx.act("party.people", "person", id.to_string()).about(Some(id));
        record(ctx, act.because("in a list of people")).await?;
    }
    Ok(Page::new(rows, total, paging))
}

/// The accounts of a person, for administrators.
pub async fn accounts(ctx: &mut Ctx, id: Uuid) -> Result<Vec<AccountCard>> {
    ctx.allow("party.people", &of(id))?;
    let accounts = account::all_of(ctx, id).await?;
    let act = ctx.act("party.people", "person", id.to_string()).about(Some(id));
    record(ctx, act.because("the accounts")).await?;
    Ok(accounts.iter().map(account::Account::card).collect())
}

/// An organisation.
pub async fn organisation(ctx: &mut Ctx, id: Uuid) -> Result<Organisation> {
    let found = organisation::find(ctx.conn(), id).await?;
    let found = found.ok_or_else(|| Error::absent("organisation", id))?;
    ctx.allow_or_absent("party.organisation", &things::organisation(&found))?;
    Ok(found)
}

/// The organisation that packs name by a short word, such as `market-regulation`.
pub async fn organisation_by_short(ctx: &mut Ctx, short: &str) -> Result<Option<Organisation>> {
    let found = organisation::by_short(ctx.conn(), &clean(short)).await?;
    Ok(found.filter(|found| ctx.may("party.organisation", &things::organisation(found))))
}

/// The organisation with a unified social credit code, when the platform knows it.
pub async fn organisation_by_code(ctx: &mut Ctx, code: &str) -> Result<Option<Organisation>> {
    let found = organisation::by_code(ctx.conn(), &clean(code)).await?;
    Ok(found.filter(|found| ctx.may("party.organisation", &things::organisation(found))))
}

/// The organisations below another, or those above which there is none.
pub async fn organisations(
    ctx: &mut Ctx,
    parent: Option<Uuid>,
    paging: Paging,
) -> Result<Page<Organisation>> {
    ctx.allow("party.organisations", &Thing::new("organisation", "").handled_by(parent))?;
    let (rows, total) = organisation::below(ctx.conn(), parent, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// Governments and departments that are open, at most 500.
pub async fn departments(ctx: &mut Ctx) -> Result<Vec<Organisation>> {
    ctx.allow("party.departments", &Thing::new("organisation", ""))?;
    let today = china_date(ctx.now);
    organisation::departments(ctx.conn(), None, today).await
}

/// A region with what is above, below and in it; without a code, the highest regions.
pub async fn tree(ctx: &mut Ctx, region: Option<&str>) -> Result<Tree> {
    ctx.allow("party.tree", &Thing::new("region", region.unwrap_or_default()))?;
    let Some(code) = region else {
        let below = organisation::regions_below(ctx.conn(), None).await?;
        return Ok(Tree { region: None, above: Vec::new(), below, departments: Vec::new() });
    };
    let found = organisation::region(ctx.conn(), &clean(code)).await?;
    let found = found.ok_or_else(|| Error::absent("region", code))?;
    let above = above(ctx, &found).await?;
    let below = organisation::regions_below(ctx.conn(), Some(code)).await?;
    let today = china_date(ctx.now);
    let departments = organisation::departments(ctx.conn(), Some(code), today).await?;
    Ok(Tree { region: Some(found), above, below, departments })
}

/// The regions above, the highest first; five levels at most.
async fn above(ctx: &mut Ctx, region: &Region) -> Result<Vec<Region>> {
    let mut above = Vec::new();
    let mut next = region.parent.clone();
    while let Some(code) = next.take().filter(|_| above.len() < 5) {
        let Some(found) = organisation::region(ctx.conn(), &code).await? else { break };
        next.clone_from(&found.parent);
        above.insert(0, found);
    }
    Ok(above)
}

fn of(id: Uuid) -> Thing {
    Thing::new("person", id.to_string()).owned_by(Some(id))
}

pub(crate) fn card(plain: &PersonPlain) -> PersonCard {
    let number_rule = match plain.id_kind {
        IdKind::Citizen => "gb11643",
        _ => "document",
    };
    PersonCard {
        id: plain.id,
        name: plain.name.clone(),
        id_kind: plain.id_kind,
        id_number: plain.id_number.as_deref().map(|number| mask(number_rule, number)),
        phone: plain.phone.as_deref().map(|phone| mask("mobile", phone)),
        region: plain.region.clone(),
        level: plain.level,
    }
}

/// A pattern for what begins with a text; `%`, `_` and `\` stand for themselves.
fn like_start(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
