//! What is not simulated is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: it changes its current directory

fn main() {
    println!("before");
    std::env::set_current_dir("/").unwrap_or(());
    println!("after");
}
