//! The language as its users see it: tables of sources and values, bounds, and sources nobody would write.

#[cfg(test)]
mod cases;
