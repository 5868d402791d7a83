//! Files that programs bring: by the unit that answers for the dataset, once for each number, every bad row kept.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use time::macros::date;
use zhengtong_base::Text;
use zhengtong_db::Actor;
use zhengtong_party::{
    AccountKind, NewOrganisation, OrganisationKind, Post, Seed, SeedAccount, SeedHolding,
    SeedOrganisation, Token, seed,
};
use zhengtong_registry::{Loader, Step, load_of, step};
use zhengtong_tabular::{Cell, write_xlsx};

use crate::shape::fits_of;
use crate::world::{AGENT, City, Got, account, id, person};

const POST: &str = "/api/v1/datasets/{dataset}/loads";
const ONE: &str = "/api/v1/datasets/{dataset}/loads/{load}";
const FAULTS: &str = "/api/v1/datasets/{dataset}/loads/{load}/faults";
/// A dataset of the data bureau, which holds nothing personal, and one of the market regulator about persons.
const CONVERSION: &str = "/api/v1/datasets/data-standards:conversion/loads";
const ORGANISATION: &str = "/api/v1/datasets/base-legal:organisation/loads";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const FILE: &str = "来源系统,本市代码表,来源写法,本市代码,转换依据,转换规则生效日期
示例系统,sex,M,1,示例数据字典,2025-01-01
示例系统,sex,F,2,示例数据字典,2025/1/1
示例系统,sex,F,9,写重了,2025-01-01
示例系统,sex,X,9,日期错,2025-13-01
";
/// The units, the posts there and who holds them.
const DATA: u128 = 300;
const DATA_STEWARD: u128 = 31;
const MARKET_STEWARD: u128 = 32;
const CLERK: u128 = 33;

/// The city with a data bureau, two data stewards and a clerk.
async fn city() -> City {
    let city = City::new().await;
    let staff =
        [(DATA_STEWARD, DATA, "steward"), (MARKET_STEWARD, 100, "steward"), (CLERK, 100, "window")];
    let numbers = ["990101199003070138", "990101199003070074", "990101199003070090"];
    let people = Seed {
        persons: staff.iter().zip(numbers).map(|((number, ..), no)| person(*number, no)).collect(),
        organisations: vec![SeedOrganisation {
            id: id(DATA),
            organisation: NewOrganisation {
                parent: None,
                region: None,
                kind: OrganisationKind::Department,
                name: Text::new("示例市数据局", "Data Bureau of Sample City"),
                short: Some("data-administration".to_owned()),
                credit_code: None,
                representative: None,
            },
        }],
        accounts: staff
            .iter()
            .map(|(number, ..)| SeedAccount { kind: AccountKind::Staff, ..account(*number) })
            .collect(),
        posts: staff
            .iter()
            .map(|(number, unit, role)| Post {
                id: id(1000 + number),
                organisation: id(*unit),
                title: Text::same(if *unit == DATA { "operator" } else { *role }),
                roles: vec![(*role).to_owned()],
            })
            .collect(),
        holdings: staff
            .iter()
            .map(|(number, ..)| SeedHolding {
                post: id(1000 + number),
                person: id(*number),
                starts: date!(2026 - 01 - 01),
            })
            .collect(),
        ..Seed::default()
    };
    let mut ctx = city.test.ctx(Actor::system("seed")).await;
    seed(&mut ctx, &people).await.unwrap();
    ctx.commit().await.unwrap();
    city
}

/// What is sent, which is query, number, type and body, and what is answered: the status and the field that is wrong.
type Refused<'a> = (&'a str, &'a str, &'a str, &'a [u8], u16, &'a str);

/// Who shows what: a session, or a token.
enum By<'a> {
    Session(&'a Token),
    Token(&'a str),
    Nobody,
}

impl By<'_> {
    fn header(&self) -> Vec<(&'static str, String)> {
        match self {
            By::Session(token) => {
                vec![("cookie", format!("{}={}", zhengtong_http::SESSION_COOKIE, token.as_str()))]
            }
            By::Token(token) => vec![("authorization", format!("Bearer {token}"))],
            By::Nobody => Vec::new(),
        }
    }
}

