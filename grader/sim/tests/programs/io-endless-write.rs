//! Writing under a lock takes no steps, but an endless loop is seen all the same.
//! outputs: [""]
//! always: endless
//! search: {"preemptions": 0, "random": 0, "steps": 10}

use std::io::Write;

fn main() {
    let mut out = std::io::stderr().lock();
    loop {
        let _ = out.write(b"");
    }
}
