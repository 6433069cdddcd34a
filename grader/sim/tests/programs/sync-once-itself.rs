//! outputs: ["outer\n"]
//! ending: deadlock
//! says: "call":"Once::call_once"
//!
//! A closure that calls its own `Once` waits for itself.

use std::sync::Once;

static ONCE: Once = Once::new();

fn main() {
    ONCE.call_once(|| {
        println!("outer");
        ONCE.call_once(|| println!("inner"));
    });
}
