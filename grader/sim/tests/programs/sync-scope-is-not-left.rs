//! A scope is never left before its threads, whatever they wait for and whatever was
//! spawned in between: here by what a thread drops that could not be spawned.
//! outputs: [""]
//! always: deadlock
//! says: "call":"thread::scope","holders":[{"place":null,"thread":2}]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, Builder, Scope};

struct Spawns<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    borrowed: &'scope [u64],
    receiver: Option<Receiver<()>>,
}

impl Drop for Spawns<'_, '_> {
    fn drop(&mut self) {
        thread::spawn(|| {}).join().unwrap();
        let (borrowed, receiver) = (self.borrowed, self.receiver.take().unwrap());
        self.scope.spawn(move || {
            receiver.recv().unwrap();
            println!("{borrowed:?}");
        });
    }
}

fn main() {
    let (sender, receiver) = channel();
    let left = catch_unwind(AssertUnwindSafe(|| {
        let borrowed = vec![1, 2, 3];
        thread::scope(|scope| {
            let spawns = Spawns {
                scope,
                borrowed: &borrowed,
                receiver: Some(receiver),
            };
            let absurd = Builder::new().stack_size(1 << 62);
            assert!(absurd.spawn_scoped(scope, move || drop(spawns)).is_err());
        });
    }));
    println!("left {}", left.is_err());
    sender.send(()).unwrap();
}
