//! A panic is caught by `catch_unwind` and by whoever joins the thread that it
//! ended; one that is thrown on, or that only ended its thread, is not.
//! outputs: [""]
//! panics: ["inner, caught by 0", "left alone, caught by 0", "joined, caught by 0", "by a scope", "a scoped thread panicked, caught by 0", "thrown on, caught by 1", "silently, caught by 2", "over another, caught by 0", "at the end"]
//! always: panic

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::thread;

struct Catches;

impl Drop for Catches {
    fn drop(&mut self) {
        assert!(catch_unwind(|| panic!("inner")).is_err());
    }
}

fn main() {
    // One panic within the unwinding of another.
    let caught = catch_unwind(|| {
        let _catches = Catches;
        panic!("left alone");
    });
    assert!(caught.is_err());

    // Thread 1 throws on what it caught, and its own end catches nothing.
    let first = thread::spawn(|| {
        let payload = catch_unwind(|| panic!("thrown on")).unwrap_err();
        let again = catch_unwind(AssertUnwindSafe(|| resume_unwind(payload)));
        assert!(again.is_err());
        panic!("joined");
    });
    assert!(first.join().is_err());

    // Thread 2 catches one that no hook saw.
    let second = thread::spawn(|| {
        let caught = catch_unwind(|| panic_any("silently"));
        assert!(caught.is_err());
        assert!(catch_unwind(|| resume_unwind(Box::new(2))).is_err());
    });
    second.join().unwrap();

    // A scope tells that a thread panicked, and hides why.
    let scoped = catch_unwind(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic!("by a scope"));
        })
    });
    assert!(scoped.is_err());

    // A scope whose own body panics throws it on.
    let over = catch_unwind(|| thread::scope(|_| panic!("over another")));
    assert!(over.is_err());

    // The last one is thrown on to the end.
    let payload = catch_unwind(|| panic!("at the end")).unwrap_err();
    resume_unwind(payload);
}
