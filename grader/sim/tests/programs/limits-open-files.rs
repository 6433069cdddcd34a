//! Who has more open than it may is stopped, with the number.
//! outputs: [""]
//! always: too-much
//! says: it had more than 16 files and sockets open at once
//! limits: {"open_files": 16}

fn main() {
    let pipes: Vec<_> = (0..10).map(|_| std::io::pipe().unwrap()).collect();
    println!("{}", pipes.len());
}
