//! What is thrown at each parser: bytes go in, and nothing may panic, hang or break what the parser promises.
//!
//! The same functions serve `cargo fuzz` here and the replay tests in tools/replay.

#[path = "ground.rs"]
mod ground;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::FromRequest as _;
use axum::http::{HeaderMap, HeaderValue, Request, header};
use zhengtong_http::{Net, Preferences, Uploads, back, cookie, file_name};
use zhengtong_pack::{Packs, Report};

use ground::{bpmn, code, date, days, dmn, feel, geometry, policy, seal, table, text, unary};

/// A parser with its name.
pub type Entry = (&'static str, fn(&[u8]));

/// All of them. The name is the folder below `fuzz/corpus`.
pub const ENTRIES: &[Entry] = &[
    ("feel", feel),
    ("unary", unary),
    ("dmn", dmn),
    ("bpmn", bpmn),
    ("pack", pack),
    ("policy", policy),
    ("code", code),
    ("date", date),
    ("record", record),
    ("file", file),
    ("scanner", scanner),
    ("form", form),
    ("multipart", multipart),
    ("cookie", cookies),
    ("address", address),
    ("name", name),
    ("egress", egress),
    ("seal", seal),
    ("days", days),
    ("table", table),
    ("geometry", geometry),
    ("filter", filter),
    ("call", call),
];

/// The first line names the path within the pack, the rest is the file.
fn pack(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (path, file) = bytes.split_at(end);
    let Some(path) = text(path).filter(|path| !path.is_empty() && !path.contains("..")) else {
        return;
    };
    let file = file.get(1..).unwrap_or_default().to_vec();
    let manifest = b"id = \"probe\"\ntitle = { zh = \"x\", en = \"x\" }\nowner = \"x\"\n".to_vec();
    let files = BTreeMap::from([("pack.toml".to_owned(), manifest), (path.to_owned(), file)]);
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("probe".to_owned(), files)]), &mut report);
    drop(zhengtong_registry::read(&packs, &mut report));
    drop(zhengtong_process::read(&packs, &mut report));
    drop(zhengtong_document::read(&packs, &mut report));
    drop(zhengtong_notice::catalog(&packs, &mut report));
    drop(zhengtong_casework::read(&packs, &mut report));
    drop(zhengtong_service::read(&packs, &mut report));
    drop(zhengtong_party::read(&packs, &mut report));
    for finding in &report.findings {
        assert!(!finding.to_string().is_empty());
    }
}

fn record(bytes: &[u8]) {
    let trust = zhengtong_ledger::Trust::default();
    drop(zhengtong_ledger::verify_file(Cursor::new(bytes), &trust));
}

fn file(bytes: &[u8]) {
    if let Ok(kind) = zhengtong_blob::kind::inspect(&mut Cursor::new(bytes)) {
        assert!(!bytes.is_empty() && !kind.mime().is_empty());
    }
}

/// Nothing but the one clear word counts as clean.
fn scanner(bytes: &[u8]) {
    if zhengtong_blob::scan::parse(bytes).is_ok_and(|said| said == zhengtong_blob::Verdict::Clean) {
        let trimmed = String::from_utf8_lossy(bytes);
        assert_eq!(trimmed.trim_end_matches(['\0', '\n', '\r']), "stream: OK");
    }
}

fn form(bytes: &[u8]) {
    sent("application/x-www-form-urlencoded", bytes);
}

fn multipart(bytes: &[u8]) {
    sent("multipart/form-data; boundary=edge", bytes);
}

/// What comes out of a body holds no NUL, and no name of a file that is a path.
fn sent(kind: &'static str, bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    let request = Request::post("/").header(header::CONTENT_TYPE, kind);
    let Ok(request) = request.body(Body::from(bytes.to_vec())) else { return };
    if let Ok(uploads) = runtime.block_on(Uploads::from_request(request, &())) {
        for (name, value) in &uploads.fields.0 {
            assert!(!name.contains('\0') && !value.contains('\0'));
        }
        for file in &uploads.files {
            assert!(!file.name.contains(['/', '\\', '\0', '\n']) && !file.name.is_empty());
        }
    }
}

fn cookies(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, value);
    for name in ["zt_session", "zt_display", "zt_lane", ""] {
        if let Some(value) = cookie(&headers, name) {
            assert!(!value.contains(';'));
            let once = Preferences::parse(&value).cookie();
            assert_eq!(Preferences::parse(&once).cookie(), once);
        }
    }
}

/// The way back stays here; a range of addresses is one or is none.
fn address(bytes: &[u8]) {
    let Some(given) = text(bytes) else { return };
    let way = back(given);
    assert!(way.starts_with('/') && !way.starts_with("//") && !way.contains(['\r', '\n', '\\']));
    if let Ok(net) = given.parse::<Net>() {
        drop(format!("{net:?} {}", net.holds([127, 0, 0, 1].into())));
    }
}

fn name(bytes: &[u8]) {
    let Some(given) = text(bytes) else { return };
    let plain = file_name(given);
    assert!(!plain.is_empty() && plain.chars().count() <= 120);
    assert!(!plain.contains(['/', '\\']) && !plain.chars().any(char::is_control));
    assert_eq!(file_name(&plain), plain, "cleaned twice differs");
}

/// With an empty list nothing may be called, whatever it looks like.
fn egress(bytes: &[u8]) {
    static WAY: OnceLock<Option<zhengtong_egress::Egress>> = OnceLock::new();
    let Some(given) = text(bytes) else { return };
    let way = WAY.get_or_init(|| {
        let settings = zhengtong_egress::Settings::default();
        zhengtong_egress::Egress::with_names(settings, none()).ok()
    });
    let Some(egress) = way else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    let outcome = runtime.block_on(egress.send(&zhengtong_egress::Request::get(given)));
    assert!(matches!(outcome, Err(zhengtong_egress::Error::Refused(_))), "{outcome:?}");
}

fn none() -> zhengtong_egress::Names {
    zhengtong_egress::Names::new(|_name| Box::pin(async { Ok(Vec::new()) }))
}

/// What people type and programs ask for in the catalogue of open data.
fn filter(bytes: &[u8]) {
    let Some(given) = text(bytes) else { return };
    let mut query = zhengtong_portal::Query::default();
    drop(query.read_words(given));
    assert!(query.words.iter().all(|word| word.len() <= given.len() * 3));
    drop(query.filter.read(given));
}

/// A call of the exchange: the method and the address on the first line, headers, an empty line, the body.
fn call(bytes: &[u8]) {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => {
            (bytes.get(..end).unwrap_or_default(), bytes.get(end + 2..).unwrap_or_default())
        }
        None => (bytes, &[][..]),
    };
    let Some(head) = text(head) else { return };
    let mut lines = head.lines();
    let (method, address) = lines.next().unwrap_or_default().split_once(' ').unwrap_or_default();
    let (path, query) = match address.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (address, None),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) =
            (name.parse::<header::HeaderName>(), value.trim().parse::<HeaderValue>())
        {
            headers.append(name, value);
        }
    }
    let (method, path, body) = (method.to_owned(), path.to_owned(), body.to_vec());
    let incoming = zhengtong_exchange::Incoming { method, path, query, headers, body };
    if let Ok(read) = zhengtong_exchange::Request::read(incoming, "request") {
        assert!(
            read.path.ends_with(&read.rest) && (read.rest.is_empty() || read.rest.starts_with('/'))
        );
        assert!(read.headers.get("host").is_none() && !read.head().is_empty());
        let client = read.client.to_string().parse::<zhengtong_exchange::SystemName>();
        assert_eq!(client.ok().as_ref(), Some(&read.client));
    }
}
