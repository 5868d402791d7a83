//! The gateway over its real routes: who takes part, parcels in chunks with receipts, and how each of it fails.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_crypto::{SigningKey, sm3};
use zhengtong_db::Actor;
use zhengtong_exchange::{
    Algorithm, Endpoint, Keep, LIMITS, Mode, NewAccess, NewChannel, NewMember, NewService,
    PublicKey, What, add_channel, add_key, add_member, approve, grant, propose_service,
    propose_system, whole_digest,
};

use crate::world::{City, Got};

pub(crate) const CLIENT: &str = "330100/GOV/11330100MB0000019K/permits";
pub(crate) const PROVIDER: &str = "330100/GOV/11330100MB0000027E/people";
const PARCELS: &str = "/x1/levy-day/parcels";

/// Headers that a system sends beside those of its signature.
pub(crate) type More<'a> = &'a [(&'static str, &'a str)];

/// A system with its key.
pub(crate) struct System {
    pub(crate) name: &'static str,
    pub(crate) id: Uuid,
    pub(crate) key: SigningKey,
    pub(crate) key_id: String,
}

/// A city in which one system calls another and sends it parcels.
pub(crate) struct Joined {
    pub(crate) city: City,
    pub(crate) client: System,
    pub(crate) provider: System,
}

impl Joined {
    /// The service stands at `url`; the client may call below `/people`.
    pub(crate) async fn new(url: &str) -> Self {
        let city = City::new().await;
        let mut ctx = city.test.ctx(Actor::system("seed")).await;
        let valid_to = ctx.now + Duration::days(365);
        let mut systems = Vec::new();
        for (name, seed) in [(CLIENT, 7), (PROVIDER, 8)] {
            let parts: Vec<&str> = name.split('/').collect();
            let member = NewMember {
                instance: parts[0].to_owned(),
                class: parts[1].to_owned(),
                code: parts[2].to_owned(),
                name: Text::new(format!("示例单位{seed}"), format!("Unit {seed}")),
                organisation: None,
            };
            let member = add_member(&mut ctx, &member).await.unwrap();
            let title = Text::new("示例系统", "Sample system");
            let id = propose_system(&mut ctx, member, parts[3], &title).await.unwrap();
            approve(&mut ctx, What::System, id).await.unwrap();
            let key = SigningKey::from_seed([seed; 32]);
            let bytes = key.verifying_key().as_bytes().to_vec();
            let pem = PublicKey { algorithm: Algorithm::Ed25519, bytes }.pem();
            let key_id = add_key(&mut ctx, id, &pem, valid_to).await.unwrap();
            systems.push(System { name, id, key, key_id });
        }
        let (Some(provider), Some(client)) = (systems.pop(), systems.pop()) else { panic!() };
        let service = NewService {
            system: provider.id,
            code: "person".to_owned(),
            title: Text::new("人口核验", "Check of persons"),
            url: url.to_owned(),
            keep: Keep::Digest,
            endpoints: vec![Endpoint { method: "GET".to_owned(), path: "/people/*".to_owned() }],
            openapi: None,
        };
        let service = propose_service(&mut ctx, &service).await.unwrap();
        approve(&mut ctx, What::Service, service).await.unwrap();
        let access = NewAccess {
            client: client.id,
            service,
            endpoint: Endpoint { method: "*".to_owned(), path: "/people/**".to_owned() },
            purpose: "办理许可核验身份".to_owned(),
            basis: "示例条例第五条".to_owned(),
            valid_to,
        };
        grant(&mut ctx, &access).await.unwrap();
        let channel = NewChannel {
            code: "levy-day".to_owned(),
            title: Text::new("缴费日报", "Levies of the day"),
            mode: Mode::Table,
            sender: client.id,
            receiver: service,
            path: "/rows".to_owned(),
            basis: "示例条例第六条".to_owned(),
        };
        add_channel(&mut ctx, &channel).await.unwrap();
        ctx.commit().await.unwrap();
        Self { city, client, provider }
    }

