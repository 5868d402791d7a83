#![doc = include_str!("../README.md")]

mod controlled;
mod describe;
mod graph;
mod model;
mod schema_org;
mod vocabulary;
mod write;

pub use controlled::{
    Access, AgentKind, Algorithm, Availability, Format, Frequency, Theme, Tongue,
};
pub use describe::{catalogue, dataset};
pub use graph::Graph;
pub use model::{
    Agent, Catalogue, Checksum, Contact, Dataset, Distribution, Iri, Licence, PageOf, Period,
    Place, Service, Standard, Words,
};
pub use schema_org::schema_org;
pub use write::{Error, Syntax, write};
