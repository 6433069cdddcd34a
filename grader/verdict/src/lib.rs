//! The words that every part of Lockstep speaks: what an examined process is
//! asked to do ([`Plan`]), what it tells ([`Record`]), what a judge finds in
//! it ([`Finding`]), how a failing run is shown ([`timeline`]) and what a
//! submission is worth ([`Verdict`]).
//!
//! Nothing here does I/O, knows an exercise, or decides anything.

mod bytes;
pub mod exploration;
pub mod judging;
pub mod limits;
pub mod place;
pub mod placeholder;
pub mod plan;
pub mod record;
pub mod script;
pub mod site;
pub mod timeline;
pub mod value;
mod verdict;
pub mod world;

pub use bytes::Bytes;
pub use judging::{Answer, Question};
pub use limits::{Limit, Limits};
pub use place::Place;
pub use plan::{Plan, Program, Search};
pub use record::{Coverage, Did, Ending, Event, Execution, Process, Record, Stream, What};
pub use script::Script;
pub use site::Site;
pub use timeline::{Step, Timeline};
pub use value::Value;
pub use verdict::{
    Check, CheckOutcome, Finding, FindingKind, Outcome, SCHEMA, Verdict, Verdicts, Visibility,
};
pub use world::{Given, Network, Peer, World};
