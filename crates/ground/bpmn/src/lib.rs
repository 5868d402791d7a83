//! BPMN 2.0: a model read from XML, checks on it, and pure execution.
//!
//! [`Model::parse`] reads a definition. What it does not understand is never passed over: it becomes a [`Finding`] that refuses
//! execution and names the element, the line and the reason in Chinese and English. [`check()`] adds what only the whole graph
//! shows, among it a search through the reachable markings for a step that would wait for ever.
//!
//! [`start`] and [`apply`] are functions from a definition, a [`State`] and a [`Command`] to the next state and its
//! [`Effect`]s. They read no clock, draw no chance and write nothing: the same commands always give the same state.
//!
//! [`Document`] is the whole file, for writing it back.
//!
//! Attributes of our own live in the namespace [`NAMESPACE`] (prefix `zt`): `role`, `form`, `action`, `days`, `notice` and
//! `outcomes` on tasks, `role` on lanes.

mod check;
mod diagram;
mod document;
mod error;
mod graph;
mod join;
mod model;
mod read;
mod run;
mod xml;

pub use crate::check::check;
pub use crate::diagram::{Bounds, Diagram, Edge, Point, Shape};
pub use crate::document::{Document, Part, Tag};
pub use crate::error::{ExecError, Finding, Level, ModelError};
pub use crate::join::{JOINT, Piece, join};
pub use crate::model::{
    Annotation, Behavior, Flow, Lane, Looping, Model, NAMESPACE, Node, NodeKind, TimerForm, Trigger,
};
pub use crate::run::{
    Beside, Branch, Came, Command, Conditions, Done, Effect, Ending, Host, OpenTask, Panel,
    Purpose, Repeat, Rule, Scope, Sign, SignPlace, State, TaskId, TaskKind, Token, Undoing, Visit,
    Wait, apply, check_migration, may_take_back, migrate, returns, returns_straight, start,
    start_at, targets,
};
