//! `std::io`: the standard streams.

use std::fmt;
use std::panic::Location;

use verdict::{Stream, What};

use crate::kernel;
use crate::op::{Object, Op};
use crate::sync::Cell;

static OUT: Lock = Lock {
    owner: Cell::new(None),
    depth: Cell::new(0),
};
static ERR: Lock = Lock {
    owner: Cell::new(None),
    depth: Cell::new(0),
};

/// The lock of a standard stream; its owner may take it again.
struct Lock {
    owner: Cell<Option<u32>>,
    depth: Cell<u32>,
}

impl Lock {
    fn take(&self, call: &'static str, verb: &'static str, place: &'static Location<'static>) {
        let me = kernel::current();
        let free = || self.owner.get().is_none_or(|owner| owner == me);
        kernel::step(&Op::new(call, verb, Object::NONE).at(place).when(&free));
        self.owner.set(Some(me));
        self.depth.set(self.depth.get() + 1);
    }

    fn give_back(&self) {
        self.depth.set(self.depth.get() - 1);
        if self.depth.get() == 0 {
            self.owner.set(None);
        }
    }
}

/// What `print!` and `println!` call.
#[doc(hidden)]
#[track_caller]
pub fn _print(args: fmt::Arguments<'_>) {
    print_to(&OUT, Stream::Stdout, "print!", args, Location::caller());
}

/// What `eprint!` and `eprintln!` call.
#[doc(hidden)]
#[track_caller]
pub fn _eprint(args: fmt::Arguments<'_>) {
    print_to(&ERR, Stream::Stderr, "eprint!", args, Location::caller());
}

fn print_to(
    lock: &Lock,
    stream: Stream,
    call: &'static str,
    args: fmt::Arguments<'_>,
    place: &'static Location<'static>,
) {
    lock.take(call, "prints", place);
    let text = args.to_string();
    kernel::value(|| format!("{text:?}"));
    kernel::record(What::Print { stream, text });
    lock.give_back();
}

/// Writes what is still buffered, as at the end of a process.
pub(crate) fn flush_at_exit() {}
