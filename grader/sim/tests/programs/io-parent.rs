//! Who has started a program has the same number in each execution.
//! outputs: ["4242 4241\n"]

use std::os::unix::process::parent_id;

fn main() {
    println!("{} {}", std::process::id(), parent_id());
}
