//! What the scenarios of a check call.
//!
//! A scenario is a program that drives the submission and records what it
//! does. It runs in the submission's process, so it knows no expected value
//! and decides nothing.

use std::panic::{AssertUnwindSafe, Location};
use std::path::PathBuf;

pub use verdict::Value;
use verdict::What;

use crate::kernel;
use crate::op::{Object, Op};
use crate::panics;

/// The arguments of a recorded call.
pub struct Args(Vec<Value>);

impl<T: Into<Value>, const N: usize> From<[T; N]> for Args {
    fn from(items: [T; N]) -> Self {
        Args(items.into_iter().map(Into::into).collect())
    }
}

impl From<()> for Args {
    fn from((): ()) -> Self {
        Args(Vec::new())
    }
}

impl From<Vec<Value>> for Args {
    fn from(items: Vec<Value>) -> Self {
        Args(items)
    }
}

/// The scenario's name.
#[must_use]
pub fn name() -> String {
    kernel::with(|kernel| kernel.plan.scenario.clone()).unwrap_or_default()
}

/// A parameter of the rubric that is a whole number.
///
/// # Panics
/// When there is none of that name.
#[must_use]
pub fn number(key: &str) -> u64 {
    let found = kernel::with(|kernel| {
        kernel
            .plan
            .params
            .get(key)
            .and_then(serde_json::Value::as_u64)
    });
    found
        .flatten()
        .unwrap_or_else(|| panic!("the rubric gives no number `{key}` for this scenario"))
}

/// A parameter of the rubric that is a text.
///
/// # Panics
/// When there is none of that name.
#[must_use]
pub fn text(key: &str) -> String {
    let found = kernel::with(|kernel| {
        kernel
            .plan
            .params
            .get(key)
            .and_then(|value| value.as_str().map(str::to_owned))
    });
    found
        .flatten()
        .unwrap_or_else(|| panic!("the rubric gives no text `{key}` for this scenario"))
}

/// All parameters of the rubric.
#[must_use]
pub fn params() -> &'static serde_json::Value {
    static NONE: serde_json::Value = serde_json::Value::Null;
    let params = kernel::with(|kernel| std::ptr::from_ref(&kernel.plan.params));
    // SAFETY: the plan lives as long as the process and never changes.
    params.map_or(&NONE, |params| unsafe { &*params })
}

/// Records a call, makes it, and records its result, which `to_value` turns
/// into plain data; `None` when it panicked. That the call begins is a step: so
/// it is recorded whether it began before another one was over.
#[track_caller]
pub fn call<R>(
    op: &str,
    args: impl Into<Args>,
    f: impl FnOnce() -> R,
    to_value: impl FnOnce(&R) -> Value,
) -> Option<R> {
    let mut result = None;
    let mut once = Some((f, to_value));
    let mut run = || match once.take() {
        Some((f, to_value)) => to_value(result.insert(f())),
        None => Value::Unit,
    };
    let returned = make(op, args.into(), &mut run, Location::caller());
    result.filter(|_| returned)
}

/// The part of [`call`] that is the same for all calls: compiled here and not
/// with every submission.
fn make(
    op: &str,
    args: Args,
    run: &mut dyn FnMut() -> Value,
    place: &'static Location<'static>,
) -> bool {
    kernel::step(&Op::new("call", "calls", Object::NONE).at(place));
    kernel::record(What::Call {
        op: op.to_owned(),
        args: args.0,
    });
    // A panic that comes this far was not caught by the submission.
    match panics::stop(AssertUnwindSafe(run)) {
        Ok(value) => {
            kernel::record(What::Return(value));
            true
        }
        Err(_) => {
            kernel::record(What::CallPanicked);
            false
        }
    }
}

/// Records a note.
pub fn mark(name: &str, value: impl Into<Value>) {
    kernel::record(What::Mark {
        name: name.to_owned(),
        value: value.into(),
    });
}

/// Takes a step of the scenario's own; the timeline shows `action`.
#[track_caller]
pub fn step(action: &'static str) {
    kernel::step(&Op::new("scenario", action, Object::NONE).at(Location::caller()));
}

/// Simulated threads, the main one included, but for those that the program
/// has seen end: by joining them, by leaving their scope, or by `is_finished`.
/// A thread that was let go may have ended or not: that is luck, and so it
/// counts.
#[must_use]
pub fn threads_alive() -> usize {
    kernel::not_seen_ended()
}

/// The folder that this execution may write to: empty at its beginning, and
/// the current directory, which is how the path names it.
#[must_use]
pub fn scratch() -> PathBuf {
    crate::host::scratch()
}
