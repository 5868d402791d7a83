//! The limits of single sign-on, in one place. Units stand last in each name.

/// Limits of this suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a code may be exchanged.
    pub code_seconds: i64,
    /// How long an access token works.
    pub access_seconds: i64,
    /// How long an ID token may be taken for fresh.
    pub id_token_seconds: i64,
    /// How long a login at a client lasts, when it ends with the session here.
    pub visit_hours: i64,
    /// How long a login at a client lasts that may go on without the person.
    pub offline_days: i64,
    /// How long a refresh token may lie unused.
    pub refresh_idle_days: i64,
    /// How long a notice of logging out may be taken for fresh.
    pub logout_token_seconds: i64,
    /// How old a key may become that signs.
    pub key_days: i64,
    /// How long a new key is published before it signs, and an old one after it has signed.
    pub key_overlap_hours: i64,
    /// How long the answer to a ceremony is waited for.
    pub ceremony_minutes: i64,
    /// Passkeys of one account.
    pub passkeys: usize,
    /// Characters of the name of a passkey.
    pub passkey_name_chars: usize,
    /// Certificates of one account.
    pub certificates: usize,
    /// How long the registration of a device lasts at most.
    pub device_days: i64,
    /// Scopes of a device.
    pub device_scopes: usize,
    /// How long a signed proof of a client may be taken for fresh.
    pub assertion_seconds: i64,
    /// Addresses of one kind that a client may have.
    pub client_uris: usize,
    /// Characters of an address.
    pub uri_chars: usize,
    /// Characters of `state` and `nonce`.
    pub echo_chars: usize,
    /// Clients of a city.
    pub clients: i64,
    /// Bytes of the answer of another system.
    pub outside_bytes: usize,
    /// Days after which what has ended is removed.
    pub kept_days: i64,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    code_seconds: 60,
    access_seconds: 600,
    id_token_seconds: 300,
    visit_hours: 12,
    offline_days: 30,
    refresh_idle_days: 7,
    logout_token_seconds: 120,
    key_days: 60,
    key_overlap_hours: 24,
    ceremony_minutes: 5,
    passkeys: 10,
    passkey_name_chars: 40,
    certificates: 5,
    device_days: 366,
    device_scopes: 20,
    assertion_seconds: 300,
    client_uris: 10,
    uri_chars: 500,
    echo_chars: 1_000,
    clients: 500,
    outside_bytes: 256 * 1024,
    kept_days: 30,
};
