//! What each thread has of its own, and the system keeps once for the one thread of
//! its that they all run on.

use std::panic::Location;

use crate::host::{self, keys};
use crate::panics::count::{self, Count};

/// What is put aside with a simulated thread, and comes back with it.
pub(super) struct Own {
    /// std's count of the panics that are under way.
    panics: Count,
    /// The last error of a system call, which safe code can ask for.
    error: libc::c_int,
    /// The keys of the next `RandomState`.
    keys: keys::Keys,
    /// The call of std that is under way.
    here: Option<&'static Location<'static>>,
}

impl Own {
    /// What a thread begins with.
    pub(super) const NEW: Own = Own {
        panics: Count::NONE,
        error: 0,
        keys: keys::FIRST,
        here: None,
    };

    /// What the running thread has.
    pub(super) fn of_this() -> Own {
        Own {
            panics: count::get(),
            // SAFETY: the place of this thread's error number is always there.
            error: unsafe { *libc::__errno_location() },
            keys: keys::get(),
            here: host::place(),
        }
    }

    /// Makes it the running thread's.
    pub(super) fn put_back(self) {
        count::set(self.panics);
        // SAFETY: as above.
        unsafe { *libc::__errno_location() = self.error };
        keys::set(self.keys);
        host::put_back(self.here);
    }
}
