//! `std::io`: the standard streams.
//!
//! To take the lock of a stream is a step; to give it back is none. While a
//! thread holds it, the others wait, as they would for the real one. What is
//! printed is formatted piece by piece under the lock, so that a `Display` that
//! waits for another lock keeps this one meanwhile, and is recorded as one event
//! for each call. All output is in the record; nothing is written anywhere.

mod input;
mod lock;
mod output;
mod pipe;
mod print;
mod terminal;

pub use input::{Stdin, StdinLock, stdin};
pub use output::{Stderr, StderrLock, Stdout, StdoutLock, stderr, stdout};
pub use pipe::{PipeReader, PipeWriter, pipe};
pub use print::{_eprint, _print};
pub use terminal::IsTerminal;

pub use crate::host::Here;

pub(crate) use input::read_past_the_lock;
pub(crate) use output::{flush_at_exit, from_std, write_past_the_lock};
