//! The lock of stdin, unlike that of stdout, cannot be taken twice.
//! outputs: [""]
//! always: deadlock
//! stdin: "a\n"
//! says: "call":"Stdin::read","holders":[{"place":{"column":34,"file":"src/main.rs","line":8},"thread":0}]

fn main() {
    let _lock = std::io::stdin().lock();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
