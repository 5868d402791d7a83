//! What the exchange is about: who takes part, what they offer, who may use it, messages and parcels.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

/// Where a system or a service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Somebody entered it.
    Proposed,
    /// Somebody else approved it.
    Approved,
    /// It is switched off.
    Disabled,
}

/// What the log keeps of the messages of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Heads and bodies, sealed.
    Full,
    /// Heads, sealed, and digests of bodies.
    Digest,
    /// Digests alone.
    None,
}

/// How a channel carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// One message at a time.
    Message,
    /// Rows of a table in batches.
    Table,
    /// Files.
    File,
}

/// How far a parcel has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Chunks of it are still missing.
    Filling,
    /// 已发送: it lies here whole.
    Sent,
    /// 已接收: the receiver has it.
    Received,
    /// 已入库: the receiver has stored it.
    Stored,
    /// 已处理: the receiver is done with it.
    Processed,
    /// It could not be delivered and waits for a person.
    Dead,
}

macro_rules! words {
    ($kind:ident, $($variant:ident = $word:literal),+) => {
        impl $kind {
            /// The word that is stored.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub(crate) fn from_word(word: &str) -> Option<Self> {
                [$(Self::$variant),+].into_iter().find(|one| one.word() == word)
            }
        }
    };
}

words!(State, Proposed = "proposed", Approved = "approved", Disabled = "disabled");
words!(Keep, Full = "full", Digest = "digest", None = "none");
words!(Mode, Message = "message", Table = "table", File = "file");
words!(
    Stage,
    Filling = "filling",
    Sent = "sent",
    Received = "received",
    Stored = "stored",
    Processed = "processed",
    Dead = "dead"
);

/// An owner of systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The identifier.
    pub id: Uuid,
    /// The code of the division.
    pub instance: String,
    /// `GOV`, `PUB` or `COM`.
    pub class: String,
    /// The unified social credit code.
    pub code: String,
    /// The name.
    pub name: Text,
    /// The organisation of the platform that it is.
    pub organisation: Option<Uuid>,
}

/// A system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// The identifier.
    pub id: Uuid,
    /// The owner.
    pub member: Member,
    /// Its code.
    pub code: String,
    /// The name.
    pub name: Text,
    /// Where it stands.
    pub state: State,
    /// Who entered it.
    pub proposed_by: Option<Uuid>,
}

impl System {
    /// Its name in the protocol.
    pub fn full_name(&self) -> crate::SystemName {
        crate::SystemName {
            instance: self.member.instance.clone(),
            class: self.member.class.clone(),
            member: self.member.code.clone(),
            system: self.code.clone(),
        }
    }
}

/// A key of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub id: String,
    /// The system.
    pub system: Uuid,
    /// The key.
    pub public: crate::PublicKey,
    /// From when.
    pub valid_from: OffsetDateTime,
    /// Until when.
    pub valid_to: OffsetDateTime,
    /// When it was taken back.
    pub revoked_at: Option<OffsetDateTime>,
}

/// A method and a path that a service answers; `*` stands for one part of a path, `**` for all that follow.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The method, or `*`.
    pub method: String,
    /// The path behind the service.
    pub path: String,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The identifier.
    pub id: Uuid,
    /// The system that offers it.
    pub system: Uuid,
    /// Its code, which is the code of the resource.
    pub code: String,
    /// The name.
    pub title: Text,
    /// Where it stands behind the gateway.
    pub url: String,
    /// What the log keeps.
    pub keep: Keep,
    /// What it answers.
    pub endpoints: Vec<Endpoint>,
    /// Its description in OpenAPI.
    pub openapi: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Who entered it.
    pub proposed_by: Option<Uuid>,
}

/// A right to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The identifier.
    pub id: Uuid,
    /// Who may.
    pub client: Uuid,
    /// What.
    pub service: Uuid,
    /// The methods and paths.
    pub endpoint: Endpoint,
    /// What for.
    pub purpose: String,
    /// What it rests on.
    pub basis: String,
    /// Until when.
    pub valid_to: OffsetDateTime,
    /// When it was taken back.
    pub revoked_at: Option<OffsetDateTime>,
}

/// A right with the names of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRow {
    /// The right.
    pub access: Access,
    /// The client's name.
    pub client: Text,
    /// The service's name.
    pub service: Text,
}

/// A system with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemView {
    /// The system.
    pub system: System,
    /// Its keys.
    pub keys: Vec<Key>,
    /// What it offers.
    pub services: Vec<Service>,
    /// What it may call, and who may call it.
    pub access: Vec<AccessRow>,
}

/// What is proposed, approved or disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A system.
    System,
    /// A service.
    Service,
}

/// An owner of systems as it is entered.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The code of the division.
    pub instance: String,
    /// `GOV`, `PUB` or `COM`.
    pub class: String,
    /// The unified social credit code.
    pub code: String,
    /// The name.
    pub name: Text,
    /// The organisation of the platform that it is.
    pub organisation: Option<Uuid>,
}

/// A service as it is entered.
#[derive(Clone, Debug)]
pub struct NewService {
    /// The system.
    pub system: Uuid,
    /// The code.
    pub code: String,
    /// The name.
    pub title: Text,
    /// Where it stands.
    pub url: String,
    /// What the log keeps.
    pub keep: Keep,
    /// What it answers.
    pub endpoints: Vec<Endpoint>,
    /// Its description.
    pub openapi: Option<String>,
}

