//! The words of this engine: regions, organisations, posts, persons, accounts, sessions, delegations.

use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Behalf, Text};

use crate::token::Token;

/// The three administrators, who exclude each other.
pub const ADMINISTRATORS: [&str; 3] = ["system-admin", "security-admin", "audit-admin"];

/// The role of everybody who acts for an organisation on the public side. What the delegation allows is
/// a role word too: `citizen-agent:admin`, `citizen-agent:apply`, `citizen-agent:view`.
pub const AGENT: &str = "citizen-agent";

/// The one role of staff who have not proven a second factor: with it they may set one up and do nothing
/// else, whatever a policy permits otherwise.
pub const HALF_WAY: &str = "half-way";

/// What stands behind the name of who stands in for the holder of a post.
pub const STANDING_IN: &str = "（代）";

/// What a delegation may allow: to delegate further, to apply, to look. The legal representative may all.
pub const SCOPES: [&str; 3] = ["admin", "apply", "view"];

/// An enum whose variants are stored and sent as words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$inner])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in the database and in addresses.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The variant of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }
    };
}

words! {
    /// What an account is for.
    AccountKind {
        /// A natural person, for private matters or for a company.
        Citizen = "citizen",
        /// A holder of posts.
        Staff = "staff",
    }
}

words! {
    /// What kind of organisation it is.
    OrganisationKind {
        /// The government of a region.
        Government = "government",
        /// A department of a government.
        Department = "department",
        /// An office within a department.
        Office = "office",
        /// A company.
        Company = "company",
        /// An individual business (个体工商户).
        IndividualBusiness = "individual_business",
        /// Any other.
        Other = "other",
    }
}

words! {
    /// The kind of document that proves who somebody is.
    IdKind {
        /// The citizen number of GB 11643.
        Citizen = "citizen_number",
        /// A passport.
        Passport = "passport",
        /// The travel permit of Hong Kong and Macao residents.
        HongKongMacao = "hong_kong_macao",
        /// The travel permit of Taiwan residents.
        Taiwan = "taiwan",
        /// The identity card of foreign permanent residents.
        PermanentResident = "permanent_resident",
    }
}

impl OrganisationKind {
    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Government => Text::new("人民政府", "government"),
            Self::Department => Text::new("部门", "department"),
            Self::Office => Text::new("内设机构", "office"),
            Self::Company => Text::new("企业", "company"),
            Self::IndividualBusiness => Text::new("个体工商户", "individual business"),
            Self::Other => Text::new("其他组织", "other organisation"),
        }
    }

    /// Whether it belongs to the government.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Government | Self::Department | Self::Office)
    }
}

impl IdKind {
    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Citizen => Text::new("居民身份证", "resident identity card"),
            Self::Passport => Text::new("护照", "passport"),
            Self::HongKongMacao => Text::new(
                "港澳居民来往内地通行证",
                "travel permit for Hong Kong and Macao residents",
            ),
            Self::Taiwan => {
                Text::new("台湾居民来往大陆通行证", "travel permit for Taiwan residents")
            }
            Self::PermanentResident => {
                Text::new("外国人永久居留身份证", "foreign permanent resident identity card")
            }
        }
    }
}

/// A region of the tree province, city, county, street, village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The code of GB/T 2260 and GB/T 10114: 6, 9 or 12 digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of the region above.
    pub parent: Option<String>,
    /// 1 province, 2 city, 3 county, 4 street or town, 5 village or community.
    pub level: i16,
}

/// A region with what is above, below and in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The region; none above the highest.
    pub region: Option<Region>,
    /// The regions above, the highest first.
    pub above: Vec<Region>,
    /// The regions directly below.
    pub below: Vec<Region>,
    /// The government and its departments in this region.
    pub departments: Vec<Organisation>,
}

/// An organisation: a government, a department, a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// The identifier.
    pub id: Uuid,
    /// The organisation it belongs to.
    pub parent: Option<Uuid>,
    /// The region code.
    pub region: Option<String>,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: Text,
    /// The word by which packs and addresses name it, such as `market-regulation`.
    pub short: Option<String>,
    /// The unified social credit code.
    pub credit_code: Option<String>,
    /// The day on which it was closed.
    pub closed: Option<Date>,
}

