//! A small city with two systems that log their users in here, a citizen, an officer and the security administrator.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use time::{Date, Month};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_crypto::Keyring;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{
    AccountKind, IdKind, LogIn, NewOrganisation, OrganisationKind, Origin, PersonPlain, Post, Seed,
    SeedAccount, SeedHolding, SeedOrganisation, Tried,
};
use zhengtong_signon::*;

const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
const ROLES: &str = include_str!("../../../../../packs/house-rules/party/roles.toml");
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
pub(crate) const PASSWORD: &str = "three white herons";
pub(crate) const ISSUER: &str = "https://city.example";
pub(crate) const BACK: &str = "https://oa.example/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const ORIGIN: Origin<'_> = Origin { ip: "127.0.0.1", agent: "Firefox" };

/// Persons: number, login, role of the post; no role means a citizen.
const PEOPLE: [(u128, &str, &str); 4] = [
    (1, "citizen", ""),
    (2, "other", ""),
    (11, "reviewer", "reviewer"),
    (22, "security", "security-admin"),
];
const OFFICE: u128 = 100;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// Names and values.
pub(crate) type Params = Vec<(String, String)>;

/// A city with the systems `oa` and `map`, with their secrets.
pub(crate) struct City {
    pub(crate) test: TestDb,
    pub(crate) secrets: BTreeMap<String, Secret>,
}

pub(crate) fn new_client(id: &str) -> NewClient {
    NewClient {
        id: id.to_owned(),
        name: Text::new("办公系统", "Office system"),
        organisation: "market-regulation".to_owned(),
        confidential: true,
        redirect_uris: vec![BACK.to_owned(), "http://127.0.0.1/callback".to_owned()],
        post_logout_uris: vec!["https://oa.example/bye".to_owned()],
        backchannel_uri: Some("https://oa.example/ended".to_owned()),
        scopes: vec![Scope::Profile, Scope::Organisation, Scope::Phone, Scope::Offline],
        citizens: true,
        staff: true,
        alg: Alg::Es256,
        device: None,
    }
}

impl City {
    pub(crate) async fn new() -> Self {
        Self::with(Vec::new(), zhengtong_egress::Settings::default()).await
    }

    /// A city with outside providers, and a way out to them.
    pub(crate) async fn with(providers: Vec<Provider>, way: zhengtong_egress::Settings) -> Self {
        Self::built(providers, way, |shelf| shelf).await
    }

    /// A city that accepts certificates.
    pub(crate) async fn trusting(trust: &Trust) -> Self {
        let way = zhengtong_egress::Settings::default();
        Self::built(Vec::new(), way, |shelf| shelf.with(trust.clone())).await
    }

    async fn built(
        providers: Vec<Provider>,
        way: zhengtong_egress::Settings,
        more: impl FnOnce(Shelf) -> Shelf,
    ) -> Self {
        let schemas =
            [zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, zhengtong_party::SCHEMA, SCHEMA];
        let settings = Settings {
            issuer: ISSUER.to_owned(),
            title: Text::new("示例市", "Sample City"),
            providers,
        };
        let shelf = Shelf::default().with(roles()).with(settings).with(Keyring::for_tests());
        let shelf = shelf.with(zhengtong_egress::Egress::new(way).unwrap());
        let test = TestDb::new(&schemas).await.with(HOUSE, more(shelf));
        let mut ctx = test.ctx(Actor::system("seed")).await;
        zhengtong_party::seed(&mut ctx, &seed()).await.unwrap();
        let mut secrets = BTreeMap::new();
        for id in ["oa", "map"] {
            let id = format!("{id}-system");
            let made = register(&mut ctx, &new_client(&id)).await.unwrap();
            secrets.insert(id, made.secret.unwrap());
        }
        ctx.commit().await.unwrap();
        Self { test, secrets }
    }

    /// Logs somebody in; staff with their code. Each login takes a minute, so that no code comes twice.
    pub(crate) async fn enter(&self, login: &str) -> Actor {
        self.test.clock.advance(time::Duration::seconds(60));
        let mut ctx = self.visitor().await;
        let done = zhengtong_party::log_in(&mut ctx, login, PASSWORD, ORIGIN).await.unwrap();
        let token = match done {
            Tried::Done(LogIn::Done(token)) => token,
            Tried::Done(LogIn::CodeNeeded(pending)) => {
                let code = code(&ctx);
                match zhengtong_party::enter_code(&mut ctx, &pending, &code).await.unwrap() {
                    Tried::Done(token) => token,
                    Tried::Refused(error) => panic!("{login}: {error}"),
                }
            }
            Tried::Refused(error) => panic!("{login}: {error}"),
        };
        ctx.commit().await.unwrap();
        zhengtong_party::actor(&self.test.db, &token).await.unwrap().unwrap()
    }

    pub(crate) async fn visitor(&self) -> Ctx {
        self.test.ctx(Actor::visitor()).await
    }

    pub(crate) async fn authorize(&self, actor: &Actor, params: &Params) -> Step {
        let mut ctx = self.test.ctx(actor.clone()).await;
        let step = authorize(&mut ctx, params).await.unwrap();
        ctx.commit().await.unwrap();
        step
    }

    pub(crate) async fn answer(&self, actor: &Actor, params: &Params, consent: Consent) -> Step {
        let mut ctx = self.test.ctx(actor.clone()).await;
        let step = answer(&mut ctx, params, consent).await.unwrap();
        ctx.commit().await.unwrap();
        step
    }

