//! The store against a real PostgreSQL.

mod cluster;
mod ctx;
mod work;
