//! The systems of departments in the demonstration: one small server on this machine stands for all of them, and they have
//! called each other and sent batches before anybody looks.

use anyhow::{Context as _, Result};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use time::Duration;
use tokio::net::TcpListener;
use uuid::Uuid;
use zhengtong_crypto::{SigningKey, sm3};
use zhengtong_db::{Actor, Db};
use zhengtong_exchange as exchange;
use zhengtong_exchange::{
    Admission, Algorithm, Count, Founded, Gateway, Incoming, NewParcel, Plan, PublicKey, Request,
};

use super::regions::CITY;
use crate::wire::failed;

/// How long the keys of the demonstration are good for.
const KEY_DAYS: i64 = 1_000;
/// Batches that each channel has carried.
const BATCHES: i64 = 3;
/// The channel whose receiver stores one row less in its last batch, so that there is something to compare.
const DIFFERS: &str = "E17";
/// The channel whose receiver is down, so that there is something to wait for.
const DOWN: &str = "E18";

/// The server that stands for the systems of all departments.
#[derive(Debug)]
pub(crate) struct Simulator {
    port: u16,
}

impl Simulator {
    /// Begins to answer at a free port of this machine.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("the simulated systems")?;
        let port = listener.local_addr().context("the simulated systems")?.port();
        let router = axum::Router::new().fallback(answered);
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the simulated systems ended");
            }
        });
        Ok(Self { port })
    }

    /// Host and port, for the list of those that may be called.
    pub(crate) fn entry(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn site(&self) -> String {
        format!("http://{}", self.entry())
    }
}

/// A system answers: what is asked for is invented from its address, what is sent is counted.
async fn answered(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let code = text("x-exchange-channel");
    if code.is_empty() {
        return called(&method, &uri);
    }
    if code == DOWN {
        return (StatusCode::SERVICE_UNAVAILABLE, "maintenance").into_response();
    }
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    let rows = lines.saturating_sub(1);
    let last = text("x-exchange-seq") == BATCHES.to_string();
    let stored = if code == DIFFERS && last { rows.saturating_sub(1) } else { rows };
    let stage = if text("content-type").starts_with("text/csv") { "stored" } else { "processed" };
    let said = if stage == "stored" {
        json!({ "stage": stage, "rows": stored })
    } else {
        json!({ "stage": stage })
    };
    axum::Json(said).into_response()
}

