//! One paper of a case as a file. Opening it is recorded; the browser is told exactly what it is.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use zhengtong_base::Kind;
use zhengtong_blob::{Digest, FileKind};
use zhengtong_http::{Answer, App, Fault, Visit};
use zhengtong_ui::words::encode;

use crate::bench::reading;

/// What a file may do in the browser: be shown, also in a frame of ours, nothing else. The sandbox stands here and not on
/// the frame: browsers show no document in a frame that is a sandbox itself. The styles are the browser's own, around a
/// picture.
pub(crate) const POLICY: &str = "default-src 'none'; img-src 'self'; object-src 'self'; \
     style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk/casework/{no}/paper/{seq}", get(paper))
}

async fn paper(visit: Visit, Path((no, seq)): Path<(String, i32)>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let material = zhengtong_casework::material(&mut ctx, &no, seq).await?;
    let file = material.paper.file.ok_or_else(Fault::absent)?;
    let digest: Digest = file.digest.parse().map_err(|_unreadable| broken())?;
    let bytes = visit.app.blobs.get(digest).await?;
    ctx.commit().await?;
    let (mime, shown) = served_as(&file.mime);
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(shown, &file.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
        (HeaderName::from_static("content-security-policy"), POLICY.to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// Only kinds that the platform takes keep their type, and only those a browser shows safely are shown.
pub(crate) fn served_as(mime: &str) -> (&'static str, bool) {
    let kind = FileKind::ALL.into_iter().find(|kind| kind.mime() == mime);
    let shown = matches!(kind, Some(FileKind::Pdf | FileKind::Png | FileKind::Jpeg));
    (kind.map_or("application/octet-stream", FileKind::mime), shown)
}

pub(crate) fn disposition(shown: bool, name: &str) -> String {
    let how = if shown { "inline" } else { "attachment" };
    format!("{how}; filename*=UTF-8''{}", encode(name).replace('/', "%2F"))
}

fn broken() -> Fault {
    Fault::new(
        Kind::Internal,
        "这份文件的登记有误，已经记下，请联系平台运行人员",
        "the entry of this file is damaged; it was recorded, please tell the operators",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_kinds_are_shown_in_the_browser() {
        assert_eq!(served_as("application/pdf"), ("application/pdf", true));
        assert_eq!(served_as("image/png"), ("image/png", true));
        assert_eq!(served_as("text/html"), ("application/octet-stream", false));
        assert_eq!(served_as("image/svg+xml"), ("application/octet-stream", false));
        assert!(!served_as("application/ofd").1);
    }

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        let named = disposition(true, "布局\"\r\nX: 1/图.pdf");
        assert_eq!(
            named,
            "inline; filename*=UTF-8''%E5%B8%83%E5%B1%80%22%0D%0AX%3A%201%2F%E5%9B%BE.pdf"
        );
    }
}
