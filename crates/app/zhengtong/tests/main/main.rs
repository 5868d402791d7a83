//! The program as an operator uses it: real processes, real files, a demonstration city.

#![cfg(test)]

mod survive;
