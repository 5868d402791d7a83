//! Runs the stories of the packs.
fn main() {}
