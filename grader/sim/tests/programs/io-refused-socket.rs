//! What is not simulated is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: it opens a real socket

fn main() {
    println!("before");
    std::os::unix::net::UnixStream::pair()
        .map(drop)
        .unwrap_or(());
    println!("after");
}
