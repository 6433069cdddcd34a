//! What is not simulated is refused, in words.
//! outputs: ["before\n"]
//! always: unsupported
//! says: it makes a pipe or reads what another program prints

fn main() {
    println!("before");
    std::process::Command::new("true")
        .output()
        .map(drop)
        .unwrap_or(());
    println!("after");
}
