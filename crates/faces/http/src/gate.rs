//! The gate before every page: who may come how often, and who goes first when there is no room for all.
//!
//! [`rate`] holds the token buckets, [`room`] the places and the queue. Both are memory of this process: with
//! several nodes each keeps its own count, so that the gate never waits for anybody.

mod rate;
mod room;

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use uuid::Uuid;
use zhengtong_crypto::sm3;

pub use rate::{Rate, Wait};
pub use room::{Class, Full, Ticket};

use crate::net::{Net, client, household};
use rate::{Buckets, Who};
use room::Room;

/// Five minutes: the window of all rates.
pub const WINDOW_SECONDS: u64 = 300;
/// How long an officer's mark is good: as long as a session may last.
const MARK_SECONDS: i64 = 12 * 60 * 60;

/// The limits of the gate. Rates are per five minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateLimits {
    /// Requests that are worked on at the same time.
    pub in_flight: usize,
    /// Requests of one address that are worked on at the same time, officers aside.
    pub address_in_flight: usize,
    /// Requests of one class that wait for a place.
    pub queue: usize,
    /// How long one waits for a place, in milliseconds.
    pub queue_ms: u64,
    /// What visitors without a login change, per address.
    pub anonymous_writes: u32,
    /// What visitors without a login read, per address.
    pub anonymous_reads: u32,
    /// What an account changes.
    pub account_writes: u32,
    /// What an account reads.
    pub account_reads: u32,
    /// Searches and exports, per account or address.
    pub searches: u32,
    /// Pieces of files, per account.
    pub pieces: u32,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<String>,
    /// Addresses without a limit of their own: the machine itself.
    pub unlimited: Vec<String>,
    /// Networks from which the pages of administration are reached; empty: from everywhere.
    pub admin_from: Vec<String>,
    /// Beginnings of paths that go before everything when an officer asks for them.
    pub emergency: Vec<String>,
}

impl Default for GateLimits {
    fn default() -> Self {
        Self {
            in_flight: 192,
            address_in_flight: 64,
            queue: 512,
            queue_ms: 3_000,
            anonymous_writes: 300,
            anonymous_reads: 6_000,
            account_writes: 900,
            account_reads: 9_000,
            searches: 600,
            pieces: 9_000,
            proxies: Vec::new(),
            unlimited: vec!["127.0.0.0/8".to_owned(), "::1".to_owned()],
            admin_from: Vec::new(),
            emergency: vec!["/admin".to_owned(), "/desk/emergency".to_owned()],
        }
    }
}

/// The limits as they are used.
#[derive(Clone, Debug)]
struct Rules {
    limits: GateLimits,
    proxies: Vec<Net>,
    unlimited: Vec<Net>,
    admin_from: Vec<Net>,
}

/// The gate of one process.
#[derive(Debug)]
pub struct Gate {
    rules: RwLock<Arc<Rules>>,
    buckets: Buckets,
    room: Arc<Room>,
}

/// Who asks, as far as it is known before the session is looked up.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The address of the client.
    pub address: IpAddr,
    /// The path that is asked for.
    pub path: &'a str,
    /// What the client calls itself.
    pub agent: &'a str,
    /// Whether an officer's mark came along.
    pub officer: bool,
}

impl Gate {
    /// A gate with these limits.
    pub fn new(limits: GateLimits) -> Result<Self, String> {
        let room = Arc::new(Room::new(&limits));
        let rules = RwLock::new(Arc::new(Rules::read(limits)?));
        Ok(Self { rules, buckets: Buckets::default(), room })
    }

    /// Other limits from now on; what is being worked on goes on.
    pub fn set(&self, limits: GateLimits) -> Result<(), String> {
        let rules = Arc::new(Rules::read(limits)?);
        self.room.set(&rules.limits);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
        Ok(())
    }

    /// The limits in force.
    pub fn limits(&self) -> GateLimits {
        self.rules().limits.clone()
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The address of the client behind trusted proxies.
    pub fn address(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        client(peer, headers, &self.rules().proxies)
    }

    /// Whether a line comes from a proxy of ours.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.rules().proxies.iter().any(|net| net.holds(peer))
    }

