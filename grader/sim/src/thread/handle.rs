//! Handles to threads, their names and ids.

use crate::sync::Shared;
use std::fmt;
use std::num::NonZero;

use crate::kernel;
use crate::sync::Cell;

/// The handles of this process's threads, by their number in it.
static HANDLES: Cell<Vec<Thread>> = Cell::new(Vec::new());

/// See [`std::thread::Thread`].
#[derive(Clone)]
pub struct Thread(Shared<Inner>);

struct Inner {
    number: u32,
    /// What it is known by in its process, which is no other thread's business.
    id: u64,
    name: Option<String>,
    ended: Cell<bool>,
    /// Set by `unpark`, taken by `park`.
    token: Cell<bool>,
}

// As std's, whose state is atomic: a panic cannot leave it torn.
impl std::panic::RefUnwindSafe for Inner {}

/// See [`std::thread::ThreadId`].
#[derive(Eq, PartialEq, Clone, Copy, Hash, Debug)]
pub struct ThreadId(NonZero<u64>);

/// See [`std::thread::current`].
#[must_use]
pub fn current() -> Thread {
    let number = kernel::current();
    HANDLES.apart(|handles| {
        if handles.is_empty() {
            // A process begins with its main thread.
            let main = kernel::main_thread();
            handles.push(Thread::new(main, 1, Some("main".to_owned())));
        }
        // Where there is only one process, they are in their places.
        let guess = handles.get(number as usize);
        let found = guess
            .filter(|of| of.number() == number)
            .or_else(|| handles.iter().find(|of| of.number() == number));
        match found {
            Some(thread) => thread.clone(),
            None => unreachable!("each thread has a handle before it runs"),
        }
    })
}

/// The handle of the thread that is spawned next, and at once, and is known by this.
pub(super) fn expect_next(id: u64, name: Option<String>) -> Thread {
    let _main = current();
    let number = kernel::next_number();
    let thread = Thread::new(number.unwrap_or(u32::MAX), id, name);
    HANDLES.apart(|handles| handles.push(thread.clone()));
    thread
}

impl Thread {
    fn new(number: u32, id: u64, name: Option<String>) -> Thread {
        Thread(Shared::new(Inner {
            number,
            id,
            name,
            ended: Cell::new(false),
            token: Cell::new(false),
        }))
    }

    /// See [`std::thread::Thread::id`].
    #[must_use]
    pub fn id(&self) -> ThreadId {
        ThreadId(NonZero::new(self.0.id).unwrap_or(NonZero::<u64>::MIN))
    }

    /// See [`std::thread::Thread::name`].
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// See [`std::thread::Thread::unpark`].
    #[track_caller]
    pub fn unpark(&self) {
        use crate::op::{Object, Op};
        kernel::step(&Op::new(
            "Thread::unpark",
            "unparks",
            Object::thread(self.0.number),
        ));
        self.0.token.set(true);
    }

    pub(super) fn number(&self) -> u32 {
        self.0.number
    }

    pub(super) fn has_token(&self) -> bool {
        self.0.token.get()
    }

    pub(super) fn take_token(&self) {
        self.0.token.set(false);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.0.ended.get()
    }

    pub(super) fn set_ended(&self) {
        self.0.ended.set(true);
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("id", &self.id())
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
