//! The store against a real PostgreSQL.

#![cfg(test)]

mod cluster;
mod jump;
mod ctx;
mod full;
mod standby;
mod tls;
mod upgrade;
mod work;
