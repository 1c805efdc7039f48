//! Routes of documents. Reads answer at once (`read`), changes are tasks (`write`); what they do is in `worker`.

pub mod filter_syntax;
pub mod read;
pub mod write;
