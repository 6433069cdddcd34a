//! The grader: a submission goes in, a verdict with a reason comes out.

mod build;
mod command;
mod course;
mod digest;
mod examine;
mod exit;
mod explore;
mod grading;
mod home;
mod judge;
mod layers;
mod live;
mod process;
mod report;
mod submission;
mod ui;

fn main() -> exit::Exit {
    command::main()
}
