//! A process group, and why it was ended.

use std::io;
use std::process::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{How, sys};

/// The processes that a job started, as long as they stay in its group.
#[derive(Debug)]
pub(crate) struct Group {
    /// The number of the first process, and of the group.
    pid: u32,
    /// The number of the process that runs the program.
    worker: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Why it was ended, where it was ended from here.
    why: Option<How>,
    /// Whether the first process was reaped. From then on its number may belong
    /// to a stranger, and must not be used.
    reaped: bool,
}

impl Group {
    pub(crate) fn new(pid: u32, worker: u32) -> Group {
        sys::end_on_interrupt(pid);
        Group {
            pid,
            worker,
            state: Mutex::default(),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// The process that runs the program.
    pub(crate) fn worker(&self) -> u32 {
        self.worker
    }

    /// Ends every process of the group. The first reason given stays.
    pub(crate) fn stop(&self, why: How) {
        let mut state = self.lock();
        state.why.get_or_insert(why);
        if !state.reaped {
            sys::kill_group(self.pid);
        }
    }

    /// Gives a reason for an end that came without one from here.
    pub(crate) fn explain(&self, why: How) {
        self.lock().why.get_or_insert(why);
    }

    /// Ends what is left of the group once the first process has ended, and
    /// reaps that.
    pub(crate) fn reap(
        &self,
        wait: impl FnOnce() -> io::Result<ExitStatus>,
    ) -> io::Result<ExitStatus> {
        let mut state = self.lock();
        sys::kill_group(self.pid);
        sys::forget(self.pid);
        let status = wait();
        state.reaped = true;
        status
    }

    /// The time that the program has spent on the processors, while it is
    /// there and where the system tells.
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        let state = self.lock();
        (!state.reaped)
            .then(|| sys::processor_time(self.worker))
            .flatten()
    }

    /// Whether the program waits for nothing but a processor.
    pub(crate) fn wants_a_processor(&self) -> bool {
        let state = self.lock();
        !state.reaped && sys::wants_a_processor(self.worker)
    }

    /// Why it was ended, where it was ended from here.
    pub(crate) fn why(&self) -> Option<How> {
        self.lock().why
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that change it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
