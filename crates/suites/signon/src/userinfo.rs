//! What a client may learn of a person, by scope and not a word more. Each reading is on record, and the person sees it.

use serde_json::{Map, Value, json};
use zhengtong_base::code::mask;
use zhengtong_db::{Ctx, Thing};
use zhengtong_party::Identity;

use crate::error::Result;
use crate::model::{Given, Refusal, Scope, Secret};
use crate::secret::pairwise;
use crate::store::client;
use crate::store::visit::{self, TokenKind, Visit};
use crate::token::{Holder, become_holder};

/// The user information endpoint: the claims of the person behind an access token.
pub async fn userinfo(ctx: &mut Ctx, access: &Secret) -> Result<Given<Value>> {
    ctx.allow("signon.userinfo", &Thing::new("client", ""))?;
    let Some(visit) = held(ctx, access).await? else {
        let about = "the access token is unknown, too old, or was taken back";
        return Ok(Given::Refused(Refusal { error: "invalid_token", about }));
    };
    let salt = client::salt(ctx.conn(), &visit.client).await?;
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(pairwise(&salt, "sub", visit.account)));
    let identity = zhengtong_party::my_identity(ctx).await?;
    add_person(&mut claims, &visit, &identity);
    if visit.scopes.contains(&Scope::Organisation) {
        add_organisation(ctx, &mut claims, &visit).await?;
    }
    let words: Vec<&str> = visit.scopes.iter().map(|scope| scope.word()).collect();
    let act = ctx
        .act("signon.userinfo", "client", &visit.client)
        .about(Some(visit.person))
        .because(format!("visit {} read: {}", visit.id, words.join(" ")));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Given::Done(Value::Object(claims)))
}

/// The login behind an access token that still holds, at a client that is in use; the context acts as its person then.
async fn held(ctx: &mut Ctx, access: &Secret) -> Result<Option<Visit>> {
    let now = ctx.now;
    let token = visit::token(ctx.conn(), &access.hash(), TokenKind::Access).await?;
    let Some(token) = token.filter(|token| token.expires > now) else { return Ok(None) };
    let found = visit::find(ctx.conn(), token.visit).await?;
    let Some(visit) = found.filter(|visit| visit.ended_at.is_none() && visit.expires > now) else {
        return Ok(None);
    };
    let client = client::find(ctx.conn(), &visit.client).await?;
    if client.is_none_or(|client| client.disabled_at.is_some()) {
        return Ok(None);
    }
    match become_holder(ctx, &visit).await? {
        Holder::Here => Ok(Some(visit)),
        Holder::Gone => Ok(None),
    }
}

fn add_person(claims: &mut Map<String, Value>, visit: &Visit, identity: &Identity) {
    let person = &identity.person;
    let mut add = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    if visit.scopes.contains(&Scope::Profile) {
        add("name", json!(person.name));
        add("real_name_level", json!(person.level));
        if let Some(phone) = &person.phone {
            add("phone_masked", json!(mask("mobile", phone)));
        }
    }
    if visit.scopes.contains(&Scope::Phone)
        && let Some(phone) = &person.phone
    {
        add("phone_number", json!(phone));
    }
    if visit.scopes.contains(&Scope::IdNumber)
        && let Some(number) = &person.id_number
    {
        add("id_kind", json!(person.id_kind.word()));
        add("id_number", json!(number));
    }
}

/// The posts that staff hold today; a citizen's organisations are asked for where they act, not here.
async fn add_organisation(
    ctx: &mut Ctx,
    claims: &mut Map<String, Value>,
    visit: &Visit,
) -> Result<()> {
    if !visit.staff {
        return Ok(());
    }
    let mut posts = Vec::new();
    for own in zhengtong_party::my_posts(ctx).await? {
        let organisation = zhengtong_party::organisation(ctx, own.post.organisation).await?;
        posts.push(json!({
            "title": own.post.title.zh,
            "organisation": own.organisation.zh,
            "organisation_code": organisation.short,
        }));
    }
    claims.insert("posts".to_owned(), Value::Array(posts));
    Ok(())
}
