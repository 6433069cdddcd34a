//! outputs: ["true\n"]
//! search: {"preemptions": 2, "executions": 3000, "random": 0}
use std::fs::File;
use std::thread;
fn main() {
    let f = File::open("/dev/null");
    thread::scope(|s| { for _ in 0..3 { s.spawn(|| { for _ in 0..6 { thread::yield_now(); } }); } });
    println!("{}", f.is_ok());
    std::process::exit(0);
}
