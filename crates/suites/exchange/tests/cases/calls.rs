//! Calls: what reaches a provider, what comes back, what is written down, and every way in which a call fails.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};
use zhengtong_crypto::VerifyingKey;
use zhengtong_db::Actor;
use zhengtong_exchange::{
    Answered, Endpoint, Keep, What, approve, disable, evidence, log, message, open, revoke_access,
    revoke_key, sweep,
};
use zhengtong_ledger::{EntryId, find};

use crate::world::{CLIENT, City, PROVIDER, Provider, fine, header, json, official};

fn address(rest: &str) -> String {
    format!("/r1/{PROVIDER}/person{rest}")
}

async fn city() -> (City, Provider) {
    let provider = Provider::start(fine).await;
    let city = City::new(&format!("http://{}/base", provider.at), Keep::Full).await;
    (city, provider)
}

#[tokio::test]
async fn a_call_goes_to_the_provider_and_back_with_the_headers_of_the_protocol() {
    let provider = Provider::start(|_seen, _count| {
        let headers = [
            ("content-type", "application/json;charset=utf-8"),
            ("x-own", "kept"),
            ("cache-control", "max-age=60"),
            ("server", "inner/1.0"),
            ("connection", "keep-alive"),
            ("x-road-service", "forged"),
            ("x-road-request-hash", "forged"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
        (404, headers, br#"{"none":true}"#.to_vec())
    })
    .await;
    let city = City::new(&format!("http://{}/base/", provider.at), Keep::Full).await;
    let mut call = city.signed_with(
        "POST",
        &address("/people/7%2F8?q=%E5%BC%A0&q=2"),
        b"{\"id\":1}",
        &[
            ("x-road-id", "m-1"),
            ("x-road-issue", "SP-2026-000001"),
            ("x-road-userid", "CN-7"),
            ("x-mine", "1"),
        ],
    );
    for (name, value) in [
        ("host", "gateway"),
        ("user-agent", "client/1"),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("te", "trailers"),
    ] {
        call.headers.insert(name, value.parse().unwrap());
    }
    let answered = city.call(call).await;
    assert_eq!(answered.status, 404, "an answer of the provider comes back as it is");
    assert_eq!(answered.body, br#"{"none":true}"#);
    let seen = provider.seen().remove(0);
    assert_eq!(seen.line, "POST /base/people/7%2F8?q=%E5%BC%A0&q=2");
    assert_eq!(seen.body, b"{\"id\":1}");
    for (name, value) in [
        ("x-road-client", CLIENT),
        ("x-road-id", "m-1"),
        ("x-road-issue", "SP-2026-000001"),
        ("x-mine", "1"),
        ("accept", "application/json"),
    ] {
        assert_eq!(seen.headers.get(name).map(String::as_str), Some(value), "{name}");
    }
    for name in ["user-agent", "te", "x-hop"] {
        assert!(!seen.headers.contains_key(name), "{name}");
    }
    assert_eq!(seen.headers["host"], provider.at.to_string());
    let request_id = header(&answered, "x-road-request-id");
    assert_eq!(seen.headers["x-road-request-id"], request_id);
    for (name, value) in [
        ("x-road-client", CLIENT.to_owned()),
        ("x-road-service", format!("{PROVIDER}/person")),
        ("x-road-id", "m-1".to_owned()),
        ("x-own", "kept".to_owned()),
        ("cache-control", "max-age=60".to_owned()),
        ("content-type", "application/json;charset=utf-8".to_owned()),
        ("server", String::new()),
        ("x-road-error", String::new()),
    ] {
        assert_eq!(header(&answered, name), value, "{name}");
    }
}

/// The hash, worked out by another program from what the client sent and what came back.
fn recomputed(head: &str, body: &str) -> String {
    let script = "const c=require('crypto');const h=b=>c.createHash('sha512').update(b).digest();\
        const [head,body]=process.argv.slice(1).map(x=>Buffer.from(x,'base64'));\
        const out=body.length?h(Buffer.concat([h(head),h(body)])):h(head);\
        process.stdout.write(out.toString('base64'))";
    let encode = |text: &str| STANDARD.encode(text);
    let out = Command::new("node").args(["-e", script, &encode(head), &encode(body)]).output();
    String::from_utf8(out.unwrap().stdout).unwrap()
}

#[tokio::test]
async fn the_request_hash_is_what_another_program_works_out() {
    let (city, _provider) = city().await;
    for (method, rest, body) in [("POST", "/people/7?a=b", "{\"id\":1}"), ("GET", "/people/8", "")]
    {
        let call =
            city.signed_with(method, &address(rest), body.as_bytes(), &[("x-road-id", "m-9")]);
        let mut lines: Vec<String> = call
            .headers
            .iter()
            .map(|(name, value)| format!("{name}:{}\r\n", value.to_str().unwrap()))
            .collect();
        let answered = city.call(call).await;
        lines.push("accept:application/json\r\n".to_owned());
        lines.push(format!("x-road-request-id:{}\r\n", header(&answered, "x-road-request-id")));
        lines.sort_by(|one, other| one.split(':').next().cmp(&other.split(':').next()));
        let head = format!("{method}\r\n{}\r\n{}", address(rest), lines.concat());
        assert_eq!(header(&answered, "x-road-request-hash"), recomputed(&head, body), "{method}");
    }
}

async fn fails(city: &City, call: zhengtong_exchange::Incoming, status: u16, kind: &str) {
    let line = format!("{} {}", call.method, call.path);
    let answered = city.call(call).await;
    assert_eq!(header(&answered, "x-road-error"), kind, "{line}");
    assert_eq!(answered.status, status, "{line}");
    let body = json(&answered);
    assert_eq!(body["type"], kind);
    assert!(body["message"].as_str().unwrap().len() > 10, "{body}");
    assert_eq!(body["detail"].as_str().unwrap().len(), 36, "{body}");
    assert_eq!(header(&answered, "content-type"), "application/json; charset=utf-8");
}

/// Whether the signature of an answer fits: worked out from the answer alone, as RFC 9421 says.
fn fits(key: &VerifyingKey, answered: &Answered) -> bool {
    let digest = format!("sha-512=:{}:", STANDARD.encode(Sha512::digest(&answered.body)));
    if header(answered, "content-digest") != digest {
        return false;
    }
    let input = header(answered, "signature-input");
    let params = input.strip_prefix("sig1=").unwrap();
    let (list, rest) = params.strip_prefix('(').unwrap().split_once(')').unwrap();
    assert!(rest.contains(&format!(";keyid=\"{}\"", key.id())), "{rest}");
    let mut lines: Vec<String> = list
        .split(' ')
        .map(|name| match name.trim_matches('"') {
            "@status" => format!("{name}: {}", answered.status),
            other => format!("{name}: {}", header(answered, other)),
        })
        .collect();
    lines.push(format!("\"@signature-params\": {params}"));
    let signature = header(answered, "signature");
    let signature = signature.strip_prefix("sig1=:").unwrap().strip_suffix(':').unwrap();
    let signature = zhengtong_crypto::to_hex(&STANDARD.decode(signature).unwrap());
    key.verify(lines.join("\n").as_bytes(), &signature.parse().unwrap()).is_ok()
}

#[tokio::test]
async fn an_answer_is_signed_with_the_key_of_the_platform() {
    let (city, _provider) = city().await;
    let key = city.gateway.key();
    let other = zhengtong_crypto::SigningKey::from_seed([7; 32]).verifying_key();
    let told = format!("/r1/{PROVIDER}/listMethods");
    for (status, call) in [
        (200, city.signed_with("POST", &address("/people/7"), b"x", &[("x-road-id", "m-1")])),
        (200, city.signed("GET", &told, b"")),
        (500, city.signed("GET", &address("/other/7"), b"")),
        (500, city.signed("GET", &format!("/r1/{PROVIDER}/none"), b"")),
    ] {
        let line = format!("{} {}", call.method, call.path);
        let answered = city.call(call).await;
        assert_eq!(answered.status, status, "{line}");
        let input = header(&answered, "signature-input");
        for name in ["@status", "content-digest", "x-road-id", "x-road-request-hash"] {
            assert!(input.contains(&format!("\"{name}\"")), "{line}: {input}");
        }
        assert!(input.contains(&format!(";created={}", city.now().unix_timestamp())), "{input}");
        assert!(fits(&key, &answered), "{line}");
        let mut altered = answered.clone();
        altered.status = 201;
        assert!(!fits(&key, &altered), "{line}: another status");
        let mut altered = answered.clone();
        altered.body.push(b' ');
        assert!(!fits(&key, &altered), "{line}: another body");
        let digest = format!("sha-512=:{}:", STANDARD.encode(Sha512::digest(&altered.body)));
        altered.headers.insert("content-digest", digest.parse().unwrap());
        assert!(!fits(&key, &altered), "{line}: another body with its digest");
        for name in ["x-road-id", "x-road-request-hash"] {
            let mut altered = answered.clone();
            altered.headers.insert(name, "m-2".parse().unwrap());
            assert!(!fits(&key, &altered), "{line}: another {name}");
        }
        let mut altered = answered;
        let renamed = input.replace(&key.id().to_string(), &other.id().to_string());
        altered.headers.insert("signature-input", renamed.parse().unwrap());
        assert!(!fits(&other, &altered), "{line}: another key");
    }
    // What nobody signed is answered by nobody's name.
    let mut call = city.signed("GET", &address("/people/7"), b"");
    call.headers.remove("signature");
    let answered = city.call(call).await;
    assert_eq!(header(&answered, "signature"), "");
}

#[tokio::test]
async fn for_whom_a_system_asks_is_passed_on_when_it_can_be_read() {
    let (city, provider) = city().await;
    let asks = |name: &'static str, value: &str| {
        city.signed_with("GET", &address("/people/7"), b"", &[(name, value)])
    };
    let name = "x-road-represented-party";
    for value in ["GOV/11330100MB0000027E", "11330100MB0000027E"] {
        assert_eq!(city.call(asks(name, value)).await.status, 200, "{value}");
        assert_eq!(provider.seen().last().unwrap().headers[name], value);
    }
    let user = "33010219900101";
    assert_eq!(city.call(asks("x-road-userid", user)).await.status, 200);
    assert_eq!(provider.seen().last().unwrap().headers["x-road-userid"], user);
    let long = "a".repeat(401);
    for (name, value) in [
        (name, ""),
        (name, "GOV/"),
        (name, "GOV/11330100MB0000027E/people"),
        (name, "GOV/.."),
        (name, "GOV/a;b"),
        (name, "GOV/a%2Fb"),
        (name, long.as_str()),
        ("x-road-userid", long.as_str()),
    ] {
        fails(&city, asks(name, value), 400, "Client.BadRequest").await;
    }
    let mut call = asks(name, "GOV/11330100MB0000027E");
    call.headers.insert(name, "COM/11330100MB0000027E".parse().unwrap());
    fails(&city, call, 400, "Client.InvalidSignatureValue").await;
    assert_eq!(provider.seen().len(), 3);
}

#[tokio::test]
async fn what_breaks_the_protocol_is_a_bad_request() {
    let (city, provider) = city().await;
    let bad = "Client.BadRequest";
    fails(&city, city.signed("GET", "/r2/a/b/c/d/e", b""), 400, bad).await;
    fails(&city, city.signed("GET", "/r1/330100/GOV/x", b""), 400, bad).await;
    fails(&city, city.signed("GET", &address("/people/../x"), b""), 400, bad).await;
    fails(&city, city.signed("CONNECT", &address("/people/7"), b""), 400, bad).await;
    fails(
        &city,
        city.signed("GET", &address(&format!("/people/{}", "a".repeat(2_000))), b""),
        400,
        bad,
    )
    .await;
    fails(
        &city,
        city.signed_with("GET", &address("/people/7"), b"", &[("x-road-client", "330100/GOV")]),
        400,
        bad,
    )
    .await;
    fails(
        &city,
        city.signed_with("GET", &address("/people/7"), b"", &[("x-road-security-server", "a/b")]),
        400,
        bad,
    )
    .await;
    let mut call = city.signed("GET", &address("/people/7"), b"");
    call.headers.remove("x-road-client");
    fails(&city, call, 400, bad).await;
    let mut call = city.signed("POST", &address("/people/7"), b"x");
    call.body = vec![0; 10 * 1024 * 1024 + 1];
    fails(&city, call, 400, "Client.MessageTooLarge").await;
    assert!(provider.seen().is_empty());
}

#[tokio::test]
async fn a_signature_must_be_there_fit_and_cover_everything() {
    let (city, provider) = city().await;
    let wrong = "Client.InvalidSignatureValue";
    let base = || city.signed("POST", &address("/people/7?a=1"), b"body");
    for name in ["signature", "signature-input", "content-digest"] {
        let mut call = base();
        call.headers.remove(name);
        fails(&city, call, 400, wrong).await;
    }
    let mut call = base();
    call.body = b"other".to_vec();
    fails(&city, call, 400, wrong).await;
    let mut call = base();
    call.method = "PUT".to_owned();
    fails(&city, call, 400, wrong).await;
    let mut call = base();
    call.path = address("/people/8");
    fails(&city, call, 400, wrong).await;
    let mut call = base();
    call.query = Some("a=2".to_owned());
    fails(&city, call, 400, wrong).await;
    let mut call = base();
    call.headers.insert("x-road-issue", "SP-1".parse().unwrap());
    fails(&city, call, 400, wrong).await;
    let mut call = base();
    call.headers.insert("x-road-id", "another".parse().unwrap());
    fails(&city, call, 400, wrong).await;
    let other = zhengtong_crypto::SigningKey::from_seed([8; 32]);
    let all = [("x-road-client", CLIENT)];
    let now = city.now().unix_timestamp();
    let at = address("/people/7");
    let call = crate::world::sign(&other, &city.key_id, now, ("GET", &at), &all, b"");
    fails(&city, call, 400, wrong).await;
    for created in [now - 301, now + 301] {
        let call = crate::world::sign(&city.key, &city.key_id, created, ("GET", &at), &all, b"");
        fails(&city, call, 400, wrong).await;
    }
    let call = crate::world::sign(&city.key, "unknown", now, ("GET", &at), &all, b"");
    fails(&city, call, 400, wrong).await;
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    revoke_key(&mut ctx, city.client, &city.key_id, "私钥可能泄露").await.unwrap();
    ctx.commit().await.unwrap();
    fails(&city, base(), 400, wrong).await;
    assert!(provider.seen().is_empty(), "nothing of that reached the provider");
}

#[tokio::test]
async fn a_signed_message_counts_once() {
    let (city, provider) = city().await;
    let call = city.signed("POST", &address("/people/7"), b"pay");
    assert_eq!(city.call(call.clone()).await.status, 200);
    fails(&city, call, 400, "Client.DuplicateMessage").await;
    assert_eq!(provider.seen().len(), 1);
}

#[tokio::test]
async fn who_may_not_is_refused_and_what_is_off_is_off() {
    let (city, provider) = city().await;
    let unknown = "Server.ServerProxy.UnknownService";
    let get = |rest: &str| city.signed("GET", &address(rest), b"");
    fails(&city, city.signed("GET", "/r1/330100/GOV/x/y/z", b""), 500, unknown).await;
    fails(&city, city.signed("GET", &format!("/r1/{PROVIDER}/none/people/7"), b""), 500, unknown)
        .await;
    fails(&city, get("/other/7"), 500, "Server.ServerProxy.AccessDenied").await;
    fails(
        &city,
        city.signed_with("GET", &address("/people/7"), b"", &[("x-road-client", PROVIDER)]),
        400,
        "Client.InvalidSignatureValue",
    )
    .await;
    fails(
        &city,
        city.signed_with(
            "GET",
            &address("/people/7"),
            b"",
            &[("x-road-client", "330100/GOV/none/none")],
        ),
        500,
        "Server.ClientProxy.UnknownMember",
    )
    .await;
    let security = || city.test.ctx(official("security-admin", 1, 9));
    let mut ctx = security().await;
    disable(&mut ctx, What::Service, city.service, "停机检修一天").await.unwrap();
    ctx.commit().await.unwrap();
    fails(&city, get("/people/7"), 500, "Server.ServerProxy.ServiceDisabled").await;
    let mut ctx = security().await;
    approve(&mut ctx, What::Service, city.service).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(city.call(get("/people/7")).await.status, 200);
    let mut ctx = security().await;
    revoke_access(&mut ctx, city.access, "用途已经结束").await.unwrap();
    ctx.commit().await.unwrap();
    fails(&city, get("/people/7"), 500, "Server.ServerProxy.AccessDenied").await;
    let mut ctx = security().await;
    disable(&mut ctx, What::System, city.client, "系统已经下线").await.unwrap();
    ctx.commit().await.unwrap();
    fails(&city, get("/people/7"), 500, "Server.ClientProxy.UnknownMember").await;
    assert_eq!(provider.seen().len(), 1);
}

#[tokio::test]
async fn a_provider_that_is_away_slow_or_too_large_is_a_fault_of_the_server() {
    let away = City::new("http://127.0.0.1:9", Keep::Digest).await;
    fails(
        &away,
        away.signed("GET", &address("/people/7"), b""),
        500,
        "Server.ServerProxy.NetworkError",
    )
    .await;
    let inside = City::new("http://10.0.0.1:80", Keep::Digest).await;
    fails(
        &inside,
        inside.signed("GET", &address("/people/7"), b""),
        500,
        "Server.ServerProxy.ServiceFailed",
    )
    .await;
    let large = Provider::start(|_, _| (200, Vec::new(), vec![0; 5 * 1024 * 1024])).await;
    let large = City::new(&format!("http://{}", large.at), Keep::Digest).await;
    fails(
        &large,
        large.signed("GET", &address("/people/7"), b""),
        500,
        "Server.ServerProxy.ServiceFailed",
    )
    .await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = silent.local_addr().unwrap();
    let silent = City::new(&format!("http://{at}"), Keep::Digest).await;
    fails(
        &silent,
        silent.signed("GET", &address("/people/7"), b""),
        500,
        "Server.ServerProxy.ServiceFailed",
    )
    .await;
}

#[tokio::test]
async fn a_redirect_is_given_back_and_not_followed() {
    let inner = Provider::start(fine).await;
    let to = format!("http://{}/secret", inner.at);
    let provider =
        Provider::start(move |_, _| (302, vec![("location", to.clone())], Vec::new())).await;
    let city = City::new(&format!("http://{}", provider.at), Keep::Digest).await;
    let answered = city.call(city.signed("GET", &address("/people/7"), b"")).await;
    assert_eq!(answered.status, 302);
    assert!(header(&answered, "location").ends_with("/secret"));
    assert!(inner.seen().is_empty());
}

#[tokio::test]
async fn the_gateway_tells_what_there_is_and_what_one_may() {
    let (city, provider) = city().await;
    let ask = |what: &str| city.signed("GET", &format!("/r1/{PROVIDER}/{what}"), b"");
    let listed = json(&city.call(ask("listMethods")).await);
    let row = &listed["service"][0];
    assert_eq!((&row["service_code"], &row["service_type"]), (&"person".into(), &"OPENAPI".into()));
    let found: Vec<Endpoint> = serde_json::from_value(row["endpoint_list"].clone()).unwrap();
    assert_eq!(found.len(), 2);
    let allowed = json(&city.call(ask("allowedMethods")).await);
    assert_eq!(
        allowed["service"][0]["endpoint_list"],
        serde_json::json!([{ "method": "*", "path": "/people/**" }])
    );
    let openapi = city.call(ask("getOpenAPI?serviceCode=person")).await;
    assert_eq!(openapi.body, b"openapi: 3.0.3\n");
    fails(&city, ask("getOpenAPI"), 400, "Client.BadRequest").await;
    fails(&city, ask("getOpenAPI?serviceCode=none"), 500, "Server.ServerProxy.UnknownService")
        .await;
    let mut ctx = city.test.ctx(Actor::visitor()).await;
    let clients = zhengtong_exchange::clients(&mut ctx, Some("330100")).await.unwrap();
    assert_eq!(clients["member"].as_array().unwrap().len(), 2);
    let none = zhengtong_exchange::clients(&mut ctx, Some("330200")).await.unwrap();
    assert_eq!(none["member"].as_array().unwrap().len(), 0);
    drop(ctx);
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    revoke_access(&mut ctx, city.access, "用途已经结束").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(json(&city.call(ask("allowedMethods")).await), serde_json::json!({ "service": [] }));
    assert!(provider.seen().is_empty());
}

#[tokio::test]
async fn every_message_stands_in_the_log_and_in_the_record_and_nothing_personal_in_plain() {
    let (city, _provider) = city().await;
    let more = [("x-road-issue", "SP-2026-000001")];
    let person = "330102199001011234";
    let call =
        city.signed_with("POST", &address(&format!("/people/{person}")), person.as_bytes(), &more);
    assert_eq!(city.call(call).await.status, 200);
    fails(&city, city.signed("GET", &address("/x"), b""), 500, "Server.ServerProxy.AccessDenied")
        .await;
    let mut ctx = city.test.ctx(official("audit-admin", 1, 9)).await;
    let asked = zhengtong_exchange::Asked {
        issue: Some("SP-2026-000001".to_owned()),
        ..Default::default()
    };
    let page = log(&mut ctx, &asked).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    let all = log(&mut ctx, &zhengtong_exchange::Asked::default()).await.unwrap();
    assert_eq!(all.rows.len(), 2);
    let row = &page.rows[0];
    let act = find(ctx.conn(), EntryId(row.entry.unwrap())).await.unwrap().act;
    assert_eq!((act.verb.as_str(), act.name.as_str()), ("exchange.call", CLIENT));
    let view = message(&mut ctx, row.id).await.unwrap();
    let named = |name: &str| view.proof.iter().find(|(one, _)| *one == name).unwrap().1.clone();
    assert_eq!(act.before.unwrap(), named("request_digest"));
    assert_eq!(act.after.unwrap(), named("response_digest"));
    assert!(open(&mut ctx, row.id, " ").await.is_err());
    let opened = open(&mut ctx, row.id, "核对一次投诉").await.unwrap();
    assert!(opened.request.unwrap().contains(person));
    assert!(opened.response.unwrap().ends_with(r#"{"ok":true}"#));
    let proof = evidence(&mut ctx, row.id, "核对一次投诉").await.unwrap();
    assert_eq!(proof["request"]["digest_sm3"], named("request_digest"));
    assert!(proof["request"]["key"]["pem"].as_str().unwrap().contains("PUBLIC KEY"));
    ctx.commit().await.unwrap();
    assert!(!in_plain(&city, person), "it stands in a table in plain");
}

/// Whether a word stands in any row of the log as text.
fn in_plain(city: &City, word: &str) -> bool {
    use std::fmt::Write as _;
    let out = Command::new("/usr/lib/postgresql/15/bin/pg_dump")
        .args(["--data-only", "--inserts", "--schema=exchange", "--schema=ledger", &city.test.url])
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let mut hex = String::new();
    for byte in word.bytes() {
        write!(hex, "{byte:02x}").unwrap();
    }
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(text.contains("SP-2026-000001"), "the dump holds the log");
    text.contains(word) || text.contains(&hex)
}

#[tokio::test]
async fn a_department_reads_the_messages_of_its_own_systems_and_nobody_else_does() {
    let (city, _provider) = city().await;
    city.call(city.signed("GET", &address("/people/7"), b"")).await;
    for (organisation, rows) in [(100, 1), (200, 1), (300, 0)] {
        let mut ctx = city.test.ctx(official("head", 1, organisation)).await;
        let page = log(&mut ctx, &zhengtong_exchange::Asked::default()).await.unwrap();
        assert_eq!(page.rows.len(), rows, "{organisation}");
    }
    let mut ctx = city.test.ctx(official("audit-admin", 1, 9)).await;
    let id = log(&mut ctx, &zhengtong_exchange::Asked::default()).await.unwrap().rows[0].id;
    for role in ["window", "reviewer", "supervisor", "system-admin"] {
        let mut ctx = city.test.ctx(official(role, 1, 100)).await;
        assert!(log(&mut ctx, &zhengtong_exchange::Asked::default()).await.is_err(), "{role}");
        assert!(message(&mut ctx, id).await.is_err(), "{role}");
        assert!(open(&mut ctx, id, "核对一次投诉").await.is_err(), "{role}");
    }
    let mut ctx = city.test.ctx(official("head", 1, 300)).await;
    assert!(open(&mut ctx, id, "核对一次投诉").await.is_err());
}

#[tokio::test]
async fn a_message_whose_answer_was_never_recorded_is_closed_as_lost() {
    let (city, _provider) = city().await;
    let call = city.signed("GET", &address("/people/7"), b"");
    let raw = call.headers.clone();
    let request =
        zhengtong_exchange::Request::read(call, &uuid::Uuid::now_v7().to_string()).unwrap();
    let mut ctx = city.test.ctx(Actor::visitor()).await;
    zhengtong_exchange::admit(&mut ctx, request, &raw).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = city.test.ctx(Actor::system("tend")).await;
    assert_eq!(sweep(&mut ctx).await.unwrap(), 0, "it may still come");
    ctx.now += time::Duration::minutes(6);
    assert_eq!(sweep(&mut ctx).await.unwrap(), 1);
    assert_eq!(sweep(&mut ctx).await.unwrap(), 0);
    ctx.commit().await.unwrap();
    let mut ctx = city.test.ctx(official("audit-admin", 1, 9)).await;
    let page = log(&mut ctx, &zhengtong_exchange::Asked::default()).await.unwrap();
    assert_eq!(page.rows[0].error.as_deref(), Some("Server.ServerProxy.MessageLost"));
    assert!(page.rows[0].entry.is_some());
}
