//! What is not simulated ends the execution, and is no refusal.
//! outputs: ["before\n"]
//! always: not-simulated
//! says: a change of the current directory

fn main() {
    println!("before");
    std::env::set_current_dir("/").unwrap_or(());
    println!("after");
}