    /// Whether a path may be reached from an address at all.
    pub fn reaches(&self, address: IpAddr, path: &str) -> bool {
        let rules = self.rules();
        let inner = path == "/admin" || path.starts_with("/admin/");
        !inner
            || rules.admin_from.is_empty()
            || rules.admin_from.iter().any(|net| net.holds(address))
    }

    /// Which class a caller belongs to.
    pub fn class(&self, caller: &Caller<'_>) -> Class {
        let rules = self.rules();
        let first = |path: &String| caller.path.starts_with(path.as_str());
        match caller.officer {
            true if rules.limits.emergency.iter().any(first) => Class::Emergency,
            true => Class::Officer,
            false if is_crawler(caller.agent) => Class::Crawler,
            false => Class::Citizen,
        }
    }

    /// A place for this request; waits for one if need be.
    pub async fn enter(&self, class: Class, address: IpAddr) -> Result<Ticket, Full> {
        let free = class <= Class::Officer || self.is_unlimited(address);
        let one = (!free).then(|| household(address));
        Arc::clone(&self.room).enter(class, one).await
    }

    /// Takes one from the bucket of a visitor or an account, or says how long to wait.
    pub fn take(
        &self,
        rate: Rate,
        address: IpAddr,
        account: Option<Uuid>,
        now: Instant,
    ) -> Result<(), Wait> {
        let rules = self.rules();
        // The machine itself tries, measures and rehearses with few accounts.
        if rules.unlimited.iter().any(|net| net.holds(address)) {
            return Ok(());
        }
        let who = account.map_or_else(|| Who::Net(household(address)), Who::Account);
        self.buckets.take(rate, who, rate.limit(&rules.limits, account.is_some()), now)
    }

    fn is_unlimited(&self, address: IpAddr) -> bool {
        self.rules().unlimited.iter().any(|net| net.holds(address))
    }
}

impl Rules {
    fn read(limits: GateLimits) -> Result<Self, String> {
        let nets = |list: &[String]| -> Result<Vec<Net>, String> {
            list.iter().map(|text| text.parse()).collect()
        };
        let (proxies, unlimited) = (nets(&limits.proxies)?, nets(&limits.unlimited)?);
        let admin_from = nets(&limits.admin_from)?;
        Ok(Self { limits, proxies, unlimited, admin_from })
    }
}

/// The address of whoever stands at the other end of the line.
pub(crate) fn address_of(peer: Option<IpAddr>) -> IpAddr {
    client(peer, &HeaderMap::new(), &[])
}

/// What kind of act a request is.
pub fn rate_of(method: &Method, path: &str, query: &str) -> Rate {
    if path.starts_with("/my/uploads") {
        return Rate::Piece;
    }
    if !method.is_safe() {
        return Rate::Write;
    }
    let searches = query.split('&').any(|pair| {
        pair.split_once('=').is_some_and(|(name, value)| name == "q" && !value.is_empty())
    });
    if searches || path.contains("/export") { Rate::Search } else { Rate::Read }
}

/// Programs that fetch pages say so; who lies counts as a citizen and has a citizen's limits.
fn is_crawler(agent: &str) -> bool {
    const WORDS: [&str; 9] = [
        "bot",
        "spider",
        "crawl",
        "slurp",
        "scrap",
        "archiver",
        "indexer",
        "facebookexternal",
        "fetch/",
    ];
    let agent = agent.to_ascii_lowercase();
    WORDS.iter().any(|word| agent.contains(word))
}

/// The mark that lets an officer's next requests go first: bound to the session, good for twelve hours. It opens
/// nothing: who the session belongs to is looked up every time.
pub(crate) fn mark(secret: &[u8; 32], token: &str, now: i64) -> String {
    let until = now + MARK_SECONDS;
    format!("{until}.{}", seal(secret, token, until))
}

/// Whether a mark is one of ours, of this session, and not too old.
pub(crate) fn is_marked(secret: &[u8; 32], token: &str, mark: &str, now: i64) -> bool {
    let Some((until, sealed)) = mark.split_once('.') else { return false };
    let Ok(until) = until.parse::<i64>() else { return false };
    until > now && same(sealed.as_bytes(), seal(secret, token, until).as_bytes())
}

fn seal(secret: &[u8; 32], token: &str, until: i64) -> String {
    let mut bytes = secret.to_vec();
    bytes.extend_from_slice(format!("lane\0{until}\0{token}").as_bytes());
    let digest = hex::encode(sm3(&bytes));
    digest.get(..32).unwrap_or(&digest).to_owned()
}

