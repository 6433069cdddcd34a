//! outputs: ["first\n", "main\n", "second\n"]
//! Any thread may have the last clone, and drop the value.

use std::sync::Arc;
use std::thread;

struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        println!("{}", thread::current().name().unwrap_or("main"));
    }
}

fn main() {
    let loud = Arc::new(Loud);
    let threads = ["first", "second"].map(|name| {
        let loud = loud.clone();
        let builder = thread::Builder::new().name(name.to_owned());
        builder.spawn(move || {
            thread::yield_now();
            drop(loud);
        })
    });
    drop(loud);
    for thread in threads {
        thread.unwrap().join().unwrap();
    }
}
