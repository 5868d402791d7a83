//! The store against a real PostgreSQL.

#![cfg(test)]

mod cluster;
mod ctx;
mod differ;
mod full;
mod jump;
mod numbers;
mod sim;
mod standby;
mod tcp;
mod tls;
mod upgrade;
mod work;
mod worker;
