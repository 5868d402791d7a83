//! What this suite speaks of: clients and their scopes, steps of a login, tokens, keys, passkeys, providers.

use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

/// What a city sets for single sign-on; it stands on the shelf.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address under which the public reaches the site, without a slash at the end; it is the issuer.
    pub issuer: String,
    /// The name of the site, as authenticators show it.
    pub title: Text,
    /// Providers whose accounts lead to accounts here.
    pub providers: Vec<Provider>,
}

/// An outside provider of identities.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// The word in addresses.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// Its issuer, exactly as its documents say it.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub secret: String,
    /// Whether it proves who a person is and says the number of the identity card.
    pub real_name: bool,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Provider({} at {})", self.id, self.issuer)
    }
}

/// What a client may learn of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// That somebody logged in, under a name that only this client knows.
    Openid,
    /// The name, how well it is proven, the masked telephone number.
    Profile,
    /// The posts of staff.
    Organisation,
    /// The whole telephone number.
    Phone,
    /// The number of the identity document.
    IdNumber,
    /// To go on after the person has logged out here.
    Offline,
}

impl Scope {
    /// All scopes, the least first.
    pub const ALL: [Self; 6] = [
        Self::Openid,
        Self::Profile,
        Self::Organisation,
        Self::Phone,
        Self::IdNumber,
        Self::Offline,
    ];

    /// The word of the protocol.
    pub fn word(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Organisation => "organisation",
            Self::Phone => "phone",
            Self::IdNumber => "id_number",
            Self::Offline => "offline_access",
        }
    }

    /// The scope of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    /// What it means to the person who is asked.
    pub fn title(self) -> Text {
        match self {
            Self::Openid => Text::new(
                "登录了（只给它一个专用编号，别的系统对不上）",
                "That one has signed in, under a number made for this system alone",
            ),
            Self::Profile => Text::new(
                "姓名、实名等级，和隐去中间几位的手机号",
                "Name, how well it is proven, and the phone number with digits hidden",
            ),
            Self::Organisation => {
                Text::new("单位和岗位（工作人员）", "Office and posts, for staff")
            }
            Self::Phone => Text::new("完整手机号", "The whole phone number"),
            Self::IdNumber => Text::new("证件号码", "The number of the identity document"),
            Self::Offline => Text::new(
                "退出以后继续使用，最长 30 天",
                "To go on after signing out, up to 30 days",
            ),
        }
    }
}

/// The signature of ID tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alg {
    /// RSA with SHA-256: every library knows it.
    Rs256,
    /// P-256 with SHA-256: small and fast.
    Es256,
}

impl Alg {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// The word of the protocol.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    /// The algorithm of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.word() == word)
    }
}

/// A system that logs its users in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name in the protocol.
    pub id: String,
    /// What people call it.
    pub name: Text,
    /// The organisation that answers for it.
    pub organisation: Uuid,
    /// Whether it has a secret; a program on people's own machines has none.
    pub confidential: bool,
    /// Where people are led back to: letter for letter.
    pub redirect_uris: Vec<String>,
    /// Where people may be led after logging out.
    pub post_logout_uris: Vec<String>,
    /// Where it hears that a session has ended.
    pub backchannel_uri: Option<String>,
    /// What it may ask for at most.
    pub scopes: Vec<Scope>,
    /// Whether citizens may log in.
    pub citizens: bool,
    /// Whether staff may log in.
    pub staff: bool,
    /// How its ID tokens are signed.
    pub alg: Alg,
    /// What it is beside, if it is a device: then nobody logs in there.
    pub device: Option<Device>,
    /// When it was registered.
    pub created: OffsetDateTime,
    /// When it was switched off.
    pub disabled_at: Option<OffsetDateTime>,
}

/// A client to be registered or changed.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Its name in the protocol.
    pub id: String,
    /// What people call it.
    pub name: Text,
    /// The short word of the organisation that answers for it.
    pub organisation: String,
    /// Whether it has a secret.
    pub confidential: bool,
    /// Where people are led back to.
    pub redirect_uris: Vec<String>,
    /// Where people may be led after logging out.
    pub post_logout_uris: Vec<String>,
    /// Where it hears that a session has ended.
    pub backchannel_uri: Option<String>,
    /// What it may ask for at most; `openid` is always among it.
    pub scopes: Vec<Scope>,
    /// Whether citizens may log in.
    pub citizens: bool,
    /// Whether staff may log in.
    pub staff: bool,
    /// How its ID tokens are signed.
    pub alg: Alg,
    /// A device, at which nobody logs in.
    pub device: Option<NewDevice>,
}

