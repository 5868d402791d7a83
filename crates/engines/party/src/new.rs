//! What callers hand in to be created, and where a login comes from.

use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;

use crate::model::{AccountKind, IdKind, OrganisationKind};

/// An organisation to be created.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    /// The organisation it belongs to.
    pub parent: Option<Uuid>,
    /// The region code.
    pub region: Option<String>,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: Text,
    /// The word by which packs and addresses name it.
    pub short: Option<String>,
    /// The unified social credit code.
    pub credit_code: Option<String>,
    /// The legal representative or operator.
    pub representative: Option<Uuid>,
}

/// A post to be created.
#[derive(Clone, Debug)]
pub struct NewPost {
    /// The organisation.
    pub organisation: Uuid,
    /// What the post is called.
    pub title: Text,
    /// The roles it gives, words of the packs' `party/*.toml`.
    pub roles: Vec<String>,
}

/// A person to be created.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The name.
    pub name: String,
    /// The kind of document.
    pub id_kind: IdKind,
    /// The number of the document.
    pub id_number: String,
    /// The telephone number.
    pub phone: Option<String>,
    /// The region code.
    pub region: Option<String>,
    /// How well the name is proven, 0 to 3.
    pub level: i16,
}

/// An account to be created.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The login.
    pub login: String,
    /// What it is for.
    pub kind: AccountKind,
    /// Whose it is.
    pub person: Uuid,
}

/// A substitute to be named.
#[derive(Clone, Debug)]
pub struct NewSubstitution {
    /// The post.
    pub post: Uuid,
    /// Who stands in.
    pub person: Uuid,
    /// The first day.
    pub starts: Date,
    /// The first day on which it is over.
    pub ends: Date,
    /// Why.
    pub reason: String,
}

/// A recovery in person to be begun.
#[derive(Clone, Debug)]
pub struct NewRecovery {
    /// The account.
    pub account: Uuid,
    /// Whether the second factor was lost too.
    pub factor: bool,
    /// Why.
    pub reason: String,
    /// Which document was checked and how, without its number.
    pub document: String,
}

/// Leave to be given to a person who is named by number and name.
#[derive(Clone, Debug)]
pub struct NewDelegation {
    /// The number of the person's document.
    pub id_number: String,
    /// The person's name.
    pub name: String,
    /// When it ends.
    pub until: OffsetDateTime,
    /// What is allowed, words of [`crate::SCOPES`].
    pub scope: Vec<String>,
}

/// Where a login comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The address.
    pub ip: &'a str,
    /// The name of the browser.
    pub agent: &'a str,
}
