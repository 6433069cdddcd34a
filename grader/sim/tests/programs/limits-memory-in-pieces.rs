//! Memory that is used up in small pieces is told as that, although nobody can say so
//! then without memory.
//! outputs: [""]
//! always: too-much
//! says: it used more than 16 MiB of memory
//! limits: {"memory_mib": 16}

fn main() {
    let mut all = Vec::new();
    loop {
        all.push(Box::new([1u8; 4096]));
    }
}
