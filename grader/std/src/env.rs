//! `std::env`: the arguments are those of the simulated program.

pub use ::std::env::*;
pub use sim::process::{Args, ArgsOs, args, args_os};
