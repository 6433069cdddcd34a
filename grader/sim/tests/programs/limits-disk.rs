//! Who writes more to files than it may is stopped, with the number.
//! outputs: [""]
//! always: too-much
//! says: it wrote more than 1 MiB to files
//! limits: {"disk_mib": 1}

use std::io::Write;

fn main() {
    let mut files: Vec<_> = (0..4)
        .map(|number| std::fs::File::create(number.to_string()).unwrap())
        .collect();
    loop {
        for file in &mut files {
            file.write_all(&[b'x'; 1 << 17]).unwrap();
        }
    }
}
