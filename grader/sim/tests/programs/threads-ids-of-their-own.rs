//! What threads are known by tells nobody which of two others spawned first.
//! outputs: ["true true\n"]
//! search: {"preemptions": 2}

use std::thread::{self, ThreadId};

fn spawned() -> [ThreadId; 2] {
    [(), ()].map(|()| {
        thread::yield_now();
        thread::spawn(|| thread::current().id()).join().unwrap()
    })
}

fn main() {
    let alone = thread::spawn(spawned).join().unwrap();
    let both = [thread::spawn(spawned), thread::spawn(spawned)].map(|spawner| spawner.join().unwrap());
    let mut all: Vec<ThreadId> = both.into_iter().flatten().chain(alone).collect();
    all.push(thread::current().id());
    let number = |id: &ThreadId| format!("{id:?}").trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    let numbers: Vec<u64> = all.iter().map(number).collect();
    let different = (1..all.len()).all(|index| !all[..index].contains(&all[index]));
    // Each spawner's own are one apart, whoever else spawns meanwhile.
    println!("{different} {}", numbers.chunks(2).take(3).all(|own| own[1] - own[0] == 1));
}
