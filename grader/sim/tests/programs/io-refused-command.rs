//! What is not simulated is refused, in words.
//! outputs: ["before\n"]
//! ending: unsupported
//! says: it starts another program

fn main() {
    println!("before");
    std::process::Command::new("true").status().map(drop).unwrap_or(());
    println!("after");
}
