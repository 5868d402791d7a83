//! BPMN 2.0: a model read from XML, checks on it, and pure execution.
//!
//! [`Model::parse`] reads a definition. What it does not understand is never passed over: it becomes a [`Finding`] that refuses
//! execution and names the element, the line and the reason in Chinese and English. [`check()`] adds what only the whole graph
//! shows, among it a search through the reachable markings for a step that would wait for ever.
//!
//! [`start`] and [`apply`] are functions from a definition, a [`State`] and a [`Command`] to the next state and its
//! [`Effect`]s. They read no clock, draw no chance and write nothing: the same commands always give the same state.
//!
//! Attributes of our own live in the namespace [`NAMESPACE`] (prefix `zt`): `role`, `form`, `action`, `days`, `notice` and
//! `outcomes` on tasks, `role` on lanes.

mod check;
mod diagram;
mod error;
mod graph;
mod model;
mod read;
mod run;
mod xml;

pub use crate::check::check;
pub use crate::diagram::{Bounds, Diagram, Edge, Point, Shape};
pub use crate::error::{ExecError, Finding, Level, ModelError};
pub use crate::model::{Annotation, Flow, Lane, Model, NAMESPACE, Node, NodeKind};
pub use crate::run::{
    Branch, Command, Conditions, Effect, Ending, OpenTask, State, TaskId, TaskKind, Token, Visit,
    apply, returns, start,
};
