//! The gateway as systems of departments meet it: calls of the X-Road protocol at `/r1`, parcels at `/x1`. Nobody here is
//! a visitor of the site, so these routes stand outside of its door: no session, no page, no form.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post, put};
use serde::Deserialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;
use zhengtong_base::{Failure, Kind};
use zhengtong_db::{Actor, Ctx};
use zhengtong_exchange as exchange;
use zhengtong_exchange::{
    Admission, Answered, Count, Fault, Gateway, Incoming, LIMITS, NewParcel, ParcelView, Refusal,
    Stage,
};
use zhengtong_http::App;

/// All routes of the gateway; they go around the door of the site.
pub fn gateway() -> Router<App> {
    Router::new()
        .route("/r1/{*rest}", any(call))
        .route("/listClients", get(clients))
        .route("/x1/{channel}/parcels", post(send))
        .route("/x1/{channel}/parcels/{id}", get(look))
        .route("/x1/{channel}/parcels/{id}/chunks/{no}", put(chunk))
        .route("/x1/{channel}/parcels/{id}/receipts", post(receipt))
}

/// What failed of ours is told without its cause; the log has it under the number of the request.
fn ours(error: &dyn Failure, fault: Fault, request: &str) -> Refusal {
    tracing::error!(request, error = %error, "a call failed here");
    let refusal = Refusal {
        fault,
        message: "the gateway could not do its part; try again later".to_owned(),
        detail: String::new(),
    };
    refusal.of(request)
}

fn drawn(answered: Answered) -> Response {
    let mut response = Response::new(Body::from(answered.body));
    *response.status_mut() =
        StatusCode::from_u16(answered.status).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = answered.headers;
    response
}

async fn ctx(app: &App, request: &str) -> Result<Ctx, zhengtong_db::Error> {
    app.db.begin(Actor::visitor(), request).await
}

/// A call: let in, sent on, ended. Between the two transactions nothing of the database is held.
async fn call(State(app): State<App>, request: Request) -> Response {
    let id = Uuid::now_v7().to_string();
    let accept = exchange::accept(request.headers()).to_owned();
    match passed(&app, request, &id).await {
        Ok(answered) => drawn(answered),
        Err(refusal) => drawn(exchange::told(&refusal.of(&id), &accept)),
    }
}

async fn passed(app: &App, request: Request, id: &str) -> Result<Answered, Refusal> {
    let inside = |error: zhengtong_db::Error| ours(&error, Fault::Internal, id);
    let gateway = app.db.defs::<Gateway>().map_err(inside)?;
    let place = gateway.place().ok_or_else(busy)?;
    let (incoming, raw) = incoming(request).await?;
    let request = exchange::Request::read(incoming, id)?;
    let mut ctx = ctx(app, id).await.map_err(inside)?;
    let admission = exchange::admit(&mut ctx, request, &raw).await;
    let admission = admission.map_err(|error| ours(&error, Fault::Internal, id))?;
    let (admitted, answered) = match admission {
        Admission::Refused(refusal) => return Err(refusal),
        Admission::Here(admitted, answered) => {
            ctx.commit().await.map_err(inside)?;
            (admitted, answered)
        }
        Admission::Forward(admitted) => {
            ctx.commit().await.map_err(inside)?;
            let answered = gateway.forward(&admitted).await;
            (admitted, answered)
        }
    };
    drop(place);
    let lost = |error: &dyn Failure| ours(error, Fault::Database, id);
    let mut ctx = self::ctx(app, id).await.map_err(|error| lost(&error))?;
    let ended = exchange::finish(&mut ctx, &gateway, &admitted, answered).await;
    let ended = ended.map_err(|error| lost(&error))?;
    ctx.commit().await.map_err(|error| lost(&error))?;
    Ok(ended)
}

fn busy() -> Refusal {
    Refusal {
        fault: Fault::Busy,
        message: "too many calls are under way; try again shortly".to_owned(),
        detail: String::new(),
    }
}

