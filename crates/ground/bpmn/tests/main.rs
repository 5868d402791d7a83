//! Reading, checking and running whole processes.

#[cfg(test)]
mod cases;
