//! `process::abort` is a crash.
//! outputs: ["before\n"]
//! ending: crashed

fn main() {
    println!("before");
    std::process::abort();
}
