//! How slow a client may be with the body of its request, and how long we may take to answer.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, sleep_until, timeout};

/// Limits of time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long we may take, counted from the last byte that came.
    pub answer: Duration,
    /// How long a client may pause within a body.
    pub pause: Duration,
    /// Bytes of a body that must come each second, on average, after the first pause.
    pub bytes_per_second: u64,
}

/// What is known of a body while it comes.
#[derive(Debug)]
struct Progress {
    last: Mutex<Instant>,
    bytes: AtomicU64,
    slow: AtomicBool,
    /// Somebody waits for the client at this moment, so that time is not ours.
    waiting: AtomicBool,
}

impl Progress {
    fn new() -> Self {
        Self {
            last: Mutex::new(Instant::now()),
            bytes: AtomicU64::new(0),
            slow: AtomicBool::new(false),
            waiting: AtomicBool::new(false),
        }
    }

    fn last(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets a request go on as long as its body comes fast enough and the answer after it does. A body that is too
/// slow is 408, an answer that takes too long 503.
pub async fn pace(State(pace): State<Pace>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let progress = Arc::new(Progress::new());
    let body = if parts.method.is_safe() { body } else { paced(body, pace, &progress) };
    let mut answer = std::pin::pin!(next.run(Request::from_parts(parts, body)));
    let mut seen = progress.last();
    loop {
        tokio::select! {
            response = &mut answer => {
                if progress.slow.load(Ordering::Relaxed) {
                    return closing(StatusCode::REQUEST_TIMEOUT);
                }
                return response;
            }
            () = sleep_until(seen + pace.answer) => {
                let waiting = progress.waiting.load(Ordering::Relaxed);
                if progress.last() <= seen && !waiting {
                    return closing(StatusCode::SERVICE_UNAVAILABLE);
                }
                seen = if waiting { Instant::now() } else { progress.last() };
            }
        }
    }
}

/// Bodies up to this size are read before a request gets its place among those that are worked on.
const GATHERED_BYTES_MAX: usize = 64 * 1024;

/// A request whose body, when it is as small as a form is, has come as a whole: while it drips in, it takes nobody's
/// place. None when it comes too slowly.
pub(crate) async fn gathered(request: Request, pace: Pace) -> Option<Request> {
    let small = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok())
        .is_some_and(|length| length <= GATHERED_BYTES_MAX);
    if request.method().is_safe() || !small {
        return Some(request);
    }
    let (parts, body) = request.into_parts();
    let progress = Arc::new(Progress::new());
    let whole = to_bytes(paced(body, pace, &progress), GATHERED_BYTES_MAX).await.ok()?;
    Some(Request::from_parts(parts, Body::from(whole)))
}

fn closing(status: StatusCode) -> Response {
    let mut response = status.into_response();
    closes(&mut response);
    response
}

/// The rest of the body is not waited for, so the line ends with this answer.
pub(crate) fn closes(response: &mut Response) {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

fn paced(body: Body, pace: Pace, progress: &Arc<Progress>) -> Body {
    let start = Instant::now();
    let state = (body.into_data_stream(), Arc::clone(progress));
    Body::from_stream(stream::try_unfold(state, move |(mut pieces, progress)| async move {
        let too_slow = |progress: &Progress| {
            progress.slow.store(true, Ordering::Relaxed);
            io::Error::new(io::ErrorKind::TimedOut, "the body comes too slowly")
        };
        progress.waiting.store(true, Ordering::Relaxed);
        let came = timeout(pace.pause, pieces.next()).await;
        progress.waiting.store(false, Ordering::Relaxed);
        let Ok(piece) = came else { return Err(too_slow(&progress)) };
        let Some(piece) = piece else { return Ok(None) };
        let piece = piece.map_err(io::Error::other)?;
        let now = Instant::now();
        *progress.last.lock().unwrap_or_else(PoisonError::into_inner) = now;
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        let bytes = progress.bytes.fetch_add(length, Ordering::Relaxed).saturating_add(length);
        let due = now.duration_since(start).saturating_sub(pace.pause).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
        let short = (bytes as f64) < due * pace.bytes_per_second as f64;
        if short {
            return Err(too_slow(&progress));
        }
        Ok(Some((piece, (pieces, progress))))
    }))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Bytes;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    const PACE: Pace = Pace {
        answer: Duration::from_millis(900),
        pause: Duration::from_millis(600),
        bytes_per_second: 1_000,
    };

    /// A body of pieces of `bytes`, each after `ms`.
    fn dripping(pieces: usize, bytes: usize, ms: u64) -> Body {
        Body::from_stream(stream::unfold(0, move |done| async move {
            if done == pieces {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Some((Ok::<_, io::Error>(Bytes::from(vec![b'x'; bytes])), done + 1))
        }))
    }

    async fn sent(body: Body, work_ms: u64) -> StatusCode {
        sent_at(PACE, body, work_ms).await
    }

    async fn sent_at(at: Pace, body: Body, work_ms: u64) -> StatusCode {
        let handler = async move |body: Result<Bytes, _>| {
            let whole: Result<Bytes, axum::extract::rejection::BytesRejection> = body;
            tokio::time::sleep(Duration::from_millis(work_ms)).await;
            if whole.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
        };
        let router = Router::new().route("/", post(handler)).layer(from_fn_with_state(at, pace));
        let request = Request::post("/").body(body).unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_long_upload_that_keeps_coming_is_waited_for() {
        assert_eq!(sent(dripping(40, 1_000, 50), 1).await, StatusCode::OK, "twice our time");
    }

    #[tokio::test]
    async fn a_client_that_pauses_or_drips_is_cut_off() {
        let patient = Pace { answer: Duration::from_millis(100), ..PACE };
        assert_eq!(sent_at(patient, dripping(3, 100_000, 300), 1).await, StatusCode::OK);
        assert_eq!(
            sent_at(patient, dripping(3, 100_000, 1_500), 1).await,
            StatusCode::REQUEST_TIMEOUT
        );
        assert_eq!(sent(dripping(3, 100_000, 1_500), 1).await, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(sent(dripping(200, 1, 50), 1).await, StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_small_body_is_read_before_it_takes_a_place() {
        let form = |pieces: usize, length: &str, ms| {
            Request::post("/")
                .header(header::CONTENT_LENGTH, length)
                .body(dripping(pieces, 10, ms))
                .unwrap()
        };
        let came = gathered(form(3, "30", 5), PACE).await.unwrap();
        assert_eq!(to_bytes(came.into_body(), 100).await.unwrap().len(), 30);
        assert!(gathered(form(3, "30", 1_500), PACE).await.is_none(), "too slow");
        let large = timeout(Duration::from_millis(50), gathered(form(3, "9999999", 1_500), PACE));
        assert!(large.await.unwrap().is_some(), "a large one is read where it is used");
        let long = gathered(form(9_000, "20", 0), PACE).await;
        assert!(long.is_none(), "more than it said and more than is taken");
    }

    #[tokio::test]
    async fn our_own_time_begins_with_the_last_byte() {
        assert_eq!(sent(dripping(10, 10_000, 60), 450).await, StatusCode::OK);
        assert_eq!(sent(dripping(10, 10_000, 60), 2_500).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(sent(Body::empty(), 2_500).await, StatusCode::SERVICE_UNAVAILABLE);
    }
}
