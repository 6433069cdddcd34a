//! What no graded program may do is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: it uses `/etc/hostname`, which is outside

fn main() {
    println!("before");
    std::fs::read("/etc/hostname").map(drop).unwrap_or(());
    println!("after");
}
