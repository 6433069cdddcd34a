//! `bluetooth_driver`: a request counts itself in after it has seen that the
//! driver is not stopping, and by then the driver may have stopped.

use crate::model::sync::atomic::{AtomicBool, AtomicI32, Ordering::SeqCst};
use crate::model::thread;

struct Driver {
    pending: AtomicI32,
    stopping: AtomicBool,
    idle: AtomicBool,
    stopped: AtomicBool,
}

impl Driver {
    fn enter(&self) -> bool {
        if self.stopping.load(SeqCst) {
            return false;
        }
        self.pending.fetch_add(1, SeqCst);
        true
    }

    fn leave(&self) {
        if self.pending.fetch_sub(1, SeqCst) == 1 {
            self.idle.store(true, SeqCst);
        }
    }

    fn request(&self) {
        if self.enter() {
            assert!(!self.stopped.load(SeqCst), "a request after the end");
            self.leave();
        }
    }

    fn stop(&self) {
        self.stopping.store(true, SeqCst);
        self.leave();
        if self.idle.load(SeqCst) {
            self.stopped.store(true, SeqCst);
        }
    }
}

pub(super) fn run() {
    let driver = &Driver {
        pending: AtomicI32::new(1),
        stopping: AtomicBool::new(false),
        idle: AtomicBool::new(false),
        stopped: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        scope.spawn(|| driver.stop());
        scope.spawn(|| driver.request());
    });
}
