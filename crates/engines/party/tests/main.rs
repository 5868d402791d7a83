//! The party engine against a real PostgreSQL, under the policies that ship with the platform.

#[cfg(test)]
#[path = "cases/counter.rs"]
mod counter;
#[cfg(test)]
#[path = "cases/delegation.rs"]
mod delegation;
#[cfg(test)]
#[path = "cases/directory.rs"]
mod directory;
#[cfg(test)]
#[path = "cases/enter.rs"]
mod enter;
#[cfg(test)]
#[path = "cases/exclusive.rs"]
mod exclusive;
#[cfg(test)]
#[path = "cases/known.rs"]
mod known;
#[cfg(test)]
#[path = "cases/limits.rs"]
mod limits;
#[cfg(test)]
#[path = "cases/login.rs"]
mod login;
#[cfg(test)]
#[path = "cases/policies.rs"]
mod policies;
#[cfg(test)]
#[path = "cases/posts.rs"]
mod posts;
#[cfg(test)]
#[path = "cases/recovery.rs"]
mod recovery;
#[cfg(test)]
#[path = "cases/sealed.rs"]
mod sealed;
#[cfg(test)]
#[path = "cases/sessions.rs"]
mod sessions;
#[cfg(test)]
#[path = "cases/substitutes.rs"]
mod substitutes;
#[cfg(test)]
#[path = "cases/world.rs"]
mod world;
