//! What administrators enter: organisations, posts, persons.

use serde_json::json;
use uuid::Uuid;
use zhengtong_base::code::{CitizenNumber, CreditCode, MobileNumber, PersonName, RegionCode};
use zhengtong_base::{FieldError, Limits};
use zhengtong_db::{Attr, Ctx, Thing};

use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::{ADMINISTRATORS, IdKind, PersonPlain, Post};
use crate::new::{NewOrganisation, NewPerson, NewPost};
use crate::part::Catalog;
use crate::store::{organisation, person};
use crate::things::{self, china_date, digest, record, repeated};
use crate::{appoint, names};

/// Creates an organisation.
pub async fn create_organisation(ctx: &mut Ctx, new: &NewOrganisation) -> Result<Uuid> {
    let thing = Thing::new("organisation", "")
        .handled_by(new.parent)
        .with("public", Attr::Flag(new.kind.is_public()));
    ctx.allow("party.create_organisation", &thing)?;
    let new = tidy(new);
    let body = (
        (&new.name, &new.short, &new.credit_code, new.kind.word()),
        (new.parent, &new.region, new.representative),
    );
    if let Some(id) = repeated(ctx, "party.create_organisation", &body).await? {
        return Ok(id);
    }
    let mut faults = organisation_faults(&new);
    if let Some(parent) = new.parent
        && organisation::find(ctx.conn(), parent).await?.is_none()
    {
        faults.push(FieldError::new(
            "parent",
            "上级单位不存在",
            "the organisation above is not there",
        ));
    }
    if let Some(representative) = new.representative
        && person::find(ctx, representative).await?.is_none()
    {
        faults.push(FieldError::new("representative", "没有这个人", "there is no such person"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let id = ctx.id();
    if !organisation::insert(ctx.conn(), id, &new).await? {
        return Err(Error::field(
            "short",
            "简称或统一社会信用代码已被别的单位使用",
            "the short name or the credit code belongs to another organisation",
        ));
    }
    let after = digest(&json!({
        "credit_code": new.credit_code, "kind": new.kind.word(), "name": new.name.zh,
        "parent": new.parent, "region": new.region, "representative": new.representative,
        "short": new.short,
    }));
    let act = ctx
        .act("party.create_organisation", "organisation", id.to_string())
        .change(None, Some(after));
    record(ctx, act).await?;
    ctx.answered(&id).await?;
    Ok(id)
}

/// Creates a post. Its roles must be roles of the packs; the three administrators exclude each other.
pub async fn create_post(ctx: &mut Ctx, new: &NewPost) -> Result<Uuid> {
    let today = china_date(ctx.now);
    let vacant = appoint::vacant(ctx, today).await?;
    let post = Post {
        id: ctx.id(),
        organisation: new.organisation,
        title: new.title.clone(),
        roles: new.roles.clone(),
    };
    ctx.allow("party.create_post", &things::post(&post, vacant))?;
    let body = (new.organisation, &new.title, &new.roles);
    if let Some(id) = repeated(ctx, "party.create_post", &body).await? {
        return Ok(id);
    }
    let mut faults = names::text_faults("title", &new.title);
    faults.extend(role_faults(&*ctx.defs::<Catalog>()?, &new.roles));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    exclusive(&[], &new.roles)?;
    if organisation::find(ctx.conn(), new.organisation).await?.is_none() {
        return Err(Error::absent("organisation", new.organisation));
    }
    organisation::insert_post(ctx.conn(), post.id, new).await?;
    let after = digest(&json!({
        "organisation": new.organisation, "roles": new.roles, "title": new.title.zh,
    }));
    let act = ctx.act("party.create_post", "post", post.id.to_string()).change(None, Some(after));
    record(ctx, act).await?;
    ctx.answered(&post.id).await?;
    Ok(post.id)
}

/// Creates a person.
pub async fn create_person(ctx: &mut Ctx, new: &NewPerson) -> Result<Uuid> {
    ctx.allow("party.create_person", &Thing::new("person", ""))?;
    let body = (&new.name, new.id_kind.word(), &new.id_number, &new.phone, &new.region, new.level);
    if let Some(id) = repeated(ctx, "party.create_person", &body).await? {
        return Ok(id);
    }
    let person = canonical(ctx, new)?;
    if !person::insert(ctx, &person).await? {
        return Err(Error::field(
            "id_number",
            "这个证件号码已经登记过，请在人员列表里查找",
            "this number is registered already; look it up in the list of people",
        ));
    }
    let after = digest(&json!({
        "id_kind": person.id_kind.word(), "id_number": person.id_number, "level": person.level,
        "name": person.name, "phone": person.phone, "region": person.region,
    }));
    let act = ctx
        .act("party.create_person", "person", person.id.to_string())
        .about(Some(person.id))
        .change(None, Some(after));
    record(ctx, act).await?;
    ctx.answered(&person.id).await?;
    Ok(person.id)
}

/// Refuses when the wanted roles hold two of the three administrators, or one beside another that is held
/// at the same time.
pub(crate) fn exclusive(held: &[String], wanted: &[String]) -> Result<()> {
    let admin = |role: &&String| ADMINISTRATORS.contains(&role.as_str());
    let Some(first) = wanted.iter().find(admin) else { return Ok(()) };
    match held.iter().chain(wanted).filter(admin).find(|role| *role != first) {
        Some(held) => Err(Error::ThreeAdministrators { held: held.clone(), wanted: first.clone() }),
        None => Ok(()),
    }
}

fn tidy(new: &NewOrganisation) -> NewOrganisation {
    let filled = |text: &Option<String>| {
        text.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let mut tidy = new.clone();
    tidy.short = filled(&new.short);
    tidy.region = filled(&new.region);
    tidy.credit_code = filled(&new.credit_code)
        .map(|code| CreditCode::parse(&code).map_or(code, |parsed| parsed.as_str().to_owned()));
    tidy
}

fn organisation_faults(new: &NewOrganisation) -> Vec<FieldError> {
    let mut faults = names::text_faults("name", &new.name);
    if let Some(short) = &new.short {
        faults.extend(names::short_faults(short));
    }
    if let Some(Err(error)) = new.credit_code.as_deref().map(CreditCode::parse) {
        faults.push(FieldError { field: "credit_code".to_owned(), text: error.text() });
    }
    if let Some(Err(error)) = new.region.as_deref().map(RegionCode::parse) {
        faults.push(FieldError { field: "region".to_owned(), text: error.text() });
    }
    faults
}

fn role_faults(catalog: &Catalog, roles: &[String]) -> Vec<FieldError> {
    let most = LIMITS.post_roles;
    if roles.is_empty() || roles.len() > most {
        return vec![FieldError::new(
            "roles",
            format!("请选择 1 至 {most} 个角色"),
            format!("choose 1 to {most} roles"),
        )];
    }
    let unknown = roles.iter().filter(|role| !catalog.roles.contains_key(*role));
    unknown
        .map(|role| match catalog.nearest(role) {
            Some(near) => FieldError::new(
                "roles",
                format!("没有角色 {role}，是不是 {near}？"),
                format!("there is no role {role}; did you mean {near}?"),
            ),
            None => FieldError::new(
                "roles",
                format!("没有角色 {role}"),
                format!("there is no role {role}"),
            ),
        })
        .collect()
}

fn canonical(ctx: &Ctx, new: &NewPerson) -> Result<PersonPlain> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, text| faults.push(FieldError { field: field.to_owned(), text });
    let name = PersonName::parse(&new.name).map_err(|error| fault("name", error.text()));
    let number = match new.id_kind {
        IdKind::Citizen => CitizenNumber::parse(&new.id_number, china_date(ctx.now))
            .map(|number| number.as_str().to_owned())
            .map_err(|error| fault("id_number", error.text())),
        _ => document_number(&new.id_number).map_err(|error| fault("id_number", error)),
    };
    let phone = new.phone.as_deref().map(str::trim).filter(|phone| !phone.is_empty());
    let phone =
        phone.map(MobileNumber::parse).transpose().map_err(|error| fault("phone", error.text()));
    let region = new.region.as_deref().map(str::trim).filter(|region| !region.is_empty());
    let region =
        region.map(RegionCode::parse).transpose().map_err(|error| fault("region", error.text()));
    if !(0..=3).contains(&new.level) {
        fault("level", zhengtong_base::Text::new("实名等级是 0 至 3", "the level is 0 to 3"));
    }
    let (Ok(name), Ok(id_number), Ok(phone), Ok(region), true) =
        (name, number, phone, region, faults.is_empty())
    else {
        return Err(Error::Invalid(faults));
    };
    Ok(PersonPlain {
        id: ctx.id(),
        name: name.as_str().to_owned(),
        id_kind: new.id_kind,
        id_number: Some(id_number),
        phone: phone.map(|phone| phone.as_str().to_owned()),
        region: region.map(|region| region.as_str().to_owned()),
        level: new.level,
    })
}

/// Passports and permits: letters and digits.
fn document_number(text: &str) -> std::result::Result<String, zhengtong_base::Text> {
    let number = text.trim().to_uppercase();
    let plain = number.chars().all(|letter| letter.is_ascii_alphanumeric());
    if plain && (5..=Limits::default().line_chars.min(20)).contains(&number.len()) {
        return Ok(number);
    }
    Err(zhengtong_base::Text::new(
        "证件号码是 5 至 20 位字母和数字",
        "the number has 5 to 20 letters and digits",
    ))
}
