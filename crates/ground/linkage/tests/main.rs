//! Whether records of the same are found, strangers are left alone, and names stay.

#![cfg(test)]

mod cases {
    mod clusters;
    mod learning;
    mod levels;
    mod people;
    mod values;
}
