//! outputs: ["a\n"]
//! stderr: ["pa", "ap"]
use std::thread;
fn main() {
    std::panic::set_hook(Box::new(|_| eprint!("p")));
    let h = thread::spawn(|| panic!("x"));
    eprint!("a");
    println!("a");
    let _ = h.join();
}
