//! The grader: a submission goes in, a verdict with a reason comes out.
//!
//! A library for the sake of the program `grader`, of what fuzzes its readers, and
//! of the browser that its pages are tested in; nothing else of it is public.

mod build;
mod class;
mod command;
mod course;
mod digest;
mod examine;
mod exit;
mod explore;
#[doc(hidden)]
pub mod fuzzing;
mod git;
mod gradebook;
mod grading;
mod home;
mod judge;
mod layers;
mod live;
mod output;
mod pack;
mod process;
mod publish;
mod report;
mod similarity;
mod submission;
mod ui;

#[doc(hidden)]
pub use report::html::site;

/// Does what the command line of this process asks for; gives its exit code.
pub fn main() -> impl std::process::Termination {
    command::main()
}