/// A post: a place in an organisation that gives its holder roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The identifier.
    pub id: Uuid,
    /// The organisation.
    pub organisation: Uuid,
    /// What the post is called.
    pub title: Text,
    /// The roles it gives.
    pub roles: Vec<String>,
}

/// A post with those who hold it or will hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostCard {
    /// The post.
    pub post: Post,
    /// The holders, past ones left out.
    pub holdings: Vec<Holding>,
}

/// That a person holds a post for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The identifier.
    pub id: Uuid,
    /// The post.
    pub post: Uuid,
    /// The person.
    pub person: Uuid,
    /// The name of the person.
    pub name: String,
    /// The first day.
    pub starts: Date,
    /// The first day on which the post is no longer held.
    pub ends: Option<Date>,
}

/// Somebody who holds a post today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The post.
    pub post: Uuid,
    /// What the post is called.
    pub title: Text,
    /// The person.
    pub person: Uuid,
    /// The name of the person.
    pub name: String,
}

/// Somebody who can do the tasks of a role in an organisation today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The person.
    pub person: Uuid,
    /// The staff account of the person.
    pub account: Uuid,
    /// The holding that it rests on; none for a substitute.
    pub holding: Option<Uuid>,
}

/// A post of one's own, to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPost {
    /// The post.
    pub post: Post,
    /// The name of the organisation.
    pub organisation: Text,
    /// Whether it is the post of this session.
    pub chosen: bool,
    /// Whether one only stands in for its holder.
    pub standing_in: bool,
    /// The first day on which it is over, if there is one.
    pub until: Option<Date>,
}

/// A person as lists and pages of others show it: numbers are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCard {
    /// The identifier.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The kind of document.
    pub id_kind: IdKind,
    /// The number of the document, masked.
    pub id_number: Option<String>,
    /// The telephone number, masked.
    pub phone: Option<String>,
    /// The region code.
    pub region: Option<String>,
    /// How well the name is proven, 0 to 3.
    pub level: i16,
}

/// A person with plain numbers: of oneself, or revealed with a reason.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonPlain {
    /// The identifier.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The kind of document.
    pub id_kind: IdKind,
    /// The number of the document.
    pub id_number: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The region code.
    pub region: Option<String>,
    /// How well the name is proven, 0 to 3.
    pub level: i16,
}

impl std::fmt::Debug for PersonPlain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PersonPlain({})", self.id)
    }
}

/// Who is logged in, with one's own data, and for whom one acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Oneself.
    pub person: PersonPlain,
    /// The organisation one acts for.
    pub behalf: Option<Behalf>,
}

/// A row of the list of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The person.
    pub person: PersonCard,
    /// The account, if the person has one; a person with two accounts has two rows.
    pub account: Option<AccountCard>,
}

/// An account as administrators and its owner see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountCard {
    /// The identifier.
    pub id: Uuid,
    /// The login.
    pub login: String,
    /// What it is for.
    pub kind: AccountKind,
    /// When it was disabled.
    pub disabled_at: Option<OffsetDateTime>,
    /// Whether it has a password.
    pub activated: bool,
    /// Whether it has a second factor.
    pub second_factor: bool,
}

/// A one-time link: the token stands in it, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The account that gets its password with it.
    pub account: Uuid,
    /// The token.
    pub token: Token,
    /// Until when it works.
    pub expires: OffsetDateTime,
}

/// An account as suites know it: no secret, no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOf {
    /// The account.
    pub account: Uuid,
    /// Whose it is.
    pub person: Uuid,
    /// The name of the person.
    pub name: String,
    /// The login.
    pub login: String,
    /// What it is for.
    pub kind: AccountKind,
    /// Whether it is disabled.
    pub disabled: bool,
    /// Whether it has a second factor.
    pub second_factor: bool,
}

