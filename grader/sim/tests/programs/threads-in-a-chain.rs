//! Each thread spawns the next one and is not waited for; what they are known by and
//! where their blocks lie is each one's own.
//! outputs: ["60 60\n"]
//! search: {"preemptions": 0, "random": 5}

use std::collections::HashSet;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, ThreadId};

fn link(left: u32, told: Sender<(ThreadId, Box<u32>)>) {
    told.send((thread::current().id(), Box::new(left))).unwrap();
    if left > 1 {
        thread::spawn(move || link(left - 1, told));
    }
}

fn main() {
    let (told, links) = channel();
    thread::spawn(move || link(60, told));
    let links: Vec<_> = links.into_iter().collect();
    let ids: HashSet<_> = links.iter().map(|(id, _)| *id).collect();
    let places: HashSet<_> = links.iter().map(|(_, left)| &raw const **left).collect();
    println!("{} {}", ids.len(), places.len());
}
