//! Many rows at once, for the demo city: regions, organisations, posts, persons, accounts with given
//! passwords. Nothing else uses it: real people choose their passwords by one-time link.

use std::collections::BTreeMap;

use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::admin::exclusive;
use crate::error::Result;
use crate::model::{AccountKind, PersonPlain, Post, Region};
use crate::new::NewOrganisation;
use crate::sealed::seal_totp;
use crate::store::seed;
use crate::things::record;
use crate::{names, password, totp};

/// What a city begins with. Rows that are there already are left as they are.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    /// Regions, those above first.
    pub regions: Vec<SeedRegion>,
    /// Persons.
    pub persons: Vec<PersonPlain>,
    /// Organisations, those above first.
    pub organisations: Vec<SeedOrganisation>,
    /// Posts.
    pub posts: Vec<Post>,
    /// Who holds which post.
    pub holdings: Vec<SeedHolding>,
    /// Accounts.
    pub accounts: Vec<SeedAccount>,
    /// Delegations.
    pub delegations: Vec<SeedDelegation>,
}

/// A region with its boundary.
#[derive(Clone, Debug)]
pub struct SeedRegion {
    /// The region.
    pub region: Region,
    /// Its boundary as GeoJSON geometry.
    pub boundary: Option<Value>,
}

/// An organisation with a given identifier.
#[derive(Clone, Debug)]
pub struct SeedOrganisation {
    /// The identifier.
    pub id: Uuid,
    /// What it is.
    pub organisation: NewOrganisation,
}

/// That a person holds a post from a day on.
#[derive(Clone, Copy, Debug)]
pub struct SeedHolding {
    /// The post.
    pub post: Uuid,
    /// The person.
    pub person: Uuid,
    /// The first day.
    pub starts: Date,
}

/// An account with a given password and second factor.
#[derive(Clone, Debug)]
pub struct SeedAccount {
    /// The identifier.
    pub id: Uuid,
    /// The login.
    pub login: String,
    /// What it is for.
    pub kind: AccountKind,
    /// Whose it is.
    pub person: Uuid,
    /// The password.
    pub password: String,
    /// The secret of the second factor in base 32, at least 26 letters; staff need one.
    pub totp_secret: Option<String>,
}

/// Leave to act for an organisation.
#[derive(Clone, Debug)]
pub struct SeedDelegation {
    /// The organisation.
    pub organisation: Uuid,
    /// The person who may act.
    pub person: Uuid,
    /// What is allowed, words of [`crate::SCOPES`].
    pub scope: Vec<String>,
    /// Who gave it.
    pub granted_by: Uuid,
    /// When it ends.
    pub expires: OffsetDateTime,
}

/// An account as it is stored.
pub(crate) struct ReadyAccount<'a> {
    pub(crate) account: &'a SeedAccount,
    pub(crate) login_key: String,
    pub(crate) password_hash: String,
    pub(crate) totp_secret: Option<Vec<u8>>,
}

/// Inserts everything and returns how many rows are new. A password that many accounts share is hashed
/// once, which is fit for a demo only.
pub async fn seed(ctx: &mut Ctx, seed: &Seed) -> Result<u64> {
    ctx.allow("party.seed", &Thing::new("platform", ""))?;
    for post in &seed.posts {
        exclusive(&[], &post.roles)?;
    }
    let ring = ctx.keyring()?;
    let mut hashes: BTreeMap<&str, String> = BTreeMap::new();
    let mut accounts = Vec::with_capacity(seed.accounts.len());
    for account in &seed.accounts {
        if !hashes.contains_key(account.password.as_str()) {
            hashes.insert(&account.password, password::hash(&account.password).await?);
        }
        let totp_secret = account.totp_secret.as_deref().map(totp::secret_of).transpose()?;
        accounts.push(ReadyAccount {
            account,
            login_key: names::login_key(&account.login),
            password_hash: hashes.get(account.password.as_str()).cloned().unwrap_or_default(),
            totp_secret: totp_secret.map(|s| seal_totp(&ring, account.id, &s)).transpose()?,
        });
    }
    let now = ctx.now;
    let mut rows = seed::regions(ctx.conn(), &seed.regions).await?;
    rows += seed::persons(ctx.conn(), &ring, &seed.persons).await?;
    rows += seed::organisations(ctx.conn(), &seed.organisations).await?;
    rows += seed::posts(ctx.conn(), &seed.posts).await?;
    for holding in &seed.holdings {
        let id = ctx.id();
        rows += seed::holding(ctx.conn(), id, *holding).await?;
    }
    rows += seed::accounts(ctx.conn(), &accounts, now).await?;
    for delegation in &seed.delegations {
        let id = ctx.id();
        rows += seed::delegation(ctx.conn(), id, delegation, now).await?;
    }
    let act = ctx.act("party.seed", "platform", "").because(format!("{rows} rows of a demo city"));
    record(ctx, act).await?;
    Ok(rows)
}
