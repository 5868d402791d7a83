//! Two departments with a system each, and a provider that answers over HTTP.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request as Asked, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_crypto::SigningKey;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_egress::{Egress, HeaderMap, HeaderName, HeaderValue};
use zhengtong_exchange::{
    Admission, Answered, Endpoint, Gateway, Incoming, Keep, NewAccess, NewMember, NewService,
    Refusal, Request, What, add_key, add_member, admit, approve, finish, grant, propose_service,
    propose_system,
};

pub(crate) const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
pub(crate) const CLIENT: &str = "330100/GOV/11330100MB0000019K/permits";
pub(crate) const PROVIDER: &str = "330100/GOV/11330100MB0000027E/people";

/// What a provider saw of a request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// How a provider answers: status, headers, body.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>);

type Answers = dyn Fn(&Seen, usize) -> Answer + Send + Sync;

/// A provider that remembers what it saw and answers as it is told.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) at: SocketAddr,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<Answers>,
}

impl Provider {
    pub(crate) async fn start(
        answer: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let provider = Self { at, seen: Arc::default(), answer: Arc::new(answer) };
        let router = axum::Router::new().fallback(heard).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn heard(State(provider): State<Provider>, request: Asked) -> Response {
    let (parts, body) = request.into_parts();
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let line = format!("{} {}", parts.method, parts.uri);
    let seen = Seen { line, headers, body };
    let count = {
        let mut all = provider.seen.lock().unwrap();
        all.push(seen.clone());
        all.len()
    };
    let (status, headers, body) = (provider.answer)(&seen, count);
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}

/// Answers `{"ok":true}` to everything.
pub(crate) fn fine(_seen: &Seen, _count: usize) -> Answer {
    let headers = vec![("content-type", "application/json".to_owned())];
    (200, headers, br#"{"ok":true}"#.to_vec())
}

/// A city with two systems.
pub(crate) struct City {
    pub(crate) test: TestDb,
    pub(crate) gateway: Gateway,
    pub(crate) key: SigningKey,
    pub(crate) client: Uuid,
    pub(crate) provider: Uuid,
    pub(crate) service: Uuid,
    pub(crate) access: Uuid,
    pub(crate) key_id: String,
}

pub(crate) fn official(role: &str, number: u128, organisation: u128) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(2_000 + number)),
        person: Some(Uuid::from_u128(number)),
        name: "示例员".to_owned(),
        organisation: Some(Uuid::from_u128(organisation)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

pub(crate) fn pem(key: &SigningKey) -> String {
    let bytes = key.verifying_key().as_bytes().to_vec();
    let public =
        zhengtong_exchange::PublicKey { algorithm: zhengtong_exchange::Algorithm::Ed25519, bytes };
    public.pem()
}

impl City {
    /// The provider's service stands at `url`; the client may call below `/people`.
    pub(crate) async fn new(url: &str, keep: Keep) -> Self {
        let schemas = [zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, zhengtong_exchange::SCHEMA];
        let networks = vec!["127.0.0.0/8".to_owned()];
        let settings = zhengtong_egress::Settings {
            networks,
            attempts: 1,
            attempt: std::time::Duration::from_secs(2),
            at_once: 64,
            answer_bytes: 4 * 1024 * 1024,
            failures: 1_000,
            ..zhengtong_egress::Settings::default()
        };
        let egress = Egress::new(settings).unwrap();
        let gateway = Gateway::new(egress, Arc::new(SigningKey::from_seed([9; 32])));
        let shelf = Shelf::default().with(gateway.clone());
        let test = TestDb::new(&schemas).await.with(HOUSE, shelf);
        let key = SigningKey::from_seed([7; 32]);
        let mut ctx = test.ctx(Actor::system("seed")).await;
        let mut systems = Vec::new();
        for (name, organisation) in [(CLIENT, 100), (PROVIDER, 200)] {
            let parts: Vec<&str> = name.split('/').collect();
            let member = NewMember {
                instance: parts[0].to_owned(),
                class: parts[1].to_owned(),
                code: parts[2].to_owned(),
                name: Text::new(format!("示例单位{organisation}"), format!("Unit {organisation}")),
                organisation: Some(Uuid::from_u128(organisation)),
            };
            let member = add_member(&mut ctx, &member).await.unwrap();
            let title = Text::new("示例系统", "Sample system");
            let system = propose_system(&mut ctx, member, parts[3], &title).await.unwrap();
            approve(&mut ctx, What::System, system).await.unwrap();
            systems.push(system);
        }
        let service = NewService {
            system: systems[1],
            code: "person".to_owned(),
            title: Text::new("人口核验", "Check of persons"),
            url: url.to_owned(),
            keep,
            endpoints: vec![
                Endpoint { method: "GET".to_owned(), path: "/people/*".to_owned() },
                Endpoint { method: "POST".to_owned(), path: "/people".to_owned() },
            ],
            openapi: Some("openapi: 3.0.3\n".to_owned()),
        };
        let service = propose_service(&mut ctx, &service).await.unwrap();
        approve(&mut ctx, What::Service, service).await.unwrap();
        let valid_to = ctx.now + Duration::days(365);
        let key_id = add_key(&mut ctx, systems[0], &pem(&key), valid_to).await.unwrap();
        let access = NewAccess {
            client: systems[0],
            service,
            endpoint: Endpoint { method: "*".to_owned(), path: "/people/**".to_owned() },
            purpose: "办理许可核验身份".to_owned(),
            basis: "示例条例第五条".to_owned(),
            valid_to,
        };
        let access = grant(&mut ctx, &access).await.unwrap();
        ctx.commit().await.unwrap();
        let (client, provider) = (systems[0], systems[1]);
        Self { test, gateway, key, client, provider, service, access, key_id }
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.test.db.clock().now()
    }

    /// A call of the client, signed.
    pub(crate) fn signed(&self, method: &str, address: &str, body: &[u8]) -> Incoming {
        self.signed_with(method, address, body, &[])
    }

    pub(crate) fn signed_with(
        &self,
        method: &str,
        address: &str,
        body: &[u8],
        more: &[(&'static str, &str)],
    ) -> Incoming {
        let id = Uuid::now_v7().to_string();
        let mut all = vec![("x-road-client", CLIENT), ("x-road-id", id.as_str())];
        for (name, value) in more {
            all.retain(|(there, _)| there != name);
            all.push((name, value));
        }
        sign(&self.key, &self.key_id, self.now().unix_timestamp(), (method, address), &all, body)
    }

    /// Carries a call through as the face does.
    pub(crate) async fn call(&self, incoming: Incoming) -> Answered {
        let id = Uuid::now_v7().to_string();
        let raw = incoming.headers.clone();
        let answered = self.carried(incoming, &id, &raw).await;
        let accept = zhengtong_exchange::accept(&raw);
        answered.unwrap_or_else(|refusal| zhengtong_exchange::told(&refusal.of(&id), accept))
    }

    async fn carried(
        &self,
        incoming: Incoming,
        id: &str,
        raw: &HeaderMap,
    ) -> Result<Answered, Refusal> {
        let request = Request::read(incoming, id)?;
        let mut ctx = self.test.db.begin(Actor::visitor(), id).await.unwrap();
        let (admitted, answered) = match admit(&mut ctx, request, raw).await.unwrap() {
            Admission::Refused(refusal) => return Err(refusal),
            Admission::Here(admitted, answered) => (admitted, Some(answered)),
            Admission::Forward(admitted) => (admitted, None),
        };
        ctx.commit().await.unwrap();
        let answered = match answered {
            Some(answered) => answered,
            None => self.gateway.forward(&admitted).await,
        };
        let mut ctx = self.test.db.begin(Actor::visitor(), id).await.unwrap();
        let ended = finish(&mut ctx, &self.gateway, &admitted, answered).await.unwrap();
        ctx.commit().await.unwrap();
        Ok(ended)
    }
}

/// Signs as RFC 9421 says, in code of its own.
pub(crate) fn sign(
    key: &SigningKey,
    key_id: &str,
    created: i64,
    (method, address): (&str, &str),
    more: &[(&'static str, &str)],
    body: &[u8],
) -> Incoming {
    let (path, query) = match address.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (address, None),
    };
    let mut lines =
        vec![("@method".to_owned(), method.to_owned()), ("@path".to_owned(), path.to_owned())];
    if let Some(query) = &query {
        lines.push(("@query".to_owned(), format!("?{query}")));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in more {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        if name.starts_with("x-road-") || *name == "idempotency-key" {
            lines.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    if !body.is_empty() {
        let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
        headers.insert("content-digest", HeaderValue::from_str(&digest).unwrap());
        lines.push(("content-digest".to_owned(), digest));
    }
    let names: Vec<String> = lines.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let params =
        format!("({});created={created};keyid=\"{key_id}\";alg=\"ed25519\"", names.join(" "));
    let mut base = String::new();
    for (name, value) in &lines {
        base.extend(["\"", name, "\": ", value, "\n"]);
    }
    base.extend(["\"@signature-params\": ", &params]);
    let signature = zhengtong_crypto::from_hex(&key.sign(base.as_bytes()).to_string()).unwrap();
    let signature = format!("sig1=:{}:", STANDARD.encode(signature));
    headers.insert("signature-input", HeaderValue::from_str(&format!("sig1={params}")).unwrap());
    headers.insert("signature", HeaderValue::from_str(&signature).unwrap());
    Incoming {
        method: method.to_owned(),
        path: path.to_owned(),
        query,
        headers,
        body: body.to_vec(),
    }
}

pub(crate) fn header(answered: &Answered, name: &str) -> String {
    let value = answered.headers.get(name);
    value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

pub(crate) fn json(answered: &Answered) -> serde_json::Value {
    serde_json::from_slice(&answered.body).unwrap()
}