/// A session as suites know it, also one that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOf {
    /// The session.
    pub id: Uuid,
    /// Its account.
    pub account: Uuid,
    /// Whose it is.
    pub person: Uuid,
    /// When it was opened.
    pub created: OffsetDateTime,
    /// The proofs, joined by `+`: `password+code`, `passkey`.
    pub means: String,
    /// Whether two factors were proven.
    pub strong: bool,
    /// When it was ended, if it was.
    pub revoked_at: Option<OffsetDateTime>,
}

/// An open session of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCard {
    /// The identifier; it is not the token.
    pub id: Uuid,
    /// When it was opened.
    pub created: OffsetDateTime,
    /// When it was last used, to the minute.
    pub last_seen: OffsetDateTime,
    /// When it ends at the latest.
    pub expires: OffsetDateTime,
    /// Where it was opened from.
    pub ip: String,
    /// The name of the browser.
    pub agent: String,
    /// Whether it is the one in use.
    pub current: bool,
}

/// Leave to act for an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// The identifier.
    pub id: Uuid,
    /// The organisation.
    pub organisation: Uuid,
    /// The person who may act.
    pub person: Uuid,
    /// The name of the person.
    pub name: String,
    /// What is allowed, words of [`SCOPES`].
    pub scope: Vec<String>,
    /// When it was granted.
    pub granted: OffsetDateTime,
    /// When it ends.
    pub expires: OffsetDateTime,
    /// When it was taken back.
    pub revoked_at: Option<OffsetDateTime>,
}

/// An organisation that one may act for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BehalfCard {
    /// The organisation.
    pub organisation: Uuid,
    /// Its name.
    pub name: Text,
    /// Its credit code.
    pub credit_code: Option<String>,
    /// What is allowed, words of [`SCOPES`].
    pub scope: Vec<String>,
    /// When the leave ends; the legal representative's does not.
    pub expires: Option<OffsetDateTime>,
    /// Whether it is the one of this session.
    pub chosen: bool,
}

/// How a login went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogIn {
    /// Logged in; the token goes into the cookie.
    Done(Token),
    /// The password was right; a code is needed, together with this token.
    CodeNeeded(Token),
}

/// The result of a try that is counted and recorded even when it fails: the face commits in both cases
/// and then shows the refusal.
#[derive(Debug)]
pub enum Tried<T> {
    /// It was done.
    Done(T),
    /// It was refused, for the reason given.
    Refused(crate::Error),
}

/// The secret of a second factor, to be scanned or typed once.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The secret in base 32.
    pub secret: String,
    /// The address that an authenticator reads from a QR code.
    pub url: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Enrolment(…)")
    }
}

/// That a person stands in for the holder of a post for some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitution {
    /// The identifier.
    pub id: Uuid,
    /// The post.
    pub post: Uuid,
    /// The substitute.
    pub person: Uuid,
    /// The name of the substitute.
    pub name: String,
    /// The first day.
    pub starts: Date,
    /// The first day on which it is over.
    pub ends: Date,
    /// Why.
    pub reason: String,
}

/// How many recovery codes are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryCodes {
    /// Codes that were not used.
    pub left: i64,
    /// When they were made; none when there are none.
    pub made: Option<OffsetDateTime>,
}

/// A recovery in person that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The identifier.
    pub id: Uuid,
    /// The account.
    pub account: Uuid,
    /// Its login.
    pub login: String,
    /// What it is for.
    pub kind: AccountKind,
    /// Whose it is.
    pub person: Uuid,
    /// The name of its owner.
    pub name: String,
    /// Whether the second factor was lost too.
    pub factor: bool,
    /// Why.
    pub reason: String,
    /// Which document was checked and how.
    pub document: String,
    /// When it was begun.
    pub started: OffsetDateTime,
    /// Who began it.
    pub started_by: Uuid,
    /// The name of who began it.
    pub started_name: String,
    /// When a second official confirmed.
    pub confirmed: Option<OffsetDateTime>,
    /// The name of the second official.
    pub confirmed_name: Option<String>,
    /// From when on the link can be given out.
    pub ready: Option<OffsetDateTime>,
}
