//! The store against a real PostgreSQL.

#![cfg(test)]

mod cluster;
mod ctx;
mod full;
mod jump;
mod sim;
mod standby;
mod tls;
mod upgrade;
mod work;