    /// What a system sends, signed.
    pub(crate) fn signed(
        &self,
        system: &System,
        (method, address): (&str, &str),
        more: More<'_>,
        body: &[u8],
    ) -> Request<Body> {
        let id = Uuid::now_v7().to_string();
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("x-road-client", system.name), ("x-road-id", id.as_str())].iter().chain(more)
        {
            headers.insert(*name, value.parse().unwrap());
        }
        let now = self.city.test.db.clock().now().unix_timestamp();
        let key = (&system.key, system.key_id.as_str());
        zhengtong_exchange::sign(key, now, (method, address), &mut headers, body);
        let request = Request::builder().method(method).uri(address);
        let mut request = request.body(Body::from(body.to_vec())).unwrap();
        headers.insert(header::HOST, "city.example".parse().unwrap());
        *request.headers_mut() = headers;
        request
    }

    /// What the client sends, and the answer.
    pub(crate) async fn send(&self, target: (&str, &str), more: More<'_>, body: &[u8]) -> Got {
        self.city.answer(self.signed(&self.client, target, more, body)).await
    }

    pub(crate) async fn receipt(&self, system: &System, parcel: &str, said: &str) -> Got {
        let address = format!("{PARCELS}/{parcel}/receipts");
        let target = ("POST", address.as_str());
        self.city.answer(self.signed(system, target, &[], said.as_bytes())).await
    }
}

/// Nobody listens where the service stands.
async fn joined() -> Joined {
    Joined::new("http://127.0.0.1:9/base").await
}

fn header<'a>(got: &'a Got, name: &str) -> &'a str {
    got.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// A call that failed here says so in the words of the protocol.
pub(crate) fn failed(got: &Got, status: u16, kind: &str) {
    assert_eq!(header(got, "x-road-error"), kind, "{}", got.text);
    assert_eq!(got.status.as_u16(), status, "{}", got.text);
    assert_eq!(header(got, "content-type"), "application/json; charset=utf-8");
    let body = got.json();
    assert_eq!(body["type"], kind);
    assert!(body["message"].as_str().unwrap().len() > 10, "{body}");
    assert!(body["detail"].as_str().unwrap().parse::<Uuid>().is_ok(), "{body}");
    assert_eq!(header(got, "set-cookie"), "", "a system has no session");
}

/// What the exchange itself refuses is told as a problem, and by no word of the protocol.
fn problem(got: &Got, status: StatusCode, field: Option<&str>) {
    assert_eq!(got.status, status, "{}", got.text);
    assert_eq!(header(got, "content-type"), "application/problem+json");
    assert_eq!(header(got, "x-road-error"), "");
    let body = got.json();
    for lang in ["zh", "en"] {
        assert!(!body["title"][lang].as_str().unwrap().is_empty(), "{body}");
    }
    assert!(body["request"].as_str().unwrap().parse::<Uuid>().is_ok(), "{body}");
    assert_eq!(body["errors"][0]["field"].as_str(), field, "{body}");
}

