#![doc = include_str!("../README.md")]

pub mod city;
pub mod course;
pub mod dice;
pub mod now;
pub mod session;
#[path = "../../story/src/totp.rs"]
mod totp;
pub mod wire;
