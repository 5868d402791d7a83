//! PDFs in the folder of files, by their digest as text.

use std::str::FromStr as _;

use zhengtong_blob::{Blobs, Digest};

use crate::error::{Error, Result};

/// The largest PDF that is kept, in bytes.
const PDF_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Keeps a PDF and gives its digest.
pub(crate) async fn put(blobs: &Blobs, bytes: &[u8]) -> Result<String> {
    let stored = blobs.put(bytes, PDF_BYTES_MAX).await?;
    Ok(stored.digest.to_string())
}

/// A PDF by its digest; nothing when the file is lost.
pub(crate) async fn get(blobs: &Blobs, digest: &str) -> Result<Option<Vec<u8>>> {
    match blobs.get(read(digest)?).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(zhengtong_blob::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Keeps a PDF again that was lost, if it still has the digest that was noted.
pub(crate) async fn restore(blobs: &Blobs, bytes: &[u8], noted: &str) -> Result<()> {
    let noted = read(noted)?;
    if Digest::of(bytes) != noted {
        return Err(zhengtong_blob::Error::NotFound(noted).into());
    }
    put(blobs, bytes).await.map(drop)
}

fn read(digest: &str) -> Result<Digest> {
    Digest::from_str(digest).map_err(|error| Error::Stopped(format!("a noted digest: {error}")))
}
