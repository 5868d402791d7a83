//! Files in pieces, so that a cut line costs nothing: begin, ask how far it is, send the next piece.
//!
//! An upload belongs to the person who began it: its name begins with theirs, and to others it is absent.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Json, Path};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{head, post};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Kind, Limits};
use zhengtong_blob::Upload;
use zhengtong_http::{Answer, App, Fault, Visit};
use zhengtong_ui::words::encode;

/// Where uploads begin.
pub(crate) const ENDPOINT: &str = "/my/uploads";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(ENDPOINT, post(begin))
        .route("/my/uploads/{name}", head(offset).patch(append))
}

#[derive(Deserialize)]
struct Announced {
    name: String,
    size: u64,
}

async fn begin(visit: Visit, headers: HeaderMap, Json(file): Json<Announced>) -> Answer {
    visit.guard(&headers)?;
    let name = format!("{}-{}", owner(&visit)?, short(&Uuid::new_v4()));
    let limit = Limits::default().file_bytes;
    let upload = visit.app.blobs.begin(&name, file.size, limit).await?;
    let place = format!("{ENDPOINT}/{}?name={}", upload.name, encode(&file.name));
    let mut response = (StatusCode::CREATED, [(header::LOCATION, place)]).into_response();
    set_offset(&mut response, 0);
    Ok(response)
}

async fn offset(visit: Visit, Path(name): Path<String>) -> Answer {
    let upload = own(&visit, &name).await?;
    let at = visit.app.blobs.offset(&upload).await?;
    let mut response = StatusCode::OK.into_response();
    set_offset(&mut response, at);
    Ok(response)
}

async fn append(
    visit: Visit,
    Path(name): Path<String>,
    headers: HeaderMap,
    piece: Bytes,
) -> Answer {
    visit.guard(&headers)?;
    let upload = own(&visit, &name).await?;
    let at = headers.get(OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    let at = at.ok_or_else(|| {
        Fault::new(Kind::Invalid, "缺少 Upload-Offset", "Upload-Offset is missing")
    })?;
    let next = visit.app.blobs.append(&upload, at, &piece).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_offset(&mut response, next);
    Ok(response)
}

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");

fn set_offset(response: &mut Response, at: u64) {
    response.headers_mut().insert(OFFSET, HeaderValue::from(at));
}

/// An upload that was finished, by the address the form carries: the bytes, and the name the sender gave.
pub(crate) async fn finished(visit: &Visit, place: &str) -> Result<(String, Vec<u8>), Fault> {
    let (name, query) = place
        .strip_prefix(ENDPOINT)
        .and_then(|rest| rest.trim_start_matches('/').split_once("?name="))
        .ok_or_else(Fault::absent)?;
    let upload = own(visit, name).await?;
    let stored = visit.app.blobs.finish(&upload).await?;
    let bytes = visit.app.blobs.get(stored.digest).await?;
    let name = percent_encoding::percent_decode_str(query).decode_utf8_lossy().into_owned();
    Ok((zhengtong_http::file_name(&name), bytes))
}

async fn own(visit: &Visit, name: &str) -> Result<Upload, Fault> {
    if !name.starts_with(&owner(visit)?) {
        return Err(Fault::absent());
    }
    Ok(visit.app.blobs.find(name).await?)
}

fn owner(visit: &Visit) -> Result<String, Fault> {
    visit.known()?;
    visit.actor.person.map(|person| short(&person)).ok_or_else(Fault::absent)
}

/// Thirty hexadecimal digits of an identifier: two of them and a hyphen fit the name of an upload.
fn short(id: &Uuid) -> String {
    id.simple().to_string().chars().skip(2).collect()
}
