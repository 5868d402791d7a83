//! All routes: each face brings its own list, and everything goes through one door.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Extension, Router};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use zhengtong_base::Limits;
use zhengtong_http::{App, Copies, Gate, Pace, asset, careful, enter, missing, pace};

use crate::ops::{self, Figures, Filled};

/// Bytes of a request: some files, and the fields beside them.
fn body_bytes_max() -> usize {
    let limits = Limits::default();
    usize::try_from(limits.file_bytes).unwrap_or(usize::MAX).saturating_mul(3) + limits.form_bytes
}

/// The whole site. `filled` tells whether a demonstration is whole; none outside of one.
pub(crate) fn router(
    app: App,
    filled: Option<watch::Receiver<bool>>,
    pace_limits: Pace,
    gate: Arc<Gate>,
) -> Router {
    let figures = Arc::new(Figures::default());
    // Systems are no visitors: their calls go around the door, and come back as the provider wrote them.
    let systems = zhengtong_api::gateway()
        .with_state(app.clone())
        .layer(from_fn_with_state(pace_limits, pace))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(app.settings.public_url.starts_with("https://"), careful))
        .layer(from_fn_with_state(Arc::clone(&figures), ops::count));
    Router::new()
        .merge(zhengtong_hall::routes())
        .merge(zhengtong_desk::routes())
        .merge(zhengtong_admin::routes())
        .merge(zhengtong_api::routes())
        .route("/healthz", get(ops::healthz))
        .route("/metrics", get(ops::metrics).layer(Extension(Arc::clone(&figures))))
        .route("/readyz", get(ops::readyz).layer(Extension(Filled(filled))))
        .route("/version", get(ops::version))
        .route("/assets/{*path}", get(asset))
        .route("/favicon.ico", get(asset))
        .fallback(missing)
        .with_state(app.clone())
        .layer(DefaultBodyLimit::max(body_bytes_max()))
        .layer(from_fn_with_state(pace_limits, pace))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(app, enter))
        .layer(Extension(gate))
        .layer(Extension(pace_limits))
        .layer(Extension(Arc::new(Copies::default())))
        .layer(from_fn_with_state(figures, ops::count))
        .layer(CompressionLayer::new())
        .merge(systems)
}
