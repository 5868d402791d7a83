//! What the tests share: the packs, a database, actors, and the reading of PDFs.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;
use zhengtong_base::Behalf;
use zhengtong_blob::Blobs;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_document::{Catalog, NewDocument, SCHEMA, Settings, read};
use zhengtong_pack::{Packs, Report};

/// What this engine's verbs need of the policies of a city.
pub(crate) const POLICY: &str = r#"
permit(principal, action in [Action::"document.mine", Action::"document.verify"], resource);
permit(principal, action == Action::"document.issue", resource)
when { principal.kind == "system" };
permit(principal, action in [Action::"document.open", Action::"document.pdf"], resource)
when { principal has person && resource has owner && principal.person == resource.owner };
permit(principal, action in [Action::"document.open", Action::"document.pdf"], resource)
when { principal has behalf && resource has owner_organisation
       && principal.behalf == resource.owner_organisation };
permit(principal, action in [Action::"document.open", Action::"document.pdf",
                             Action::"document.revoke", Action::"document.preview"], resource)
when { principal.kind == "staff" };
"#;

/// A city with the packs of `tests/fixtures`.
pub(crate) struct City {
    pub(crate) test: TestDb,
    pub(crate) holder: Uuid,
    pub(crate) company: Uuid,
    pub(crate) files: TempDir,
}

impl City {
    pub(crate) async fn new(policy: &str) -> Self {
        let files = tempfile::tempdir().unwrap();
        let test = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
        let shelf = Shelf::default()
            .with(catalog().0)
            .with(settings())
            .with(Blobs::open(files.path()).await.unwrap());
        let test = test.with(policy, shelf);
        Self { test, holder: Uuid::new_v4(), company: Uuid::new_v4(), files }
    }

    /// A licence of the company.
    pub(crate) fn licence(&self) -> NewDocument {
        NewDocument {
            template: "food:licence".to_owned(),
            holder_organisation: Some(self.company),
            holder_name: "示例餐饮有限公司".to_owned(),
            issuer: Uuid::from_u128(7),
            issuer_name: "示例市市场监督管理局".to_owned(),
            issuer_code: Some("11330105002500287C".to_owned()),
            data: json!({"kind": 2, "address": "西湖区文一路 1 号", "items": ["热食类食品制售", "冷食类食品制售"]}),
            case_no: Some("330106-FB-2026-000001".to_owned()),
            region: Some("330106007".to_owned()),
            ..NewDocument::default()
        }
    }

    /// A decision about the person.
    pub(crate) fn decision(&self, name: &str, words: &str) -> NewDocument {
        NewDocument {
            template: "food:decision".to_owned(),
            holder_person: Some(self.holder),
            holder_name: name.to_owned(),
            issuer: Uuid::from_u128(7),
            issuer_name: "示例市市场监督管理局".to_owned(),
            data: json!({ "words": words }),
            ..NewDocument::default()
        }
    }

    /// The person, acting for the company.
    pub(crate) fn agent(&self) -> Actor {
        Actor {
            behalf: Some(Behalf {
                organisation: self.company,
                credit_code: "91350100M000100Y43".to_owned(),
                name: "示例餐饮有限公司".to_owned(),
            }),
            ..citizen(self.holder)
        }
    }

    /// Verbs in the record of acts, the first first.
    pub(crate) async fn verbs(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT verb FROM ledger.entry ORDER BY id")
            .fetch_all(self.test.db.pool())
            .await
            .unwrap()
    }
}

pub(crate) fn citizen(person: Uuid) -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(person),
        person: Some(person),
        name: "王小样".to_owned(),
        ..Actor::visitor()
    }
}

pub(crate) fn staff() -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(70)),
        person: Some(Uuid::from_u128(71)),
        organisation: Some(Uuid::from_u128(7)),
        name: "李样例".to_owned(),
        ..Actor::visitor()
    }
}

pub(crate) fn catalog() -> (Catalog, Report) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut report = Report::default();
    let packs = Packs::from_folder(&folder, &mut report);
    let catalog = read(&packs, &mut report);
    (catalog, report)
}

/// Shared by all tests, so that fonts are read once.
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    Settings::new("https://city.example/", vec![PathBuf::from("/usr/share/fonts")])
});

pub(crate) fn settings() -> Settings {
    SETTINGS.clone()
}

/// The words of a PDF without the spaces that a reader guesses between them.
pub(crate) fn solid(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// The words of a PDF, as any reader finds them.
pub(crate) fn words(pdf: &[u8]) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// What the QR codes on the first page of a PDF say, after it was drawn as a picture.
pub(crate) fn qr_codes(pdf: &[u8], folder: &Path) -> Vec<String> {
    let (from, to) = (folder.join("paper.pdf"), folder.join("paper"));
    std::fs::write(&from, pdf).unwrap();
    let drawn = Command::new("pdftoppm")
        .args(["-r", "150", "-gray", "-singlefile"])
        .args([&from, &to])
        .status()
        .unwrap();
    assert!(drawn.success());
    let picture = std::fs::read(folder.join("paper.pgm")).unwrap();
    let (mut at, mut header) = (0, Vec::new());
    while header.len() < 4 {
        let end = at + picture[at..].iter().position(u8::is_ascii_whitespace).unwrap();
        header.push(std::str::from_utf8(&picture[at..end]).unwrap().to_owned());
        at = end + 1;
    }
    let (width, height): (usize, usize) = (header[1].parse().unwrap(), header[2].parse().unwrap());
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        picture[at + y * width + x]
    });
    image.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
}
