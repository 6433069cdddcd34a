//! The order of a `HashMap` is the same in every execution.
//! outputs: ["true\n"]
//! search: {"preemptions": 1}

use std::collections::{HashMap, HashSet};
use std::thread;

fn main() {
    let orders = ["a", "b"].map(|_| {
        thread::spawn(|| {
            let map: HashMap<u32, u32> = (0..50).map(|n| (n, n)).collect();
            map.into_keys().collect::<Vec<_>>()
        })
    });
    let orders = orders.map(|thread| thread.join().unwrap());
    let set: HashSet<&str> = ["x", "y", "z"].into();
    eprintln!("{set:?} {:?}", orders[0]);
    println!("{}", orders[0] != (0..50).collect::<Vec<_>>());
}
