//! Vectors, near to each other or not: read from JSON, and compared as an engine compares those that it keeps whole.
//!
//! An engine that keeps one bit a dimension compares with those bits of the query too; here the query stays whole. So a
//! longer list of its candidates, ranked anew, finds more of what is truly near.

mod floats;
mod similarity;

pub use floats::{each_vector, numbers};
pub use similarity::{Query, Shift};
