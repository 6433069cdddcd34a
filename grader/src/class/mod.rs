//! A class: its students and what they have handed in, found in a folder or in
//! the ZIP file of an LMS, and its roster.
//!
//! Nothing here grades, and what is found is only ever read: archives are
//! unpacked to folders of the grader's.

mod around;
mod crates;
mod find;
mod names;
mod repository;
mod roster;
mod unopened;

pub(crate) use find::{Class, Content, HandIn, find, of_one};
pub(crate) use names::{fuzzed_name, is_handed_out};
pub(crate) use repository::in_repository;
pub(crate) use roster::{House, Matched, Person, Roster};
