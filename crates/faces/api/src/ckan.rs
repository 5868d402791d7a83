//! The action interface of CKAN, version 3, as its clients and harvesters use it: over the open data of the portal, and for
//! the programs of departments that show a key. The words of its answers are CKAN's.

mod given;
mod read;
mod rows;
mod shown;
mod write;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{FromRequest as _, Path, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};
use zhengtong_base::{Failure, Kind};
use zhengtong_db::{Actor, Ctx};
use zhengtong_http::{App, Fault, Upload, Uploads, Visit};
use zhengtong_portal::Error;

/// Bytes of a request without files at most.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

pub(crate) use shown::{absolute, address};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/3/action/{name}", get(act).post(act))
        .route("/api/action/{name}", get(act).post(act))
}

/// What came with a request: the parameters, and the file.
pub(crate) struct Asked {
    pub(crate) given: Map<String, Value>,
    pub(crate) file: Option<Upload>,
    /// The address of the site, without a slash at the end.
    pub(crate) site: String,
}

/// What an action says, or why it does not.
pub(crate) type Said = Result<Value, Refused>;

/// Why an action is not carried out, in the words of CKAN.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    error: Value,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, kind: &str, message: &str) -> Self {
        Self { status, error: json!({ "__type": kind, "message": message }) }
    }

    /// A parameter is missing or wrong.
    pub(crate) fn field(name: &str, message: &str) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            error: json!({ "__type": "Validation Error", name: [message] }),
        }
    }
}

impl<E: Failure> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::of(&Fault::from(error))
    }
}

impl Refused {
    /// A fault in the words of CKAN.
    pub(crate) fn of(fault: &Fault) -> Self {
        let text = fault.text.en.as_str();
        match fault.kind {
            Kind::NotFound => Self::new(StatusCode::NOT_FOUND, "Not Found Error", text),
            Kind::Denied | Kind::Unauthenticated => Self::new(
                StatusCode::FORBIDDEN,
                "Authorization Error",
                &format!("Access denied: {text}"),
            ),
            Kind::Invalid if fault.fields.is_empty() => Self::new(
                StatusCode::BAD_REQUEST,
                "Search Query Error",
                &format!("Search Query is invalid: {text}"),
            ),
            Kind::Invalid | Kind::Conflict | Kind::TooLarge | Kind::Unsupported => {
                Self::by_field(fault)
            }
            Kind::TooMany => Self::new(StatusCode::TOO_MANY_REQUESTS, "Rate Limit Error", text),
            Kind::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, "Unavailable", text),
            Kind::Internal => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", text)
            }
        }
    }

    fn by_field(fault: &Fault) -> Self {
        let mut error = Map::new();
        error.insert("__type".to_owned(), "Validation Error".into());
        for field in &fault.fields {
            let said = error.entry(field.field.clone()).or_insert_with(|| json!([]));
            if let Some(said) = said.as_array_mut() {
                said.push(field.text.en.as_str().into());
            }
        }
        if fault.fields.is_empty() {
            error.insert("message".to_owned(), fault.text.en.as_str().into());
        }
        Self { status: StatusCode::CONFLICT, error: Value::Object(error) }
    }
}

async fn act(visit: Visit, Path(name): Path<String>, request: Request) -> Response {
    let site = visit.app.settings.public_url.clone();
    let head = request.headers().clone();
    let done = match asked(request, &site).await {
        Ok((reads, asked)) => carry_out(&visit, &name, &head, reads, asked).await,
        Err(refused) => Err(refused),
    };
    let help = format!("{site}/api/3/action/help_show?name={}", zhengtong_ui::words::encode(&name));
    let (status, body) = match done {
        Ok(result) => (StatusCode::OK, json!({ "help": help, "success": true, "result": result })),
        Err(refused) => {
            (refused.status, json!({ "help": help, "success": false, "error": refused.error }))
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json;charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

/// The parameters of an address, of JSON, or of a form; and whether the request can only read.
async fn asked(request: Request, site: &str) -> Result<(bool, Asked), Refused> {
    let bad = |message: &str| Refused::new(StatusCode::BAD_REQUEST, "Bad Request", message);
    let reads = *request.method() == Method::GET || *request.method() == Method::HEAD;
    let mut asked = Asked { given: Map::new(), file: None, site: site.to_owned() };
    let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(request.uri());
    let query = query.map_err(|_shape| bad("the parameters are not well formed"))?;
    for (key, value) in query.0 {
        asked.given.insert(key, value.into());
    }
    if reads {
        return Ok((true, asked));
    }
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        let sent =
            Uploads::from_request(request, &()).await.map_err(|fault| bad(&fault.text.en))?;
        for (key, value) in sent.fields.0 {
            asked.given.insert(key, value.into());
        }
        asked.file = sent.files.into_iter().next();
        return Ok((false, asked));
    }
    let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await;
    let bytes = bytes.map_err(|_long| {
        Refused::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Bad Request",
            "the request is larger than 32 MiB",
        )
    })?;
    if !bytes.iter().all(u8::is_ascii_whitespace) {
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(given)) => asked.given.extend(given),
            Ok(_) => return Err(bad("JSON Error: the parameters are not a dictionary")),
            Err(error) => return Err(bad(&format!("JSON Error: {error}"))),
        }
    }
    Ok((false, asked))
}

/// Who asks: by the key that is shown, and by nothing else. Cookies that come along say nothing here.
async fn actor(visit: &Visit, headers: &HeaderMap, writes: bool) -> Result<Actor, Refused> {
    let shown = [header::AUTHORIZATION, header::HeaderName::from_static("x-ckan-api-key")];
    let shown = shown.iter().find_map(|name| headers.get(name)?.to_str().ok()).unwrap_or_default();
    let secret = shown.trim().trim_start_matches("Bearer ").trim();
    if secret.is_empty() {
        return Ok(Actor::visitor());
    }
    let mut ctx = visit.app.db.begin_system("portal.key").await?;
    let opened = zhengtong_portal::enter(&mut ctx, secret).await;
    match opened {
        Ok(opened) => {
            ctx.commit().await?;
            Ok(opened.actor)
        }
        Err(Error::Key) if !writes => Ok(Actor::visitor()),
        Err(Error::Quota(daily)) => {
            // The use counts although it opens nothing.
            ctx.commit().await?;
            Err(Error::Quota(daily).into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn carry_out(
    visit: &Visit,
    name: &str,
    headers: &HeaderMap,
    reads: bool,
    asked: Asked,
) -> Said {
    let writes = write::ACTIONS.contains(&name);
    if writes && reads {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "Bad Request",
            "this action takes a POST",
        ));
    }
    let known = writes || read::ACTIONS.contains(&name) || rows::ACTIONS.contains(&name);
    if !known {
        let message = format!("Action name not known: {name}");
        return Err(Refused::new(StatusCode::BAD_REQUEST, "Bad Request", &message));
    }
    given::sound(&asked.given)?;
    let who = actor(visit, headers, writes).await?;
    let mut ctx: Ctx = visit.app.db.begin(who, &visit.request).await?;
    let said = if writes {
        write::write(&mut ctx, visit, name, asked).await?
    } else if rows::ACTIONS.contains(&name) {
        rows::read(&mut ctx, name, &asked).await?
    } else {
        read::read(&mut ctx, name, &asked).await?
    };
    ctx.commit().await?;
    Ok(said)
}
