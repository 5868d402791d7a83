//! Parcels: order, chunks, retries, dead letters, reconciliation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_crypto::sm3;
use zhengtong_db::Actor;
use zhengtong_db::jobs::{Work, drain};
use zhengtong_exchange::{
    Count, Keep, LIMITS, Mode, NewChannel, NewParcel, ParcelView, Stage, What, add_channel,
    approve, attach, channel, channels, disable, parcel, pause, put_chunk, receipt, replay, resend,
    send, whole_digest,
};

use crate::world::{Answer, City, Provider, Seen, fine, official};

const CODE: &str = "levy-day";

/// Every way to carry, with a type and a content as it would hold.
const MODES: [(Mode, &str, &[u8]); 3] = [
    (Mode::Message, "application/json", br#"{"no":"1"}"#),
    (Mode::Table, "text/csv", b"a,1\nb,2\n"),
    (Mode::File, "application/pdf", b"%PDF\x00\xff\r\n\xe4"),
];

async fn city(answer: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static) -> (City, Provider) {
    city_by(Mode::Table, answer).await
}

async fn city_by(
    mode: Mode,
    answer: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static,
) -> (City, Provider) {
    let provider = Provider::start(answer).await;
    let city = City::new(&format!("http://{}/in", provider.at), Keep::Digest).await;
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    let new = NewChannel {
        code: CODE.to_owned(),
        title: Text::new("缴费日报", "Levies of the day"),
        mode,
        sender: city.client,
        receiver: city.service,
        path: "/rows".to_owned(),
        basis: "示例条例第六条".to_owned(),
    };
    add_channel(&mut ctx, &new).await.unwrap();
    ctx.commit().await.unwrap();
    (city, provider)
}

fn new(key: &str) -> NewParcel {
    NewParcel {
        key: key.to_owned(),
        kind: "text/csv".to_owned(),
        issue: None,
        chunks: 1,
        count: Count { rows: Some(2), sums: Some(serde_json::json!({ "fen": 300 })), digest: None },
    }
}

impl City {
    async fn lay(
        &self,
        new: &NewParcel,
        body: &[u8],
    ) -> Result<ParcelView, zhengtong_exchange::Error> {
        let mut ctx = self.test.ctx(Actor::visitor()).await;
        let view = send(&mut ctx, self.client, CODE, new, body).await?;
        ctx.commit().await.unwrap();
        Ok(view)
    }

    async fn look(&self, id: Uuid) -> ParcelView {
        let mut ctx = self.test.ctx(official("head", 2, 100)).await;
        parcel(&mut ctx, CODE, id).await.unwrap()
    }

    /// Runs every job that is due, then moves the clock.
    async fn work(&self, minutes: i64) {
        let work = attach(Work::default());
        drain(&self.test.db, &work, 200).await.unwrap();
        self.test.clock.advance(time::Duration::minutes(minutes));
    }
}

#[tokio::test]
async fn a_parcel_arrives_and_the_receiver_says_what_it_counted() {
    for (mode, kind, body) in MODES {
        arrives(mode, kind, body).await;
    }
}

async fn arrives(mode: Mode, kind: &str, body: &[u8]) {
    let (city, provider) = city_by(mode, fine).await;
    let new = NewParcel { kind: kind.to_owned(), ..new("2026-03-01") };
    let view = city.lay(&new, body).await.unwrap();
    assert_eq!((view.parcel.stage, view.parcel.seq), (Stage::Sent, 1));
    city.work(1).await;
    let seen = provider.seen().remove(0);
    assert_eq!(seen.line, "POST /in/rows");
    assert_eq!(seen.body, body);
    let digest = format!("sm3=:{}:", STANDARD.encode(sm3(&seen.body)));
    for (name, value) in [
        ("x-exchange-channel", CODE),
        ("x-exchange-seq", "1"),
        ("x-exchange-key", "2026-03-01"),
        ("x-exchange-rows", "2"),
        ("x-exchange-sums", r#"{"fen":300}"#),
        ("content-type", kind),
        ("content-digest", digest.as_str()),
    ] {
        assert_eq!(seen.headers.get(name).map(String::as_str), Some(value), "{mode:?} {name}");
    }
    let view = city.look(view.parcel.id).await;
    assert_eq!((view.parcel.stage, view.parcel.agrees()), (Stage::Received, None));
    let mut ctx = city.test.ctx(Actor::visitor()).await;
    let place = (CODE, view.parcel.id);
    let there =
        Count { rows: Some(2), sums: Some(serde_json::json!({ "fen": 300 })), digest: None };
    let stored = receipt(&mut ctx, city.provider, place, Stage::Stored, &there).await.unwrap();
    assert_eq!((stored.parcel.stage, stored.parcel.agrees()), (Stage::Stored, Some(true)));
    let less = Count { rows: Some(1), ..Count::default() };
    let done = receipt(&mut ctx, city.provider, place, Stage::Processed, &less).await.unwrap();
    assert_eq!((done.parcel.stage, done.parcel.agrees()), (Stage::Processed, Some(false)));
    let stages: Vec<&str> = done.receipts.iter().map(|one| one.stage.word()).collect();
    assert_eq!(stages, ["sent", "received", "stored", "processed"]);
    assert!(done.receipts.iter().all(|one| one.entry > 0));
    let wrong = receipt(&mut ctx, city.client, place, Stage::Stored, &there).await.unwrap_err();
    assert_eq!(wrong.kind(), Kind::NotFound, "the sender gives no receipts");
}

#[tokio::test]
async fn the_same_key_is_the_same_parcel_and_another_content_under_it_is_refused() {
    for (mode, _, _) in MODES {
        comes_once(mode).await;
    }
}

async fn comes_once(mode: Mode) {
    let (city, provider) = city_by(mode, fine).await;
    let first = city.lay(&new("k"), b"one").await.unwrap();
    let again = city.lay(&new("k"), b"one").await.unwrap();
    assert_eq!(first.parcel.id, again.parcel.id);
    assert_eq!(city.lay(&new("k"), b"two").await.unwrap_err().kind(), Kind::Conflict);
    city.work(1).await;
    city.lay(&new("k"), b"one").await.unwrap();
    city.work(1).await;
    assert_eq!(provider.seen().len(), 1, "{mode:?}");
}

#[tokio::test]
async fn a_batch_is_laid_down_in_chunks_in_any_order_and_goes_on_where_it_stopped() {
    for (mode, kind, _) in MODES {
        goes_on(mode, kind).await;
    }
}

async fn goes_on(mode: Mode, kind: &str) {
    let (city, provider) = city_by(mode, |seen, count| {
        // The second chunk fails the first time it comes.
        let second = seen.headers["x-exchange-chunk"] == "2";
        if second && count == 2 { (503, Vec::new(), Vec::new()) } else { fine(seen, count) }
    })
    .await;
    let parts: [&[u8]; 3] = [b"one", b"\x00\xff\n", b"three"];
    let digests = parts.map(sm3);
    let count = Count { digest: Some(whole_digest(digests.iter())), ..Count::default() };
    let new = NewParcel { kind: kind.to_owned(), chunks: 3, count, ..new("big") };
    let begun = city.lay(&new, b"").await.unwrap();
    assert_eq!((begun.parcel.stage, begun.missing), (Stage::Filling, vec![1, 2, 3]));
    let id = begun.parcel.id;
    let put = async |no: i32, body: &[u8]| {
        let mut ctx = city.test.ctx(Actor::visitor()).await;
        let view = put_chunk(&mut ctx, city.client, (CODE, id, no), body).await;
        if view.is_ok() {
            ctx.commit().await.unwrap();
        }
        view
    };
    put(3, parts[2]).await.unwrap();
    let resumed = city.lay(&new, b"").await.unwrap();
    assert_eq!(resumed.missing, [1, 2], "who lost the line asks again and goes on");
    assert!(put(4, b"x").await.is_err());
    put(1, parts[0]).await.unwrap();
    assert_eq!(put(2, b"altered").await.unwrap_err().kind(), Kind::Invalid);
    let whole = put(2, parts[1]).await.unwrap();
    assert_eq!((whole.parcel.stage, whole.parcel.bytes), (Stage::Sent, 11));
    city.work(1).await;
    let stopped = city.look(id).await;
    assert_eq!((stopped.parcel.stage, stopped.delivered), (Stage::Sent, 1));
    assert_eq!(stopped.parcel.fault.as_deref(), Some("the receiver answered 503"));
    city.work(1).await;
    assert_eq!(city.look(id).await.parcel.stage, Stage::Received);
    let chunks: Vec<String> =
        provider.seen().iter().map(|seen| seen.headers["x-exchange-chunk"].clone()).collect();
    assert_eq!(chunks, ["1", "2", "2", "3"], "{mode:?}: what has arrived is not sent again");
    let came: Vec<Vec<u8>> = provider.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(came, [parts[0], parts[1], parts[1], parts[2]], "{mode:?}");
    assert!(provider.seen().iter().all(|seen| seen.headers["content-type"] == kind), "{mode:?}");
}

#[tokio::test]
async fn a_channel_says_how_it_carries_and_keeps_its_order_either_way() {
    for (mode, kind, body) in MODES {
        let (city, provider) = city_by(mode, fine).await;
        for key in ["a", "b", "c"] {
            let new = NewParcel { kind: kind.to_owned(), ..new(key) };
            city.lay(&new, body).await.unwrap();
        }
        city.work(1).await;
        let keys: Vec<String> =
            provider.seen().iter().map(|seen| seen.headers["x-exchange-key"].clone()).collect();
        assert_eq!(keys, ["a", "b", "c"], "{mode:?}");
        let mut ctx = city.test.ctx(official("head", 2, 200)).await;
        let view = channel(&mut ctx, CODE, None).await.unwrap();
        assert_eq!(view.channel.mode, mode);
        assert!(view.parcels.iter().all(|one| one.stage == Stage::Received && one.kind == kind));
    }
}

#[tokio::test]
async fn what_never_arrives_is_kept_and_sent_again_by_a_person_and_the_rest_goes_on() {
    let away = Arc::new(AtomicBool::new(true));
    let is_away = Arc::clone(&away);
    let (city, provider) = city(move |seen, count| {
        let first = seen.headers["x-exchange-seq"] == "1";
        if first && is_away.load(Ordering::Relaxed) {
            (500, Vec::new(), Vec::new())
        } else {
            fine(seen, count)
        }
    })
    .await;
    let one = city.lay(&new("1"), b"one").await.unwrap().parcel.id;
    let two = city.lay(&new("2"), b"two").await.unwrap().parcel.id;
    city.work(1).await;
    assert_eq!(city.look(two).await.parcel.stage, Stage::Sent, "the order holds");
    for _ in 0..LIMITS.tries {
        city.work(60).await;
    }
    let dead = city.look(one).await;
    assert_eq!((dead.parcel.stage, dead.parcel.attempts), (Stage::Dead, LIMITS.tries));
    assert_eq!(
        city.look(two).await.parcel.stage,
        Stage::Received,
        "nobody waits for a dead letter"
    );
    let tries = provider.seen().iter().filter(|seen| seen.headers["x-exchange-seq"] == "1").count();
    assert_eq!(i32::try_from(tries).unwrap(), LIMITS.tries);
    away.store(false, Ordering::Relaxed);
    let mut ctx = city.test.ctx(official("head", 2, 200)).await;
    assert!(resend(&mut ctx, CODE, one, "").await.is_err());
    resend(&mut ctx, CODE, one, "对方已修好接口").await.unwrap();
    ctx.commit().await.unwrap();
    city.work(1).await;
    assert_eq!(city.look(one).await.parcel.stage, Stage::Received);
    let mut ctx = city.test.ctx(official("head", 2, 200)).await;
    let error = resend(&mut ctx, CODE, one, "再来一次吧").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
}

#[tokio::test]
async fn a_channel_stands_still_goes_on_and_carries_again_what_was_lost() {
    let (city, provider) = city(fine).await;
    let steer = || city.test.ctx(official("system-admin", 3, 9));
    let mut ctx = steer().await;
    pause(&mut ctx, CODE, true, "接收方升级一小时").await.unwrap();
    ctx.commit().await.unwrap();
    for key in ["a", "b", "c"] {
        city.lay(&new(key), key.as_bytes()).await.unwrap();
    }
    city.work(1).await;
    assert!(provider.seen().is_empty());
    let mut ctx = steer().await;
    pause(&mut ctx, CODE, false, "接收方升级完成").await.unwrap();
    ctx.commit().await.unwrap();
    city.work(1).await;
    let order = |seen: &[Seen]| -> Vec<String> {
        seen.iter().map(|one| one.headers["x-exchange-seq"].clone()).collect()
    };
    assert_eq!(order(&provider.seen()), ["1", "2", "3"]);
    let mut ctx = steer().await;
    assert_eq!(replay(&mut ctx, CODE, (2, 3), "接收方库损坏重建").await.unwrap(), 2);
    ctx.commit().await.unwrap();
    city.work(1).await;
    assert_eq!(order(&provider.seen()), ["1", "2", "3", "2", "3"]);
}

#[tokio::test]
async fn only_both_departments_and_the_platform_see_a_channel() {
    let (city, _provider) = city(fine).await;
    for (role, organisation, sees) in [
        ("head", 100, true),
        ("head", 200, true),
        ("head", 300, false),
        ("window", 100, false),
        ("system-admin", 9, true),
    ] {
        let mut ctx = city.test.ctx(official(role, 4, organisation)).await;
        let found = channel(&mut ctx, CODE, None).await;
        assert_eq!(found.is_ok(), sees, "{role} {organisation}");
        let listed = channels(&mut ctx).await.map_or(0, |list| list.len());
        assert_eq!(listed == 1, sees, "{role} {organisation}");
    }
    let mut ctx = city.test.ctx(Actor::visitor()).await;
    let other = send(&mut ctx, city.provider, CODE, &new("k"), b"x").await.unwrap_err();
    assert_eq!(other.kind(), Kind::NotFound, "only the sender sends");
}

#[tokio::test]
async fn nothing_goes_to_a_receiver_that_is_switched_off_and_what_waits_is_kept() {
    let (city, provider) = city(fine).await;
    let id = city.lay(&new("1"), b"one").await.unwrap().parcel.id;
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    disable(&mut ctx, What::System, city.provider, "接收系统已下线").await.unwrap();
    ctx.commit().await.unwrap();
    for _ in 0..=LIMITS.tries {
        city.work(60).await;
    }
    assert!(provider.seen().is_empty(), "its service is approved still, but its system is off");
    let dead = city.look(id).await.parcel;
    assert_eq!(dead.stage, Stage::Dead);
    assert!(dead.fault.unwrap().contains("switched off"));
    let mut ctx = city.test.ctx(official("security-admin", 1, 9)).await;
    approve(&mut ctx, What::System, city.provider).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = city.test.ctx(official("head", 2, 200)).await;
    resend(&mut ctx, CODE, id, "接收系统重新上线").await.unwrap();
    ctx.commit().await.unwrap();
    city.work(1).await;
    assert_eq!(city.look(id).await.parcel.stage, Stage::Received);
    assert_eq!(provider.seen()[0].body, b"one", "what waited was kept whole");
}

#[tokio::test]
async fn a_count_that_cannot_be_kept_is_refused_and_in_an_answer_not_believed() {
    let (city, _provider) = city(|_seen, _count| {
        (200, Vec::new(), br#"{"stage":"stored","rows":2,"sums":{"fen":"\u0000"}}"#.to_vec())
    })
    .await;
    let id = city.lay(&new("1"), b"one").await.unwrap().parcel.id;
    city.work(1).await;
    let stored = city.look(id).await.parcel;
    assert_eq!((stored.stage, stored.there), (Stage::Stored, Count::default()));
    let counts = [
        Count { rows: Some(-1), ..Count::default() },
        Count { sums: Some(serde_json::json!({ "fen": "\u{0}" })), ..Count::default() },
        Count { sums: Some(serde_json::json!({ "a\u{0}": 1 })), ..Count::default() },
        Count { sums: Some(serde_json::json!([1])), ..Count::default() },
        Count { digest: Some("\u{0}".repeat(64)), ..Count::default() },
    ];
    for there in counts {
        let mut ctx = city.test.ctx(Actor::visitor()).await;
        let said = receipt(&mut ctx, city.provider, (CODE, id), Stage::Processed, &there).await;
        let error = said.unwrap_err();
        assert_eq!(error.fields()[0].field, "count", "{there:?}");
        drop(ctx);
        let wrong = NewParcel { count: there, ..new("2") };
        assert_eq!(city.lay(&wrong, b"two").await.unwrap_err().fields()[0].field, "count");
    }
    // Signs that only look like one are no NUL.
    let there = Count { sums: Some(serde_json::json!({ "a": "\\u0000" })), ..Count::default() };
    let mut ctx = city.test.ctx(Actor::visitor()).await;
    receipt(&mut ctx, city.provider, (CODE, id), Stage::Processed, &there).await.unwrap();
}
