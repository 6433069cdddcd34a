//! What is graded: a folder with `src/`, of which only `src/**/*.rs` counts, or
//! a ZIP file with such folders.
//!
//! A submission's folder is only ever read. What is compiled is a copy.

mod archive;
mod find;
mod sources;

pub(crate) use archive::files as files_in_archive;
pub(crate) use archive::{What, is_archive, unpack};
pub(crate) use find::{Found, Lost, crate_at, crates, find, package_in, package_of};
pub(crate) use sources::{FILE_LIMIT, Refusal, Sources, is_too_deep, read_up_to};
