//! The simulation of a multi-threaded process.
//!
//! Suppose that two threads each take 60 cents from an account that holds
//! 100, and that the program checks the balance and takes the money in two
//! steps. Run a thousand times on a real machine, it may be right a thousand
//! times. Run here, it is wrong in the third execution, and in the same one
//! every time: threads take turns on one thread of the system, every point at
//! which another could run is a choice, and the search tries the choices one
//! after another.
//!
//! - [`kernel`](crate::step): threads, steps, time, choices; knows no primitive.
//! - [`sync`], [`thread`], [`io`], ...: std's types on top of it. The crate
//!   `lockstep-std` shows them under std's names.
//! - `peer`: who talks to the programs, after a script of the check.
//! - `search`: which schedules are run.
//! - `entry`: how an examined process begins and ends.
//! - [`scenario`]: what the scenarios of a check call.
//!
//! What it does not do: it does not model weak memory (every atomic access is
//! sequentially consistent), it does not interrupt code that takes no step,
//! and it judges nothing.

mod arena;
mod choice;
mod crash;
mod entry;
mod host;
mod image;
mod instrument;
mod kernel;
mod op;
mod peer;
mod search;

pub mod backtrace;
pub mod io;
pub mod net;
pub mod panics;
pub mod process;
pub mod processor;
pub mod scenario;
pub mod sync;
pub mod thread;
pub mod time;

pub use choice::Schedule;
pub use kernel::{Value, choose, current, row, step, value};
pub use op::{Kind, Object, Op, Woken};
