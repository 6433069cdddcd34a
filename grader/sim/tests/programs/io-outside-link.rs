//! What no graded program may do is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: it makes a symbolic link

fn main() {
    println!("before");
    std::os::unix::fs::symlink("..", "up").unwrap_or(());
    println!("after");
}
