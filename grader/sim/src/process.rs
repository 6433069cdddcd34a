//! `std::process` and `std::env`, as far as they concern the simulated process.

use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use crate::kernel;
use crate::op::{Object, Op};

/// See [`std::process::exit`]. Other threads are abandoned where they are, so
/// it is a step: they may come before it.
#[track_caller]
pub fn exit(code: i32) -> ! {
    let place = Location::caller();
    if kernel::alive() > 1 || kernel::is_world() {
        kernel::step(&Op::new("process::exit", "ends the process", Object::NONE).at(place));
        kernel::value(|| format!("code {code}"));
    }
    crate::io::flush_at_exit();
    // What a process can tell of its code is eight bits.
    kernel::exit(code & 0xff)
}

/// See [`std::env::Args`].
pub struct Args(ArgsOs);

/// See [`std::env::ArgsOs`].
pub struct ArgsOs {
    rest: std::vec::IntoIter<OsString>,
    not_send: PhantomData<*const ()>,
}

/// See [`std::env::args`]. The first one is the program's name.
#[must_use]
pub fn args() -> Args {
    Args(args_os())
}

/// See [`std::env::args_os`]. The first one is the program's name.
#[must_use]
pub fn args_os() -> ArgsOs {
    let count = kernel::with(|kernel| kernel.args().len());
    let all: Vec<OsString> = match count {
        Some(count) => (0..=count).map(|index| argument(index).into()).collect(),
        None => std::env::args_os().collect(),
    };
    ArgsOs {
        rest: all.into_iter(),
        not_send: PhantomData,
    }
}

/// An argument of the plan, copied to the memory of the execution.
fn argument(index: usize) -> String {
    let text = kernel::with(|kernel| {
        let text = match index.checked_sub(1) {
            None => &kernel.program()?.name,
            Some(index) => kernel.args().get(index)?,
        };
        Some(&raw const **text)
    });
    match text.flatten() {
        // SAFETY: neither the plan nor the arguments of a process that has begun
        // are changed, and both live as long as the execution.
        Some(text) => unsafe { (*text).to_owned() },
        None => String::new(),
    }
}

impl Iterator for ArgsOs {
    type Item = OsString;

    fn next(&mut self) -> Option<OsString> {
        self.rest.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl ExactSizeIterator for ArgsOs {}

impl DoubleEndedIterator for ArgsOs {
    fn next_back(&mut self) -> Option<OsString> {
        self.rest.next_back()
    }
}

impl fmt::Debug for ArgsOs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.rest.as_slice();
        f.debug_struct("ArgsOs").field("inner", &inner).finish()
    }
}

fn text(argument: OsString) -> String {
    match argument.into_string() {
        Ok(text) => text,
        Err(other) => panic!("called `Result::unwrap()` on an `Err` value: {other:?}"),
    }
}

impl Iterator for Args {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        self.0.next().map(text)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Args {}

impl DoubleEndedIterator for Args {
    fn next_back(&mut self) -> Option<String> {
        self.0.next_back().map(text)
    }
}

impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.0.rest.as_slice();
        f.debug_struct("Args").field("inner", &inner).finish()
    }
}

/// Ends the execution because the submission asks for what is not simulated:
/// `what`, in words for a student.
#[track_caller]
pub fn unsupported(what: &str) -> ! {
    kernel::unsupported(what)
}
