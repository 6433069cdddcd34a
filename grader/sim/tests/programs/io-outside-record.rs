//! What is not simulated is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: it duplicates the descriptor

fn main() {
    println!("before");
    std::os::fd::AsFd::as_fd(&std::io::stdout())
        .try_clone_to_owned()
        .map(drop)
        .unwrap_or(());
    println!("after");
}
