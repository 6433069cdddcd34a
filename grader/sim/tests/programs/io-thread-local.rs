//! A thread-local is dropped when its thread ends, before whoever joins goes on.
//! outputs: ["a\nT1 dropped 5\njoined\n", "T1 dropped 5\na\njoined\n"]

use std::cell::RefCell;
use std::thread;

struct Loud(u32);

impl Drop for Loud {
    fn drop(&mut self) {
        println!("T1 dropped {}", self.0);
    }
}

thread_local! {
    static LOUD: RefCell<Loud> = RefCell::new(Loud(4));
}

fn main() {
    let thread = thread::spawn(|| LOUD.with_borrow_mut(|loud| loud.0 += 1));
    println!("a");
    thread.join().unwrap();
    println!("joined");
}
