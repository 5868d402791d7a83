//! Single sign-on in a real database, under the policies that ship with the platform: the whole way, and every way
//! that must not work.

#![cfg(test)]

#[path = "cases/authority.rs"]
mod authority;
#[path = "cases/certificate.rs"]
mod certificate;
#[path = "cases/device.rs"]
mod device;
#[path = "cases/keys.rs"]
mod keys;
#[path = "cases/leaving.rs"]
mod leaving;
#[path = "cases/outside.rs"]
mod outside;
#[path = "cases/register.rs"]
mod register;
#[path = "cases/request.rs"]
mod request;
#[path = "cases/token.rs"]
mod token;
#[path = "cases/world.rs"]
mod world;
