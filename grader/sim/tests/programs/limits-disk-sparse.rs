//! A file is no larger than all files may be, whatever is written of it.
//! outputs: [""]
//! always: too-much
//! says: it wrote more than 1 MiB to files
//! limits: {"disk_mib": 1}

fn main() {
    let file = std::fs::File::create("large").unwrap();
    file.set_len(1 << 40).unwrap();
    println!("not reached");
}
