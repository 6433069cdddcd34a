//! What no graded program may do is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: outside of the folder

fn main() {
    println!("before");
    std::fs::write("a/../../b", "").unwrap_or(());
    println!("after");
}