async fn bring(city: &City, by: &By<'_>, path: &str, key: &str, kind: &str, body: &[u8]) -> Got {
    let mut headers = by.header();
    for (name, value) in [("idempotency-key", key), ("content-type", kind)] {
        if !value.is_empty() {
            headers.push((name, value.to_owned()));
        }
    }
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    city.send_file(path, &headers, body).await
}

async fn get(city: &City, by: &By<'_>, path: &str) -> Got {
    match by {
        By::Session(token) => city.get_as(token, path).await,
        By::Token(token) => city.get_bearer(token, path).await,
        By::Nobody => city.get(path).await,
    }
}

/// Does the work that a load leaves, and gives what is told of it then.
async fn done(city: &City, by: &By<'_>, brought: &Got) -> Value {
    assert_eq!(brought.status, StatusCode::ACCEPTED, "{}", brought.text);
    fits_of(brought, "post", POST);
    let number = brought.json()["load"].as_i64().unwrap();
    let mut ctx = city.test.ctx(Actor::system("load")).await;
    let load = load_of(&mut ctx, number).await.unwrap();
    ctx.commit().await.unwrap();
    let mut loader = Loader::default();
    for _ in 0..50 {
        let mut ctx = city.test.ctx(Actor::system("load")).await;
        let took = step(&mut ctx, &city.blobs, &mut loader, load.id).await.unwrap();
        ctx.commit().await.unwrap();
        if took == Step::Over {
            break;
        }
    }
    let got = get(city, by, brought.header(header::LOCATION)).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
    fits_of(&got, "get", ONE);
    got.json()
}

/// New, changed, unchanged, refused.
fn counts(report: &Value) -> [i64; 4] {
    ["new", "changed", "unchanged", "refused"].map(|name| report["counts"][name].as_i64().unwrap())
}

#[tokio::test]
async fn a_file_is_loaded_and_the_same_file_changes_nothing() {
    let city = city().await;
    let session = city.enter(DATA_STEWARD).await;
    let steward = By::Session(&session);
    let first = bring(&city, &steward, CONVERSION, "k-1", "text/csv", FILE.as_bytes()).await;
    let waiting = first.json();
    assert_eq!((&waiting["state"], &waiting["mode"]), (&json!("waiting"), &json!("upsert")));
    assert_eq!(waiting["file"], "data-standards-conversion.csv");
    let place = format!("/api/v1/datasets/data-standards%3Aconversion/loads/{}", waiting["load"]);
    assert_eq!(first.header(header::LOCATION), place);
    let report = done(&city, &steward, &first).await;
    assert_eq!((&report["state"], counts(&report)), (&json!("done"), [2, 0, 0, 2]));
    assert_eq!(report["counts"]["read"], 4);

    // The same request gets the same load; the same file under another number changes nothing.
    let again = bring(&city, &steward, CONVERSION, "k-1", "text/csv", FILE.as_bytes()).await;
    assert_eq!((again.status, &again.json()["load"]), (StatusCode::ACCEPTED, &report["load"]));
    let other = FILE.replace("示例数据字典", "另一本字典");
    let reused = bring(&city, &steward, CONVERSION, "k-1", "text/csv", other.as_bytes()).await;
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reused.text);
    fits_of(&reused, "post", POST);
    let same = bring(&city, &steward, CONVERSION, "k-2", "text/csv", FILE.as_bytes()).await;
    let same = done(&city, &steward, &same).await;
    assert_eq!((&same["repeats"], counts(&same)), (&report["load"], [0, 0, 2, 2]));
    let changed = bring(&city, &steward, CONVERSION, "k-3", "text/csv", other.as_bytes()).await;
    assert_eq!(counts(&done(&city, &steward, &changed).await), [0, 2, 0, 2]);
    let seen = "/api/v1/datasets/data-standards:conversion/records?filter=written:F&fields=basis";
    let seen = city.get(seen).await.json();
    assert_eq!(seen["entries"][0]["values"]["basis"], "另一本字典");
}

