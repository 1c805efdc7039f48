//! The pure heart of Miroir: where a document belongs, how a payload is cut by shard, how node answers become one.
//!
//! No I/O, no clock, no state between calls. `python` is a thin skin over these modules and the only one that knows
//! of Python, so that everything else is tested and fuzzed without it.

pub mod digits;
pub mod ids;
pub mod json;
pub mod merge;
mod paths;
pub mod placement;
pub mod rerank;
pub mod split;
pub mod stamp;

#[cfg(feature = "python")]
mod python;