#[tokio::test]
async fn whoever_asks_is_told_who_takes_part() {
    let joined = joined().await;
    let got = joined.city.get("/listClients").await;
    assert_eq!((got.status, header(&got, "content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(header(&got, "set-cookie"), "");
    let listed = got.json();
    let members = listed["member"].as_array().unwrap();
    assert_eq!(members.len(), 2);
    let client = members.iter().find(|one| one["id"]["subsystem_code"] == "permits").unwrap();
    assert_eq!(
        client,
        &json!({
            "id": {
                "xroad_instance": "330100", "member_class": "GOV", "member_code": "11330100MB0000019K",
                "object_type": "SUBSYSTEM", "subsystem_code": "permits",
            },
            "name": "示例单位7", "subsystem_name": "示例系统",
        })
    );
    let here = joined.city.get("/listClients?xRoadInstance=330100").await.json();
    assert_eq!(here, listed);
    let other = joined.city.get("/listClients?xRoadInstance=330200").await.json();
    assert_eq!(other, json!({ "member": [] }));
}

const HALVES: [&[u8]; 2] = [b"a,1\n", b"b,2\n"];

/// Lays a parcel of two chunks down, and gives its identifier.
async fn laid(joined: &Joined) -> String {
    let digest = whole_digest(HALVES.map(sm3).iter());
    let more = [
        ("idempotency-key", "2026-03-01"),
        ("content-type", "text/csv"),
        ("x-road-issue", "SP-2026-000001"),
        ("x-exchange-chunks", "2"),
        ("x-exchange-rows", "2"),
        ("x-exchange-sums", r#"{"fen":300}"#),
        ("x-exchange-digest", digest.as_str()),
    ];
    let got = joined.send(("POST", PARCELS), &more, b"").await;
    assert_eq!(got.status, StatusCode::ACCEPTED, "{}", got.text);
    let laid = got.json();
    assert_eq!((&laid["stage"], &laid["seq"]), (&json!("filling"), &Value::Null), "{laid}");
    assert_eq!((&laid["key"], &laid["chunks"]), (&json!("2026-03-01"), &json!(2)));
    assert_eq!((&laid["missing"], &laid["receipts"]), (&json!([1, 2]), &json!([])));
    assert_eq!(laid["digest"], digest);
    let again = joined.send(("POST", PARCELS), &more, b"").await.json();
    assert_eq!(again, laid, "the same key is the same parcel");
    laid["id"].as_str().unwrap().to_owned()
}

/// Lays its chunks down, the last one first.
pub(crate) async fn filled(joined: &Joined) -> String {
    let id = laid(joined).await;
    for (no, missing, stage) in [(2, json!([1]), "filling"), (1, json!([]), "sent")] {
        let address = format!("{PARCELS}/{id}/chunks/{no}");
        let got = joined.send(("PUT", &address), &[], HALVES[no - 1]).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.text);
        let put = got.json();
        assert_eq!((&put["missing"], &put["stage"]), (&missing, &json!(stage)), "{put}");
    }
    id
}

#[tokio::test]
async fn a_parcel_is_laid_down_in_chunks_and_both_sides_see_how_far_it_is() {
    let joined = joined().await;
    let id = filled(&joined).await;
    let address = format!("{PARCELS}/{id}");
    for system in [&joined.client, &joined.provider] {
        let request = joined.signed(system, ("GET", &address), &[], b"");
        let got = joined.city.answer(request).await;
        assert_eq!(got.status, StatusCode::OK, "{}: {}", system.name, got.text);
        assert_eq!(header(&got, "content-type"), "application/json");
        let seen = got.json();
        assert_eq!(
            (&seen["id"], &seen["seq"], &seen["bytes"], &seen["delivered"]),
            (&json!(id), &json!(1), &json!(8), &json!(0)),
            "{seen}"
        );
        assert_eq!((&seen["agrees"], &seen["fault"]), (&Value::Null, &Value::Null));
        let receipt = &seen["receipts"][0];
        assert_eq!(receipt["stage"], "sent");
        assert_eq!(receipt["at"], "2026-03-02T01:00:00Z");
        assert!(receipt["entry"].as_i64().unwrap() > 0, "{seen}");
    }
    // A receipt before the parcel was carried, one of the sender, and those that cannot be read.
    let stored = r#"{"stage":"stored","rows":2}"#;
    let early = joined.receipt(&joined.provider, &id, stored).await;
    problem(&early, StatusCode::CONFLICT, None);
    let own = joined.receipt(&joined.client, &id, stored).await;
    problem(&own, StatusCode::NOT_FOUND, None);
    let less = joined.receipt(&joined.provider, &id, r#"{"stage":"stored","rows":-1}"#).await;
    problem(&less, StatusCode::UNPROCESSABLE_ENTITY, Some("count"));
    for said in ["", "stored", "{}", r#"{"stage":"sent"}"#, r#"{"stage":"stored","more":1}"#] {
        let got = joined.receipt(&joined.provider, &id, said).await;
        failed(&got, 400, "Client.BadRequest");
    }
}

#[tokio::test]
async fn what_a_sender_says_wrong_of_a_parcel_is_refused_in_words() {
    let joined = joined().await;
    let key = ("idempotency-key", "k");
    let unread: [More<'_>; 6] = [
        &[],
        &[key, ("x-exchange-rows", "many")],
        &[key, ("x-exchange-chunks", "two")],
        &[key, ("x-exchange-chunks", "99999999999")],
        &[key, ("x-exchange-sums", "{")],
        &[key, ("x-exchange-sums", "[1]")],
    ];
    for more in unread {
        let got = joined.send(("POST", PARCELS), more, b"x").await;
        failed(&got, 400, "Client.BadRequest");
    }
    let wrong: [(More<'_>, &str); 4] = [
        (&[("idempotency-key", "")], "key"),
        (&[key, ("x-exchange-chunks", "0")], "chunks"),
        (&[key, ("x-exchange-rows", "-1")], "count"),
        (&[key, ("x-exchange-digest", "abc")], "count"),
    ];
    for (more, field) in wrong {
        let got = joined.send(("POST", PARCELS), more, b"x").await;
        problem(&got, StatusCode::UNPROCESSABLE_ENTITY, Some(field));
    }
    let large = vec![0; LIMITS.chunk_bytes + 1];
    let got = joined.send(("POST", PARCELS), &[key], &large).await;
    problem(&got, StatusCode::UNPROCESSABLE_ENTITY, Some("chunk"));
    assert_eq!(joined.send(("POST", PARCELS), &[key], b"one").await.status, StatusCode::ACCEPTED);
    let got = joined.send(("POST", PARCELS), &[key], b"two").await;
    problem(&got, StatusCode::CONFLICT, None);
    let id = laid(&joined).await;
    for (no, body, field) in [(3, HALVES[0], "chunk"), (2, large.as_slice(), "chunk")] {
        let address = format!("{PARCELS}/{id}/chunks/{no}");
        let got = joined.send(("PUT", &address), &[], body).await;
        problem(&got, StatusCode::UNPROCESSABLE_ENTITY, Some(field));
    }
    for path in ["/x1/none/parcels".to_owned(), format!("{PARCELS}/{}/chunks/1", joined.client.id)]
    {
        let method = if path.ends_with('1') { "PUT" } else { "POST" };
        let got = joined.send((method, &path), &[key], b"x").await;
        problem(&got, StatusCode::NOT_FOUND, None);
    }
    let request = joined.signed(&joined.provider, ("POST", PARCELS), &[key], b"x");
    problem(&joined.city.answer(request).await, StatusCode::NOT_FOUND, None);
}

#[tokio::test]
async fn who_is_not_known_lays_nothing_down_and_learns_nothing() {
    let joined = joined().await;
    let key = ("idempotency-key", "k");
    let id = laid(&joined).await;
    let targets = [
        ("POST", PARCELS.to_owned()),
        ("GET", format!("{PARCELS}/{id}")),
        ("PUT", format!("{PARCELS}/{id}/chunks/1")),
        ("POST", format!("{PARCELS}/{id}/receipts")),
    ];
    let bad = "Client.BadRequest";
    let wrong = "Client.InvalidSignatureValue";
    let unknown = "Server.ClientProxy.UnknownMember";
    for (method, address) in &targets {
        let base = || joined.signed(&joined.client, (method, address), &[key], b"x");
        let mut request = base();
        request.headers_mut().remove("x-road-client");
        failed(&joined.city.answer(request).await, 400, bad);
        let mut request = base();
        request.headers_mut().insert("x-road-client", "330100/GOV".parse().unwrap());
        failed(&joined.city.answer(request).await, 400, bad);
        let mut request = base();
        request.headers_mut().remove("signature");
        failed(&joined.city.answer(request).await, 400, wrong);
        let mut request = base();
        *request.body_mut() = Body::from("y");
        failed(&joined.city.answer(request).await, 400, wrong);
        let mut request = base();
        *request.uri_mut() = format!("{address}?a=1").parse().unwrap();
        failed(&joined.city.answer(request).await, 400, wrong);
        let none = [("x-road-client", "330100/GOV/none/none"), key];
        failed(&joined.send((method, address), &none, b"x").await, 500, unknown);
        let mut request = base();
        *request.body_mut() = Body::from(vec![0; LIMITS.body_bytes + 1]);
        failed(&joined.city.answer(request).await, 400, "Client.MessageTooLarge");
    }
    let seen = joined.send(("GET", &targets[1].1), &[], b"").await.json();
    assert_eq!((&seen["missing"], &seen["receipts"]), (&json!([1, 2]), &json!([])));
}

#[tokio::test]
async fn what_fails_of_ours_is_told_without_its_cause() {
    // This city has set no gateway up, so no call can be sent on.
    let joined = joined().await;
    let got = joined.send(("GET", &format!("/r1/{PROVIDER}/person/people/7")), &[], b"").await;
    failed(&got, 500, "Server.ClientProxy.InternalError");
    let message = got.json()["message"].as_str().unwrap().to_owned();
    assert_eq!(message, "the gateway could not do its part; try again later");
    let accepts = [("accept", "text/xml")];
    let address = format!("/r1/{PROVIDER}/person/people/7");
    let got = joined.send(("GET", &address), &accepts, b"").await;
    assert_eq!(header(&got, "content-type"), "text/xml; charset=utf-8");
    assert!(got.text.contains("<type>Server.ClientProxy.InternalError</type>"), "{}", got.text);
}
