//! What every crate may know, and nothing that needs a machine: text in two languages, kinds of
//! failure, acts, limits, the description of a database schema, and the check rules of national codes.

pub mod act;
pub mod code;
pub mod failure;
pub mod limits;
pub mod paging;
pub mod retention;
pub mod schema;
pub mod text;
pub mod words;

pub use act::{Act, Behalf, Veil};
pub use failure::{Failure, FieldError, Kind};
pub use limits::Limits;
pub use paging::{Page, Paging};
pub use retention::Retention;
pub use schema::{Migration, Schema};
pub use text::{Lang, Text};