/// A right as it is given.
#[derive(Clone, Debug)]
pub struct NewAccess {
    /// Who may.
    pub client: Uuid,
    /// What.
    pub service: Uuid,
    /// The methods and paths.
    pub endpoint: Endpoint,
    /// What for.
    pub purpose: String,
    /// What it rests on.
    pub basis: String,
    /// Until when.
    pub valid_to: OffsetDateTime,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Our identifier of the request.
    pub id: Uuid,
    /// When it came.
    pub at: OffsetDateTime,
    /// The client's identifier.
    pub message_id: String,
    /// Who called.
    pub client: String,
    /// What was called.
    pub service: String,
    /// The method.
    pub method: String,
    /// The case that was the cause.
    pub issue: Option<String>,
    /// The status of the answer; none while it is under way.
    pub status: Option<i32>,
    /// The fault, if it failed here.
    pub error: Option<String>,
    /// How long it took, in microseconds.
    pub took_us: Option<i64>,
    /// Its entry in the record.
    pub entry: Option<i64>,
}

/// What is asked of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// A system on either side, by its name in the protocol.
    pub system: Option<String>,
    /// A service, by its name in the protocol.
    pub service: Option<String>,
    /// A case.
    pub issue: Option<String>,
    /// Not before.
    pub from: Option<OffsetDateTime>,
    /// Before.
    pub to: Option<OffsetDateTime>,
    /// Only what failed here.
    pub failed: bool,
    /// The page, from 1.
    pub page: u32,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The identifier.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// The name.
    pub title: Text,
    /// How it carries.
    pub mode: Mode,
    /// Who sends.
    pub sender: Uuid,
    /// The service that receives.
    pub receiver: Uuid,
    /// The path behind that service.
    pub path: String,
    /// What it rests on.
    pub basis: String,
    /// Whether it stands still.
    pub paused: bool,
    /// Who sends, in words.
    pub sender_name: Text,
    /// Who receives, in words.
    pub receiver_name: Text,
    /// The organisation that sends.
    pub sender_organisation: Option<Uuid>,
    /// The organisation that receives.
    pub receiver_organisation: Option<Uuid>,
}

/// A channel as it is entered.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// Its code.
    pub code: String,
    /// The name.
    pub title: Text,
    /// How it carries.
    pub mode: Mode,
    /// Who sends.
    pub sender: Uuid,
    /// The service that receives.
    pub receiver: Uuid,
    /// The path behind that service.
    pub path: String,
    /// What it rests on.
    pub basis: String,
}

/// What the sender says of a parcel, and what the receiver found: the two must agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Rows.
    #[serde(default)]
    pub rows: Option<i64>,
    /// Sums by name of column, in the smallest unit.
    #[serde(default)]
    pub sums: Option<Value>,
    /// The SM3 digest of the whole content.
    #[serde(default)]
    pub digest: Option<String>,
}

impl Count {
    /// Whether it can be kept and compared: no negative rows, plain sums by name without a NUL, a digest that is one.
    pub fn is_sound(&self) -> bool {
        let plain = |text: &str| text.len() <= 100 && !text.contains('\0');
        let sum = |(name, sum): (&String, &Value)| {
            plain(name) && (sum.is_number() || sum.as_str().is_some_and(plain))
        };
        let sums = self.sums.as_ref().is_none_or(|sums| {
            sums.as_object().is_some_and(|sums| sums.len() <= 500 && sums.iter().all(sum))
        });
        let digest = self.digest.as_ref().is_none_or(|digest| {
            digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        self.rows.is_none_or(|rows| rows >= 0) && sums && digest
    }
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The identifier.
    pub id: Uuid,
    /// The channel.
    pub channel: Uuid,
    /// Its number within the channel.
    pub seq: i64,
    /// The sender's key: the same key is the same parcel.
    pub key: String,
    /// The case that is the cause.
    pub issue: Option<String>,
    /// The type of the content.
    pub kind: String,
    /// Chunks.
    pub chunks: i32,
    /// Bytes.
    pub bytes: i64,
    /// How far it is.
    pub stage: Stage,
    /// Tries so far.
    pub attempts: i32,
    /// When the next try is due.
    pub due: OffsetDateTime,
    /// Why the last try failed.
    pub fault: Option<String>,
    /// What the sender counted.
    pub here: Count,
    /// What the receiver counted.
    pub there: Count,
    /// When it came.
    pub at: OffsetDateTime,
}

impl Parcel {
    /// Whether what both sides counted agrees; none as long as the receiver has said nothing.
    pub fn agrees(&self) -> Option<bool> {
        if self.there == Count::default() {
            return None;
        }
        let (here, there) = (&self.here, &self.there);
        let same = |one: bool, other: bool| !one || other;
        Some(
            same(there.rows.is_some(), here.rows == there.rows)
                && same(there.sums.is_some(), here.sums == there.sums)
                && same(there.digest.is_some(), here.digest == there.digest),
        )
    }
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Of which stage.
    pub stage: Stage,
    /// When.
    pub at: OffsetDateTime,
    /// Its entry in the record.
    pub entry: i64,
}
