//! Ways of judging what an examined process recorded.
//!
//! A judge is a program of an exercise's own, `judge.rs`, whose `main` calls
//! [`serve`] with its rules. A rule is a [`Judge`]: it sees the executions of
//! one scenario, one after another, and says of each whether it keeps the
//! contract, or gives the [`Fault`]. What most rules need is here:
//!
//! - [`exited`] and [`no_panic`] for how an execution ended,
//! - [`output`], [`printed`] and [`lines`] for what it printed,
//! - [`named`] and [`addresses`] for what the run made up: no address may come
//!   into the words of a fault, since it is another in every run,
//! - [`history`], [`marks`] and [`linearizability`] for what calls gave,
//! - [`world`] for what peers sent and received, and for each of several
//!   programs.
//!
//! ```no_run
//! use judge::{Execution, Fault, FindingKind, Judge, Lost, Stream};
//!
//! fn main() -> std::process::ExitCode {
//!     judge::serve(|question| match question.rule.as_str() {
//!         "greeting" => Ok(Box::new(greeting) as Box<dyn Judge>),
//!         _ => Err(Lost::unknown_rule(question)),
//!     })
//! }
//!
//! fn greeting(execution: &Execution) -> Result<(), Fault> {
//!     judge::exited(execution)?;
//!     match judge::output(execution, Stream::Stdout).as_str() {
//!         "hello\n" => Ok(()),
//!         other => Err(Fault::new(FindingKind::WrongOutput, format!("it printed {other:?}"))),
//!     }
//! }
//! ```
//!
//! Nothing here starts a process, reads a file or knows an exercise.

mod addresses;
mod deadlock;
mod ending;
mod fault;
mod history;
pub mod linearizability;
mod output;
mod params;
mod serve;
#[cfg(test)]
mod testing;
mod words;
pub mod world;

pub use addresses::{addresses, named, namer};
pub use ending::{exited, no_panic};
pub use fault::{Fault, Lost};
pub use history::{Operation, Returned, history, marks};
pub use output::{Line, Printed, lines, output, printed};
pub use params::{flag, number, text};
pub use serve::{Judge, serve};
pub use words::thread_name;

pub use serde_json;
pub use verdict::placeholder;
pub use verdict::record::{Holder, Thread, Wait};
pub use verdict::script::{Action, Script, Until};
pub use verdict::value::{contents, is_refused};
pub use verdict::{
    Bytes, Coverage, Did, Ending, Event, Execution, FindingKind, Peer, Place, Process, Program,
    Question, Stream, Value, What, World,
};
