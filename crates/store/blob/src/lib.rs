//! Files by their SM3 digest in one folder, resumable uploads, and what kind of file some bytes really are.
#![doc = include_str!("../README.md")]

pub mod kind;
pub mod scan;

mod admit;
mod archive;
mod blobs;
mod error;
mod pdf;
mod reader;
mod sealed;
mod upload;

pub use admit::Looked;
pub use blobs::{Blobs, Stored};
pub use error::{Error, Result};
pub use kind::{FileKind, Refusal};
pub use reader::Reader;
pub use scan::{Away, Place, Scanner, Verdict};
pub use sealed::SEALED;
pub use upload::Upload;
pub use zhengtong_crypto::Digest;