#[tokio::test]
async fn bad_rows_are_kept_and_read_page_by_page() {
    let city = city().await;
    let session = city.enter(DATA_STEWARD).await;
    let steward = By::Session(&session);
    let load = bring(&city, &steward, CONVERSION, "k", "text/csv", FILE.as_bytes()).await;
    let report = done(&city, &steward, &load).await;
    let path = format!("{CONVERSION}/{}/faults", report["load"]);
    let all = get(&city, &steward, &path).await;
    assert_eq!(all.status, StatusCode::OK, "{}", all.text);
    fits_of(&all, "get", FAULTS);
    let all = all.json();
    let entries = all["entries"].as_array().unwrap();
    let places: Vec<(&Value, &Value)> =
        entries.iter().map(|entry| (&entry["line"], &entry["field"])).collect();
    assert_eq!(places, [(&json!(4), &json!(null)), (&json!(5), &json!("valid_from"))]);
    assert!(entries[1]["row"].as_str().unwrap().contains("2025-13-01"));
    assert!(!entries[0]["reason"]["en"].as_str().unwrap().is_empty());
    assert_eq!(all["next"], json!(null));
    // One a page: the next begins after the last.
    let first = get(&city, &steward, &format!("{path}?rows=1")).await.json();
    assert_eq!((&first["entries"][0], &first["next"]), (&entries[0], &json!(1)));
    let second = get(&city, &steward, &format!("{path}?rows=1&after=1")).await.json();
    assert_eq!((&second["entries"][0], &second["next"]), (&entries[1], &json!(null)));
    let past = get(&city, &steward, &format!("{path}?after=2")).await.json();
    assert_eq!((&past["entries"], &past["next"]), (&json!([]), &json!(null)));
    for (query, field) in [
        ("rows=0", "rows"),
        ("rows=1001", "rows"),
        ("rows=", "rows"),
        ("after=-1", "after"),
        ("after=x", "after"),
        ("aftr=1", "aftr"),
        ("rows=1&rows=2", "rows"),
    ] {
        let got = get(&city, &steward, &format!("{path}?{query}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        fits_of(&got, "get", FAULTS);
        assert_eq!(got.json()["errors"][0]["field"], field, "{query}");
    }
    // Of data about persons the row itself is not given.
    let session = city.enter(MARKET_STEWARD).await;
    let market = By::Session(&session);
    let text = "统一社会信用代码,name,legal_representative\n没有这样的代码,示例一,示例甲\n";
    let load = bring(&city, &market, ORGANISATION, "k", "text/csv", text.as_bytes()).await;
    let report = done(&city, &market, &load).await;
    let kept = get(&city, &market, &format!("{ORGANISATION}/{}/faults", report["load"])).await;
    let kept = kept.json();
    let row = &kept["entries"][0];
    assert_eq!((&row["line"], &row["field"]), (&json!(2), &json!("credit_code")));
    assert_eq!(row["row"], json!(null));
    assert!(!kept.to_string().contains("示例甲"));
}

#[tokio::test]
async fn files_of_other_kinds_and_encodings_are_read_and_the_mapping_is_said() {
    let city = city().await;
    let token = city.system_of("data-administration", "codes", &["registry.load"]).await;
    let system = By::Token(&token);
    // 示例系统 in GB 18030.
    let name = b"\xca\xbe\xc0\xfd\xcf\xb5\xcd\xb3";
    let mut national = b"a,b,c,d,e,f\n".to_vec();
    for part in [&name[..], b",sex,N,1,", &name[..], b",2025-01-01\n"] {
        national.extend_from_slice(part);
    }
    let by_mapping = format!(
        "{CONVERSION}?mapping=source,list,written,code,basis,valid_from&name=%E7%A0%81.csv"
    );
    let got =
        bring(&city, &system, &by_mapping, "k-1", "text/csv; charset=gb18030", &national).await;
    assert_eq!(got.json()["file"], "码.csv");
    assert_eq!(counts(&done(&city, &system, &got).await), [1, 0, 0, 0]);
    let names = ["source", "list", "written", "code", "basis", "valid_from"];
    let header = names.map(str::to_owned);
    let row =
        |written: &str| ["示例系统", "sex", written, "1", "字典", "2025-01-01"].map(str::to_owned);
    let object: serde_json::Map<String, Value> =
        header.iter().cloned().zip(row("J").map(Value::from)).collect();
    let array = json!([object]).to_string();
    let got = bring(&city, &system, CONVERSION, "k-2", "application/json", array.as_bytes()).await;
    assert_eq!(counts(&done(&city, &system, &got).await), [1, 0, 0, 0]);
    let book = write_xlsx("码", &header, &[row("B").map(Cell::Text).to_vec()]).unwrap();
    let got = bring(&city, &system, CONVERSION, "k-3", XLSX, &book).await;
    assert_eq!(counts(&done(&city, &system, &got).await), [1, 0, 0, 0]);
    // A full file ends what it does not hold; an incremental one passes over what came before.
    let full = format!("{CONVERSION}?mode=full");
    let got = bring(&city, &system, &full, "k-4", XLSX, &book).await;
    let report = done(&city, &system, &got).await;
    assert_eq!((&report["counts"]["ended"], counts(&report)), (&json!(2), [0, 0, 1, 0]));
    let newer = format!("{CONVERSION}?mode=incremental&watermark=valid_from");
    let got = bring(&city, &system, &newer, "k-5", "text/csv", FILE.as_bytes()).await;
    assert_eq!(counts(&done(&city, &system, &got).await)[0], 2);
    let got = bring(&city, &system, &newer, "k-6", "text/csv", FILE.as_bytes()).await;
    assert_eq!(done(&city, &system, &got).await["counts"]["skipped"], 3);
    let source = "/api/v1/datasets/data-standards:conversion/records?filter=written:B";
    assert_eq!(city.get(source).await.json()["entries"][0]["source"], "codes");
}

#[tokio::test]
async fn whoever_does_not_load_the_dataset_is_refused() {
    let city = city().await;
    let (data, market) = (city.enter(DATA_STEWARD).await, city.enter(MARKET_STEWARD).await);
    let (clerk, citizen) = (city.enter(CLERK).await, city.log_in(AGENT).await);
    let own = bring(&city, &By::Session(&data), CONVERSION, "k", "text/csv", FILE.as_bytes()).await;
    let load = own.json()["load"].as_i64().unwrap();
    let other = city.system("market-codes", &["registry.load"]).await;
    let scope = city.system_of("data-administration", "gate", &["process.message"]).await;
    let named = "示例市数据局";
    // Who, loading, the load, its refused rows, and whether the unit is named.
    let rows = [
        (By::Session(&market), [403, 200, 403], true),
        (By::Token(&other), [403, 403, 403], true),
        (By::Session(&clerk), [403, 403, 403], false),
        (By::Session(&citizen), [403, 403, 403], false),
        (By::Token(&scope), [403, 403, 403], false),
        (By::Token("no-token"), [401, 401, 401], false),
        (By::Nobody, [401, 401, 401], false),
    ];
    for (by, expected, says_whose) in rows {
        let posted = bring(&city, &by, CONVERSION, "x", "text/csv", FILE.as_bytes()).await;
        let one = get(&city, &by, &format!("{CONVERSION}/{load}")).await;
        let faults = get(&city, &by, &format!("{CONVERSION}/{load}/faults")).await;
        let who = by.header();
        fits_of(&posted, "post", POST);
        fits_of(&one, "get", ONE);
        fits_of(&faults, "get", FAULTS);
        let got = [&posted, &one, &faults].map(|got| got.status.as_u16());
        assert_eq!(got, expected, "{who:?} {}", posted.text);
        for refused in [&posted, &one, &faults].into_iter().filter(|got| got.status == 403) {
            assert_eq!(refused.text.contains(named), says_whose, "{who:?} {}", refused.text);
        }
    }
    // What is not there is told to those who load something, and to nobody else.
    let steward = By::Session(&data);
    let nothing = "/api/v1/datasets/data-standards:nothing/loads";
    for (by, expected) in [(&steward, 404), (&By::Session(&clerk), 403), (&By::Nobody, 401)] {
        let got = bring(&city, by, nothing, "x", "text/csv", FILE.as_bytes()).await;
        assert_eq!(got.status.as_u16(), expected, "{}", got.text);
        fits_of(&got, "post", POST);
        for path in
            [format!("{CONVERSION}/99"), format!("{CONVERSION}/x"), format!("{CONVERSION}/0")]
        {
            let got = get(&city, by, &path).await;
            assert_eq!(got.status.as_u16(), expected, "{path} {}", got.text);
            fits_of(&got, "get", ONE);
        }
    }
    // A load of another dataset is none of this one.
    let got = get(&city, &steward, &format!("{ORGANISATION}/{load}")).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    let only = get(&city, &steward, CONVERSION).await;
    assert_eq!(only.status, StatusCode::METHOD_NOT_ALLOWED);
    fits_of(&only, "post", POST);
}

#[tokio::test]
async fn what_cannot_be_loaded_is_refused_with_what_to_do() {
    let city = city().await;
    let session = city.enter(DATA_STEWARD).await;
    let steward = By::Session(&session);
    let csv = "text/csv";
    let rows: [Refused<'_>; 20] = [
        ("", "", csv, FILE.as_bytes(), 422, "Idempotency-Key"),
        ("?mod=full", "k", csv, FILE.as_bytes(), 422, "mod"),
        ("?mode=all", "k", csv, FILE.as_bytes(), 422, "mode"),
        ("?mode=", "k", csv, FILE.as_bytes(), 422, "mode"),
        ("?mode=full&mode=full", "k", csv, FILE.as_bytes(), 422, "mode"),
        ("?mode=incremental", "k", csv, FILE.as_bytes(), 422, "watermark"),
        ("?mode=incremental&watermark=nothing", "k", csv, FILE.as_bytes(), 422, "watermark"),
        ("?mapping=source", "k", csv, FILE.as_bytes(), 422, "mapping"),
        ("?mapping=source,list,,code,basis,valid_from", "k", csv, FILE.as_bytes(), 422, "written"),
        ("?mapping=source,list,written,code,nothing,", "k", csv, FILE.as_bytes(), 422, "nothing"),
        ("?mapping=source,list,written,code,code,", "k", csv, FILE.as_bytes(), 422, "code"),
        ("", "k", "text/plain", FILE.as_bytes(), 415, ""),
        ("", "k", "", FILE.as_bytes(), 415, ""),
        ("", "k", csv, b"", 422, ""),
        ("", "k", csv, b"[{}]", 422, "body"),
        ("", "k", csv, b"one,one\n1,2\n", 422, ""),
        ("", "k", "application/json", FILE.as_bytes(), 422, "body"),
        ("", "k", "application/json", b"[{", 422, ""),
        ("", "k", "application/json", b"[]", 422, ""),
        ("", "k", XLSX, b"PK\x03\x04 no workbook", 422, ""),
    ];
    for (query, key, kind, body, expected, field) in rows {
        let got = bring(&city, &steward, &format!("{CONVERSION}{query}"), key, kind, body).await;
        let case = format!("{query} {kind} {:?}", String::from_utf8_lossy(body));
        assert_eq!(got.status.as_u16(), expected, "{case}: {}", got.text);
        fits_of(&got, "post", POST);
        let problem = got.json();
        assert_eq!(problem["errors"][0]["field"].as_str().unwrap_or_default(), field, "{case}");
        assert!(!problem["text"]["zh"].as_str().unwrap().is_empty(), "{case}");
        if expected == 415 {
            assert!(got.text.contains("text/csv") && got.text.contains(XLSX), "{}", got.text);
        }
    }
    let large = vec![b'x'; (20 << 20) + 1];
    let got = bring(&city, &steward, CONVERSION, "k", csv, &large).await;
    assert_eq!(got.status, StatusCode::PAYLOAD_TOO_LARGE);
    fits_of(&got, "post", POST);
    assert!(got.text.contains("20 MB"), "{}", got.text);
    // Nothing of all this is a load, and the number is still free.
    let got = bring(&city, &steward, CONVERSION, "k", csv, FILE.as_bytes()).await;
    assert_eq!((got.status, &got.json()["load"]), (StatusCode::ACCEPTED, &json!(1)));
}
