//! outputs: ["main drops, first: no, second: no\n", "first: no, second: yes\n", "first: yes, second: no\n"]
//! Whose clone is the last is open as long as nobody was seen to end, also
//! where threads do nothing else.

use std::sync::Arc;
use std::thread;

struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        if thread::current().name() == Some("main") {
            print!("main drops, ");
        }
    }
}

fn main() {
    let loud = Arc::new(Loud);
    let threads = [loud.clone(), loud.clone()].map(|loud| {
        thread::spawn(move || match Arc::into_inner(loud) {
            Some(value) => {
                std::mem::forget(value);
                "yes"
            }
            None => "no",
        })
    });
    drop(loud);
    let [first, second] = threads.map(|thread| thread.join().unwrap());
    println!("first: {first}, second: {second}");
}
