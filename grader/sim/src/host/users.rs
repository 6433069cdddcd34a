//! Which threads use an open file.
//!
//! What only one thread does with a file that it has opened itself is seen by
//! nobody, as long as it changes nothing: it reads on, or looks where it is, and
//! need take no step. But what `open` gives has one position, which reading moves
//! on. Once another thread has it, too, every use of it is a step.

use std::collections::BTreeMap;

use libc::c_int;

use super::here;
use crate::kernel::{self, Shared, Use};
use crate::sync::Cell;

/// A static, and so empty in the next execution.
static USERS: Cell<BTreeMap<c_int, Users>> = Cell::new(BTreeMap::new());

/// Who uses a descriptor.
#[derive(Clone, Copy)]
struct Users {
    first: u32,
    several: bool,
}

/// A descriptor is given out to the running thread.
pub(super) fn opened(descriptor: c_int) {
    note(descriptor, false);
}

/// A descriptor is a duplicate of another one: both move the same position.
pub(super) fn duplicated(from: c_int, to: c_int) {
    note(from, true);
    note(to, true);
}

/// A descriptor is about to be closed.
pub(super) fn closes(descriptor: c_int) {
    USERS.apart(|users| users.remove(&descriptor));
}

fn note(descriptor: c_int, several: bool) {
    let first = kernel::current();
    USERS.apart(|users| users.insert(descriptor, Users { first, several }));
}

/// The running thread uses an open file without changing what is in it: a step,
/// where others use the same.
pub(super) fn uses(descriptor: c_int, call: &'static str, verb: &'static str) {
    let current = kernel::current();
    let several = USERS.apart(|users| {
        let users = users.entry(descriptor).or_insert(Users {
            first: current,
            several: false,
        });
        users.several |= users.first != current;
        users.several
    });
    match several {
        true => here::step(call, verb),
        false => kernel::uses(Shared::Files as usize, Use::LOOK),
    }
}
