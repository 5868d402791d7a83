//! What every face does with a request: who it is from, one context, one kind of answer to a failure.
//!
//! The walk: [`enter()`] gives the request an id, finds the session and the preferences, refuses what comes
//! from another site, and sets the headers of every answer. A handler takes a [`Visit`], asks it for a
//! context, calls one verb, commits and renders. A failure is returned with `?` as a [`Fault`]; `enter`
//! turns it into a page or into problem details, by what the client accepts.

mod certificate;
mod copies;
mod enter;
mod fault;
mod fields;
mod gate;
mod headers;
mod mark;
mod net;
mod pace;
mod page;
mod sound;
mod visit;
mod when;

pub use certificate::ClientCertificate;
pub use copies::{Copies, see_same};
pub use enter::{PENDING_COOKIE, again, cookie, enter, missing};
pub use fault::{Answer, Fault};
pub use fields::{Fields, Upload, Uploads, file_name};
pub use gate::{
    Caller, Class, Full, Gate, GateLimits, Rate, Ticket, WINDOW_SECONDS, Wait, rate_of,
};
pub use headers::{careful, content_policy};
pub use mark::{mark, marks};
pub use net::Net;
pub use pace::{Pace, pace};
pub use page::{asset, back, kept, redirect, see, within};
pub use visit::{App, Preferences, SESSION_COOKIE, Settings, Visit};
pub use when::{clock_time, day, month_day, short};
