//! `std::io`: the standard streams are those of the simulated program.

pub use ::std::io::*;
#[doc(hidden)]
pub use sim::io::{_eprint, _print};
pub use sim::io::{
    IsTerminal, PipeReader, PipeWriter, Stderr, StderrLock, Stdin, StdinLock, Stdout, StdoutLock,
    pipe, stderr, stdin, stdout,
};
