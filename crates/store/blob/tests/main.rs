//! The folder against a real disk, and the judge of kinds against files that lie.

#[cfg(test)]
mod files;
