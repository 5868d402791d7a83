//! A small city: an office with its officers, a company that applies, and requests as from their browsers.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::{Extension, Router};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;
use zhengtong_base::{Behalf, Text};
use zhengtong_blob::Blobs;
use zhengtong_casework::{Applicant, Fact, FactSection, MaterialFile, NewMaterial, Opening};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_desk::routes;
use zhengtong_http::{App, Preferences, Settings, Visit};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{NewOrganisation, OrganisationKind, Seed, SeedOrganisation, seed};
use zhengtong_registry::{Origin, put};

const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
const CODE: &str = "91350100M000100Y43";
const OFFICE: u128 = 100;
const COMPANY: u128 = 200;
/// Another department, whose officers have nothing to do with the cases of the office.
const ELSEWHERE: u128 = 300;
/// The office that keeps the divisions.
const CIVIL: u128 = 400;
/// A file that is what it says it is.
pub(crate) const PDF: &[u8] =
    b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n";
pub(crate) const AGENT: u128 = 2;

/// Officers: number, word, role.
const STAFF: [(u128, &str, &str); 11] = [
    (11, "window", "window"),
    (12, "reviewer", "reviewer"),
    (13, "inspector", "inspector"),
    (14, "head", "head"),
    (15, "window-two", "window"),
    (16, "steward", "steward"),
    (21, "system-admin", "system-admin"),
    (31, "other-window", "window"),
    (34, "other-head", "head"),
    (36, "other-steward", "steward"),
    (46, "civil-steward", "steward"),
];

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A running city.
pub(crate) struct City {
    pub(crate) test: TestDb,
    pub(crate) app: App,
    _files: tempfile::TempDir,
}

