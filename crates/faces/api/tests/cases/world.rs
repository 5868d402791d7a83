//! A small city behind the door of the faces: routes, database, packs, two people who can log in.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use time::Duration;
use time::macros::date;
use tower::ServiceExt as _;
use uuid::Uuid;
use zhengtong_base::{Behalf, Text};
use zhengtong_blob::Blobs;
use zhengtong_casework::{Applicant, Fact, FactSection, NewMaterial, Opening, open};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_http::{App, SESSION_COOKIE, Settings, enter, missing};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{
    AccountKind, IdKind, LogIn, NewOrganisation, OrganisationKind, Origin, PersonPlain, Post, Seed,
    SeedAccount, SeedDelegation, SeedHolding, SeedOrganisation, Token, Tried, act_for, actor,
    enter_as, log_in, seed,
};
use zhengtong_registry::sync;
use zhengtong_service::CityElements;
use zhengtong_signon::{Alg, Credentials, Given, NewClient, NewDevice, device_token, register};

pub(crate) const CODE: &str = "91350100M000100Y43";
const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
const PASSWORD: &str = "three white herons";

/// The office, the company, who acts for it, and somebody else.
const OFFICE: u128 = 100;
const COMPANY: u128 = 200;
const NAMES: u128 = 110;
pub(crate) const AGENT: u128 = 2;
pub(crate) const OTHER: u128 = 3;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The city and its routes.
pub(crate) struct City {
    pub(crate) test: TestDb,
    pub(crate) blobs: Arc<Blobs>,
    router: Router,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl City {
    pub(crate) async fn new() -> Self {
        let test = city().await;
        let files = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().to_string());
        let blobs = Arc::new(Blobs::open(files).await.unwrap());
        let app = App {
            db: test.db.clone(),
            blobs: Arc::clone(&blobs),
            settings: Arc::new(Settings {
                city: Text::new("示例市", "Sample City"),
                legal: Vec::new(),
                public_url: "http://127.0.0.1".to_owned(),
                demo: false,
            }),
            secret: Arc::new([7; 32]),
        };
        let router = zhengtong_api::routes()
            .fallback(missing)
            .with_state(app.clone())
            .layer(from_fn_with_state(app.clone(), enter))
            .merge(zhengtong_api::gateway().with_state(app));
        Self { test, blobs, router }
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn get_as(&self, token: &Token, path: &str) -> Got {
        self.send(Method::GET, path, Some(token)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, token: Option<&Token>) -> Got {
        let mut request =
            Request::builder().method(method).uri(path).header(header::HOST, "city.example");
        if let Some(token) = token {
            let cookie = format!("{SESSION_COOKIE}={}", token.as_str());
            request = request.header(header::COOKIE, cookie);
        }
        self.answer(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a body.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Got {
        self.send_file(path, headers, body.as_bytes()).await
    }

    /// Sends a body that may be no text.
    pub(crate) async fn send_file(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Got {
        let mut request =
            Request::builder().method(Method::POST).uri(path).header(header::HOST, "city.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request.body(Body::from(body.to_vec())).unwrap()).await
    }

    /// Reads something with the token of a system.
    pub(crate) async fn get_bearer(&self, token: &str, path: &str) -> Got {
        let request = Request::builder()
            .uri(path)
            .header(header::HOST, "city.example")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.answer(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Got { status: parts.status, headers: parts.headers, text }
    }

    /// Registers another system of the office, and gives it a token for all its scopes.
    pub(crate) async fn system(&self, name: &str, scopes: &[&str]) -> String {
        self.system_of("market-regulation", name, scopes).await
    }

    /// The same of another unit.
    pub(crate) async fn system_of(&self, unit: &str, name: &str, scopes: &[&str]) -> String {
        let mut ctx = self.test.ctx(Actor::system("seed")).await;
        let new = NewClient {
            id: name.to_owned(),
            name: Text::same(name),
            organisation: unit.to_owned(),
            confidential: true,
            redirect_uris: Vec::new(),
            post_logout_uris: Vec::new(),
            backchannel_uri: None,
            scopes: Vec::new(),
            citizens: false,
            staff: false,
            alg: Alg::Es256,
            device: Some(NewDevice {
                post: "operator".to_owned(),
                scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
                expires: Some(date!(2026 - 06 - 30)),
                key: String::new(),
            }),
        };
        let made = register(&mut ctx, &new).await.unwrap();
        let who = Credentials { client: made.id, secret: made.secret, assertion: None };
        ctx.commit().await.unwrap();
        let mut ctx = self.test.ctx(Actor::visitor()).await;
        let asked = [("grant_type".to_owned(), "client_credentials".to_owned())];
        let Given::Done(token) = device_token(&mut ctx, &who, &asked).await.unwrap() else {
            panic!("{name} got no token")
        };
        ctx.commit().await.unwrap();
        token.access.as_str().to_owned()
    }

    /// Switches another system off.
    pub(crate) async fn switch_off(&self, name: &str) {
        let mut ctx = self.test.ctx(Actor::system("seed")).await;
        zhengtong_signon::disable(&mut ctx, name).await.unwrap();
        ctx.commit().await.unwrap();
    }

    /// How many messages came to a case, as its officers see it.
    pub(crate) async fn came(&self, no: &str) -> usize {
        let officer = Actor {
            kind: ActorKind::Staff,
            account: Some(id(2009)),
            person: Some(id(9)),
            name: "示例受理员".to_owned(),
            organisation: Some(id(OFFICE)),
            roles: vec!["window".to_owned()],
            ..Actor::visitor()
        };
        let mut ctx = self.test.ctx(officer).await;
        let view = zhengtong_casework::view(&mut ctx, no).await.unwrap();
        view.events.iter().filter(|event| event.kind == "message" && !event.public).count()
    }

    /// Logs somebody in.
    pub(crate) async fn log_in(&self, number: u128) -> Token {
        let mut ctx = self.test.ctx(Actor::visitor()).await;
        let origin = Origin { ip: "127.0.0.1", agent: "test" };
        let done = log_in(&mut ctx, &format!("p{number}"), PASSWORD, origin).await.unwrap();
        let Tried::Done(LogIn::Done(token)) = done else { panic!("{done:?}") };
        ctx.commit().await.unwrap();
        token
    }

    /// Lets one of the staff in, both factors proven.
    pub(crate) async fn enter(&self, number: u128) -> Token {
        let mut ctx = self.test.ctx(Actor::system("signon")).await;
        let origin = Origin { ip: "127.0.0.1", agent: "test" };
        let done = enter_as(&mut ctx, id(2000 + number), "passkey", true, origin).await.unwrap();
        let Tried::Done(LogIn::Done(token)) = done else { panic!("{done:?}") };
        ctx.commit().await.unwrap();
        token
    }

    /// Logs the agent in, acting for the company.
    pub(crate) async fn log_in_for_company(&self) -> Token {
        let token = self.log_in(AGENT).await;
        let who = actor(&self.test.db, &token).await.unwrap().unwrap();
        let mut ctx = self.test.ctx(who).await;
        let token = act_for(&mut ctx, Some(id(COMPANY))).await.unwrap();
        ctx.commit().await.unwrap();
        token
    }

    /// A case of the company.
    pub(crate) async fn case(&self) -> String {
        let mut ctx = self.test.ctx(for_company()).await;
        let no = open(&mut ctx, opening()).await.unwrap();
        ctx.commit().await.unwrap();
        no
    }
}

async fn city() -> TestDb {
    let schemas = [
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_party::SCHEMA,
        zhengtong_registry::SCHEMA,
        zhengtong_form::SCHEMA,
        zhengtong_process::SCHEMA,
        zhengtong_document::SCHEMA,
        zhengtong_notice::SCHEMA,
        zhengtong_casework::SCHEMA,
        zhengtong_service::SCHEMA,
        zhengtong_signon::SCHEMA,
        zhengtong_portal::SCHEMA,
        zhengtong_exchange::SCHEMA,
    ];
    let mut report = Report::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let packs = Packs::from_folder(&folder, &mut report);
    let registry = zhengtong_registry::read(&packs, &mut report);
    let elements = CityElements::new(Arc::new(registry.clone()), date!(2026 - 03 - 02));
    let shelf = Shelf::default()
        .with(zhengtong_party::read(&packs, &mut report))
        .with(zhengtong_form::read(&packs, Arc::new(elements), &mut report))
        .with(zhengtong_process::read(&packs, &mut report))
        .with(zhengtong_document::read(&packs, &mut report))
        .with(zhengtong_notice::catalog(&packs, &mut report))
        .with(zhengtong_casework::read(&packs, &mut report))
        .with(zhengtong_service::read(&packs, &mut report))
        .with(registry.clone());
    assert!(report.usable(), "{:#?}", report.findings);
    let test = TestDb::new(&schemas).await.with(HOUSE, shelf);
    let mut tx = test.db.begin_raw().await.unwrap();
    sync(&mut tx, &registry).await.unwrap();
    tx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let expires = ctx.now + Duration::days(1);
    let delegation = SeedDelegation {
        organisation: id(COMPANY),
        person: id(AGENT),
        scope: vec!["apply".to_owned(), "view".to_owned()],
        granted_by: id(OTHER),
        expires,
    };
    let people = Seed {
        persons: vec![person(AGENT, "11010519491231002X"), person(OTHER, "440524188001010014")],
        organisations: vec![
            organisation(OFFICE, OrganisationKind::Department, "示例市市场监督管理局", None),
            names_office(),
            organisation(COMPANY, OrganisationKind::Company, "示例餐饮有限公司", Some(CODE)),
        ],
        accounts: vec![account(AGENT), account(OTHER)],
        delegations: vec![delegation],
        posts: vec![Post {
            id: id(1000),
            organisation: id(OFFICE),
            title: Text::same("operator"),
            roles: vec!["reviewer".to_owned()],
        }],
        holdings: vec![SeedHolding {
            post: id(1000),
            person: id(OTHER),
            starts: date!(2026 - 01 - 01),
        }],
        ..Seed::default()
    };
    seed(&mut ctx, &people).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

pub(crate) fn person(number: u128, id_number: &str) -> PersonPlain {
    PersonPlain {
        id: id(number),
        name: format!("示例市民{number}"),
        id_kind: IdKind::Citizen,
        id_number: Some(id_number.to_owned()),
        phone: Some(format!("1380000{number:04}")),
        region: None,
        level: 2,
    }
}

pub(crate) fn account(number: u128) -> SeedAccount {
    SeedAccount {
        id: id(2000 + number),
        login: format!("p{number}"),
        kind: AccountKind::Citizen,
        person: id(number),
        password: PASSWORD.to_owned(),
        totp_secret: None,
    }
}

/// The unit that answers for place names.
fn names_office() -> SeedOrganisation {
    let kind = OrganisationKind::Department;
    let mut office = organisation(NAMES, kind, "示例市民政局", None);
    office.organisation.short = Some("civil-affairs".to_owned());
    office
}

fn organisation(
    number: u128,
    kind: OrganisationKind,
    name: &str,
    code: Option<&str>,
) -> SeedOrganisation {
    SeedOrganisation {
        id: id(number),
        organisation: NewOrganisation {
            parent: None,
            region: None,
            kind,
            name: Text::same(name),
            short: code.is_none().then(|| "market-regulation".to_owned()),
            credit_code: code.map(str::to_owned),
            representative: None,
        },
    }
}

fn for_company() -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(id(2000 + AGENT)),
        person: Some(id(AGENT)),
        name: format!("示例市民{AGENT}"),
        behalf: Some(Behalf {
            organisation: id(COMPANY),
            credit_code: CODE.to_owned(),
            name: "示例餐饮有限公司".to_owned(),
        }),
        roles: vec!["citizen-agent".to_owned(), "citizen-agent:apply".to_owned()],
        ..Actor::visitor()
    }
}

fn opening() -> Opening {
    let secret = json!({ "kind": "2", "officer_mobile": "13812345678" });
    Opening {
        kind: "food-business:licence".to_owned(),
        item: "food-business:new".to_owned(),
        item_version: "7".to_owned(),
        title: Text::new("食品经营许可（新办）", "Food business licence (new)"),
        person: id(AGENT),
        person_name: format!("示例市民{AGENT}"),
        organisation: Some(Applicant {
            id: id(COMPANY),
            name: "示例餐饮有限公司".to_owned(),
            credit_code: CODE.to_owned(),
        }),
        department: id(OFFICE),
        department_name: "示例市市场监督管理局".to_owned(),
        region: "330106".to_owned(),
        answers: secret.as_object().cloned().unwrap(),
        sealed: std::collections::BTreeSet::new(),
        typed: std::collections::BTreeSet::new(),
        facts: vec![FactSection {
            title: Text::new("人员", "People"),
            rows: vec![Fact {
                key: "officer_mobile".to_owned(),
                label: Text::new("手机号码", "Mobile number"),
                value: Text::same("138****5678"),
                source: Some(Text::new("常住人口登记", "Register of residents")),
            }],
        }],
        materials: vec![NewMaterial {
            name: Text::new("营业执照", "Business licence"),
            source: "base-legal:organisation".to_owned(),
            source_note: None,
            file: None,
        }],
        reads: std::collections::BTreeSet::new(),
        deferrable: Vec::new(),
        promised_days: 5,
        statutory_days: 20,
    }
}
