//! Who signed what is sent to the platform itself: the one check before a parcel, a chunk or a receipt.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use time::Duration;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_crypto::SigningKey;
use zhengtong_db::Actor;
use zhengtong_egress::HeaderMap;
use zhengtong_exchange::{
    Count, Fault, Incoming, Keep, Mode, NewChannel, NewParcel, Refusal, What, add_channel, add_key,
    approve, channel, disable, known, propose_system, revoke_key, send, system,
};

use crate::world::{CLIENT, City, PROVIDER, official, pem, sign};

const PLACE: &str = "/x1/levy-day/parcels";
const BODY: &[u8] = b"a,1\nb,2\n";

async fn city() -> City {
    City::new("http://127.0.0.1:9/base", Keep::Digest).await
}

/// A parcel of the client, signed.
fn letter(city: &City) -> Incoming {
    city.signed_with("POST", PLACE, BODY, &[("idempotency-key", "2026-03-01")])
}

impl City {
    async fn known(&self, call: &Incoming) -> Result<Uuid, Refusal> {
        let mut ctx = self.test.ctx(Actor::visitor()).await;
        let target = (call.method.as_str(), call.path.as_str(), call.query.as_deref());
        known(&mut ctx, target, &call.headers, &call.body).await.unwrap()
    }

    /// The same request as another key would sign it.
    fn signed_by(&self, key: &SigningKey, key_id: &str, client: &'static str) -> Incoming {
        let now = self.now().unix_timestamp();
        let all = [("x-road-client", client), ("x-road-id", "m-1")];
        sign(key, key_id, now, ("POST", PLACE), &all, BODY)
    }

    /// The key of the other system.
    async fn key_of_provider(&self) -> (SigningKey, String) {
        let key = SigningKey::from_seed([11; 32]);
        let mut ctx = self.test.ctx(official("security-admin", 1, 9)).await;
        let until = ctx.now + Duration::days(365);
        let id = add_key(&mut ctx, self.provider, &pem(&key), until).await.unwrap();
        ctx.commit().await.unwrap();
        (key, id)
    }
}

async fn refused(city: &City, call: &Incoming, fault: Fault, words: &str) {
    let refusal = city.known(call).await.expect_err(words);
    assert_eq!(refusal.fault, fault, "{words}: {}", refusal.message);
    assert!(refusal.message.contains(words), "{words}: {}", refusal.message);
}

#[tokio::test]
async fn who_signed_is_known_by_every_kind_of_request() {
    let city = city().await;
    let chunk = format!("{PLACE}/{}/chunks/1", Uuid::from_u128(1));
    for call in [
        letter(&city),
        city.signed("PUT", &chunk, b"\x00\xff"),
        city.signed("GET", &chunk, b""),
        city.signed("GET", &format!("{chunk}?a=1&b=%E5%BC%A0"), b""),
        city.signed_with("GET", &chunk, b"", &[("x-road-issue", "SP-2026-000001")]),
    ] {
        assert_eq!(city.known(&call).await, Ok(city.client), "{} {}", call.method, call.path);
    }
    let (key, id) = city.key_of_provider().await;
    let call = city.signed_by(&key, &id, PROVIDER);
    assert_eq!(city.known(&call).await, Ok(city.provider), "each system by its own key");
    // What this platform writes for a system is read in the same way.
    let mut headers = HeaderMap::new();
    headers.insert("x-road-client", CLIENT.parse().unwrap());
    let (key, at) = ((&city.key, city.key_id.as_str()), city.now().unix_timestamp());
    zhengtong_exchange::sign(key, at, ("PUT", &format!("{chunk}?a=1")), &mut headers, BODY);
    let target = ("PUT", chunk.as_str(), Some("a=1"));
    let mut ctx = city.test.ctx(Actor::visitor()).await;
    let found = known(&mut ctx, target, &headers, BODY).await.unwrap();
    assert_eq!(found, Ok(city.client));
}

#[tokio::test]
async fn a_signature_that_is_missing_or_cannot_be_read_is_refused() {
    let city = city().await;
    let bad = Fault::Signature;
    for name in ["signature", "signature-input", "content-digest"] {
        let mut call = letter(&city);
        call.headers.remove(name);
        refused(&city, &call, bad, &format!("the header {name} is missing")).await;
    }
    for (name, value, words) in [
        ("signature", "sig1=:not base64:", "does not carry the label"),
        ("signature", "sig2=:AAAA:", "does not carry the label"),
        ("signature-input", "sig1", "Signature-Input cannot be read"),
        ("signature-input", "sig1=;created=1", "names no components"),
        ("signature-input", "sig1=();created=1;keyid=\"a\"", "does not cover @method"),
        ("content-digest", "md5=:AAAA:", "neither sha-256, sha-512 nor sm3"),
    ] {
        let mut call = letter(&city);
        call.headers.insert(name, value.parse().unwrap());
        refused(&city, &call, bad, words).await;
    }
    let mut call = letter(&city);
    let again = call.headers["signature"].clone();
    call.headers.append("signature", again);
    refused(&city, &call, bad, "signature stands there more than once").await;
}

