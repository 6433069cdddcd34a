//! What is not simulated is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: it waits for the lock of a file

fn main() {
    println!("before");
    std::fs::File::create("a").unwrap().lock().unwrap_or(());
    println!("after");
}
