//! A thread that cannot be spawned leaves nothing behind, also where what its closure
//! has spawns others as it is dropped: each has its own handle.
//! Those that could not be spawned have had theirs, too, as from the real std.
//! outputs: ["3 nested\n4 plain\n6 scoped\n"]
//! real: the same

use std::thread::{self, Builder, Thread};

/// More than any machine has.
const ABSURD: usize = 1 << 62;

struct Spawns;

impl Drop for Spawns {
    fn drop(&mut self) {
        let spawned = Builder::new().name("nested".to_owned()).spawn(thread::current).unwrap();
        tell(spawned.thread().clone(), spawned.join().unwrap());
    }
}

/// Of the handle that others have of a thread, and the one that it has itself.
fn tell(outside: Thread, inside: Thread) {
    assert_eq!((outside.id(), outside.name()), (inside.id(), inside.name()));
    let id = format!("{:?}", inside.id());
    let number = id.trim_matches(|char: char| !char.is_ascii_digit());
    println!("{number} {}", inside.name().unwrap());
}

fn main() {
    let spawns = Spawns;
    let absurd = Builder::new().stack_size(ABSURD);
    assert!(absurd.spawn(move || drop(spawns)).is_err());
    let plain = Builder::new().name("plain".to_owned()).spawn(thread::current).unwrap();
    tell(plain.thread().clone(), plain.join().unwrap());
    thread::scope(|scope| {
        let absurd = Builder::new().stack_size(ABSURD);
        assert!(absurd.spawn_scoped(scope, || ()).is_err());
        let scoped = Builder::new().name("scoped".to_owned());
        let scoped = scoped.spawn_scoped(scope, thread::current).unwrap();
        tell(scoped.thread().clone(), scoped.join().unwrap());
    });
}
