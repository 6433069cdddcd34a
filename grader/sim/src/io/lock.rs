//! The lock of a standard stream.

use std::marker::PhantomData;
use std::panic::Location;

use verdict::record::Holder;

use crate::kernel::{self, Run};
use crate::op::{Kind, Object, Op};
use crate::sync::Cell;

/// What a thread may do in a row without a step, under a lock that it holds,
/// until it takes one after all: so an endless loop is seen to be one.
const PATIENCE: u32 = 64;

pub(super) struct Lock {
    /// What tells the stream from the others: its descriptor and one.
    id: usize,
    /// Whether its owner may take it again.
    reentrant: bool,
    owner: Cell<Option<(u32, &'static Location<'static>)>>,
    depth: Cell<u32>,
    /// How often the owner used it without a step.
    used: Cell<u32>,
}

impl Lock {
    pub(super) const fn new(descriptor: usize, reentrant: bool) -> Lock {
        Lock {
            id: descriptor + 1,
            reentrant,
            owner: Cell::new(None),
            depth: Cell::new(0),
            used: Cell::new(0),
        }
    }

    pub(super) fn object(&self) -> Object {
        Object {
            kind: Kind::Stream,
            id: self.id,
            number: 0,
            made: None,
        }
    }

    /// Takes the lock, which is a step; waits for as long as it is held.
    pub(super) fn take(
        &'static self,
        call: &'static str,
        verb: &'static str,
        place: &'static Location<'static>,
    ) -> Held {
        let me = kernel::current();
        if self.reentrant && self.owner.get().is_some_and(|(owner, _)| owner == me) {
            self.use_again(call, verb, place);
        } else {
            let free = || self.owner.get().is_none();
            let holders = || {
                let told = |(thread, place)| Holder {
                    thread,
                    place: Run::place_of(place),
                };
                self.owner.get().map(told).into_iter().collect()
            };
            kernel::step(
                &Op::new(call, verb, self.object())
                    .at(place)
                    .when(&free)
                    .held_by(&holders),
            );
            self.owner.set(Some((me, place)));
            self.used.set(0);
        }
        self.depth.set(self.depth.get() + 1);
        Held {
            lock: self,
            not_send: PhantomData,
        }
    }

    /// A step of the owner.
    pub(super) fn step(
        &self,
        call: &'static str,
        verb: &'static str,
        place: &'static Location<'static>,
    ) {
        kernel::step(&Op::new(call, verb, self.object()).at(place));
    }

    /// The owner uses the stream: a step only once in a while.
    pub(super) fn use_again(
        &self,
        call: &'static str,
        verb: &'static str,
        place: &'static Location<'static>,
    ) {
        self.used.set(self.used.get() + 1);
        if self.used.get().is_multiple_of(PATIENCE) {
            self.step(call, verb, place);
        }
    }
}

/// A lock that is held, until this is dropped.
pub(super) struct Held {
    lock: &'static Lock,
    not_send: PhantomData<*const ()>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let depth = self.lock.depth.get() - 1;
        self.lock.depth.set(depth);
        if depth == 0 {
            self.lock.owner.set(None);
        }
    }
}

/// The place to show for a call: its own where that is in the submission, and
/// where the stream was locked when the call comes from inside of std.
pub(super) fn nearest(
    caller: &'static Location<'static>,
    locked: &'static Location<'static>,
) -> &'static Location<'static> {
    if Run::place_of(caller).is_some() {
        caller
    } else {
        locked
    }
}