#[tokio::test]
async fn a_request_without_a_client_that_can_be_read_is_bad() {
    let city = city().await;
    let long = format!("{CLIENT}{}", "a".repeat(400));
    for (client, words) in [
        (None, "X-Road-Client is not"),
        (Some("330100/GOV/11330100MB0000019K"), "X-Road-Client is not"),
        (Some("330100/GOV/11330100MB0000019K/permits/x"), "X-Road-Client is not"),
        (Some(long.as_str()), "x-road-client is too long"),
    ] {
        let mut call = letter(&city);
        call.headers.remove("x-road-client");
        if let Some(client) = client {
            call.headers.insert("x-road-client", client.parse().unwrap());
        }
        refused(&city, &call, Fault::BadRequest, words).await;
    }
}

#[tokio::test]
async fn what_was_altered_on_the_way_is_refused() {
    let city = city().await;
    let bad = Fault::Signature;
    let false_one = "does not fit the key and the message";
    let change = |alter: &dyn Fn(&mut Incoming)| {
        let mut call = city.signed_with(
            "POST",
            &format!("{PLACE}?a=1"),
            BODY,
            &[("idempotency-key", "2026-03-01")],
        );
        alter(&mut call);
        call
    };
    let body = |call: &mut Incoming| call.body = b"a,9\nb,2\n".to_vec();
    refused(&city, &change(&body), bad, "is not that of the body").await;
    let both = |call: &mut Incoming| {
        body(call);
        let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&call.body)));
        call.headers.insert("content-digest", digest.parse().unwrap());
    };
    refused(&city, &change(&both), bad, false_one).await;
    let gone = |call: &mut Incoming| call.body.clear();
    refused(&city, &change(&gone), bad, "is not that of the body").await;
    let path = |call: &mut Incoming| "/x1/other/parcels".clone_into(&mut call.path);
    refused(&city, &change(&path), bad, false_one).await;
    let method = |call: &mut Incoming| "PUT".clone_into(&mut call.method);
    refused(&city, &change(&method), bad, false_one).await;
    let query = |call: &mut Incoming| call.query = Some("a=2".to_owned());
    refused(&city, &change(&query), bad, false_one).await;
    for (name, words) in [
        ("x-road-id", false_one),
        ("idempotency-key", false_one),
        ("x-road-issue", "does not cover x-road-issue"),
        ("x-road-represented-party", "does not cover x-road-represented-party"),
    ] {
        let put = |call: &mut Incoming| {
            call.headers.insert(name, "another".parse().unwrap());
        };
        refused(&city, &change(&put), bad, words).await;
    }
    let mut open = letter(&city);
    open.query = Some("a=1".to_owned());
    refused(&city, &open, bad, "does not cover @query").await;
    let now = city.now().unix_timestamp();
    let mut bare = sign(&city.key, &city.key_id, now, ("POST", PLACE), &[], BODY);
    bare.headers.insert("x-road-client", CLIENT.parse().unwrap());
    refused(&city, &bare, bad, "does not cover x-road-client").await;
    let all = [("x-road-client", CLIENT)];
    let mut filled = sign(&city.key, &city.key_id, now, ("POST", PLACE), &all, b"");
    filled.body = BODY.to_vec();
    refused(&city, &filled, bad, "does not cover content-digest").await;
}

#[tokio::test]
async fn nobody_signs_for_another_system() {
    let city = city().await;
    let bad = Fault::Signature;
    let other = SigningKey::from_seed([8; 32]);
    let call = city.signed_by(&other, &city.key_id, CLIENT);
    refused(&city, &call, bad, "does not fit the key and the message").await;
    let call = city.signed_by(&city.key, "unknown", CLIENT);
    refused(&city, &call, bad, "the client has no such key").await;
    let (key, id) = city.key_of_provider().await;
    let call = city.signed_by(&key, &id, CLIENT);
    refused(&city, &call, bad, "the client has no such key").await;
    let call = city.signed_by(&key, &city.key_id, CLIENT);
    refused(&city, &call, bad, "does not fit the key and the message").await;
    let call = city.signed_by(&city.key, &city.key_id, PROVIDER);
    refused(&city, &call, bad, "the client has no such key").await;
    let call = city.signed_by(&city.key, &city.key_id, "330100/GOV/none/none");
    refused(&city, &call, Fault::UnknownMember, "no such client").await;
    let mut call = letter(&city);
    let input = call.headers["signature-input"].to_str().unwrap().replace("ed25519", "sm2-sm3");
    call.headers.insert("signature-input", input.parse().unwrap());
    refused(&city, &call, bad, "the algorithm is not that of the key").await;
}

