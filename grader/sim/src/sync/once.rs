//! `std::sync::Once`, and the core of `OnceLock` and `LazyLock`.

use std::cell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

use verdict::record::Holder;

use super::Cell;
use super::mutex::Hold;
use crate::kernel;
use crate::op::{Kind, Made, Object, Op};

/// See [`std::sync::Once`].
///
/// What is complete stays complete: so to look at it is a step only while it
/// is not. Its completion is one only where the closure has taken steps, for
/// otherwise nobody can tell it from its beginning.
pub struct Once {
    made: Made,
    state: Cell<State>,
}

#[derive(Clone, Copy)]
enum State {
    Incomplete,
    Poisoned,
    /// The thread that runs the closure, and where it was called.
    Running(Hold),
    Complete,
}

impl UnwindSafe for Once {}
impl RefUnwindSafe for Once {}

/// See [`std::sync::OnceState`].
pub struct OnceState {
    poisoned: bool,
    /// std's is not `Sync`.
    not_sync: PhantomData<cell::Cell<()>>,
}

/// See [`std::sync::ONCE_INIT`].
#[deprecated(since = "1.38.0", note = "the `Once::new()` function is now preferred")]
#[expect(clippy::declare_interior_mutable_const, reason = "std has it")]
pub const ONCE_INIT: Once = Once::new();

/// How a call is told.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// As std names it.
    pub(super) call: &'static str,
    /// What it does, before the object's name.
    pub(super) verb: &'static str,
}

impl Once {
    /// See [`std::sync::Once::new`].
    #[must_use]
    #[track_caller]
    #[expect(clippy::new_without_default, reason = "std's has no default")]
    pub const fn new() -> Once {
        Once {
            made: Made::at(Location::caller()),
            state: Cell::new(State::Incomplete),
        }
    }

    /// One that is complete from the beginning.
    pub(super) fn completed(made: &'static Location<'static>) -> Once {
        Once {
            made: Made::at(made),
            state: Cell::new(State::Complete),
        }
    }

    /// See [`std::sync::Once::call_once`].
    ///
    /// # Panics
    /// When an earlier closure has panicked.
    #[track_caller]
    pub fn call_once<F>(&self, f: F)
    where
        F: FnOnce(),
    {
        let words = Words {
            call: "Once::call_once",
            verb: "calls",
        };
        self.call(words, false, |_| f());
    }

    /// See [`std::sync::Once::call_once_force`].
    #[track_caller]
    pub fn call_once_force<F>(&self, f: F)
    where
        F: FnOnce(&OnceState),
    {
        let words = Words {
            call: "Once::call_once_force",
            verb: "calls",
        };
        self.call(words, true, f);
    }

    /// See [`std::sync::Once::is_completed`].
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        self.look(Words {
            call: "Once::is_completed",
            verb: "looks whether it is complete:",
        })
    }

    /// See [`std::sync::Once::wait`].
    ///
    /// # Panics
    /// When a closure has panicked.
    #[track_caller]
    pub fn wait(&self) {
        self.wait_for(WAIT, false);
    }

    /// See [`std::sync::Once::wait_force`].
    #[track_caller]
    pub fn wait_force(&self) {
        self.wait_for(WAIT, true);
    }

    fn object(&self) -> Object {
        Object::at(Kind::Once, self, Some(&self.made))
    }

    /// Whether it is complete, as everybody who has it exclusively may know.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.state.get(), State::Complete)
    }

    /// Makes it complete, or incomplete, for one who has it exclusively.
    pub(super) fn set_complete(&mut self, complete: bool) {
        *self.state.get_mut() = if complete {
            State::Complete
        } else {
            State::Incomplete
        };
    }

    fn runner(&self) -> Vec<Holder> {
        match self.state.get() {
            State::Running(hold) => vec![hold.told()],
            _ => Vec::new(),
        }
    }

    /// Runs `f` unless that was done; waits while another thread does it.
    #[track_caller]
    pub(super) fn call(&self, words: Words, even_poisoned: bool, f: impl FnOnce(&OnceState)) {
        if self.is_complete() {
            return;
        }
        let place = Location::caller();
        kernel::step(
            &Op::new(words.call, words.verb, self.object())
                .at(place)
                .when(&|| !matches!(self.state.get(), State::Running(_)))
                .held_by(&|| self.runner()),
        );
        let poisoned = match self.state.get() {
            State::Complete => {
                kernel::value(|| "done already");
                return;
            }
            State::Poisoned if !even_poisoned => {
                panic!("Once instance has previously been poisoned")
            }
            State::Poisoned => true,
            State::Incomplete | State::Running(_) => false,
        };
        let thread = kernel::current();
        self.state.set(State::Running(Hold { thread, place }));
        let mut running = Running {
            once: self,
            place,
            steps: steps_taken(),
            then: State::Poisoned,
        };
        f(&OnceState {
            poisoned,
            not_sync: PhantomData,
        });
        running.then = State::Complete;
    }

    /// Whether it is complete, as a thread sees it that shares it.
    #[track_caller]
    pub(super) fn look(&self, words: Words) -> bool {
        if self.is_complete() {
            return true;
        }
        kernel::step(&Op::new(words.call, words.verb, self.object()).at(Location::caller()));
        let complete = self.is_complete();
        let told = if complete { "complete" } else { "not complete" };
        kernel::value(|| told);
        complete
    }

    #[track_caller]
    pub(super) fn wait_for(&self, words: Words, even_poisoned: bool) {
        if self.is_complete() {
            return;
        }
        let over = || match self.state.get() {
            State::Complete => true,
            State::Poisoned => !even_poisoned,
            State::Incomplete | State::Running(_) => false,
        };
        kernel::step(
            &Op::new(words.call, words.verb, self.object())
                .at(Location::caller())
                .when(&over)
                .held_by(&|| self.runner()),
        );
        assert!(
            self.is_complete(),
            "Once instance has previously been poisoned"
        );
    }
}

const WAIT: Words = Words {
    call: "Once::wait",
    verb: "waits for",
};

/// While it lives, the closure runs.
struct Running<'a> {
    once: &'a Once,
    place: &'static Location<'static>,
    /// The steps that the thread had taken when it began.
    steps: u64,
    then: State,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if steps_taken() != self.steps {
            let verb = match self.then {
                State::Complete => "completes",
                _ => "poisons",
            };
            kernel::step(&Op::new("Once::call_once", verb, self.once.object()).at(self.place));
        }
        self.once.state.set(self.then);
    }
}

/// The steps that the running thread has taken so far.
fn steps_taken() -> u64 {
    kernel::with(|kernel| kernel.run.threads[kernel.run.current].steps).unwrap_or(0)
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

impl OnceState {
    /// See [`std::sync::OnceState::is_poisoned`].
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

impl fmt::Debug for OnceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceState")
            .field("poisoned", &self.poisoned)
            .finish()
    }
}
