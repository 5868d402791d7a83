//! Answers that all faces give: a page, a way to another page, a file of the look.

use std::io;

use axum::body::Body;
use axum::extract::OriginalUri;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use maud::Markup;
use tokio::io::AsyncReadExt as _;
use zhengtong_blob::Blobs;
use zhengtong_crypto::Digest;

use crate::fault::{Answer, Fault};

/// A page.
pub fn see(page: Markup) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.into_string()).into_response()
}

/// After something was done: the browser gets the next page with GET, so that reloading does nothing twice.
pub fn redirect(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// A path of this site to go back to, or home: never another site.
pub fn back(path: &str) -> &str {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n'])
        && path.len() < 2_000;
    if local { path } else { "/" }
}

/// Whether a path with its query is this page, or lies below it: `/desk/messages` does not lie below `/desk/me`.
pub fn within(path: &str, page: &str) -> bool {
    let rest = path.strip_prefix(page);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// Style sheet, script, icons.
pub async fn asset(OriginalUri(uri): OriginalUri) -> Answer {
    let asset = zhengtong_ui::assets::find(uri.path()).ok_or_else(Fault::absent)?;
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, asset.mime), (header::CACHE_CONTROL, keep)];
    Ok((headers, asset.bytes).into_response())
}

/// Bytes of a kept file that are read at once.
const PIECE_BYTES: u64 = 1 << 20;

/// A kept file, read piece by piece while it is sent, so that neither its size nor a slow reader holds memory or a thread.
pub fn kept(blobs: &Blobs, digest: Digest) -> Body {
    let from = (blobs.clone(), 0_u64);
    Body::from_stream(stream::try_unfold(from, move |(blobs, at)| async move {
        let mut piece = Vec::new();
        let mut reader = blobs.range(digest, at, PIECE_BYTES).await.map_err(io::Error::other)?;
        reader.read_to_end(&mut piece).await?;
        let next = at + u64::try_from(piece.len()).unwrap_or(PIECE_BYTES);
        Ok::<_, io::Error>((!piece.is_empty()).then_some((piece, (blobs, next))))
    }))
}

#[cfg(test)]
mod tests {
    use super::{back, within};

    #[test]
    fn a_page_with_a_like_name_is_another_page() {
        for path in ["/desk/me", "/desk/me/factor", "/desk/me?back=/desk", "/desk/me#factor"] {
            assert!(within(path, "/desk/me"), "{path}");
        }
        for path in ["/desk/messages", "/desk", "/desk/mess?a=/desk/me"] {
            assert!(!within(path, "/desk/me"), "{path}");
        }
    }

    #[test]
    fn the_way_back_never_leaves_the_site() {
        let rows = [
            ("/my?a=1", "/my?a=1"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
            ("", "/"),
        ];
        for (given, expected) in rows {
            assert_eq!(back(given), expected);
        }
    }
}
