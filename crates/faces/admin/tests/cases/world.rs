//! A small city with its administrators, and requests as they would come from their browsers.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::{Extension, Router};
use http_body_util::BodyExt as _;
use time::Date;
use tower::ServiceExt as _;
use uuid::Uuid;
use zhengtong_admin::{Check, Configured, Console, Origin, PackList, Standing, routes};
use zhengtong_base::Text;
use zhengtong_blob::Blobs;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_http::{App, Preferences, Settings, Visit};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{
    AccountKind, IdKind, NewOrganisation, OrganisationKind, PersonPlain, Post, Seed, SeedAccount,
    SeedHolding, SeedOrganisation,
};

const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
/// The office in which everybody holds a post.
pub(crate) const OFFICE: u128 = 100;

/// Staff of the city: number and role.
const STAFF: [(u128, &str); 4] =
    [(11, "window"), (21, "system-admin"), (22, "security-admin"), (23, "audit-admin")];

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A running city.
pub(crate) struct City {
    pub(crate) test: TestDb,
    app: App,
    _files: tempfile::TempDir,
}

/// An answer as a browser sees it.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) page: String,
}

impl City {
    pub(crate) async fn new() -> Self {
        let schemas = [
            zhengtong_db::SCHEMA,
            zhengtong_ledger::SCHEMA,
            zhengtong_party::SCHEMA,
            zhengtong_casework::SCHEMA,
            zhengtong_signon::SCHEMA,
            zhengtong_registry::SCHEMA,
            zhengtong_setting::SCHEMA,
            zhengtong_process::SCHEMA,
            zhengtong_backup::SCHEMA,
        ];
        let test = TestDb::new(&schemas).await.with(HOUSE, shelf());
        let catalog = test.db.defs::<zhengtong_registry::Catalog>().unwrap();
        let mut tx = test.db.begin_raw().await.unwrap();
        zhengtong_registry::sync(&mut tx, &catalog).await.unwrap();
        tx.commit().await.unwrap();
        let mut ctx = test.ctx(Actor::system("seed")).await;
        zhengtong_party::seed(&mut ctx, &seed()).await.unwrap();
        ctx.commit().await.unwrap();
        let files = tempfile::tempdir().unwrap();
        let settings = Settings {
            city: Text::same("示例市"),
            legal: Vec::new(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            demo: false,
        };
        let app = App {
            db: test.db.clone(),
            blobs: Arc::new(Blobs::open(files.path()).await.unwrap()),
            settings: Arc::new(settings),
            secret: Arc::new([7; 32]),
        };
        Self { test, app, _files: files }
    }

    /// A visit of somebody with a role, or of nobody.
    pub(crate) fn visit(&self, role: &str, path: &str) -> Visit {
        let staff = STAFF.iter().find(|(_, known)| *known == role);
        Visit {
            app: self.app.clone(),
            actor: staff.map_or_else(Actor::visitor, |(number, role)| officer(*number, role)),
            token: None,
            session_seconds: 900,
            preferences: Preferences::default(),
            request: "test-0001".to_owned(),
            path: path.to_owned(),
            nonce: "n".to_owned(),
            address: "127.0.0.1".to_owned(),
            agent: "Firefox".to_owned(),
        }
    }

    pub(crate) async fn get(&self, role: &str, path: &str) -> Seen {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.send(self.visit(role, path), request).await
    }

    /// Sends a form with the token of the session.
    pub(crate) async fn post(&self, role: &str, path: &str, fields: &[(&str, &str)]) -> Seen {
        let visit = self.visit(role, path);
        let token = visit.new_form_token();
        let fields = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", zhengtong_ui::words::encode(value)));
        let body =
            [format!("csrf={token}")].into_iter().chain(fields).collect::<Vec<_>>().join("&");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        self.send(visit, request).await
    }

    async fn send(&self, visit: Visit, request: Request<Body>) -> Seen {
        let router: Router = routes().with_state(self.app.clone()).layer(Extension(visit));
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let location = response
            .headers()
            .get(header::LOCATION)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let fault = response.extensions().get::<zhengtong_http::Fault>().cloned();
        assert!(!status.is_server_error(), "{fault:?}");
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Seen { status, location, page: String::from_utf8(bytes.to_vec()).unwrap() }
    }
}

fn officer(number: u128, role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: format!("测{role}"),
        organisation: Some(id(OFFICE)),
        post: Some(id(1000 + number)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

fn shelf() -> Shelf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut report = Report::default();
    let packs = Packs::from_folder(&folder, &mut report);
    let roles = zhengtong_party::read(&packs, &mut report);
    let registry = zhengtong_registry::read(&packs, &mut report);
    assert!(report.usable(), "{:#?}", report.findings);
    Shelf::default()
        .with(roles)
        .with(registry)
        .with(zhengtong_process::read(&packs, &mut report))
        .with(zhengtong_process::Published::default())
        .with(PackList::of(&packs, &report))
        .with(zhengtong_setting::Live::default())
        .with(console())
}

/// What the wiring would tell of the process.
fn console() -> Console {
    Console {
        version: "0.0.1".to_owned(),
        public_url: "http://127.0.0.1:8080".to_owned(),
        backup: true,
        settings: vec![Configured {
            key: "server.listen".to_owned(),
            meaning: Text::new("监听的地址", "Address to listen on"),
            value: "\"127.0.0.1:8080\"".to_owned(),
            default: "\"127.0.0.1:8080\"".to_owned(),
            origin: Origin::File("/etc/zhengtong.toml".to_owned()),
        }],
        look: Arc::new(|db| {
            Box::pin(async move {
                db.ping().await.unwrap();
                vec![Check {
                    what: Text::new("测试检查", "test check"),
                    standing: Standing::Look,
                    detail: Text::same("detail"),
                    mend: Text::new("测试怎么修", "how to mend"),
                }]
            })
        }),
    }
}

fn seed() -> Seed {
    let person = |number: u128, role: &str| PersonPlain {
        id: id(number),
        name: format!("测{role}"),
        id_kind: IdKind::Passport,
        id_number: Some(format!("E{number:08}")),
        phone: Some(format!("1380000{number:04}")),
        region: None,
        level: 2,
    };
    let starts = Date::from_calendar_date(2026, time::Month::January, 1).unwrap();
    Seed {
        regions: Vec::new(),
        persons: STAFF.iter().map(|(number, role)| person(*number, role)).collect(),
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
        posts: STAFF
            .iter()
            .map(|(number, role)| Post {
                id: id(1000 + number),
                organisation: id(OFFICE),
                title: Text::same(*role),
                roles: vec![(*role).to_owned()],
            })
            .collect(),
        holdings: STAFF
            .iter()
            .map(|(number, _)| SeedHolding { post: id(1000 + number), person: id(*number), starts })
            .collect(),
        accounts: STAFF
            .iter()
            .map(|(number, role)| SeedAccount {
                id: id(2000 + number),
                login: (*role).to_owned(),
                kind: AccountKind::Staff,
                person: id(*number),
                password: "three white herons".to_owned(),
                totp_secret: Some("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned()),
            })
            .collect(),
        delegations: Vec::new(),
    }
}

/// The names and values of a form, put together.
pub(crate) fn with<'a>(
    usual: &[(&'a str, &'a str)],
    changed: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut fields: BTreeMap<&str, &str> = usual.iter().copied().collect();
    fields.extend(changed.iter().copied());
    fields.into_iter().collect()
}
