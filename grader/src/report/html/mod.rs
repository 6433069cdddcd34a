//! The report as pages: one document of its own for a submission or for
//! several, opened from disk, which asks nobody for anything.
//!
//! Everything is there without the script, which only steps through what the
//! page has already. Text that is not ours is put on a page by [`escape`] alone.

mod escape;
mod page;
mod prose;
pub mod site;
mod submission;
mod timeline;

#[cfg(test)]
mod tests;

pub(crate) use page::document;
pub(crate) use submission::Submission;
