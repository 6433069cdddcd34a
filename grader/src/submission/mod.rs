//! What is graded: a folder with `src/`, of which only `src/**/*.rs` counts.
//!
//! A submission's folder is only ever read. What is compiled is a copy.

mod find;
mod sources;

pub(crate) use find::{Found, find};
pub(crate) use sources::Sources;
