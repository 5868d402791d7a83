//! The packs are built into the program: when one changes, the program is built again.

fn main() {
    println!("cargo::rerun-if-changed=../../../packs");
}
