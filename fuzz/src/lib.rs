//! What must hold for any input of the Rust heart: it never panics, its memory is bounded by its input, and it agrees
//! with a naive reference. `fuzz_targets` hands these checks to libFuzzer, `tests/short.rs` runs them for seconds.

pub mod choices;
pub mod driver;
pub mod memory;
pub mod merge;
pub mod split;
