//! What is not simulated ends the execution, and is no refusal.
//! outputs: ["before\n"]
//! always: not-simulated
//! says: sockets
//! says: "place":{"column":5,"file":"src/main.rs","line":8}

fn main() {
    println!("before");
    std::os::unix::net::UnixStream::pair()
        .map(drop)
        .unwrap_or(());
    println!("after");
}
