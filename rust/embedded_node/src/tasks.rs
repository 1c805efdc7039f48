//! The tasks of the node: what they are, how clients see and filter them, and their routes.
//! What a task does when its turn comes is in `worker`; where tasks are kept is in `store`.

pub mod filter;
pub mod model;
pub mod routes;
pub mod view;

pub use model::{Content, Method, Status, Swap, Task};
