//! A thread that nobody unparks is parked: it does not wait for itself.
//! outputs: [""]
//! always: deadlock
//! timeline: T1 goes on from its park
//! timeline: T1 is parked for ever
//! timeline: main waits for T1 for ever
//! timeline: T2 yields (T1 is parked)

use std::thread;

fn main() {
    let parked = thread::spawn(|| {
        thread::current().unpark();
        thread::park();
        loop {
            thread::park();
        }
    });
    thread::spawn(thread::yield_now).join().unwrap();
    parked.join().unwrap();
}
