//! The way out, against servers on this machine that redirect, stall, flood, die and lie about their names.

#[cfg(test)]
mod cases;
