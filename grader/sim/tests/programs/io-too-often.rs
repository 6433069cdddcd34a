//! The same for ever so little at a time: a limit of the number of writes, or
//! of steps, whichever comes first.
//! outputs: any
//! always: too-much
//! says: it printed more than 1200000 times
//! search: {"preemptions": 0, "executions": 1, "random": 0, "steps": 10000000}

use std::io::Write;

fn main() {
    let mut out = std::io::stdout().lock();
    loop {
        out.write_all(b"x").unwrap();
    }
}