/// What a device may, until when, and who answers for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The post whose holder answers for it.
    pub post: Uuid,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// When its registration ends.
    pub expires: OffsetDateTime,
    /// The public key (JWK) with which it proves itself; a device without one has a secret.
    pub key: Option<serde_json::Value>,
}

/// A device to be registered or changed, as it is written down.
#[derive(Clone, Debug, Default)]
pub struct NewDevice {
    /// The title of the post that answers for it, at its organisation.
    pub post: String,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// The last day of its registration.
    pub expires: Option<time::Date>,
    /// The public key (JWK) as text; empty: it gets a secret.
    pub key: String,
}

/// A token of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceToken {
    /// For the systems that the device calls.
    pub access: Secret,
    /// Seconds until it ends.
    pub expires_seconds: i64,
    /// What was granted.
    pub scopes: Vec<String>,
}

/// A client that was registered, with its secret, which is shown this once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its name in the protocol.
    pub id: String,
    /// The secret, if it has one.
    pub secret: Option<Secret>,
}

/// A text that is shown once and never written to a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(crate) String);

impl Secret {
    /// A secret that is known already.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// What comes next on the way of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The request cannot be answered to the client: the person is told.
    Broken(Text),
    /// To the client, with a code or an error.
    Back(String),
    /// The person logs in first and comes back to this path.
    LogIn(String),
    /// The person is asked.
    Ask(Asking),
}

/// What the person is asked to agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The system.
    pub client: Text,
    /// The organisation that answers for it.
    pub organisation: Text,
    /// What it would learn.
    pub scopes: Vec<Scope>,
    /// Where the person would be led: the host, for the eye.
    pub host: String,
}

/// The answer of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Yes.
    Given,
    /// No.
    Refused,
}

/// How a client proves itself.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Its name.
    pub client: String,
    /// Its secret; a public client has none.
    pub secret: Option<Secret>,
    /// What it has signed with its own key instead (RFC 7523).
    pub assertion: Option<String>,
}

/// A refusal in the words of the protocol (RFC 6749, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The word.
    pub error: &'static str,
    /// What is wrong, for the developer.
    pub about: &'static str,
}

/// What was given out, or why not. Either way the face commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<T> {
    /// It was given.
    Done(T),
    /// It was refused.
    Refused(Refusal),
}

/// What a client gets for a code or a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// For the address of user information.
    pub access: Secret,
    /// Seconds until the access token ends.
    pub expires_seconds: i64,
    /// For the next tokens; it works once.
    pub refresh: Secret,
    /// Who logged in, signed.
    pub id_token: String,
    /// What was granted.
    pub scopes: Vec<Scope>,
}

/// What happens when a client leads somebody here to log out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// The session has ended; on to this address, or to our own page.
    Left(Option<String>),
    /// The person is asked first, and then led to this address.
    Ask(Option<String>),
}

/// A key that signs, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCard {
    /// Its name.
    pub kid: String,
    /// What it signs with.
    pub alg: Alg,
    /// Since when it signs.
    pub signs_from: OffsetDateTime,
    /// Until when it is published; none while it signs.
    pub published_until: Option<OffsetDateTime>,
}

/// A system that the person has agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The name of the client in the protocol.
    pub client: String,
    /// What people call it.
    pub name: Text,
    /// The organisation that answers for it.
    pub organisation: Text,
    /// What it learns.
    pub scopes: Vec<Scope>,
    /// Since when.
    pub granted: OffsetDateTime,
    /// When the person last logged in there.
    pub last: Option<OffsetDateTime>,
}

/// A passkey of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyCard {
    /// The identifier.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created: OffsetDateTime,
    /// When it was last used.
    pub last_used: Option<OffsetDateTime>,
}

/// A certificate of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateCard {
    /// The identifier here.
    pub id: Uuid,
    /// Who made it.
    pub issuer: String,
    /// Its number there.
    pub serial: String,
    /// Until when it works.
    pub not_after: OffsetDateTime,
    /// When it was enrolled.
    pub created: OffsetDateTime,
    /// When it was last used.
    pub last_used: Option<OffsetDateTime>,
}

/// A ceremony that the browser is to carry out: its name for us, and the options for the browser.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// Comes back with the answer.
    pub token: Secret,
    /// What `navigator.credentials` takes, as JSON.
    pub options: serde_json::Value,
}

/// An outside account that leads to one's own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkCard {
    /// The provider.
    pub provider: String,
    /// What people call it.
    pub title: Text,
    /// Since when; none while it is not linked.
    pub linked: Option<OffsetDateTime>,
    /// When it was last used.
    pub last_used: Option<OffsetDateTime>,
}
