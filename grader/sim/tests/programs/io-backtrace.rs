//! No backtrace is captured, and so nobody waits for the locks that std takes
//! to show one.
//! outputs: ["Disabled disabled backtrace\n"]

use std::backtrace::{Backtrace, BacktraceStatus};
use std::thread;

const NONE: Backtrace = Backtrace::disabled();

fn show() -> String {
    thread::yield_now();
    Backtrace::force_capture().to_string()
}

fn main() {
    let other = thread::spawn(show);
    let own = show();
    assert_eq!(own, other.join().unwrap());
    assert!(matches!(Backtrace::capture().status(), BacktraceStatus::Disabled));
    println!("{:?} {own}", NONE.status());
}
