//! Forms against a real PostgreSQL, and the pure way through them.

#[cfg(test)]
mod cases;
