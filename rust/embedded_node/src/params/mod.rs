//! Reads what clients send: JSON bodies and query strings into typed parameters, with the public API's messages and codes.
//! What the parameters then do lives with the routes, never here.

pub mod body;
pub mod fault;
pub mod locales;
pub mod query;
pub mod ratio;

pub use body::json_params;
pub(crate) use fault::field_codes;
pub use fault::{FieldCode, JsonFault};
pub use query::{Csv, Param, query_string};
