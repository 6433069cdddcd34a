//! Memory that was given back does not count, and a limit of memory holds in every
//! execution.
//! outputs: ["12582912\n"]
//! limits: {"memory_mib": 16}
//! search: {"preemptions": 1, "random": 5}

fn main() {
    let bytes: usize = (0..12)
        .map(|_| std::thread::spawn(|| vec![1u8; 1 << 20].len()).join().unwrap())
        .sum();
    println!("{bytes}");
}
