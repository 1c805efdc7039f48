//! Reading JSON as bytes, without building values: a cursor over objects, and a fast scanner over an array of hits.
//!
//! The cursor checks what it reads, but what it skips only for its shape: strings end, brackets pair up. Nothing here
//! panics on any input.

mod blocks;
mod cursor;
mod text;

pub use blocks::{Element, Elements};
pub use cursor::Cursor;
pub use text::{by_value, is_space, number, trimmed, unescape};

/// What is wrong with a text that should be JSON.
pub type Flaw = &'static str;

pub const CUT_OFF: Flaw = "the JSON is cut off";
pub const BROKEN: Flaw = "the JSON is broken";
