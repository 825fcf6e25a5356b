//! `cargo demo`: to come.
fn main() {}