async fn incoming(request: Request) -> Result<(Incoming, HeaderMap), Refusal> {
    let (parts, body) = request.into_parts();
    let large = || Refusal {
        fault: Fault::TooLarge,
        message: "the body is larger than this gateway passes on, or did not come whole".to_owned(),
        detail: String::new(),
    };
    let body = to_bytes(body, LIMITS.body_bytes).await.map_err(|_large| large())?;
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers.clone(),
        body: body.to_vec(),
    };
    Ok((incoming, parts.headers))
}

#[derive(Deserialize)]
struct Which {
    #[serde(rename = "xRoadInstance")]
    instance: Option<String>,
}

async fn clients(State(app): State<App>, Query(which): Query<Which>) -> Response {
    let id = Uuid::now_v7().to_string();
    let read = async {
        let mut ctx = ctx(&app, &id).await.map_err(exchange::Error::from)?;
        let found = exchange::clients(&mut ctx, which.instance.as_deref()).await?;
        ctx.commit().await.map_err(exchange::Error::from)?;
        Ok::<Value, exchange::Error>(found)
    };
    match read.await {
        Ok(found) => axum::Json(found).into_response(),
        Err(error) => drawn(exchange::told(&ours(&error, Fault::Internal, &id), "")),
    }
}

/// A request to the platform itself: read, its sender known by the signature.
struct Letter {
    ctx: Ctx,
    system: Uuid,
    headers: HeaderMap,
    body: Bytes,
}

async fn letter(app: &App, request: Request, id: &str) -> Result<Letter, Refusal> {
    let (incoming, raw) = incoming(request).await?;
    let inside = |error: &dyn Failure| ours(error, Fault::Internal, id);
    let mut ctx = ctx(app, id).await.map_err(|error| inside(&error))?;
    let target = (incoming.method.as_str(), incoming.path.as_str(), incoming.query.as_deref());
    let known = exchange::known(&mut ctx, target, &raw, &incoming.body).await;
    let system = known.map_err(|error| inside(&error))??;
    Ok(Letter { ctx, system, headers: raw, body: Bytes::from(incoming.body) })
}

/// The answer about a parcel, or what is wrong with the request.
fn told(outcome: Result<ParcelView, exchange::Error>, id: &str, status: StatusCode) -> Response {
    let error = match outcome {
        Ok(view) => return (status, axum::Json(shown(&view))).into_response(),
        Err(error) => error,
    };
    let status = match error.kind() {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        _ => return drawn(exchange::told(&ours(&error, Fault::Internal, id), "")),
    };
    let fields: Vec<Value> = error
        .fields()
        .iter()
        .map(|one| json!({ "field": one.field, "zh": one.text.zh, "en": one.text.en }))
        .collect();
    let text = error.text();
    let body =
        json!({ "title": { "zh": text.zh, "en": text.en }, "request": id, "errors": fields });
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))];
    (status, kind, body.to_string()).into_response()
}

fn shown(view: &ParcelView) -> Value {
    let parcel = &view.parcel;
    let receipts: Vec<Value> = view
        .receipts
        .iter()
        .map(|one| json!({ "stage": one.stage.word(), "at": one.at.format(&Rfc3339).ok(), "entry": one.entry }))
        .collect();
    json!({
        "id": parcel.id,
        "seq": (parcel.seq > 0).then_some(parcel.seq),
        "key": parcel.key,
        "stage": parcel.stage.word(),
        "chunks": parcel.chunks,
        "missing": view.missing,
        "delivered": view.delivered,
        "bytes": parcel.bytes,
        "digest": parcel.here.digest,
        "agrees": parcel.agrees(),
        "fault": parcel.fault,
        "receipts": receipts,
    })
}

/// What a sender says about a parcel in headers; the body is its content, or empty where chunks follow.
fn parcel_of(headers: &HeaderMap) -> Option<NewParcel> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().map(str::to_owned).ok());
    let number = |name: &str| match text(name) {
        None => Some(None),
        Some(value) => value?.parse::<i64>().ok().map(Some),
    };
    let sums = match text("x-exchange-sums") {
        None => None,
        Some(value) => Some(serde_json::from_str::<Value>(&value?).ok().filter(Value::is_object)?),
    };
    Some(NewParcel {
        key: text("idempotency-key")??,
        kind: text("content-type")
            .flatten()
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        issue: text("x-road-issue").flatten(),
        chunks: i32::try_from(number("x-exchange-chunks")?.unwrap_or(1)).ok()?,
        count: Count {
            rows: number("x-exchange-rows")?,
            sums,
            digest: text("x-exchange-digest").flatten(),
        },
    })
}