#[tokio::test]
async fn a_signature_is_good_for_five_minutes_and_a_key_until_it_ends() {
    let city = city().await;
    let (bad, now) = (Fault::Signature, city.now().unix_timestamp());
    let all = [("x-road-client", CLIENT)];
    let at = |created: i64| sign(&city.key, &city.key_id, created, ("POST", PLACE), &all, BODY);
    for created in [now - 300, now + 300] {
        assert_eq!(city.known(&at(created)).await, Ok(city.client));
    }
    for created in [now - 301, now + 301, 0, i64::MAX, i64::MIN] {
        refused(&city, &at(created), bad, "created too long ago, or the clocks differ").await;
    }
    city.test.clock.advance(Duration::days(365));
    refused(&city, &letter(&city), bad, "the key is not valid now").await;
}

#[tokio::test]
async fn a_parcel_that_is_sent_again_as_it_was_signed_is_no_second_one() {
    let city = city().await;
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    let new = NewChannel {
        code: "levy-day".to_owned(),
        title: Text::new("缴费日报", "Levies of the day"),
        mode: Mode::Table,
        sender: city.client,
        receiver: city.service,
        path: "/rows".to_owned(),
        basis: "示例条例第六条".to_owned(),
    };
    add_channel(&mut ctx, &new).await.unwrap();
    ctx.commit().await.unwrap();
    let new = NewParcel {
        key: "2026-03-01".to_owned(),
        kind: "text/csv".to_owned(),
        issue: None,
        chunks: 1,
        count: Count::default(),
    };
    let call = letter(&city);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let sender = city.known(&call).await.unwrap();
        let mut ctx = city.test.ctx(Actor::visitor()).await;
        let view = send(&mut ctx, sender, "levy-day", &new, &call.body).await.unwrap();
        ctx.commit().await.unwrap();
        ids.push((view.parcel.id, view.parcel.seq, view.receipts.len()));
    }
    assert_eq!(ids[0], ids[1]);
    let mut ctx = city.test.ctx(official("head", 2, 100)).await;
    assert_eq!(channel(&mut ctx, "levy-day", None).await.unwrap().parcels.len(), 1);
    city.test.clock.advance(Duration::seconds(301));
    refused(&city, &call, Fault::Signature, "created too long ago").await;
}

#[tokio::test]
async fn a_key_that_was_taken_back_and_a_system_that_is_off_are_refused_at_once() {
    let city = city().await;
    let security = || city.test.ctx(official("security-admin", 1, 9));
    let mut ctx = security().await;
    disable(&mut ctx, What::System, city.client, "系统已经下线").await.unwrap();
    ctx.commit().await.unwrap();
    refused(&city, &letter(&city), Fault::UnknownMember, "no such client").await;
    let other = SigningKey::from_seed([8; 32]);
    let call = city.signed_by(&other, &city.key_id, CLIENT);
    let words = "does not fit the key and the message";
    refused(&city, &call, Fault::Signature, words).await;
    let mut ctx = security().await;
    approve(&mut ctx, What::System, city.client).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(city.known(&letter(&city)).await, Ok(city.client));
    let mut ctx = security().await;
    revoke_key(&mut ctx, city.client, &city.key_id, "私钥可能泄露").await.unwrap();
    ctx.commit().await.unwrap();
    refused(&city, &letter(&city), Fault::Signature, "the key is not valid now").await;
}

#[tokio::test]
async fn a_system_that_nobody_has_approved_sends_nothing() {
    let city = city().await;
    let mut ctx = city.test.ctx(official("system-admin", 3, 9)).await;
    let member = system(&mut ctx, city.client).await.unwrap().system.member.id;
    let name = Text::new("新系统", "New system");
    let id = propose_system(&mut ctx, member, "new", &name).await.unwrap();
    ctx.commit().await.unwrap();
    let key = SigningKey::from_seed([12; 32]);
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    let until = ctx.now + Duration::days(365);
    let key_id = add_key(&mut ctx, id, &pem(&key), until).await.unwrap();
    ctx.commit().await.unwrap();
    let call = city.signed_by(&key, &key_id, "330100/GOV/11330100MB0000019K/new");
    refused(&city, &call, Fault::UnknownMember, "no such client").await;
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    approve(&mut ctx, What::System, id).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(city.known(&call).await, Ok(id));
}
