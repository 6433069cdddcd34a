//! To show a scope is to look how many of its threads run, at some time or other.
//! outputs: ["1\n", "0\n"]
//! search: {"preemptions": 1}

use std::thread;

fn main() {
    thread::scope(|scope| {
        scope.spawn(thread::yield_now);
        let shown = format!("{scope:?}");
        let (_, number) = shown.split_once("num_running_threads: ").unwrap();
        println!("{}", &number[..1]);
    });
}
