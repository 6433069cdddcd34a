//! A panic in `main` ends the process with 101, whatever its hook prints; a
//! hook cannot be changed by a thread that panics.
//! outputs: ["hook\ncannot modify the panic hook from a panicking thread\n"]
//! always: panic

use std::panic;

struct Changes;

impl Drop for Changes {
    fn drop(&mut self) {
        let refused = panic::catch_unwind(|| panic::set_hook(Box::new(|_| {}))).unwrap_err();
        println!("{}", refused.downcast_ref::<&str>().unwrap());
    }
}

fn main() {
    panic::set_hook(Box::new(|info| {
        if info.payload_as_str() == Some("first") {
            println!("hook");
        }
    }));
    let _changes = Changes;
    panic!("first");
}