    /// The code that a person's agreement gives.
    pub(crate) async fn code(&self, actor: &Actor, params: &Params) -> String {
        let values = back(&self.answer(actor, params, Consent::Given).await);
        values.get("code").unwrap_or_else(|| panic!("{values:?}")).clone()
    }

    pub(crate) fn credentials(&self, client: &str) -> Credentials {
        Credentials {
            client: client.to_owned(),
            secret: self.secrets.get(client).cloned(),
            assertion: None,
        }
    }

    pub(crate) async fn token(&self, client: &str, params: &Params) -> Given<Tokens> {
        let mut ctx = self.visitor().await;
        let given = token(&mut ctx, &self.credentials(client), params).await.unwrap();
        ctx.commit().await.unwrap();
        given
    }

    pub(crate) async fn tokens(&self, actor: &Actor, params: &Params) -> Tokens {
        let code = self.code(actor, params).await;
        match self.token("oa-system", &exchange(&code, &[])).await {
            Given::Done(tokens) => tokens,
            Given::Refused(refusal) => panic!("{refusal:?}"),
        }
    }

    pub(crate) async fn userinfo(&self, access: &Secret) -> Given<Value> {
        let mut ctx = self.visitor().await;
        let given = userinfo(&mut ctx, access).await.unwrap();
        ctx.commit().await.unwrap();
        given
    }

    /// What the record says of a verb, the oldest first.
    pub(crate) async fn record(&self, verb: &str) -> Vec<String> {
        let mut ctx = self.test.ctx(Actor::system("test")).await;
        let search = zhengtong_ledger::Search { verb: Some(verb.to_owned()), ..Default::default() };
        let paging = zhengtong_base::Paging::new(1, 200);
        let mut rows = zhengtong_ledger::search(ctx.conn(), &search, paging).await.unwrap().rows;
        rows.retain(|entry| entry.act.verb == verb);
        rows.reverse();
        for entry in &mut rows {
            ctx.unveil(&mut entry.act).unwrap();
        }
        rows.into_iter().map(|entry| entry.act.reason.unwrap_or_default()).collect()
    }
}

/// A request of the office system with changes; an empty value leaves the name out.
pub(crate) fn ask(changes: &[(&str, &str)]) -> Params {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()));
    let usual = [
        ("client_id", "oa-system"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "s-1"),
        ("nonce", "n-1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    changed(&usual, changes)
}

/// The exchange of a code with changes.
pub(crate) fn exchange(code: &str, changes: &[(&str, &str)]) -> Params {
    let usual = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    changed(&usual, changes)
}

pub(crate) fn renew(refresh: &Secret) -> Params {
    changed(&[("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())], &[])
}

fn changed(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> Params {
    let kept = usual.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    kept.chain(changes)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The values with which a step leads back to the client.
pub(crate) fn back(step: &Step) -> BTreeMap<String, String> {
    let Step::Back(url) = step else { panic!("{step:?}") };
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The word of a refusal.
pub(crate) fn word<T: std::fmt::Debug>(given: &Given<T>) -> &'static str {
    match given {
        Given::Done(_) => "done",
        Given::Refused(refusal) => refusal.error,
    }
}

/// The claims of a token, unproven.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn code(ctx: &Ctx) -> String {
    let secret = totp_rs::Secret::try_from_base32(SECRET).unwrap().as_bytes().to_vec();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(ctx.now.unix_timestamp()).unwrap()).to_string()
}

fn roles() -> zhengtong_party::Catalog {
    let manifest = "id = \"a\"\nowner = \"data\"\nversion = \"1.0.0\"\n\
                    title = { zh = \"包\", en = \"Pack\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
    let files = [("pack.toml", manifest), ("party/roles.toml", ROLES)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("a".to_owned(), files.into())]), &mut report);
    zhengtong_party::read(&packs, &mut report)
}

fn seed() -> Seed {
    let staff = || PEOPLE.iter().filter(|(_, _, role)| !role.is_empty());
    let starts = Date::from_calendar_date(2026, Month::January, 1).unwrap();
    Seed {
        persons: PEOPLE.iter().map(|(number, login, _)| person(*number, login)).collect(),
        organisations: vec![SeedOrganisation {
            id: id(OFFICE),
            organisation: NewOrganisation {
                parent: None,
                region: None,
                kind: OrganisationKind::Department,
                name: Text::new("市场监督管理局", "Market regulation"),
                short: Some("market-regulation".to_owned()),
                credit_code: None,
                representative: None,
            },
        }],
        posts: staff()
            .map(|(number, login, role)| Post {
                id: id(1000 + number),
                organisation: id(OFFICE),
                title: Text::same(*login),
                roles: vec![(*role).to_owned()],
            })
            .collect(),
        holdings: staff()
            .map(|(number, _, _)| SeedHolding {
                post: id(1000 + number),
                person: id(*number),
                starts,
            })
            .collect(),
        accounts: PEOPLE
            .iter()
            .map(|(number, login, role)| SeedAccount {
                id: id(2000 + number),
                login: (*login).to_owned(),
                kind: if role.is_empty() { AccountKind::Citizen } else { AccountKind::Staff },
                person: id(*number),
                password: PASSWORD.to_owned(),
                totp_secret: (!role.is_empty()).then(|| SECRET.to_owned()),
            })
            .collect(),
        ..Seed::default()
    }
}

fn person(number: u128, login: &str) -> PersonPlain {
    PersonPlain {
        id: id(number),
        name: format!("测{login}"),
        id_kind: IdKind::Passport,
        id_number: Some(format!("E{number:08}")),
        phone: Some(format!("1380000{number:04}")),
        region: None,
        level: 2,
    }
}