fn unreadable() -> Refusal {
    Refusal {
        fault: Fault::BadRequest,
        message: "Idempotency-Key is missing, or a header about the parcel cannot be read"
            .to_owned(),
        detail: String::new(),
    }
}

async fn send(State(app): State<App>, Path(channel): Path<String>, request: Request) -> Response {
    let id = Uuid::now_v7().to_string();
    let sent = async {
        let mut letter = letter(&app, request, &id).await?;
        let new = parcel_of(&letter.headers).ok_or_else(unreadable)?;
        let view =
            exchange::send(&mut letter.ctx, letter.system, &channel, &new, &letter.body).await;
        Ok(committed(letter.ctx, view).await)
    };
    match sent.await {
        Ok(view) => told(view, &id, StatusCode::ACCEPTED),
        Err(refusal) => drawn(exchange::told(&Refusal::of(refusal, &id), "")),
    }
}

async fn chunk(
    State(app): State<App>,
    Path((channel, parcel, no)): Path<(String, Uuid, i32)>,
    request: Request,
) -> Response {
    let id = Uuid::now_v7().to_string();
    let put = async {
        let mut letter = letter(&app, request, &id).await?;
        let place = (channel.as_str(), parcel, no);
        let view = exchange::put_chunk(&mut letter.ctx, letter.system, place, &letter.body).await;
        Ok(committed(letter.ctx, view).await)
    };
    match put.await {
        Ok(view) => told(view, &id, StatusCode::OK),
        Err(refusal) => drawn(exchange::told(&Refusal::of(refusal, &id), "")),
    }
}

async fn look(
    State(app): State<App>,
    Path((channel, parcel)): Path<(String, Uuid)>,
    request: Request,
) -> Response {
    let id = Uuid::now_v7().to_string();
    let looked = async {
        let mut letter = letter(&app, request, &id).await?;
        let view = exchange::look(&mut letter.ctx, letter.system, &channel, parcel).await;
        Ok(committed(letter.ctx, view).await)
    };
    match looked.await {
        Ok(view) => told(view, &id, StatusCode::OK),
        Err(refusal) => drawn(exchange::told(&Refusal::of(refusal, &id), "")),
    }
}

/// What a receiver says: how far it is, and what it counted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    stage: String,
    #[serde(default)]
    rows: Option<i64>,
    #[serde(default)]
    sums: Option<Value>,
    #[serde(default)]
    digest: Option<String>,
}

async fn receipt(
    State(app): State<App>,
    Path((channel, parcel)): Path<(String, Uuid)>,
    request: Request,
) -> Response {
    let id = Uuid::now_v7().to_string();
    let told_us = async {
        let mut letter = letter(&app, request, &id).await?;
        let said: Said = serde_json::from_slice(&letter.body).map_err(|_form| unreadable())?;
        let stage = match said.stage.as_str() {
            "stored" => Stage::Stored,
            "processed" => Stage::Processed,
            _ => return Err(unreadable()),
        };
        let there = Count { rows: said.rows, sums: said.sums, digest: said.digest };
        let place = (channel.as_str(), parcel);
        let view = exchange::receipt(&mut letter.ctx, letter.system, place, stage, &there).await;
        Ok(committed(letter.ctx, view).await)
    };
    match told_us.await {
        Ok(view) => told(view, &id, StatusCode::OK),
        Err(refusal) => drawn(exchange::told(&Refusal::of(refusal, &id), "")),
    }
}

/// Commits what was done; what was refused is undone.
async fn committed(
    ctx: Ctx,
    outcome: Result<ParcelView, exchange::Error>,
) -> Result<ParcelView, exchange::Error> {
    let view = outcome?;
    ctx.commit().await?;
    Ok(view)
}
