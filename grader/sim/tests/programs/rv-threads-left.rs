//! A thread is left until the program has seen it end.
//! scenario: yes
//! outputs: ["1 2 3 3 2 1 1 2 1 2 1"]

use std::cell::Cell;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sim::scenario::threads_alive;

fn left() {
    let separator = if FIRST.replace(false) { "" } else { " " };
    print!("{separator}{}", threads_alive());
}

thread_local! {
    static FIRST: Cell<bool> = const { Cell::new(true) };
}

struct Slow;

impl Drop for Slow {
    fn drop(&mut self) {
        thread::yield_now();
    }
}

fn main() {
    left();
    // It has ended when `spawn` returns: but who knows?
    let quick = thread::spawn(|| ());
    left();
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        left_by(scope.spawn(|| ()));
        let sender = sender.clone();
        scope.spawn(move || sender.send(()).unwrap());
        receiver.recv().unwrap();
        left();
    });
    left();
    quick.join().unwrap();
    left();
    // Joined by somebody else, who is joined.
    let inner = thread::spawn(|| thread::yield_now());
    thread::spawn(|| inner.join().unwrap()).join().unwrap();
    left();
    let polled = thread::spawn(|| ());
    left();
    while !polled.is_finished() {
        thread::sleep(Duration::from_millis(1));
    }
    drop(polled);
    left();
    // A scope is left although a destructor of its thread still runs.
    thread_local!(static SLOW: Slow = const { Slow });
    thread::scope(|scope| {
        scope.spawn(|| SLOW.with(|_| ()));
        left();
    });
    left();
}

fn left_by(thread: thread::ScopedJoinHandle<'_, ()>) {
    left();
    thread.join().unwrap();
}
