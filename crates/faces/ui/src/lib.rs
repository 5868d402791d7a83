//! Components, page frames, styles and icons: the look of every page.
//!
//! A page is `hall(&frame, body)` for the public or `desk(&frame, &rail, body)` for staff, and its body is made of the
//! functions of this crate. No page brings a style, a script or an icon of its own: what is missing is added here.
//! Texts come from the caller in the right language; only words that belong to a component itself are chosen here.

#![expect(
    clippy::needless_pass_by_value,
    reason = "markup is made for the one place that shows it, so that a call reads like the page"
)]

pub mod act;
pub mod assets;
pub mod city;
pub mod design;
pub mod desk;
pub mod field;
pub mod figure;
pub mod frame;
pub mod icon;
pub mod known;
pub mod lamp;
pub mod layout;
pub mod licence;
pub mod lineage;
pub mod list;
pub mod map;
pub mod mark;
pub mod navigate;
pub mod notice;
pub mod outcome;
pub mod panel;
pub mod paper;
pub mod preference;
pub mod press;
pub mod problem;
pub mod rating;
pub mod step;
pub mod strip;
pub mod summary;
pub mod table;
pub mod task;
pub mod words;

pub use desk::{Rail, RailGroup, RailItem, desk};
pub use frame::{Frame, Mode, Nav, NavLink, Person, Place, Session, Theme, hall};
pub use icon::{Icon, icon};
pub use words::Words;
