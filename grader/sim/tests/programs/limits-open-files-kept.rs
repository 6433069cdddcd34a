//! Descriptors that were closed do not count.
//! outputs: ["done\n"]
//! limits: {"open_files": 16}

fn main() {
    for _ in 0..10 {
        let pipes: Vec<_> = (0..6).map(|_| std::io::pipe().unwrap()).collect();
        drop(pipes);
    }
    println!("done");
}