/// An answer as a browser sees it.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Seen {
    pub(crate) fn page(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

impl City {
    pub(crate) async fn new() -> Self {
        Self::on(packs(&[])).await
    }

    /// The city where hearings need the head and a result, and lesser papers may come later.
    pub(crate) async fn lenient() -> Self {
        Self::on(packs(&[
            ("food-business/casework/licence.toml", lenient_case),
            ("food-business/process/licence.bpmn", lenient_process),
        ]))
        .await
    }

    /// The city where a licence costs something.
    pub(crate) async fn charging() -> Self {
        Self::on(packs(&[("food-business/casework/licence.toml", charging_case)])).await
    }

    async fn on(files: Files) -> Self {
        let schemas = [
            zhengtong_db::SCHEMA,
            zhengtong_ledger::SCHEMA,
            zhengtong_party::SCHEMA,
            zhengtong_registry::SCHEMA,
            zhengtong_process::SCHEMA,
            zhengtong_document::SCHEMA,
            zhengtong_notice::SCHEMA,
            zhengtong_casework::SCHEMA,
            zhengtong_sharing::SCHEMA,
        ];
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).await.unwrap();
        let fonts = vec!["/usr/share/fonts".into()];
        let papers = zhengtong_document::Settings::new("https://www.example.gov.cn", fonts);
        let shelf = shelf(files).with(blobs.clone()).with(papers);
        let test = TestDb::new(&schemas).await.with(HOUSE, shelf);
        let catalog = test.db.defs::<zhengtong_registry::Catalog>().unwrap();
        let mut tx = test.db.begin_raw().await.unwrap();
        zhengtong_registry::sync(&mut tx, &catalog).await.unwrap();
        tx.commit().await.unwrap();
        let mut ctx = test.ctx(Actor::system("seed")).await;
        let origin = Origin::new("登记");
        put(&mut ctx, "base-legal:organisation", &company(), &origin).await.unwrap();
        let units = Seed { organisations: vec![office()], ..Seed::default() };
        seed(&mut ctx, &units).await.unwrap();
        ctx.commit().await.unwrap();
        let settings = Settings {
            city: Text::same("示例市"),
            legal: Vec::new(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            demo: false,
        };
        let app = App {
            db: test.db.clone(),
            blobs: Arc::new(blobs),
            settings: Arc::new(settings),
            secret: Arc::new([7; 32]),
        };
        Self { test, app, _files: folder }
    }

    /// A visit of an officer, of the company's agent, or of nobody.
    pub(crate) fn visit(&self, who: &str, path: &str) -> Visit {
        let staff = STAFF.iter().find(|(_, word, _)| *word == who);
        let actor = match (staff, who) {
            (Some((number, word, role)), _) => {
                let (place, unit) = match word.split_once('-') {
                    Some(("other", _)) => (ELSEWHERE, "statistics"),
                    Some(("civil", _)) => (CIVIL, "civil-affairs"),
                    _ => (OFFICE, "market-regulation"),
                };
                Actor {
                    organisation: Some(id(place)),
                    unit: Some(unit.to_owned()),
                    ..officer(*number, role)
                }
            }
            (None, "agent") => agent(),
            (None, _) => Actor::visitor(),
        };
        Visit {
            app: self.app.clone(),
            actor,
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

    pub(crate) async fn get(&self, who: &str, path: &str) -> Seen {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.send(self.visit(who, path), request).await
    }

    /// Opens a page that must be there.
    pub(crate) async fn page(&self, who: &str, path: &str) -> String {
        let seen = self.get(who, path).await;
        assert_eq!(seen.status, StatusCode::OK, "{who} {path}");
        seen.page()
    }

    /// Sends a form with the token of the session.
    pub(crate) async fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Seen {
        let visit = self.visit(who, path);
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

    /// Sends a form that carries a file.
    pub(crate) async fn upload(
        &self,
        who: &str,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Seen {
        let visit = self.visit(who, path);
        let token = visit.new_form_token();
        let mut body = Vec::new();
        for (name, value) in [("csrf", token.as_str())].iter().chain(fields) {
            let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
        }
        for (name, bytes) in files {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"scan.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body))
            .unwrap();
        self.send(visit, request).await
    }

    async fn send(&self, visit: Visit, request: Request<Body>) -> Seen {
        let router: Router = routes().with_state(self.app.clone()).layer(Extension(visit));
        let response = router.oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let location = headers
            .get(header::LOCATION)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Seen { status, location, headers, bytes }
    }

    /// A case of the company, with one paper.
    pub(crate) async fn opened(&self) -> String {
        self.lacking(&[]).await
    }

    /// A case of the company without papers that may come later.
    pub(crate) async fn lacking(&self, papers: &[&str]) -> String {
        let file = self.app.blobs.put(&b"%PDF-1.7 plan"[..], 1_024).await.unwrap();
        let mut ctx = self.test.ctx(agent()).await;
        let mut opening = opening(file.digest.to_string());
        opening.deferrable = papers.iter().map(|name| Text::same(*name)).collect();
        let no = zhengtong_casework::open(&mut ctx, opening).await.unwrap();
        ctx.commit().await.unwrap();
        no
    }

    /// A case that was granted, with its licence.
    pub(crate) async fn granted(&self) -> String {
        let no = self.opened().await;
        for (who, outcome) in [
            ("window", "accept"),
            ("reviewer", "reviewed"),
            ("inspector", "inspected"),
            ("head", "grant"),
        ] {
            let done = self.decide(who, &no, outcome, "").await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{outcome}");
        }
        no
    }

    /// Does an act as an officer would: opens its page, then sends its form with the version that stood there.
    pub(crate) async fn act(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Seen {
        let page = self.page(who, path).await;
        let seen =
            if page.contains("name=\"seen\"") { seen_version(&page) } else { "0".to_owned() };
        let mut fields = fields.to_vec();
        fields.push(("seen", &seen));
        self.post(who, path, &fields).await
    }

    /// The page on which an officer decides a case so, as the case page offers it.
    pub(crate) async fn way(&self, who: &str, no: &str, outcome: &str) -> String {
        let page = self.page(who, &format!("/desk/casework/{no}")).await;
        let ways = page.split("href=\"").filter_map(|part| part.split('"').next());
        let ending = format!("/{outcome}");
        ways.filter(|way| way.contains("/decide/"))
            .find(|way| way.ends_with(&ending))
            .unwrap_or_default()
            .to_owned()
    }

    /// Stops the clock or lets it run, with the version of the case as it stands on its page.
    pub(crate) async fn hold(
        &self,
        who: &str,
        no: &str,
        act: &str,
        fields: &[(&str, &str)],
    ) -> Seen {
        let case = format!("/desk/casework/{no}");
        let page = self.page(who, &case).await;
        let seen =
            if page.contains("name=\"seen\"") { seen_version(&page) } else { "0".to_owned() };
        let mut fields = fields.to_vec();
        fields.push(("seen", &seen));
        self.post(who, &format!("{case}/{act}"), &fields).await
    }

    /// Decides as an officer would: opens the page, then sends what it holds.
    pub(crate) async fn decide(&self, who: &str, no: &str, outcome: &str, reason: &str) -> Seen {
        let way = self.way(who, no, outcome).await;
        let page = self.page(who, &way).await;
        let seen = seen_version(&page);
        self.post(who, &way, &[("seen", &seen), ("reason", reason)]).await
    }
}

/// The version of the case in a form.
pub(crate) fn seen_version(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"seen\" value=\"").unwrap();
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn officer(number: u128, role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: format!("示例{role}{number}"),
        organisation: Some(id(OFFICE)),
        post: Some(id(1000 + number)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

fn agent() -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(id(2000 + AGENT)),
        person: Some(id(AGENT)),
        name: "示例市民2".to_owned(),
        behalf: Some(Behalf {
            organisation: id(COMPANY),
            credit_code: CODE.to_owned(),
            name: "示例餐饮有限公司".to_owned(),
        }),
        roles: vec!["citizen-agent".to_owned(), "citizen-agent:apply".to_owned()],
        ..Actor::visitor()
    }
}

/// The office as the platform knows it.
fn office() -> SeedOrganisation {
    SeedOrganisation {
        id: id(OFFICE),
        organisation: NewOrganisation {
            parent: None,
            region: None,
            kind: OrganisationKind::Department,
            name: Text::same("示例市市场监督管理局"),
            short: Some("market-regulation".to_owned()),
            credit_code: None,
            representative: None,
        },
    }
}

/// The company as the register has it.
fn company() -> BTreeMap<String, Value> {
    let company = [
        ("credit_code", json!(CODE)),
        ("name", json!("示例餐饮有限公司")),
        ("kind", json!("10")),
        ("legal_representative", json!("示例甲")),
        ("address", json!("杭州市西湖区某路2号")),
        ("established_on", json!("2020-01-02")),
        ("status", json!("1")),
    ];
    company.map(|(name, value)| (name.to_owned(), value)).into()
}

type Files = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

/// A file of a pack, and what it says instead.
type Change = (&'static str, fn(&str) -> String);

/// The shipped packs, some files of them changed.
fn packs(changes: &[Change]) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let shipped = Packs::from_folder(&folder, &mut Report::default());
    let files = shipped.iter().map(|pack| (pack.id().to_owned(), pack.files().clone()));
    let mut files: Files = files.collect();
    for (path, change) in changes {
        let (pack, path) = path.split_once('/').unwrap();
        let file = files.get_mut(pack).unwrap().get_mut(path).unwrap();
        *file = change(std::str::from_utf8(file).unwrap()).into_bytes();
    }
    files
}

/// Each licence costs 50 yuan.
fn charging_case(shipped: &str) -> String {
    format!(
        r#"{shipped}
[fee.seal]
title = {{ zh = "工本费", en = "Fee" }}
standard = {{ zh = "每件50元", en = "50 yuan" }}
basis = {{ zh = "示例收费文件", en = "An order" }}
amount = 5000
valid_from = "2020-01-01"
"#
    )
}

/// Hearings are approved by the head and end with a result; papers may come later, a promise is taken, and the head
/// ends cases.
fn lenient_case(shipped: &str) -> String {
    let mut own: String = shipped
        .split_inclusive("\n\n")
        .filter(|part| {
            let starts = |head: &str| part.trim_start().lines().any(|line| line == head);
            !["[deferral]", "[promise]", "[ending]", "[outcome.accept_deferred]"]
                .iter()
                .any(|head| starts(head))
        })
        .collect();
    own = own.replace("[stops.hearing]\n", "[stops.hearing]\napprover = \"head\"\nresult = true\n");
    assert!(own.contains("result = true"));
    own.push_str(
        r#"
[deferral]
limit = "10 working days"
undertaking = { zh = "本单位承诺按期补齐", en = "We undertake to bring the rest in time" }
basis = { zh = "示例规定", en = "A sample rule" }

[promise]
undertaking = { zh = "本单位承诺符合条件", en = "We promise that the conditions are met" }
basis = { zh = "示例规定", en = "A sample rule" }

[ending]
basis = { zh = "示例规定第五条", en = "A sample rule" }
event = { zh = "已终止办理", en = "Ended" }

[outcome.accept_deferred]
title = { zh = "容缺受理", en = "Accept, papers to follow" }
effect = "accept"
defer = true
basis = { zh = "示例规定", en = "A sample rule" }
event = { zh = "已容缺受理", en = "Accepted with papers owed" }
"#,
    );
    own
}

fn lenient_process(shipped: &str) -> String {
    let own = shipped
        .replace("\"accept,accept_deferred,correct", "\"accept,correct")
        .replace("\"accept,correct", "\"accept,accept_deferred,correct")
        .replace(r#" or outcome = "accept_deferred""#, "")
        .replace(
            r#">outcome = "accept"<"#,
            r#">outcome = "accept" or outcome = "accept_deferred"<"#,
        );
    assert!(own.contains(r#"or outcome = "accept_deferred"<"#));
    own
}

fn shelf(files: Files) -> Shelf {
    let mut report = Report::default();
    let packs = Packs::from_files(files, &mut report);
    let shelf = Shelf::default()
        .with(zhengtong_party::read(&packs, &mut report))
        .with(zhengtong_registry::read(&packs, &mut report))
        .with(zhengtong_process::read(&packs, &mut report))
        .with(zhengtong_document::read(&packs, &mut report))
        .with(zhengtong_notice::catalog(&packs, &mut report))
        .with(zhengtong_casework::read(&packs, &mut report));
    assert!(report.usable(), "{:#?}", report.findings);
    shelf
}

fn opening(digest: String) -> Opening {
    let answers = json!({
        "same_address": true, "premises": "owned", "water": "tap", "area": 120,
        "kind": "2", "items": ["21"], "officer_name": "示例乙", "officer_mobile": "13800000000",
    });
    let fact = |zh: &str, value: &str, source: Option<&str>| Fact {
        key: zh.to_owned(),
        label: Text::same(zh),
        value: Text::same(value),
        source: source.map(Text::same),
    };
    Opening {
        kind: "food-business:licence".to_owned(),
        item: "food-business:new".to_owned(),
        item_version: "1".to_owned(),
        title: Text::new("食品经营许可（新办）", "Food business licence (new)"),
        person: id(AGENT),
        person_name: "示例市民2".to_owned(),
        organisation: Some(Applicant {
            id: id(COMPANY),
            name: "示例餐饮有限公司".to_owned(),
            credit_code: CODE.to_owned(),
        }),
        department: id(OFFICE),
        department_name: "示例市市场监督管理局".to_owned(),
        region: "330106".to_owned(),
        answers: answers.as_object().cloned().unwrap(),
        sealed: ["officer_name", "officer_mobile"].map(str::to_owned).into(),
        typed: std::collections::BTreeSet::new(),
        facts: vec![FactSection {
            title: Text::new("经营场所", "Premises"),
            rows: vec![
                fact("经营地址", "示例路 26 号", Some("市场主体登记库")),
                fact("面积", "120 平方米", None),
            ],
        }],
        materials: vec![NewMaterial {
            name: Text::new("布局平面图", "Floor plan"),
            source: "applicant".to_owned(),
            source_note: None,
            file: Some(MaterialFile {
                digest,
                name: "平面图.pdf".to_owned(),
                size: 13,
                mime: "application/pdf".to_owned(),
            }),
        }],
        reads: std::collections::BTreeSet::new(),
        deferrable: Vec::new(),
        promised_days: 5,
        statutory_days: 20,
    }
}
