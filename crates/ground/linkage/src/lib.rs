#![doc = include_str!("../README.md")]

mod batch;
mod block;
mod chinese;
mod cluster;
mod compare;
mod dates;
mod error;
mod estimate;
mod id;
mod index;
mod model;
mod plan;
mod pool;
mod prepared;
mod regroup;
mod survive;

pub use batch::{Link, Linked, Report, link};
pub use block::{Blocked, keys};
pub use chinese::{fold, loose, sound};
pub use cluster::{Change, Clusters};
pub use compare::{Comparer, MISSING, compare};
pub use error::{Error, Result};
pub use estimate::{Estimate, Settings, estimate};
pub use index::{Found, Index};
pub use model::{FieldModel, Model, Verdict, probability};
pub use plan::{FieldPlan, Part, Pass, Plan, Scope};
pub use pool::{Pool, Record, RecordId};
pub use prepared::{Given, Prepared, prepare};
pub use regroup::{Edge, EntityId, Event, Group, Pair, Regrouped, regroup};
pub use survive::{Claim, Survivor, survive};