/// Whether two byte strings are the same, in a time that does not tell where they differ.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    let differs = one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_told_apart() {
        let rows = [
            (Method::GET, "/hall", "", Rate::Read),
            (Method::GET, "/hall", "q=", Rate::Read),
            (Method::GET, "/hall", "page=2&q=%E9%A3%9F", Rate::Search),
            (Method::GET, "/desk/export.csv", "", Rate::Search),
            (Method::POST, "/login", "", Rate::Write),
            (Method::DELETE, "/api/v1/x", "", Rate::Write),
            (Method::PATCH, "/my/uploads/x", "", Rate::Piece),
        ];
        for (method, path, query, expected) in rows {
            assert_eq!(rate_of(&method, path, query), expected, "{method} {path}?{query}");
        }
    }

    #[test]
    fn a_mark_is_of_one_session_and_one_time() {
        let secret = [7; 32];
        let given = mark(&secret, "token", 1_000);
        assert!(is_marked(&secret, "token", &given, 1_001));
        assert!(!is_marked(&secret, "other", &given, 1_001));
        assert!(!is_marked(&[8; 32], "token", &given, 1_001));
        assert!(!is_marked(&secret, "token", &given, 1_000 + MARK_SECONDS));
        let forged = format!("{}.{}", i64::MAX, given.split_once('.').unwrap().1);
        assert!(!is_marked(&secret, "token", &forged, 1_001));
        for nonsense in ["", ".", "x.y", "99999999999999999999.a", "9999999999."] {
            assert!(!is_marked(&secret, "token", nonsense, 1_001), "{nonsense}");
        }
    }

    #[test]
    fn classes_are_known_without_a_look_into_the_database() {
        let gate = Gate::new(GateLimits::default()).unwrap();
        let address = IpAddr::from([203, 0, 113, 1]);
        let class = |path, agent, officer| gate.class(&Caller { address, path, agent, officer });
        assert_eq!(class("/admin", "Mozilla/5.0", true), Class::Emergency);
        assert_eq!(class("/admin", "Mozilla/5.0", false), Class::Citizen);
        assert_eq!(class("/desk", "Mozilla/5.0", true), Class::Officer);
        assert_eq!(class("/", "Mozilla/5.0", false), Class::Citizen);
        assert_eq!(class("/", "Mozilla/5.0 (compatible; Baiduspider/2.0)", false), Class::Crawler);
        assert_eq!(class("/", "SomethingBot/1.0", false), Class::Crawler);
    }

    #[test]
    fn pages_of_administration_are_reached_from_their_networks_only() {
        let admin_from = vec!["10.20.0.0/16".to_owned(), "fd00::/8".to_owned()];
        let gate = Gate::new(GateLimits { admin_from, ..GateLimits::default() }).unwrap();
        let reaches = |address: &str, path| gate.reaches(address.parse().unwrap(), path);
        for path in ["/admin", "/admin/people"] {
            assert!(reaches("10.20.3.4", path) && reaches("fd12::1", path));
            assert!(!reaches("10.21.0.1", path) && !reaches("203.0.113.1", path));
        }
        assert!(reaches("203.0.113.1", "/desk") && reaches("203.0.113.1", "/administration"));
        let open = Gate::new(GateLimits::default()).unwrap();
        assert!(open.reaches("203.0.113.1".parse().unwrap(), "/admin"));
    }

    #[test]
    fn limits_can_change_while_the_gate_is_open() {
        let limits =
            GateLimits { anonymous_writes: 1, unlimited: Vec::new(), ..GateLimits::default() };
        let gate = Gate::new(limits.clone()).unwrap();
        let (address, now) = (IpAddr::from([203, 0, 113, 1]), Instant::now());
        assert!(gate.take(Rate::Write, address, None, now).is_ok());
        assert!(gate.take(Rate::Write, address, None, now).is_err());
        gate.set(GateLimits { anonymous_writes: 300, ..limits.clone() }).unwrap();
        let soon = now + std::time::Duration::from_secs(3);
        assert!(gate.take(Rate::Write, address, None, soon).is_ok());
        let wrong = GateLimits { proxies: vec!["x".to_owned()], ..limits };
        assert!(gate.set(wrong.clone()).is_err() && Gate::new(wrong).is_err());
    }
}
