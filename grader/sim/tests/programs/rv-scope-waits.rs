//! The end of a scope waits for those of its threads that have not ended.
//! outputs: [""]
//! always: deadlock
//! says: "call":"thread::scope","holders":[{"place":null,"thread":2}]

use std::thread;

fn main() {
    thread::scope(|scope| {
        scope.spawn(|| ());
        scope.spawn(thread::park);
    });
}