fn called(method: &Method, uri: &Uri) -> Response {
    let path = uri.path();
    let last = path.rsplit('/').next().unwrap_or_default();
    if last == "0000" {
        return (StatusCode::NOT_FOUND, axum::Json(json!({ "found": false }))).into_response();
    }
    let marks = sm3(path.as_bytes());
    let good = marks.first().is_some_and(|byte| byte % 5 != 0);
    let body = json!({ "found": true, "fits": good, "asked": last, "note": "演示数据，虚构" });
    let mut response = Response::new(Body::from(body.to_string()));
    if *method == Method::POST {
        *response.status_mut() = StatusCode::ACCEPTED;
    }
    let kind = header::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// The key of a system; it follows from its code, so it protects nothing.
fn key_of(code: &str) -> SigningKey {
    SigningKey::from_seed(sm3(format!("zhengtong-demo-2026/{code}").as_bytes()))
}

/// Lets the systems of all departments take part. At a later start they only stand elsewhere.
pub(crate) async fn join(db: &Db, simulator: &Simulator) -> Result<()> {
    let plan = db.defs::<Plan>().map_err(|error| failed(&error))?;
    let site = simulator.site();
    let mut ctx = db.begin_system("demo").await.map_err(|error| failed(&error))?;
    let there = exchange::systems(&mut ctx).await.map_err(|error| failed(&error))?;
    if !there.is_empty() {
        let services = exchange::services(&mut ctx).await.map_err(|error| failed(&error))?;
        for service in services {
            let Some(system) = there.iter().find(|one| one.id == service.system) else { continue };
            if !plan.systems.contains_key(&system.code) {
                continue;
            }
            let place = exchange::place(&site, &system.code, &service.code);
            exchange::relocate(&mut ctx, service.id, &place)
                .await
                .map_err(|error| failed(&error))?;
        }
        return ctx.commit().await.map_err(|error| failed(&error));
    }
    let all = exchange::found(&mut ctx, &plan, CITY, &site).await;
    let all = all.map_err(|error| failed(&error))?;
    for system in &all {
        let bytes = key_of(&system.code).verifying_key().as_bytes().to_vec();
        let pem = PublicKey { algorithm: Algorithm::Ed25519, bytes }.pem();
        let until = ctx.now + Duration::days(KEY_DAYS);
        let added = exchange::add_key(&mut ctx, system.id, &pem, until).await;
        added.map_err(|error| failed(&error))?;
    }
    ctx.commit().await.map_err(|error| failed(&error))?;
    let calls = play_calls(db, &plan, &all).await?;
    let parcels = play_parcels(db, &plan, &all).await?;
    tracing::info!(systems = all.len(), calls, parcels, "the exchange is there");
    Ok(())
}

/// Every client calls every service that it may call, once.
async fn play_calls(db: &Db, plan: &Plan, all: &[Founded]) -> Result<usize> {
    let mut count = 0;
    for item in &plan.items {
        if item.way.mode().is_some() {
            continue;
        }
        let (code, service) = item.service.split_once('/').unwrap_or((&item.service, ""));
        let Some(provider) = all.iter().find(|one| one.code == code) else { continue };
        for client in all.iter().filter(|one| item.with.contains(&one.code)) {
            count += 1;
            let asked = if count % 9 == 0 { "0000".to_owned() } else { format!("{count:04}") };
            let rest = item.endpoint.path.replace('*', &asked);
            let address = format!("/r1/{}/{service}{rest}", provider.name);
            call(db, client, (&address, &format!("YS-2026-{count:06}"))).await?;
        }
    }
    Ok(count)
}

async fn call(db: &Db, client: &Founded, (address, issue): (&str, &str)) -> Result<()> {
    let gateway = db.defs::<Gateway>().map_err(|error| failed(&error))?;
    let id = Uuid::now_v7().to_string();
    let mut headers = HeaderMap::new();
    let name = client.name.to_string();
    for (header, value) in
        [("x-road-client", &name), ("x-road-id", &id), ("x-road-issue", &issue.to_owned())]
    {
        headers.insert(header, value.parse().context("a header of a call")?);
    }
    let key = key_of(&client.code);
    let public =
        PublicKey { algorithm: Algorithm::Ed25519, bytes: key.verifying_key().as_bytes().to_vec() };
    let now = db.clock().now().unix_timestamp();
    exchange::sign((&key, &public.id()), now, ("GET", address), &mut headers, &[]);
    let incoming = Incoming {
        method: "GET".to_owned(),
        path: address.to_owned(),
        query: None,
        headers: headers.clone(),
        body: Vec::new(),
    };
    let request = Request::read(incoming, &id).map_err(|refusal| refused(&refusal))?;
    let mut ctx = db.begin(Actor::visitor(), &id).await.map_err(|error| failed(&error))?;
    let admission = exchange::admit(&mut ctx, request, &headers).await;
    let (admitted, answered) = match admission.map_err(|error| failed(&error))? {
        Admission::Refused(refusal) => return Err(refused(&refusal)),
        Admission::Here(admitted, answered) => (admitted, Some(answered)),
        Admission::Forward(admitted) => (admitted, None),
    };
    ctx.commit().await.map_err(|error| failed(&error))?;
    let answered = match answered {
        Some(answered) => answered,
        None => gateway.forward(&admitted).await,
    };
    let mut ctx = db.begin(Actor::visitor(), &id).await.map_err(|error| failed(&error))?;
    let ended = exchange::finish(&mut ctx, &gateway, &admitted, answered).await;
    ended.map_err(|error| failed(&error))?;
    ctx.commit().await.map_err(|error| failed(&error))
}

fn refused(refusal: &exchange::Refusal) -> anyhow::Error {
    anyhow::Error::msg(format!("{}: {}", refusal.fault.word(), refusal.message))
}

/// Every channel has a few batches; the jobs carry them.
async fn play_parcels(db: &Db, plan: &Plan, all: &[Founded]) -> Result<usize> {
    let mut count = 0;
    for item in &plan.items {
        let Some(mode) = item.way.mode() else { continue };
        for sender in all.iter().filter(|one| item.with.contains(&one.code)) {
            let code = match item.with.len() {
                1 => item.code.clone(),
                _ => format!("{}.{}", item.code, sender.code),
            };
            for batch in 1..=BATCHES {
                let mut ctx = db.begin_system("demo").await.map_err(|error| failed(&error))?;
                let (new, body) = parcel(mode, batch);
                let sent = exchange::send(&mut ctx, sender.id, &code, &new, body.as_bytes()).await;
                sent.map_err(|error| failed(&error))?;
                ctx.commit().await.map_err(|error| failed(&error))?;
                count += 1;
            }
        }
    }
    Ok(count)
}

fn parcel(mode: exchange::Mode, batch: i64) -> (NewParcel, String) {
    let rows = 20 * batch;
    let csv = mode == exchange::Mode::Table;
    let body = if csv {
        let lines = (1..=rows).map(|row| format!("{batch:02}-{row:04},演示数据\n"));
        std::iter::once("no,note\n".to_owned()).chain(lines).collect()
    } else {
        json!({ "batch": batch, "note": "演示数据，虚构" }).to_string()
    };
    let kind = if csv { "text/csv; charset=utf-8" } else { "application/json" };
    let new = NewParcel {
        key: format!("2026-{batch:02}"),
        kind: kind.to_owned(),
        issue: None,
        chunks: 1,
        count: Count { rows: csv.then_some(rows), ..Count::default() },
    };
    (new, body)
}
