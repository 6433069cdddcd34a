//! Nobody catches the panic of a thread that nobody joins.
//! outputs: [""]
//! panics: ["alone"]

use std::thread;

fn main() {
    drop(thread::spawn(|| panic!("alone")));
}
