//! `process::abort` is a crash.
//! outputs: ["before\n"]
//! always: crashed

fn main() {
    println!("before");
    std::process::abort();
}
