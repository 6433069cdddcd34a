//! outputs: ["7\n"]
use std::cell::Cell;
use std::thread;
struct B;
impl Drop for B { fn drop(&mut self) { println!("{}", A.with(|a| a.get())); } }
thread_local! { static A: Cell<u32> = const { Cell::new(0) }; static BB: B = const { B }; }
fn main() {
    thread::spawn(|| { BB.with(|_| ()); A.with(|a| a.set(7)); }).join().unwrap();
}
