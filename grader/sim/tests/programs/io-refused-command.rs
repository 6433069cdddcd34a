//! What no graded program may do is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: it starts another program

fn main() {
    println!("before");
    std::process::Command::new("true")
        .status()
        .map(drop)
        .unwrap_or(());
    println!("after");
}
