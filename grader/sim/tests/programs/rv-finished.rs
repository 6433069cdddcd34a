//! outputs: ["false\n", "true\n"]
use std::thread;
fn main() {
    let h = thread::spawn(|| 5);
    println!("{}", h.is_finished());
    h.join().unwrap();
}
