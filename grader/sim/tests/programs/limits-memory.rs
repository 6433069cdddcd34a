//! Who needs more memory than it may have is stopped, with the number.
//! outputs: [""]
//! always: too-much
//! says: it used more than 16 MiB of memory
//! limits: {"memory_mib": 16}

fn main() {
    let mut all = Vec::new();
    loop {
        all.push(vec![1u8; 1 << 20]);
    }
}
